//! Buckets: a tree in an object store gives the report of the same tree in a directory.

use std::fs;
use std::io::{Cursor, Write as _};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use reconstruct::ingest;
use reconstruct::render::{Detail, Format, Style};
use reconstruct::source::store::Everything;
use reconstruct::source::{Bucket, Input, Prefix, Reach, Scope};
use reconstruct::{Options, reconstruct};

use crate::support::bucket::{Fake, Tree};
use crate::support::logs::Logs;
use crate::support::run::project;
use crate::support::script::Files;

/// Logs as buckets hold them: several cases under folders of their own, and what may lie beside them.
pub(crate) fn files() -> Files {
    let mut files: Vec<(String, Vec<u8>)> = Vec::new();
    for case in ["damaged-files", "multi-architecture", "log-hole"] {
        walk(
            &project(&format!("testdata/cases/{case}/in")),
            case,
            &mut files,
        );
    }
    for (path, content) in [
        ("a b+c/ü.json", &b"{\"Records\":[]}"[..]),
        ("empty.json", b""),
        (".hidden/AWSLogs/a.json", b"x"),
        ("log-hole/.hidden-1", b"x"),
        ("log-hole/AWSLogs/notes.txt", b"no log"),
        ("log-hole/AWSLogs/123456789012/vpcflowlogs/a.log", b"no log"),
        ("1/2/3/4/5/deep.json", b"no log"),
    ] {
        files.push((path.to_owned(), content.to_vec()));
    }
    files.into_iter().collect()
}

fn walk(folder: &Path, name: &str, files: &mut Vec<(String, Vec<u8>)>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("readable").path();
        let below = path.file_name().unwrap_or_default().to_string_lossy();
        let below = format!("{name}/{below}");
        match path.is_dir() {
            true => walk(&path, &below, files),
            false => files.push((below, fs::read(&path).expect("a file"))),
        }
    }
}

#[test]
fn every_form_of_a_file_is_read_from_a_bucket() {
    let mut files: Files = Files::default();
    walk(&project("testdata/wrappers"), "forms", &mut files);
    let whole = fs::read(project("testdata/wrappers/records.json")).expect("a file");
    let packed = zstd::encode_all(whole.as_slice(), 3).expect("memory");
    files.push(("packed/records.json.zst".to_owned(), packed));
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default();
    archive.start_file("records.json", options).expect("memory");
    archive.write_all(&whole).expect("memory");
    let archive = archive.finish().expect("memory").into_inner();
    files.push(("packed/records.zip".to_owned(), archive));

    let logs = Logs::new(&files);
    let wanted = report(&[Input::Path(logs.path().into())], 1);
    let value: serde_json::Value = serde_json::from_str(&wanted).expect("JSON");
    assert_eq!(value["problems"], serde_json::json!([]));
    let tree = Tree::new(&files, 1_000);
    assert!(report(&[prefix(Fake::new(tree.clone(), 4), "")], 2) == wanted);
    // Nothing is fetched ahead of what the listing makes smaller than it is.
    let mut fake = Fake::new(tree, 4);
    fake.grown.extend(files.iter().map(|(key, _)| key.clone()));
    assert!(report(&[prefix(fake, "")], 2) == wanted);
}

/// The JSON report of inputs by the library.
fn report(inputs: &[Input], jobs: usize) -> String {
    let options = Options {
        ingest: ingest::ReadOptions {
            jobs: Some(jobs),
            max_decoded_bytes: 1 << 30,
            roles: ingest::Roles::Ignored,
            pulls: reconstruct::event::Pulls::Ignored,
            verify: None,
        },
        window: Duration::from_secs(900),
        reach: Reach::default(),
        ..Options::default()
    };
    let whole = reconstruct(inputs, &options).expect("logs");
    let format = Format::find("json").expect("a format");
    let style = Style {
        color: false,
        unicode: true,
        width: 80,
        detail: Detail::Normal,
        ..Style::default()
    };
    let mut text = Vec::new();
    let written = format.renderer.render(&whole.report(), &style, &mut text);
    written.expect("memory takes all");
    String::from_utf8(text).expect("reports are UTF-8")
}

fn prefix(fake: Fake, path: &str) -> Input {
    let scope: Arc<dyn Scope> = Arc::new(Everything);
    Input::Prefix(Prefix {
        bucket: Bucket {
            name: "logs".into(),
            store: Arc::new(fake),
        },
        path: path.to_owned(),
        scope,
    })
}

#[test]
fn threads_and_connections_change_nothing() {
    let tree = Tree::new(&files(), 7);
    let wanted = report(&[prefix(Fake::new(tree.clone(), 1), "")], 1);
    for (jobs, connections) in [(1, 32), (8, 1), (8, 32)] {
        let mut fake = Fake::new(tree.clone(), connections);
        // One that is larger than the listing said is read once more.
        let key = files()
            .into_iter()
            .find(|(key, _)| key.ends_with(".json.gz"));
        fake.grown.extend(key.map(|(key, _)| key));
        assert_eq!(fake.grown.len(), 1);
        assert!(
            report(&[prefix(fake, "")], jobs) == wanted,
            "{jobs} {connections}"
        );
    }
}

#[test]
fn an_object_that_cannot_be_read_costs_only_itself() {
    let files = files();
    let tree = Tree::new(&files, 1_000);
    let mut fake = Fake::new(tree, 4);
    let (key, _) = files
        .iter()
        .find(|(key, _)| key.ends_with(".json.gz"))
        .expect("a log");
    fake.denied.insert(key.clone());
    let text = report(&[prefix(fake, "")], 2);
    let value: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(value["coverage"]["files"]["unreadable"], 1);
    assert!(text.contains("AccessDenied: no"));
}
