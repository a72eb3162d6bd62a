//! Idle pauses: times at which a run had nothing in flight.
//!
//! Comes in: the start and end of each of its calls and uploads. Goes out: the pauses between them.
//! Never: a pause inside an upload, since a client that waits for bytes is not idle.

use crate::event::Second;
use crate::session::own::thresholds::IDLE;

/// An idle pause: nothing in flight from one second to another, in which the next work started.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Pause {
    pub(super) from: Second,
    pub(super) to: Second,
}

/// The idle pauses between stretches of work, from first to last second, in order.
///
/// # Complexity
/// O(n log n) in the stretches, O(n) if few are out of order.
pub(super) fn pauses(mut busy: Vec<(Second, Second)>) -> Vec<Pause> {
    busy.sort();
    // A pause is measured from the end of everything in flight: a client that sends a large layer
    // is silent for minutes and not idle.
    let mut reach = busy.first().map_or(Second::MAX, |first| first.1);
    let mut pauses = Vec::new();
    for (first, last) in busy {
        if first - reach > IDLE {
            pauses.push(Pause {
                from: reach,
                to: first,
            });
        }
        reach = reach.max(last);
    }
    pauses
}

#[cfg(test)]
mod tests {
    use super::*;

    fn second(at: i64) -> Second {
        Second(at)
    }

    #[test]
    fn work_in_flight_is_no_pause() {
        let busy = [(0, 0), (1, 60), (2, 3), (62, 62), (65, 66)];
        let busy = busy.map(|(first, last)| (second(first), second(last)));
        let pause = Pause {
            from: second(62),
            to: second(65),
        };
        assert_eq!(pauses(busy.to_vec()), [pause]);
        assert_eq!(pauses(busy.into_iter().rev().collect()), [pause]);
    }
}
