//! Reads all files with as many threads as wanted.
//!
//! Comes in: the sorted list of files. Goes out: one shard for each thread. Never: anything in the
//! union of the shards that depends on the number of threads or on which of them read what.

use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, mpsc};

use crate::ingest::options::ReadOptions;
use crate::ingest::prefetch::{self, Prefetch, Turn};
use crate::ingest::prefilter::Prefilter;
use crate::ingest::progress::Progress;
use crate::ingest::reader::{KeepAs, Shard, Shared, read};
use crate::location::FileId;
use crate::source::digest_file::bare_name;
use crate::source::{Decoder, Found, SourceFile};
use crate::threads::Threads;

/// Reads every file.
#[must_use]
pub fn map_files(
    files: &[SourceFile],
    options: &ReadOptions,
    threads: &Threads,
    progress: &Progress,
) -> Vec<Shard> {
    begin(files, progress);
    let shared = share(files, options, KeepAs::Events);
    read_files(files, 0..files.len(), &shared, threads, progress)
}

/// Tells `progress` how much there is to read.
pub(super) fn begin(files: &[SourceFile], progress: &Progress) {
    let opened = || files.iter().filter(|file| is_opened(file));
    let all_bytes = opened().map(|file| file.size_bytes);
    let all_bytes = all_bytes.fold(0, u64::saturating_add);
    progress.begin(opened().count() as u64, all_bytes);
}

/// Whether a file is opened at all; the others take no time, and would make any rate too high.
fn is_opened(file: &SourceFile) -> bool {
    matches!(file.found, Found::Readable(_))
}

/// What all readers of some files share.
pub(super) fn share<'a>(
    files: &'a [SourceFile],
    options: &ReadOptions,
    keep: KeepAs,
) -> Shared<'a> {
    Shared {
        keep,
        limit: options.max_decoded_bytes,
        roles: options.roles,
        pulls: options.pulls,
        hashes: options.verify.is_some(),
        prefilter: Prefilter::new(options.roles, options.pulls),
        present: files
            .iter()
            .filter(|file| file.is_regular())
            .map(|file| bare_name(&file.name))
            .collect(),
        has_archives: files.iter().any(|file| file.name.ends_with(".zip")),
    }
}

/// Reads some of the files, the largest first, so that no large file is started late and waited for.
///
/// Each thread takes the next file as soon as it has finished one, and reads it into its own shard
/// with its own buffers. Further threads, which only wait for the network, fetch objects ahead.
pub(super) fn read_files(
    files: &[SourceFile],
    which: Range<usize>,
    shared: &Shared<'_>,
    threads: &Threads,
    progress: &Progress,
) -> Vec<Shard> {
    let mut order: Vec<usize> = which.clone().collect();
    order.sort_by_key(|&index| std::cmp::Reverse(files[index].size_bytes));
    let Some(connections) = prefetch::connections(&files[which]) else {
        let next = AtomicUsize::new(0);
        return threads.each(|| {
            let take = || order.get(next.fetch_add(1, Ordering::Relaxed));
            read_all(files, shared, progress, || {
                take().map(|&index| Turn::at_hand(index))
            })
        });
    };
    let prefetch = Prefetch::new(files, &order);
    std::thread::scope(|scope| {
        let (sender, turns) = mpsc::sync_channel(connections);
        for _ in 0..connections {
            let (prefetch, sender) = (&prefetch, sender.clone());
            scope.spawn(move || prefetch.fetch(&sender));
        }
        drop(sender);
        let turns = Mutex::new(turns);
        threads.each(|| {
            let take = || turns.lock().ok()?.recv().ok();
            read_all(files, shared, progress, take)
        })
    })
}

/// Reads one file after the other into the thread's own shard, until there are no more turns.
fn read_all<'a>(
    files: &[SourceFile],
    shared: &Shared<'_>,
    progress: &Progress,
    take: impl Fn() -> Option<Turn<'a>>,
) -> Shard {
    let mut shard = Shard::default();
    let mut decoder = Decoder::default();
    while let Some(mut turn) = take() {
        let id = u32::try_from(turn.index).expect("fewer than 2^32 files");
        let fetched = turn.fetched.take();
        let file = &files[turn.index];
        let seen = shard.ledger.records.seen;
        read(&mut shard, &mut decoder, shared, FileId(id), file, fetched);
        if is_opened(file) {
            progress.file(file.size_bytes, shard.ledger.records.seen - seen);
        }
    }
    shard
}
