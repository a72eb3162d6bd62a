//! Damaged logs through the whole program, and what has to hold of every one of them.
//!
//! In: a number of records or files to damage, and a seed. Out: what was tried, or the first thing that
//! went wrong: a panic, a hang, counts that do not balance, a sound record that was not used. Which
//! records are sound is known from how a log was made, never from the program.

pub(crate) mod audit;
pub(crate) mod damage;
pub(crate) mod files;
pub(crate) mod mutate;
pub(crate) mod records;

use std::any::Any;
use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::logs::Logs;
use super::script::Files;
use super::simulate::random::Random;
use super::simulate::scenario::scenario;
use super::simulate::simulate;

/// The longest that the program may take for one log of these sizes.
const PATIENCE: Duration = Duration::from_secs(10);

/// The calls that a push consists of.
const PUSH_CALLS: [&str; 6] = [
    "GetAuthorizationToken",
    "BatchCheckLayerAvailability",
    "InitiateLayerUpload",
    "UploadLayerPart",
    "CompleteLayerUpload",
    "PutImage",
];

/// What the `eventID`s of records begin with that stand inside of others and are none.
const FORGED: &str = "forged-";

/// What was tried.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Tried {
    /// Logs that the program read.
    pub(crate) runs: u64,
    /// Files in them.
    pub(crate) files: u64,
    /// Damaged files or records among what was read.
    pub(crate) damaged: u64,
    /// Push events that had to be found, and were.
    pub(crate) sound: u64,
    /// Records that the program counted as malformed.
    pub(crate) malformed: u64,
    /// Problems that it told of.
    pub(crate) problems: u64,
    /// Bytes as they lay on the disk.
    pub(crate) bytes: u64,
    /// The longest run.
    pub(crate) longest: Duration,
}

/// A record of the simulator's, as text.
pub(crate) struct Sound {
    pub(crate) text: String,
    pub(crate) value: Value,
    /// Its `eventID`, if it is of a push.
    pub(crate) push: Option<String>,
}

/// A way to damage logs.
pub(crate) struct Torture {
    /// The simulated worlds that records are taken from.
    worlds: &'static [&'static str],
    /// Logs made of the records of a world; what is damaged is chosen anew for each.
    n_logs: usize,
    /// Makes a log of records, and tells which `eventID`s have to be found in it.
    log: fn(&mut Random, &[Sound], &mut BTreeSet<String>, &mut Tried) -> Files,
}

impl Torture {
    /// Damages so much, and has the program read it beside what is sound.
    pub(crate) fn run(
        &self,
        n_damaged: u64,
        seed: u64,
        progress: &mut dyn FnMut(&Tried),
    ) -> Result<Tried, String> {
        let mut tried = Tried::default();
        let mut random = Random::new(seed);
        loop {
            let world = *random.pick(self.worlds);
            let mut records = sound_records(world, random.next());
            for _ in 0..self.n_logs {
                if tried.damaged >= n_damaged {
                    return Ok(tried);
                }
                let begun = tried.damaged;
                random.shuffle(&mut records);
                let mut expected = BTreeSet::new();
                let files = (self.log)(&mut random, &records, &mut expected, &mut tried);
                run(&files, &expected, &mut tried)
                    .map_err(|what| kept(&files, &format!("{world}, after {begun}: {what}")))?;
                progress(&tried);
            }
        }
    }
}

/// Keeps a log that something is wrong with, to be looked at; says where.
fn kept(files: &Files, what: &str) -> String {
    let root = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("torture-failed");
    let _ = std::fs::remove_dir_all(&root);
    for (name, bytes) in files {
        let path = root.join(name);
        let folder = path.parent().map(std::fs::create_dir_all);
        if folder.is_some_and(|made| made.is_err()) || std::fs::write(path, bytes).is_err() {
            return format!("{what}\nand the log could not be kept");
        }
    }
    format!("{what}\nthe log is in {}", root.display())
}

/// All records of a simulated world, each `eventID` once.
pub(crate) fn sound_records(name: &str, seed: u64) -> Vec<Sound> {
    let world = simulate(scenario(name).expect("a scenario of that name"), seed);
    let mut seen = BTreeSet::new();
    let mut records = Vec::new();
    for (path, content) in &world.files {
        if !path.contains("/CloudTrail/") {
            continue;
        }
        let file: Value =
            serde_json::from_slice(&super::script::damage::decoded(content)).expect("a sound file");
        for value in file["Records"].as_array().into_iter().flatten() {
            let id = value["eventID"].as_str().unwrap_or_default();
            if seen.insert(id.to_owned()) {
                // Of twins one is kept, and it may be the damaged one.
                let is_twin = value.get("sharedEventID").is_some();
                records.push(Sound {
                    text: value.to_string(),
                    push: (is_push(value) && !is_twin).then(|| id.to_owned()),
                    value: value.clone(),
                });
            }
        }
    }
    records
}

fn is_push(record: &Value) -> bool {
    let is = |member: &str, of: &[&str]| {
        record[member]
            .as_str()
            .is_some_and(|text| of.contains(&text))
    };
    is(
        "eventSource",
        &["ecr.amazonaws.com", "ecr-public.amazonaws.com"],
    ) && is("eventName", &PUSH_CALLS)
}

/// A record that carries another where a caller can put it; the other is none.
pub(crate) fn with_trap(random: &mut Random, record: &Value) -> Value {
    let mut inner = record.clone();
    inner["eventID"] = json!(format!("{FORGED}{}", random.next()));
    inner["eventSource"] = json!("ecr.amazonaws.com");
    inner["eventName"] = json!("PutImage");
    let trap = match random.index(5) {
        0 => inner,
        1 => json!({ "Records": [inner] }),
        2 => json!([inner, { "Events": [{ "CloudTrailEvent": inner.to_string() }] }]),
        3 => json!(format!("\n{inner}\n")),
        _ => json!({ "message": inner.to_string(), "event": { "original": inner.to_string() } }),
    };
    let mut record = record.clone();
    record["additionalEventData"] = trap;
    record
}

/// Has the program read a log, and holds the report against what has to be in it.
pub(crate) fn run(
    files: &Files,
    expected: &BTreeSet<String>,
    tried: &mut Tried,
) -> Result<(), String> {
    let logs = Logs::new(files);
    let args = ["--format", "json", "--fail-on", "never", "--jobs", "2"];
    let timed = || {
        let begun = Instant::now();
        let run = catch_unwind(AssertUnwindSafe(|| logs.run(&args)))
            .map_err(|panic| format!("panic: {}", words(&*panic)))?;
        Ok::<_, String>((begun.elapsed(), run))
    };
    let (mut took, mut run) = timed()?;
    // The machine may have been at something else, but hardly so often.
    for _ in 0..3 {
        if took > PATIENCE {
            (took, run) = timed()?;
        }
    }
    if took > PATIENCE {
        return Err(format!("took {took:?}"));
    }
    if run.status != 0 {
        return Err(format!("status {}: {}", run.status, run.stderr));
    }
    let report: Value =
        serde_json::from_str(&run.stdout).map_err(|error| format!("no JSON: {error}"))?;
    audit::balance(&report)?;
    let events = audit::partition(&report)?;
    if let Some(id) = events.iter().find(|id| id.starts_with(FORGED)) {
        return Err(format!("{id} was taken for a record"));
    }
    let lost: Vec<&String> = expected
        .iter()
        .filter(|id| !events.contains(id.as_str()))
        .collect();
    if let Some(first) = lost.first() {
        return Err(format!(
            "{} sound records lost, such as {first}",
            lost.len()
        ));
    }
    tried.runs += 1;
    tried.files += files.len() as u64;
    tried.sound += expected.len() as u64;
    tried.bytes += files
        .iter()
        .map(|(_, bytes)| bytes.len() as u64)
        .sum::<u64>();
    tried.malformed += audit::count(&report, "malformed");
    tried.problems += report["problems"].as_array().map_or(0, Vec::len) as u64;
    tried.longest = tried.longest.max(took);
    Ok(())
}

/// What a panic said.
fn words(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or("without a word")
}
