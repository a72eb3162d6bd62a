//! Measures how well pushes are recovered from simulated logs, and writes such logs for a closer look.
//!
//! ```text
//! cargo bench --bench accuracy -- list
//! cargo bench --bench accuracy -- write DIR SCENARIO SEED
//! cargo bench --bench accuracy -- pulls DIR SEED
//! cargo bench --bench accuracy -- measure [--seeds N] [--first-seed N] [--scenario NAME]... [--later]
//!     [--binary PATH] [--out FILE] [--verbose] [--misses] [--keep DIR] [--oracle]
//! ```
//!
//! `write` leaves the bucket in `DIR/logs` and the answers in `DIR/truth.json`, `pulls` likewise a world of 400 pulls. `measure` runs the program on
//! every world, on all processors, and prints the table of accuracy; `--later` chooses the scenarios that came in
//! later. `--verbose` tells of every push that was
//! not recovered, with the seed of its world, `--misses` counts them by what is wrong with them, and
//! `--keep DIR` leaves each world with a miss in `DIR/SCENARIO-SEED`: its logs, its truth and what was missed.
//! `--oracle` judges the truth itself in the program's place.
//!
//! While the program is being changed, `--profile test` builds in seconds what `cargo test` built already.

#[path = "../it/support/measure/mod.rs"]
mod measure;
#[path = "../it/support/pullers.rs"]
mod pullers;
#[path = "../it/support/simulate/mod.rs"]
mod simulate;

use std::collections::BTreeMap;
use std::error::Error;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use measure::explain::explain;
use measure::score::{Score, score};
use measure::table::{Row, document};
use measure::{Found, baseline, report};
use simulate::scenario::{SCENARIOS, Scenario, scenario};
use simulate::simulate;

fn main() -> ExitCode {
    // Cargo adds `--bench` to what was typed.
    let words: Vec<String> = std::env::args()
        .skip(1)
        .filter(|word| word != "--bench")
        .collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let done = match words.as_slice() {
        ["list"] => list(),
        ["write", dir, name, seed] => write_world(Path::new(dir), name, seed),
        ["pulls", dir, seed] => write_pulls(Path::new(dir), seed),
        ["measure", options @ ..] => {
            Options::parse(options).and_then(|options| measure_all(&options))
        }
        _ => Err(
            "expected `list`, `write DIR SCENARIO SEED`, `pulls DIR SEED` or `measure [OPTIONS]`"
                .into(),
        ),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("accuracy: {error}");
            ExitCode::FAILURE
        }
    }
}

type Fallible<T> = Result<T, Box<dyn Error + Send + Sync>>;

fn list() -> Fallible<()> {
    for scenario in SCENARIOS {
        let Scenario {
            name,
            about,
            undecidable,
            ..
        } = scenario;
        writeln!(io::stdout(), "{name:<20} {undecidable:>3} % {about}")?;
    }
    Ok(())
}

fn named(name: &str) -> Fallible<&'static Scenario> {
    scenario(name).ok_or_else(|| format!("no scenario is called `{name}`; see `list`").into())
}

fn write_world(dir: &Path, name: &str, seed: &str) -> Fallible<()> {
    let world = simulate(named(name)?, seed.parse()?);
    write_logs(&dir.join("logs"), &world.files)?;
    fs::write(
        dir.join("truth.json"),
        serde_json::to_string_pretty(&world.truth.to_json())?,
    )?;
    println!(
        "{} files, {} pushes, {} push events",
        world.files.len(),
        world.truth.pushes.len(),
        world.truth.events.len()
    );
    Ok(())
}

/// Writes the logs of pulls, and what each pull was.
fn write_pulls(dir: &Path, seed: &str) -> Fallible<()> {
    let world = pullers::pullers(seed.parse()?, 400);
    write_logs(&dir.join("logs"), &world.files)?;
    let truth = world.pulls.iter().map(|pull| {
        serde_json::json!({
            "client": pull.client,
            "events": pull.events,
            "digest": pull.digest,
            "arn": pull.arn,
            "address": pull.address,
            "is_open": pull.is_open,
        })
    });
    let truth: Vec<serde_json::Value> = truth.collect();
    fs::write(
        dir.join("truth.json"),
        serde_json::to_string_pretty(&truth)?,
    )?;
    println!("{} files, {} pulls", world.files.len(), truth.len());
    Ok(())
}

/// Writes the bucket to `dir`, in place of what was there.
fn write_logs(dir: &Path, files: &[(String, Vec<u8>)]) -> Fallible<()> {
    if dir.exists() {
        fs::remove_dir_all(dir)?;
    }
    for (path, bytes) in files {
        let path = dir.join(path);
        fs::create_dir_all(path.parent().expect("every object has a folder"))?;
        fs::write(path, bytes)?;
    }
    Ok(())
}

struct Options {
    scenarios: Vec<&'static Scenario>,
    n_seeds: u64,
    first_seed: u64,
    binary: PathBuf,
    out: Option<PathBuf>,
    keep: Option<PathBuf>,
    is_verbose: bool,
    counts_misses: bool,
    is_oracle: bool,
}

/// What became of one world.
struct Played {
    ours: Score,
    baseline: Score,
    misses: String,
}

impl Options {
    fn parse(words: &[&str]) -> Fallible<Self> {
        let mut options = Options {
            scenarios: Vec::new(),
            n_seeds: 5,
            first_seed: 1,
            binary: PathBuf::from(env!("CARGO_BIN_EXE_reconstruct")),
            out: None,
            keep: None,
            is_verbose: false,
            counts_misses: false,
            is_oracle: false,
        };
        let mut words = words.iter();
        while let Some(option) = words.next() {
            match *option {
                "--verbose" => options.is_verbose = true,
                "--later" => options
                    .scenarios
                    .extend(SCENARIOS.iter().filter(|scenario| scenario.is_later)),
                "--misses" => options.counts_misses = true,
                "--oracle" => options.is_oracle = true,
                _ => options.set(option, words.next())?,
            }
        }
        if options.scenarios.is_empty() {
            options.scenarios = SCENARIOS.iter().collect();
        }
        Ok(options)
    }

    fn set(&mut self, option: &str, value: Option<&&str>) -> Fallible<()> {
        let value = value.ok_or_else(|| format!("`{option}` wants a value"))?;
        match option {
            "--seeds" => self.n_seeds = value.parse()?,
            "--first-seed" => self.first_seed = value.parse()?,
            "--scenario" => self.scenarios.push(named(value)?),
            "--binary" => self.binary = PathBuf::from(value),
            "--keep" => self.keep = Some(PathBuf::from(value)),
            "--out" => self.out = Some(PathBuf::from(value)),
            other => return Err(format!("`{other}` is no option").into()),
        }
        Ok(())
    }
}

fn measure_all(options: &Options) -> Fallible<()> {
    let seeds = options.first_seed..options.first_seed + options.n_seeds;
    let worlds: Vec<(&Scenario, u64)> = options
        .scenarios
        .iter()
        .flat_map(|&scenario| seeds.clone().map(move |seed| (scenario, seed)))
        .collect();
    let played = play_all(options, &worlds)?;
    let mut rows: Vec<Row> = Vec::new();
    let mut misses: BTreeMap<(&str, String), usize> = BTreeMap::new();
    for (&(scenario, seed), played) in worlds.iter().zip(&played) {
        if rows.last().is_none_or(|row| row.name != scenario.name) {
            rows.push(Row {
                name: scenario.name,
                about: scenario.about,
                n_worlds: options.n_seeds,
                ours: Score::default(),
                baseline: Score::default(),
            });
        }
        let row = rows.last_mut().expect("just pushed");
        row.ours.add(&played.ours);
        row.baseline.add(&played.baseline);
        if options.is_verbose {
            writeln!(
                io::stdout(),
                "=== {} seed {seed}{}",
                scenario.name,
                played.misses
            )?;
        }
        for kind in kinds_of_misses(&played.misses) {
            *misses.entry((scenario.name, kind)).or_default() += 1;
        }
    }
    if options.counts_misses {
        for ((scenario, kind), n) in misses {
            writeln!(io::stdout(), "{n:>6}  {scenario:<20} {kind}")?;
        }
    }
    let text = document(&rows);
    match &options.out {
        Some(path) => fs::write(path, text)?,
        None => io::stdout().write_all(text.as_bytes())?,
    }
    Ok(())
}

/// Plays the worlds on all processors; what comes of them stands in their order.
fn play_all(options: &Options, worlds: &[(&Scenario, u64)]) -> Fallible<Vec<Played>> {
    let dir = std::env::temp_dir().join(format!("reconstruct-accuracy-{}", std::process::id()));
    let next = AtomicUsize::new(0);
    let work = |worker: usize| -> Fallible<Vec<(usize, Played)>> {
        let mut done = Vec::new();
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            let Some(&(scenario, seed)) = worlds.get(number) else {
                return Ok(done);
            };
            let dir = dir.join(worker.to_string());
            done.push((number, play(options, &dir, scenario, seed)?));
        }
    };
    let n_workers = thread::available_parallelism()?.get();
    let results: Vec<Fallible<Vec<(usize, Played)>>> = thread::scope(|scope| {
        let work = &work;
        let workers: Vec<_> = (0..n_workers)
            .map(|worker| scope.spawn(move || work(worker)))
            .collect();
        workers
            .into_iter()
            .map(|worker| worker.join().expect("a world panicked"))
            .collect()
    });
    if dir.exists() {
        fs::remove_dir_all(&dir)?;
    }
    let mut all = Vec::new();
    for result in results {
        all.extend(result?);
    }
    all.sort_by_key(|(number, _)| *number);
    Ok(all.into_iter().map(|(_, played)| played).collect())
}

/// Plays one world and judges what is found in its log, which is written to `dir`.
fn play(options: &Options, dir: &Path, scenario: &Scenario, seed: u64) -> Fallible<Played> {
    let world = simulate(scenario, seed);
    let found = if options.is_oracle {
        Found::oracle(&world.truth)
    } else {
        write_logs(dir, &world.files)?;
        reconstruct(&options.binary, dir)?
    };
    let misses = explain(&world.truth, &found);
    if let Some(keep) = options.keep.as_ref().filter(|_| !misses.is_empty()) {
        let kept = keep.join(format!("{}-{seed}", scenario.name));
        write_logs(&kept.join("logs"), &world.files)?;
        let truth = serde_json::to_string_pretty(&world.truth.to_json())?;
        fs::write(kept.join("truth.json"), truth)?;
        fs::write(kept.join("misses.txt"), &misses)?;
    }
    Ok(Played {
        ours: score(&world.truth, &found),
        baseline: score(&world.truth, &baseline::found(&world.files)),
        misses,
    })
}

/// The first words of what is wrong with each push, one for each thing.
fn kinds_of_misses(misses: &str) -> Vec<String> {
    let mut kinds = Vec::new();
    for line in misses.lines() {
        if let Some(wrong) = line.trim_start().strip_prefix("wrong ") {
            let faults = wrong.trim().split("; ");
            kinds.extend(faults.map(|fault| {
                let is_loud = |word: &&str| {
                    word.chars()
                        .all(|letter| letter.is_uppercase() || letter == '-')
                };
                let n_words = if fault.starts_with("NOISE") || fault.starts_with("STATUS") {
                    4
                } else {
                    fault.split(' ').take_while(is_loud).count().max(1)
                };
                fault.split(' ').take(n_words).collect::<Vec<_>>().join(" ")
            }));
        } else if let Some(word) = line.split(' ').next()
            && ["ALARM", "SPURIOUS", "ORDER", "UNPLACED"].contains(&word)
        {
            kinds.push(word.to_owned());
        }
    }
    kinds
}

/// Runs the program on a log.
fn reconstruct(binary: &Path, logs: &Path) -> Fallible<Found> {
    let output = Command::new(binary)
        .args(["--format", "json", "--fail-on", "never", "--jobs", "1"])
        .arg(logs)
        .output()?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(format!(
            "`{}` ended with {}: {said}",
            binary.display(),
            output.status
        )
        .into());
    }
    Ok(report::found(&serde_json::from_slice(&output.stdout)?)?)
}
