//! What is drawn of many findings, and what all their codes have in common.

use reconstruct::event::EventId;
use reconstruct::facts::Facts;
use reconstruct::finding::{Beyond, Context, Finding, Severity, codes, examine};
use reconstruct::render::{Detail, Format, Style};
use reconstruct::session::{IncompleteKind, Status};
use reconstruct::{Reconstruction, report};

use crate::fixture;

/// The push of the fixture with two hundred layers.
const OF_LAYERS: &str = "020000000006";

fn position(reconstruction: &Reconstruction, id: &str) -> usize {
    let sessions = &reconstruction.sessions.sessions;
    let found = sessions
        .iter()
        .position(|session| session.id.to_string() == id);
    found.expect("a push of the fixture")
}

fn warning(session: usize, event: EventId, message: &str) -> Finding {
    Finding {
        code: "two-addresses",
        severity: Severity::Warning,
        session: Some(session),
        events: vec![event],
        message: message.to_owned(),
        label: "here".to_owned(),
        help: None,
    }
}

/// The report as text, 80 columns wide.
fn text(reconstruction: &Reconstruction) -> String {
    let style = Style {
        color: false,
        unicode: true,
        width: 80,
        detail: Detail::Normal,
        ..Style::default()
    };
    let report: report::Report<'_> = reconstruction.report();
    let text = Format::find("text").expect("a format").renderer;
    let mut out = Vec::new();
    text.render(&report, &style, &mut out)
        .expect("a vector takes all");
    String::from_utf8(out).expect("reports are UTF-8")
}

/// The block of a push in it.
fn block(reconstruction: &Reconstruction, id: &str) -> String {
    let out = text(reconstruction);
    let title = format!("push {id}\n");
    let begin = out.find(&title).expect("the push is drawn");
    let rest = &out[begin..];
    let end = rest[title.len()..].find(" push ").unwrap_or(rest.len());
    rest[..end.min(rest.len())].to_owned()
}

#[test]
fn of_many_findings_six_are_drawn_and_the_rest_is_listed() {
    let mut reconstruction = fixture::reconstruction();
    let push = position(&reconstruction, OF_LAYERS);
    let events: Vec<EventId> = reconstruction.sessions.sessions[push].sequence.clone();
    reconstruction
        .findings
        .retain(|finding| finding.session != Some(push));
    for (number, event) in events.iter().step_by(40).take(9).enumerate() {
        let message = format!("finding number {number}");
        reconstruction
            .findings
            .push(warning(push, *event, &message));
    }
    let block = block(&reconstruction, OF_LAYERS);
    for number in 0..9 {
        let told = block.matches(&format!("finding number {number} ")).count();
        assert_eq!(told, 1, "{number}: {block}");
    }
    assert_eq!(block.matches("╰── ").count(), 6, "{block}");
    assert_eq!(block.matches("\n  warn   finding").count(), 3, "{block}");
}

#[test]
fn what_a_finding_points_at_is_not_folded_away() {
    let mut reconstruction = fixture::reconstruction();
    let push = position(&reconstruction, OF_LAYERS);
    let sequence = &reconstruction.sessions.sessions[push].sequence;
    let middle = sequence[sequence.len() / 2];
    reconstruction
        .findings
        .retain(|finding| finding.session != Some(push));
    let before = block(&reconstruction, OF_LAYERS);
    assert!(before.contains("… 176 more uploads"), "{before}");
    reconstruction
        .findings
        .push(warning(push, middle, "one of many"));
    let after = block(&reconstruction, OF_LAYERS);
    assert!(after.contains("… 175 more uploads"), "{after}");
    assert!(after.contains("╰── here"), "{after}");
}

#[test]
fn a_push_that_sent_nothing_is_a_note_and_counted_apart() {
    let mut reconstruction = fixture::reconstruction();
    let push = position(&reconstruction, OF_LAYERS);
    reconstruction.sessions.sessions[push].status = Status::Incomplete {
        kind: IncompleteKind::NothingSent,
        missing: Vec::new(),
    };
    let facts = Facts::of(&reconstruction.log);
    reconstruction.findings = examine(&Context::new(
        &reconstruction.log,
        &reconstruction.graph,
        &reconstruction.sessions,
        &reconstruction.coverage,
        &reconstruction.files,
        &reconstruction.problems,
        Beyond {
            facts: &facts,
            answers: None,
        },
    ));
    let of_push = reconstruction.findings.iter();
    let of_push = of_push.filter(|finding| finding.session == Some(push));
    assert!(
        of_push
            .clone()
            .any(|finding| finding.code == "incomplete-push")
    );
    assert_eq!(
        of_push.map(|finding| finding.severity).max(),
        Some(Severity::Note)
    );
    let report = reconstruction.report();
    let summary = report.summary();
    assert_eq!(
        summary
            .groups
            .of(reconstruct::report::PushGroup::NothingSent),
        1
    );
    let head = text(&reconstruction);
    let flagged = format!(
        "  {} incomplete",
        summary
            .groups
            .of(reconstruct::report::PushGroup::Incomplete)
    );
    assert!(head.contains(&flagged), "{head}");
    assert!(head.contains("1 sent nothing"), "{head}");
    let block = block(&reconstruction, OF_LAYERS);
    assert!(
        block.contains("asked for an upload and sent nothing"),
        "{block}"
    );
    assert!(!block.contains("went away"), "{block}");
}

#[test]
fn codes_are_distinct_and_have_pages() {
    let mut seen: Vec<&str> = codes().map(|code| code.code).collect();
    assert!(seen.len() > 40, "{}", seen.len());
    seen.sort_unstable();
    let distinct = seen.len();
    seen.dedup();
    assert_eq!(seen.len(), distinct);
    for code in codes() {
        let plain = |c: char| c.is_ascii_lowercase() || c == '-';
        assert!(code.code.chars().all(plain), "{}", code.code);
        assert!(
            code.doc.len() > 80 && !code.doc.contains("  "),
            "{}",
            code.code
        );
        assert!(!code.name.ends_with('.'), "{}", code.code);
    }
}
