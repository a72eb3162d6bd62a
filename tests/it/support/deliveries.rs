//! Files of a log that come late, twice, cut off and in any order, to runs on a state that may end at any step.
//!
//! In: a world and a seed. Out: what was told, held against the report of all files. What must hold: whoever takes each
//! telling in place of what it replaces has the report at the end, and runs that end tell nothing twice.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use chrono::{DateTime, Utc};
use reconstruct::ingest::Progress;
use reconstruct::report::ToldAs;
use reconstruct::report::verdict::PushVerdict;
use reconstruct::source::{Purpose, Reach};
use reconstruct::state::news::{News, Settling, anchors, news};
use reconstruct::state::{Disk, StateDir, StateError, StateNotice, TellingOutput};
use reconstruct::{Input, Options, Reconstruction, find, reconstruct_files};
use serde_json::{Value, json};

use super::folder::Folder;
use super::script::damage::decoded;
use super::simulate::random::Random;
use super::simulate::scenario::scenario;
use super::simulate::simulate;

/// How many files a world is delivered in.
const N_FILES: usize = 18;

/// The most steps that a run which ends early makes; one that does not makes some more.
const MOST_STEPS: usize = 110;

/// A log in files, and what its report says of each push.
pub(crate) struct Deliveries {
    files: Vec<(String, Vec<u8>)>,
    verdicts: BTreeMap<String, Facts>,
}

type Facts = Vec<u32>;

/// What was tried.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Delivered {
    pub(crate) schedules: u64,
    pub(crate) runs: u64,
    pub(crate) killed: u64,
    pub(crate) told: u64,
    pub(crate) changed: u64,
    pub(crate) again: u64,
    pub(crate) withdrawn: u64,
    pub(crate) late: u64,
    pub(crate) copies: u64,
    pub(crate) cut: u64,
    pub(crate) gone: u64,
}

impl Delivered {
    pub(crate) fn add(&mut self, other: Self) {
        self.schedules += other.schedules;
        self.runs += other.runs;
        self.killed += other.killed;
        self.told += other.told;
        self.changed += other.changed;
        self.again += other.again;
        self.withdrawn += other.withdrawn;
        self.late += other.late;
        self.copies += other.copies;
        self.cut += other.cut;
        self.gone += other.gone;
    }
}

/// How what is told reaches whoever is told it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    /// By a stream, of which some may have been read when the run ends.
    Stream,
    /// By a file that is renamed.
    File,
}

/// Whoever is told.
#[derive(Default)]
struct Reader {
    told: BTreeMap<String, Facts>,
    tried: Delivered,
}

/// One line of what is told.
struct Line {
    id: String,
    /// `None` if it is withdrawn.
    what: Option<(ToldAs, Facts, Vec<String>)>,
}

impl Reader {
    fn take(&mut self, lines: &[Line], way: Way) -> Result<(), String> {
        for Line { id, what } in lines {
            let Some((kind, facts, replaces)) = what else {
                self.tried.withdrawn += 1;
                self.told.remove(id);
                continue;
            };
            let is_same = self.told.get(id) == Some(facts);
            if is_same && (way == Way::File || *kind != ToldAs::Again) {
                return Err(format!(
                    "push {id} was told twice, the second time as {kind:?}"
                ));
            }
            match kind {
                ToldAs::New => self.tried.told += 1,
                ToldAs::Changed => self.tried.changed += 1,
                ToldAs::Again => self.tried.again += 1,
            }
            replaces.iter().for_each(|id| drop(self.told.remove(id)));
            self.told.insert(id.clone(), facts.clone());
        }
        Ok(())
    }
}

/// Why a run came to no end.
enum Ended {
    /// No step was left.
    Early,
    /// What must not be.
    Broken(String),
}

/// Where a schedule plays.
struct Place {
    folder: Folder,
}

impl Place {
    fn input(&self) -> PathBuf {
        self.folder.0.join("in")
    }

    /// Whether a file is there; one that was removed had been read.
    fn delivered(&self, name: &str) -> bool {
        self.input().join(name).exists() || self.folder.0.join("removed").exists()
    }

    fn state(&self) -> PathBuf {
        self.folder.0.join("state")
    }
}

/// How a run goes.
struct How {
    way: Way,
    steps: u64,
    slack: Duration,
    now: DateTime<Utc>,
}

impl Deliveries {
    /// The world of a scenario and a seed, in few files, half of them under names of CloudTrail's own.
    pub(crate) fn new(name: &str, seed: u64) -> Self {
        let world = simulate(scenario(name).expect("a scenario of that name"), seed);
        let mut records: Vec<(String, Value)> = Vec::new();
        for (_, content) in world
            .files
            .iter()
            .filter(|(path, _)| !path.contains("Digest"))
        {
            let value: Value = serde_json::from_slice(&decoded(content)).unwrap_or_default();
            let of_file = value["Records"].as_array().cloned().unwrap_or_default();
            records.extend(
                of_file
                    .into_iter()
                    .map(|record| (text(&record, "eventTime"), record)),
            );
        }
        records.sort_by(|a, b| a.0.cmp(&b.0));
        assert!(records.len() > 100, "{name}: {}", records.len());
        let slices = records.chunks(records.len().div_ceil(N_FILES)).enumerate();
        let files: Vec<(String, Vec<u8>)> = slices
            .map(|(number, slice)| {
                let some: Vec<&Value> = slice.iter().map(|(_, record)| record).collect();
                let (time, record) = slice.last().expect("no slice is empty");
                let stamp: String = time
                    .chars()
                    .filter(|c| !"-:".contains(*c))
                    .take(13)
                    .collect();
                let (account, region) = (
                    text(record, "recipientAccountId"),
                    text(record, "awsRegion"),
                );
                let name = match number % 2 {
                    0 => {
                        format!("AWSLogs/{account}_CloudTrail_{region}_{stamp}Z_{number:016}.json")
                    }
                    _ => format!("stream/part-{number:02}.json"),
                };
                (name, json!({"Records": some}).to_string().into_bytes())
            })
            .collect();
        let place = Place {
            folder: Folder::in_memory(),
        };
        for (name, content) in &files {
            place.folder.write(Path::new("in").join(name), content);
        }
        let direct = reconstruct(&[Input::Path(place.input())]);
        let verdicts = direct.report().verdicts();
        assert!(verdicts.len() > 5, "{name}: {}", verdicts.len());
        Self {
            files,
            verdicts: verdicts
                .iter()
                .map(|one| (one.id.clone(), one.facts.to_vec()))
                .collect(),
        }
    }

    /// Plays one schedule.
    pub(crate) fn play(&self, seed: u64) -> Result<Delivered, String> {
        let mut random = Random::new(seed);
        let place = Place {
            folder: Folder::in_memory(),
        };
        let mut reader = Reader::default();
        reader.tried.schedules = 1;
        let way = *random.pick(&[Way::Stream, Way::File]);
        let slack = Duration::from_secs(*random.pick(&[0, 300, 3_600]));
        let n_rounds = 1 + random.index(5);
        // What comes when: the file, and how much of it.
        let mut due: Vec<Vec<(String, &[u8])>> = vec![Vec::new(); n_rounds + 1];
        for (number, (name, content)) in self.files.iter().enumerate() {
            let mut round = number * n_rounds / self.files.len();
            if random.percent(25) {
                round += random.index(n_rounds - round + 1);
                reader.tried.late += 1;
            }
            if random.percent(15) {
                due[round].push((name.clone(), &content[..content.len() / 2]));
                reader.tried.cut += 1;
                round += random.index(n_rounds - round + 1);
            }
            due[round].push((name.clone(), content));
            if random.percent(15) {
                let copied = round + random.index(n_rounds - round + 1);
                due[copied].push((format!("copy/{number}.json"), content));
                reader.tried.copies += 1;
            }
        }
        let mut whole: BTreeSet<String> = BTreeSet::new();
        for mut some in due {
            random.shuffle(&mut some);
            // A file that was cut comes whole after that.
            some.sort_by_key(|(_, content)| content.len());
            for (name, content) in some {
                place.folder.write(Path::new("in").join(&name), content);
                let is_whole = self
                    .files
                    .iter()
                    .any(|(other, all)| *other == name && all.len() == content.len());
                if is_whole || name.starts_with("copy/") {
                    whole.insert(name);
                }
            }
            for _ in 0..random.index(3) {
                let how = How {
                    way,
                    steps: random.index(MOST_STEPS) as u64,
                    slack,
                    now: DateTime::UNIX_EPOCH,
                };
                self.run(&place, &how, &mut reader, &mut random)?;
            }
            if random.percent(70) {
                let how = How {
                    way,
                    steps: u64::MAX,
                    slack,
                    now: DateTime::UNIX_EPOCH,
                };
                self.run(&place, &how, &mut reader, &mut random)?;
                if random.percent(25) {
                    let names: Vec<&String> = whole.iter().collect();
                    if let Some(name) = names.get(random.index(names.len().max(1))) {
                        // A later copy may have been due; what was read is kept.
                        let _ = fs::remove_file(place.input().join(name));
                        place.folder.write("removed", name);
                        reader.tried.gone += 1;
                    }
                }
            }
        }
        let how = How {
            way,
            steps: u64::MAX,
            slack,
            now: DateTime::<Utc>::MAX_UTC,
        };
        self.run(&place, &how, &mut reader, &mut random)?;
        let n_before = reader.tried.told + reader.tried.changed + reader.tried.again;
        self.run(&place, &how, &mut reader, &mut random)?;
        if reader.tried.told + reader.tried.changed + reader.tried.again != n_before {
            return Err("a run without news told something".to_owned());
        }
        match reader.told == self.verdicts {
            true => Ok(reader.tried),
            false => Err(differing("what was told", &reader.told, &self.verdicts)),
        }
    }

    /// Ends a run after each number of steps, and has another one end what it began; returns how many were tried.
    pub(crate) fn end_at_each_step(&self, is_file: bool) -> Result<u64, String> {
        let way = match is_file {
            true => Way::File,
            false => Way::Stream,
        };
        let mut random = Random::new(1);
        for steps in 0.. {
            let place = Place {
                folder: Folder::in_memory(),
            };
            let mut reader = Reader::default();
            let half = self.files.len() / 2;
            let how = |steps| How {
                way,
                steps,
                slack: Duration::ZERO,
                now: DateTime::<Utc>::MAX_UTC,
            };
            for (name, content) in &self.files[..half] {
                place.folder.write(Path::new("in").join(name), content);
            }
            self.run(&place, &how(u64::MAX), &mut reader, &mut random)?;
            // The last of them grew, so that its part is replaced; the others are new.
            let (name, content) = &self.files[half - 1];
            place.folder.write(
                Path::new("in").join(name),
                [content.as_slice(), b" "].concat(),
            );
            for (name, content) in &self.files[half..] {
                place.folder.write(Path::new("in").join(name), content);
            }
            let n_killed = reader.tried.killed;
            self.run(&place, &how(steps), &mut reader, &mut random)?;
            let has_ended = reader.tried.killed == n_killed;
            self.run(&place, &how(u64::MAX), &mut reader, &mut random)?;
            if reader.told != self.verdicts {
                return Err(differing(
                    &format!("after {steps} steps"),
                    &reader.told,
                    &self.verdicts,
                ));
            }
            if has_ended {
                return Ok(steps);
            }
        }
        Ok(0)
    }

    /// One run; it may end early, which the reader is not told.
    fn run(
        &self,
        place: &Place,
        how: &How,
        reader: &mut Reader,
        random: &mut Random,
    ) -> Result<(), String> {
        reader.tried.runs += 1;
        match self.try_run(place, how, reader, random) {
            Ok(()) => Ok(()),
            Err(Ended::Early) if how.steps != u64::MAX => {
                reader.tried.killed += 1;
                Ok(())
            }
            Err(Ended::Early) => Err("a run failed that had steps left".to_owned()),
            Err(Ended::Broken(what)) => Err(what),
        }
    }

    fn try_run(
        &self,
        place: &Place,
        how: &How,
        reader: &mut Reader,
        random: &mut Random,
    ) -> Result<(), Ended> {
        let early = |error: StateError| match how.steps {
            u64::MAX => Ended::Broken(error.to_string()),
            _ => Ended::Early,
        };
        let options = options();
        let disk = Disk::failing_after(&place.state(), how.steps);
        let mut state = StateDir::open(disk, "a test").map_err(early)?;
        let input = [Input::Path(place.input())];
        let listing = find(&input, &options, Purpose::Pushes).unwrap_or_default();
        let (reach, progress) = (Reach::default(), Progress::default());
        let refreshed = state.refresh(&listing, &options.ingest, None, &reach, &progress);
        refreshed.map_err(early)?;
        for notice in state.notices() {
            match notice {
                StateNotice::Doubled { .. } | StateNotice::Unfinished { .. } => {}
                StateNotice::OtherVersion { .. }
                | StateNotice::BadManifest { .. }
                | StateNotice::LostBook { .. }
                | StateNotice::BadList { .. }
                | StateNotice::Damaged { .. }
                | StateNotice::Foreign { .. } => return Err(Ended::Broken(notice.to_string())),
            }
        }
        let made = reconstruct_files(state.files(&reach), &options, &progress);
        let report = made.report();
        let verdicts = report.verdicts();
        let settling = Settling {
            window: options.window,
            slack: how.slack,
            now: how.now,
        };
        if how.now == DateTime::<Utc>::MAX_UTC && how.steps == u64::MAX {
            let kept = verdicts
                .iter()
                .map(|one| (one.id.clone(), one.facts.to_vec()))
                .collect();
            // Half of them are there when steps are tried one by one.
            let is_last = self.files.iter().all(|(name, _)| place.delivered(name));
            if is_last && kept != self.verdicts {
                return Err(Ended::Broken(differing(
                    "what is kept",
                    &kept,
                    &self.verdicts,
                )));
            }
        }
        let owners = report.owners(&anchors(state.book()));
        let news = news(&verdicts, &owners, state.book(), &settling, |_| true, None);
        let lines = lines(&news, &verdicts);
        let broken = Ended::Broken;
        if news.is_empty() {
            return Ok(());
        }
        match how.way {
            Way::Stream => {
                state.begin_telling(&news, None).map_err(early)?;
                if how.steps != u64::MAX && random.percent(30) {
                    let some = random.index(lines.len() + 1);
                    reader.take(&lines[..some], how.way).map_err(broken)?;
                    return Err(Ended::Early);
                }
                reader.take(&lines, how.way).map_err(broken)?;
                state.end_telling(&news).map_err(early)
            }
            Way::File => {
                let unless = place.folder.write("out.new", "told");
                let output = TellingOutput {
                    unless: unless.clone(),
                };
                state.begin_telling(&news, Some(output)).map_err(early)?;
                if how.steps != u64::MAX && random.percent(30) {
                    return Err(Ended::Early);
                }
                fs::rename(&unless, place.folder.0.join("out")).expect("it was written");
                reader.take(&lines, how.way).map_err(broken)?;
                state.end_telling(&news).map_err(early)
            }
        }
    }
}

fn lines(news: &News, verdicts: &[PushVerdict]) -> Vec<Line> {
    let told = news.pushes.iter().map(|(position, row)| {
        let verdict = &verdicts[*position];
        Line {
            id: verdict.id.clone(),
            what: Some((row.kind, verdict.facts.to_vec(), row.replaces.clone())),
        }
    });
    // Those that are gone first: an id may be told anew.
    let withdrawn = news.withdrawn.iter().map(|row| Line {
        id: row.id.clone(),
        what: None,
    });
    withdrawn.chain(told).collect()
}

fn options() -> Options {
    Options::default().jobs(1)
}

fn reconstruct(inputs: &[Input]) -> Reconstruction {
    let options = options();
    let files = find(inputs, &options, Purpose::Pushes).expect("the input is there");
    reconstruct_files(files, &options, &Progress::default())
}

fn text(record: &Value, name: &str) -> String {
    record[name].as_str().unwrap_or_default().to_owned()
}

fn differing(
    what: &str,
    told: &BTreeMap<String, Facts>,
    wanted: &BTreeMap<String, Facts>,
) -> String {
    let ids: BTreeSet<&String> = told.keys().chain(wanted.keys()).collect();
    let differing = ids
        .into_iter()
        .filter(|id| told.get(*id) != wanted.get(*id));
    let some: Vec<String> = differing
        .map(|id| format!("{id}: told {:?}, is {:?}", told.get(id), wanted.get(id)))
        .take(5)
        .collect();
    format!("{what} is not the report: {}", some.join("; "))
}

/// What was told by a program that was killed.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Kills {
    pub(crate) killed: u64,
    pub(crate) ended: u64,
    pub(crate) told: u64,
}

impl Deliveries {
    /// Kills the program at random points of runs that write what is new to a file, and holds what the files said against
    /// the report of all logs.
    pub(crate) fn kill_the_program(
        &self,
        program: &str,
        n_kills: u64,
        seed: u64,
    ) -> Result<Kills, String> {
        use std::process::{Command, Stdio};

        let mut random = Random::new(seed);
        let place = Place {
            folder: Folder::in_memory(),
        };
        let output = place.folder.0.join("out.jsonl");
        fs::create_dir_all(place.input()).map_err(|error| error.to_string())?;
        let command = |args: &[&str]| {
            let mut command = Command::new(program);
            command
                .arg(place.input())
                .args(["--fail-on", "never", "--quiet", "--format", "jsonl"])
                .args(args)
                .env("XDG_CONFIG_HOME", "/nonexistent")
                .stdin(Stdio::null())
                .stderr(Stdio::piped());
            command
        };
        let path = |path: &Path| path.to_str().expect("Unicode").to_owned();
        let (state, file) = (path(&place.state()), path(&output));
        let tell = ["--state", &state, "--new", "--force", "--output", &file];
        let mut tried = Kills::default();
        let mut told: BTreeMap<String, String> = BTreeMap::new();
        let mut take = |tried: &mut Kills| -> Result<(), String> {
            let Ok(text) = fs::read_to_string(&output) else {
                return Ok(());
            };
            fs::remove_file(&output).map_err(|error| error.to_string())?;
            for line in text.lines() {
                let row: Value = serde_json::from_str(line).map_err(|error| error.to_string())?;
                match row["type"].as_str() {
                    Some("session") => {
                        tried.told += 1;
                        let replaces = row["told"]["replaces"]
                            .as_array()
                            .cloned()
                            .unwrap_or_default();
                        replaces
                            .iter()
                            .for_each(|id| drop(told.remove(id.as_str().unwrap_or_default())));
                        let what = brief(&row);
                        let id = what.clone();
                        if told.insert(self::text(&row, "id"), what) == Some(id) {
                            return Err(format!("told twice: {}", brief(&row)));
                        }
                    }
                    Some("withdrawn") => drop(told.remove(&self::text(&row, "id"))),
                    _ => {}
                }
            }
            Ok(())
        };
        let mut left = self.files.iter();
        let mut usual = Duration::from_millis(60);
        while tried.killed < n_kills {
            // All are delivered by the last third, so that some runs have nothing new.
            if tried.killed * self.files.len() as u64 * 3
                >= (self.files.len() - left.len()) as u64 * n_kills * 2
                && let Some((name, content)) = left.next()
            {
                place.folder.write(Path::new("in").join(name), content);
            }
            let begun = std::time::Instant::now();
            let mut child = command(&tell)
                .stdout(Stdio::null())
                .spawn()
                .map_err(|error| error.to_string())?;
            let most = i64::try_from(usual.as_micros() * 5 / 4).unwrap_or(i64::MAX);
            std::thread::sleep(Duration::from_micros(random.within(0, most).unsigned_abs()));
            match child.try_wait().map_err(|error| error.to_string())? {
                Some(status) if status.success() => {
                    tried.ended += 1;
                    usual = begun
                        .elapsed()
                        .min(usual * 9 / 10 + Duration::from_millis(1));
                }
                Some(status) => {
                    let said = child
                        .wait_with_output()
                        .map_err(|error| error.to_string())?;
                    return Err(format!(
                        "{status}: {}",
                        String::from_utf8_lossy(&said.stderr)
                    ));
                }
                None => {
                    child
                        .kill()
                        .and_then(|()| child.wait())
                        .map_err(|error| error.to_string())?;
                    tried.killed += 1;
                    usual = usual * 11 / 10;
                }
            }
            take(&mut tried)?;
        }
        for (name, content) in left {
            place.folder.write(Path::new("in").join(name), content);
        }
        for _ in 0..2 {
            let run = command(&tell).output().map_err(|error| error.to_string())?;
            if !run.status.success() {
                return Err(format!(
                    "{}: {}",
                    run.status,
                    String::from_utf8_lossy(&run.stderr)
                ));
            }
            take(&mut tried)?;
        }
        let report = |args: &[&str]| -> Result<Vec<Value>, String> {
            let run = command(args).output().map_err(|error| error.to_string())?;
            let lines = String::from_utf8_lossy(&run.stdout).into_owned();
            let rows = lines.lines().map(serde_json::from_str);
            let rows: Result<Vec<Value>, _> = rows.collect();
            rows.map_err(|error| error.to_string())
        };
        let (kept, direct) = (report(&["--state", &state])?, report(&[])?);
        let pushes = |rows: &[Value]| -> BTreeMap<String, String> {
            let pushes = rows.iter().filter(|row| row["type"] == json!("session"));
            pushes
                .map(|row| (self::text(row, "id"), brief(row)))
                .collect()
        };
        let counts = |rows: &[Value]| {
            rows.last()
                .map(|row| (row["files"].clone(), row["records"].clone()))
        };
        if pushes(&kept) != pushes(&direct) || counts(&kept) != counts(&direct) {
            return Err(format!(
                "the state has {:?}, the logs {:?}",
                counts(&kept),
                counts(&direct)
            ));
        }
        match told == pushes(&direct) {
            true => Ok(tried),
            false => Err(format!(
                "told are {told:?}, there are {:?}",
                pushes(&direct)
            )),
        }
    }
}

/// What is said of a push.
fn brief(row: &Value) -> String {
    let events = row["events"].as_array().map_or(0, Vec::len);
    format!(
        "{} {} {} {} {events}",
        row["id"], row["status"], row["image"]["digest"], row["reason"]["kind"]
    )
}
