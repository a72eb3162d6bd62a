//! Measures how well pushes are recovered from simulated logs, and writes such logs for a closer look.
//!
//! ```text
//! cargo bench --bench accuracy -- list
//! cargo bench --bench accuracy -- write DIR SCENARIO SEED
//! cargo bench --bench accuracy -- measure [--seeds N] [--scenario NAME]... [--binary PATH] [--out FILE] [--verbose] [--oracle]
//! ```
//!
//! `write` leaves the bucket in `DIR/logs` and the answers in `DIR/truth.json`. `measure` runs the program on
//! every world and prints the table of accuracy; `--verbose` tells of every push that was not recovered,
//! and `--oracle` judges the truth itself in the program's place.

#[path = "../it/support/measure/mod.rs"]
mod measure;
#[path = "../it/support/simulate/mod.rs"]
mod simulate;

use std::error::Error;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use measure::explain::explain;
use measure::score::{Score, score};
use measure::table::{Row, document};
use measure::{Found, baseline, report};
use simulate::scenario::{SCENARIOS, Scenario, scenario};
use simulate::{World, simulate};

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
        ["measure", options @ ..] => {
            Options::parse(options).and_then(|options| measure_all(&options))
        }
        _ => Err("expected `list`, `write DIR SCENARIO SEED` or `measure [OPTIONS]`".into()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("accuracy: {error}");
            ExitCode::FAILURE
        }
    }
}

type Fallible<T> = Result<T, Box<dyn Error>>;

fn list() -> Fallible<()> {
    for scenario in SCENARIOS {
        writeln!(io::stdout(), "{:<20} {}", scenario.name, scenario.about)?;
    }
    Ok(())
}

fn named(name: &str) -> Fallible<&'static Scenario> {
    scenario(name).ok_or_else(|| format!("no scenario is called `{name}`; see `list`").into())
}

fn write_world(dir: &Path, name: &str, seed: &str) -> Fallible<()> {
    let world = simulate(named(name)?, seed.parse()?);
    write_logs(&dir.join("logs"), &world)?;
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

/// Writes the bucket to `dir`, in place of what was there.
fn write_logs(dir: &Path, world: &World) -> Fallible<()> {
    if dir.exists() {
        fs::remove_dir_all(dir)?;
    }
    for (path, bytes) in &world.files {
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
    is_verbose: bool,
    is_oracle: bool,
}

impl Options {
    fn parse(words: &[&str]) -> Fallible<Self> {
        let mut options = Options {
            scenarios: Vec::new(),
            n_seeds: 5,
            first_seed: 1,
            binary: PathBuf::from(env!("CARGO_BIN_EXE_reconstruct")),
            out: None,
            is_verbose: false,
            is_oracle: false,
        };
        let mut words = words.iter();
        while let Some(option) = words.next() {
            match *option {
                "--verbose" => options.is_verbose = true,
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
            "--out" => self.out = Some(PathBuf::from(value)),
            other => return Err(format!("`{other}` is no option").into()),
        }
        Ok(())
    }
}

fn measure_all(options: &Options) -> Fallible<()> {
    let dir = std::env::temp_dir().join(format!("reconstruct-accuracy-{}", std::process::id()));
    let mut rows = Vec::new();
    for scenario in &options.scenarios {
        let mut row = Row {
            name: scenario.name,
            about: scenario.about,
            n_worlds: options.n_seeds,
            ours: Score::default(),
            baseline: Score::default(),
        };
        for seed in options.first_seed..options.first_seed + options.n_seeds {
            let world = simulate(scenario, seed);
            write_logs(&dir, &world)?;
            let found = if options.is_oracle {
                Found::oracle(&world.truth)
            } else {
                reconstruct(&options.binary, &dir)?
            };
            row.ours.add(&score(&world.truth, &found));
            row.baseline
                .add(&score(&world.truth, &baseline::found(&world.files)));
            if options.is_verbose {
                let wrong = explain(&world.truth, &found);
                writeln!(io::stdout(), "=== {} seed {seed}{wrong}", scenario.name)?;
            }
        }
        rows.push(row);
    }
    fs::remove_dir_all(&dir)?;
    let text = document(&rows);
    match &options.out {
        Some(path) => fs::write(path, text)?,
        None => io::stdout().write_all(text.as_bytes())?,
    }
    Ok(())
}

/// Runs the program on a log.
fn reconstruct(binary: &Path, logs: &Path) -> Fallible<Found> {
    let output = Command::new(binary)
        .args(["--format", "json", "--fail-on", "never"])
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
