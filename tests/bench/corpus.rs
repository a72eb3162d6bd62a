//! Writes large logs to measure with, always the same bytes for the same words.
//!
//! Comes in: a folder, a kind and a size. Goes out: the logs. Run with
//! `cargo bench --bench corpus -- write DIR KIND SIZE [shuffled]`; without words it lists the kinds.

#[path = "support/corpus.rs"]
mod corpus;

use std::path::Path;
use std::time::Instant;

use corpus::Plan;

fn main() {
    // Cargo adds `--bench` to what was typed.
    let words: Vec<String> = std::env::args()
        .skip(1)
        .filter(|word| word != "--bench")
        .collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let (folder, kind, size, shuffled) = match words.as_slice() {
        ["write", folder, kind, size] => (folder, kind, size, false),
        ["write", folder, kind, size, "shuffled"] => (folder, kind, size, true),
        _ => return help(),
    };
    let Some(mut plan) = size.parse().ok().and_then(|size| Plan::of(kind, size)) else {
        return help();
    };
    plan.shuffled = shuffled;
    let start = Instant::now();
    let n_bytes = plan.write(Path::new(folder)).expect("space on the disk");
    let seconds = start.elapsed().as_secs_f64();
    let megabytes = n_bytes as f64 / 1e6;
    println!(
        "{folder}: {megabytes:.0} MB decoded, {:.0} MB/s",
        megabytes / seconds
    );
}

fn help() {
    println!("write DIR KIND SIZE [shuffled]");
    for (kind, size) in Plan::KINDS {
        println!("  {kind}: {size}");
    }
}
