//! Paths that lead nowhere, and files that cannot be written where they were asked for.

use std::fs;

use crate::support::folder::Folder;
use crate::support::logs::refused_push;
use crate::support::run::{Run, run};

fn told(run: &Run) -> &str {
    assert_eq!((run.status, &*run.stdout), (2, ""), "{}", run.stderr);
    &run.stderr
}

#[test]
fn other_spellings_of_a_bucket_lead_to_the_one_that_is_read() {
    for (typed, meant) in [
        (
            "https://trail.s3.eu-west-1.amazonaws.com/AWSLogs/",
            "s3://trail/AWSLogs/",
        ),
        (
            "https://s3.eu-west-1.amazonaws.com/trail/AWSLogs/",
            "s3://trail/AWSLogs/",
        ),
        ("arn:aws:s3:::trail/AWSLogs", "s3://trail/AWSLogs"),
        ("s3:/trail", "s3://trail"),
    ] {
        assert_eq!(
            told(&run([typed])),
            format!(
                "error: cannot look at `{typed}`: No such file or directory (os error 2)\n\n  tip: did you mean \
                 `{meant}`?\n"
            )
        );
    }
    assert_eq!(
        told(&run(["s3://arn:aws:s3:::trail/a"])),
        "error: invalid address `s3://arn:aws:s3:::trail/a`: expected 3 to 63 lower-case letters, digits, `-` and `.` \
         for the name of a bucket\n\n  tip: did you mean `s3://trail/a`?\n\nUsage: reconstruct [OPTIONS] <PATH>...\n\n\
         For more information, try '--help'.\n"
    );
}

#[cfg(not(feature = "aws"))]
#[test]
fn program_without_network_code_says_how_to_get_the_other() {
    let listed = Folder::new();
    let list = listed.0.join("list");
    fs::write(&list, "s3://trail/AWSLogs/\n").expect("a file");
    let list = list.to_string_lossy().into_owned();
    for (args, what, or) in [
        (
            &["s3://trail/AWSLogs/"][..],
            "buckets of S3",
            "or copy the logs with `aws s3 sync` and read the folder",
        ),
        (
            &["--files-from", &list],
            "buckets of S3",
            "or copy the logs with `aws s3 sync` and read the folder",
        ),
        (
            &["event-history://eu-west-1"],
            "event histories",
            "or save one with `aws cloudtrail lookup-events` and read the file",
        ),
    ] {
        assert_eq!(
            told(&run(args.iter().copied())),
            format!(
                "error: this program was built without network code, so it reads no {what}\n\n  help: build it with \
                 `cargo install --path . --features aws` (docs/install.md), {or}\n"
            )
        );
    }
}

#[test]
fn a_bucket_is_not_named_by_a_tip_under_pseudonyms() {
    let run = run(["arn:aws:s3:::secret-trail/AWSLogs", "--redact"]);
    assert!(!told(&run).contains("secret-trail"), "{}", run.stderr);
}

#[test]
fn a_path_is_named_as_it_was_typed() {
    let folder = Folder::new();
    fs::create_dir(folder.0.join("empty")).expect("a folder");
    let base = folder.0.to_str().expect("Unicode");
    for (typed, why) in [
        (
            "/./nope//",
            "cannot look at `TYPED`: No such file or directory (os error 2)\n\n  help: check the spelling, \
                       and that this user may read it\n",
        ),
        (
            "//empty/../empty/",
            "no log file under `TYPED`\n\n  help: expected files as CloudTrail delivers them to S3: \
                               JSON, also compressed; directories are searched with everything below them\n",
        ),
    ] {
        let typed = format!("{base}{typed}");
        assert_eq!(
            told(&run([&*typed])),
            format!("error: {}", why.replace("TYPED", &typed))
        );
    }
}

#[test]
fn a_folder_for_the_output_is_told_which_file_to_name() {
    let folder = Folder::new();
    let log = serde_json::json!({"Records": [refused_push(1)]}).to_string();
    let log = folder.write("a.json", log);
    let (log, base) = (
        log.to_str().expect("Unicode"),
        folder.0.to_str().expect("Unicode"),
    );
    for (args, name) in [
        (&[][..], "report.txt"),
        (&["--format", "html"], "report.html"),
        (&["--format", "trace"], "report.json"),
        (&["--extract"], "extract.jsonl"),
        (&["--list-missing"], "missing.txt"),
    ] {
        let run = run([&[log, "-o", base, "--force"][..], args].concat());
        assert_eq!(
            told(&run),
            format!("error: `{base}` is a folder\n\n  tip: name a file in it: `{base}/{name}`\n")
        );
    }
    let there = format!("{base}/new/");
    assert_eq!(
        told(&run([log, "-o", &there])),
        format!(
            "error: `{there}` names a folder, which does not exist\n\n  tip: make it, and write to `{there}report.txt`\n"
        )
    );
    assert_eq!(folder.names(), ["a.json"]);
}

#[test]
fn a_folder_is_no_list_of_paths() {
    let folder = Folder::new();
    let base = folder.0.to_str().expect("Unicode");
    assert_eq!(
        told(&run(["--files-from", base])),
        format!(
            "error: `{base}` is a folder, and no list of paths\n\n  tip: name it without `--files-from`, and all below \
             it is read\n"
        )
    );
}

#[test]
fn the_ending_of_the_output_chooses_the_format() {
    let folder = Folder::new();
    let log = serde_json::json!({"Records": [refused_push(1)]}).to_string();
    let log = folder.write("a.json", log);
    let log = log.to_str().expect("Unicode");
    let written = |name: &str, args: &[&str]| {
        let path = folder.0.join(name);
        let to = path.to_str().expect("Unicode");
        let run = run([&[log, "--quiet", "--output", to], args].concat());
        assert_eq!(&*run.stderr, "");
        let text = fs::read_to_string(path).expect("written");
        text.chars().take(10).collect::<String>()
    };
    for (name, begin) in [
        ("a.html", "<!doctype "),
        ("b.HTM", "<!doctype "),
        ("c.json", "{\n\"schema\""),
        ("d.jsonl", "{\"type\":\"s"),
        ("e.csv", "push,statu"),
        ("f.dot", "digraph pu"),
        ("g.txt", "1 push: 1 "),
        ("h.report", "1 push: 1 "),
        ("html", "1 push: 1 "),
    ] {
        assert_eq!(written(name, &[]), begin, "{name}");
    }
    assert_eq!(written("i.html", &["--format", "text"]), "1 push: 1 ");
}
