//! The documents that are made from code or hold commands: they say what the program does.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use reconstruct::cli::Surroundings;
use reconstruct::event::{DigestId, Id, UploadId};
use reconstruct::graph::{About, Evidence, Relation};
use reconstruct::pull::PullEnd;
use reconstruct::render::Format;
use reconstruct::report::row::{
    AddressBy, Attention, ChainBegin, Change, ClientFrom, HintKind, HistoryKind, HistoryTarget,
    LayerState, LossKind, ManifestState, Measure, Notice, OriginKind, Outcome, PushStatus,
    ReasonKind, RelatedAs, ShownBy, SideFrom, Trait,
};
use serde_json::Value;

use crate::support::folder::Folder;
use crate::support::run::{Run, compare, project, run, run_in};

/// Every kind of evidence.
fn kinds() -> [Evidence; 12] {
    let (upload, digest) = (UploadId::from_index(0), DigestId::from_index(0));
    [
        Evidence::Upload(upload),
        Evidence::ByteOrder(upload),
        Evidence::Layer(digest),
        Evidence::Child(digest),
        Evidence::Subject(digest),
        Evidence::SameManifest(digest),
        Evidence::Fallback,
        Evidence::Availability(digest),
        Evidence::Retry,
        Evidence::Credential,
        Evidence::Window,
        Evidence::Authorization,
    ]
}

#[test]
fn page_of_the_evidence_is_made_from_its_table() {
    let mut page = String::from(
        "# Evidence\n\n\
         What joins the events of a push. Made from `src/graph`; do not edit by hand.\n\n\
         A *proof* is an identifier or a content digest; an *inference* is the likeliest reading, by what clients were\n\
         seen to do; a *hint* is consistent with it, as other things are. Evidence that *causes* orders events; evidence\n\
         that *belongs* only says that they are of one run.\n\n\
         | evidence | strength | relation |\n|---|---|---|\n",
    );
    for evidence in kinds() {
        let About {
            name,
            strength,
            relation,
            ..
        } = evidence.about();
        let relation = match relation {
            Relation::Causes => "causes",
            Relation::Belongs => "belongs",
        };
        let strength = strength.name();
        writeln!(page, "| [{name}](#{name}) | {strength} | {relation} |")
            .expect("a string takes all");
    }
    for evidence in kinds() {
        let About { name, says, .. } = evidence.about();
        assert!(!says.is_empty(), "`{name}` is explained");
        write!(page, "\n## {name}\n\n{}\n", wrapped(says)).expect("a string takes all");
    }
    compare(&project("docs/evidence.md"), &page)
        .unwrap_or_else(|difference| panic!("{difference}"));
}

/// Lines of at most 110 characters.
fn wrapped(text: &str) -> String {
    let (mut page, mut width) = (String::new(), 0);
    for word in text.split_whitespace() {
        if width + word.len() >= 110 {
            page.push('\n');
            width = 0;
        } else if width > 0 {
            page.push(' ');
            width += 1;
        }
        page.push_str(word);
        width += word.len();
    }
    page
}

/// The lines inside the code blocks of a document that begin with `$ ` or stand in a `sh` block.
fn commands(text: &str) -> Vec<&str> {
    let blocks = text
        .split("```sh\n")
        .skip(1)
        .filter_map(|block| block.split("```").next());
    let lines = blocks.flat_map(str::lines);
    lines
        .map(|line| line.split(" # ").next().unwrap_or(line).trim())
        .filter(|line| !line.is_empty())
        .collect()
}

/// Runs the arguments of a documented command, from the project's own directory.
fn documented(command: &str) -> Option<Run> {
    let cargo = "cargo run --release -- ";
    let args = command
        .strip_prefix(cargo)
        .or_else(|| command.strip_prefix("reconstruct "))?;
    let args = args
        .split_whitespace()
        .map(|word| match word.strip_prefix("testdata/") {
            Some(_) => project(word).to_string_lossy().into_owned(),
            None => word.trim_matches('\'').to_owned(),
        });
    let args: Vec<String> = args.collect();
    Some(run(args.iter().map(String::as_str)))
}

#[test]
fn commands_of_the_readme_run() {
    let readme = include_str!("../../README.md");
    let commands = commands(readme);
    let first = commands
        .iter()
        .position(|command| command.contains("testdata/sample"));
    let second = commands.iter().position(|command| *command == "cargo test");
    assert!(first < second && first.is_some(), "{commands:?}");
    let mut n_run = 0;
    for command in commands
        .iter()
        .filter(|command| command.contains("testdata/"))
    {
        let run = documented(command).expect("a command of this program");
        // The sample holds failed and incomplete pushes, which status 1 says.
        assert!(run.status <= 1, "{command}: {}", run.stderr);
        assert!(run.stdout.len() > 200, "{command}");
        if command.contains("--trace-roles") {
            let said = "session GitHubActions (123456789012), for\n         repo:example/shop:";
            assert!(run.stdout.contains(said), "{}", run.stdout);
        }
        n_run += 1;
    }
    assert!(n_run >= 2, "{commands:?}");
}

/// What `jq` makes of a text by the filter that a document quotes; none without the program.
fn by_jq(words: &str, json: &str) -> Option<String> {
    let (options, filter) = words.split_once('\'').expect("a filter in quotes");
    let found = Command::new("jq")
        .args(options.split_whitespace())
        .arg(filter.trim_end_matches('\''))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn();
    let mut jq = match found {
        Ok(jq) => jq,
        Err(error) => {
            let aloud = format!("SKIPPED: `jq {words}` of docs/agents.md: {error}\n");
            std::io::stderr()
                .write_all(aloud.as_bytes())
                .expect("somebody listens");
            return None;
        }
    };
    let mut stdin = jq.stdin.take().expect("a pipe");
    let json = json.to_owned();
    let writer = std::thread::spawn(move || stdin.write_all(json.as_bytes()));
    let done = jq.wait_with_output().expect("jq ends");
    assert!(done.status.success(), "jq {words}");
    writer.join().expect("no panic").expect("jq reads all");
    Some(String::from_utf8(done.stdout).expect("UTF-8"))
}

#[test]
fn commands_for_assistants_run() {
    let page = include_str!("../../docs/agents.md");
    let mut n_run = 0;
    for line in commands(page) {
        let (command, jq) = match line.split_once(" | jq ") {
            Some((command, jq)) => (command, Some(jq)),
            None => (line, None),
        };
        let run = documented(command).expect("a command of this program");
        assert!(run.status <= 1, "{command}: {}", run.stderr);
        assert!(run.stdout.len() > 200, "{command}: {}", run.stdout);
        if let Some(made) = jq.and_then(|jq| by_jq(jq, &run.stdout)) {
            // A misspelt key makes `null` of everything.
            assert!(
                made.len() > 100 && !made.contains("[null"),
                "{line}: {made}"
            );
            assert!(
                made.len() < run.stdout.len(),
                "{line}: {} bytes",
                made.len()
            );
        }
        n_run += 1;
    }
    assert!(n_run > 10, "{n_run}");
}

#[test]
fn screen_in_the_readme_is_what_the_command_prints() {
    let sample = project("testdata/sample").to_string_lossy().into_owned();
    let printed = run([sample.as_str()]).stdout;
    let mut blocks = vec![String::new()];
    for line in printed.lines() {
        if line.starts_with(|c: char| c.is_ascii_uppercase()) {
            blocks.push(String::new());
        }
        let block = blocks.last_mut().expect("never empty");
        block.push_str(line);
        block.push('\n');
    }
    assert!(blocks[1].starts_with("FAILED"), "{}", blocks[1]);
    let screen = format!("{}{}…", blocks[0], blocks[1]);
    let path = project("README.md");
    let readme = fs::read_to_string(&path).expect("the README is text");
    let (before, rest) = readme.split_once("```text\n").expect("a screen");
    let (_, after) = rest.split_once("```").expect("its end");
    let readme = format!("{before}```text\n{screen}\n```{after}");
    compare(&path, &readme).unwrap_or_else(|difference| panic!("{difference}"));
}

/// Runs a command of the recipes on the evening of the cases, on other logs than the `/logs` that it
/// names, for the repositories of theirs.
fn recipe(command: &str, logs: &str) -> Run {
    let logs = project(logs).to_string_lossy().into_owned();
    let mut args = Vec::new();
    let mut words = command.split_whitespace().skip(1);
    while let Some(word) = words.next() {
        match word {
            "/logs" => args.push(logs.as_str()),
            "--output" => drop(words.next()),
            "prod/*" => args.push("team/*"),
            word => args.push(word),
        }
    }
    let evening = Surroundings {
        now: "2026-03-17T23:00:00Z".parse().expect("a time"),
        ..Surroundings::none()
    };
    run_in(args, evening)
}

#[test]
fn commands_of_the_recipes_do_what_is_said_of_them() {
    let recipes = commands(include_str!("../../docs/recipes.md"));
    let (gates, pages): (Vec<&str>, Vec<&str>) = recipes
        .into_iter()
        .partition(|command| command.contains("/logs"));
    assert!(gates.len() >= 2 && pages.len() >= 2, "{gates:?} {pages:?}");
    for gate in gates {
        // Each case is a day: one push failed, one was made good, all came through.
        for (case, status) in [("immutable-tag", 1), ("killed-and-rerun", 0), ("retag", 0)] {
            // Their pushers are nobody of the company whose policy the recipe names, and a first policy is no gate.
            let status = match (gate.contains("--policy "), gate.contains("--policy-from")) {
                (true, _) => 1,
                (_, true) => 0,
                (false, false) => status,
            };
            // None of them has the whole day.
            let status = match gate.contains("--fail-on warning") {
                true => 1,
                false => status,
            };
            let run = recipe(gate, &format!("testdata/cases/{case}/in"));
            assert_eq!(run.status, status, "{gate} on {case}: {}", run.stderr);
        }
        assert_eq!(recipe(gate, "testdata/nothing-here").status, 2);
    }
    for page in pages {
        let run = recipe(page, "");
        assert_eq!(run.status, 0, "{page}: {}", run.stderr);
        assert!(run.stdout.contains("What to do"), "{page}: {}", run.stdout);
    }
}

#[test]
fn links_between_documents_lead_somewhere() {
    let mut n_links = 0;
    let entries = fs::read_dir(project("docs")).expect("the documents");
    let mut paths: Vec<_> = entries
        .map(|entry| entry.expect("readable").path())
        .collect();
    paths.push(project("README.md"));
    for path in paths
        .iter()
        .filter(|path| path.extension().is_some_and(|end| end == "md"))
    {
        let text = fs::read_to_string(path).expect("a document is text");
        let folder = path.parent().unwrap_or(Path::new(""));
        for target in text
            .split("](")
            .skip(1)
            .filter_map(|rest| rest.split(')').next())
        {
            let file = target.split('#').next().unwrap_or("");
            if file.is_empty() || file.contains("://") || file.contains(' ') {
                continue;
            }
            assert!(folder.join(file).exists(), "{}: {target}", path.display());
            n_links += 1;
        }
    }
    assert!(n_links > 5, "{n_links}");
}

#[test]
fn dependencies_of_the_page_are_those_of_the_manifest() {
    let manifest = include_str!("../../Cargo.toml");
    let section = manifest
        .split("\n[dependencies]\n")
        .nth(1)
        .expect("the section");
    let lines = section.lines().take_while(|line| !line.starts_with('['));
    let names: BTreeSet<&str> = lines
        .filter_map(|line| Some(line.split_once(" = ")?.0))
        .collect();
    assert!(names.len() > 10, "{names:?}");
    let page = include_str!("../../docs/dependencies.md");
    let rows = page.lines().filter_map(|line| line.strip_prefix("| `"));
    let listed = rows
        .filter_map(|row| Some(row.split_once("` |")?.0))
        .filter(|name| !name.contains('/'));
    assert_eq!(listed.collect::<BTreeSet<_>>(), names);
}

#[test]
fn every_format_is_described() {
    let page = include_str!("../../docs/report.md");
    for format in Format::ALL {
        let option = format!("--format {}`", format.name);
        assert!(
            page.contains(&option),
            "docs/report.md says nothing of `{option}`"
        );
    }
}

/// The words of an enum of the report, as the schema spells them.
macro_rules! words {
    ($($kind:ident)*) => { [$((stringify!($kind), $kind::ALL.map($kind::name).to_vec())),*] };
}

#[test]
fn schema_lists_the_words_of_each_enum_of_the_report() {
    let schema: Value =
        serde_json::from_str(include_str!("../../docs/report.schema.json")).expect("JSON");
    let places = [
        "status",
        "session/properties/reason/anyOf/0/properties/kind",
        "history/properties/of",
        "history/properties/entries/items/properties/kind",
        "layer/properties/state",
        "layer/properties/shown_by",
        "manifest/properties/state",
        "identity/properties/behind/anyOf/0/properties/kind",
        "session/properties/client/anyOf/0/properties/from",
        "session/properties/related/items/properties/relation",
        "event/properties/outcome",
        "coverage/properties/verification/anyOf/0/properties/chains/items/properties/begin",
        "hint/properties/kind",
        "loss/properties/kind",
        "pull/properties/end",
    ];
    let words = words!(
        PushStatus ReasonKind HistoryTarget HistoryKind LayerState ShownBy ManifestState OriginKind ClientFrom RelatedAs Outcome
        ChainBegin HintKind LossKind PullEnd
    );
    assert_eq!(places.len(), words.len());
    for (place, (name, words)) in places.into_iter().zip(words) {
        let listed = schema.pointer(&format!("/$defs/{place}/enum"));
        let listed = listed.and_then(Value::as_array).expect(place).iter();
        let listed: BTreeSet<&str> = listed.filter_map(Value::as_str).collect();
        assert_eq!(listed, BTreeSet::from_iter(words), "{name}");
    }
}

/// The block of the page on installing that sets up a shell, in a home that holds nothing but the program.
#[test]
#[cfg(unix)]
fn completions_and_manual_page_go_into_a_fresh_home() {
    let page = fs::read_to_string(project("docs/install.md")).expect("the page");
    let mut blocks = page
        .split("```sh\n")
        .filter_map(|rest| rest.split("```").next());
    let block = blocks
        .find(|block| block.contains("--completions bash"))
        .expect("the block");
    let home = Folder::new();
    let folder = home.0.join(".local/bin");
    fs::create_dir_all(&folder).expect("a folder");
    std::os::unix::fs::symlink(
        env!("CARGO_BIN_EXE_reconstruct"),
        folder.join("reconstruct"),
    )
    .expect("a link");
    let path = format!("{}:/usr/bin:/bin", folder.display());
    let output = Command::new("sh")
        .args(["-e", "-c", block])
        .env_clear()
        .envs([("HOME", home.0.as_os_str()), ("PATH", path.as_ref())])
        .output()
        .expect("a shell");
    assert!(output.status.success(), "{output:?}");
    let made = |path: &str| fs::read_to_string(home.0.join(".local/share").join(path)).expect(path);
    assert!(made("bash-completion/completions/reconstruct").contains("_reconstruct()"));
    assert!(made("man/man1/reconstruct.1").contains(".TH reconstruct 1 "));
}

#[test]
fn schema_of_comparisons_lists_the_words_of_each_enum_of_theirs() {
    let schema: Value =
        serde_json::from_str(include_str!("../../docs/compare.schema.json")).expect("JSON");
    let words = words!(Change SideFrom Measure Trait Notice);
    let places = [
        "/$defs/change",
        "/$defs/side/properties/from",
        "/$defs/measure",
        "/$defs/push/properties/traits/items/properties/kind",
        "/properties/notices/items/properties/kind",
    ];
    for (place, (name, words)) in places.into_iter().zip(words) {
        let listed = schema.pointer(&format!("{place}/enum"));
        let listed = listed.and_then(Value::as_array).expect(place).iter();
        let listed: BTreeSet<&str> = listed.filter_map(Value::as_str).collect();
        assert_eq!(listed, BTreeSet::from_iter(words), "{name}");
        let page = include_str!("../../docs/compare.md");
        let unsaid: Vec<&str> = listed
            .into_iter()
            .filter(|word| !page.contains(&format!("`{word}`")))
            .collect();
        assert_eq!(unsaid, [""; 0], "{name} in docs/compare.md");
    }
}

#[test]
fn schema_of_the_summary_lists_the_words_of_its_enums() {
    let schema: Value =
        serde_json::from_str(include_str!("../../docs/summary.schema.json")).expect("JSON");
    for (place, (name, words)) in ["attention", "source_ip_by"]
        .into_iter()
        .zip(words!(Attention AddressBy))
    {
        let listed = schema.pointer(&format!("/$defs/push/properties/{place}/enum"));
        let listed = listed.and_then(Value::as_array).expect(place).iter();
        let listed: BTreeSet<&str> = listed.filter_map(Value::as_str).collect();
        assert_eq!(listed, BTreeSet::from_iter(words), "{name}");
    }
}

#[test]
fn published_examples_are_read() {
    let mut n_events = 0;
    for entry in fs::read_dir(project("testdata/documents")).expect("the examples") {
        let path = entry.expect("readable").path();
        let text = fs::read_to_string(&path).expect("an example is text");
        let example: Value = serde_json::from_str(&text).expect("an example is JSON");
        let path = path.to_string_lossy().into_owned();
        let run = run([path.as_str(), "--format", "json", "--fail-on", "never"]);
        assert_eq!(run.status, 0, "{path}: {}", run.stderr);
        let report: Value = serde_json::from_str(&run.stdout).expect("a report is JSON");
        assert_eq!(report["problems"], Value::Array(Vec::new()), "{path}");
        let is_push = |name: &str| {
            matches!(
                name,
                "GetAuthorizationToken"
                    | "BatchCheckLayerAvailability"
                    | "InitiateLayerUpload"
                    | "UploadLayerPart"
                    | "CompleteLayerUpload"
                    | "PutImage"
            )
        };
        let records = example["Records"].as_array().expect("records");
        let names = records
            .iter()
            .filter_map(|record| record["eventName"].as_str());
        let n_push = names.filter(|name| is_push(name)).count();
        assert_eq!(
            report["coverage"]["records"]["push"],
            Value::from(n_push),
            "{path}"
        );
        n_events += n_push;
    }
    assert!(n_events >= 3, "{n_events}");
}
