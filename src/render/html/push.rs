//! One push: why, who, from where, with which login, what to do; then its timeline and tables.
//!
//! Comes in: a push's row. Goes out: a block that opens, and can be read by itself. Never: silence
//! about something unknown.

use crate::render::html::calls::{self, Numbers};
use crate::render::html::index::readable;
use crate::render::html::markup::Markup;
use crate::render::html::{content, named, timeline};
use crate::report::story::push as story;
use crate::report::{ClientFrom, FindingRow, RelatedAs, SessionRow};
use crate::words;

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
    who(push, page);
    from(push, page);
    token(push, page);
    destination(push, page);
    related(push, page);
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

/// A term and the start of its description.
fn term(name: &'static str, page: &mut Markup) {
    page.raw("<div><dt>").raw(name).raw("<dd>");
}

fn who(push: &SessionRow<'_>, page: &mut Markup) {
    term("Who", page);
    page.text(&story::who(push));
    let identity = &push.identity;
    for id in [&identity.arn, &identity.principal_id]
        .into_iter()
        .flatten()
    {
        page.raw("<small class=id>").whole(id).raw("</small>");
    }
    page.raw("</div>");
}

fn from(push: &SessionRow<'_>, page: &mut Markup) {
    term("Client", page);
    match &push.client {
        None => {
            page.raw("not known: the calls hide the address");
            page.raw(match push.authorization {
                Some(_) => ", and so does the login",
                None => ", and no login in this log fits",
            });
        }
        Some(client) => {
            page.text(&story::address(client));
            page.raw(match client.from {
                ClientFrom::Authorization => ", shown by the login",
                ClientFrom::Call => ", shown by the calls themselves",
            });
            page.raw("<small>")
                .text(client.user_agent.as_deref().unwrap_or("no program named"))
                .raw("</small>");
            if let Some(version) = &client.tls_version {
                page.raw("<small>").text(version).raw("</small>");
            }
        }
    }
    page.raw("</div>");
}

fn token(push: &SessionRow<'_>, page: &mut Markup) {
    term("Token", page);
    match &push.authorization {
        None => {
            page.raw("no login in this log fits");
        }
        Some(login) => {
            page.raw("login at ")
                .text(&readable(&login.time))
                .raw(", serves ")
                .text(&words::pushes(push.authorization_pushes))
                .raw(" (")
                .raw(login.strength.name())
                .raw(")<small class=id>")
                .whole(&login.event_id)
                .raw("</small>");
            for other in &login.alternatives {
                page.raw("<small class=id>or ").whole(other).raw("</small>");
            }
        }
    }
    for credential in &push.credentials {
        let key = credential.access_key_id.as_deref();
        page.raw("<small class=id>key ")
            .whole(key.unwrap_or("not named"));
        if let Some(created) = &credential.created {
            page.raw(", session of ").text(&readable(created));
        }
        page.raw("</small>");
    }
    page.raw("</div>");
}

fn destination(push: &SessionRow<'_>, page: &mut Markup) {
    term("To", page);
    page.text(&story::to(push)).raw("</div>");
    term("When", page);
    page.text(&readable(&story::when(push, &page.zone())))
        .raw("</div>");
    term("Moved", page);
    page.text(&story::moved(push)).raw("</div>");
    if let Some(image) = &push.image {
        term("Image", page);
        page.text(image.what.as_deref().unwrap_or("content not in the log"));
        if let Some(size) = image.size_bytes {
            page.raw(", ").text(&words::size(size));
        }
        page.raw("<small class=id>")
            .whole(image.digest.as_deref().unwrap_or("digest not in the log"))
            .raw("</small></div>");
    }
    if let Some(sure) = story::sure(push, &page.zone()) {
        term("Confidence", page);
        page.text(&sure).raw("</div>");
    }
    if let Some(basis) = story::basis(push) {
        term("Basis", page);
        page.text(&basis).raw("</div>");
    }
}

fn related(push: &SessionRow<'_>, page: &mut Markup) {
    for other in &push.related {
        let gap = words::duration(other.after_s);
        let is_earlier = other.relation == RelatedAs::RetryOf;
        term(if is_earlier { "Before" } else { "Next" }, page);
        page.raw(match is_earlier {
            true => "does again push ",
            false => "done again by push ",
        });
        content::push_link(&other.session, page);
        page.raw(", ").raw(other.status.name()).raw(", ");
        match (other.after_s < 0, is_earlier) {
            (true, true) => page.raw("begun ").text(&gap).raw(" before that one ended"),
            (true, false) => page.raw("which began before this one ended"),
            (false, true) => page.text(&gap).raw(" after it ended"),
            (false, false) => page.text(&gap).raw(" later"),
        };
        page.raw("</div>");
    }
}
