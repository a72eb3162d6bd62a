//! Reads all files on as many threads as wanted.
//!
//! Comes in: the sorted list of files. Goes out: one shard a thread. Never: anything in the shards
//! together that tells how many threads there were, or which of them read what.

use std::sync::atomic::{AtomicUsize, Ordering};

use crate::ingest::Options;
use crate::ingest::reader::{Shard, Shared, bare_name, read};
use crate::location::FileId;
use crate::source::{Decoder, SourceFile};

/// Reads every file, the largest first so that none of them is begun late and waited for.
///
/// Each thread takes the next file as soon as it is done with one, and reads it into its own shard
/// with its own buffers.
#[must_use]
pub fn map_files(files: &[SourceFile], options: &Options) -> Vec<Shard> {
    let shared = Shared {
        limit: options.max_decoded_bytes,
        hashes: options.verify.is_some(),
        prefilter: crate::ingest::prefilter::Prefilter::default(),
        clock: crate::ingest::clock::Clock::default(),
        present: files.iter().map(|file| bare_name(&file.name)).collect(),
    };
    let mut order: Vec<usize> = (0..files.len()).collect();
    order.sort_by_key(|&index| std::cmp::Reverse(files[index].size_bytes));
    let next = AtomicUsize::new(0);
    let work = || {
        let mut shard = Shard::default();
        let mut decoder = Decoder::default();
        while let Some(&index) = order.get(next.fetch_add(1, Ordering::Relaxed)) {
            let id = u32::try_from(index).expect("fewer than 2^32 files");
            read(&mut shard, &mut decoder, &shared, FileId(id), &files[index]);
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
