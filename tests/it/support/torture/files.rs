//! Damaged files beside sound ones.
//!
//! In: how many files to damage, and a seed. Out: what was tried. What has to be found of a damaged file
//! is known without reading it: the records before the first byte that decodes to another than it was,
//! and of a file with a line for each record every line that is as it was.

use std::collections::BTreeSet;
use std::io::Read as _;

use flate2::read::MultiGzDecoder;

use super::super::script::Files;
use super::super::simulate::random::Random;
use super::damage::{FORMS, Form, PACKINGS, Packing, Piece, gzip, zip};
use super::{Sound, Torture, Tried, mutate};

/// Records of one file.
const PER_FILE: usize = 12;

/// Files of one log; every fifth is sound.
const FILES: usize = 50;

/// Damages files.
pub(crate) const DAMAGED_FILES: Torture = Torture {
    worlds: &["mixed", "clients", "missing-hour"],
    n_logs: 4,
    log,
};

/// A log of many files, most of them damaged.
fn log(
    random: &mut Random,
    records: &[Sound],
    expected: &mut BTreeSet<String>,
    tried: &mut Tried,
) -> Files {
    let chunks = records.chunks(PER_FILE).take(FILES).enumerate();
    let log = chunks.map(|(number, some)| {
        let pieces: Vec<Piece> = some.iter().map(whole).collect();
        let form = *random.pick(&FORMS);
        let packing = *random.pick(&PACKINGS);
        if number % 5 == 0 {
            let bytes = form.write(&pieces, expected);
            return (name(random, number), packing.pack(&bytes));
        }
        tried.damaged += 1;
        let bytes = form.write(&pieces, &mut BTreeSet::new());
        let damaged = damage(random, &bytes, packing);
        found(&pieces, form, &bytes, packing, &damaged, expected);
        (name(random, number), damaged)
    });
    log.collect()
}

fn whole(record: &Sound) -> Piece {
    Piece {
        bytes: record.text.clone().into_bytes(),
        expected: record.push.clone(),
        is_sound: true,
    }
}

/// A name, which says nothing true of what is inside.
fn name(random: &mut Random, number: usize) -> String {
    let stamped = format!(
        "AWSLogs/123456789012/CloudTrail/eu-central-1/2026/03/17/123456789012_CloudTrail_eu-central-1_20260317T1{:02}5Z_{number:016}.json.gz",
        number % 60
    );
    let digest = "AWSLogs/123456789012/CloudTrail-Digest/eu-central-1/2026/03/17";
    match random.index(5) {
        0 => format!("{number}.json"),
        1 => stamped,
        2 => format!("{digest}/123456789012_CloudTrail-Digest_{number}.json.gz"),
        3 => format!("{number}.zip"),
        _ => format!("{number}"),
    }
}

/// A file with something done to it, before it was packed or after.
fn damage(random: &mut Random, bytes: &[u8], packing: Packing) -> Vec<u8> {
    let mut inside = bytes.to_vec();
    match random.index(10) {
        0 | 1 => {
            edits(random, &mut inside);
            packing.pack(&inside)
        }
        2 => {
            // Cut in the middle, as a copy that was broken off.
            let mut packed = packing.pack(bytes);
            packed.truncate(random.index(packed.len()));
            packed
        }
        3 => [packing.pack(bytes), b"something after it".to_vec()].concat(),
        4 => gzip(&packing.pack(bytes)),
        5 => zip(&[
            ("a.json", &packing.pack(bytes)),
            ("b/", b""),
            ("b/c", bytes),
        ]),
        6 => {
            let mut other = packing.pack(bytes);
            edits(random, &mut other);
            [packing.pack(bytes), other].concat()
        }
        _ => {
            let mut packed = packing.pack(bytes);
            edits(random, &mut packed);
            packed
        }
    }
}

fn edits(random: &mut Random, bytes: &mut Vec<u8>) {
    for _ in 0..=random.index(4) {
        mutate::edit(random, bytes);
    }
}

/// The push events that have to be found in a damaged file.
fn found(
    pieces: &[Piece],
    form: Form,
    sound: &[u8],
    packing: Packing,
    damaged: &[u8],
    expected: &mut BTreeSet<String>,
) {
    let decoded = match packing {
        Packing::Plain => damaged.to_vec(),
        Packing::Gzip | Packing::GzipTwice if damaged.starts_with(&[0x1f, 0x8b]) => prefix(damaged),
        // What is left of these is for their own tests.
        Packing::Gzip | Packing::GzipTwice | Packing::Zstd | Packing::Zip => return,
    };
    let same = decoded
        .iter()
        .zip(sound)
        .take_while(|(a, b)| a == b)
        .count();
    let lines: BTreeSet<&[u8]> = match (packing, form) {
        (Packing::Plain, Form::Lines) => decoded.split(|&byte| byte == b'\n').collect(),
        _ => BTreeSet::new(),
    };
    let mut end = 0;
    for piece in pieces {
        let text = &piece.bytes;
        let Some(at) = memchr::memmem::find(&sound[end..], text) else {
            // Written into a string.
            return;
        };
        end += at + text.len();
        if end <= same || lines.contains(&**text) {
            expected.extend(piece.expected.clone());
        }
    }
}

/// What flate2 decodes before it gives up.
fn prefix(bytes: &[u8]) -> Vec<u8> {
    let mut decoder = MultiGzDecoder::new(bytes);
    let mut decoded = Vec::new();
    let mut buffer = [0; 512];
    while let Ok(n_read) = decoder.read(&mut buffer) {
        if n_read == 0 {
            break;
        }
        decoded.extend_from_slice(&buffer[..n_read]);
    }
    decoded
}
