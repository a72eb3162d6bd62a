//! `--explain ID`: every id that a report names, and every `eventID` of the logs, leads to a page.
//!
//! The pages in `testdata/explain` are kept as somebody read them.

mod push;
mod record;

use std::collections::BTreeSet;

use serde_json::Value;

use crate::support::logs::Logs;
use crate::support::run::{Run, compare, project, run};
use crate::support::script;

fn logs(script: &str) -> Logs {
    match script::files(script) {
        Ok(files) => Logs::new(&files),
        Err(fault) => panic!("line {}: {}", fault.line, fault.what),
    }
}

fn on_sample(args: &[&str]) -> Run {
    let sample = project("testdata/sample").to_string_lossy().into_owned();
    run([&*sample].into_iter().chain(args.iter().copied()))
}

fn report(logs: &Logs) -> Value {
    serde_json::from_str(&logs.output(&["--format", "json"])).expect("a report is JSON")
}

/// Compares a page with the one that is kept.
fn is_kept(name: &str, page: &str) {
    let path = project("testdata/explain").join(name);
    compare(&path, page).unwrap_or_else(|difference| panic!("{difference}"));
}

/// The ids that a text report names: what follows such a word, and what stands where a list shows it.
fn named(text: &str) -> BTreeSet<String> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let is_id = |word: &str| {
        let mut bytes = word.bytes();
        matches!(word.len(), 8 | 12 | 36)
            && bytes.all(|byte| byte == b'-' || byte.is_ascii_hexdigit())
    };
    let bare = |word: &'static str| move |pair: &[&str]| pair[0].trim_start_matches('(') == word;
    let follows = |word: &'static str| {
        let pairs = words.windows(2).filter(move |pair| bare(word)(pair));
        pairs.map(|pair| {
            pair[1]
                .trim_matches(|c: char| !c.is_ascii_alphanumeric())
                .to_owned()
        })
    };
    // In a list an id is a column, after the number of calls if there is one.
    let columns = text
        .lines()
        .flat_map(|line| line.trim_start().split("  ").take(2));
    let listed = columns.map(|column| column.trim().to_owned());
    let all = follows("event")
        .chain(follows("login"))
        .chain(follows("push"))
        .chain(listed);
    all.filter(|word| is_id(word)).collect()
}

#[test]
fn every_id_of_a_text_report_leads_to_a_page() {
    let mut n_ids = 0;
    let folders = [
        ("testdata/sample", &[][..]),
        ("testdata/cases/login-refused/in", &[]),
        ("testdata/cases/token-of-iam-user/in", &[]),
        ("testdata/cases/pause-before-manifest/in", &[]),
        (
            "testdata/cases/image-history/in",
            &[
                "--image",
                "123456789012.dkr.ecr.eu-central-1.amazonaws.com/team/app:v1",
            ],
        ),
    ];
    for (folder, args) in folders {
        let path = project(folder).to_string_lossy().into_owned();
        let text = run([&*path].into_iter().chain(args.iter().copied())).stdout;
        let ids = named(&text);
        assert!(ids.len() > 1, "{folder}: {ids:?}");
        for id in ids {
            let page = run(["--explain", &id, &path]);
            assert_eq!(page.status, 0, "{folder}: {id}: {}", page.stderr);
            n_ids += 1;
        }
    }
    assert!(n_ids > 40, "{n_ids}");
}
