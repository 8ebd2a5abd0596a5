//! Chance that can be repeated: SplitMix64.

/// A sequence of numbers that looks like chance.
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    /// That of one run of one seed.
    pub fn of(seed: u64, run: u64) -> Self {
        let mut random = Self(seed ^ run.wrapping_mul(0xD1B5_4A32_D192_ED03));
        random.number();
        random
    }

    /// Any number.
    pub fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// Less than this; 0 if there is nothing less.
    pub fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.number() % (limit as u64).max(1)).unwrap_or(0)
    }

    /// True once in so many times.
    pub fn once_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }

    /// One of them, if there are any.
    pub fn pick<'a, T>(&mut self, all: &'a [T]) -> Option<&'a T> {
        all.get(self.below(all.len()))
    }

    /// How often: mostly once or twice, at times so that limits and what is quadratic show.
    pub fn times(&mut self) -> usize {
        match self.below(24) {
            0 => 100 + self.below(100),
            1 => 1_000 + self.below(1_000),
            2 => 10_000 + self.below(10_000),
            few => 1 + few % 3,
        }
    }
}
