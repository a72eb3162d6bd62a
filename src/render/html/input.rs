//! What input the page was made of.
//!
//! Comes in: the facts that the story tells of it. Goes out: at the head those that weaken the counts, at the end a list of
//! all. Never: a fact of its own.

use crate::render::html::markup::Markup;
use crate::report::Report;
use crate::report::story::facts::{Fact, LeadsTo};
use crate::report::story::{head, input};

/// Writes the filter, and what weakens the counts.
pub(super) fn doubts(report: &Report<'_>, page: &mut Markup) {
    list(head::doubts(report, "listed at the end"), page);
}

/// Writes all of it.
pub(super) fn input(report: &Report<'_>, page: &mut Markup) {
    page.raw("<section aria-labelledby=h-input><h2 id=h-input>What input it was made of</h2>");
    list(input::facts(report, page.zone()), page);
    page.raw("</section>\n");
}

fn list(facts: Vec<Fact>, page: &mut Markup) {
    if facts.is_empty() {
        return;
    }
    page.raw("<dl class=facts>");
    let mut is_open = false;
    for fact in facts {
        // A fact without a name goes on with the one before.
        if !(fact.name.is_empty() && is_open) {
            page.raw(if is_open {
                "</div><div><dt>"
            } else {
                "<div><dt>"
            })
            .raw(fact.name);
        }
        is_open = true;
        page.raw("<dd>");
        match fact.leads_to {
            Some(LeadsTo::Problems) => page.raw("<a href=#problems>").text(&fact.text).raw("</a>"),
            Some(LeadsTo::Push(_)) | None => page.told(&fact.text),
        };
    }
    page.raw("</div></dl>\n");
}
