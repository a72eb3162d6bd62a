//! Numbers of bytes, as logs claim them.
//!
//! Comes in: any number. Goes out: sums that stop at the largest number. A log may claim any size, and a
//! sum that wrapped around would be small.

use std::iter::Sum;
use std::ops::{Add, AddAssign};

use serde::Serialize;

/// A number of bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Bytes(pub u64);

impl From<Bytes> for serde_json::Value {
    fn from(bytes: Bytes) -> Self {
        bytes.0.into()
    }
}

impl Add for Bytes {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl AddAssign for Bytes {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl Sum for Bytes {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        all.fold(Self::default(), Self::add)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_stop_at_the_largest() {
        let most = Bytes(u64::MAX);
        assert_eq!([most, Bytes(1), most].into_iter().sum::<Bytes>(), most);
    }
}
