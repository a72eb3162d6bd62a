//! The simulator and the measure, judged themselves: the same seed plays the same world, no event of the
//! truth is lost or counted twice, and the measure tells a perfect answer from a simple one.

use std::collections::BTreeSet;

use serde_json::json;

use crate::support::measure::explain::explain;
use crate::support::measure::score::{Score, score};
use crate::support::measure::table::{Row, document};
use crate::support::measure::{Found, baseline, report};
use crate::support::simulate::scenario::{SCENARIOS, scenario};
use crate::support::simulate::simulate;
use crate::support::simulate::truth::Truth;
use crate::support::simulate::verdict::{Reason, Status};

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
            assert!(
                !push.events.is_empty(),
                "{}: push {number} is empty",
                scenario.name
            );
            for event_id in &push.events {
                assert!(
                    seen.insert(event_id.clone()),
                    "{}: {event_id} is in two pushes",
                    scenario.name
                );
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
            ("cause", score.cause),
            ("made good", score.made_good),
            ("tags", score.tags),
            ("refused tags", score.refused_tags),
        ] {
            assert_eq!(share.n_right, share.n_all, "{}: {name}", scenario.name);
        }
        assert_eq!(score.n_causal_violations, 0, "{}", scenario.name);
        assert_eq!(score.n_spurious, 0, "{}", scenario.name);
        let proved = score.sure[0];
        assert_eq!(proved.n_right, proved.n_all, "{}", scenario.name);
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
        let mut sum = Score::default();
        for seed in 1..=2 {
            let truth = simulate(scenario, seed).truth;
            sum.add(&score(&truth, &Found::oracle(&truth)));
        }
        let share = sum.undecidable.ratio().expect("there are events");
        let most = f64::from(scenario.undecidable) / 100.0;
        assert!(share < most, "{}: {share}", scenario.name);
    }
}

#[test]
fn causes_are_free_of_cycles() {
    let truth = simulate(scenario("jitter").expect("a scenario"), 5).truth;
    assert!(truth.causes.len() > 100);
    for (cause, effect) in &truth.causes {
        let push = &truth.pushes[truth.events[cause].push];
        let place = |id: &String| push.events.iter().position(|other| other == id);
        assert!(
            place(cause) < place(effect),
            "the order of answers is an order of causes"
        );
    }
}

#[test]
fn explanation_shows_where_a_missing_event_was_found_instead() {
    let truth = simulate(scenario("clients").expect("a scenario"), 6).truth;
    let mut found = Found::oracle(&truth);
    assert_eq!(
        explain(&truth, &found),
        "",
        "nothing is wrong with the truth"
    );
    let moved = found.sessions[1].events.pop().expect("a push has events");
    found.sessions[0].events.push(moved.clone());
    let text = explain(&truth, &found);
    let short = &moved[..8];
    let lines: Vec<&str> = text.lines().filter(|line| line.ends_with(short)).collect();
    assert_eq!(lines.len(), 2, "told in both pushes: {text}");
    assert!(lines[0].trim_start().starts_with('+'), "{text}");
    assert!(lines[1].trim_start().starts_with('-'), "{text}");
}

#[test]
fn table_has_the_program_beside_the_baseline_and_their_sums() {
    let denied = scenario("denied").expect("a scenario");
    let world = simulate(denied, 1);
    let ours = score(&world.truth, &Found::oracle(&world.truth));
    let baseline = score(&world.truth, &Found::default());
    let row = Row {
        name: "denied",
        about: denied.about,
        n_worlds: 1,
        ours,
        baseline,
    };
    let text = document(&[row]);
    let line = text
        .lines()
        .find(|line| line.starts_with("| denied |"))
        .expect("a line");
    assert!(line.contains("| 1 / 0.000 |"), "{line}");
    assert!(text.contains("| **all** |"));
    assert!(text.contains("| denied | 1 | refused on the first call |"));
}

#[test]
fn scores_add_up() {
    let truth = simulate(scenario("denied").expect("a scenario"), 1).truth;
    let one = score(&truth, &Found::oracle(&truth));
    let mut two = Score::default();
    two.add(&one);
    two.add(&one);
    assert_eq!(two.n_pushes, 2 * one.n_pushes);
    assert_eq!(two.exact.n_all, 2 * one.exact.n_all);
}

#[test]
fn report_is_read_without_its_shared_login() {
    let report = json!({
        "sessions": [{
            "id": "7f3a2c1e9b04",
            "status": "failed",
            "reason": {"kind": "put-image-failed", "error_code": "KmsException", "event_id": "c"},
            "authorization": {"event_id": "a"},
            "superseded_by": "c41d02aa93f7",
            "events": [
                {"event_id": "a", "shared": true},
                {"event_id": "b", "shared": false},
                {"event_id": "c", "shared": false},
            ],
            "findings": [],
        }, {
            "id": "c41d02aa93f7",
            "status": "complete",
            "reason": null,
            "authorization": null,
            "superseded_by": null,
            "events": [],
            "findings": [],
        }],
        "unplaced": [{"event_id": "d"}],
    });
    let found = report::found(&report).expect("as promised");
    let failed = &found.sessions[0];
    assert_eq!(failed.events, ["b", "c"]);
    assert_eq!(failed.status, Status::Failed);
    let kind = "put-image-failed".to_owned();
    assert_eq!(
        failed.reason,
        Some(Reason {
            kind,
            error_code: Some("KmsException".to_owned())
        })
    );
    assert_eq!(failed.token.as_deref(), Some("a"));
    assert_eq!(failed.superseded_by, Some(1));
    assert_eq!(found.unplaced, ["d"]);
}

#[test]
fn report_without_a_promised_field_is_an_error_that_names_it() {
    let error = report::found(&json!({"sessions": []}))
        .err()
        .expect("`unplaced` is missing");
    assert!(error.contains("unplaced"), "{error}");
}

/// A world of that scenario, and what a correlator without fault finds in it.
fn perfect(name: &str, seed: u64) -> (Truth, Found) {
    let truth = simulate(scenario(name).expect("a scenario"), seed).truth;
    let found = Found::oracle(&truth);
    (truth, found)
}

#[test]
fn one_manifest_under_two_tags_in_a_row_may_be_told_as_one_push() {
    let (truth, mut found) = perfect("loops-of-tags", 3);
    let is_pair = |later: &usize| {
        let (push, done) = (&truth.pushes[*later], Status::Complete);
        push.told_with.is_some() && push.verdict.status == done && push.is_decidable
    };
    let later = (0..truth.pushes.len()).find(is_pair).expect("a loop");
    let earlier = truth.pushes[later].told_with.expect("just asked");
    let moved = std::mem::take(&mut found.sessions[later].events);
    let tags = found.sessions[later].tags.clone();
    found.sessions[earlier].events.extend(moved);
    found.sessions[earlier].tags.extend(tags);
    found.sessions.remove(later);
    assert_eq!(explain(&truth, &found), "");
    let told = score(&truth, &found);
    assert_eq!(told.exact.n_right, told.exact.n_all);
    let blobs: Vec<String> = found.sessions[earlier].events.drain(..3).collect();
    let another = (earlier + 1) % found.sessions.len();
    found.sessions[another].events.extend(blobs);
    let torn = score(&truth, &found);
    assert!(
        torn.exact.n_right < torn.exact.n_all,
        "a blob was parted from the put that listed it"
    );
}

#[test]
fn question_to_another_repository_may_stay_out_but_is_no_push() {
    let (truth, mut found) = perfect("mount-probes", 1);
    let is_probe = |id: &String| truth.events[id].may_stay_out;
    let mut n_probes = 0;
    for session in &mut found.sessions {
        let probes: Vec<String> = session.events.extract_if(.., |id| is_probe(id)).collect();
        n_probes += probes.len();
        found.unplaced.extend(probes);
    }
    assert!(n_probes > 5, "{n_probes}");
    assert_eq!(explain(&truth, &found), "");
    let mut alone = Found::oracle(&truth);
    let probes = std::mem::take(&mut found.unplaced);
    for session in &mut alone.sessions {
        session.events.retain(|id| !probes.contains(id));
    }
    let mut other = Found::oracle(&truth).sessions.swap_remove(0);
    other.events = probes;
    alone.sessions.push(other);
    assert_eq!(score(&truth, &alone).n_spurious, 1);
}

#[test]
fn equal_uploads_of_two_pushes_may_be_exchanged_but_not_given_to_one() {
    let (truth, mut found) = perfect("side-by-side", 1);
    let twin = |id: &String| {
        let event = &truth.events[id];
        truth.events.iter().find_map(|(other, twin)| {
            let is_twin = twin.push != event.push
                && twin.names == event.names
                && twin.action == event.action
                && !twin.is_decidable
                && truth.pushes[twin.push].repository == truth.pushes[event.push].repository;
            is_twin.then(|| other.clone())
        })
    };
    let is_check = |id: &&String| {
        let event = &truth.events[*id];
        event.action == "BatchCheckLayerAvailability" && !event.is_decidable
    };
    let ours = truth.events.keys().find(is_check).expect("a shared layer");
    let theirs = twin(ours).expect("the other push checked it, too");
    let (a, b) = (truth.events[ours].push, truth.events[&theirs].push);
    let exchange = |id: &mut String| {
        if id == ours {
            id.clone_from(&theirs);
        } else if *id == theirs {
            id.clone_from(ours);
        }
    };
    found.sessions[a].events.iter_mut().for_each(exchange);
    found.sessions[b].events.iter_mut().for_each(exchange);
    let told = score(&truth, &found);
    assert_eq!(told.exact.n_right, told.exact.n_all);
    found.sessions[a].events.retain(|id| *id != theirs);
    found.sessions[b].events.push(theirs);
    let greedy = score(&truth, &found);
    assert!(greedy.exact.n_right < greedy.exact.n_all);
}

#[test]
fn record_that_no_push_made_spoils_the_push_that_it_is_told_with() {
    let (truth, mut found) = perfect("network-activity", 1);
    found.sessions[0]
        .events
        .push("an eventID of no call".to_owned());
    let told = score(&truth, &found);
    assert_eq!(told.exact.n_right + 1, told.exact.n_all);
    assert_eq!(told.sure[0].n_right + 1, told.sure[0].n_all);
}

#[test]
fn pauses_of_loops_are_drawn() {
    let mut pauses = BTreeSet::new();
    for seed in 1..=4 {
        let truth = simulate(scenario("loops-of-tags").expect("a scenario"), seed).truth;
        for push in &truth.pushes {
            let Some(earlier) = push.told_with else {
                continue;
            };
            let times = |push: usize| {
                let events = truth.pushes[push].events.iter();
                events.map(|id| truth.events[id].time)
            };
            let first = push.events.iter().map(|id| truth.events[id].time).min();
            let pause = first.expect("it has events") - times(earlier).max().expect("events");
            pauses.insert(pause / 1_000);
        }
    }
    assert!(
        (0..=5).all(|seconds| pauses.contains(&seconds)),
        "{pauses:?}"
    );
}

#[test]
fn begin_that_sent_nothing_is_no_alarm() {
    let (truth, _) = perfect("permission-checks", 1);
    let silent = truth.pushes.iter().filter(|push| {
        let reason = push.verdict.reason.as_ref();
        reason.is_some_and(|reason| reason.kind == "nothing-sent")
    });
    let silent: Vec<_> = silent.collect();
    assert!(!silent.is_empty());
    for push in silent {
        assert!(!push.verdict.is_flagged());
        assert_eq!(push.events.len(), 1);
    }
}

#[test]
fn refusals_as_eof_are_made_good_or_not() {
    let mut told = BTreeSet::new();
    for seed in 1..=3 {
        let (truth, _) = perfect("refused-as-eof", seed);
        told.extend(truth.pushes.iter().filter_map(|push| push.is_made_good));
    }
    assert_eq!(told, BTreeSet::from([false, true]));
}
