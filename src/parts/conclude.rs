//! WHAT ALL GROUPS SAID OF THEMSELVES -> THE ROWS OF THE LOG AS A WHOLE.
//!
//! Comes in: the sum of the coverage lines, and what groups count. Goes out: findings about the input, its problems, and
//! the coverage row with the summary. Never: a row of a push.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, BufRead, Write};

use crate::event::EventLog;
use crate::facts::Facts;
use crate::finding::{self, Beyond, Context, Severity, reads_missing};
use crate::graph::EventGraph;
use crate::ingest::coverage::RecordTally;
use crate::ingest::merge::copies::MAX_CONFLICTS;
use crate::ingest::{self, Ingest, Progress, coverage_of};
use crate::location::{FileId, Location};
use crate::parts::group::{place, write_row};
use crate::parts::said::{GroupTotals, Saying};
use crate::parts::{PartOptions, lines, write_line, wrong};
use crate::problem::{Problem, ProblemKind};
use crate::render::last_json_line;
use crate::report::row::{GroupCounts, OptionsRow, SummaryRow};
use crate::report::{Parts, Report, n_problems};
use crate::session::Sessions;
use crate::source::{Handed, Input, Reach, discover};
use crate::threads::Threads;

/// The sums of what groups said.
#[derive(Default)]
struct GroupSums {
    coverage: String,
    records: RecordTally,
    network_activity: u64,
    readers: BTreeSet<String>,
    pushes: GroupCounts,
    of_account: BTreeMap<String, usize>,
    unplaced: u64,
    conflicts: u64,
    worst: Option<Severity>,
}

/// What decides the exit status.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Concluded {
    /// The worst severity among the findings.
    pub worst: Option<Severity>,
    /// The number of pushes.
    pub n_pushes: u64,
    /// The number of problems.
    pub n_problems: u64,
}

impl GroupSums {
    fn read(input: &mut dyn BufRead) -> io::Result<Self> {
        let mut sums = Self::default();
        for line in lines(input) {
            let line = line?;
            if coverage_of(&line).is_some() {
                sums.coverage.push_str(&line);
                sums.coverage.push('\n');
                continue;
            }
            let said: Saying<'_> =
                serde_json::from_str(&line).map_err(|error| wrong("no group said this", error))?;
            match said {
                Saying::Records(more) => {
                    sums.records.add(RecordTally {
                        seen: more.seen,
                        push: more.push,
                        other: more.other,
                        duplicate: more.duplicate,
                        malformed: more.malformed,
                    });
                    sums.network_activity += more.network_activity;
                }
                Saying::Reader(account) => {
                    sums.readers.insert(account.into_owned());
                }
                Saying::Counts(counts) => sums.count(counts),
                Saying::Fact(_) | Saying::Push(_) | Saying::Login(_) | Saying::Blob(..) => {
                    return Err(wrong("this is for other groups", line));
                }
            }
        }
        Ok(sums)
    }

    fn count(&mut self, counts: GroupTotals) {
        self.pushes.plus(&counts.pushes);
        for (account, n) in counts.of_account {
            *self.of_account.entry(account).or_default() += n;
        }
        self.unplaced += counts.unplaced;
        self.conflicts += counts.conflicts;
        let all = [Severity::Note, Severity::Warning, Severity::Error];
        let mut worst = all.into_iter();
        let worst = worst.find(|one| Some(one.name()) == counts.worst.as_deref());
        self.worst = self.worst.max(worst);
    }

    /// The problems of groups, as far as findings count them: those in conflict beyond some are not listed one by one.
    fn conflicts(&self) -> Vec<Problem> {
        let most = MAX_CONFLICTS as u64;
        let (listed, count) = match self.conflicts.checked_sub(most) {
            Some(more) if more > 0 => (most, more),
            Some(_) | None => (self.conflicts, 0),
        };
        let conflict = || ProblemKind::ConflictingDuplicate {
            event_id: String::new(),
        };
        let kinds = (0..listed).map(|_| conflict());
        let more = (count > 0).then_some(ProblemKind::MoreConflicts { count });
        let at = Location::file(FileId(u32::MAX));
        kinds
            .chain(more)
            .map(|kind| Problem::new(kind, at))
            .collect()
    }
}

/// Concludes a report: the input holds a sum of coverage lines, and what groups said under no key, in any order. The
/// result has a line for each row, as the groups' rows have.
///
/// # Errors
/// Those of the streams, and lines that no step wrote.
pub fn conclude(
    input: &mut dyn BufRead,
    options: &PartOptions,
    told: &OptionsRow,
    out: &mut dyn Write,
) -> io::Result<Concluded> {
    let mut sums = GroupSums::read(input)?;
    let text = std::mem::take(&mut sums.coverage);
    let lines = Handed::new("coverage.jsonl", Box::new(io::Cursor::new(text)));
    let files = discover(&[Input::Reader(lines)]).map_err(io::Error::other)?;
    let (reach, nothing, progress) = (Reach::default(), Facts::default(), Progress::default());
    let Ingest {
        mut coverage,
        problems,
        ..
    } = ingest::ingest_observed(&files, &options.ingest, &reach, &nothing, &progress);
    coverage.records.add(sums.records);
    coverage.n_network_activity += sums.network_activity;
    let (log, graph, sessions) = (
        EventLog::default(),
        EventGraph::default(),
        Sessions::default(),
    );
    let beyond = Beyond {
        facts: &nothing,
        answers: None,
    };
    let all = [problems.clone(), sums.conflicts()].concat();
    let context = Context::new(&log, &graph, &sessions, &coverage, &files, &all, beyond);
    let mut findings = finding::examine(&context);
    let of_account = sums.of_account.iter();
    let of_account = of_account
        .map(|(account, n)| (account.as_str(), *n))
        .collect();
    let is_reader = |account: &str| sums.readers.contains(account);
    findings.extend(reads_missing::found(&of_account, is_reader));
    let threads = Threads::new(options.ingest.jobs);
    let report = Report::build(Parts {
        files: &files,
        log: &log,
        coverage: &coverage,
        sessions: &sessions,
        findings: &findings,
        problems: &problems,
        window: options.window,
        threads: &threads,
    });
    let report = report.made_with(told.clone());
    for (row, finding) in report.findings().zip(&findings) {
        write_row("finding", "", &place(finding.code), row, out)?;
    }
    for (n, row) in report.problems().enumerate() {
        // Before those of groups, as those of files come before those of the log.
        write_row("problem", "", &format!(" {n:08x}"), row, out)?;
    }
    let in_log = sums.pushes.all().iter().sum();
    let summary = SummaryRow {
        pushes: in_log,
        in_log,
        groups: sums.pushes,
        unplaced: sums.unplaced,
        problems: n_problems(&all),
        window_s: options.window.as_secs(),
    };
    let last = last_json_line(&report, summary)?;
    write_line(out, &["coverage", "", "", &last])?;
    Ok(Concluded {
        worst: sums.worst.max(report.worst()),
        n_pushes: summary.pushes,
        n_problems: summary.problems,
    })
}
