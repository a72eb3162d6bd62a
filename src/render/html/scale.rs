//! Converts seconds to places on a line, and makes the marks of its axis.
//!
//! Comes in: the times of a push's calls. Goes out: the place of each, as a share of the width,
//! with long pauses cut short, and a few round times to write under it. Never: a place that
//! contradicts the order of two times.

/// The whole width, in the unit of places.
pub(super) const WIDTH: u32 = 10_000;
/// The width of a pause that is cut short.
const CUT: u32 = 900;
/// The shortest pause that is cut, in seconds.
const LEAST_PAUSE_S: i64 = 10;
/// A pause is cut if it would take more than one part in this many of the width.
const LEAST_PART: i64 = 4;
/// The most round times on the axis.
const MOST_MARKS: i64 = 6;

/// The least width between two clock times on an axis, so that their words have room.
pub(super) const CLOCKS_APART: u32 = 900;
/// The least width between two offsets from the start of a push, whose words are longer.
pub(super) const OFFSETS_APART: u32 = 1_500;

/// The round intervals, in seconds, that an axis is divided by.
const STEPS: [i64; 22] = [
    1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 10_800, 21_600, 43_200,
    86_400, 172_800, 604_800, 2_592_000, 31_536_000,
];

/// A stretch of time and where it is drawn; its end is exclusive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stretch {
    /// Seconds from the start of the push.
    pub(super) seconds: (i64, i64),
    /// Places.
    pub(super) places: (u32, u32),
    /// Whether it is a pause drawn shorter than it was.
    pub(super) cut: bool,
}

impl Stretch {
    /// The time between the calls around it, the first of which has a second of its own.
    pub(super) fn pause(&self) -> i64 {
        (self.seconds.1 - self.seconds.0).saturating_add(1)
    }
}

/// Where times are drawn.
#[derive(Debug)]
pub(super) struct Scale {
    stretches: Vec<Stretch>,
}

impl Scale {
    /// Fits the seconds of calls, in any order, into the width.
    pub(super) fn fit(seconds: impl Iterator<Item = i64>) -> Self {
        let mut seconds: Vec<i64> = seconds.collect();
        seconds.sort_unstable();
        let (first, last) = match (seconds.first(), seconds.last()) {
            (Some(first), Some(last)) => (*first, last.saturating_add(1)),
            _ => (0, 1),
        };
        let whole = last.saturating_sub(first).max(1);
        let pauses = seconds.windows(2).filter_map(|pair| match *pair {
            [before, after] => Some((before.saturating_add(1), after)),
            _ => None,
        });
        let is_long = |&(from, to): &(i64, i64)| {
            let pause = to.saturating_sub(from);
            pause >= LEAST_PAUSE_S && pause > whole / LEAST_PART
        };
        let pauses: Vec<_> = pauses.filter(is_long).collect();
        Self::with_pauses(first, last, &pauses)
    }

    /// A scale from one second to another, with no pause cut.
    pub(super) fn between(first: i64, last: i64) -> Self {
        Self::with_pauses(first, last.max(first.saturating_add(1)), &[])
    }

    fn with_pauses(first: i64, last: i64, pauses: &[(i64, i64)]) -> Self {
        let cut: i64 = pauses.iter().map(|(from, to)| to - from).sum();
        let active = last.saturating_sub(first).saturating_sub(cut).max(1);
        // Fewer than four pauses can each be more than a quarter of the whole.
        let room = WIDTH.saturating_sub(CUT * u32::try_from(pauses.len()).unwrap_or(0));
        let (mut stretches, mut from, mut place) = (Vec::new(), first, 0);
        for &(pause, end) in pauses.iter().chain([&(last, last)]) {
            let to_place = match pause == last {
                true => WIDTH,
                false => place + share(pause - from, active, room),
            };
            stretches.push(Stretch {
                seconds: (from, pause),
                places: (place, to_place),
                cut: false,
            });
            if pause < last {
                stretches.push(Stretch {
                    seconds: (pause, end),
                    places: (to_place, to_place + CUT),
                    cut: true,
                });
            }
            (from, place) = (end, to_place + CUT);
        }
        Self { stretches }
    }

    /// The place of a second and a fraction of it, out of 10,000; times outside are placed at the
    /// edge.
    pub(super) fn place(&self, second: i64, share_of_second: u32) -> u32 {
        let within = |stretch: &&Stretch| second < stretch.seconds.1;
        let Some(stretch) = self.stretches.iter().find(within) else {
            return WIDTH;
        };
        let ((from, to), (first, last)) = (stretch.seconds, stretch.places);
        if second < from {
            return first;
        }
        let fine = i128::from(second - from) * 10_000 + i128::from(share_of_second.min(10_000));
        let whole = i128::from(to - from) * 10_000;
        let offset = fine * i128::from(last - first) / whole.max(1);
        first + u32::try_from(offset).unwrap_or(0)
    }

    /// The pauses drawn shorter than they were.
    pub(super) fn cuts(&self) -> impl Iterator<Item = &Stretch> {
        self.stretches.iter().filter(|stretch| stretch.cut)
    }

    /// Round times with their places, so far apart; none is inside a cut pause.
    pub(super) fn marks(&self, apart: u32) -> Vec<(i64, u32)> {
        let active = |stretch: &&Stretch| !stretch.cut;
        let lengths = self.stretches.iter().filter(active);
        let total: i64 = lengths.map(|s| s.seconds.1 - s.seconds.0).sum();
        let step = STEPS.into_iter().find(|step| total / step <= MOST_MARKS);
        let step = step.unwrap_or(total / MOST_MARKS).max(1);
        let mut marks = Vec::new();
        for stretch in self.stretches.iter().filter(active) {
            let (from, to) = stretch.seconds;
            let mut second = from.div_euclid(step) * step;
            while second < to {
                let place = self.place(second, 0);
                let last = marks.last().map(|(_, place): &(i64, u32)| *place);
                if second >= from && last.is_none_or(|last| place >= last + apart) {
                    marks.push((second, place));
                }
                second += step;
            }
        }
        marks
    }
}

/// `part` of `whole`, as a share of `room`.
fn share(part: i64, whole: i64, room: u32) -> u32 {
    let share = i128::from(part) * i128::from(room) / i128::from(whole);
    u32::try_from(share).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scale(seconds: &[i64]) -> Scale {
        Scale::fit(seconds.iter().copied())
    }

    #[test]
    fn seconds_without_pauses_lie_evenly() {
        let scale = scale(&[0, 3, 9, 5]);
        assert_eq!(scale.place(0, 0), 0);
        assert_eq!(scale.place(5, 0), 5_000);
        assert_eq!(scale.place(9, 5_000), 9_500);
        assert_eq!(scale.place(10, 0), WIDTH);
        assert_eq!(scale.place(-5, 0), 0);
        assert_eq!(scale.cuts().count(), 0);
    }

    #[test]
    fn long_pause_is_cut_and_order_stays() {
        let scale = scale(&[0, 1, 2, 3, 3_600, 3_601]);
        let cuts: Vec<_> = scale.cuts().map(|cut| cut.seconds).collect();
        assert_eq!(cuts, [(4, 3_600)]);
        let places: Vec<_> = [0, 1, 3, 4, 1_800, 3_600, 3_601]
            .iter()
            .map(|&second| scale.place(second, 0))
            .collect();
        assert!(places.is_sorted(), "{places:?}");
        assert!(scale.place(3, 0) > 4_000);
        assert!(
            scale
                .marks(CLOCKS_APART)
                .iter()
                .all(|(at, _)| *at < 4 || *at >= 3_600)
        );
    }

    #[test]
    fn axis_has_a_few_round_times_whatever_the_length() {
        for seconds in [0, 1, 5, 59, 158, 4_000, 90_000, 400_000_000_000] {
            let marks =
                scale(&[0, seconds / 3, seconds / 2, seconds / 3 * 2, seconds]).marks(CLOCKS_APART);
            assert!((1..=8).contains(&marks.len()), "{seconds}: {marks:?}");
            assert!(marks.is_sorted());
        }
    }

    #[test]
    fn one_second_is_the_whole_width() {
        let scale = scale(&[7]);
        assert_eq!(scale.place(7, 5_000), 5_000);
        assert_eq!(scale.marks(CLOCKS_APART), [(7, 0)]);
        assert_eq!(Scale::fit(std::iter::empty()).place(0, 0), 0);
    }
}
