//! The graph of events for Graphviz: a cluster for each push, an edge for each piece of evidence.
//!
//! Comes in: a report. Goes out: one digraph in DOT. Never: a node name taken from the log. Nodes
//! are named by push and place; text from the log is quoted, shortened and neutralised.

use std::io::{self, Write};

use crate::event::Stage;
use crate::graph::Strength;
use crate::render::plain::plain;
use crate::render::{Detail, Renderer, Style};
use crate::report::{BecauseRow, EventRow, Outcome, PushGroup, Report, SessionRow, Weight};
use crate::words;

/// `--format dot`.
pub(super) struct Dot;

/// The most characters of a text from the log in a label.
const MOST: usize = 60;

/// The settings that all clusters share.
const HEAD: &str = "\
digraph pushes {
  graph [charset=\"UTF-8\", compound=true, rankdir=LR, fontname=\"sans-serif\", fontsize=11]
  node [shape=box, style=\"rounded,filled\", fillcolor=white, fontname=\"sans-serif\", fontsize=10]
  edge [fontname=\"sans-serif\", fontsize=9]
";

impl Renderer for Dot {
    fn render(&self, report: &Report<'_>, style: &Style, out: &mut dyn Write) -> io::Result<()> {
        out.write_all(HEAD.as_bytes())?;
        for push in report.sessions() {
            cluster(&push, out)?;
            edges(&push, style.detail, out)?;
        }
        for (place, event) in report.unplaced().enumerate() {
            write!(out, "  \"unplaced {place}\" ")?;
            node(&event, None, out)?;
        }
        out.write_all(b"}\n")
    }
}

/// Writes the events of a push, and a node for the push itself.
fn cluster(push: &SessionRow<'_>, out: &mut dyn Write) -> io::Result<()> {
    let id = &push.id;
    writeln!(out, "  subgraph \"cluster_{id}\" {{")?;
    let repository = push.repository.as_deref().unwrap_or("(no repository)");
    let title = [
        format!(
            "{} {}",
            push.status.name().to_uppercase(),
            short(repository)
        ),
        short(&push.identity.name),
        format!("{}, {}", push.first, words::duration(push.duration_s)),
    ];
    writeln!(
        out,
        "    graph [label={}, style=filled, fillcolor=\"{}\", tooltip={}]",
        label(&title),
        tint(push.group),
        quoted(&words::shorten(&plain(&push.explanation), 4 * MOST))
    )?;
    writeln!(
        out,
        "    \"push {id}\" [shape=plaintext, style=\"\", label={}]",
        quoted(&format!("push {id}"))
    )?;
    for (place, event) in own(push) {
        write!(out, "    \"{id} {place}\" ")?;
        node(&event, Some(push), out)?;
    }
    out.write_all(b"  }\n")
}

/// The events of a push with their places, without the login, which other pushes share.
fn own<'r>(push: &'r SessionRow<'_>) -> impl Iterator<Item = (usize, EventRow<'r>)> {
    let places = push.events.places();
    places.filter_map(|place| Some((place, push.events.get(place)?)))
}

/// Writes the part after the name of an event's node.
fn node(
    event: &EventRow<'_>,
    push: Option<&SessionRow<'_>>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let mut lines = vec![event.action.to_string(), event.time.clone()];
    lines.extend(event.tag.as_deref().map(short));
    lines.extend(event.digest.as_deref().map(of_digest));
    if let (Some(first), Some(last)) = (event.first_byte, event.last_byte) {
        lines.push(format!("bytes {first} to {last}"));
    }
    if event.outcome == Outcome::Failed {
        let code = event.error_code.as_deref().unwrap_or("no error code");
        lines.push(format!("refused: {}", short(code)));
    }
    let color = match (event.outcome, event.action) {
        (Outcome::Failed, _) => "#f4c7c3",
        (Outcome::Succeeded, Stage::Manifest) => "#cfe8cf",
        (Outcome::Succeeded, _) => "white",
    };
    let decided = push.and_then(|push| push.reason.as_ref()?.event_id.as_deref());
    let pen = match decided == Some(&*event.event_id) {
        true => ", penwidth=2",
        false => "",
    };
    writeln!(
        out,
        "[label={}, fillcolor=\"{color}\"{pen}, tooltip={}]",
        label(&lines),
        quoted(&short(&event.event_id))
    )
}

/// Writes why the events of a push belong together, from the earlier event to the later.
fn edges(push: &SessionRow<'_>, detail: Detail, out: &mut dyn Write) -> io::Result<()> {
    let id = &push.id;
    for (place, event) in own(push) {
        for because in &event.because {
            let with = push.events.joined_to(place);
            if let Some(with) = with.filter(|&with| with != place) {
                let (from, to) = (place.min(with), place.max(with));
                write!(out, "  \"{id} {from}\" -> \"{id} {to}\" ")?;
                edge(because, out)?;
            }
        }
        if detail == Detail::Verbose {
            for other in &event.alternatives {
                let text = [format!("or {}", other.evidence)];
                writeln!(
                    out,
                    "  \"{id} {place}\" -> \"push {}\" [label={}, color=gray, style=dotted]",
                    other.session,
                    label(&text)
                )?;
            }
        }
    }
    login(push, out)?;
    match &push.retry_of {
        Some(earlier) => writeln!(
            out,
            "  \"push {earlier}\" -> \"push {id}\" [label=\"done again\", style=bold, color=gray]"
        ),
        None => Ok(()),
    }
}

/// Writes the login and the edge to the push that it served; every push gives the login the same
/// name.
fn login(push: &SessionRow<'_>, out: &mut dyn Write) -> io::Result<()> {
    if let Some(event) = push.events.login() {
        let place = format!("{} {}", event.at.file, event.at.record);
        let name = quoted(&format!("login {}", plain(&place)));
        write!(out, "  {name} ")?;
        node(&event, None, out)?;
        for because in &event.because {
            write!(out, "  {name} -> \"push {}\" ", push.id)?;
            edge(because, out)?;
        }
    }
    Ok(())
}

/// Writes the part after the ends of an edge: the evidence, styled by its strength.
fn edge(because: &BecauseRow<'_>, out: &mut dyn Write) -> io::Result<()> {
    let mut lines = vec![because.evidence.to_string()];
    lines.extend(because.digest.as_deref().map(of_digest));
    let style = match because.strength {
        Strength::Proof => "solid",
        Strength::Inference => "dashed",
        Strength::Hint => "dotted",
    };
    writeln!(
        out,
        "[label={}, style={style}, tooltip=\"{}\"]",
        label(&lines),
        because.strength
    )
}

/// The background colour of a push's cluster.
fn tint(group: PushGroup) -> &'static str {
    match group.weight() {
        Weight::Bad => "#fdeeec",
        Weight::Unknown => "#fdf6e3",
        Weight::Good => "#eef6ee",
        Weight::Plain | Weight::Harmless => "#f2f2f2",
    }
}

fn short(text: &str) -> String {
    words::shorten(&plain(text), MOST)
}

/// The first digits of a digest, without its algorithm.
fn of_digest(digest: &str) -> String {
    let digits = digest.split_once(':').map_or(digest, |(_, digits)| digits);
    words::shorten(&plain(digits), 12)
}

/// Lines as a label; `
/// ` between them is Graphviz's own line break.
fn label(lines: &[String]) -> String {
    let lines: Vec<_> = lines.iter().map(|line| escaped(line)).collect();
    format!("\"{}\"", lines.join("\\n"))
}

/// One line of text in quotes.
fn quoted(text: &str) -> String {
    format!("\"{}\"", escaped(text))
}

/// A text escaped for quotes: labels interpret escapes by `\` and entities by `&` (Graphviz, "The
/// DOT Language" and `escString`).
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len() + 8);
    for letter in text.chars() {
        match letter {
            '\\' => safe.push_str("\\\\"),
            '"' => safe.push_str("\\\""),
            '&' => safe.push_str("&amp;"),
            other => safe.push(other),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_hold_whatever_the_log_wrote() {
        assert_eq!(quoted("a\"]; x -> y \\"), "\"a\\\"]; x -> y \\\\\"");
        assert_eq!(quoted("&#x202e;\\N"), "\"&amp;#x202e;\\\\N\"");
    }
}
