//! Reads all files on as many threads as wanted.
//!
//! Comes in: the sorted list of files. Goes out: one shard a thread. Never: anything in the shards
//! together that tells how many threads there were, or which of them read what.

use std::sync::atomic::{AtomicUsize, Ordering};

use crate::ingest::reader::{Shard, Shared, bare_name, read};
use crate::ingest::{Options, Progress};
use crate::location::FileId;
use crate::source::{Decoder, SourceFile};

/// Reads every file, the largest first so that none of them is begun late and waited for.
///
/// Each thread takes the next file as soon as it is done with one, and reads it into its own shard
/// with its own buffers.
#[must_use]
pub fn map_files(files: &[SourceFile], options: &Options, progress: &Progress) -> Vec<Shard> {
    let all_bytes = files.iter().map(|file| file.size_bytes);
    progress.begin(files.len() as u64, all_bytes.fold(0, u64::saturating_add));
    let shared = Shared {
        limit: options.max_decoded_bytes,
        roles: options.roles,
        prefilter: crate::ingest::prefilter::Prefilter::new(options.roles),
        clock: crate::ingest::clock::Clock::default(),
        present: files.iter().map(|file| bare_name(&file.name)).collect(),
        has_archives: files.iter().any(|file| file.name.ends_with(".zip")),
    };
    let mut order: Vec<usize> = (0..files.len()).collect();
    order.sort_by_key(|&index| std::cmp::Reverse(files[index].size_bytes));
    let next = AtomicUsize::new(0);
    let work = || {
        let mut shard = Shard::default();
        let mut decoder = Decoder::default();
        while let Some(&index) = order.get(next.fetch_add(1, Ordering::Relaxed)) {
            let id = u32::try_from(index).expect("fewer than 2^32 files");
            let seen = shard.records.seen;
            read(&mut shard, &mut decoder, &shared, FileId(id), &files[index]);
            progress.file(files[index].size_bytes, shard.records.seen - seen);
        }
        shard
    };
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(options.jobs.unwrap_or(0))
        .build();
    match pool {
        Ok(pool) => pool.broadcast(|_| work()),
        // No thread can be started: the one that is here does the work.
        Err(_) => vec![work()],
    }
}
