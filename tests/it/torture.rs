//! Damaged records and files through the whole program; `cargo bench --bench torture` tries many more.

use crate::support::torture::{Tried, files, records};

/// So many are tried by `cargo test`; the seed is none that the long run counts.
const N_RECORDS: u64 = 4_000;
const N_FILES: u64 = 160;
const SEED: u64 = 77;

#[test]
fn damaged_records_cost_nothing_but_themselves() {
    let tried = records::RECORDS
        .run(N_RECORDS, SEED, &mut |_| {})
        .unwrap_or_else(|what| panic!("{what}"));
    assert!(tried.sound > 1_000 && tried.malformed > 100, "{tried:?}");
}

#[test]
fn damaged_files_cost_nothing_but_what_is_damaged() {
    let tried: Tried = files::DAMAGED_FILES
        .run(N_FILES, SEED, &mut |_| {})
        .unwrap_or_else(|what| panic!("{what}"));
    assert!(tried.sound > 150 && tried.problems > 30, "{tried:?}");
}
