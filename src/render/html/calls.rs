//! The calls of a push in causal order: the table that the marks of its timeline link to.
//!
//! Comes in: a push's row. Goes out: a row for each call, with what joins it to the push and the record it was
//! read from. Never: a missing call.

use std::collections::{HashMap, HashSet};

use crate::event::ByteRange;
use crate::render::html::content::{self, Uploads};
use crate::render::html::markup::Markup;
use crate::render::html::{columns, timeline};
use crate::report::story::step::short_digest;
use crate::report::{EventRow, Outcome, SessionRow, Text};
use crate::words;

/// What the rows of one push share.
struct Push<'r> {
    id: &'r str,
    uploads: &'r Uploads<'r>,
    /// The number of each file.
    files: HashMap<Text<'r>, usize>,
    /// The digests that another table shows in full.
    known: HashSet<&'r str>,
}

/// The number of each call of a push that a finding names, by its `eventID`.
pub(super) type Numbers<'r> = HashMap<Text<'r>, usize>;

/// How many calls of a push have rows: if there are more, the first and the last, with a row between that
/// counts the rest.
const MOST_ROWS: usize = 10_000;
/// How many of them are the last.
const LAST_ROWS: usize = 1_000;

/// Writes the table of calls and the list of files that they were read from.
pub(super) fn calls(push: &SessionRow<'_>, uploads: &Uploads<'_>, page: &mut Markup) {
    let digests = push.layers.iter().map(|layer| &layer.digest);
    let digests = digests.chain(push.manifests.iter().map(|row| &row.digest));
    let mut files: Vec<Text<'_>> = Vec::new();
    let mut of = Push {
        id: &push.id,
        uploads,
        files: HashMap::new(),
        known: digests.flatten().map(String::as_str).collect(),
    };
    let total = push.events.len();
    let left_out = match total {
        0..=MOST_ROWS => 0..0,
        _ => MOST_ROWS - LAST_ROWS..total - LAST_ROWS,
    };
    let shown = (0..total).filter(|place| !left_out.contains(place));
    content::open("Calls in causal order", push.events.len(), false, page);
    columns(
        &[
            "No.",
            "Time",
            "After",
            "Call",
            "What",
            "Here because",
            "Event",
            "File, record",
        ],
        page,
    );
    for place in shown {
        if place == left_out.end && !left_out.is_empty() {
            page.raw("<tr><td><td><td><td><td>")
                .text(&words::count(left_out.len() as u64, "more call"))
                .raw("; <code>--format jsonl</code> has each<td><td><td>\n");
        }
        if let Some(event) = push.events.get(place) {
            let file = of.files.entry(event.at.file.clone());
            file.or_insert_with_key(|file| {
                files.push(file.clone());
                files.len()
            });
            row(&of, (place + 1, &event), push.events.joined_to(place), page);
        }
    }
    page.raw("</table></div><p>Log files:<ol class=files>");
    for file in files {
        page.raw("<li>").whole(&file);
    }
    page.raw("</ol></details>\n");
}

/// Numbers the calls of a push that its findings name.
pub(super) fn numbers<'r>(push: &SessionRow<'r>) -> Numbers<'r> {
    let named = push.findings.iter().flat_map(|finding| &finding.events);
    let named: HashSet<&str> = named.map(String::as_str).collect();
    let numbered = push.events.ids().zip(1..);
    let numbered = numbered.filter(|(id, _)| named.contains(&**id));
    numbered.collect()
}

/// Links to the calls of those events that belong to this push.
pub(super) fn links(
    push: &SessionRow<'_>,
    numbers: &Numbers<'_>,
    events: &[String],
    page: &mut Markup,
) {
    const MOST: usize = 8;
    let of_push = events.iter().filter_map(|event| numbers.get(&**event));
    let of_push: Vec<usize> = of_push.copied().collect();
    for (place, number) in of_push.iter().take(MOST).enumerate() {
        page.raw(match place {
            0 => "<p class=calls>Calls ",
            _ => ", ",
        });
        link(&push.id, *number, page);
    }
    if of_push.len() > MOST {
        page.raw(" and ")
            .text(&words::number((of_push.len() - MOST) as u64))
            .raw(" more");
    }
}

fn link(push: &str, number: usize, page: &mut Markup) {
    page.raw("<a href=#");
    anchor(push, number, page);
    page.raw(">")
        .text(&words::number(number as u64))
        .raw("</a>");
}

/// The name of a call's row.
fn anchor(push: &str, number: usize, page: &mut Markup) {
    page.text(push)
        .raw("-")
        .number(i64::try_from(number).unwrap_or(i64::MAX));
}

fn row(
    of: &Push<'_>,
    (number, event): (usize, &EventRow<'_>),
    with: Option<usize>,
    page: &mut Markup,
) {
    page.raw("<tr id=");
    anchor(of.id, number, page);
    page.raw(if event.outcome == Outcome::Failed {
        " class=no"
    } else {
        ""
    })
    .raw("><td>")
    .text(&words::number(number as u64))
    .raw("<td>")
    .clock(&event.time)
    .raw("<td>");
    if let Some(offset) = event.offset_s {
        page.text(&timeline::offset(offset));
    }
    page.raw("<td>").raw(event.action.call()).raw("<td>");
    what(of, event, page);
    page.raw("<td>");
    because(of, event, with, page);
    page.raw("<td")
        .class_of(&event.event_id)
        .raw(">")
        .whole(&event.event_id);
    let is_refused = event.outcome == Outcome::Failed;
    if let Some(request) = event.request_id.as_ref().filter(|_| is_refused) {
        page.raw("<small")
            .class_of(request)
            .raw(">request ")
            .whole(request)
            .raw("</small>");
    }
    page.raw("<td>");
    let file = of.files.get(&*event.at.file).copied().unwrap_or(0);
    page.number(i64::try_from(file).unwrap_or(0))
        .raw(", ")
        .number(event.at.record)
        .raw("\n");
}

/// Details that depend on the kind of call, and how a refused call was refused.
fn what(of: &Push<'_>, event: &EventRow<'_>, page: &mut Markup) {
    if event.outcome == Outcome::Failed {
        page.raw("<b>refused: ")
            .text(event.error_code.as_deref().unwrap_or("no error code"))
            .raw("</b>");
        if let Some(message) = &event.error_message {
            page.raw("<small>").text(message).raw("</small>");
        }
        page.raw(" ");
    }
    let mut separator = "";
    let mut next = |page: &mut Markup| {
        page.raw(separator);
        separator = ", ";
    };
    if let Some(upload) = event.upload_id.as_deref() {
        next(page);
        match of.uploads.get(upload) {
            Some(number) => page.raw("upload ").text(&words::number(*number as u64)),
            None => page.raw("upload ").whole(upload),
        };
    }
    if let (Some(first), Some(last)) = (event.first_byte, event.last_byte) {
        next(page);
        let bytes = ByteRange { first, last }.len();
        page.raw("bytes ")
            .text(&words::number(first))
            .raw(" to ")
            .text(&words::number(last))
            .raw(" (")
            .text(&words::size(bytes))
            .raw(")");
    }
    if let Some(tag) = &event.tag {
        next(page);
        page.raw("tag <bdi>").text(tag).raw("</bdi>");
    }
    let own = event.digest.iter().filter(|_| event.digests.is_empty());
    for digest in event.digests.iter().chain(own) {
        next(page);
        match of.known.contains(&**digest) {
            true => page
                .raw("<code>")
                .text(&short_digest(digest))
                .raw("</code>"),
            false => page.raw("<code class=id>").whole(digest).raw("</code>"),
        };
    }
}

/// The evidence, and the other pushes that the call could belong to.
fn because(of: &Push<'_>, event: &EventRow<'_>, with: Option<usize>, page: &mut Markup) {
    for because in &event.because {
        page.raw(because.evidence.name())
            .raw(" (")
            .raw(because.strength.name())
            .raw(")");
        if let Some(place) = with {
            page.raw(", with ");
            link(of.id, place + 1, page);
        }
    }
    for other in &event.alternatives {
        page.raw("<small>or of push ");
        content::push_link(&other.session, page);
        page.raw(", by ")
            .raw(other.evidence.name())
            .raw(" (")
            .raw(other.strength.name())
            .raw(")</small>");
    }
}
