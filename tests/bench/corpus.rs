//! Writes large logs to measure with, always the same bytes for the same words.
//!
//! Comes in: a folder, a kind and a size. Goes out: the logs. Run with
//! `cargo bench --bench corpus -- write DIR KIND SIZE [shuffled]`; without words it lists the kinds.

#[path = "support/corpus.rs"]
mod corpus;

#[path = "../it/support/simulate/random.rs"]
#[expect(dead_code, reason = "worlds draw more")]
mod random;

#[expect(dead_code, reason = "drawn shapes are measured and not kept")]
#[path = "support/shapes.rs"]
mod shapes;

use std::path::Path;
use std::time::Instant;

use corpus::Plan;
use shapes::Shape;

/// Every kind, with what its size counts.
const KINDS: [(&str, &str); 11] = [
    ("none", "MB of records of other services"),
    ("two-percent", "MB, two records in a hundred of pushes"),
    ("registry", "MB of ECR, nine pulls to each push event"),
    ("all", "MB of push events"),
    (
        "pushes",
        "pushes, nine other records to each of their events",
    ),
    ("mix", "pushes and nothing else, 52 000 a day"),
    ("hot", "pushes to one repository in a day"),
    ("token", "pushes with one token in half a day"),
    ("digest", "pushes that upload one layer, by many logins"),
    (
        "worst",
        "pushes that upload one layer to one repository by one login",
    ),
    ("endless", "push events of one push that never ends"),
];

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
    if *kind == "endless" {
        let n_calls = size.parse().expect("a number of calls");
        std::fs::create_dir_all(folder).expect("a place for the log");
        let written = Shape::endless().write(n_calls, &Path::new(folder).join("log.json"));
        return written.expect("space on the disk");
    }
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
    for (kind, size) in KINDS {
        println!("  {kind}: {size}");
    }
}
