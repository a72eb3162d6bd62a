//! One push: what, why, who, from where, when, how much, what next; then its timeline.
//!
//! Comes in: a push's row. Goes out: a block that can be read by itself. Never: silence about
//! something unknown.

use std::io;

use crate::finding::Severity;
use crate::render::Detail;
use crate::render::ink::{Ink, Tint};
use crate::render::table;
use crate::render::text::{picture, timeline, tint_of_group, tint_of_severity};
use crate::report::story::push as story;
use crate::report::{ClientFrom, RelatedAs, SessionRow};
use crate::words;
use crate::zone::Zone;

/// Writes the block of a push.
pub(super) fn block(push: &SessionRow<'_>, detail: Detail, ink: &mut Ink<'_>) -> io::Result<()> {
    title(push, ink)?;
    field("why", &push.explanation, ink)?;
    field("who", &story::who(push), ink)?;
    field("from", &from(push, detail, &ink.style().zone), ink)?;
    field("to", &story::to(push), ink)?;
    field("when", &story::when(push, &ink.style().zone), ink)?;
    field("moved", &story::moved(push), ink)?;
    if let Some(image) = image(push) {
        field("image", &image, ink)?;
    }
    if let Some(sure) = story::sure(push, &ink.style().zone) {
        field("sure", &sure, ink)?;
    }
    if let Some(basis) = story::basis(push) {
        field("basis", &basis, ink)?;
    }
    related(push, ink)?;
    let drawn = picture::drawn(push, detail);
    findings(push, &drawn, ink)?;
    ink.blank()?;
    if detail == Detail::Verbose {
        return timeline::in_full(push, ink);
    }
    let steps = timeline::steps(push, &drawn);
    match picture::picture(push, &steps, &drawn, ink.style()) {
        Some(text) => ink.drawn(&text),
        None => timeline::lines(push, &steps, ink),
    }
}

fn title(push: &SessionRow<'_>, ink: &mut Ink<'_>) -> io::Result<()> {
    let status = format!("{:<14}", push.status.name().to_uppercase());
    let id = format!("push {}", push.id);
    let room = ink.width().saturating_sub(14 + 2 + table::width(&id));
    let whole = ink.shown(&story::reference(push)).into_owned();
    let reference = table::pad(&table::elide(&whole, room), room);
    ink.line(&[
        (tint_of_group(push.group), &status),
        (Tint::Strong, &reference),
        (Tint::Plain, "  "),
        (Tint::Faint, &id),
    ])?;
    match table::width(&whole) > room {
        true => field("name", &whole, ink),
        false => Ok(()),
    }
}

/// Writes a field: its name in a column, then its text beside it.
pub(super) fn field(name: &str, text: &str, ink: &mut Ink<'_>) -> io::Result<()> {
    let head = format!("  {name:<6} ");
    ink.wrapped((Tint::Faint, &head), (Tint::Plain, text))
}

fn from(push: &SessionRow<'_>, detail: Detail, zone: &Zone) -> String {
    let Some(client) = &push.client else {
        return match push.authorization {
            Some(_) => "not known: neither the calls nor the login show an address".to_owned(),
            None => {
                "not known: the calls hide the address, and no login in this log fits".to_owned()
            }
        };
    };
    let ip = story::address(client);
    let program = match (client.user_agent.as_deref(), detail) {
        (None, _) => "(no program named)",
        (Some(program), Detail::Verbose) => program,
        (Some(program), Detail::Normal | Detail::Summary) => first_word(program),
    };
    let tls = match (&client.tls_version, detail) {
        (Some(version), Detail::Verbose) => format!(" over {version}"),
        (_, Detail::Verbose | Detail::Normal | Detail::Summary) => String::new(),
    };
    match (&push.authorization, client.from) {
        (Some(login), ClientFrom::Authorization) => format!(
            "{ip}, login by {program}{tls} at {} ({}, serves {})",
            zone.clock(&login.time),
            login.strength,
            words::pushes(push.authorization_pushes)
        ),
        (Some(_), ClientFrom::Call) | (None, ClientFrom::Call | ClientFrom::Authorization) => {
            format!("{ip}, {program}{tls} (shown by the calls themselves)")
        }
    }
}

fn first_word(text: &str) -> &str {
    text.split(' ').next().unwrap_or(text)
}

fn image(push: &SessionRow<'_>) -> Option<String> {
    let image = push.image.as_ref()?;
    let digest = image.digest.as_deref().unwrap_or("(digest not in the log)");
    let kind = image.what.as_deref().unwrap_or("content not in the log");
    let size = image
        .size_bytes
        .map(|size| format!(", {}", words::size(size)));
    Some(format!("{digest} ({kind}{})", size.unwrap_or_default()))
}

fn related(push: &SessionRow<'_>, ink: &mut Ink<'_>) -> io::Result<()> {
    for other in &push.related {
        let after = match other.after_s {
            0.. => format!("{} after", words::duration(other.after_s)),
            _ => format!("{} before the end of", words::duration(other.after_s)),
        };
        match other.relation {
            RelatedAs::RetryOf => {
                let text = format!(
                    "begun {after} push {}, which was {}",
                    other.session, other.status
                );
                field("before", &text, ink)?;
            }
            RelatedAs::SupersededBy => {
                let when = match other.after_s {
                    0.. => format!("{} later", words::duration(other.after_s)),
                    _ => "before it ended".to_owned(),
                };
                let text = format!(
                    "run again {when} as push {}, {}",
                    other.session, other.status
                );
                field("next", &text, ink)?;
            }
        }
    }
    Ok(())
}

/// The conclusions that the timeline does not show.
fn findings(push: &SessionRow<'_>, drawn: &[usize], ink: &mut Ink<'_>) -> io::Result<()> {
    for (place, finding) in push.findings.iter().enumerate() {
        if drawn.contains(&place) || story::is_told_beside(finding) {
            continue;
        }
        let head = format!("  {:<6} ", short(finding.severity));
        let text = format!("{} [{}]", finding.message, finding.code);
        ink.wrapped(
            (tint_of_severity(finding.severity), &head),
            (Tint::Plain, &text),
        )?;
        if let Some(help) = &finding.help {
            field("help", help, ink)?;
        }
    }
    Ok(())
}

fn short(severity: Severity) -> &'static str {
    match severity {
        Severity::Warning => "warn",
        Severity::Error | Severity::Note => severity.name(),
    }
}
