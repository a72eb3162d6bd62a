//! `--explain ID`: every id that a report names, and every `eventID` of the logs, leads to a page.
//!
//! The pages in `testdata/explain` are kept as somebody read them.

mod push;
mod record;

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
