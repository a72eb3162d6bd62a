//! What went wrong, for whoever mends it.
//!
//! In: truth and findings of one world. Out: each push that was not recovered, event by event: what belongs
//! to it, where it was found instead, and what else was found there.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::super::simulate::truth::{Event, Push, Truth};
use super::super::simulate::verdict::Status;
use super::cause;
use super::matching::Matching;
use super::reading::nearest;
use super::score::{is_exact, is_exact_but_for_undecidable, stands_for, violations};
use super::{Confidence, Found, FoundSession};

/// Explains every push of which anything is wrong.
pub(crate) fn explain(truth: &Truth, found: &Found) -> String {
    let truth = &nearest(truth, found);
    let matching = Matching::new(truth, found);
    let mut text = String::new();
    for (number, push) in truth.pushes.iter().enumerate() {
        let session = matching.session_of_push[number].map(|session| &found.sessions[session]);
        let mut faults = faults(truth, push, session, &matching);
        if session.is_some_and(|session| session.confidence == Some(Confidence::Proof))
            && !is_exact(truth, &matching, number)
        {
            faults.push("PROOF of what is not so".to_owned());
        }
        let is_torn = !is_exact_but_for_undecidable(truth, &matching, number);
        if is_torn {
            faults.insert(0, "EVENTS".to_owned());
        }
        if faults.is_empty() {
            continue;
        }
        head(&mut text, number, push, session, &faults);
        if is_torn
            || faults.iter().any(|fault| {
                [
                    "STATUS",
                    "REASON",
                    "CAUSE",
                    "NOISE",
                    "TAGS",
                    "MADE GOOD",
                    "PROOF",
                ]
                .iter()
                .any(|head| fault.starts_with(head))
            })
        {
            timeline(&mut text, number, truth, found, &matching);
        }
    }
    for event_id in &found.unplaced {
        if let Some(event) = truth.events.get(event_id) {
            writeln!(
                text,
                "\nUNPLACED  {} {} of push {}",
                short(event_id),
                event.action,
                event.push
            )
            .expect("a string takes all");
        }
    }
    for (number, session) in found.sessions.iter().enumerate() {
        if stands_for(&matching, number).is_some() {
            continue;
        }
        let word = if session.is_flagged() {
            "ALARM"
        } else {
            "SPURIOUS"
        };
        let mut of: BTreeMap<(usize, &str), Vec<String>> = BTreeMap::new();
        for id in &matching.sessions[number] {
            let event = &truth.events[id];
            let ids = of.entry((event.push, event.action)).or_default();
            ids.push(short(id));
        }
        let of: Vec<String> = of
            .into_iter()
            .map(|((push, action), ids)| format!("{action} {} of push {push}", ids.join(" ")))
            .collect();
        writeln!(
            text,
            "\n{word}  session {} is {} {:?}, by {}, and stands for no push: {}, and {} events of none",
            session.id,
            session.status.name(),
            session.reason,
            session.confidence.map_or("nothing", Confidence::name),
            of.join(", "),
            matching.n_foreign[number],
        )
        .expect("a string takes all");
    }
    for (cause, effect) in violations(truth, &matching) {
        let (before, after) = (&truth.events[cause], &truth.events[effect]);
        writeln!(
            text,
            "\nORDER  push {}: {} {} must stand before {} {}",
            before.push,
            before.action,
            short(cause),
            after.action,
            short(effect)
        )
        .expect("a string takes all");
    }
    text
}

fn faults(
    truth: &Truth,
    push: &Push,
    session: Option<&FoundSession>,
    matching: &Matching,
) -> Vec<String> {
    let mut faults = Vec::new();
    let Some(session) = session else {
        return vec!["NOT FOUND".to_owned()];
    };
    let verdict = &push.verdict;
    if !verdict.is_open && session.status != verdict.status {
        faults.push(format!(
            "STATUS {} not {}",
            session.status.name(),
            verdict.status.name()
        ));
    }
    if !verdict.is_open && verdict.reason.is_some() && !verdict.gives(session.reason.as_ref()) {
        faults.push(format!(
            "REASON {:?} not {:?}",
            session.reason, verdict.reason
        ));
    }
    if session.token != push.token && !push.is_token_open {
        faults.push(format!(
            "LOGIN {} not {}",
            name(session.token.as_deref()),
            name(push.token.as_deref())
        ));
    }
    let later = session
        .superseded_by
        .and_then(|later| matching.push_of_session[later]);
    let is_right = match later {
        Some(later) => push.superseded_by.contains(&later),
        None => push.superseded_by.is_empty() || push.is_repeat_open,
    };
    if !is_right {
        faults.push(format!(
            "SUPERSEDED by push {later:?} not {:?}",
            push.superseded_by
        ));
    }
    let missed = cause::expected(verdict)
        .filter(|_| !verdict.is_open && push.is_decidable)
        .filter(|&code| !session.findings.iter().any(|finding| finding.code == code));
    if let Some(code) = missed {
        faults.push(format!("CAUSE {code} is not named"));
    }
    let noise = session
        .findings
        .iter()
        .filter(|finding| push.is_healthy && !truth.is_damaged && finding.severity != "note");
    for finding in noise {
        faults.push(format!("NOISE {} {}", finding.severity, finding.code));
    }
    let is_complete = verdict.status == Status::Complete && !verdict.is_open;
    if is_complete && session.tags != push.accepted_tags {
        faults.push(format!(
            "TAGS {:?} not {:?}",
            session.tags, push.accepted_tags
        ));
    }
    if is_complete && !push.refused_tags.is_empty() && !session.has("error") {
        faults.push(format!(
            "TAGS no error for the refused {:?}",
            push.refused_tags
        ));
    }
    if push
        .is_made_good
        .is_some_and(|is_made_good| session.has("error") == is_made_good)
    {
        let codes = session.findings.iter().map(|finding| finding.code.as_str());
        faults.push(format!(
            "MADE GOOD is {:?}, told by {:?}",
            push.is_made_good,
            codes.collect::<Vec<_>>()
        ));
    }
    faults
}

fn name(event_id: Option<&str>) -> String {
    event_id.map_or_else(|| "none".to_owned(), short)
}

fn head(
    text: &mut String,
    number: usize,
    push: &Push,
    session: Option<&FoundSession>,
    faults: &[String],
) {
    let found = session.map_or_else(
        || "no session".to_owned(),
        |session| {
            let sure = session.confidence.map_or("", Confidence::name);
            let (status, reason) = (session.status.name(), &session.reason);
            format!("session {} {status} {reason:?} {sure}", session.id)
        },
    );
    let decidable = if push.is_decidable {
        ""
    } else {
        "  (holds undecidable events)"
    };
    write!(
        text,
        "\npush {number}  {} pushes {} {} to {}{decidable}\n  who     {}\n  tags    {:?}\n  truth   {} {:?}\n  found   {found}\n  wrong   {}\n",
        push.client,
        push.kind,
        short_digest(&push.root),
        push.repository,
        push.identity,
        push.tags,
        push.verdict.status.name(),
        push.verdict.reason,
        faults.join("; "),
    )
    .expect("a string takes all");
}

/// The events of the push and those of the session that stands for it, by time.
///
/// Marks: ` ` rightly here, `-` belongs here and was found elsewhere, `+` found here and belongs elsewhere;
/// `?` after it: nobody could tell.
fn timeline(text: &mut String, number: usize, truth: &Truth, found: &Found, matching: &Matching) {
    let session = matching.session_of_push[number];
    let mut ids: BTreeSet<&String> = truth.pushes[number].events.iter().collect();
    if let Some(session) = session {
        ids.extend(&matching.sessions[session]);
    }
    let mut rows: Vec<(&String, &Event)> =
        ids.into_iter().map(|id| (id, &truth.events[id])).collect();
    rows.sort_by_key(|(id, event)| (event.time, *id));
    for (id, event) in rows {
        let at = matching.session_of.get(id).copied();
        let mark = match (event.push == number, at.is_some() && at == session) {
            (true, true) => ' ',
            (true, false) => '-',
            (false, _) => '+',
        };
        let doubt = if event.is_decidable { ' ' } else { '?' };
        let place = at.map_or_else(|| "unplaced".to_owned(), |at| found.sessions[at].id.clone());
        let names: Vec<String> = event
            .names
            .iter()
            .take(2)
            .map(|digest| short_digest(digest))
            .collect();
        let upload = event.upload.as_deref().map(short).unwrap_or_default();
        writeln!(
            text,
            "  {mark}{doubt} {} {:<28} {:<8} {:<24} {:<22} {} push {:<3} in {place:<12} {} {}",
            clock(event),
            event.action,
            upload,
            names.join(","),
            event.detail,
            event.error_code.unwrap_or("ok"),
            event.push,
            event.credential,
            short(id),
        )
        .expect("a string takes all");
    }
}

fn clock(event: &Event) -> String {
    let second = event.time / 1_000 % 86_400;
    format!(
        "{:02}:{:02}:{:02}",
        second / 3_600,
        second / 60 % 60,
        second % 60
    )
}

fn short(id: &str) -> String {
    id.chars().take(8).collect()
}

fn short_digest(digest: &str) -> String {
    digest
        .trim_start_matches("sha256:")
        .chars()
        .take(10)
        .collect()
}
