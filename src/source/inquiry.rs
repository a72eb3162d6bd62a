//! A look-up in CloudTrail's event history while it goes on, for whoever shows or stops it.
//!
//! Comes in: from the tasks that ask, how far each has come; from a signal, that it shall stop. Goes out: a few words and
//! a share. Never: a request.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// What is known of a look-up that goes on.
#[derive(Debug, Default)]
pub struct Inquiry {
    is_stopped: AtomicBool,
    regions: Mutex<BTreeMap<String, LookupState>>,
}

/// How far one region has come.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LookupState {
    /// The call that is being asked for.
    pub call: &'static str,
    /// The pages of it that came.
    pub call_pages: u64,
    /// All pages that came.
    pub pages: u64,
    /// The share of the period that has been asked for, in thousandths.
    pub share: u16,
}

impl Inquiry {
    /// Notes how far a region has come.
    pub fn note(&self, region: &str, asked: LookupState) {
        self.lock().insert(region.to_owned(), asked);
    }

    /// Notes that a region has ended, whatever came.
    pub fn end(&self, region: &str) {
        self.lock().remove(region);
    }

    /// Ends the look-up after the pages under way; returns whether there was one to end.
    pub fn stop(&self) -> bool {
        !self.lock().is_empty() && !self.is_stopped.swap(true, Ordering::Relaxed)
    }

    /// Whether the look-up shall end.
    #[must_use]
    pub fn is_stopped(&self) -> bool {
        self.is_stopped.load(Ordering::Relaxed)
    }

    /// The region that has come least far, with what is known of it; `None` if nothing is being asked.
    #[must_use]
    pub fn slowest(&self) -> Option<(String, LookupState)> {
        let regions = self.lock();
        let slowest = regions.iter().min_by_key(|(_, asked)| asked.share)?;
        Some((slowest.0.clone(), slowest.1.clone()))
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, LookupState>> {
        // Whole entries are written, also by what panicked.
        self.regions.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_look_up_that_goes_on_is_stopped_and_only_once() {
        let inquiry = Inquiry::default();
        assert!(!inquiry.stop() && !inquiry.is_stopped());
        for (region, share) in [("a", 500), ("b", 20)] {
            let asked = LookupState {
                share,
                ..LookupState::default()
            };
            inquiry.note(region, asked);
        }
        assert_eq!(
            inquiry.slowest().map(|(region, _)| region),
            Some("b".to_owned())
        );
        assert!(inquiry.stop() && inquiry.is_stopped() && !inquiry.stop());
        inquiry.end("a");
        inquiry.end("b");
        assert_eq!(inquiry.slowest(), None);
    }
}
