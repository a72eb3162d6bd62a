//! The table of pushes: one row for each, which links to its details.
//!
//! Comes in: the pushes without their events. Goes out: a table that a script may filter and sort;
//! pushes that need attention come first. Never: a cell that only a script fills.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::io::{self, Write};

use crate::finding::Severity;
use crate::render::Detail;
use crate::render::html::markup::Markup;
use crate::render::html::{columns, flush};
use crate::render::instant::seconds;
use crate::report::story::attention;
use crate::report::story::push as story;
use crate::report::{AddressBy, Attention, PushGroup, Report, SessionRow, Text};
use crate::words;

/// The most characters of a name in a row.
const NAME: usize = 90;

/// How many rows are laid out together when they come into view. The script keeps to it.
const BUNDLE: usize = 40;

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
    let registries = Registries::of(report);
    let mut names = vec![
        "Status", "Push", "Why", "Begin", "Took", "Sent", "Who", "From",
    ];
    names.extend((registries != Registries::One).then_some("Registry"));
    names.push("Findings");
    columns(&names, page);
    let mut begun = BTreeSet::new();
    for (place, push) in report.outlines_by_attention().enumerate() {
        if place.is_multiple_of(BUNDLE) {
            page.raw("<tbody>\n");
        }
        row(&push, detail, registries, begun.insert(push.group), page);
        flush(page, out)?;
    }
    page.raw("</table></div>\n<p class=none id=none hidden>No push matches the filter.</p>")
        .raw("</section>\n");
    flush(page, out)
}

/// Whether the pushes went to one account and region.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Registries {
    One,
    Several,
}

impl Registries {
    fn of(report: &Report<'_>) -> Self {
        let mut places = report.lines(|push| {
            let text = |text: Option<Text<'_>>| text.map(Cow::into_owned);
            (text(push.registry), text(push.region))
        });
        let first = places.next();
        match places.all(|place| Some(&place) == first.as_ref()) {
            true => Self::One,
            false => Self::Several,
        }
    }
}

/// The controls that the script uses; without a script they stay hidden.
fn tools(page: &mut Markup) {
    page.raw("<form class=tools id=tools role=search aria-label=\"Filter pushes\" hidden>")
        .raw("<label>Filter <input type=search id=words autocomplete=off spellcheck=false ")
        .raw("placeholder=\"name, tag, address, digest, event id …\"></label>")
        .raw("<label>Status <select id=status><option value=\"\">all");
    for group in PushGroup::ALL {
        page.raw("<option>").raw(group.name());
    }
    page.raw("</select></label><label>Attention <select id=attention><option value=\"\">all");
    for attention in Attention::ALL {
        page.raw("<option value=")
            .raw(attention.name())
            .raw(">")
            .raw(attention.said());
    }
    let zone = page.zone().to_string();
    page.raw("</select></label>")
        .raw("<label>From <input type=datetime-local step=1 id=since></label>")
        .raw("<label>until <input type=datetime-local step=1 id=until></label>")
        .raw("<label>Times <select id=zone><option value=\"\">")
        .text(&zone)
        .raw("<option value=local>local</select></label><span class=fold>")
        .raw("<button type=button id=clear>Clear</button>")
        .raw("<button type=button id=rows>Copy rows</button>")
        .raw("<button type=button id=unfold>Open all</button>")
        .raw("<button type=button id=fold>Close all</button></span>")
        .raw("<output id=shown></output></form>\n<p class=none id=fresh hidden></p>");
}

/// One push. The first of its group is where the counts at the head lead to.
fn row(
    push: &SessionRow<'_>,
    detail: Detail,
    registries: Registries,
    is_first: bool,
    page: &mut Markup,
) {
    page.raw("<tr");
    if is_first {
        page.raw(" id=of-").raw(push.group.name());
    }
    page.raw(" data-a=").raw(push.attention.name());
    if let Some(seconds) = seconds(&push.first) {
        page.raw(" data-t=").number(seconds);
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
    page.raw("<small class=id>")
        .text(&push.id)
        .raw("</small><td>");
    why(push, detail, page);
    page.raw("<td><time>")
        .text(&readable(&push.first))
        .raw("</time><td data-n=")
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
        .start(address(push), NAME);
    let login = push.authorization.as_ref().map(|login| login.strength);
    let shown_by = push
        .client
        .as_ref()
        .and_then(|client| client.shown_by(login));
    if shown_by == Some(AddressBy::Hint) {
        page.raw(" (hint)");
    }
    if registries == Registries::Several {
        page.raw("<td>")
            .text(push.registry.as_deref().unwrap_or("not named"))
            .raw("<small>")
            .text(push.region.as_deref().unwrap_or_default())
            .raw("</small>");
    }
    page.raw("<td>");
    findings(push, page);
    page.raw("\n");
}

/// What ended a push, and the push that made it good.
fn why(push: &SessionRow<'_>, detail: Detail, page: &mut Markup) {
    if let Some(cause) = &push.cause {
        page.start(&attention::cause(cause), NAME);
    }
    match (&push.made_good_by, push.attention) {
        (Some(id), _) => {
            page.raw(" → made good by ");
            match detail {
                Detail::Summary => page.text(id),
                Detail::Normal | Detail::Verbose => page
                    .raw("<a href=#p-")
                    .text(id)
                    .raw(">")
                    .text(id)
                    .raw("</a>"),
            };
        }
        (None, Attention::MadeGood) => _ = page.raw(" → made good later"),
        (None, Attention::Unresolved | Attention::Undetermined | Attention::None) => {}
    }
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
