//! FILES -> THEIR PUSH RECORDS: the part of the files that a report needs.
//!
//! Comes in: the sorted list of files, and where to write. Goes out: every record that is an event
//! for the pipeline, one on each line and each once, in the order of the input; then one line that
//! says what else the files held. Never: a changed record, or a trace of how many threads read.
//!
//! Records are written by groups of files, so that only the texts of one group are in memory; for
//! records already written, 16 bytes each are kept.

use std::collections::HashSet;
use std::io::{self, Write};

use crate::event::Mark;
use crate::ingest::carried::{self, coverage_of};
use crate::ingest::coverage::{Coverage, plus};
use crate::ingest::ledger::Ledger;
use crate::ingest::options::ReadOptions;
use crate::ingest::pool;
use crate::ingest::progress::Progress;
use crate::ingest::reader::{CountsAs, KeepAs, Kept};
use crate::problem::Problem;
use crate::source::{Handed, Input, SourceFile, discover};
use crate::threads::Threads;

/// Bytes of files, by their listed sizes, that are read before their records are written.
const GROUP_BYTES: u64 = 64 << 20;

/// The most files of a group.
const GROUP_FILES: usize = 8192;

/// The result of an extraction.
#[derive(Clone, Debug)]
pub struct Extracted {
    /// The records written.
    pub n_records: u64,
    /// What was read and what time it covers, including the records written; its files are all
    /// [`Coverage::elsewhere`].
    pub coverage: Coverage,
    /// The defects found, by file and place.
    pub problems: Vec<Problem>,
}

/// Writes the extract of files.
///
/// # Errors
/// Only errors of `out`.
pub fn extract(
    files: &[SourceFile],
    options: &ReadOptions,
    progress: &Progress,
    out: &mut dyn Write,
) -> io::Result<Extracted> {
    pool::begin(files, progress);
    let shared = pool::share(files, options, KeepAs::Lines);
    let threads = Threads::new(options.jobs);
    let mut written = Written::default();
    let mut ledger = Ledger::default();
    for group in groups(files) {
        let shards = pool::read_files(files, group, &shared, &threads, progress);
        let mut kept = Vec::new();
        for shard in shards {
            ledger.absorb(shard.ledger);
            kept.extend(shard.kept);
        }
        kept.sort_unstable_by_key(|one| one.at);
        for one in kept {
            written.write(&one, out)?;
        }
    }
    // Written records are counted when the extract is read.
    ledger.records.push = 0;
    plus(&mut ledger.records.duplicate, written.n_copies);
    ledger.records.other -= written.n_other;
    ledger.records.seen -= written.n_push + written.n_other;
    let mut carried = ledger.carry(files);
    written.told.sort_unstable();
    carried.told = written.told;
    out.write_all(carried::write(&carried)?.as_bytes())?;
    out.write_all(b"\n")?;
    let (mut coverage, problems) = Ledger::of(carried).settle(&[], None);
    plus(&mut coverage.records.push, written.n_push);
    plus(&mut coverage.records.other, written.n_other);
    plus(&mut coverage.records.seen, written.n_push + written.n_other);
    Ok(Extracted {
        n_records: written.n_push + written.n_other,
        coverage,
        problems,
    })
}

/// The coverage line of several, one on each line, as one.
///
/// # Errors
/// A text that holds anything else.
pub fn merged(lines: String, options: &ReadOptions) -> io::Result<String> {
    let lines = Handed::new("coverage.jsonl", Box::new(io::Cursor::new(lines)));
    let files = discover(&[Input::Reader(lines)]).map_err(io::Error::other)?;
    let mut whole = Vec::new();
    extract(&files, options, &Progress::default(), &mut whole)?;
    let whole = String::from_utf8(whole).map_err(io::Error::other)?;
    let whole = whole.trim_end();
    match coverage_of(whole) {
        Some(_) => Ok(whole.to_owned()),
        None => Err(io::Error::other("there are records among coverage lines")),
    }
}

/// What was written so far.
#[derive(Default)]
struct Written {
    marks: HashSet<Mark>,
    told: Vec<u64>,
    n_push: u64,
    n_other: u64,
    /// Push events that were not written because they are copies of others.
    n_copies: u64,
}

impl Written {
    fn write(&mut self, kept: &Kept, out: &mut dyn Write) -> io::Result<()> {
        let is_new = self.marks.insert(kept.mark);
        match (kept.counts_as, is_new) {
            (CountsAs::Push, true) => self.n_push += 1,
            (CountsAs::Push, false) => self.n_copies += 1,
            (CountsAs::Other, true) => self.n_other += 1,
            (CountsAs::Other, false) => {}
        }
        if !is_new {
            return Ok(());
        }
        self.told.extend(kept.defective);
        out.write_all(kept.line.as_bytes())?;
        out.write_all(b"\n")
    }
}

/// The files in groups, in their order; a large file is a group by itself.
fn groups(files: &[SourceFile]) -> Vec<std::ops::Range<usize>> {
    let mut groups = Vec::new();
    let (mut start, mut n_bytes) = (0, 0);
    for (index, file) in files.iter().enumerate() {
        let is_full = n_bytes + file.size_bytes > GROUP_BYTES || index - start == GROUP_FILES;
        if is_full && index > start {
            groups.push(start..index);
            (start, n_bytes) = (index, 0);
        }
        n_bytes = n_bytes.saturating_add(file.size_bytes);
    }
    if start < files.len() {
        groups.push(start..files.len());
    }
    groups
}
