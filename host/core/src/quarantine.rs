//! When a plugin whose calls keep failing is set aside, and for how long. Time is passed in.

use std::collections::BTreeSet;

use crate::key::Time;
use crate::limits::LONGEST_QUARANTINE;

/// Failures in a row. Fewer are a bad change that its author takes back, or a few bad objects.
pub const FAILURES: u32 = 20;
/// Objects that they are about: on fewer it may be the objects.
pub const OBJECTS: usize = 5;

/// How one plugin gets on. `K`: what says which object a call was about.
#[derive(Clone, Debug)]
pub struct Quarantine<K> {
    first: u64,
    /// How long it is set aside the next time, in milliseconds.
    pause: u64,
    /// Failures since the last success, or since it was set aside.
    failures: u32,
    /// Objects that those are about; no more than it takes.
    objects: BTreeSet<K>,
    /// It was set aside, and has not succeeded since.
    tried: bool,
    until: Option<Time>,
}

/// It is set aside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Aside {
    /// After so many failures in a row.
    pub failures: u32,
    /// For so long, in milliseconds.
    pub pause: u64,
}

impl<K: Ord> Quarantine<K> {
    /// Nothing has failed yet. `first`: how long it is set aside at first, in milliseconds.
    pub fn new(first: u64) -> Self {
        let (failures, objects, until) = Default::default();
        Self { first, pause: first, failures, objects, tried: false, until }
    }

    /// A call gave no answer that can be followed. Returns whether it is set aside for that.
    pub fn failed(&mut self, object: K, now: Time) -> Option<Aside> {
        // What was under way when it was set aside says nothing new.
        if self.until.is_some() {
            return None;
        }
        self.failures = self.failures.saturating_add(1);
        if self.objects.len() < OBJECTS {
            self.objects.insert(object);
        }
        // On trial it is set aside sooner: it has shown what it is.
        if self.objects.len() < OBJECTS || (!self.tried && self.failures < FAILURES) {
            return None;
        }
        let aside = Aside { failures: self.failures, pause: self.pause };
        self.until = Some(now.after(self.pause));
        self.pause = self.pause.saturating_mul(2).min(LONGEST_QUARANTINE).max(self.first);
        self.tried = true;
        self.failures = 0;
        self.objects.clear();
        Some(aside)
    }

    /// A call gave an answer that can be followed: all is forgotten, unless it is set aside.
    pub fn succeeded(&mut self) {
        if self.until.is_none() {
            self.failures = 0;
            self.objects.clear();
            self.pause = self.first;
            self.tried = false;
        }
    }

    /// Until when it is set aside, if it is.
    pub fn until(&self) -> Option<Time> {
        self.until
    }

    /// Lets it be tried again, if its time is over. Whether it now is.
    pub fn release(&mut self, now: Time) -> bool {
        let over = self.until.is_some_and(|until| until <= now);
        if over {
            self.until = None;
        }
        over
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn fail(quarantine: &mut Quarantine<u32>, count: u32, now: Time) -> Option<Aside> {
        (0..count).filter_map(|object| quarantine.failed(object % 7, now)).next()
    }

    #[test]
    fn twenty_failures_in_a_row_set_it_aside() {
        let mut quarantine = Quarantine::new(60_000);
        assert_eq!(fail(&mut quarantine, 19, Time(1)), None);
        assert_eq!(fail(&mut quarantine, 1, Time(2)), Some(Aside { failures: 20, pause: 60_000 }));
        assert_eq!((quarantine.release(Time(60_001)), quarantine.until()), (false, Some(Time(60_002))));
        assert_eq!((quarantine.release(Time(60_002)), quarantine.until()), (true, None));
    }

    #[test]
    fn a_few_bad_objects_do_not() {
        let mut quarantine = Quarantine::new(60_000);
        assert!((0..1_000).all(|count| quarantine.failed(count % 4, Time(1)).is_none()));
        assert!(quarantine.failed(4, Time(1)).is_some());
    }

    #[test]
    fn one_success_between_begins_the_count_anew() {
        let mut quarantine = Quarantine::new(60_000);
        for _ in 0..10 {
            assert_eq!(fail(&mut quarantine, 19, Time(1)), None);
            quarantine.succeeded();
        }
    }

    #[test]
    fn it_is_longer_each_time_up_to_half_an_hour_and_short_again_after_a_success() {
        let (mut quarantine, mut now, mut pauses) = (Quarantine::new(60_000), Time(1), vec![]);
        for _ in 0..7 {
            let aside = fail(&mut quarantine, 20, now).unwrap();
            pauses.push((aside.failures, aside.pause / 1_000));
            // What comes in late changes nothing.
            quarantine.succeeded();
            assert_eq!(fail(&mut quarantine, 100, now), None);
            now = now.after(aside.pause);
            assert!(quarantine.release(now));
        }
        assert_eq!(pauses, [(20, 60), (5, 120), (5, 240), (5, 480), (5, 960), (5, 1800), (5, 1800)]);
        quarantine.succeeded();
        assert_eq!(fail(&mut quarantine, 19, now), None);
        assert_eq!(fail(&mut quarantine, 1, now), Some(Aside { failures: 20, pause: 60_000 }));
    }

    #[derive(Clone, Debug)]
    enum Op {
        Fail(u8),
        Succeed,
        Pass(u64),
    }

    fn op() -> impl Strategy<Value = Op> {
        prop_oneof![30 => (0..8u8).prop_map(Op::Fail), 1 => Just(Op::Succeed), 2 => (1..3_000_000u64).prop_map(Op::Pass)]
    }

    proptest! {
        /// It is set aside for failures of its own alone, always in the end, and never for longer than half an hour.
        #[test]
        fn it_is_set_aside_when_it_should_be(first in 1_000..=LONGEST_QUARANTINE, ops in prop::collection::vec(op(), 0..400)) {
            let mut quarantine = Quarantine::new(first);
            let (mut now, mut row, mut last) = (Time(1), vec![], None::<u64>);
            for op in ops {
                let was = quarantine.until();
                match op {
                    Op::Fail(object) => {
                        let aside = quarantine.failed(object, now);
                        if was.is_some() {
                            prop_assert_eq!((aside, quarantine.until()), (None, was));
                            continue;
                        }
                        row.push(object);
                        let objects = row.iter().collect::<BTreeSet<_>>().len();
                        let wanted = objects >= OBJECTS && (last.is_some() || row.len() >= FAILURES as usize);
                        prop_assert_eq!(aside.is_some(), wanted);
                        if let Some(Aside { failures, pause }) = aside {
                            prop_assert_eq!(failures as usize, row.len());
                            let doubled = last.map_or(first, |last| (last * 2).min(LONGEST_QUARANTINE));
                            prop_assert_eq!(pause, doubled);
                            prop_assert_eq!(quarantine.until(), Some(now.after(pause)));
                            last = Some(pause);
                            row.clear();
                        }
                    }
                    Op::Succeed => {
                        quarantine.succeeded();
                        prop_assert_eq!(quarantine.until(), was);
                        if was.is_none() {
                            row.clear();
                            last = None;
                        }
                    }
                    Op::Pass(time) => {
                        now = now.after(time);
                        let over = was.is_some_and(|until| until <= now);
                        prop_assert_eq!(quarantine.release(now), over);
                        prop_assert_eq!(quarantine.until(), was.filter(|_| !over));
                    }
                }
            }
        }
    }
}
