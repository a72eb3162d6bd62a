//! The simulator and the measure, judged themselves: the same seed plays the same world, no event of the
//! truth is lost or counted twice, and the measure tells a perfect answer from a simple one.

use std::collections::BTreeSet;

use crate::support::measure::score::score;
use crate::support::measure::{Found, baseline};
use crate::support::simulate::scenario::{SCENARIOS, scenario};
use crate::support::simulate::simulate;

#[test]
fn same_seed_plays_the_same_world() {
    let mixed = scenario("mixed").expect("a scenario");
    let (first, second) = (simulate(mixed, 7), simulate(mixed, 7));
    assert_eq!(first.files, second.files);
    assert_eq!(first.truth.to_json(), second.truth.to_json());
    assert_ne!(first.files, simulate(mixed, 8).files);
}

#[test]
fn every_event_of_the_truth_is_in_exactly_one_push() {
    for scenario in SCENARIOS {
        let truth = simulate(scenario, 1).truth;
        let mut seen = BTreeSet::new();
        for (number, push) in truth.pushes.iter().enumerate() {
            assert!(!push.events.is_empty(), "{}: push {number} is empty", scenario.name);
            for event_id in &push.events {
                assert!(seen.insert(event_id.clone()), "{}: {event_id} is in two pushes", scenario.name);
                assert_eq!(truth.events[event_id].push, number);
            }
        }
        assert_eq!(seen.len(), truth.events.len(), "{}", scenario.name);
    }
}

#[test]
fn oracle_is_judged_perfect() {
    for scenario in SCENARIOS {
        let truth = simulate(scenario, 2).truth;
        let score = score(&truth, &Found::oracle(&truth));
        for (name, share) in [
            ("exact", score.exact),
            ("status", score.status),
            ("flag precision", score.flag_precision),
            ("flag recall", score.flag_recall),
            ("reason", score.reason),
            ("login", score.token),
            ("superseded", score.superseded),
        ] {
            assert_eq!(share.n_right, share.n_all, "{}: {name}", scenario.name);
        }
        assert_eq!(score.n_causal_violations, 0, "{}", scenario.name);
    }
}

#[test]
fn baseline_is_judged_far_from_perfect_on_the_mixed_scenario() {
    let world = simulate(scenario("mixed").expect("a scenario"), 3);
    let score = score(&world.truth, &baseline::found(&world.files));
    let f1 = score.f1().expect("there are pairs");
    assert!((0.2..0.95).contains(&f1), "{f1}");
    assert!(score.exact.ratio().expect("there are pushes") < 0.8);
}

#[test]
fn nearly_every_event_can_be_told() {
    for scenario in SCENARIOS {
        let truth = simulate(scenario, 4).truth;
        let score = score(&truth, &Found::oracle(&truth));
        let share = score.undecidable.ratio().expect("there are events");
        assert!(share < 0.05, "{}: {share}", scenario.name);
    }
}

#[test]
fn causes_are_free_of_cycles() {
    let truth = simulate(scenario("jitter").expect("a scenario"), 5).truth;
    assert!(truth.causes.len() > 100);
    for (cause, effect) in &truth.causes {
        let push = &truth.pushes[truth.events[cause].push];
        let place = |id: &String| push.events.iter().position(|other| other == id);
        assert!(place(cause) < place(effect), "the order of answers is an order of causes");
    }
}
