//! `--explain CODE`: the page of a finding, a problem, a status or a reason.
//!
//! Comes in: a code or id as it was typed. Goes out: the page of the code, or the nearest code; a message if nothing has
//! the id. Never: a page written here; pages are kept with what they explain.

use crate::finding::{code_of_error, codes};
use crate::ingest::Searched;
use crate::report::Report;
use crate::report::lookup::LEAST_PREFIX;
use crate::report::pages::{Group, PAGES, page_codes};
use crate::words;
use crate::words::near::nearest;

/// The page of a code, or the message if there is none.
pub(super) fn explain(code: &str) -> Result<String, String> {
    let wanted = code.trim().to_lowercase();
    let wanted = wanted.rsplit("::").next().unwrap_or_default();
    // A user may have the error code of a refused call.
    let finding = codes().find(|known| known.code == wanted);
    if let Some(check) = finding.or_else(|| code_of_error(code.trim())) {
        return Ok(format!(
            "{} (finding, {})\n\n{}\n\n{}\n",
            check.code,
            check.severity.name(),
            check.name,
            check.doc.trim()
        ));
    }
    match PAGES
        .iter()
        .find(|page| page.code.eq_ignore_ascii_case(wanted))
    {
        Some(page) => Ok(format!(
            "{} ({})\n\n{}\n",
            page.code,
            page.group.name(),
            page.text.trim()
        )),
        None => Err(unknown(code, wanted)),
    }
}

/// What to do if no code has the name and no logs were given either.
pub(super) const NAME_THE_LOGS: &str = "if this is the id of a push or an event, name the logs too: `reconstruct --explain ID PATH...`";

/// What to do if several ids start with what was typed, and more perhaps than are named.
pub(super) fn ambiguous(wanted: &str, names: Vec<String>, has_more: bool) -> String {
    let n_ids = names.len() as u64;
    let mut names = names;
    names.truncate(5);
    let more = match n_ids.saturating_sub(5) {
        0 => String::new(),
        more => format!(" and {} more", words::number(more)),
    };
    format!(
        "{}{} begin with `{wanted}`\n\n  help: type more of it: {}{more}",
        if has_more { "more than " } else { "" },
        words::count(n_ids, "id"),
        names.join(", ")
    )
}

/// An id that nothing has.
pub(super) struct Absent<'i> {
    /// The id as it was typed.
    pub(super) id: &'i str,
    /// How much was searched besides pushes and their events; `None` if nothing was.
    pub(super) searched: Option<Searched>,
    /// What has the nearest id.
    pub(super) near: Option<String>,
}

/// Where an id was looked for, why it may be absent, and what to do.
pub(super) fn absent(absent: &Absent<'_>, report: &Report<'_>) -> String {
    let Absent { id, searched, near } = absent;
    let mut text = format!("nothing in these logs has the id `{id}`");
    let Some(searched) = searched else {
        text.push_str(&format!(
            "\n\n  help: type at least {LEAST_PREFIX} characters of the id of a push or an event"
        ));
        return text;
    };
    let records = report.coverage().records;
    text.push_str(&format!(
        "; it was looked for in {} with {}, and among {} with {}",
        words::count(searched.n_files, "log file"),
        words::count(searched.n_records, "record"),
        words::pushes(report.summary().in_log),
        words::count(records.push, "event"),
    ));
    if searched.n_gone > 0 {
        text.push_str(
            "; what came from standard input or a pipe cannot be read again for other records",
        );
    }
    text.push_str("\n\n  help: look whether the file that holds it is among the paths");
    let problems = report.summary().problems;
    if problems > 0 {
        text.push_str(&format!(
            "; {} of the input may hide it",
            words::count(problems, "problem")
        ));
    }
    if let Some(near) = near {
        text.push_str(&format!("\n  tip: the nearest is {near}"));
    }
    if let Some(near) = nearest(id, page_codes()) {
        text.push_str(&format!("\n  tip: the code `{near}` has a page"));
    }
    text
}

/// Every page of `--explain`, in Markdown, as in `docs/findings.md`.
#[must_use]
pub fn reference() -> String {
    let mut text = String::from(
        "# Findings, problems, statuses and reasons\n\n\
         Made from the code; `reconstruct --explain CODE` prints the same pages.\n\n\
         ## Findings\n",
    );
    for check in codes() {
        text.push_str(&format!(
            "\n### {}\n\n{}. Severity: {}.\n\n{}\n",
            check.code,
            check.name,
            check.severity.name(),
            check.doc.trim()
        ));
    }
    for (group, title) in [
        (Group::Problem, "Problems of the input"),
        (Group::Status, "Statuses"),
        (Group::Reason, "Reasons"),
        (Group::Error, "Error codes that are no failure"),
    ] {
        text.push_str(&format!("\n## {title}\n"));
        for page in PAGES.iter().filter(|page| page.group == group) {
            text.push_str(&format!("\n### {}\n\n{}\n", page.code, page.text.trim()));
        }
    }
    text
}

fn unknown(code: &str, wanted: &str) -> String {
    match nearest(wanted, page_codes()) {
        Some(near) => format!("there is no code `{code}`\n\n  tip: did you mean `{near}`?"),
        None => format!(
            "there is no code `{code}`\n\n  codes: {}",
            page_codes().collect::<Vec<_>>().join(", ")
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_code_names_the_nearest() {
        let error = explain("upload-abandond").err();
        assert!(error.is_some_and(|text| text.contains("`upload-abandoned`")));
    }

    #[test]
    fn a_code_is_found_as_diagnostics_spell_it() {
        assert!(explain("reconstruct::bad-field").is_ok());
    }
}
