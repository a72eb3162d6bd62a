//! The law of parts: a report that many processes make, one step after the other, has the rows of the report that one
//! process makes of the extract of the same logs.
//!
//! What an engine does is done here as `docs/scale-out/README.md` says it: lines are moved by keys that mean nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use reconstruct::facts::Facts;
use reconstruct::parts::{PartOptions, Router};
use reconstruct::session::clocks;
use reconstruct::{Handed, Input, Options, Reconstruction, reconstruct};

use crate::support::logs::Logs;
use crate::support::places::without_places;
use crate::support::run::{project, run, run_on};
use crate::support::simulate::random::Random;
use crate::support::simulate::scenario::scenario;
use crate::support::simulate::simulate;

/// Does a step.
fn step(name: &str, args: &[&str], stdin: String) -> String {
    let run = run_on([&["--part", name], args].concat(), stdin.into_bytes());
    assert_eq!((run.status, run.stderr.as_str()), (0, ""), "{name}");
    run.stdout
}

/// A line of an extract with its routes.
struct Line {
    ties: BTreeSet<String>,
    asks: BTreeSet<String>,
    offers: BTreeSet<String>,
    text: String,
}

/// An engine that holds everything.
#[derive(Default)]
struct Engine {
    /// The lines of each group.
    groups: BTreeMap<String, Vec<Line>>,
    /// Lines by the key that they offer, and the group that they belong to.
    offers: BTreeMap<String, Vec<(String, String)>>,
    /// What each group was told; what all were told under `*`.
    told: BTreeMap<String, Vec<String>>,
    /// What the conclusion is told.
    conclusion: Vec<String>,
}

impl Engine {
    /// Lists and extracts, in batches of some files.
    fn extract(path: &str, args: &[&str], n_files: usize) -> Self {
        let listed = run([&["--part", "list", path], args].concat());
        assert_eq!((listed.status, listed.stderr.as_str()), (0, ""));
        let (mut engine, mut coverage) = (Self::default(), String::new());
        let mut files = Vec::new();
        for line in listed.stdout.lines() {
            match line.split_once('\t').expect("two fields") {
                ("", line) => coverage += &format!("{line}\n"),
                (_, file) => files.push(file),
            }
        }
        for batch in files.chunks(n_files) {
            for line in step("extract", args, batch.join("\n") + "\n").lines() {
                let fields: Vec<&str> = line.splitn(5, '\t').collect();
                let [group, ties, asks, offers, text] = fields[..] else {
                    panic!("five fields: {line}");
                };
                if group.is_empty() {
                    coverage += &format!("{text}\n");
                    continue;
                }
                let keys = |keys: &str| keys.split_whitespace().map(str::to_owned).collect();
                engine
                    .groups
                    .entry(group.to_owned())
                    .or_default()
                    .push(Line {
                        ties: keys(ties),
                        asks: keys(asks),
                        offers: keys(offers),
                        text: text.to_owned(),
                    });
            }
        }
        engine.unite();
        for (group, lines) in &engine.groups {
            for line in lines {
                for key in &line.offers {
                    let offered = (group.clone(), line.text.clone());
                    engine.offers.entry(key.clone()).or_default().push(offered);
                }
            }
        }
        for line in step("coverage", args, coverage).lines() {
            match line.split_once('\t').expect("two fields") {
                ("", line) => engine.conclusion.push(line.to_owned()),
                (key, line) => {
                    let offered = (String::new(), line.to_owned());
                    engine
                        .offers
                        .entry(key.to_owned())
                        .or_default()
                        .push(offered);
                }
            }
        }
        engine
    }

    /// Makes one group of those that share a tie, or of which one asks for another's.
    fn unite(&mut self) {
        let all = |groups: &BTreeMap<String, Vec<Line>>, keys: fn(&Line) -> &BTreeSet<String>| {
            let lines = groups
                .iter()
                .flat_map(|(group, lines)| lines.iter().map(move |line| (group.clone(), line)));
            let pairs = lines.flat_map(|(group, line)| {
                keys(line)
                    .iter()
                    .map(move |key| (key.clone(), group.clone()))
            });
            pairs.collect::<BTreeSet<(String, String)>>()
        };
        let ties = all(&self.groups, |line| &line.ties);
        let keys: BTreeSet<String> = ties.iter().map(|(key, _)| key.clone()).collect();
        let asks = all(&self.groups, |line| &line.asks).into_iter();
        let mut of_key: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for (key, group) in ties
            .into_iter()
            .chain(asks.filter(|(key, _)| keys.contains(key)))
        {
            of_key.entry(key).or_default().insert(group);
        }
        let mut lead: BTreeMap<String, String> = BTreeMap::new();
        for groups in of_key.into_values() {
            let of = |group: &String| lead.get(group).unwrap_or(group).clone();
            let leads: BTreeSet<String> = groups.iter().map(of).collect();
            let low = leads.first().expect("a group").clone();
            lead.extend(groups.into_iter().map(|group| (group, low.clone())));
            for one in lead.values_mut().filter(|one| leads.contains(*one)) {
                one.clone_from(&low);
            }
        }
        for (group, low) in lead {
            if group != low {
                let lines = self.groups.remove(&group).unwrap_or_default();
                self.groups.entry(low).or_default().extend(lines);
            }
        }
    }

    /// What a group is given of others: what it asks for, and what these ask for in turn.
    fn given(&self, group: &str) -> BTreeSet<&str> {
        let (mut given, mut seen) = (BTreeSet::new(), BTreeSet::new());
        let mut asked: Vec<&String> = self.groups[group]
            .iter()
            .flat_map(|line| &line.asks)
            .collect();
        while let Some(key) = asked.pop() {
            if !seen.insert(key) {
                continue;
            }
            for (owner, text) in self.offers.get(key).into_iter().flatten() {
                if owner != group && given.insert(text.as_str()) && !owner.is_empty() {
                    let lines = self.groups[owner].iter();
                    let same = lines.filter(|line| line.text == *text);
                    asked.extend(same.flat_map(|line| &line.asks));
                }
            }
        }
        given
    }

    /// Does a step of every group; what each says or reports, by group.
    fn each(&self, name: &str, args: &[&str], random: &mut Random) -> Vec<(String, String)> {
        let mut said = Vec::new();
        for (group, lines) in &self.groups {
            let told = [group.as_str(), "*"]
                .into_iter()
                .filter_map(|one| self.told.get(one));
            let mut input: Vec<String> = told.flatten().map(|line| format!("!{line}")).collect();
            if name != "facts" {
                input.extend(self.given(group).into_iter().map(|line| format!("+{line}")));
            }
            let mut own: Vec<String> = lines.iter().map(|line| format!("={}", line.text)).collect();
            random.shuffle(&mut own);
            input.extend(own);
            let lines = step(name, args, input.join("\n") + "\n");
            said.extend(lines.lines().map(|line| (group.clone(), line.to_owned())));
        }
        said
    }

    /// Lets groups say something to each other.
    fn cross(&mut self, name: &str, args: &[&str], random: &mut Random) {
        let mut lines = Vec::new();
        for (group, line) in self.each(name, args, random) {
            match line.split_once('\t').expect("two fields") {
                ("", said) => self.conclusion.push(said.to_owned()),
                (key, said) => lines.push(format!("{key}\t{group}\t{said}\n")),
            }
        }
        lines.sort();
        for line in step("cross", args, lines.concat()).lines() {
            let (group, told) = line.split_once('\t').expect("two fields");
            self.told
                .entry(group.to_owned())
                .or_default()
                .push(told.to_owned());
        }
    }

    /// The rows of the report, in its order, and the kinds of what groups were told.
    fn report(mut self, args: &[&str], random: &mut Random) -> (String, BTreeSet<String>) {
        self.cross("facts", args, random);
        self.cross("pushes", args, random);
        let mut rows: Vec<(usize, String, String)> = Vec::new();
        let mut row = |line: &str| {
            let fields: Vec<&str> = line.splitn(4, '\t').collect();
            let [kind, _, order, text] = fields[..] else {
                panic!("four fields: {line}");
            };
            let kinds = ["session", "unplaced", "finding", "problem", "coverage"];
            let place = kinds.iter().position(|one| *one == kind);
            match place {
                Some(place) => rows.push((place, order.to_owned(), text.to_owned())),
                None => assert_eq!(kind, ""),
            }
            (kind.is_empty()).then(|| text.to_owned())
        };
        for (_, line) in self.each("rows", args, random) {
            self.conclusion.extend(row(&line));
        }
        random.shuffle(&mut self.conclusion);
        for line in step("conclude", args, self.conclusion.join("\n") + "\n").lines() {
            row(line);
        }
        rows.sort();
        let report = rows.into_iter().map(|(.., text)| text + "\n").collect();
        let told = self.told.into_values().flatten().map(|told| {
            let words = told
                .split('"')
                .filter(|word| word.starts_with(char::is_alphabetic));
            match told.starts_with("{\"fact\"") {
                true => words.take(2).collect::<Vec<_>>().join(" "),
                false => words.take(1).collect(),
            }
        });
        (report, told.collect())
    }
}

/// Holds the law for one tree of logs; returns how many groups it has, and of which kinds the answers were.
fn law(what: &str, path: &str, args: &[&str], seed: u64) -> (usize, BTreeSet<String>) {
    let mut random = Random::new(seed);
    let args = [&["--quiet", "--fail-on", "never"], args].concat();
    let engine = Engine::extract(path, &args, 3);
    let n_groups = engine.groups.len();
    let (report, told) = engine.report(&args, &mut random);
    let expected = run([&[path, "--format", "jsonl"], &args[..]].concat());
    let (report, expected) = (without_places(&report), without_places(&expected.stdout));
    // Where conflicts were read is not told, and so they have no order.
    let is_problem = |line: &&str| line.starts_with("{\"type\":\"problem\"");
    let rows = |report: &str| {
        let (mut problems, rows): (Vec<_>, Vec<_>) = report.lines().partition(is_problem);
        problems.sort_unstable();
        [rows, problems].concat().join("\n")
    };
    let (report, expected) = (rows(&report), rows(&expected));
    if report == expected {
        return (n_groups, told);
    }
    let pairs = report.chars().zip(expected.chars());
    let at = pairs.take_while(|(a, b)| a == b).count();
    let near = |text: &str| -> String {
        let from = text.chars().skip(at.saturating_sub(300));
        from.take(600).collect()
    };
    panic!(
        "{what} differs at character {at}\n--- of parts\n{}\n--- of one process\n{}",
        near(&report),
        near(&expected)
    );
}

#[test]
fn parts_report_on_a_case_as_one_process_does() {
    let mut names: Vec<_> = fs::read_dir(project("testdata/cases"))
        .expect("the cases are there")
        .map(|entry| entry.expect("readable").path())
        .collect();
    names.sort();
    assert!(names.len() > 40);
    let (mut told, mut most_groups) = (BTreeSet::new(), 0);
    for folder in names {
        let (what, path) = (folder.to_string_lossy(), folder.join("in"));
        for args in [&[][..], &["--trace-roles"]] {
            let (n_groups, of_case) = law(&what, &path.to_string_lossy(), args, 7);
            most_groups = most_groups.max(n_groups);
            told.extend(of_case);
        }
    }
    assert!(most_groups > 5, "a case has several groups");
    // A kind of answer that no case needs is tried by none.
    for kind in ["fact logins", "fact clocks", "served", "probe"] {
        assert!(told.contains(kind), "`{kind}` is not among {told:?}");
    }
}

#[test]
fn parts_report_on_simulated_logs_as_one_process_does() {
    for (name, seed) in [
        ("mixed", 51),
        ("missing-hour", 52),
        ("cross-account", 53),
        ("jitter", 54),
    ] {
        let files = simulate(scenario(name).expect("a scenario of that name"), seed).files;
        let logs = Logs::new(&files);
        let (n_groups, _) = law(name, logs.path(), &[], seed);
        assert!(n_groups > 5, "{name} has {n_groups} groups");
    }
}

#[test]
fn a_report_in_bounded_memory_is_that_of_one_without_bound() {
    let work = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("work-{}", std::process::id()));
    let mut inputs = Vec::new();
    for case in [
        "mount-probe",
        "unseen-layers",
        "roles-in-a-ring",
        "new-client",
        "login-refused",
    ] {
        inputs.push(project("testdata/cases").join(case).join("in"));
    }
    let scenario = scenario("mixed").expect("a scenario of that name");
    let logs = Logs::new(&simulate(scenario, 71).files);
    inputs.push(logs.path().into());
    for input in inputs {
        let input = input.to_string_lossy();
        let args = [&*input, "--quiet", "--format", "jsonl", "--trace-roles"];
        let work_path = work.to_string_lossy();
        let bounds = ["--max-memory", "1KiB", "--work", &*work_path];
        let (whole, parts) = (run(args), run(args.into_iter().chain(bounds)));
        assert_eq!((parts.status, parts.stderr.as_str()), (whole.status, ""));
        let (parts, whole) = (without_places(&parts.stdout), without_places(&whole.stdout));
        assert!(
            parts == whole,
            "{input}: in parts\n{parts}\nas one\n{whole}"
        );
        assert!(!work.exists());
    }
}

/// A log of some lines of an extract.
fn read(lines: &[&str]) -> Reconstruction {
    let text = lines.join("\n") + "\n";
    let lines = Handed::new("lines.jsonl", Box::new(std::io::Cursor::new(text)));
    reconstruct(&[Input::Reader(lines)], &Options::default()).expect("lines are an input")
}

fn facts(log: &Reconstruction) -> Facts<'_> {
    Facts::of(&log.log).with_clocks(clocks(&log.graph.index))
}

#[test]
fn facts_of_two_logs_are_those_of_both_as_one() {
    for (name, seed) in [("mixed", 61), ("cross-account", 62), ("jitter", 63)] {
        let files = simulate(scenario(name).expect("a scenario of that name"), seed).files;
        let logs = Logs::new(&files);
        let extract = run([logs.path(), "--quiet", "--extract"]).stdout;
        let records: Vec<&str> = extract.lines().collect();
        let (_, records) = records.split_last().expect("a coverage line");
        let options = PartOptions {
            ingest: Options::default().ingest,
            window: Options::default().window,
            first_after: Options::default().first_after,
        };
        let mut router = Router::new(&options);
        let is_even = |line: &&str| router.of(line).group.is_multiple_of(2);
        let (even, odd): (Vec<&str>, Vec<&str>) = records.iter().copied().partition(is_even);
        assert!(even.len() > 100 && odd.len() > 100);
        let (whole, even, odd) = (read(records), read(&even), read(&odd));
        assert_eq!(facts(&even).and(facts(&odd)), facts(&whole), "{name}");
        assert_ne!(facts(&even), facts(&whole), "{name}");
    }
}
