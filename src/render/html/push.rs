//! One push: why, who, from where, with which login, what to do; then its timeline and tables.
//!
//! Comes in: a push's row. Goes out: a block that opens, and can be read by itself. Never: silence
//! about something unknown, or a word of its own for a fact.

use crate::render::html::calls::{self, Numbers};
use crate::render::html::index::readable;
use crate::render::html::markup::Markup;
use crate::render::html::{content, named, timeline};
use crate::report::story::facts::{Agent, Fact, LeadsTo, facts};
use crate::report::story::push as story;
use crate::report::{FindingRow, SessionRow};

/// The most characters of a name in the heading.
const NAME: usize = 120;

/// When the details of a push become part of the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Drawing {
    /// With the page, and open, because there are few.
    Open,
    /// With the page.
    AtOnce,
    /// When the push is opened, if scripts run. If they do not, with the page, but without the
    /// timeline, as its tables contain all of it. A browser that runs scripts keeps the content of
    /// `noscript` as text (HTML Living Standard, section 4.12.2).
    OnDemand,
}

/// Writes the block of a push.
pub(super) fn push(push: &SessionRow<'_>, drawing: Drawing, page: &mut Markup) {
    if drawing == Drawing::OnDemand {
        page.raw("<noscript id=n-").text(&push.id).raw(">");
    }
    page.raw(match drawing {
        Drawing::Open => "<details class=p open><summary><h3>",
        Drawing::AtOnce | Drawing::OnDemand => "<details class=p><summary><h3>",
    });
    named(push.group.name(), page);
    page.raw(" <bdi>")
        .start(&story::reference(push), NAME)
        .raw("</bdi></h3> <span class=at>")
        .text(&readable(&push.first))
        .raw(" <code>")
        .text(&push.id)
        .raw("</code></span></summary><div class=body id=p-")
        .text(&push.id)
        .raw(">");
    details(push, drawing, page);
    page.raw("</div></details>");
    page.raw(match drawing {
        Drawing::OnDemand => "</noscript>\n",
        Drawing::Open | Drawing::AtOnce => "\n",
    });
}

fn details(push: &SessionRow<'_>, drawing: Drawing, page: &mut Markup) {
    page.raw("<div class=story><div class=why><p class=\"lead ")
        .raw(push.group.name())
        .raw("\">")
        .prose(&push.explanation);
    let numbers = calls::numbers(push);
    findings(push, &numbers, page);
    page.raw("</div><dl class=facts>");
    // The first says why, which stands beside them.
    let zone = page.zone();
    for row in facts(push, Agent::Whole, &zone).iter().skip(1) {
        fact(row, page);
    }
    page.raw("</dl></div>\n");
    match drawing {
        Drawing::Open | Drawing::AtOnce => timeline::timeline(push, page),
        // Escaped text has no `>`, so nothing in it ends the comment.
        Drawing::OnDemand => {
            page.raw("<!--");
            timeline::timeline(push, page);
            page.raw("-->\n");
        }
    }
    let uploads = content::layers(push, page);
    content::manifests(push, page);
    calls::calls(push, &uploads, page);
}

/// The conclusions; the one that only repeats the status shows only what to do.
fn findings(push: &SessionRow<'_>, numbers: &Numbers<'_>, page: &mut Markup) {
    if push.findings.is_empty() {
        page.raw("<p class=none>No findings.");
        return;
    }
    page.raw("<ul class=findings>");
    for row in &push.findings {
        let repeats_status = story::repeats_status(push, row);
        finding(row, repeats_status, Some((push, numbers)), page);
    }
    page.raw("</ul>");
}

/// One conclusion with what to do next.
pub(super) fn finding(
    row: &FindingRow,
    repeats_status: bool,
    push: Option<(&SessionRow<'_>, &Numbers<'_>)>,
    page: &mut Markup,
) {
    page.raw("<li class=").raw(row.severity.name()).raw(">");
    named(row.severity.name(), page);
    page.raw(" <code>");
    page.raw(row.code).raw("</code>");
    if !repeats_status {
        page.raw(" ").prose(&row.message);
    }
    if let Some(help) = &row.help {
        page.raw("<p class=help><b>What to do:</b> ").prose(help);
    }
    if let Some((push, numbers)) = push {
        calls::links(push, numbers, &row.events, page);
    }
}

/// A fact: its text, in which the first id is marked, and the ids behind it.
fn fact(fact: &Fact, page: &mut Markup) {
    page.raw("<div><dt>").raw(fact.name).raw("<dd>");
    let push = match &fact.leads_to {
        Some(LeadsTo::Push(id)) => Some(&**id),
        Some(LeadsTo::Problems) | None => None,
    };
    let id = push.or_else(|| fact.text.split(' ').find(|word| is_id(word)));
    match id.and_then(|id| Some((id, fact.text.split_once(id)?))) {
        None => _ = page.told(&fact.text),
        Some((id, (before, after))) => {
            page.told(before);
            match push {
                Some(push) => content::push_link(push, page),
                None => _ = page.raw("<span class=id>").whole(id).raw("</span>"),
            }
            page.told(after);
        }
    }
    for id in &fact.ids {
        page.raw("<small")
            .class_of(id)
            .raw(">")
            .whole(id)
            .raw("</small>");
    }
    page.raw("</div>");
}

/// Whether a word is a digest or an `eventID`.
fn is_id(word: &str) -> bool {
    const EVENT_ID: usize = "340860ad-b482-4f72-a67b-03218c3d9ba0".len();
    let is_hex = |text: &str| text.bytes().all(|byte| byte.is_ascii_hexdigit());
    match word.strip_prefix("sha256:") {
        Some(hex) => hex.len() == 64 && is_hex(hex),
        None => {
            word.len() == EVENT_ID && word.split('-').count() == 5 && word.split('-').all(is_hex)
        }
    }
}
