//! What happens to a runtime, whichever way its syncer copies.

use proptest::prelude::*;
use sluice_core::key::Side;

use crate::stage::Stage;

/// One thing that happens.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Happening {
    /// A watch delivers its next event.
    Deliver(Side),
    /// A watch breaks and lists again.
    Relist(Side),
    /// The next piece of work begins.
    Begin,
    /// A piece of work under way is written and reported.
    End(u8, Fate),
    /// The process is killed and starts again.
    Crash,
    /// Time passes.
    Pass(u16),
}

/// What becomes of a write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    /// It happens and is answered.
    Kept,
    /// It never reaches the API server.
    Unsent,
    /// It happens, and the answer is lost.
    Unanswered,
}

pub(crate) fn happening() -> impl Strategy<Value = Happening> {
    let fate = prop_oneof![6 => Just(Fate::Kept), 1 => Just(Fate::Unsent), 1 => Just(Fate::Unanswered)];
    prop_oneof![
        8 => side().prop_map(Happening::Deliver),
        1 => side().prop_map(Happening::Relist),
        6 => Just(Happening::Begin),
        6 => (any::<u8>(), fate).prop_map(|(which, fate)| Happening::End(which, fate)),
        1 => Just(Happening::Crash),
        2 => (1..2_000u16).prop_map(Happening::Pass),
    ]
}

pub(crate) fn side() -> impl Strategy<Value = Side> {
    any::<bool>().prop_map(|virtual_| if virtual_ { Side::Virtual } else { Side::Physical })
}

impl Stage {
    pub(crate) fn happen(&mut self, happening: Happening) {
        match happening {
            Happening::Deliver(side) => drop(self.deliver(side)),
            Happening::Relist(side) => self.relist(side),
            Happening::Begin => self.begin(),
            Happening::End(which, fate) => self.end(which.into(), fate),
            Happening::Crash => self.crash(),
            Happening::Pass(time) => self.pass(time.into()),
        }
    }
}
