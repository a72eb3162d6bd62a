//! The table of pushes: one row for each, which links to its details.
//!
//! Comes in: the pushes without their events. Goes out: a table that a script may filter and sort;
//! pushes that need attention come first. Never: a cell that only a script fills.

use std::collections::BTreeSet;
use std::io::{self, Write};

use crate::finding::Severity;
use crate::render::Detail;
use crate::render::html::markup::Markup;
use crate::render::html::{columns, flush};
use crate::report::story::push as story;
use crate::report::{PushStatus, Report, SessionRow};
use crate::words;

/// The most characters of a name in a row.
const NAME: usize = 90;

/// Writes the table.
pub(super) fn index(
    report: &Report<'_>,
    detail: Detail,
    page: &mut Markup,
    out: &mut dyn Write,
) -> io::Result<()> {
    page.raw("<section id=pushes aria-labelledby=h-pushes><h2 id=h-pushes>Pushes</h2>\n");
    if report.summary().pushes == 0 {
        page.raw("<p>There is none to show.</section>\n");
        return flush(page, out);
    }
    tools(page);
    page.raw("<div class=wide role=group aria-label=\"Table of pushes\" tabindex=0>")
        .raw("<table class=index id=index>");
    columns(
        &[
            "Status", "Push", "Begin", "Took", "Uploaded", "Who", "From", "Findings",
        ],
        page,
    );
    page.raw("<tbody>\n");
    let mut begun = BTreeSet::new();
    for push in report.outlines_by_attention() {
        row(&push, detail, begun.insert(push.group), page);
        flush(page, out)?;
    }
    page.raw("</table></div>\n<p class=none id=none hidden>No push matches the filter.</p>")
        .raw("</section>\n");
    flush(page, out)
}

/// The controls that the script uses; without a script they stay hidden.
fn tools(page: &mut Markup) {
    page.raw("<form class=tools id=tools role=search aria-label=\"Filter pushes\" hidden>")
        .raw("<label>Filter <input type=search id=words autocomplete=off spellcheck=false ")
        .raw("placeholder=\"name, tag, address, digest, event id …\"></label>")
        .raw("<label>Status <select id=status><option value=\"\">all");
    for status in PushStatus::ALL {
        page.raw("<option>").raw(status.name());
    }
    page.raw("</select></label><span class=fold>")
        .raw("<button type=button id=unfold>Open all</button>")
        .raw("<button type=button id=fold>Close all</button></span>")
        .raw("<output id=shown></output></form>\n");
}

/// One push. The first of its group is where the counts at the head lead to.
fn row(push: &SessionRow<'_>, detail: Detail, is_first: bool, page: &mut Markup) {
    page.raw("<tr");
    if is_first {
        page.raw(" id=of-").raw(push.group.name());
    }
    page.raw("><td class=\"i ")
        .raw(push.group.name())
        .raw("\">")
        .raw(push.status.name())
        .raw("<td>");
    let reference = story::reference(push);
    match detail {
        Detail::Summary => page.start(&reference, NAME),
        Detail::Normal | Detail::Verbose => page
            .raw("<a href=#p-")
            .text(&push.id)
            .raw(">")
            .start(&reference, NAME)
            .raw("</a>"),
    };
    page.raw("<td>")
        .text(&readable(&push.first))
        .raw("<td data-n=")
        .number(push.duration_s)
        .raw(">")
        .text(&words::duration(push.duration_s))
        .raw("<td data-n=")
        .number(i64::try_from(push.uploaded_bytes.0).unwrap_or(i64::MAX))
        .raw(">")
        .text(&words::size(push.uploaded_bytes))
        .raw("<td>")
        .start(&push.identity.name, NAME)
        .raw("<td>")
        .start(address(push), NAME)
        .raw("<td>");
    findings(push, page);
    page.raw("\n");
}

fn address<'r>(push: &'r SessionRow<'_>) -> &'r str {
    let client = push.client.as_ref();
    let address = client.and_then(|client| client.source_ip.as_deref());
    address.unwrap_or("not known")
}

/// The severities with their counts.
fn findings(push: &SessionRow<'_>, page: &mut Markup) {
    let mut separator = "";
    for severity in [Severity::Error, Severity::Warning, Severity::Note] {
        let of = push.findings.iter().filter(|row| row.severity == severity);
        let n = of.count() as u64;
        if n > 0 {
            page.raw(separator).text(&words::count(n, severity.name()));
            separator = ", ";
        }
    }
    if push.findings.is_empty() {
        page.raw("none");
    }
}

/// An RFC 3339 time with a blank in place of its `T`.
pub(super) fn readable(time: &str) -> String {
    time.replacen('T', " ", 1)
}
