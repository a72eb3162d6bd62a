//! Why an event is in its push, for people.
//!
//! Comes in: an event with its pushes and its chain of evidence. Goes out: which push, the event
//! itself, each link with its meaning, and what else was considered. Never: a missing link.

use std::io::{self, Write};

use crate::event::Stage;
use crate::graph::Evidence;
use crate::render::Style;
use crate::render::ink::{Ink, Tint};
use crate::render::text::block::field;
use crate::render::text::timeline;
use crate::report::story::push as story;
use crate::report::why::WhyRow;
use crate::report::{EventRow, Outcome, SessionRow};
use crate::words;

/// Writes why an event is in its push.
///
/// # Errors
/// Only errors of `out`.
pub fn why(row: &WhyRow<'_>, style: &Style, out: &mut dyn Write) -> io::Result<()> {
    let ink = &mut Ink::new(out, style);
    let event = &row.event;
    let title = format!("{}  {}", event.action, event.time);
    ink.line(&[(Tint::Strong, &title)])?;
    field("event", &event.event_id, ink)?;
    let place = format!("{} record {}", event.at.file, event.at.record);
    field("read", &place, ink)?;
    if event.outcome == Outcome::Failed {
        let code = event.error_code.as_deref().unwrap_or("no error code");
        field("ended", &format!("refused: {code}"), ink)?;
    }
    for line in timeline::details(event) {
        field("says", &line, ink)?;
    }
    for push in &row.pushes {
        field("push", &named(push), ink)?;
    }
    if row.pushes_more > 0 {
        let more = format!("and {} more", words::number(row.pushes_more));
        field("", &more, ink)?;
    }
    ink.blank()?;
    match (row.pushes.first(), event.action) {
        (None, _) => unplaced(event, ink)?,
        (Some(_), Stage::Authorization) => login(row, ink)?,
        (Some(push), _) => chain(row, push, ink)?,
    }
    considered(row, ink)
}

fn named(push: &SessionRow<'_>) -> String {
    let registry = push.registry.as_deref().unwrap_or("not named");
    format!(
        "{}, {}: {} (registry {registry})",
        push.id,
        push.status,
        story::reference(push)
    )
}

fn unplaced(event: &EventRow<'_>, ink: &mut Ink<'_>) -> io::Result<()> {
    let text = match event.action {
        Stage::Authorization => {
            "It belongs to no push: a login that no push seen here is linked to. Pulls log in the \
             same way, and a later or earlier login of the same caller may fit better."
        }
        Stage::Check | Stage::Initiate | Stage::Part | Stage::Complete | Stage::Manifest => {
            "It belongs to no push: it names too little to be joined to another call, neither an \
             upload nor a digest nor a repository that a push of its caller was made to."
        }
    };
    ink.wrapped((Tint::Plain, ""), (Tint::Plain, text))
}

/// The pushes of a login, which one kind of evidence links to it.
fn login(row: &WhyRow<'_>, ink: &mut Ink<'_>) -> io::Result<()> {
    ink.line(&[(Tint::Strong, "It is the login of these pushes, by")])?;
    for push in &row.pushes {
        let Some(link) = &push.authorization else {
            continue;
        };
        let text = format!("authorization ({}), push {}", link.strength, push.id);
        ink.wrapped((Tint::Plain, "  "), (Tint::Plain, &text))?;
        for other in &link.alternatives {
            let text = format!("login {other} was considered too");
            ink.wrapped((Tint::Plain, "    "), (Tint::Plain, &text))?;
        }
    }
    let words = Evidence::Authorization.about().says;
    ink.wrapped((Tint::Plain, "  "), (Tint::Faint, words))
}

fn chain(row: &WhyRow<'_>, push: &SessionRow<'_>, ink: &mut Ink<'_>) -> io::Result<()> {
    if row.chain.is_empty() {
        let text = match push.events.places().len() {
            1 => "It is the only call of its push in these logs.",
            _ => {
                "The push hangs on it: the other calls are joined to it, directly or through each \
                 other, and it is joined to none."
            }
        };
        return ink.wrapped((Tint::Plain, ""), (Tint::Plain, text));
    }
    ink.line(&[(Tint::Strong, "It is in this push by")])?;
    for (place, link) in row.chain.iter().enumerate() {
        let head = format!("  {}. ", place + 1);
        let (because, to) = (&link.because, &link.to);
        let digest = because.digest.as_deref().map(|digest| format!(" {digest}"));
        let text = format!(
            "{} ({}){}, with {} at {}, event {}",
            because.evidence,
            because.strength,
            digest.unwrap_or_default(),
            to.action,
            ink.style().zone.clock(&to.time),
            to.event_id
        );
        ink.wrapped((Tint::Plain, &head), (Tint::Plain, &text))?;
        ink.wrapped((Tint::Plain, "     "), (Tint::Faint, link.words))?;
    }
    let text = "On the last of these the push hangs: it is joined to none itself.";
    ink.wrapped((Tint::Plain, "  "), (Tint::Plain, text))
}

fn considered(row: &WhyRow<'_>, ink: &mut Ink<'_>) -> io::Result<()> {
    ink.blank()?;
    let others = &row.event.alternatives;
    if others.is_empty() && row.considered_for.is_empty() {
        let text = "No other push was considered for it.";
        return ink.wrapped((Tint::Plain, ""), (Tint::Plain, text));
    }
    ink.line(&[(Tint::Strong, "Considered too")])?;
    for other in others {
        let text = format!(
            "push {}, by {} ({}): {}",
            other.session,
            other.evidence,
            other.strength,
            other.evidence.about().sentence()
        );
        ink.wrapped((Tint::Plain, "  "), (Tint::Plain, &text))?;
    }
    for push in &row.considered_for {
        let text = format!("push {push}, which is linked to another login");
        ink.wrapped((Tint::Plain, "  "), (Tint::Plain, &text))?;
    }
    Ok(())
}
