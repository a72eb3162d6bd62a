//! How far the clocks of a log differ, as a count of uploads.
//!
//! Comes in: by how many seconds each upload was logged out of order. Goes out: the seconds that enough uploads bear
//! witness of. Never: a tolerance without a reason in the log.

use serde::{Deserialize, Serialize};

/// The most seconds that are told apart.
pub const MOST_LATE: usize = 5;

/// Uploads by how many seconds they were logged to end before they started; those in order count as 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clocks([u64; MOST_LATE + 1]);

impl Clocks {
    /// Counts an upload.
    pub fn count(&mut self, seconds: i64) {
        let late = usize::try_from(seconds).unwrap_or(0).min(MOST_LATE);
        if let Some(n) = self.0.get_mut(late) {
            *n += 1;
        }
    }

    /// The uploads of both.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        for (n, more) in self.0.iter_mut().zip(other.0) {
            *n = n.saturating_add(more);
        }
        self
    }

    /// The most seconds that one upload in `of` bears witness of, and at least two of them.
    #[must_use]
    pub fn late(&self, of: u64) -> usize {
        let all = self.0.iter().fold(0, |sum: u64, n| sum.saturating_add(*n));
        let enough = (all / of.max(1)).max(2);
        let mut n_late = 0_u64;
        for (late, n) in self.0.iter().enumerate().skip(1).rev() {
            n_late = n_late.saturating_add(*n);
            if n_late >= enough {
                return late;
            }
        }
        0
    }
}
