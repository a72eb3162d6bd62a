//! A GROUP OF RECORDS -> WHAT IT SAYS TO OTHERS, AND AT LAST ITS ROWS.
//!
//! Comes in: the lines of a group, those of others that it asked for, and what it was told. Goes out: facts, pushes in
//! few bytes, or rows of the report. Never: a row of what belongs to another group.

use std::io::{self, BufRead, Read, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde::Serialize;

use crate::event::{EventId, EventLog, content};
use crate::facts::Facts;
use crate::finding::{self, Beyond, CHECKS, Context, Finding, reads_missing, unseen_layer};
use crate::graph::{self, EventGraph};
use crate::ingest::{self, Coverage, Ingest, Progress};
use crate::location::FileId;
use crate::parts::said::{GroupRecords, GroupTotals, Reply, Saying};
use crate::parts::{PartOptions, key, write_line, wrong};
use crate::problem::Problem;
use crate::render::json_line;
use crate::report::{Parts, Report, n_problems};
use crate::session::beyond::{Answers, PushShown, login, number};
use crate::session::{self, Draft, SessionId, clocks};
use crate::source::{Handed, Input, Reach, SourceFile, discover};
use crate::threads::Threads;

/// What to make of a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GroupStep {
    /// The facts that it knows and those that it asks for.
    Facts,
    /// What its pushes show to others of their principals.
    Pushes,
    /// The rows of the report.
    Rows,
}

/// Before a line that belongs to the group; these come last.
const OWN: u8 = b'=';
/// Before a line of another group.
const OTHER: u8 = b'+';
/// Before what the group is told.
const TOLD: u8 = b'!';

/// The names of what is read, in order.
const FILES: [&str; 2] = ["others", "own"];

/// Does a step of a group. Each line of the input begins with a mark: `!` before what the group is told, `+` before a
/// line of another group, `=` before one of its own, in that order. The result has a line for each thing said, after
/// the key of whom it concerns, or a line for each row, after its type, its day and what sorts it.
///
/// # Errors
/// Those of the streams, and lines without a mark, or out of order.
pub fn group(
    step: GroupStep,
    input: Box<dyn BufRead + Send>,
    options: &PartOptions,
    out: &mut dyn Write,
) -> io::Result<()> {
    let Lines {
        told,
        files,
        spoilt,
    } = Lines::read(input)?;
    let told = told.lines().map(|line| {
        serde_json::from_str(line).map_err(|error| wrong("nobody tells a group this", error))
    });
    let told: Vec<Reply<'_>> = told.collect::<io::Result<_>>()?;
    let mut known = Facts::default();
    for told in &told {
        if let Reply::Fact(fact) = told {
            known.learn(fact);
        }
    }
    let (reach, progress) = (Reach::default(), Progress::default());
    let Ingest {
        log,
        coverage,
        problems,
    } = ingest::ingest_observed(&files, &options.ingest, &reach, &known, &progress);
    if spoilt.load(Ordering::Relaxed) {
        return Err(io::Error::other(
            "a line of the group itself does not begin with `=`",
        ));
    }
    let facts = Facts::of(&log);
    let facts = match step {
        GroupStep::Facts => facts.and(Facts::asked_by(&log)),
        GroupStep::Pushes | GroupStep::Rows => facts.told(&known),
    };
    let threads = Threads::new(options.ingest.jobs);
    let graph = threads.within(|| graph::link(&log, &facts));
    let own = files.iter().position(|file| file.name == FILES[1]);
    let work = GroupWork {
        own: own.and_then(|own| u32::try_from(own).ok()).map(FileId),
        files: &files,
        log: &log,
        coverage: &coverage,
        problems: &problems,
        graph: &graph,
        options,
        threads: &threads,
    };
    match step {
        GroupStep::Facts => work.facts(facts, out),
        GroupStep::Pushes => work.pushes(&facts, out),
        GroupStep::Rows => work.rows(&facts, &answers(&told), out),
    }
}

/// The answers among what a group is told.
fn answers(told: &[Reply<'_>]) -> Answers {
    let mut answers = Answers::default();
    for told in told {
        match told {
            Reply::Fact(_) => {}
            Reply::Probe(id) => {
                answers.probes.insert(SessionId(*id));
            }
            Reply::Served(login, n_pushes) => {
                answers.served.insert(*login, *n_pushes);
            }
            Reply::New(id, message) => {
                answers.news.insert(SessionId(*id), message.clone());
            }
            Reply::Brought(blob) => {
                answers.brought.insert(*blob);
            }
        }
    }
    answers
}

/// The input of a step.
struct Lines {
    told: String,
    files: Vec<SourceFile>,
    /// Whether a line was found where none of its kind may be.
    spoilt: Arc<AtomicBool>,
}

impl Lines {
    fn read(mut input: Box<dyn BufRead + Send>) -> io::Result<Self> {
        let (mut told, mut others, mut own) = (Vec::new(), Vec::new(), Vec::new());
        loop {
            let mut line = Vec::new();
            if input.read_until(b'\n', &mut line)? == 0 {
                break;
            }
            match line.split_first() {
                Some((&TOLD, rest)) => told.extend_from_slice(rest),
                Some((&OTHER, rest)) => others.extend_from_slice(rest),
                Some((&OWN, rest)) => {
                    own = rest.to_vec();
                    break;
                }
                Some(_) | None => {
                    let line = String::from_utf8_lossy(&line).trim_end().to_owned();
                    return Err(wrong("a line begins with none of `!`, `+` and `=`", line));
                }
            }
        }
        let spoilt = Arc::new(AtomicBool::new(false));
        let mut inputs = Vec::new();
        if !others.is_empty() {
            inputs.push(handed(FILES[0], io::Cursor::new(others)));
        }
        if !own.is_empty() {
            let rest = Rest {
                input,
                line: Vec::new(),
                at: 0,
                spoilt: Arc::clone(&spoilt),
            };
            inputs.push(handed(FILES[1], io::Cursor::new(own).chain(rest)));
        }
        let files = match inputs.is_empty() {
            true => Vec::new(),
            false => discover(&inputs).map_err(io::Error::other)?,
        };
        let told = String::from_utf8(told).map_err(io::Error::other)?;
        Ok(Self {
            told,
            files,
            spoilt,
        })
    }
}

fn handed(name: &str, bytes: impl Read + Send + 'static) -> Input {
    Input::Reader(Handed::new(name, Box::new(bytes)))
}

/// The rest of a group's own lines, without their marks. They are not held: a group may be large.
struct Rest {
    input: Box<dyn BufRead + Send>,
    line: Vec<u8>,
    at: usize,
    spoilt: Arc<AtomicBool>,
}

impl Read for Rest {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.at == self.line.len() {
            self.line.clear();
            self.at = 1;
            if self.input.read_until(b'\n', &mut self.line)? == 0 {
                self.at = 0;
                return Ok(0);
            }
            if self.line.first() != Some(&OWN) {
                self.spoilt.store(true, Ordering::Relaxed);
                return Err(io::Error::other("a line does not begin with `=`"));
            }
        }
        let rest = self.line.get(self.at..).unwrap_or_default();
        let n = rest.len().min(buffer.len());
        if let (Some(to), Some(from)) = (buffer.get_mut(..n), rest.get(..n)) {
            to.copy_from_slice(from);
        }
        self.at += n;
        Ok(n)
    }
}

/// What a group is, as far as every step knows it.
struct GroupWork<'a> {
    /// The file with what belongs to it.
    own: Option<FileId>,
    files: &'a [SourceFile],
    log: &'a EventLog,
    coverage: &'a Coverage,
    problems: &'a [Problem],
    graph: &'a EventGraph,
    options: &'a PartOptions,
    threads: &'a Threads,
}

impl GroupWork<'_> {
    fn is_own(&self, id: EventId) -> bool {
        Some(self.log.event(id).at.file) == self.own
    }

    fn facts(&self, facts: Facts<'_>, out: &mut dyn Write) -> io::Result<()> {
        let facts = facts.with_clocks(clocks(&self.graph.index));
        for fact in facts.iter() {
            let subject = fact.subject();
            let subject: Vec<&str> = subject.iter().map(String::as_str).collect();
            say(&key(number(&subject)), &Saying::Fact(fact), out)?;
        }
        for account in facts.readers() {
            say("", &Saying::Reader(account.into()), out)?;
        }
        let records = self.coverage.records;
        let records = GroupRecords {
            seen: records.seen,
            push: records.push,
            other: records.other,
            duplicate: records.duplicate,
            malformed: records.malformed,
            network_activity: self.coverage.n_network_activity,
        };
        say("", &Saying::Records(records), out)
    }

    fn draft(&self, facts: &Facts<'_>) -> Draft {
        let window = self.options.window;
        let draft = || session::draft(self.log, self.graph, self.coverage, window, facts);
        self.threads.within(draft)
    }

    fn pushes(&self, facts: &Facts<'_>, out: &mut dyn Write) -> io::Result<()> {
        let (log, principals) = (self.log, &self.graph.principals);
        let draft = self.draft(facts);
        let principal = |identity| {
            let name = facts.name(log.tables.identities.get(identity));
            key(number(&["principal", name]))
        };
        for session in &draft.sessions {
            let shown = PushShown::of(log, principals, session);
            say(&principal(session.identity), &Saying::Push(shown), out)?;
        }
        for &id in self
            .graph
            .index
            .logins()
            .iter()
            .filter(|id| self.is_own(**id))
        {
            let number = login(log, id);
            say(
                &principal(log.event(id).identity),
                &Saying::Login(number),
                out,
            )?;
        }
        for (blob, is_known) in unseen_layer::blobs(log, &draft.sessions) {
            say(&key(blob), &Saying::Blob(blob, is_known), out)?;
        }
        Ok(())
    }

    fn rows(&self, facts: &Facts<'_>, answers: &Answers, out: &mut dyn Write) -> io::Result<()> {
        let Self {
            log,
            graph,
            coverage,
            files,
            problems,
            threads,
            ..
        } = *self;
        let window = self.options.window;
        let draft = self.draft(facts);
        let probes = draft.sessions.iter().enumerate();
        let probes = probes.filter(|(_, session)| answers.probes.contains(&session.id));
        let probes: Vec<usize> = probes.map(|(at, _)| at).collect();
        let served = answers.served(log, graph.index.logins());
        let sessions = draft.finish(log, graph, window, &probes, Some(served));
        let beyond = Beyond {
            facts,
            answers: Some(answers),
        };
        let context = Context::new(log, graph, &sessions, coverage, files, problems, beyond);
        let findings = threads.within(|| finding::examine(&context));
        let report = Report::build(Parts {
            files,
            log,
            coverage,
            sessions: &sessions,
            findings: &findings,
            problems,
            window,
            threads,
        });
        for (row, session) in report.sessions().zip(&sessions.sessions) {
            let order = format!("{}{:016x}", sorting(session.first), session.id.0);
            let day = row.first.get(..10).unwrap_or_default().to_owned();
            write_row("session", &day, &order, row, out)?;
        }
        let mut n_unplaced = 0;
        let is_told = |finding: &&Finding| {
            let mut first = finding.events.iter().take(1);
            finding.session.is_some() || first.any(|id| self.is_own(*id))
        };
        let worst = findings
            .iter()
            .filter(is_told)
            .map(|finding| finding.severity);
        let worst = worst.max().map(|worst| worst.name().to_owned());
        for (row, &id) in report.unplaced().zip(&sessions.unplaced) {
            if self.is_own(id) {
                n_unplaced += 1;
                let day = row.time.get(..10).unwrap_or_default().to_owned();
                write_row("unplaced", &day, &self.order(id), row, out)?;
            }
        }
        let of_log = findings.iter().filter(|finding| finding.session.is_none());
        for (row, finding) in report.findings().zip(of_log) {
            // What is said of the input is said of all of it, by the conclusion.
            if let Some(&first) = finding.events.first().filter(|id| self.is_own(**id)) {
                let order = format!("{}{}", place(finding.code), self.order(first));
                write_row("finding", "", &order, row, out)?;
            }
        }
        let is_own = |problem: &&Problem| Some(problem.at.file) == self.own;
        let rows = report.problems().zip(problems);
        for (row, problem) in rows.filter(|(_, problem)| is_own(problem)) {
            let order = format!("{:08x}", problem.at.record.unwrap_or_default());
            write_row("problem", "", &order, row, out)?;
        }
        let of_account = reads_missing::n_pushes(log, &sessions.sessions).into_iter();
        let counts = Saying::Counts(GroupTotals {
            pushes: report.summary().groups.all().to_vec(),
            of_account: of_account
                .map(|(account, n)| (account.to_owned(), n))
                .collect(),
            unplaced: n_unplaced,
            worst,
            conflicts: n_problems(problems.iter().filter(is_own)),
        });
        write_line(out, &["", "", "", &serde_json::to_string(&counts)?])
    }

    /// What sorts events as a log does.
    fn order(&self, id: EventId) -> String {
        let event = self.log.event(id);
        let text = event.event_id.text(&self.log.tables.texts);
        let digits: String = text.bytes().map(|byte| format!("{byte:02x}")).collect();
        let content = content(event, &self.log.tables);
        format!("{}{digits} {content:016x}", sorting(event.time))
    }
}

/// A time as a text that sorts as it does.
fn sorting(time: chrono::DateTime<chrono::Utc>) -> String {
    format!("{:016x}", time.timestamp_micros() as u64 ^ 1 << 63)
}

/// The place of a code in the order of findings.
pub(super) fn place(code: &str) -> String {
    let is_it = |check: &finding::Check| check.codes.iter().any(|known| known.code == code);
    format!("{:04}", CHECKS.iter().position(is_it).unwrap_or_default())
}

fn say(key: &str, said: &Saying<'_>, out: &mut dyn Write) -> io::Result<()> {
    write_line(out, &[key, &serde_json::to_string(said)?])
}

/// Writes a row after its type, its day and what sorts it.
pub(super) fn write_row(
    kind: &'static str,
    day: &str,
    order: &str,
    row: impl Serialize,
    out: &mut dyn Write,
) -> io::Result<()> {
    write_line(out, &[kind, day, order, &json_line(kind, row)?])
}
