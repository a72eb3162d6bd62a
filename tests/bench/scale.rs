//! How the time of each stage grows with the log: ordinary logs and those made to be hard.
//!
//! Comes in: folders of logs, one a word. Goes out: for each the processor's seconds in every stage
//! (the clock's, where the system does not tell), the time an event, and the most memory in use so far.
//! Or `shapes`: of a number of generated shapes, how much longer four times as many calls take. A log
//! that comes to last longer than a login has other findings, and its pushes are drawn in full that were
//! folded before: where the reports grow by more than the log does, that much more time is theirs.
//!
//! ```text
//! cargo bench --bench scale -- DIR...
//! cargo bench --bench scale -- shapes [N] [SEED]
//! ```

use std::io;
use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use reconstruct::facts::Facts;
use reconstruct::finding::{Beyond, Context, examine};
use reconstruct::ingest::{Ingest, ReadOptions, Roles, ingest};
use reconstruct::render::{Detail, Format, Style};
use reconstruct::report::{Parts, Report};
use reconstruct::source::{Input, discover};
use reconstruct::threads::Threads;
use reconstruct::{graph, session};
use shapes::Shape;

const WINDOW: Duration = Duration::from_secs(900);

#[path = "../it/support/simulate/random.rs"]
#[expect(dead_code, reason = "worlds draw more")]
mod random;

#[expect(dead_code, reason = "the push that never ends is written as a corpus")]
#[path = "support/shapes.rs"]
mod shapes;

fn main() -> ExitCode {
    // Cargo adds `--bench` to what was typed.
    let words = std::env::args().skip(1).filter(|word| word != "--bench");
    let words: Vec<String> = words.collect();
    let number = |at: usize| words.get(at).and_then(|word| word.parse().ok());
    if words.first().is_some_and(|word| word == "shapes") {
        return shapes(number(1).unwrap_or(100), number(2).unwrap_or(1));
    }
    for folder in words {
        measure(Path::new(&folder)).print(&folder);
    }
    ExitCode::SUCCESS
}

/// The calls of the smallest log of a shape; the others have four and sixteen times as many.
const FEWEST_CALLS: u32 = 10_000;

/// The most that four times as many calls may take: a fifth above four, for what is sorted, and for noise.
const GROWTH: f64 = 5.0;

/// Prints how the time grows with each of so many shapes; fails where it grows by more than may be.
fn shapes(n_shapes: u64, first: u64) -> ExitCode {
    let folder = std::env::temp_dir().join(format!("reconstruct-shapes-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder for the logs");
    let log = folder.join("log.json");
    let mut status = ExitCode::SUCCESS;
    let mut worst: f64 = 0.0;
    for seed in first..first + n_shapes {
        let shape = Shape::drawn(seed);
        let measured_at = |times: u32| {
            let n_calls = FEWEST_CALLS * times;
            shape.write(n_calls, &log).expect("space on the disk");
            measure(&folder)
        };
        let measure_all = || [1, 4, 16].map(measured_at);
        let mut measured = measure_all();
        // A machine that had something else to do is asked once more.
        if worst_step(&measured) > GROWTH {
            measured = measure_all();
        }
        let growth = worst_step(&measured);
        let seconds = measured.iter().map(|one| one.clock.total());
        let seconds: Vec<String> = seconds.map(|seconds| format!("{seconds:.3} s")).collect();
        worst = worst.max(growth);
        println!("shape {seed}: {}, times {growth:.2}", seconds.join(", "));
        if growth > GROWTH {
            status = ExitCode::FAILURE;
            println!("{shape:?}");
            for one in &measured {
                one.print("  that many calls");
            }
        }
    }
    std::fs::remove_dir_all(&folder).expect("the folder was made here");
    println!(
        "{n_shapes} shapes from seed {first}: times {worst:.2} at the most for four times as many calls"
    );
    status
}

/// The worst growth from one log to the next.
fn worst_step(measured: &[Measured]) -> f64 {
    let steps = measured.windows(2).map(|pair| pair[0].growth(&pair[1]));
    steps.fold(0.0, f64::max)
}

/// What was measured of a log.
struct Measured {
    clock: Clock,
    n_events: usize,
    n_pushes: usize,
    n_findings: usize,
    /// The bytes of each drawing.
    written: Vec<(&'static str, u64)>,
}

fn measure(folder: &Path) -> Measured {
    let mut clock = Clock::new();
    let files = discover(&[Input::Path(folder.to_owned())]).expect("a folder of logs");
    let options = ReadOptions {
        jobs: Some(1),
        max_decoded_bytes: 1 << 32,
        verify: None,
        roles: Roles::Ignored,
    };
    let Ingest {
        log,
        coverage,
        problems,
        ..
    } = ingest(&files, &options);
    clock.lap("ingest");
    let facts = Facts::of(&log);
    let graph = graph::link(&log, &facts);
    clock.lap("link");
    let sessions = session::assemble(&log, &graph, &coverage, WINDOW, &facts);
    clock.lap("assemble");
    let findings = examine(&Context::new(
        &log,
        &graph,
        &sessions,
        &coverage,
        &files,
        &problems,
        Beyond {
            facts: &facts,
            answers: None,
        },
    ));
    clock.lap("examine");
    let threads = Threads::new(Some(1));
    let report = Report::build(Parts {
        files: &files,
        log: &log,
        coverage: &coverage,
        sessions: &sessions,
        findings: &findings,
        problems: &problems,
        window: WINDOW,
        threads: &threads,
    });
    clock.lap("build");
    let mut written = Vec::new();
    for (name, format, detail) in [
        ("summary", "text", Detail::Summary),
        ("text", "text", Detail::Normal),
        ("jsonl", "jsonl", Detail::Normal),
    ] {
        let n_written = draw(&report, format, detail);
        clock.lap(name);
        written.push((name, n_written));
    }
    Measured {
        written,
        n_events: log.events.len(),
        n_pushes: sessions.sessions.len(),
        n_findings: findings.len(),
        clock,
    }
}

impl Measured {
    /// How many times as long a log of four times as many calls took, for the same work an event and
    /// a byte of each drawing.
    fn growth(&self, longer: &Self) -> f64 {
        let drawn = self.written.iter().zip(&longer.written);
        let in_full = drawn.map(|((name, before), (_, after))| {
            let times = *after as f64 / *before as f64;
            self.clock.seconds(name) * (times / 4.0 - 1.0).max(0.0)
        });
        longer.clock.total() / (self.clock.total() + in_full.sum::<f64>())
    }

    fn print(&self, folder: &str) {
        let Self {
            clock,
            n_events,
            n_pushes,
            n_findings,
            written,
        } = self;
        let written: Vec<String> = written
            .iter()
            .map(|(name, n)| format!("{name} {n}"))
            .collect();
        println!(
            "{folder}: {n_events} events, {n_pushes} pushes, {n_findings} findings, bytes of {}",
            written.join(", ")
        );
        let per_event = |seconds: f64| seconds * 1e9 / (*n_events).max(1) as f64;
        for (name, seconds, memory) in &clock.laps {
            let each = per_event(*seconds);
            println!("  {name:9} {seconds:8.3} s {each:8.0} ns an event, peak {memory} MB");
        }
        let correlate = ["link", "assemble", "examine"].map(|name| clock.seconds(name));
        let seconds = correlate.iter().sum::<f64>();
        let each = per_event(seconds);
        println!("  correlate {seconds:8.3} s {each:8.0} ns an event");
    }
}

/// Draws the report for nobody; how many bytes it has.
fn draw(report: &Report<'_>, format: &str, detail: Detail) -> u64 {
    let style = Style {
        color: false,
        unicode: true,
        width: 100,
        detail,
        ..Style::default()
    };
    let format = Format::find(format).expect("a format");
    let mut counted = Counted(0);
    format
        .renderer
        .render(report, &style, &mut counted)
        .expect("a count takes everything");
    counted.0
}

/// Takes everything and keeps how much it was.
struct Counted(u64);

impl io::Write for Counted {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What each stage took.
struct Clock {
    since: f64,
    start: Instant,
    laps: Vec<(&'static str, f64, u64)>,
}

impl Clock {
    fn new() -> Self {
        Self {
            since: processor_seconds().unwrap_or(0.0),
            start: Instant::now(),
            laps: Vec::new(),
        }
    }

    fn lap(&mut self, name: &'static str) {
        let now = processor_seconds().unwrap_or_else(|| self.start.elapsed().as_secs_f64());
        self.laps.push((name, now - self.since, peak_megabytes()));
        self.since = now;
    }

    fn total(&self) -> f64 {
        self.laps.iter().map(|(_, seconds, _)| seconds).sum()
    }

    fn seconds(&self, name: &str) -> f64 {
        let of_name = self.laps.iter().filter(|(lap, _, _)| *lap == name);
        of_name.map(|(_, seconds, _)| seconds).sum()
    }
}

/// What the processor spent on the thread that all of this runs on, where the system tells.
fn processor_seconds() -> Option<f64> {
    // Nanoseconds first (Linux, Documentation/scheduler/sched-stats.rst).
    let status = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    let nanoseconds: f64 = status.split_whitespace().next()?.parse().ok()?;
    Some(nanoseconds / 1e9)
}

/// The most memory that was ever in use, where the system tells; else 0.
fn peak_megabytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = line.and_then(|line| line.trim().strip_suffix(" kB"));
    kilobytes.and_then(|n| n.parse().ok()).unwrap_or(0_u64) / 1000
}
