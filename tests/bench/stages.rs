//! How fast each stage is, on logs of its own: bytes or events a second.
//!
//! Comes in: nothing; the logs are made in a temporary folder. Goes out: a table by divan, fastest,
//! slowest and median of many runs. Run with `cargo bench --bench stages [-- NAME]`.

#[path = "support/corpus.rs"]
mod corpus;

use std::io;
use std::path::PathBuf;
use std::sync::LazyLock;
use std::time::Duration;

use divan::Bencher;
use divan::counter::{BytesCount, ItemsCount};
use reconstruct::event::{Callers, EventLog, Tables, parse};
use reconstruct::facts::Facts;
use reconstruct::finding::{Beyond, Context, Finding, examine};
use reconstruct::graph::{self, EventGraph};
use reconstruct::ingest::{Coverage, Ingest, ReadOptions, Roles, ingest};
use reconstruct::location::FileId;
use reconstruct::record::{Piece, RawRecord, split};
use reconstruct::render::{Detail, Format, Style};
use reconstruct::report::{Parts, Report};
use reconstruct::session::{self, Sessions};
use reconstruct::source::{Decoded, Decoder, Input, SourceFile, discover};
use reconstruct::threads::Threads;

/// MB of JSON of each kind of log.
const MEGABYTES: u64 = 25;

const WINDOW: Duration = Duration::from_secs(900);

/// The kinds of log that reading is measured on.
const KINDS: [&str; 3] = ["none", "two-percent", "all"];

fn main() {
    divan::main();
}

/// A log on disk, written once.
struct Logs {
    folder: PathBuf,
    files: Vec<SourceFile>,
    n_bytes: u64,
}

impl Logs {
    fn of(kind: &str) -> Self {
        let name = format!("reconstruct-stages-{}-{kind}", std::process::id());
        let folder: PathBuf = std::env::temp_dir().join(name);
        let plan = corpus::Plan::of(kind, MEGABYTES).expect("a kind of log");
        let n_bytes = plan.write(&folder).expect("space on the disk");
        let files = discover(&[Input::Path(folder.clone())]).expect("the logs just written");
        Self {
            folder,
            files,
            n_bytes,
        }
    }
}

impl Drop for Logs {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// Everything that correlation makes of a log of pushes and nothing else.
struct Correlated {
    files: Vec<SourceFile>,
    log: EventLog,
    coverage: Coverage,
    graph: EventGraph,
    sessions: Sessions,
    findings: Vec<Finding>,
}

fn beyond<'a>(facts: &'a Facts<'a>) -> Beyond<'a> {
    Beyond {
        facts,
        answers: None,
    }
}

static CORRELATED: LazyLock<Correlated> = LazyLock::new(|| {
    let logs = Logs::of("all");
    let Ingest { log, coverage, .. } = ingest(&logs.files, &one_thread());
    let facts = Facts::of(&log);
    let graph = graph::link(&log, &facts);
    let sessions = session::assemble(&log, &graph, &coverage, WINDOW, &facts);
    let findings = examine(&Context::new(
        &log,
        &graph,
        &sessions,
        &coverage,
        &logs.files,
        &[],
        beyond(&facts),
    ));
    Correlated {
        files: logs.files.clone(),
        log,
        coverage,
        graph,
        sessions,
        findings,
    }
});

fn one_thread() -> ReadOptions {
    ReadOptions {
        jobs: Some(1),
        max_decoded_bytes: 1 << 32,
        verify: None,
        roles: Roles::Ignored,
    }
}

/// The decoded bytes of all files of a log.
fn decoded(logs: &Logs) -> Vec<Vec<u8>> {
    let mut decoder = Decoder::default();
    let bytes = logs
        .files
        .iter()
        .map(|file| match decoder.decode(file, 1 << 32) {
            Ok(Decoded::Whole { bytes, .. }) => bytes.to_vec(),
            Ok(Decoded::Pieces(_) | Decoded::Archive(_)) | Err(_) => panic!("a small sound file"),
        });
    bytes.collect()
}

#[divan::bench(args = KINDS)]
fn decode(bencher: Bencher<'_, '_>, kind: &str) {
    let logs = Logs::of(kind);
    let mut decoder = Decoder::default();
    bencher
        .counter(BytesCount::new(logs.n_bytes))
        .bench_local(|| {
            for file in &logs.files {
                divan::black_box(decoder.decode(file, 1 << 32).is_ok());
            }
        });
}

#[divan::bench(args = KINDS)]
fn split_records(bencher: Bencher<'_, '_>, kind: &str) {
    let logs = Logs::of(kind);
    let decoded = decoded(&logs);
    bencher
        .counter(BytesCount::new(logs.n_bytes))
        .bench_local(|| {
            let mut n_records = 0;
            for bytes in &decoded {
                split(bytes, &mut |piece| {
                    n_records += u64::from(matches!(piece, Piece::Record { .. }));
                });
            }
            n_records
        });
}

#[divan::bench]
fn parse_records(bencher: Bencher<'_, '_>) {
    let logs = Logs::of("all");
    let decoded = decoded(&logs);
    let mut records = Vec::new();
    for bytes in &decoded {
        split(bytes, &mut |piece| {
            if let Piece::Record {
                bytes, span, index, ..
            } = piece
            {
                let text = std::str::from_utf8(bytes).expect("text");
                records.push(RawRecord { text, span, index });
            }
        });
    }
    bencher
        .counter(ItemsCount::new(records.len()))
        .bench_local(|| {
            let (mut tables, mut callers) = (Tables::default(), Callers::default());
            let mut defects = Vec::new();
            for record in &records {
                divan::black_box(parse(
                    FileId(0),
                    record,
                    &mut tables,
                    &mut callers,
                    &mut defects,
                ));
            }
            defects.len()
        });
}

#[divan::bench(args = KINDS)]
fn ingest_files(bencher: Bencher<'_, '_>, kind: &str) {
    let logs = Logs::of(kind);
    bencher
        .counter(BytesCount::new(logs.n_bytes))
        .bench_local(|| ingest(&logs.files, &one_thread()).log.events.len());
}

#[divan::bench]
fn link(bencher: Bencher<'_, '_>) {
    let made = &*CORRELATED;
    bencher
        .counter(ItemsCount::new(made.log.events.len()))
        .bench_local(|| graph::link(&made.log, &Facts::of(&made.log)));
}

#[divan::bench]
fn assemble(bencher: Bencher<'_, '_>) {
    let made = &*CORRELATED;
    bencher
        .counter(ItemsCount::new(made.log.events.len()))
        .bench_local(|| {
            let facts = Facts::of(&made.log);
            session::assemble(&made.log, &made.graph, &made.coverage, WINDOW, &facts)
        });
}

#[divan::bench]
fn examine_sessions(bencher: Bencher<'_, '_>) {
    let made = &*CORRELATED;
    bencher
        .counter(ItemsCount::new(made.log.events.len()))
        .bench_local(|| {
            let facts = Facts::of(&made.log);
            examine(&Context::new(
                &made.log,
                &made.graph,
                &made.sessions,
                &made.coverage,
                &made.files,
                &[],
                beyond(&facts),
            ))
        });
}

#[divan::bench(args = ["summary", "text", "json", "jsonl"])]
fn report(bencher: Bencher<'_, '_>, what: &str) {
    let made = &*CORRELATED;
    let (format, detail) = match what {
        "summary" => ("text", Detail::Summary),
        format => (format, Detail::Normal),
    };
    let format = Format::find(format).expect("a format");
    let style = Style {
        color: false,
        unicode: true,
        width: 100,
        detail,
        ..Style::default()
    };
    bencher
        .counter(ItemsCount::new(made.log.events.len()))
        .bench_local(|| {
            let threads = Threads::new(Some(1));
            let report = Report::build(Parts {
                files: &made.files,
                log: &made.log,
                coverage: &made.coverage,
                sessions: &made.sessions,
                findings: &made.findings,
                problems: &[],
                window: WINDOW,
                threads: &threads,
            });
            let drawn = format.renderer.render(&report, &style, &mut io::sink());
            drawn.expect("a sink takes everything");
        });
}
