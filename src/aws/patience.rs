//! How often to retry, and how long to wait before each retry.
//!
//! Comes in: failures, one by one. Goes out: a pause, or the decision to give up. Never: an equal
//! pause for all connections at once.

use std::time::Duration;

use crate::record::fingerprint;

/// The most consecutive failures.
const MOST: u32 = 10;

/// The most failures of a request that may be a mistake.
const FEW: u32 = 3;

/// How many times the first pause the longest one is.
const LONGEST: u32 = 200;

/// The failures of one request.
pub(super) struct Patience {
    n_failures: u32,
    /// The pause after the first failure; each further one doubles it.
    first: Duration,
    seed: u64,
}

impl Patience {
    /// For a request; `about` spreads the pauses of requests that fail together.
    pub(super) fn new(about: &str, first: Duration) -> Self {
        Self {
            n_failures: 0,
            first,
            seed: fingerprint(about),
        }
    }

    /// The pause before another try; `None` to give up.
    pub(super) fn pause(&mut self) -> Option<Duration> {
        self.n_failures += 1;
        if self.n_failures >= MOST {
            return None;
        }
        let factor = 1 << (self.n_failures - 1);
        let longest = self.first.saturating_mul(LONGEST.min(factor));
        self.seed = self
            .seed
            .wrapping_mul(0x5851_f42d_4c95_7f2d)
            .wrapping_add(1);
        let share = u32::try_from(self.seed >> 48).unwrap_or(0);
        // Between half and all of it.
        Some(longest / 2 + longest / 2 * share / (1 << 16))
    }

    /// The pause before another try of a request that may be a mistake; `None` to give up.
    pub(super) fn pause_briefly(&mut self) -> Option<Duration> {
        match self.n_failures < FEW {
            true => self.pause(),
            false => None,
        }
    }

    /// Waits before another try.
    ///
    /// # Errors
    /// The error, after enough failures.
    pub(super) fn wait<E>(&mut self, error: E) -> Result<(), E> {
        wait(self.pause(), error)
    }

    /// Waits before another try of a request that has never succeeded and may be a mistake.
    ///
    /// # Errors
    /// The error, after a few failures.
    pub(super) fn wait_briefly<E>(&mut self, error: E) -> Result<(), E> {
        wait(self.pause_briefly(), error)
    }

    /// Forgets the failures after a success.
    pub(super) fn renew(&mut self) {
        self.n_failures = 0;
    }
}

fn wait<E>(pause: Option<Duration>, error: E) -> Result<(), E> {
    std::thread::sleep(pause.ok_or(error)?);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_and_end() {
        let first = Duration::from_millis(50);
        let mut patience = Patience::new("a", first);
        let pauses: Vec<_> = std::iter::from_fn(|| patience.pause()).collect();
        assert_eq!(pauses.len(), 9);
        let growing = pauses.windows(2).all(|two| two[0] <= two[1] * 2);
        assert!(
            growing && pauses.iter().sum::<Duration>() < Duration::from_secs(26),
            "{pauses:?}"
        );
        assert_ne!(Patience::new("b", first).pause(), Some(pauses[0]));
    }
}
