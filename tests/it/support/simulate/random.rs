//! A deterministic source of chance.
//!
//! In: a seed. Out: the same numbers on every machine and in every version of the toolchain, which a
//! library generator does not promise. Never used for anything that must be hard to guess.

/// SplitMix64, by Steele, Lea and Flood ("Fast splittable pseudorandom number generators", 2014).
#[derive(Clone)]
pub(crate) struct Random {
    state: u64,
}

impl Random {
    /// Starts a stream that depends on `seed` and on nothing else.
    pub(crate) fn new(seed: u64) -> Self {
        let mut random = Random {
            state: seed ^ 0x5851_F42D_4C95_7F2D,
        };
        random.next();
        random
    }

    /// Splits off a stream of its own, so that drawing more there changes nothing here.
    pub(crate) fn split(&mut self) -> Self {
        Random::new(self.next())
    }

    /// The next 64 bits.
    pub(crate) fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number from `first` to `last`, both inclusive.
    pub(crate) fn within(&mut self, first: i64, last: i64) -> i64 {
        let n_choices = u64::try_from(last - first + 1).expect("last is not before first");
        first + i64::try_from(self.next() % n_choices).expect("less than an i64 span")
    }

    /// An index below `len`.
    pub(crate) fn index(&mut self, len: usize) -> usize {
        let len = u64::try_from(len).expect("a length fits");
        usize::try_from(self.next() % len).expect("less than a length")
    }

    /// True in `percent` of a hundred draws.
    pub(crate) fn percent(&mut self, percent: u64) -> bool {
        self.next() % 100 < percent
    }

    /// One of `choices`, which must not be empty.
    pub(crate) fn pick<'a, T>(&mut self, choices: &'a [T]) -> &'a T {
        &choices[self.index(choices.len())]
    }

    /// Puts `items` into a random order.
    pub(crate) fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            let other = self.index(last + 1);
            items.swap(last, other);
        }
    }

    /// A random UUID in its usual form, as `eventID` and `uploadId` have it.
    pub(crate) fn uuid(&mut self) -> String {
        let (high, low) = (self.next(), self.next());
        format!(
            "{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}",
            high >> 32,
            (high >> 16) & 0xffff,
            high & 0xfff,
            0x8000 | ((low >> 48) & 0x3fff),
            low & 0xffff_ffff_ffff
        )
    }

    /// `len` characters of `alphabet`.
    pub(crate) fn text(&mut self, len: usize, alphabet: &[u8]) -> String {
        (0..len).map(|_| char::from(*self.pick(alphabet))).collect()
    }

    /// Upper-case letters and digits, as in access keys, principal ids and log file names.
    pub(crate) fn code(&mut self, len: usize) -> String {
        self.text(len, b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")
    }
}
