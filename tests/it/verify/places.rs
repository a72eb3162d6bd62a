//! `--verify` wherever log files lie, and beside the other options: archives, standard input, buckets, a period,
//! pseudonyms.

use super::*;

use crate::support::run::run_on;

/// The files as one archive.
fn zipped<'a>(files: impl IntoIterator<Item = &'a (String, Vec<u8>)>) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default();
    for (name, content) in files {
        writer.start_file(name, options).expect("memory");
        writer.write_all(content).expect("memory");
    }
    writer.finish().expect("memory").into_inner()
}

#[test]
fn members_of_an_archive_are_checked_by_their_names() {
    let mut files = sound();
    let sound = check(&vec![("all.zip".to_owned(), zipped(&files))]);
    assert_eq!(sound.log_files(), json!({"verified": n_logs(&files)}));
    assert_eq!(sound.digest_files(), json!({"signed": 6}));
    assert_eq!(sound.problems(), []);
    let at = log_of_put(&files, "us-west-2");
    files[at].1 = gzip(&text(&files[at].1).replace("tools/web", "tools/wob"));
    let absent = logs(&files, "eu-central-1", "1410", "1450")[0];
    files.remove(absent);
    let expected = json!({"verified": n_logs(&files) - 1, "altered": 1, "absent": 1});
    let backwards = zipped(files.iter().rev());
    for archive in [zipped(&files), backwards] {
        let checked = check(&vec![("all.zip".to_owned(), archive)]);
        assert_eq!(checked.log_files(), expected);
        let told = [("absent-file", "all.zip"), ("altered-file", "all.zip")];
        let mut problems = checked.problems();
        problems.sort_unstable();
        assert_eq!(problems, told);
        let at = log_of_put(&files, "us-west-2");
        let member = files[at].0.rsplit('/').next().expect("a name");
        let messages = checked.report["problems"].to_string();
        let named = format!("member `{member}`: the content is not what");
        assert!(messages.contains(&named), "{messages}");
        // The other push lies in the same archive, and in a member that is sound.
        let altered = [("altered-log", "error")];
        assert_eq!(checked.findings(Some("us-west-2")), altered);
        assert_eq!(checked.findings(Some("eu-central-1")), []);
    }
}

#[test]
fn archive_and_files_beside_it_are_one_tree() {
    let files = sound();
    let (inside, mut beside): (Files, Files) = files
        .iter()
        .cloned()
        .partition(|(path, _)| path.contains("us-west-2"));
    beside.push(("us.zip".to_owned(), zipped(&inside)));
    let checked = check(&beside);
    assert_eq!(checked.log_files(), json!({"verified": n_logs(&files)}));
    assert_eq!(checked.digest_files(), json!({"signed": 6}));
    assert_eq!(checked.problems(), []);
}

#[test]
fn member_past_the_limit_is_unread_and_not_absent() {
    let files = sound();
    let (digest_files, log_files): (Files, Files) = files
        .iter()
        .cloned()
        .partition(|(path, _)| path.contains("CloudTrail-Digest"));
    let mut beside = digest_files;
    beside.push(("logs.zip".to_owned(), zipped(&log_files)));
    let checked = check_with(&beside, &["--max-decoded", "64KiB"]);
    let row = checked.log_files();
    let n = |what: &str| row[what].as_u64().unwrap_or_default();
    assert_eq!(n("verified") + n("unread"), log_files.len() as u64, "{row}");
    assert!(n("unread") > 0 && n("verified") > 0, "{row}");
}

#[test]
fn standard_input_has_no_name_to_be_found_by() {
    let files = sound();
    let log = &files[log_of_put(&files, "us-west-2")];
    let digest_files = files.iter().filter(|(path, _)| path.contains("Digest"));
    let beside = Logs::new(&digest_files.cloned().collect());
    let args = [
        "--verify",
        "--format",
        "json",
        "--quiet",
        "-",
        beside.path(),
    ];
    let run = run_on(args, log.1.clone());
    let report = serde_json::from_str(&run.stdout).expect("a report is JSON");
    let checked = Checked { report };
    // What it holds is of a time that digest files cover.
    assert_eq!(checked.log_files()["unlisted"], 1);
    let found = checked.findings(Some("us-west-2"));
    assert_eq!(found, [("unverified-log", "warning")]);
}

/// A day with digest files, and a push at its end.
const DAY: &str = "
who ci role
repo team/app
noise 00:10 23:50 200
digests
22:12:14  ci  -         GetAuthorizationToken
22:12:15  ci  team/app  Initiate  u1
22:12:16  ci  team/app  Part      u1 0-5MiB
22:12:17  ci  team/app  Complete  u1 aa
22:12:20  ci  team/app  PutImage  v1 config=cc layers=aa
";

#[test]
fn log_files_of_another_time_are_neither_checked_nor_absent() {
    let mut files = script::files(DAY).expect("a sound script");
    let args = ["--since", "2026-03-17T20:00:00Z"];
    let checked = check_with(&files, &args);
    let row = |checked: &Checked, name: &str| checked.report["coverage"]["files"][name].as_u64();
    let n_pruned = row(&checked, "pruned").expect("a count");
    let n_digests = digests(&files, "eu-central-1").len();
    assert!(n_pruned > 5 && n_digests > 20, "{n_pruned} {n_digests}");
    let n_read = n_logs(&files) as u64 - n_pruned;
    assert_eq!(checked.log_files(), json!({"verified": n_read}));
    // Also those before the reach: the chain leads to them.
    assert_eq!(checked.digest_files(), json!({"unchecked": n_digests}));
    assert_eq!(checked.problems(), []);
    // One is gone of the time that matters, and one of the time before.
    files.remove(logs(&files, "eu-central-1", "1200", "1300")[0]);
    files.remove(logs(&files, "eu-central-1", "0300", "0400")[0]);
    let checked = check_with(&files, &args);
    let expected = json!({"verified": n_read - 1, "absent": 1});
    assert_eq!(checked.log_files(), expected);
    let whole = check(&files);
    assert_eq!(whole.log_files()["absent"], 2);
}

#[test]
fn names_in_what_failed_are_pseudonyms() {
    let mut files = sound();
    // What CloudTrail made up of each name, and whose it is.
    let made_up = |(path, _): &(String, Vec<u8>)| {
        let name = path.rsplit('/').next()?.split('.').next()?;
        Some(name.rsplit('_').next()?.to_owned())
            .filter(|part| part.len() == 16 && !part.ends_with('Z'))
    };
    let mut names: Vec<String> = files.iter().filter_map(made_up).collect();
    assert!(names.len() > 20, "{names:?}");
    names.extend(["123456789012", "210987654321", "_main_", FINGERPRINT].map(str::to_owned));
    let at = log_of_put(&files, "us-west-2");
    files[at].1 = gzip(&text(&files[at].1).replace("tools/web", "tools/wob"));
    files.remove(logs(&files, "eu-central-1", "1410", "1450")[1]);
    files.remove(digests(&files, "us-west-2")[1]);
    let middle = digests(&files, "eu-central-1")[1];
    files[middle].1 = gzip(&format!("{} ", text(&files[middle].1)));
    let inside: Files = files
        .iter()
        .filter(|(path, _)| path.contains("us-west-2"))
        .cloned()
        .collect();
    let given = fs::read_to_string(keys()).expect("the keys");
    let other = given.replace(FINGERPRINT, "00000000000000000000000000000000");
    let folder = Logs::new(&vec![("keys.json".to_owned(), other.into_bytes())]);
    let others = format!("{}/keys.json", folder.path());
    let archive = vec![("all.zip".to_owned(), zipped(&inside))];
    for (files, keys) in [(&files, keys()), (&files, others), (&archive, keys())] {
        let logs = Logs::new(files);
        for format in ["text", "json", "html"] {
            let args = ["--verify", "--public-keys", &keys, "--format", format];
            let bare = logs.run(&args);
            let bare = bare.stdout + &bare.stderr;
            let run = logs.run(&[&["--redact"], &args[..]].concat());
            let output = run.stdout + &run.stderr;
            assert!(output.contains("digest file"), "{format}: {output}");
            let left = |output: &str| names.iter().filter(|name| output.contains(*name)).count();
            assert!(left(&bare) > 0, "{format}: {bare}");
            assert_eq!(left(&output), 0, "{format}: {output}");
        }
    }
}

#[cfg(feature = "aws")]
mod in_a_bucket {
    use super::*;

    use crate::support::bucket::Tree;
    use crate::support::run::run_in;
    use crate::support::s3_server::{Script, Server, reading};

    /// What the program prints of a bucket.
    fn of_bucket(tree: Tree, args: &[&str]) -> Checked {
        let server = Server::start(tree, Script::default());
        let always = [
            "--verify",
            "--format",
            "json",
            "--quiet",
            "--fail-on",
            "never",
        ];
        let run = run_in(
            always
                .into_iter()
                .chain(args.iter().copied())
                .chain(["s3://logs"]),
            reading(&server.url, &[]),
        );
        assert_eq!((run.status, run.stderr.as_str()), (0, ""));
        let report = serde_json::from_str(&run.stdout).expect("a report is JSON");
        Checked { report }
    }

    #[test]
    fn objects_bring_the_signatures_of_digest_files_with_them() {
        let mut files = sound();
        let signed = digests(&files, "us-west-2")
            .into_iter()
            .chain(digests(&files, "eu-central-1"))
            .map(|at| (files[at].0.clone(), signature(&files, at)))
            .collect();
        files.retain(|(path, _)| path.ends_with(".json.gz"));
        let keys = keys();
        let args = ["--public-keys", keys.as_str()];
        let bare = of_bucket(Tree::new(&files, 1_000), &args);
        assert_eq!(bare.digest_files(), json!({"signed": 4, "unchecked": 2}));
        assert_eq!(bare.report, check_with(&files, &args).report);
        let mut tree = Tree::new(&files, 1_000);
        tree.signatures = signed;
        let checked = of_bucket(tree.clone(), &args);
        assert_eq!(checked.digest_files(), json!({"signed": 6}));
        assert_eq!(checked.log_files(), json!({"verified": n_logs(&files)}));
        for signature in tree.signatures.values_mut() {
            *signature = signature.replace('a', "b");
        }
        let wrong = of_bucket(tree, &args);
        assert_eq!(
            wrong.digest_files(),
            json!({"signed": 4, "bad_signature": 2})
        );
    }

    #[test]
    fn log_files_of_another_time_are_listed_in_a_bucket_as_they_are_pruned_in_a_folder() {
        let files = script::files(DAY).expect("a sound script");
        let args = ["--since", "2026-03-17T20:00:00Z"];
        let bucket = of_bucket(Tree::new(&files, 1_000), &args);
        assert_eq!(bucket.report, check_with(&files, &args).report);
    }
}
