//! Truth: what is recovered of simulated pushes, against what was played. `docs/accuracy.md` has the figures
//! over many seeds; here one seed of every scenario keeps the floor.

use crate::support::logs::Logs;
use crate::support::measure::score::{Score, Share, score};
use crate::support::measure::{Found, baseline, report};
use crate::support::simulate::scenario::{CAUSES, SCENARIOS, Scenario, scenario};
use crate::support::simulate::{World, simulate};

/// A seed that `docs/accuracy.md` does not measure.
const SEED: u64 = 1_001;

#[test]
fn accuracy_does_not_fall_below_its_floor() {
    let (mut ours, mut plain) = (Score::default(), Score::default());
    let (mut warned, mut alarmed) = (Share::default(), Share::default());
    // A begin that sent nothing is not told apart yet from a push that was left.
    let is_met = |scenario: &&Scenario| !scenario.is_later && scenario.name != "stray-initiates";
    for scenario in SCENARIOS.iter().filter(is_met) {
        let (world, found) = played(scenario, SEED);
        let own = score(&world.truth, &found);
        warned.add(own.warned);
        alarmed.add(own.alarmed);
        assert_eq!(own.n_causal_violations, 0, "{}", scenario.name);
        assert!(own.f1() >= Some(0.95), "{}: {:?}", scenario.name, own.f1());
        ours.add(&own);
        plain.add(&score(&world.truth, &baseline::found(&world.files)));
    }
    let at_least = |floor: f64, share: Share, name: &str| {
        let ratio = share.ratio().expect("something was measured");
        assert!(ratio >= floor, "{name}: {ratio}");
    };
    assert!(ours.n_pushes > 1_000, "{}", ours.n_pushes);
    assert!(ours.f1() >= Some(0.995), "{:?}", ours.f1());
    assert!(ours.f1() > plain.f1(), "{:?}", plain.f1());
    at_least(0.97, ours.exact_decidable, "exact, decidable");
    at_least(0.99, ours.status, "status");
    at_least(0.97, ours.flag_precision, "flag precision");
    at_least(0.97, ours.flag_recall, "flag recall");
    at_least(0.95, ours.reason, "reason");
    at_least(0.97, ours.token, "login");
    at_least(0.97, ours.cause, "cause named");
    assert!(warned.n_all > 500, "{}", warned.n_all);
    assert!(warned.ratio() <= Some(0.01), "warned: {:?}", warned.ratio());
    assert!(alarmed.n_all > 500, "{}", alarmed.n_all);
    assert_eq!(alarmed.n_right, 0, "healthy pushes with an error");
}

#[test]
fn causes_that_were_played_are_named() {
    let acts = [
        "killed-and-rerun",
        "refused-manifest",
        "refused-layer",
        "denied",
    ];
    let acts = acts.map(|name| scenario(name).expect("a scenario"));
    let (mut causes, mut alarmed) = (Share::default(), Share::default());
    for seed in SEED..SEED + 3 {
        for scenario in acts.into_iter().chain([&CAUSES]) {
            let (world, found) = played(scenario, seed);
            let own = score(&world.truth, &found);
            causes.add(own.cause);
            alarmed.add(own.alarmed);
        }
    }
    assert!(causes.n_all > 350, "{}", causes.n_all);
    assert!(causes.ratio() >= Some(0.99), "{:?}", causes.ratio());
    assert!(alarmed.n_all > 50, "{}", alarmed.n_all);
    assert_eq!(alarmed.n_right, 0, "healthy pushes with an error");
}

/// A world, and what the program finds in its log.
fn played(scenario: &Scenario, seed: u64) -> (World, Found) {
    let world = simulate(scenario, seed);
    let text = Logs::new(&world.files).output(&["--format", "json"]);
    let json = serde_json::from_str(&text).expect("a report is JSON");
    let found = report::found(&json).expect("a report that the adapter reads");
    (world, found)
}
