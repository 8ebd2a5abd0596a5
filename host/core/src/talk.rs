//! What one plugin may say in the log, over all its calls. Time is passed in.

use crate::key::Time;
use crate::limits::Limits;
use crate::rate::Bucket;

/// How often it is said that lines are left out, in milliseconds.
const TOLD: u64 = 60_000;

/// Lines and bytes a second.
#[derive(Clone, Debug)]
pub struct Talk {
    lines: Bucket,
    bytes: Bucket,
    /// Lines that were left out since that was last said.
    left_out: u64,
    /// When it may be said again.
    tell_at: Time,
}

/// What becomes of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Heard {
    /// It is written.
    pub written: bool,
    /// It is now to be said that so many were left out.
    pub left_out: Option<u64>,
}

impl Talk {
    /// Nothing was said yet.
    pub fn new(limits: &Limits) -> Self {
        let (lines, bytes) = (Bucket::new(limits.log_lines_rate), Bucket::new(limits.log_bytes_rate));
        Self { lines, bytes, left_out: 0, tell_at: Time(0) }
    }

    /// Takes in a line of so many bytes.
    pub fn line(&mut self, bytes: usize, now: Time) -> Heard {
        let bytes = u64::try_from(bytes).unwrap_or(u64::MAX);
        // Both or none: a line that is too long does not use up the room of short ones.
        let written = self.lines.has(1, now) && self.bytes.take(bytes, now) && self.lines.take(1, now);
        self.left_out += u64::from(!written);
        let told = self.left_out > 0 && self.tell_at <= now;
        let left_out = told.then(|| self.rest());
        if told {
            self.tell_at = now.after(TOLD);
        }
        Heard { written, left_out }
    }

    /// How many lines were left out since that was last said, which it is now.
    pub fn rest(&mut self) -> u64 {
        std::mem::take(&mut self.left_out)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn talk(log_lines_rate: u64, log_bytes_rate: u64) -> Talk {
        Talk::new(&Limits { log_lines_rate, log_bytes_rate, ..Limits::default() })
    }

    #[test]
    fn what_is_over_is_counted_and_told_once_a_minute() {
        let mut talk = talk(2, 1_000);
        let mut at = |seconds: u64| talk.line(10, Time(1_000_000 + seconds * 1_000));
        let heard = |written, left_out| Heard { written, left_out };
        assert_eq!([at(0), at(0)], [heard(true, None); 2]);
        assert_eq!([at(0), at(0), at(0)], [heard(false, Some(1)), heard(false, None), heard(false, None)]);
        assert_eq!(at(1), heard(true, None));
        assert_eq!([at(60), at(61)], [heard(true, Some(2)), heard(true, None)]);
        assert_eq!(talk.rest(), 0);
    }

    #[test]
    fn a_long_line_leaves_room_for_a_short_one() {
        let mut talk = talk(2, 100);
        assert!(talk.line(60, Time(1)).written);
        assert!(!talk.line(60, Time(1)).written);
        assert!(talk.line(40, Time(1)).written);
    }

    proptest! {
        /// Each line is written, or counted and told once.
        #[test]
        fn no_line_is_lost_uncounted(steps in prop::collection::vec((0..20_000u64, 1..200usize), 0..300)) {
            let (mut talk, mut now, mut written, mut told) = (talk(2, 150), Time(1), 0, 0);
            let (mut last, count) = (None, steps.len() as u64);
            for (step, bytes) in steps {
                now = now.after(step);
                let heard = talk.line(bytes, now);
                written += u64::from(heard.written);
                if let Some(count) = heard.left_out {
                    prop_assert!(count > 0 && last.is_none_or(|last| now.until(last) >= TOLD));
                    (told, last) = (told + count, Some(now));
                }
            }
            prop_assert_eq!(written + told + talk.rest(), count);
        }
    }
}
