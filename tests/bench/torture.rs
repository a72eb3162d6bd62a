//! Has the program read a million damaged records, ten thousand damaged files, and logs that a forger added
//! calls to; and has runs on a state killed while files come in any order.
//!
//! ```text
//! cargo bench --bench torture -- records [N] [SEED]
//! cargo bench --bench torture -- files [N] [SEED]
//! cargo bench --bench torture -- forgers [SEEDS]
//! cargo bench --bench torture -- state [SCHEDULES] [KILLS]
//! ```
//!
//! What must hold of each log is said in `tests/it/support/torture/` and `tests/it/support/forger.rs`; the first
//! that does not ends the run of damaged logs; a log that breaks what must hold is kept. What was tried is printed, with the most memory that was ever in use.

#[expect(dead_code, reason = "standard input is for tests")]
#[path = "../it/support/run.rs"]
mod run;

#[expect(dead_code, reason = "what is read is judged here, not shown")]
#[path = "../it/support/logs.rs"]
mod logs;

#[expect(dead_code, reason = "scripts are for tests")]
#[path = "../it/support/script/mod.rs"]
mod script;

#[expect(
    dead_code,
    reason = "the truth of the worlds is for the measure of accuracy"
)]
#[path = "../it/support/simulate/mod.rs"]
mod simulate;

#[path = "../it/support/torture/mod.rs"]
mod torture;

#[path = "../it/support/forger.rs"]
mod forger;

#[expect(dead_code, reason = "names are for tests")]
#[path = "../it/support/folder.rs"]
mod folder;

#[expect(dead_code, reason = "single steps are for tests")]
#[path = "../it/support/deliveries.rs"]
mod deliveries;

use std::process::ExitCode;
use std::time::Instant;

use deliveries::{Delivered, Deliveries};
use forger::{Forger, Tried as Forged};
use torture::{Tried, files, records};

/// The seed of the figures in `docs/reliability.md`.
const SEED: u64 = 1;

fn main() -> ExitCode {
    // Cargo adds `--bench` to what was typed.
    let words: Vec<String> = std::env::args()
        .skip(1)
        .filter(|word| word != "--bench")
        .collect();
    let number = |at: usize, default: u64| {
        words
            .get(at)
            .and_then(|word| word.parse().ok())
            .unwrap_or(default)
    };
    // What is caught is told with the log that it comes of.
    let begun = Instant::now();
    let mut shown = Instant::now();
    let mut progress = |tried: &Tried| {
        if shown.elapsed().as_secs() >= 10 {
            shown = Instant::now();
            eprintln!("{} s: {tried:?}", begun.elapsed().as_secs());
        }
    };
    if words.first().map(String::as_str) == Some("forgers") {
        return forgers(number(1, 20));
    }
    if words.first().map(String::as_str) == Some("state") {
        return states(number(1, 2_000), number(2, 300));
    }
    let seed = number(2, SEED);
    let tried = match words.first().map(String::as_str) {
        Some("records") => records::RECORDS.run(number(1, 1_000_000), seed, &mut progress),
        Some("files") => files::DAMAGED_FILES.run(number(1, 10_000), seed, &mut progress),
        _ => {
            Err("expected `records [N] [SEED]`, `files [N] [SEED]`, `forgers [SEEDS]` or `state [SCHEDULES] [KILLS]`".to_owned())
        }
    };
    match tried {
        Ok(tried) => {
            print(&tried, begun);
            ExitCode::SUCCESS
        }
        Err(what) => {
            eprintln!("torture: {what}");
            ExitCode::FAILURE
        }
    }
}

/// The worlds that forgers add calls to.
const FORGED: [&str; 10] = [
    "mixed",
    "later-mixed",
    "parallel-jobs",
    "killed-and-rerun",
    "refused-manifest",
    "refused-layer",
    "refused-as-eof",
    "side-by-side",
    "multi-platform",
    "hot-repository",
];

/// Calls that a forger adds to each of them.
const ADDED: usize = 350;

/// Has every kind of forger add calls to every world of so many seeds, and prints what was compared.
fn forgers(n_seeds: u64) -> ExitCode {
    let mut status = ExitCode::SUCCESS;
    for forger in Forger::ALL {
        let begun = Instant::now();
        let mut sum = Forged::default();
        let mut n_broken = 0_u64;
        for (seed, name) in (1..=n_seeds).flat_map(|seed| FORGED.map(|name| (seed, name))) {
            let scenario = simulate::scenario::scenario(name).expect("a scenario of that name");
            let forged = forger::forged(scenario, seed, forger, ADDED);
            match forged.compare() {
                Ok(tried) => sum.add(tried),
                Err(what) => {
                    eprintln!("torture: {what}");
                    keep(&format!("{name}-{seed}-{forger:?}"), &forged.after);
                    n_broken += 1;
                    status = ExitCode::FAILURE;
                }
            }
        }
        let took = begun.elapsed().as_secs();
        println!("{forger:?}: {sum:?}, {n_broken} logs that broke the law, {took} s");
    }
    status
}

/// The worlds whose files come in any order.
const DELIVERED: [&str; 5] = [
    "mixed",
    "killed-and-rerun",
    "refused-layer",
    "parallel-jobs",
    "side-by-side",
];

/// Schedules that one world is delivered by.
const SCHEDULES_OF_A_WORLD: u64 = 50;

/// Plays so many schedules of deliveries and runs that end early, and kills the program so many times.
fn states(n_schedules: u64, n_kills: u64) -> ExitCode {
    let begun = Instant::now();
    let mut sum = Delivered::default();
    for first in (0..n_schedules).step_by(SCHEDULES_OF_A_WORLD as usize) {
        let world = first / SCHEDULES_OF_A_WORLD;
        let name = DELIVERED[world as usize % DELIVERED.len()];
        let deliveries = Deliveries::new(name, world);
        for schedule in first..n_schedules.min(first + SCHEDULES_OF_A_WORLD) {
            match deliveries.play(schedule) {
                Ok(tried) => sum.add(tried),
                Err(what) => {
                    eprintln!("torture: {name}, seed {world}, schedule {schedule}: {what}");
                    return ExitCode::FAILURE;
                }
            }
        }
    }
    println!("{sum:?}, {} s", begun.elapsed().as_secs());
    let begun = Instant::now();
    let deliveries = Deliveries::new("mixed", SEED);
    match deliveries.kill_the_program(env!("CARGO_BIN_EXE_reconstruct"), n_kills, SEED) {
        Ok(tried) => {
            println!("{tried:?}, {} s", begun.elapsed().as_secs());
            ExitCode::SUCCESS
        }
        Err(what) => {
            eprintln!("torture: {what}");
            ExitCode::FAILURE
        }
    }
}

fn print(tried: &Tried, begun: Instant) {
    println!("logs read                  {}", tried.runs);
    println!("files in them              {}", tried.files);
    println!("bytes on the disk          {}", tried.bytes);
    println!("damaged records or files   {}", tried.damaged);
    println!("sound push events beside   {}, all found", tried.sound);
    println!("counted as malformed       {}", tried.malformed);
    println!("problems told of           {}", tried.problems);
    println!("panics, losses, imbalances 0");
    println!("longest run                {:?}", tried.longest);
    println!(
        "peak memory                {} MB, the simulator's included",
        peak_megabytes()
    );
    println!("all of it took             {} s", begun.elapsed().as_secs());
}

/// The most memory that was ever in use, where the system tells; else 0.
fn peak_megabytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = line.and_then(|line| line.trim().strip_suffix(" kB"));
    kilobytes.and_then(|n| n.parse().ok()).unwrap_or(0_u64) / 1000
}

/// Writes a log that broke the law to where it can be looked at.
fn keep(name: &str, files: &script::Files) {
    let dir = std::env::temp_dir().join("reconstruct-forged").join(name);
    let kept = files.iter().try_for_each(|(path, content)| {
        let path = dir.join(path);
        std::fs::create_dir_all(path.parent().unwrap_or(&dir))?;
        std::fs::write(path, content)
    });
    match kept {
        Ok(()) => eprintln!("torture: it is kept in {}", dir.display()),
        Err(error) => eprintln!("torture: it is not kept: {error}"),
    }
}
