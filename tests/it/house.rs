//! The house rules that a program can check: who may use whom, which outside crate lives in which room, what
//! every file opens with, that names mean one thing, and that no test is forgotten.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use reconstruct::render::Format;

use crate::support::run::project;

/// The tiers, lowest first: a module uses only itself and those before it.
const TIERS: [&str; 22] = [
    "threads", "location", "problem", "source", "record", "event", "words", "zone", "pattern",
    "facts", "ingest", "graph", "session", "policy", "pull", "finding", "report", "render",
    "parts", "state", "aws", "cli",
];

/// The rooms of each outside crate, with what keeps it there.
const ROOMS: &[(&str, &[&str])] = &[
    ("aws_config", &["aws"]),
    ("aws_credential_types", &["aws"]),
    ("aws_runtime", &["aws"]),
    ("aws_sdk_cloudtrail", &["aws"]),
    ("aws_sdk_s3", &["aws"]),
    ("aws_sdk_sts", &["aws"]),
    ("aws_smithy_http_client", &["aws"]),
    ("aws_smithy_runtime_api", &["aws"]),
    ("aws_smithy_types", &["aws"]),
    ("aws_types", &["aws"]),
    (
        "chrono",
        &[
            "source", "event", "words", "zone", "facts", "ingest", "graph", "session", "policy",
            "pull", "finding", "report", "render", "parts", "state", "cli",
        ],
    ), // Wherever a time is.
    ("base64", &["record"]), // What Lambda is given.
    ("chrono_tz", &["zone"]),
    ("clap", &["cli"]),
    ("clap_complete", &["cli"]),
    ("clap_mangen", &["cli"]),
    ("csv", &["record"]),
    ("fearless_simd", &["ingest", "record"]),
    ("flate2", &["source", "record"]),
    ("foldhash", &["event"]),
    (
        "indexmap",
        &[
            "source", "record", "event", "ingest", "graph", "session", "finding", "report",
            "render", "cli",
        ],
    ), // Its order is what reports promise.
    ("http_body_util", &["aws"]),
    ("iana_time_zone", &["cli"]),
    ("ipnet", &["pattern", "cli"]),
    ("libdeflater", &["source"]),
    ("memchr", &["source", "record", "event", "ingest"]),
    ("miette", &["render", "cli"]),
    ("petgraph", &["graph"]),
    ("rayon", &["threads"]),
    ("ring", &["source", "event"]),
    (
        "serde",
        &[
            "problem", "source", "record", "event", "facts", "ingest", "session", "report",
            "render", "parts", "state",
        ],
    ),
    (
        "serde_json",
        &[
            "source", "record", "event", "ingest", "report", "render", "parts", "state", "aws",
            "cli",
        ],
    ),
    ("signal_hook", &["cli"]),
    ("terminal_size", &["cli"]),
    ("tar", &["source"]),
    ("tokio", &["aws"]),
    ("toml", &["policy", "cli"]),
    ("unicode_width", &["render"]),
    ("webpki_root_certs", &["aws"]),
    ("zip", &["source"]),
    ("zstd", &["source", "state"]),
];

/// A source file: its path below the project and its text.
struct File {
    path: String,
    text: String,
}

impl File {
    /// The tier, for a file of `src/`; none for `lib.rs` and `main.rs`.
    fn tier(&self) -> Option<&'static str> {
        let below = self.path.strip_prefix("src/")?;
        let name = below.split('/').next()?.trim_end_matches(".rs");
        TIERS.into_iter().find(|tier| *tier == name)
    }

    /// The lines of code before the unit tests, comments left out, counted from 1; none of a file of unit tests.
    fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        let is_tests = self.path.ends_with("/tests.rs");
        let tests = self.text.find("\n#[cfg(test)]").unwrap_or(self.text.len());
        let tests = if is_tests { 0 } else { tests };
        let lines = self.text[..tests].lines().enumerate();
        let is_comment = |line: &str| line.trim_start().starts_with("//");
        lines
            .filter(move |(_, line)| !is_comment(line))
            .map(|(at, line)| (at + 1, line))
    }
}

fn files(folder: &str) -> Vec<File> {
    let mut found = Vec::new();
    walk(&project(folder), folder, &mut found);
    found.sort_by(|a, b| a.path.cmp(&b.path));
    assert!(found.len() > 3, "{folder} was read");
    found
}

fn walk(folder: &Path, name: &str, found: &mut Vec<File>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("readable").path();
        let below = format!(
            "{name}/{}",
            path.file_name().unwrap_or_default().to_string_lossy()
        );
        if path.is_dir() {
            walk(&path, &below, found);
        } else if below.ends_with(".rs") {
            let text = fs::read_to_string(&path).expect("source is text");
            found.push(File { path: below, text });
        }
    }
}

/// Every place where `word` stands as the first part of a path, and the name that follows it.
fn followers<'a>(line: &'a str, word: &str) -> Vec<&'a str> {
    let is_name = |c: char| c.is_alphanumeric() || c == '_';
    let mut found = Vec::new();
    for (at, _) in line.match_indices(word) {
        let before = line[..at].chars().next_back();
        if before.is_some_and(|c| is_name(c) || c == ':') {
            continue;
        }
        let rest = &line[at + word.len()..];
        let end = rest.find(|c| !is_name(c)).unwrap_or(rest.len());
        found.push(&rest[..end]);
    }
    found
}

fn none(faults: &[String]) {
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

#[test]
fn module_uses_only_those_before_it() {
    let place = |name: &str| TIERS.iter().position(|tier| *tier == name);
    let (mut faults, mut n_uses) = (Vec::new(), 0);
    for file in files("src") {
        let Some(tier) = file.tier() else {
            continue;
        };
        for (at, line) in file.code() {
            for used in followers(line, "crate::") {
                n_uses += 1;
                // `cli` alone may name the functions of all stages, and what they take and give.
                let whole = [
                    "Options",
                    "Reconstruction",
                    "extract_files",
                    "find",
                    "reconstruct_files",
                ];
                let is_whole = tier == "cli" && whole.contains(&used);
                if !is_whole && place(used).is_none_or(|used| Some(used) > place(tier)) {
                    faults.push(format!("{}:{at}: `{tier}` uses `{used}`", file.path));
                }
            }
        }
    }
    assert!(n_uses > 100, "{n_uses}");
    none(&faults);
}

/// The module path of a file below `src`: `report/row/mod.rs` is `report::row`.
fn module(path: &str) -> Option<String> {
    let below = path.strip_prefix("src/")?.strip_suffix(".rs")?;
    let below = below.strip_suffix("/mod").unwrap_or(below);
    (!["lib", "main"].contains(&below)).then(|| below.replace('/', "::"))
}

/// The paths of all `crate::` and `super::` imports of a file, each name of a list by itself.
fn imported(file: &File, own: &str) -> Vec<String> {
    let code: Vec<&str> = file.code().map(|(_, line)| line.trim()).collect();
    let code = code
        .join(" ")
        .replace("super::", &format!("crate::{}::", parent(own)));
    let is_path = |c: char| c.is_alphanumeric() || "_:".contains(c);
    let mut paths = Vec::new();
    for (at, _) in code.match_indices("crate::") {
        let rest = &code[at + "crate::".len()..];
        let end = rest.find(|c| !is_path(c)).unwrap_or(rest.len());
        let (head, rest) = rest.split_at(end);
        let names = match rest
            .strip_prefix('{')
            .and_then(|list| list.split_once("};"))
        {
            Some((list, _)) if head.ends_with("::") => list.split(','),
            Some(_) | None => "".split(','),
        };
        paths.extend(names.map(|name| format!("{head}{}", name.trim())));
    }
    paths
}

/// The module that a module stands in.
fn parent(module: &str) -> &str {
    module.rsplit_once("::").map_or("", |(parent, _)| parent)
}

/// The modules that each module imports from, by the longest path that is one. A parent that declares its children
/// and hands on what they hold imports nothing by that.
fn imports() -> BTreeMap<String, BTreeSet<String>> {
    let files = files("src");
    let modules: BTreeSet<String> = files.iter().filter_map(|file| module(&file.path)).collect();
    let mut imports: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for file in &files {
        let Some(own) = module(&file.path) else {
            continue;
        };
        let used = imports.entry(own.clone()).or_default();
        for path in imported(file, &own) {
            let mut path = path.as_str();
            while !path.is_empty() && !modules.contains(path) {
                path = parent(path);
            }
            if !path.is_empty() && path != own {
                used.insert(path.to_owned());
            }
        }
    }
    imports
}

#[test]
fn no_files_import_each_other_in_a_circle() {
    let mut left = imports();
    assert!(left.len() > 200, "{}", left.len());
    // What imports nothing that is left is in no circle.
    loop {
        let n_before = left.len();
        let names: BTreeSet<String> = left.keys().cloned().collect();
        left.retain(|_, used| used.iter().any(|used| names.contains(used)));
        if left.len() == n_before {
            break;
        }
    }
    let faults = left.iter().map(|(own, used)| {
        let used: Vec<&str> = used
            .iter()
            .filter(|used| left.contains_key(*used))
            .map(|used| &**used)
            .collect();
        format!("{own} imports {}", used.join(", "))
    });
    none(&faults.collect::<Vec<_>>());
}

#[test]
fn no_renderer_imports_another() {
    let renderers: BTreeSet<&str> = Format::ALL.iter().map(|format| format.name).collect();
    let renderer = |module: &str| {
        let below = module.strip_prefix("render::")?;
        let name = below.split("::").next()?;
        renderers.get(name).copied()
    };
    let (mut faults, mut seen) = (Vec::new(), BTreeSet::new());
    for (own, used) in imports() {
        let Some(of) = renderer(&own) else { continue };
        seen.insert(of);
        // A JSON value is written in one way.
        let others = used
            .iter()
            .filter(|used| !matches!(renderer(used), None | Some("json")));
        let others = others.filter(|used| renderer(used) != Some(of));
        faults.extend(others.map(|used| format!("{own} imports {used}")));
    }
    assert_eq!(seen, renderers, "every format has a module of its name");
    none(&faults);
}

#[test]
fn a_type_has_one_name_in_one_tier() {
    let kinds = ["struct ", "enum ", "trait ", "type ", "union "];
    let mut tiers: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    for file in files("src") {
        let Some(tier) = file.tier() else {
            continue;
        };
        let mut before = "";
        for (_, line) in file.code() {
            // A type of a trait's own is told by its indent.
            let declared = match line.strip_prefix("pub") {
                Some(rest) if rest.starts_with(' ') => rest.trim_start(),
                Some(rest) => rest.split_once(") ").map_or("", |(_, rest)| rest),
                None => line,
            };
            let name = kinds.iter().find_map(|kind| declared.strip_prefix(kind));
            // What `words!` makes stands in its first line.
            let made = (before == "words! {").then(|| line.trim());
            before = line;
            let name = name.or(made);
            let Some(name) = name else { continue };
            let end = name
                .find(|c: char| !c.is_alphanumeric())
                .unwrap_or(name.len());
            tiers
                .entry(name[..end].to_owned())
                .or_default()
                .insert(tier);
        }
    }
    assert!(tiers.len() > 500, "{}", tiers.len());
    tiers.retain(|_, tiers| tiers.len() > 1);
    let faults = tiers
        .iter()
        .map(|(name, tiers)| format!("`{name}` in {tiers:?}"));
    none(&faults.collect::<Vec<_>>());
}

#[test]
fn imports_name_one_module_a_line() {
    let mut faults = Vec::new();
    for file in files("src").iter().chain(&files("tests/it")) {
        for (at, line) in file.text.lines().enumerate() {
            if line.trim_start().starts_with("use crate::{") {
                faults.push(format!("{}:{}: {line}", file.path, at + 1));
            }
        }
    }
    none(&faults);
}

#[test]
fn outside_crate_stays_in_its_room() {
    let mut faults = Vec::new();
    let mut used = BTreeSet::new();
    for file in files("src") {
        let Some(tier) = file.tier() else {
            continue;
        };
        for (krate, rooms) in ROOMS {
            // A module of that name hides the crate.
            if file.text.contains(&format!("\nmod {krate};")) {
                continue;
            }
            for (at, line) in file.code() {
                if followers(line, &format!("{krate}::")).is_empty() {
                    continue;
                }
                used.insert(*krate);
                if !rooms.contains(&tier) {
                    faults.push(format!("{}:{at}: `{krate}` in `{tier}`", file.path));
                }
            }
        }
    }
    none(&faults);
    let listed: BTreeSet<&str> = ROOMS.iter().map(|(krate, _)| *krate).collect();
    assert_eq!(used, listed, "every crate that has a room is used there");
    assert_eq!(listed, dependencies(), "every dependency has a room");
}

/// The names under `[dependencies]`, as code spells them.
fn dependencies() -> BTreeSet<&'static str> {
    let manifest = include_str!("../../Cargo.toml");
    let section = manifest
        .split("\n[dependencies]\n")
        .nth(1)
        .expect("the section");
    let lines = section.lines().take_while(|line| !line.starts_with('['));
    let names = lines
        .filter_map(|line| line.split_once(" = "))
        .map(|(name, _)| name);
    // The names of crates have hyphens, code has underscores.
    let code = names.map(|name| {
        ROOMS
            .iter()
            .map(|(krate, _)| *krate)
            .find(|krate| krate.replace('_', "-") == name || *krate == name)
    });
    code.map(|name| name.expect("a dependency without a room"))
        .collect()
}

#[test]
fn library_needs_no_crate_of_the_program() {
    let manifest = include_str!("../../Cargo.toml");
    let faults: Vec<String> = ROOMS
        .iter()
        .filter(|(krate, rooms)| {
            let name = krate.replace('_', "-");
            let mut lines = manifest.lines();
            let line = lines.find(|line| {
                line.starts_with(&format!("{name} = ")) || line.starts_with(&format!("{krate} = "))
            });
            let is_optional = line.is_some_and(|line| line.contains("optional = true"));
            let is_program = rooms.iter().all(|room| ["aws", "cli"].contains(room));
            is_optional != is_program
        })
        .map(|(krate, _)| {
            format!("`{krate}` is optional if only the program uses it, and else not")
        })
        .collect();
    none(&faults);
}

#[test]
fn file_opens_with_what_it_is_for() {
    let mut faults = Vec::new();
    for folder in ["src", "tests/it", "tests/bench"] {
        if !project(folder).is_dir() {
            continue;
        }
        let mut found = Vec::new();
        walk(&project(folder), folder, &mut found);
        for file in found {
            if !file.text.starts_with("//! ") {
                faults.push(format!("{} does not open with `//!`", file.path));
            }
        }
    }
    none(&faults);
}

#[test]
fn only_cli_prints_and_asks_its_surroundings() {
    let words = [
        "println!",
        "print!(",
        "eprintln!",
        "eprint!(",
        "std::env",
        "SystemTime",
        "Instant::now",
        "Utc::now",
        "Local::now",
        "dbg!(",
    ];
    let mut faults = Vec::new();
    for file in files("src") {
        if file.tier() == Some("cli") || file.path == "src/main.rs" {
            continue;
        }
        for (at, line) in file.code() {
            for word in words.iter().filter(|word| line.contains(**word)) {
                faults.push(format!("{}:{at}: `{word}`", file.path));
            }
        }
    }
    none(&faults);
}

#[test]
fn every_test_file_is_listed_with_its_reason() {
    let main = include_str!("main.rs");
    let mut listed = BTreeMap::new();
    for line in main.lines().filter(|line| line.starts_with("mod ")) {
        let (name, reason) = line.split_once("; // ").unwrap_or((line, ""));
        assert!(reason.ends_with('.'), "`{line}` gives its reason");
        listed.insert(name.trim_start_matches("mod ").to_owned(), reason);
    }
    let entries = fs::read_dir(project("tests/it")).expect("the tests");
    let names = entries.map(|entry| {
        entry
            .expect("readable")
            .file_name()
            .to_string_lossy()
            .into_owned()
    });
    let names: BTreeSet<String> = names
        .map(|name| name.trim_end_matches(".rs").to_owned())
        .filter(|name| name != "main")
        .collect();
    let listed: BTreeSet<String> = listed.into_keys().collect();
    assert_eq!(listed, names);
}

#[test]
fn no_test_is_ignored() {
    let mut faults = Vec::new();
    for file in files("src").iter().chain(&files("tests/it")) {
        for (at, line) in file.text.lines().enumerate() {
            if line.trim_start().starts_with("#[ignore") {
                faults.push(format!("{}:{}", file.path, at + 1));
            }
        }
    }
    none(&faults);
}
