//! The timeline of a push as a Mermaid diagram (Mermaid, "Gantt diagrams").
//!
//! Comes in: the steps of a push. Goes out: a task for each step that has a time. Never: a task whose name begins with a
//! word of the log, as `section` or `title` there would take the task away in silence.

use crate::render::markdown::escape;
use crate::report::SessionRow;
use crate::report::Weight;
use crate::report::story::step::{Step, Told};
use crate::zone::Zone;

/// The most steps that are drawn.
const MOST_STEPS: usize = 40;

/// The diagram of a push; `None` if it has too many steps, or none with a time.
pub(super) fn gantt(push: &SessionRow<'_>, steps: &[Step], zone: &Zone) -> Option<String> {
    let timed: Vec<&Step> = steps.iter().filter(|step| step.span.is_some()).collect();
    if timed.is_empty() || timed.len() > MOST_STEPS {
        return None;
    }
    let mut text = String::from(
        "```mermaid\ngantt\n    dateFormat YYYY-MM-DDTHH:mm:ss\n    axisFormat %H:%M:%S\n    section push ",
    );
    text.push_str(&push.id);
    text.push('\n');
    for step in timed {
        text.push_str(&task(step, zone));
    }
    text.push_str("```\n");
    Some(text)
}

/// `    layer 3505516a3b1a :2025-03-10T08:15:04, 3s`.
fn task(step: &Step, zone: &Zone) -> String {
    let time = zone.time(&step.time);
    let begin = time.get(..19).unwrap_or(&time);
    let seconds = step.span.map_or(0, |(first, last)| last - first);
    let bad = match step.told.weight() {
        Weight::Bad => "crit, ",
        Weight::Good | Weight::Plain | Weight::Harmless | Weight::Unknown => "",
    };
    let is_instant = match seconds {
        0 => "milestone, ",
        _ => "",
    };
    let name = escape::task(&name(&step.told));
    format!("    {name} :{bad}{is_instant}{begin}, {seconds}s\n")
}

/// The name of a step, which begins with a word of ours.
fn name(told: &Told) -> String {
    let texts = told.texts();
    let first = texts.first().map_or("step", String::as_str);
    match told {
        Told::Upload(_) => texts.iter().take(2).cloned().collect::<Vec<_>>().join(" "),
        Told::Login { .. }
        | Told::Checks { .. }
        | Told::Unnamed(_)
        | Told::Put(_)
        | Told::Refusal { .. }
        | Told::Absence(_)
        | Told::More { .. } => first.to_owned(),
    }
}
