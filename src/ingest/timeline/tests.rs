//! When an account and region counts as heard, and when as silent.

use super::*;

/// A day in seconds.
const DAY: i64 = 86_400;

/// A span by its ends and holes, in seconds.
type Shown = (i64, i64, Vec<(i64, i64, HoleReason)>);

/// The span of some times.
fn shown(timeline: Timeline) -> Option<Shown> {
    let span = timeline.span()?;
    let ends = |interval: Interval| (interval.from.timestamp(), interval.to.timestamp());
    let (from, to) = ends(span.interval);
    let holes = span.holes.iter().map(|hole| {
        let (from, to) = ends(hole.interval);
        (from, to, hole.reason)
    });
    Some((from, to, holes.collect()))
}

fn heard(seconds: impl IntoIterator<Item = i64>) -> Timeline {
    let mut timeline = Timeline::default();
    for second in seconds {
        timeline.hear_second(second, || None);
    }
    timeline
}

#[test]
fn an_hour_without_a_word_in_a_busy_log_is_a_hole() {
    let busy = (0..DAY)
        .step_by(20)
        .filter(|second| !(40_000..43_600).contains(second));
    let expected = (0, DAY - 20, vec![(39_980, 43_600, HoleReason::Quiet)]);
    assert_eq!(shown(heard(busy)), Some(expected));
}

#[test]
fn quiet_accounts_and_habits_are_no_holes() {
    // A record every 20 minutes, and an hour without any.
    let sparse = (0..DAY)
        .step_by(1200)
        .filter(|second| !(40_000..43_000).contains(second));
    assert_eq!(shown(heard(sparse)).expect("a span").2, []);
    // Busy by day, silent by night, for a week.
    let days = (0..7 * DAY)
        .step_by(30)
        .filter(|second| second % DAY < 36_000);
    assert_eq!(shown(heard(days)).expect("a span").2, []);
    // Too little to judge by.
    assert_eq!(shown(heard([0, 10, 80_000])).expect("a span").2, []);
    // Just under half an hour.
    let short = (0..DAY)
        .step_by(20)
        .filter(|second| !(40_000..41_700).contains(second));
    assert_eq!(shown(heard(short)).expect("a span").2, []);
}

#[test]
fn the_order_of_times_and_the_shards_do_not_matter() {
    let times: Vec<i64> = (0..6000).map(|n| (n * n * 7919) % (3 * DAY)).collect();
    let expected = shown(heard(times.iter().copied()));
    let backwards = shown(heard(times.iter().rev().copied()));
    assert_eq!(backwards, expected);
    let mut parts = heard([]);
    for chunk in times.chunks(701) {
        parts.absorb(heard(chunk.iter().copied()));
    }
    assert_eq!(shown(parts), expected);
    let twice = times.iter().chain(&times).copied();
    assert_eq!(shown(heard(twice)), expected);
}

#[test]
fn a_digest_file_vouches_for_silence() {
    let busy = || {
        heard(
            (0..DAY)
                .step_by(20)
                .filter(|second| !(40_000..43_600).contains(second)),
        )
    };
    let mut timeline = busy();
    timeline.vouch((39_600, 43_200));
    timeline.vouch((43_200, 46_800));
    timeline.vouch((DAY, DAY + 3600));
    assert_eq!(shown(timeline), Some((0, DAY + 3600, Vec::new())));
    let mut timeline = busy();
    timeline.vouch((39_600, 43_200));
    assert_eq!(shown(timeline).expect("a span").2.len(), 1);
}

#[test]
fn an_absent_file_is_a_hole_among_records() {
    let mut timeline = heard((0..DAY).step_by(20));
    timeline.miss((5000, 5300));
    timeline.miss((5200, 5400));
    timeline.miss((2 * DAY, 2 * DAY + 60));
    let expected = vec![(5000, 5400, HoleReason::DigestListsAbsentFile)];
    assert_eq!(shown(timeline), Some((0, DAY - 20, expected)));
}

#[test]
fn a_fraction_of_a_second_is_covered() {
    let mut timeline = Timeline::default();
    let time = DateTime::parse_from_rfc3339("1970-01-01T00:00:05.5Z").expect("a time");
    timeline.hear_time(time.with_timezone(&Utc), || None);
    assert_eq!(shown(timeline), Some((5, 6, Vec::new())));
    assert_eq!(shown(Timeline::default()), None);
}
