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
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program runs")
}

/// Ends a child by a signal; tells its status and what it said.
fn ended(child: Child, signal: &str) -> (Option<i32>, String) {
    let sent = Command::new("kill")
        .args([signal, &child.id().to_string()])
        .status();
    assert!(sent.expect("`kill` runs").success());
    let output = child.wait_with_output().expect("a child ends");
    assert_eq!(output.status.signal(), None, "it ends by itself");
    let stderr = String::from_utf8(output.stderr).expect("UTF-8");
    (output.status.code(), stderr)
}

/// Ends the child by a signal as soon as it has begun to write; tells its status and what it said.
fn interrupted(folder: &Folder, signal: &str) -> (Option<i32>, String) {
    let mut child = start(folder);
    let unfinished = folder.0.join(format!(".report.json.{}.tmp", child.id()));
    while !unfinished.exists() {
        let ended = child.try_wait().expect("a child can be asked");
        assert!(ended.is_none(), "ended before it wrote: {ended:?}");
        std::thread::yield_now();
    }
    ended(child, signal)
}

#[test]
fn interrupt_while_reading_says_how_far_it_came() {
    let folder = Folder::new();
    let pipe = folder.0.join("pipe");
    let made = Command::new("mkfifo").arg(&pipe).status();
    assert!(made.expect("`mkfifo` runs").success());
    let report = folder.0.join("report.json");
    for (args, end) in [
        (vec![], "nothing was written".to_owned()),
        (
            vec!["--output", report.to_str().expect("Unicode")],
            format!("nothing was written; `{}` was not made", report.display()),
        ),
        (
            vec!["--extract"],
            "what was written is not whole".to_owned(),
        ),
    ] {
        let child = Command::new(env!("CARGO_BIN_EXE_reconstruct"))
            .args(&args)
            .arg(&pipe)
            .env("XDG_CONFIG_HOME", "/nonexistent")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program runs");
        // Returns once the program reads at the other end.
        let writer = fs::OpenOptions::new()
            .write(true)
            .open(&pipe)
            .expect("the pipe opens");
        let told = ended(child, "-INT");
        drop(writer);
        let text = format!("reconstruct: interrupted while reading: 0 of 1 file read; {end}\n");
        assert_eq!(told, (Some(130), text), "{args:?}");
    }
}

#[test]
fn interrupt_leaves_the_old_file_and_no_other() {
    let folder = Folder::new();
    log_of_many_pushes(&folder.0.join("log.json"));
    let report = folder.0.join("report.json");
    for (signal, expected) in [("-INT", 130), ("-TERM", 143)] {
        fs::write(&report, "kept").expect("a file can be written");
        let text = format!(
            "reconstruct: interrupted while writing the report: 1 file read; nothing was written; `{}` is as it was\n",
            report.display()
        );
        assert_eq!(
            interrupted(&folder, signal),
            (Some(expected), text),
            "{signal}"
        );
        assert_eq!(folder.names(), ["log.json", "report.json"], "{signal}");
        assert_eq!(fs::read_to_string(&report).ok().as_deref(), Some("kept"));
    }
}
