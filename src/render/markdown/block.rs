//! One push, folded under a line that names it.
//!
//! Comes in: a push's row. Goes out: its facts, its findings, a diagram of its steps and a table of them. Never: a step in
//! words of its own.

use crate::render::markdown::escape::{code, html, prose};
use crate::render::markdown::{gantt, mark};
use crate::render::{Detail, Style};
use crate::report::story::facts::{Agent, Fact, facts};
use crate::report::story::fold;
use crate::report::story::push as story;
use crate::report::story::step::{Note, Step};
use crate::report::{FindingRow, SessionRow};
use crate::words;
use crate::zone::Zone;

/// The block of a push.
pub(super) fn block(push: &SessionRow<'_>, style: &Style) -> String {
    let zone = &style.zone;
    let mut text = format!(
        "<details><summary>{} <code>{}</code> push <code>{}</code></summary>\n\n",
        push.status,
        html(&story::reference(push)),
        push.id
    );
    let agent = match style.detail {
        Detail::Verbose => Agent::Whole,
        Detail::Normal | Detail::Summary => Agent::Program,
    };
    for Fact {
        name, text: fact, ..
    } in facts(push, agent, zone)
    {
        text.push_str(&format!("- **{name}** {}\n", prose(&zone.within(&fact))));
    }
    let told = |finding: &&FindingRow| !story::is_told_beside(finding);
    for finding in push.findings.iter().filter(told) {
        text.push_str(&zone.within(&self::finding(finding)));
    }
    text.push('\n');
    let steps = fold::steps(push, &[]);
    if let Some(diagram) = gantt::gantt(push, &steps, zone) {
        text.push_str(&diagram);
        text.push('\n');
    }
    text.push_str("| time | after | step |\n|---|---|---|\n");
    for step in &steps {
        text.push_str(&row(step, zone));
    }
    text.push_str("\n</details>\n\n");
    text
}

/// One conclusion with what to do next.
pub(super) fn finding(row: &FindingRow) -> String {
    let mut text = format!(
        "- **{}** {} [{}]\n",
        row.severity.name(),
        prose(&row.message),
        code(row.code)
    );
    if let Some(help) = &row.help {
        text.push_str(&format!("  - help: {}\n", prose(help)));
    }
    text
}

/// A step with its notes.
fn row(step: &Step, zone: &Zone) -> String {
    let mark = mark(step.told.weight());
    let mut texts = vec![step.told.texts().join(", ")];
    texts.extend(step.notes.iter().map(Note::text));
    let time = match step.time.is_empty() {
        true => String::new(),
        false => zone.clock(&step.time),
    };
    let after = step.span.map(|(first, _)| match first {
        ..0 => format!("-{}", words::duration(first)),
        _ => words::duration(first),
    });
    format!(
        "| {time} | {} | {mark}{} |\n",
        after.unwrap_or_default(),
        prose(&texts.join("; "))
    )
}
