//! Damaged records beside sound ones, in every form that records are kept in.
//!
//! In: how many records to damage, and a seed. Out: what was tried.

use std::collections::BTreeSet;

use super::super::script::Files;
use super::super::simulate::random::Random;
use super::damage::{FORMS, Form, Packing, Piece};
use super::{Sound, Torture, Tried, mutate, with_trap};

/// Records of one file.
const PER_FILE: usize = 100;

/// Files of one log.
const FILES: usize = 10;

/// Damages records.
pub(crate) const RECORDS: Torture = Torture {
    worlds: &["mixed", "clients", "parallel-jobs", "refused-manifest"],
    n_logs: 10,
    log,
};

/// A log of some of the records, every other of them damaged.
fn log(
    random: &mut Random,
    records: &[Sound],
    expected: &mut BTreeSet<String>,
    tried: &mut Tried,
) -> Files {
    let chunks = records.chunks(PER_FILE).take(FILES).enumerate();
    chunks
        .map(|(number, some)| {
            let form = *random.pick(&FORMS);
            let pieces: Vec<Piece> = some
                .iter()
                .map(|record| piece(random, record, records, form))
                .collect();
            tried.damaged += pieces.iter().filter(|piece| !piece.is_sound).count() as u64;
            let bytes = form.write(&pieces, expected);
            (format!("{number}"), Packing::any(random).pack(&bytes))
        })
        .collect()
}

/// A record as it is, or damaged.
fn piece(random: &mut Random, record: &Sound, all: &[Sound], form: Form) -> Piece {
    if random.percent(45) {
        let text = match random.percent(20) {
            true => with_trap(random, &record.value).to_string(),
            false => record.text.clone(),
        };
        return Piece {
            bytes: text.into_bytes(),
            expected: record.push.clone(),
            is_sound: true,
        };
    }
    // In an array few may break, or nothing were left to be found.
    let breaks = if form.keeps_apart() { 50 } else { 1 };
    let donor = random.pick(all);
    let mut bytes = match random.percent(breaks) {
        true => mutate::bytes(random, &record.text),
        false => mutate::meaning(random, &record.value, &donor.value),
    };
    if bytes == record.text.as_bytes() {
        bytes.push(b' ');
    }
    Piece {
        bytes,
        expected: None,
        is_sound: false,
    }
}
