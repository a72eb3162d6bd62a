//! Times in whole seconds, as CloudTrail's `eventTime` has them.
//!
//! Comes in: instants of events. Goes out: instants and durations that cannot be confused. Never:
//! an overflow; a value that leaves the range stays at its end.

use std::ops::{Add, Neg, Sub};

use chrono::{DateTime, Utc};

/// An instant, in whole seconds of Unix time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Second(pub i64);

/// A duration in whole seconds; negative if the second instant is before the first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Seconds(pub i64);

impl Second {
    /// The earliest instant.
    pub const MIN: Self = Self(i64::MIN);
    /// The latest instant.
    pub const MAX: Self = Self(i64::MAX);
}

impl Seconds {
    /// No time.
    pub const ZERO: Self = Self(0);
    /// Longer than any log.
    pub const MAX: Self = Self(i64::MAX);

    /// The length without its sign.
    #[must_use]
    pub fn abs(self) -> Self {
        Self(self.0.saturating_abs())
    }
}

impl From<DateTime<Utc>> for Second {
    /// Drops the fraction.
    fn from(time: DateTime<Utc>) -> Self {
        Self(time.timestamp())
    }
}

impl Sub for Second {
    type Output = Seconds;
    fn sub(self, earlier: Self) -> Seconds {
        Seconds(self.0.saturating_sub(earlier.0))
    }
}

impl Add<Seconds> for Second {
    type Output = Self;
    fn add(self, length: Seconds) -> Self {
        Self(self.0.saturating_add(length.0))
    }
}

impl Sub<Seconds> for Second {
    type Output = Self;
    fn sub(self, length: Seconds) -> Self {
        Self(self.0.saturating_sub(length.0))
    }
}

impl Add for Seconds {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl Sub for Seconds {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

impl Neg for Seconds {
    type Output = Self;
    fn neg(self) -> Self {
        Self(self.0.saturating_neg())
    }
}
