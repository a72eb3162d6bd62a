//! Decompression and nothing else: the least that reading compressed logs can cost.
//!
//! Comes in: a folder of `.json.gz` files and a number of threads. Goes out: the number of decoded
//! bytes. It reads files as the program does, largest first into reused buffers, and looks at none
//! of the bytes. Run with `cargo bench --bench inflate -- DIR JOBS`.

use std::fs;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use libdeflater::{DecompressionError, Decompressor};
use reconstruct::source::{Input, SourceFile, discover};

fn main() {
    // Cargo adds `--bench` to what was typed.
    let words: Vec<String> = std::env::args()
        .skip(1)
        .filter(|word| word != "--bench")
        .collect();
    let [folder, jobs] = words.as_slice() else {
        println!("DIR JOBS");
        return;
    };
    let jobs: usize = jobs.parse().expect("a number of threads");
    let mut files = discover(&[Input::Path(PathBuf::from(folder))]).expect("a folder of logs");
    files.sort_by_key(|file| std::cmp::Reverse(file.size_bytes));
    let (next, n_bytes) = (AtomicUsize::new(0), AtomicU64::new(0));
    std::thread::scope(|scope| {
        for _ in 0..jobs {
            scope.spawn(|| {
                let n = inflate(&files, &next);
                n_bytes.fetch_add(n, Ordering::Relaxed)
            });
        }
    });
    println!("{}", n_bytes.into_inner());
}

/// Decodes the files that no other thread has taken; the number of decoded bytes.
fn inflate(files: &[SourceFile], next: &AtomicUsize) -> u64 {
    let mut decompressor = Decompressor::new();
    let mut decoded = vec![0; 1 << 20];
    let mut n_bytes = 0;
    while let Some(file) = files.get(next.fetch_add(1, Ordering::Relaxed)) {
        let raw = fs::read(file.path()).expect("a file");
        n_bytes += loop {
            match decompressor.gzip_decompress(&raw, &mut decoded) {
                Ok(len) => break len as u64,
                Err(DecompressionError::InsufficientSpace) => decoded.resize(decoded.len() * 2, 0),
                Err(DecompressionError::BadData) => break 0,
            }
        };
    }
    n_bytes
}
