//! Truth: what is recovered of simulated pushes, against what was played. `docs/accuracy.md` has the figures
//! over many seeds; here one seed of every scenario keeps the floor.

use crate::support::logs::Logs;
use crate::support::measure::score::{Score, Share, score};
use crate::support::measure::{baseline, report};
use crate::support::simulate::scenario::SCENARIOS;
use crate::support::simulate::simulate;

/// A seed that `docs/accuracy.md` does not measure.
const SEED: u64 = 1_001;

#[test]
fn accuracy_does_not_fall_below_its_floor() {
    let (mut ours, mut plain) = (Score::default(), Score::default());
    for scenario in SCENARIOS {
        let world = simulate(scenario, SEED);
        let text = Logs::new(&world.files).output(&["--format", "json"]);
        let json = serde_json::from_str(&text).expect("a report is JSON");
        let found = report::found(&json).expect("a report that the adapter reads");
        let own = score(&world.truth, &found);
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
}
