//! Every folder of `testdata/cases` is a test: its script gives the logs, and the logs give the report.
//!
//! `RECONSTRUCT_BLESS=1 cargo test --test it cases` writes `in/` and `expect/` anew; read what it wrote. The JSON report
//! is kept of a dozen cases only: nobody reads more of them, and the schema and the laws hold the rest.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use reconstruct::finding::codes;

use crate::support::company;
use crate::support::run::{compare, is_blessing, project, run};
use crate::support::script::damage::decoded;
use crate::support::script::{self, Files};

/// Makes one test of each folder named, and the list of them.
macro_rules! cases {
    ($($name:ident)*) => {
        $(#[test] fn $name() { case(stringify!($name)); })*
        const CASES: &[&str] = &[$(stringify!($name)),*];
    };
}

cases! {
    absent_log altered_log altered_records attestation_without_index by_hand causes_that_fit changed_before children_without_index compared compared_one_push compared_uncovered complete
    conflicting_event_id damaged_files deletion_failed denied_after_success denied_on_first_call ecr_public
    filter_by_content filter_by_name filter_by_period filter_selects_nothing hole_inside_push
    image_history image_history_by_digest immutable_tag immutable_tag_held index_rerun
    killed_and_rerun kinds_of_artifacts log_ends_inside_push log_hole login_refused
    login_refused_filtered mount_probe multi_architecture network_activity new_client no_login
    no_put_image omitted_manifest omitted_parameters parallel_jobs pause_before_manifest
    period_not_covered policy_undecided pulled_after_theft pulls_that_failed reads_not_logged redacted refusals_overcome refused_and_run_again refused_manifests
    refused_public refused_uploads repository_history retag retry_inside_push roles_in_a_ring roles_traced
    second_platform_asked second_tag_refused sent_twice shared_upload stolen_key tag_race token_of_iam_user
    twins_and_duplicates two_hosts unchanged unseen_layers unverified_log upload_abandoned
    upload_ended_twice who_and_where
}

#[test]
fn every_folder_is_a_test() {
    let entries = fs::read_dir(project("testdata/cases")).expect("the cases are there");
    let names = entries.map(|entry| {
        entry
            .expect("readable")
            .file_name()
            .to_string_lossy()
            .replace('-', "_")
    });
    let mut names: Vec<String> = names.collect();
    names.sort();
    assert_eq!(names, CASES, "the list at the head of tests/it/cases.rs");
}

#[test]
fn sample_is_what_its_program_makes() {
    same_files(&project("testdata/sample"), &company::sample());
}

#[test]
fn every_finding_is_in_a_report_that_somebody_read() {
    let mut read = String::new();
    for name in CASES {
        let expect = project("testdata/cases")
            .join(name.replace('_', "-"))
            .join("expect");
        for file in ["report.txt", "report.json"] {
            read.push_str(&fs::read_to_string(expect.join(file)).unwrap_or_default());
        }
    }
    let is_shown = |code: &str| {
        read.contains(&format!("[{code}]")) || read.contains(&format!("\"code\":\"{code}\""))
    };
    let codes = codes().map(|code| code.code);
    let missing: Vec<_> = codes.filter(|code| !is_shown(code)).collect();
    assert_eq!(missing, [""; 0], "findings that no case shows");
}

/// What `case.md` says after `Arguments:`, `Status:` and `Waits for:`.
struct Case {
    args: Vec<String>,
    status: u8,
    /// The program is known to be wrong here: nothing is expected until it is right.
    waits: bool,
}

fn case(name: &str) {
    let folder = project("testdata/cases").join(name.replace('_', "-"));
    let text = fs::read_to_string(folder.join("script.txt")).expect("a case has a script");
    let files = match script::files(&text) {
        Ok(files) => files,
        Err(fault) => panic!("{name}/script.txt line {}: {}", fault.line, fault.what),
    };
    let input = folder.join("in");
    same_files(&input, &files);
    let Case {
        args,
        status,
        waits,
    } = described(&folder);
    if waits {
        return;
    }
    let path = input.to_string_lossy().into_owned();
    let arguments = |format: &'static str| {
        let words = args.iter().map(String::as_str);
        [path.as_str(), "--format", format].into_iter().chain(words)
    };
    let text = run(arguments("text"));
    let json = run(arguments("json"));
    let expect = folder.join("expect");
    let outputs = [
        ("report.txt", &text.stdout),
        ("report.json", &json.stdout),
        ("stderr.txt", &text.stderr),
    ];
    let is_kept = |file: &str| file != "report.json" || expect.join(file).exists();
    let differences: Vec<String> = outputs
        .iter()
        .filter(|(file, _)| is_kept(file))
        .filter_map(|(file, output)| compare(&expect.join(file), output).err())
        .collect();
    assert!(differences.is_empty(), "{}", differences.join("\n"));
    assert_eq!(text.status, status, "the exit status of {name}");
    assert_eq!(json.status, status, "the exit status of {name} as JSON");
}

fn described(folder: &Path) -> Case {
    let text = fs::read_to_string(folder.join("case.md")).expect("a case is described");
    let after = |key: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(key));
        line.unwrap_or_else(|| panic!("case.md has no line `{key} …`"))
            .trim()
            .to_owned()
    };
    let args = after("Arguments:")
        .trim_matches('`')
        .split_whitespace()
        .map(str::to_owned)
        .collect();
    Case {
        args,
        status: after("Status:").parse().expect("a status is a number"),
        waits: text.contains("\nWaits for:"),
    }
}

/// Compares a tree with what it should hold, or writes it when blessing.
///
/// Sound gzip is compared by its content: another version of the encoder may choose other bytes.
fn same_files(root: &Path, files: &Files) {
    if is_blessing() {
        if root.exists() {
            fs::remove_dir_all(root).expect("the old tree can go");
        }
        for (path, content) in files {
            let path = root.join(path);
            fs::create_dir_all(path.parent().expect("below the root")).expect("a folder");
            fs::write(path, content).expect("a file");
        }
    }
    let mut found = BTreeMap::new();
    walk(root, root, &mut found);
    let expected: Vec<&String> = files.iter().map(|(path, _)| path).collect();
    assert_eq!(
        found.keys().collect::<Vec<_>>(),
        expected,
        "{}",
        root.display()
    );
    for (path, content) in files {
        let (kept, made) = (decoded(&found[path]), decoded(content));
        let same = if made.is_empty() {
            found[path] == *content
        } else {
            kept == made
        };
        assert!(
            same,
            "{}/{path} is not what the script makes",
            root.display()
        );
    }
}

fn walk(root: &Path, folder: &Path, found: &mut BTreeMap<String, Vec<u8>>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("readable").path();
        if path.is_dir() {
            walk(root, &path, found);
            continue;
        }
        let below = path.strip_prefix(root).expect("below the root");
        let name: Vec<_> = below.iter().map(|part| part.to_string_lossy()).collect();
        found.insert(name.join("/"), fs::read(&path).expect("a file"));
    }
}
