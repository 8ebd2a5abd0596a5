//! So many a second, and as many at once. Time is passed in.

use crate::key::Time;

/// A bucket of tokens. It holds at most what comes in within a second.
#[derive(Clone, Debug)]
pub struct Bucket {
    /// Tokens that come in within a second: thousandths of them within a millisecond.
    rate: u64,
    /// Thousandths of tokens; below zero, as many are lent.
    level: i64,
    /// When that was so.
    at: Time,
}

impl Bucket {
    /// A full one.
    pub fn new(rate: u64) -> Self {
        Self { rate, level: full(rate), at: Time(0) }
    }

    /// Takes so many, if they are there. What it never holds takes all that it does.
    pub fn take(&mut self, count: u64, now: Time) -> bool {
        let there = self.has(count, now);
        if there {
            self.level -= full(count.min(self.rate));
        }
        there
    }

    /// Whether so many are there.
    pub fn has(&mut self, count: u64, now: Time) -> bool {
        self.fill(now);
        full(count.min(self.rate)) <= self.level
    }

    /// Takes one that may still have to come in. Returns how long that takes, in milliseconds.
    pub fn lend(&mut self, now: Time) -> u64 {
        self.fill(now);
        self.level = self.level.saturating_sub(full(1));
        self.level.min(0).unsigned_abs().div_ceil(self.rate.max(1))
    }

    fn fill(&mut self, now: Time) {
        let passed = now.until(self.at);
        let came = i64::try_from(passed.saturating_mul(self.rate)).unwrap_or(i64::MAX);
        self.level = self.level.saturating_add(came).min(full(self.rate));
        // A clock that goes back brings nothing, and takes nothing.
        self.at = self.at.max(now);
    }
}

fn full(tokens: u64) -> i64 {
    i64::try_from(tokens.saturating_mul(1_000)).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_burst_then_the_rate() {
        let mut bucket = Bucket::new(10);
        let waits: Vec<u64> = (0..13).map(|_| bucket.lend(Time(5_000))).collect();
        assert_eq!(waits, [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 100, 200, 300]);
        assert_eq!(bucket.lend(Time(6_000)), 0);
    }

    #[test]
    fn what_never_fits_takes_a_full_bucket() {
        let mut bucket = Bucket::new(10);
        assert!(bucket.take(11, Time(1)));
        assert!(!bucket.take(1, Time(1)));
        assert!(!bucket.take(11, Time(1_000)));
        assert!(bucket.take(11, Time(1_001)));
    }

    proptest! {
        /// In no stretch of time more than its rate and one burst, also with a clock that goes back.
        #[test]
        fn no_more_than_the_rate_and_a_burst(rate in 1..50u64, steps in prop::collection::vec((-200..400i64, 1..9u64), 1..200)) {
            let mut bucket = Bucket::new(rate);
            let (mut now, mut furthest, mut taken): (u64, u64, Vec<(u64, u64)>) = (1_000, 0, vec![]);
            for (step, count) in steps {
                now = now.saturating_add_signed(step);
                furthest = furthest.max(now);
                if bucket.take(count, Time(now)) {
                    taken.push((furthest, count.min(rate)));
                }
            }
            for (from, &(begin, _)) in taken.iter().enumerate() {
                let mut sum = 0;
                for &(end, count) in &taken[from..] {
                    sum += count;
                    prop_assert!(sum * 1_000 <= rate * 1_000 + (end - begin) * rate);
                }
            }
        }

        /// Whoever waits as told is no faster than the rate and one burst, waits no longer than need be, and goes in turn.
        #[test]
        fn what_is_lent_comes_in_turn(rate in 1..2_000u64, steps in prop::collection::vec(0..30u64, 1..300)) {
            let mut bucket = Bucket::new(rate);
            let (mut now, mut due) = (1_000, vec![]);
            for step in steps {
                now += step;
                due.push(now + bucket.lend(Time(now)));
            }
            prop_assert!(due.is_sorted());
            for (from, begin) in due.iter().enumerate() {
                for (count, end) in (1..).zip(&due[from..]) {
                    // A millisecond more: waits are whole ones.
                    prop_assert!(count * 1_000 <= rate * 1_000 + (end - begin + 1) * rate);
                }
            }
            // The last waits for no more than all before it.
            prop_assert!(due[due.len() - 1] <= now + (due.len() as u64 * 1_000).div_ceil(rate));
        }

        /// A rest of a second fills it, whatever came before.
        #[test]
        fn after_a_second_of_rest_it_is_full(rate in 1..1_000u64, counts in prop::collection::vec(1..1_000u64, 0..50)) {
            let mut bucket = Bucket::new(rate);
            counts.iter().for_each(|&count| { bucket.take(count, Time(1)); });
            prop_assert!(bucket.take(rate, Time(1_001)));
        }
    }
}
