//! Damaged records beside sound ones, in every form that records are kept in.
//!
//! In: how many records to damage, and a seed. Out: what was tried.

use std::collections::BTreeSet;

use super::super::script::Files;
use super::super::simulate::random::Random;
use super::damage::{FORMS, Form, Packing, Piece};
use super::{Sound, Tried, mutate, run, sound_records, with_trap};

/// The worlds that records are taken from.
const WORLDS: [&str; 4] = ["mixed", "clients", "parallel-jobs", "refused-manifest"];

/// Records of one file.
const PER_FILE: usize = 100;

/// Files of one log.
const FILES: usize = 10;

/// Damages so many records, and has the program read them beside sound ones.
pub(crate) fn torture(
    n_records: u64,
    seed: u64,
    progress: &mut dyn FnMut(&Tried),
) -> Result<Tried, String> {
    let mut tried = Tried::default();
    let mut random = Random::new(seed);
    while tried.damaged < n_records {
        let world = *random.pick(&WORLDS);
        let mut records = sound_records(world, random.next());
        // The records of a world serve several times: what is damaged is chosen anew.
        for _ in 0..10 {
            let begun = tried.damaged;
            random.shuffle(&mut records);
            let mut expected = BTreeSet::new();
            let files = log(&mut random, &records, &mut expected, &mut tried);
            run(&files, &expected, &mut tried)
                .map_err(|what| kept(&files, &format!("{world}, after {begun}: {what}")))?;
            progress(&tried);
            if tried.damaged >= n_records {
                break;
            }
        }
    }
    Ok(tried)
}

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

/// Keeps a log that something is wrong with, to be looked at; says where.
pub(crate) fn kept(files: &Files, what: &str) -> String {
    let root = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("torture-failed");
    let _ = std::fs::remove_dir_all(&root);
    for (name, bytes) in files {
        let path = root.join(name);
        let folder = path.parent().map(std::fs::create_dir_all);
        if folder.is_some_and(|made| made.is_err()) || std::fs::write(path, bytes).is_err() {
            return format!("{what}\nand the log could not be kept");
        }
    }
    format!("{what}\nthe log is in {}", root.display())
}
