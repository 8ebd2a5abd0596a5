//! From what a plugin asks for to the least that must be written.
//!
//! An answer is checked whole: one intent that is refused refuses them all, and the pair stays as it was.

mod body;
mod desire;
mod refusal;

pub(crate) use body::asked;
pub use refusal::Refusal;

use crate::grants::{Grants, Verb};
use crate::intent::{Body, Intent, Note};
use crate::key::{Side, Target};
use crate::limits::Limits;
use crate::pair::Pair;
use crate::syncer::Syncer;
use crate::watched::Watched;
use crate::write::{Read, Write};

/// By what a plugin's answers are judged.
#[derive(Clone, Copy, Debug)]
pub struct Rules<'a> {
    /// What it may do.
    pub grants: &'a Grants,
    /// How much of it.
    pub limits: &'a Limits,
    /// Whose the fields are that it applies: its name.
    pub manager: &'a str,
    /// What the watches of the called syncer show, where one is called.
    pub watched: Option<&'a Watched>,
}

/// What is to be done.
#[derive(Debug, Default, PartialEq)]
pub struct Plan {
    /// In this order.
    pub writes: Vec<Write>,
    /// On the virtual object.
    pub events: Vec<Note>,
    /// Call again after so many milliseconds.
    pub requeue: Option<u32>,
}

/// What the intents of a syncer come down to.
pub fn plan(rules: Rules<'_>, syncer: &Syncer, pair: &Pair, intents: &[Intent]) -> Result<Plan, Refusal> {
    rules.bound(intents)?;
    let copy = pair.direction.copy();
    // A syncer's copies are its own; what they are made from is somebody else's.
    let allow = |side: Side, verb| {
        let target = pair.target(side, syncer.gvk());
        if side == copy { Ok(()) } else { rules.allow(&target, verb) }
    };
    let mut plan = Plan::default();
    for intent in intents {
        let write = match intent {
            Intent::Desire(side, body) => {
                allow(*side, Verb::Update)?;
                if *side == copy { desire::copy(syncer, pair, body)? } else { desire::source(syncer, pair, body)? }
            }
            Intent::DesireStatus(side, body) => {
                allow(*side, Verb::Status)?;
                desire::status(syncer, pair, *side, body)?
            }
            Intent::Remove(side) => {
                allow(*side, Verb::Delete)?;
                removal(syncer, pair, *side)
            }
            Intent::Apply(target, body) => Some(rules.apply(target, body)?),
            Intent::Delete(target) => rules.delete(target)?,
            Intent::Event(note) => {
                plan.events.push(note.clone());
                None
            }
            Intent::Requeue(after) => {
                let after = (*after).max(rules.limits.requeue);
                plan.requeue = Some(plan.requeue.map_or(after, |earlier| earlier.min(after)));
                None
            }
        };
        plan.write(write)?;
    }
    // A copy that does not say whose it is gets its mark also where the plugin finds nothing to change.
    let unmarked = pair.half(copy).filter(|copy| !copy.deleting && !syncer.keeps(copy));
    if unmarked.is_some() && pair.half(copy.other()).is_some() && !plan.is_about(&pair.target(copy, syncer.gvk())) {
        let nothing = Body::MergePatch("{}".into());
        plan.write(desire::copy(syncer, pair, &nothing)?)?;
    }
    Ok(plan)
}

/// What the intents of a plugin that starts come down to.
pub fn plan_init(rules: Rules<'_>, intents: &[Intent]) -> Result<Plan, Refusal> {
    rules.bound(intents)?;
    let mut plan = Plan::default();
    for intent in intents {
        let write = match intent {
            Intent::Apply(target, body) => rules.apply(target, body)?,
            Intent::Delete(_) => return Err(Refusal::NoPair("another object to be deleted")),
            Intent::Desire(..) => return Err(Refusal::NoPair("half of a pair")),
            Intent::DesireStatus(..) => return Err(Refusal::NoPair("the status of half a pair")),
            Intent::Remove(_) => return Err(Refusal::NoPair("half of a pair to be removed")),
            Intent::Event(_) => return Err(Refusal::NoPair("an Event")),
            Intent::Requeue(_) => return Err(Refusal::NoPair("another call")),
        };
        plan.write(Some(write))?;
    }
    Ok(plan)
}

impl Rules<'_> {
    fn bound(self, intents: &[Intent]) -> Result<(), Refusal> {
        let (asked, limit) = (intents.len(), self.limits.intents);
        if asked > limit { Err(Refusal::TooMany { asked, limit }) } else { Ok(()) }
    }

    fn allow(self, target: &Target, verb: Verb) -> Result<(), Refusal> {
        if self.grants.allow(target, verb) { Ok(()) } else { Err(Refusal::NotGranted(format!("{verb} {target}"))) }
    }

    /// It makes what is missing, and changes what is there.
    fn apply(self, target: &Target, body: &Body) -> Result<Write, Refusal> {
        self.allow(target, Verb::Create)?;
        self.allow(target, Verb::Update)?;
        desire::apply(self, target, body)
    }

    /// It goes as it was shown.
    fn delete(self, target: &Target) -> Result<Option<Write>, Refusal> {
        self.allow(target, Verb::Delete)?;
        let found = self.watched.and_then(|watched| watched.find(target));
        let found = found.ok_or_else(|| Refusal::NotWatched(target.to_string()))?;
        let standing = found.filter(|object| !object.deleting);
        Ok(standing.map(|object| Write::Delete { target: target.clone(), read: Read::from(&**object) }))
    }
}

impl Plan {
    fn is_about(&self, target: &Target) -> bool {
        self.writes.iter().any(|write| write.target() == target)
    }

    fn write(&mut self, write: Option<Write>) -> Result<(), Refusal> {
        let Some(write) = write else { return Ok(()) };
        if self.writes.iter().any(|other| contradict(other, &write)) {
            return Err(Refusal::Twice(write.target().side));
        }
        self.writes.push(write);
        Ok(())
    }
}

/// The object and its status may be written in one answer, nothing else of one object twice.
fn contradict(one: &Write, other: &Write) -> bool {
    let status = |write: &Write| matches!(write, Write::Patch { status: true, .. });
    one.target() == other.target() && status(one) == status(other)
}

fn removal(syncer: &Syncer, pair: &Pair, side: Side) -> Option<Write> {
    if side == pair.direction.copy() {
        return pair.removal(syncer.gvk());
    }
    let source = pair.half(side).filter(|source| !source.deleting)?;
    Some(Write::Delete { target: pair.target(side, syncer.gvk()), read: Read::from(&**source) })
}

#[cfg(test)]
mod tests;
