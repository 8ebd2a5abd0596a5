//! What was offered and does not run.

use super::{Metrics, write};
use crate::plugins::Refused;

impl Metrics {
    /// Of all that is offered, these do not run. Of plugins that never ran the others are forgotten.
    pub(crate) fn refused(&self, refused: &[Refused]) {
        let why =
            |name: &str| refused.iter().find(|refused| refused.plugin == name).map(|refused| refused.error.reason());
        for Refused { plugin, .. } in refused {
            self.plugin(plugin).swap("refused");
        }
        write(&self.plugins).retain(|name, meter| {
            meter.refused(why(name));
            meter.has_begun() || why(name).is_some()
        });
    }
}
