//! A simulator of image pushes that knows the truth.
//!
//! In: a scenario and a seed. Out: a bucket of CloudTrail log files, byte for byte the same each time, and the
//! answer sheet for it. Clients are modelled from what real ones were seen to do and records from AWS's
//! published examples; nothing here knows how a correlator works.
//!
//! Read `scenario/` for what is played, `push.rs` and `habits.rs` for the clients, `record.rs` and `trail.rs`
//! for the log, and `truth.rs` for the answers.

pub(crate) mod call;
mod carried_on;
mod causal;
pub(crate) mod clock;
pub(crate) mod content;
mod decidable;
pub(crate) mod fault;
pub(crate) mod habits;
pub(crate) mod identity;
mod kill;
pub(crate) mod noise;
pub(crate) mod push;
mod question;
pub(crate) mod random;
pub(crate) mod record;
pub(crate) mod registry;
mod repeat;
pub(crate) mod scenario;
pub(crate) mod seal;
pub(crate) mod stage;
pub(crate) mod trail;
pub(crate) mod truth;
pub(crate) mod verdict;
pub(crate) mod ways;
mod wire;

use std::collections::BTreeSet;

use self::clock::{BEGIN, HOUR, MINUTE, Millis, SECOND};
use self::record::Record;
use self::scenario::Scenario;
use self::scenario::cast::Play;
use self::trail::deliver;
use self::truth::Truth;

/// A simulated bucket and the truth of it.
pub(crate) struct World {
    /// Path below the bucket and gzipped content of every object, sorted by path.
    pub(crate) files: Vec<(String, Vec<u8>)>,
    pub(crate) truth: Truth,
}

/// How long the log goes on after the last push, so that every push is seen to have ended.
const QUIET_TAIL: Millis = 100 * MINUTE;

/// Plays `scenario`.
pub(crate) fn simulate(scenario: &Scenario, seed: u64) -> World {
    let mut play = Play::new(seed ^ scenario.salt());
    scenario.play(&mut play);
    let Play {
        mut stage,
        ways,
        delivery,
        noise_every,
        ..
    } = play;
    let mut random = stage.random.split();
    let numbers = 0..stage.calls.len();
    let mut records: Vec<Record> = numbers
        .flat_map(|number| record::records(&stage, &ways, &mut random, number))
        .collect();
    for &(at, place, aside) in &stage.asides {
        let place = &stage.registry.places[place];
        records.push(noise::aside(&mut random, place, at, aside));
    }
    let last = records
        .iter()
        .map(|record| record.time)
        .max()
        .unwrap_or(BEGIN);
    let trails: BTreeSet<(String, String)> = records
        .iter()
        .map(|record| (record.account.clone(), record.region.clone()))
        .collect();
    for (account, region) in &trails {
        let mut at = BEGIN;
        while at < last + QUIET_TAIL {
            records.push(noise::of_other_services(&mut random, account, region, at));
            at += random.within(SECOND, 2 * noise_every);
        }
    }
    for place in &stage.registry.places {
        let mut at = BEGIN + HOUR;
        while at < last {
            records.push(noise::of_ecr_itself(&mut random, place, at));
            at += random.within(30 * MINUTE, 3 * HOUR);
        }
    }
    let delivered = deliver(&mut random, &delivery, records);
    let truth = truth::truth(&stage, &ways, &delivery, &delivered);
    World {
        files: delivered.files,
        truth,
    }
}
