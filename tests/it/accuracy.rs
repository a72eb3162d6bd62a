//! Truth: what is recovered of simulated pushes, against what was played. `docs/accuracy.md` has the figures
//! over many seeds; here one seed of every scenario keeps the floor.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::{self, ScopedJoinHandle};

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
    let mut n_later = 0;
    for (scenario, own, baseline) in scored() {
        n_later += u64::from(scenario.is_later) * own.n_pushes;
        assert_eq!(own.n_causal_violations, 0, "{}", scenario.name);
        // A fifth of what two exporters send at once cannot be told apart.
        let floor = match scenario.name {
            "side-by-side" => 0.9,
            _ => 0.95,
        };
        assert!(own.f1() >= Some(floor), "{}: {:?}", scenario.name, own.f1());
        assert_eq!(own.alarmed.n_right, 0, "{}: errors", scenario.name);
        ours.add(&own);
        plain.add(&baseline);
    }
    let at_least = |floor: f64, share: Share, name: &str| {
        let ratio = share.ratio().expect("something was measured");
        assert!(ratio >= floor, "{name}: {ratio}");
    };
    assert!(ours.n_pushes > 2_000, "{}", ours.n_pushes);
    assert!(n_later > 700, "{n_later}");
    assert!(ours.f1() >= Some(0.998), "{:?}", ours.f1());
    assert!(ours.f1() > plain.f1(), "{:?}", plain.f1());
    at_least(0.995, ours.exact_decidable, "exact, decidable");
    at_least(0.998, ours.status, "status");
    at_least(0.99, ours.flag_precision, "flag precision");
    at_least(0.99, ours.flag_recall, "flag recall");
    at_least(0.95, ours.reason, "reason");
    at_least(0.999, ours.token, "login");
    at_least(0.97, ours.cause, "cause named");
    let (warned, [proved, ..]) = (ours.warned, ours.sure);
    assert!(warned.n_all > 1_000, "{}", warned.n_all);
    assert!(
        warned.ratio() <= Some(0.001),
        "warned: {:?}",
        warned.ratio()
    );
    assert!(proved.n_all > 500, "{}", proved.n_all);
    assert_eq!(proved.n_right, proved.n_all, "proof");
}

/// Every scenario with the scores of the program and of the baseline, on all processors.
fn scored() -> Vec<(&'static Scenario, Score, Score)> {
    let next = AtomicUsize::new(0);
    let work = || {
        let mut done = Vec::new();
        while let Some(scenario) = SCENARIOS.get(next.fetch_add(1, Ordering::Relaxed)) {
            let (world, found) = played(scenario, SEED);
            let plain = baseline::found(&world.files);
            let scores = (score(&world.truth, &found), score(&world.truth, &plain));
            done.push((scenario, scores.0, scores.1));
        }
        done
    };
    let n_workers = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        let workers: Vec<_> = (0..n_workers).map(|_| scope.spawn(work)).collect();
        let done = workers.into_iter().map(ScopedJoinHandle::join);
        done.flat_map(|scores| scores.expect("a world panicked"))
            .collect()
    })
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
