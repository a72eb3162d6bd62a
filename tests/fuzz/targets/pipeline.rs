//! The whole program: counts balance, no event is twice or nowhere, order respects causes, and neither
//! threads nor the order of files can be seen; no format shows a character that steers.

#![no_main]

#[path = "../../it/support/torture/audit.rs"]
mod audit;

use std::collections::BTreeMap;
use std::time::Duration;

use libfuzzer_sys::fuzz_target;
use reconstruct::graph::{Relation, Endpoint};
use reconstruct::render::{Detail, Format, Style};
use reconstruct::source::{Handed, Input, Reach};
use reconstruct::{Options, Reconstruction, ingest};

/// What parts one file from the next.
const BETWEEN: &[u8] = b"\n%%\n";

fuzz_target!(|bytes: &[u8]| {
    let mut files = vec![Vec::new()];
    let mut rest = bytes;
    while let Some(at) = rest.windows(BETWEEN.len()).position(|part| part == BETWEEN) {
        files
            .last_mut()
            .expect("one")
            .extend_from_slice(&rest[..at]);
        files.push(Vec::new());
        rest = &rest[at + BETWEEN.len()..];
    }
    files.last_mut().expect("one").extend_from_slice(rest);
    let Some(one) = reconstruct(&files, 1) else {
        return;
    };
    let report = draw(&one, "json");
    let value: serde_json::Value = serde_json::from_str(&report).expect("a report is JSON");
    if let Err(what) = audit::balance(&value).and_then(|()| audit::partition(&value).map(|_| ())) {
        panic!("{what}");
    }
    respects_causes(&one);
    files.reverse();
    let other = reconstruct(&files, 3).expect("the same files");
    assert!(
        draw(&other, "json") == report,
        "threads or order can be seen"
    );
    for format in Format::ALL {
        let drawn = draw(&one, format.name);
        let steers = |letter: &char| letter.is_control() && !matches!(letter, '\n' | '\r');
        assert_eq!(drawn.chars().find(steers), None, "{}", format.name);
    }
});

fn reconstruct(files: &[Vec<u8>], jobs: usize) -> Option<Reconstruction> {
    let inputs = files.iter().map(|bytes| {
        // By content, so that the name of a file does not depend on its place.
        let hash = bytes.iter().fold(0_u64, |hash, byte| {
            hash.wrapping_mul(31).wrapping_add(u64::from(*byte))
        });
        let name = format!("{hash:016x}-{}", bytes.len());
        Input::Reader(Handed::new(
            &name,
            Box::new(std::io::Cursor::new(bytes.clone())),
        ))
    });
    let inputs: Vec<Input> = inputs.collect();
    let options = Options {
        reach: Reach::default(),
        ingest: ingest::ReadOptions {
            verify: None,
            jobs: Some(jobs),
            roles: ingest::Roles::Ignored,
            pulls: reconstruct::event::Pulls::Ignored,
            max_decoded_bytes: 1 << 20,
        },
        window: Duration::from_secs(900),
        ..Options::default()
    };
    reconstruct::reconstruct(&inputs, &options).ok()
}

fn draw(reconstruction: &Reconstruction, format: &str) -> String {
    let style = Style {
        color: false,
        unicode: true,
        width: 80,
        detail: Detail::Verbose,
        ..Style::default()
    };
    let mut out = Vec::new();
    let format = Format::find(format).expect("a format");
    let drawn = format
        .renderer
        .render(&reconstruction.report(), &style, &mut out);
    drawn.expect("a vector takes all");
    String::from_utf8(out).expect("reports are UTF-8")
}

/// Within a session what causes another comes before it, unless they cause each other.
fn respects_causes(reconstruction: &Reconstruction) {
    for session in &reconstruction.sessions.sessions {
        let place: BTreeMap<_, _> = session.sequence.iter().zip(0..).collect();
        let circular: Vec<_> = session
            .contradictions
            .iter()
            .flat_map(|one| &one.events)
            .collect();
        for edge in reconstruction.graph.edges() {
            let (cause, Endpoint::Event(effect)) = (edge.event, edge.end) else {
                continue;
            };
            if edge.evidence.about().relation != Relation::Causes
                || circular.contains(&&cause)
                || circular.contains(&&effect)
            {
                continue;
            }
            if let (Some(a), Some(b)) = (place.get(&cause), place.get(&effect)) {
                assert!(a < b, "an effect precedes its cause");
            }
        }
    }
}
