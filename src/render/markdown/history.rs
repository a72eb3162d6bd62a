//! The history of a tag, an image or a repository in Markdown: a list in order of time.
//!
//! Comes in: the histories of the report. Goes out: an entry for each thing that happened, and the state at the end of the
//! log. Never: an entry without its time, or one left out in silence.

use crate::render::markdown::escape::{code, prose};
use crate::render::markdown::{Ticket, mark};
use crate::render::{Detail, Style};
use crate::report::story::history::{self, EventIds, MOST_TAGS, Passage};
use crate::report::{HistoryRow, Report, Weight};
use crate::words;
use crate::zone::Zone;

/// Adds the histories, if any were asked for; returns how many of their lines had no room.
pub(super) fn histories(report: &Report<'_>, style: &Style, page: &mut Ticket) -> u64 {
    report.history().map(|row| one(&row, style, page)).sum()
}

fn one(row: &HistoryRow<'_>, style: &Style, page: &mut Ticket) -> u64 {
    let (n_before, passages, most_tags) = match style.detail {
        Detail::Verbose => {
            let all = row.entries.iter().map(Passage::One).collect();
            (0, all, usize::MAX)
        }
        Detail::Normal | Detail::Summary => {
            let (n_before, passages) = history::passages(row);
            (n_before, passages, MOST_TAGS)
        }
    };
    let before = (n_before > 0).then(|| format!("{}\n\n", prose(&history::left_out(n_before))));
    let entries = passages
        .iter()
        .filter_map(|passage| entry(row, passage, &style.zone));
    let ends = format!("\n{}\n\n", prose(&style.zone.within(&row.ends)));
    let tags = row.tags.iter().take(most_tags);
    let tags = tags.map(|tag| format!("- {}\n", prose(&style.zone.within(&history::stands(tag)))));
    let more = row.tags.len().saturating_sub(most_tags) as u64;
    let more = (more > 0).then(|| format!("- … and {}\n", words::count(more, "more tag")));
    let lines = [format!("### History of {}\n\n", code(&row.image))]
        .into_iter()
        .chain(before)
        .chain(entries)
        .chain([ends])
        .chain(tags)
        .chain(more)
        .chain(["\n".to_owned()]);
    lines.map(|line| u64::from(!page.add(&line))).sum()
}

fn entry(row: &HistoryRow<'_>, passage: &Passage<'_, '_>, zone: &Zone) -> Option<String> {
    let (time, weight, text) = match passage {
        Passage::One(entry) => {
            let text = history::happened(row, entry, EventIds::Start);
            (&entry.time, history::weight(entry), text)
        }
        Passage::Run(run) => (&run.first()?.time, Weight::Good, history::of_run(run)),
    };
    let text = prose(&zone.within(&text));
    Some(format!("- {} {}{text}\n", zone.time(time), mark(weight)))
}
