//! From what the guest answers to what the core understands.

use sluice_core::hook::Verdict;
use sluice_core::intent::{Answer, Body, Failure, Intent, Note};
use sluice_core::key::{Gvk, Side, Target};

use crate::bindings::v0_1::exports::sluice::plugin::hooks::Verdict as Wit;
use crate::bindings::v0_1::sluice::plugin as wit;
use crate::handle::key_in;
use crate::log::WITHHELD;

/// How long a sentence to people may be, in bytes: as an Event's.
const WORDS: usize = 1024;

/// A call's answer. `withheld`: what it says to people is not repeated.
pub(crate) fn answer(answer: Result<Vec<wit::intents::Intent>, wit::intents::Failure>, withheld: bool) -> Answer {
    match answer {
        Ok(intents) => Ok(intents.into_iter().map(|said| intent(said, withheld)).collect()),
        Err(wit::intents::Failure::Retry(why)) => Err(Failure::Retry(told(why, withheld))),
        Err(wit::intents::Failure::Permanent(why)) => Err(Failure::Permanent(told(why, withheld))),
    }
}

/// What it says to people, cut to its length, or withheld.
pub(crate) fn told(mut words: String, withheld: bool) -> String {
    if withheld {
        return WITHHELD.into();
    }
    words.truncate(words.floor_char_boundary(WORDS));
    words
}

/// A hook's verdict. `withheld`: what it says to people is not repeated.
pub(crate) fn verdict(verdict: Wit, withheld: bool) -> Verdict {
    match verdict {
        Wit::Pass => Verdict::Pass,
        Wit::Change(changed) => Verdict::Change(body(changed)),
        Wit::Deny(why) => Verdict::Deny(told(why, withheld)),
    }
}

fn side(side: wit::objects::Side) -> Side {
    match side {
        wit::objects::Side::Virtual => Side::Virtual,
        wit::objects::Side::Physical => Side::Physical,
    }
}

fn target(target: &wit::objects::Target) -> Target {
    let wit::objects::Gvk { group, version, kind } = &target.gvk;
    Target { side: side(target.side), gvk: Gvk::new(group, version, kind), key: key_in(&target.key) }
}

fn body(body: wit::intents::Body) -> Body {
    match body {
        wit::intents::Body::Whole(text) => Body::Whole(text),
        wit::intents::Body::MergePatch(text) => Body::MergePatch(text),
        wit::intents::Body::Fields(fields) => {
            Body::Fields(fields.into_iter().map(|field| (field.pointer, field.value)).collect())
        }
    }
}

fn intent(intent: wit::intents::Intent, withheld: bool) -> Intent {
    use wit::intents::Intent as Wit;
    match intent {
        Wit::Desire(paired) => Intent::Desire(side(paired.side), body(paired.body)),
        Wit::DesireStatus(paired) => Intent::DesireStatus(side(paired.side), body(paired.body)),
        Wit::Remove(half) => Intent::Remove(side(half)),
        Wit::Apply(placed) => Intent::Apply(target(&placed.target), body(placed.body)),
        Wit::Delete(gone) => Intent::Delete(target(&gone)),
        Wit::Event(wit::intents::Note { warning, reason, message }) => {
            let reason = if withheld { "Withheld".into() } else { told(reason, false) };
            Intent::Event(Note { warning, reason, message: told(message, withheld) })
        }
        Wit::Requeue(after) => Intent::Requeue(after),
    }
}
