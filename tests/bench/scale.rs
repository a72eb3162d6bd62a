//! How the time of each stage grows with the log: ordinary logs and those made to be hard.
//!
//! Comes in: folders of logs, one a word. Goes out: for each the processor's seconds in every stage
//! (the clock's, where the system does not tell), the time an event, and the most memory in use so far. Run with `cargo bench --bench scale -- DIR...`.

use std::io;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use reconstruct::finding::{Context, examine};
use reconstruct::ingest::{Ingest, Options, Roles, ingest};
use reconstruct::render::{Detail, Format, Style};
use reconstruct::report::{Parts, Report};
use reconstruct::source::{Input, discover};
use reconstruct::threads::Threads;
use reconstruct::{graph, session};

const WINDOW: Duration = Duration::from_secs(900);

fn main() {
    // Cargo adds `--bench` to what was typed.
    let words = std::env::args().skip(1).filter(|word| word != "--bench");
    for folder in words {
        measure(&folder);
    }
}

fn measure(folder: &str) {
    let mut clock = Clock::new();
    let files = discover(&[Input::Path(PathBuf::from(folder))]).expect("a folder of logs");
    let options = Options {
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
    let graph = graph::link(&log);
    clock.lap("link");
    let options = session::Options { window: WINDOW };
    let sessions = session::assemble(&log, &graph, &coverage, &options);
    clock.lap("assemble");
    let findings = examine(&Context {
        log: &log,
        graph: &graph,
        sessions: &sessions,
        coverage: &coverage,
        files: &files,
        problems: &problems,
    });
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
    for (name, detail) in [("summary", Detail::Summary), ("text", Detail::Normal)] {
        draw(&report, "text", detail);
        clock.lap(name);
    }
    draw(&report, "jsonl", Detail::Normal);
    clock.lap("jsonl");
    let n_events = log.events.len();
    println!(
        "{folder}: {n_events} events, {} pushes, {} findings",
        sessions.sessions.len(),
        findings.len()
    );
    let correlate = ["link", "assemble", "examine"].map(|name| clock.seconds(name));
    for (name, seconds, memory) in &clock.laps {
        println!(
            "  {name:9} {seconds:8.3} s {:8.0} ns an event, peak {memory} MB",
            seconds * 1e9 / n_events.max(1) as f64
        );
    }
    println!(
        "  correlate {:8.3} s {:8.0} ns an event",
        correlate.iter().sum::<f64>(),
        correlate.iter().sum::<f64>() * 1e9 / n_events.max(1) as f64
    );
}

fn draw(report: &Report<'_>, format: &str, detail: Detail) {
    let style = Style {
        color: false,
        unicode: true,
        width: 100,
        detail,
    };
    let format = Format::find(format).expect("a format");
    format
        .renderer
        .render(report, &style, &mut io::sink())
        .expect("a sink takes everything");
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
