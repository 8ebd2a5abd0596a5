//! Which syncer of a plugin a virtual object is for.

use anyhow::bail;
use sluice_core::key::{Direction, Gvk};
use sluice_core::registration::{Registration, Syncer};
use sluice_core::selector::Selection;
use sluice_core::translate::Metadata;

/// The first that copies such an object down. What a syncer takes only where other objects name it counts as named.
///
/// # Errors
/// There is none: what those are for that there are.
pub(super) fn choose<'a>(registration: &'a Registration, gvk: &Gvk, metadata: &Metadata) -> anyhow::Result<&'a Syncer> {
    let mut refused = None;
    for syncer in registration.syncers.iter().filter(|syncer| syncer.kind == *gvk) {
        let name = &syncer.name;
        let why = match syncer.direction {
            Direction::Down if syncer.select.takes(metadata.namespace.as_deref(), &metadata.labels) => {
                return Ok(syncer);
            }
            Direction::Down => format!("syncer {name} does not take it, but only what is {}", spelt(&syncer.select)),
            Direction::Up => format!(
                "syncer {name} brings such objects up from the physical cluster; only what is copied down is translated"
            ),
            Direction::Virtual => {
                format!("syncer {name} makes such objects in the virtual cluster alone; they have no copies")
            }
        };
        refused.get_or_insert(why);
    }
    bail!(refused.unwrap_or_else(|| format!("no syncer of the plugin is for this kind; {}", listed(registration))))
}

fn spelt(select: &Selection) -> String {
    let namespaces: Vec<_> = select.namespaces.iter().map(String::as_str).collect();
    let namespaces = (!namespaces.is_empty()).then(|| format!("in namespace {}", namespaces.join(" or ")));
    let labels = (!select.labels.is_all()).then(|| format!("labelled {}", select.labels));
    namespaces.into_iter().chain(labels).collect::<Vec<_>>().join(" and ")
}

fn listed(registration: &Registration) -> String {
    let one = |syncer: &Syncer| format!("{} ({} {})", syncer.name, syncer.kind, syncer.direction);
    let all: Vec<_> = registration.syncers.iter().map(one).collect();
    if all.is_empty() { "it has none".into() } else { format!("its syncers are {}", all.join(", ")) }
}
