//! Real faults of the system: what cannot be read, what goes away, what is no file, what is too large,
//! and what ends the program or its reader in the middle.
//!
//! In: logs in a folder, and the fault made by the system's own means. Out: the status, the counts of
//! the report, and what lies in the folder afterwards. A fault that the machine cannot make is named as
//! skipped.
#![cfg(unix)]

use std::ffi::{OsStr, OsString};
use std::fs;
use std::io::{Read as _, Write as _};
use std::os::unix::ffi::OsStringExt as _;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use serde_json::{Value, json};

use crate::support::folder::Folder;
use crate::support::logs::refused_push;

/// A user who owns nothing, for what the superuser could read all the same.
const NOBODY: u32 = 65_534;

fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_reconstruct"));
    command
        .env("XDG_CONFIG_HOME", "/nonexistent")
        .stdin(Stdio::null());
    command
}

/// The program, run by a shell that has done something before.
fn program_after(preparation: &str) -> Command {
    let mut command = Command::new("sh");
    let script = format!("{preparation} && exec \"$0\" \"$@\"");
    command
        .args(["-c", &script, env!("CARGO_BIN_EXE_reconstruct")])
        .env("XDG_CONFIG_HOME", "/nonexistent")
        .stdin(Stdio::null());
    command
}

fn output(command: &mut Command) -> Output {
    command.output().expect("the program runs")
}

/// The report of a run that ended with a status of its own.
fn report(command: &mut Command) -> Value {
    let output = output(command.args(["--format", "json"]));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(
        matches!(output.status.code(), Some(0 | 1)),
        "{}: {said}",
        output.status
    );
    let report: Value = serde_json::from_slice(&output.stdout).expect("a report");
    balanced(&report["coverage"]["files"]);
    report
}

/// Every file that was found became one thing.
fn balanced(files: &Value) {
    let counts = files.as_object().expect("counts");
    let count = |value: &Value| value.as_u64().expect("a count");
    let became = counts.iter().filter(|(name, _)| *name != "found");
    let sum: u64 = became.map(|(_, value)| count(value)).sum();
    assert_eq!(sum, count(&files["found"]), "{files}");
}

/// A refused push: one record, one session.
fn log(number: u64) -> String {
    json!({ "Records": [refused_push(number)] }).to_string()
}

fn sessions(report: &Value) -> usize {
    report["sessions"].as_array().map_or(0, Vec::len)
}

fn problems(report: &Value) -> Vec<(&str, &str)> {
    let problems = report["problems"].as_array().expect("problems");
    problems
        .iter()
        .map(|problem| {
            let file = problem["file"].as_str().unwrap_or_default();
            (file, problem["code"].as_str().unwrap_or_default())
        })
        .collect()
}

fn is_superuser() -> bool {
    let id = Command::new("id").arg("-u").output();
    id.is_ok_and(|id| id.stdout == b"0\n")
}

#[test]
fn what_may_not_be_read_costs_only_itself() {
    let folder = Folder::new();
    folder.write("logs/a.json", log(1));
    let closed = folder.write("logs/b.json", log(2));
    folder.write("logs/shut/c.json", log(3));
    let shut = folder.0.join("logs/shut");
    let no_rights = || fs::Permissions::from_mode(0o000);
    fs::set_permissions(&closed, no_rights()).expect("rights can be taken");
    fs::set_permissions(&shut, no_rights()).expect("rights can be taken");
    let mut command = program();
    if is_superuser() {
        // Whom no rights hold back; the program has to lie where others can reach it.
        let copy = folder.0.join("reconstruct");
        fs::copy(env!("CARGO_BIN_EXE_reconstruct"), &copy).expect("a copy");
        command = Command::new(copy);
        command.uid(NOBODY).env("XDG_CONFIG_HOME", "/nonexistent");
    }
    let report = report(command.arg(folder.0.join("logs")));
    fs::set_permissions(&shut, fs::Permissions::from_mode(0o700)).expect("rights can be given");
    assert_eq!(sessions(&report), 1);
    let codes = [("b.json", "unreadable"), ("shut", "unreadable")];
    assert_eq!(problems(&report), codes);
}

#[test]
fn files_that_go_or_change_while_they_are_read_cost_only_themselves() {
    const N_FILES: u64 = 3_000;
    let folder = Folder::new();
    let paths: Vec<_> = (0..N_FILES)
        .map(|number| folder.write(format!("{}/{number}.json", number % 30), log(number)))
        .collect();
    let is_over = AtomicBool::new(false);
    let report = thread::scope(|scope| {
        scope.spawn(|| {
            // From the end, which is read last; a third goes, a third is cut, a third grows.
            for (place, path) in paths.iter().enumerate().rev() {
                if is_over.load(Ordering::Relaxed) {
                    return;
                }
                let done = match place % 3 {
                    0 => fs::remove_file(path),
                    1 => fs::write(path, "{\"Records\":[{"),
                    _ => fs::write(path, log(place as u64) + " more"),
                };
                done.expect("a file of ours");
            }
        });
        let report = report(program().args(["--jobs", "2"]).arg(&folder.0));
        is_over.store(true, Ordering::Relaxed);
        report
    });
    let records = &report["coverage"]["records"];
    let seen = records["seen"].as_u64().expect("a count");
    let became = ["push", "other", "malformed", "duplicate"];
    let sum: u64 = became
        .iter()
        .filter_map(|name| records[*name].as_u64())
        .sum();
    assert_eq!(seen, sum, "{records}");
    for (_, code) in problems(&report) {
        let known = [
            "unreadable",
            "truncated",
            "not-cloudtrail",
            "bad-record",
            "undecodable",
            "empty-file",
            "more-problems",
        ];
        assert!(known.contains(&code), "{code}");
    }
}

#[test]
fn a_folder_that_goes_while_it_is_walked_costs_only_itself() {
    let folder = Folder::new();
    for number in 0..2_000 {
        folder.write(format!("logs/{}/{number}.json", number % 200), log(number));
    }
    let logs = folder.0.join("logs");
    thread::scope(|scope| {
        scope.spawn(|| {
            for number in (1..200).rev() {
                // It may be gone, or just be looked at.
                let _ = fs::remove_dir_all(logs.join(number.to_string()));
            }
        });
        let report = report(program().arg(&logs));
        assert!(sessions(&report) >= 10, "the first folder stays");
    });
}

#[test]
fn links_in_circles_pipes_and_devices_hold_nothing_up() {
    let folder = Folder::new();
    folder.write("logs/a.json", log(1));
    let at = |name: &str| folder.0.join("logs").join(name);
    symlink("..", at("up")).expect("a link");
    symlink("itself", at("itself")).expect("a link");
    symlink("nowhere", at("dangling")).expect("a link");
    symlink("/dev/zero", at("zeros")).expect("a link");
    let made = Command::new("mkfifo").arg(at("pipe.json")).status();
    assert!(made.expect("`mkfifo` runs").success());
    let _socket = std::os::unix::net::UnixListener::bind(at("socket")).expect("a socket");
    let report = report(program().arg(at("")));
    assert_eq!(sessions(&report), 1);
    let unread: Vec<_> = problems(&report).iter().map(|(file, _)| *file).collect();
    assert_eq!(
        unread,
        ["dangling", "itself", "pipe.json", "socket", "zeros"]
    );
}

#[test]
fn names_that_are_not_unicode_are_read_and_written() {
    let name = |bytes: &[u8]| OsString::from_vec(bytes.to_vec());
    let folder = Folder::new();
    let logs = Path::new(OsStr::new("logs")).join(name(b"caf\xe9"));
    let one = folder.write(logs.join(name(b"\xff.json")), log(1));
    folder.write(logs.join(name(b"\xfe.json")), log(2));
    let target = folder.0.join(name(b"\xf0report.json"));
    let status = program()
        .args(["--quiet", "--format", "json", "--output"])
        .args([&target, &folder.0.join("logs")])
        .status();
    // Whether they were tried again the log is too short to tell; what was refused was refused.
    assert_eq!(status.expect("the program runs").code(), Some(1));
    let written = fs::read(&target).expect("the report");
    let report: Value = serde_json::from_slice(&written).expect("a report");
    assert_eq!((sessions(&report), problems(&report).len()), (2, 0));

    let mut child = program()
        .args(["--summary", "--files-from", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("the program runs");
    let mut list = child.stdin.take().expect("a pipe");
    let bytes = one.into_os_string().into_vec();
    list.write_all(&bytes).expect("a list can be written");
    drop(list);
    let listed = child.wait_with_output().expect("it ends");
    assert!(String::from_utf8_lossy(&listed.stdout).contains("shop/1"));

    let absent = output(program().arg(folder.0.join(name(b"\xc0absent"))));
    assert_eq!(absent.status.code(), Some(2));
}

#[test]
fn no_room_ends_with_status_2_and_leaves_nothing() {
    let full = fs::OpenOptions::new().write(true).open("/dev/full");
    let folder = Folder::new();
    folder.write("a.json", log(1));
    match full {
        Ok(full) => {
            let run = output(program().arg(&folder.0).stdout(full));
            assert_eq!(run.status.code(), Some(2), "{run:?}");
            assert!(String::from_utf8_lossy(&run.stderr).contains("No space left"));
        }
        Err(error) => eprintln!("SKIPPED: no /dev/full: {error}"),
    }

    // A file system of 64 KiB, seen by the one process alone.
    let disk = folder.0.join("disk");
    fs::create_dir(&disk).expect("a folder");
    for number in 0..200 {
        folder.write(format!("logs/{number}.json"), log(number));
    }
    let inside = format!(
        "mount -t tmpfs -o size=64k none '{disk}' && \"$0\" --format json --output '{disk}/r' '{logs}'; \
         status=$?; ls -A '{disk}' | wc -l; exit $status",
        disk = disk.display(),
        logs = folder.0.join("logs").display(),
    );
    let run = Command::new("unshare")
        .args(["--mount", "--map-root-user", "sh", "-c", &inside])
        .arg(env!("CARGO_BIN_EXE_reconstruct"))
        .env("XDG_CONFIG_HOME", "/nonexistent")
        .output();
    let run = match run {
        Ok(run) if !String::from_utf8_lossy(&run.stderr).contains("unshare") => run,
        other => return eprintln!("SKIPPED: no file system of our own: {other:?}"),
    };
    let said = String::from_utf8_lossy(&run.stderr);
    assert!(said.contains("No space left"), "{said}");
    assert_eq!(run.status.code(), Some(2), "{said}");
    assert_eq!(run.stdout, b"0\n", "no file stays");
}

#[test]
fn a_reader_that_goes_is_success() {
    let folder = Folder::new();
    for number in 0..500 {
        folder.write(format!("{number}.json"), log(number));
    }
    let mut child = program()
        .args(["--verbose", "--fail-on", "never"])
        .arg(&folder.0)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program runs");
    let mut pipe = child.stdout.take().expect("a pipe");
    pipe.read_exact(&mut [0; 1]).expect("a first byte");
    drop(pipe);
    let ended = child.wait_with_output().expect("it ends");
    assert_eq!(ended.status.code(), Some(0));
    assert_eq!(String::from_utf8_lossy(&ended.stderr), "");
}

#[test]
fn output_replaces_nothing_but_a_regular_file_of_its_own() {
    let folder = Folder::new();
    let log_file = folder.write("logs/a.json", log(1));
    let kept = folder.write("kept.txt", "kept");
    let at = |name: &str| folder.0.join(name);
    symlink(&kept, at("link")).expect("a link");
    fs::hard_link(&log_file, at("hard")).expect("a second name");
    let made = Command::new("mkfifo").arg(at("pipe")).status();
    assert!(made.expect("`mkfifo` runs").success());
    let before = folder.names();
    for target in ["link", "hard", "pipe", "logs", "logs/a.json"] {
        let mut command = program();
        command.args(["--force", "--output"]).arg(at(target));
        let run = output(command.arg(at("logs")));
        assert_eq!(run.status.code(), Some(2), "{target}");
        assert_eq!(folder.names(), before, "{target}");
    }
    assert_eq!(fs::read_to_string(&kept).ok().as_deref(), Some("kept"));
    assert_eq!(fs::read_to_string(&log_file).ok(), Some(log(1)));
}

#[test]
fn pipes_that_are_named_are_read_as_streams() {
    let folder = Folder::new();
    let one = folder.write("a.json", log(1));
    let two = folder.write("b.json", log(2));
    let run = Command::new("bash")
        .arg("-c")
        .arg("\"$0\" --format json --fail-on never <(cat \"$1\") <(cat \"$2\")")
        .arg(env!("CARGO_BIN_EXE_reconstruct"))
        .args([&one, &two])
        .env("XDG_CONFIG_HOME", "/nonexistent")
        .output();
    let Ok(run) = run else {
        return eprintln!("SKIPPED: no bash");
    };
    assert_eq!(run.status.code(), Some(0), "{run:?}");
    let report: Value = serde_json::from_slice(&run.stdout).expect("a report");
    assert_eq!((sessions(&report), problems(&report).len()), (2, 0));
}

#[test]
fn nothing_that_could_be_opened_is_status_2() {
    let folder = Folder::new();
    folder.write("a.json", log(1));
    let run = output(program_after("ulimit -n 5").arg(&folder.0));
    let said = String::from_utf8_lossy(&run.stderr).into_owned();
    assert_eq!(run.status.code(), Some(2), "{said}");
    assert!(
        said.contains(&format!("`{}`", folder.0.display())),
        "{said}"
    );
}

#[test]
fn a_program_killed_while_it_writes_leaves_the_old_report() {
    let folder = Folder::new();
    for number in 0..1_000 {
        folder.write(format!("logs/{number}.json"), log(number));
    }
    let report = folder.write("report.json", "kept");
    let mut command = program();
    command
        .args(["--quiet", "--format", "json", "--force", "--output"])
        .args([&report, &folder.0.join("logs")]);
    let mut child = command.spawn().expect("the program runs");
    let unfinished = folder.0.join(format!(".report.json.{}.tmp", child.id()));
    while !unfinished.exists() {
        let ended = child.try_wait().expect("a child can be asked");
        assert!(ended.is_none(), "ended before it wrote: {ended:?}");
        thread::yield_now();
    }
    child.kill().expect("it can be killed");
    child.wait().expect("it ends");
    assert_eq!(fs::read_to_string(&report).ok().as_deref(), Some("kept"));
    // Nobody could take the unfinished file away, but it is hidden, and in no next run's way.
    assert_eq!(output(&mut command).status.code(), Some(1));
    let whole = fs::read(&report).expect("the report");
    let whole: Value = serde_json::from_slice(&whole).expect("a whole report");
    assert_eq!(sessions(&whole), 1_000);
    assert_eq!(folder.names().len(), 3, "{:?}", folder.names());
}

#[test]
fn a_hundred_thousand_files_are_all_read() {
    const N_FILES: u64 = 100_000;
    let folder = Folder::in_memory();
    for number in 0..N_FILES {
        let content = match number % 1_000 {
            0 => log(number),
            _ => "{\"Records\":[]}".to_owned(),
        };
        // A thousand in each of fifty folders, and fifty thousand in one.
        let place = (number / 1_000).min(50);
        folder.write(format!("{place}/{number}.json"), content);
    }
    let report = report(program().arg(&folder.0));
    assert_eq!(report["coverage"]["files"]["found"], N_FILES);
    assert_eq!((sessions(&report), problems(&report).len()), (100, 0));
}

#[test]
fn a_file_of_gigabytes_needs_no_memory_of_gigabytes() {
    let folder = Folder::new();
    // No blocks are behind it: it is all zeros.
    let path = folder.write("huge.json", "");
    let file = fs::OpenOptions::new().write(true).open(&path);
    let grown = file.and_then(|file| file.set_len(8 << 30));
    grown.expect("a file system with holes");
    folder.write("a.json", log(1));
    // In KiB of addresses: more than all threads and their buffers, much less than the file.
    let mut limited = program_after("ulimit -v 2000000");
    let report = report(limited.args(["--max-decoded", "256MiB"]).arg(&folder.0));
    assert_eq!(sessions(&report), 1);
    assert_eq!(problems(&report), [("huge.json", "too-large")]);
}
