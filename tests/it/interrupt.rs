//! The program interrupted in the middle of its work.
//!
//! In: a log whose report is long. Out: the status, and what lies in the folder afterwards.

use std::fs;
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::json;

use crate::support::folder::Folder;
use crate::support::logs::refused_push;

/// Refused pushes, each to a repository of its own: a report that takes its time.
fn log_of_many_pushes(path: &Path) {
    let records: Vec<_> = (0..6_000).map(refused_push).collect();
    let text = json!({ "Records": records }).to_string();
    fs::write(path, text).expect("a file can be written");
}

fn start(folder: &Folder) -> Child {
    Command::new(env!("CARGO_BIN_EXE_reconstruct"))
        .args(["--format", "json", "--force", "--output"])
        .arg(folder.0.join("report.json"))
        .arg(folder.0.join("log.json"))
        .env("XDG_CONFIG_HOME", "/nonexistent")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the program runs")
}

/// Ends the child by a signal as soon as it has begun to write; tells its status.
fn interrupted(folder: &Folder, signal: &str) -> Option<i32> {
    let mut child = start(folder);
    let unfinished = folder.0.join(format!(".report.json.{}.tmp", child.id()));
    while !unfinished.exists() {
        let ended = child.try_wait().expect("a child can be asked");
        assert!(ended.is_none(), "ended before it wrote: {ended:?}");
        std::thread::yield_now();
    }
    let sent = Command::new("kill")
        .args([signal, &child.id().to_string()])
        .status();
    assert!(sent.expect("`kill` runs").success());
    let status = child.wait().expect("a child ends");
    assert_eq!(status.signal(), None, "it ends by itself");
    status.code()
}

#[test]
fn interrupt_leaves_the_old_file_and_no_other() {
    let folder = Folder::new();
    log_of_many_pushes(&folder.0.join("log.json"));
    let report = folder.0.join("report.json");
    for (signal, expected) in [("-INT", 130), ("-TERM", 143)] {
        fs::write(&report, "kept").expect("a file can be written");
        assert_eq!(interrupted(&folder, signal), Some(expected), "{signal}");
        assert_eq!(folder.names(), ["log.json", "report.json"], "{signal}");
        assert_eq!(fs::read_to_string(&report).ok().as_deref(), Some("kept"));
    }
}
