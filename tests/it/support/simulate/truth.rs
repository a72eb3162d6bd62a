//! The truth of a world: which push every record belongs to, and what can be said of each push.
//!
//! In: the stage and what of its records was delivered. Out: the answer sheet. It is made after every cut, so
//! it asks for nothing that the log does not hold; whether an answer can be known at all is said per event.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::call::{Call, Request, RunId};
use super::carried_on::carried_on_from;
use super::causal;
use super::clock::{Millis, rfc3339};
use super::content::Digest;
use super::decidable;
use super::question::{is_question, next_of_login};
use super::record::Record;
use super::repeat;
use super::stage::{Run, Stage};
use super::trail::{Delivered, Delivery};
use super::verdict::{self, Status, Verdict};
use super::ways::Ways;

/// The answer sheet.
#[derive(Clone)]
pub(crate) struct Truth {
    pub(crate) pushes: Vec<Push>,
    /// Every push event in the log by `eventID`, logins excluded, twins under the first of them.
    pub(crate) events: BTreeMap<String, Event>,
    /// The other twin's `eventID` to the one in `events`.
    pub(crate) twins: BTreeMap<String, String>,
    /// The first was the cause of the second, so it must stand before it.
    pub(crate) causes: Vec<(String, String)>,
    /// The log has lost records: parts of it, or of records, are not there.
    pub(crate) is_damaged: bool,
}

/// One push, as far as the log holds it.
#[derive(Clone)]
pub(crate) struct Push {
    pub(crate) client: &'static str,
    pub(crate) identity: String,
    pub(crate) repository: String,
    pub(crate) root: Digest,
    pub(crate) kind: &'static str,
    pub(crate) tags: Vec<String>,
    /// `eventID`s in the order in which the calls were answered.
    pub(crate) events: Vec<String>,
    pub(crate) verdict: Verdict,
    /// The login's `eventID`, if the log holds it.
    pub(crate) token: Option<String>,
    /// The later pushes that repeat this one, which did not succeed. Each is a right answer.
    pub(crate) superseded_by: Vec<usize>,
    /// No run repeats it on purpose; to name none of `superseded_by` is right, too.
    pub(crate) is_repeat_open: bool,
    /// Every event of it can be told from those of other pushes.
    pub(crate) is_decidable: bool,
    /// The client's run succeeded, and nothing was refused to it but in another repository.
    pub(crate) is_healthy: bool,
    /// The push that put the same manifest a moment before under another tag: to tell both as one is right,
    /// too.
    pub(crate) told_with: Option<usize>,
    /// The push that was left just before, and that this one may be more of: to tell both as one is right, too.
    pub(crate) carried_on_from: Option<usize>,
    /// Nobody can say whether it used a token.
    pub(crate) is_token_open: bool,
    /// The tags under which its root was accepted, and those that were refused and never came through.
    pub(crate) accepted_tags: BTreeSet<String>,
    pub(crate) refused_tags: BTreeSet<String>,
    /// Whether a later run did what this one, which is flagged, failed to do; nothing where that hangs on what
    /// the log does not say.
    pub(crate) is_made_good: Option<bool>,
}

/// One push event.
#[derive(Clone)]
pub(crate) struct Event {
    /// Index into [`Truth::pushes`].
    pub(crate) push: usize,
    /// Other pushes that it may as well be told with.
    pub(crate) also: Vec<usize>,
    /// To leave it out of every push is right, too.
    pub(crate) may_stay_out: bool,
    pub(crate) time: Millis,
    pub(crate) action: &'static str,
    /// The digests that tie it to a manifest, as far as the log shows them: through its upload, too.
    pub(crate) names: BTreeSet<Digest>,
    /// The uploadId, if the record shows one.
    pub(crate) upload: Option<String>,
    /// Tag or byte bounds.
    pub(crate) detail: String,
    pub(crate) error_code: Option<&'static str>,
    /// The access key and its creation, as far as the record shows them.
    pub(crate) credential: String,
    pub(crate) is_decidable: bool,
}

/// A push event that the log holds, with what the simulation knows of it.
pub(crate) struct Seen<'a> {
    pub(crate) event_id: &'a str,
    pub(crate) time: Millis,
    pub(crate) call: &'a Call,
    pub(crate) shows_upload: bool,
    pub(crate) shows_manifest: bool,
    pub(crate) shows_key: bool,
    pub(crate) names: BTreeSet<Digest>,
}

/// Makes the answer sheet.
pub(crate) fn truth(
    stage: &Stage,
    ways: &Ways,
    delivery: &Delivery,
    delivered: &Delivered,
) -> Truth {
    let mut twins = BTreeMap::new();
    let mut tokens = BTreeMap::new();
    let mut by_call: BTreeMap<usize, Seen<'_>> = BTreeMap::new();
    for record in &delivered.records {
        let Some(number) = record.call else { continue };
        let call = &stage.calls[number];
        match call.request {
            Request::Token => {
                tokens.insert(number, record.event_id.clone());
            }
            Request::Read { .. } | Request::Layer { .. } => {}
            Request::Check { .. }
            | Request::Initiate
            | Request::Part { .. }
            | Request::Complete { .. }
            | Request::Put { .. } => see(&mut by_call, &mut twins, number, call, record),
        }
    }
    name(&mut by_call);
    let mut runs: BTreeMap<RunId, Vec<Seen<'_>>> = BTreeMap::new();
    for seen in by_call.into_values() {
        let run = seen.call.run.expect("a call with a stage belongs to a run");
        runs.entry(run).or_default().push(seen);
    }
    for events in runs.values_mut() {
        events.sort_by_key(|seen| seen.call.at);
    }
    let undecidable = decidable::undecidable(stage, &runs);
    let numbers: BTreeMap<RunId, usize> = runs
        .keys()
        .enumerate()
        .map(|(number, &run)| (run, number))
        .collect();
    let mut sheet = Truth {
        pushes: Vec::new(),
        events: BTreeMap::new(),
        twins,
        causes: Vec::new(),
        is_damaged: delivery.is_damaging() || ways.lost_responses > 0,
    };
    for (&run, events) in &runs {
        let facts = &stage.runs[run];
        let place = &stage.registry.places[facts.place];
        let push = sheet.pushes.len();
        for seen in events {
            let mut event = event(stage, push, seen, !undecidable.contains(seen.event_id));
            event.may_stay_out = seen.call.place != facts.place;
            if is_question(seen) {
                let also = facts.asked_for.iter();
                event.also = also.filter_map(|run| numbers.get(run).copied()).collect();
            }
            sheet.events.insert(seen.event_id.to_owned(), event);
        }
        causal::causes(events, &mut sheet.causes);
        let verdict = verdict::verdict(facts, place, events, delivery, delivered);
        let made_good_by = repeat::made_good_by(stage, run, &verdict, events, &runs);
        let repeats = successors(stage, run);
        sheet.pushes.push(Push {
            client: facts.client,
            identity: stage.logins[facts.login].principal.label(),
            repository: format!(
                "{}/{}/{}/{}",
                place.service.name(),
                place.account,
                place.region,
                place.name
            ),
            root: facts.root.digest.clone(),
            kind: facts.root.kind.name(),
            tags: facts.tags.clone(),
            events: events.iter().map(|seen| seen.event_id.to_owned()).collect(),
            is_healthy: facts.is_untroubled
                && matches!(verdict.status, Status::Complete | Status::Unchanged),
            told_with: facts.told_with.and_then(|run| numbers.get(&run).copied()),
            carried_on_from: carried_on_from(stage, &runs, run)
                .and_then(|run| numbers.get(&run).copied()),
            is_token_open: facts.is_token_open,
            accepted_tags: tags(facts, events, |_, is_accepted| is_accepted),
            refused_tags: tags(facts, events, |accepted, is_accepted| {
                !accepted && !is_accepted
            }),
            is_made_good: made_good_by.as_ref().map(|later| !later.is_empty()),
            is_repeat_open: repeats.is_empty(),
            verdict,
            token: facts.token.and_then(|call| tokens.get(&call).cloned()),
            superseded_by: repeats
                .iter()
                .chain(made_good_by.iter().flatten())
                .filter_map(|later| numbers.get(later).copied())
                .collect(),
            is_decidable: events
                .iter()
                .all(|seen| !undecidable.contains(seen.event_id)),
        });
    }
    for push in &mut sheet.pushes {
        if !push.verdict.is_flagged() {
            push.superseded_by.clear();
        }
    }
    for (&run, &number) in &numbers {
        let mut also = Vec::new();
        let mut last = run;
        while sheet.pushes[numbers[&last]].verdict.may_have_asked() {
            let Some(next) = next_of_login(stage, &runs, last) else {
                break;
            };
            also.push(numbers[&next]);
            last = next;
        }
        for event_id in sheet.pushes[number].events.clone() {
            let event = sheet.events.get_mut(&event_id).expect("of the sheet");
            event.also.extend(&also);
        }
    }
    sheet
}

/// The tags of the root that are `wanted`, by whether each came through in the end and whether this put did.
fn tags(facts: &Run, events: &[Seen<'_>], wanted: impl Fn(bool, bool) -> bool) -> BTreeSet<String> {
    let is_root = |digest: &Digest| {
        let older = facts.fallback.as_ref().map(|older| &older.digest);
        *digest == facts.root.digest || older == Some(digest)
    };
    let mut puts: Vec<(&String, bool)> = Vec::new();
    for seen in events {
        if let Request::Put {
            manifest,
            tag: Some(tag),
        } = &seen.call.request
            && is_root(&manifest.digest)
        {
            puts.push((tag, seen.call.holds()));
        }
    }
    let came = |tag: &String| puts.iter().any(|(other, holds)| *other == tag && *holds);
    puts.iter()
        .filter(|(tag, holds)| wanted(came(tag), *holds))
        .map(|(tag, _)| (*tag).clone())
        .collect()
}

/// Takes in one record; the second of two twins becomes another name of the first.
fn see<'a>(
    by_call: &mut BTreeMap<usize, Seen<'a>>,
    twins: &mut BTreeMap<String, String>,
    number: usize,
    call: &'a Call,
    record: &'a Record,
) {
    if let Some(first) = by_call.get_mut(&number) {
        twins.insert(record.event_id.clone(), first.event_id.to_owned());
        first.shows_key |= record.shows_key;
        return;
    }
    by_call.insert(
        number,
        Seen {
            event_id: &record.event_id,
            time: record.time,
            call,
            shows_upload: record.shows_upload,
            shows_manifest: record.shows_manifest,
            shows_key: record.shows_key,
            names: BTreeSet::new(),
        },
    );
}

/// Finds the digests that each event shows, those of an upload through its Complete.
fn name(by_call: &mut BTreeMap<usize, Seen<'_>>) {
    let mut uploads: BTreeMap<String, Digest> = BTreeMap::new();
    for seen in by_call.values() {
        if let (Request::Complete { digest }, Some(upload)) =
            (&seen.call.request, &seen.call.upload)
        {
            uploads.insert(upload.clone(), digest.clone());
        }
    }
    for seen in by_call.values_mut() {
        seen.names = match &seen.call.request {
            Request::Check { digests } => digests.iter().cloned().collect(),
            Request::Put { manifest, .. } if seen.shows_manifest => {
                BTreeSet::from([manifest.digest.clone()])
            }
            Request::Initiate | Request::Part { .. } | Request::Complete { .. } => {
                let upload = seen.call.upload.as_ref().filter(|_| seen.shows_upload);
                upload
                    .and_then(|upload| uploads.get(upload))
                    .cloned()
                    .into_iter()
                    .collect()
            }
            Request::Put { .. } | Request::Token | Request::Read { .. } | Request::Layer { .. } => {
                BTreeSet::new()
            }
        };
    }
}

/// The runs that repeat `run`, nearest first.
fn successors(stage: &Stage, run: RunId) -> Vec<RunId> {
    let mut found = vec![run];
    for (later, facts) in stage.runs.iter().enumerate() {
        if facts
            .retry_of
            .is_some_and(|earlier| found.contains(&earlier))
        {
            found.push(later);
        }
    }
    found.split_off(1)
}

fn event(stage: &Stage, push: usize, seen: &Seen<'_>, is_decidable: bool) -> Event {
    let call = seen.call;
    let detail = match &call.request {
        Request::Part { first, last } => format!("{first}-{last}"),
        Request::Put { tag, .. } => tag.clone().unwrap_or_else(|| "by digest".to_owned()),
        Request::Check { .. }
        | Request::Initiate
        | Request::Complete { .. }
        | Request::Token
        | Request::Read { .. }
        | Request::Layer { .. } => String::new(),
    };
    let login = &stage.logins[call.login];
    let key = if call.is_direct {
        &login.own
    } else {
        &login.proxied
    };
    let shown = key
        .access_key_id
        .as_deref()
        .filter(|_| seen.shows_key)
        .unwrap_or("no key");
    let created = key.created.map_or_else(|| "no session".to_owned(), rfc3339);
    Event {
        push,
        also: Vec::new(),
        may_stay_out: false,
        time: seen.time,
        action: call.request.action(),
        names: seen.names.clone(),
        upload: call.upload.clone().filter(|_| seen.shows_upload),
        detail,
        error_code: call.error_code,
        credential: format!("{shown} of {created}"),
        is_decidable,
    }
}

impl Push {
    /// The earlier pushes that it may be told as one with, each with whether only puts show that it was.
    pub(crate) fn one_with(&self) -> impl Iterator<Item = (usize, bool)> {
        let just_left = self.carried_on_from.map(|earlier| (earlier, false));
        let of_tags = self.told_with.map(|earlier| (earlier, true));
        just_left.into_iter().chain(of_tags)
    }
}

impl Truth {
    /// The sheet as JSON, for programs that judge from the outside.
    pub(crate) fn to_json(&self) -> Value {
        let pushes: Vec<Value> = self.pushes.iter().map(push_json).collect();
        let events: serde_json::Map<String, Value> = self
            .events
            .iter()
            .map(|(id, event)| (id.clone(), event_json(event)))
            .collect();
        json!({"pushes": pushes, "events": events, "twins": self.twins, "causes": self.causes})
    }
}

fn push_json(push: &Push) -> Value {
    let reason = push.verdict.reason.as_ref();
    json!({
        "client": push.client,
        "identity": push.identity,
        "repository": push.repository,
        "root": &*push.root,
        "kind": push.kind,
        "tags": push.tags,
        "status": push.verdict.status.name(),
        "reason": reason.map(|reason| json!({"kind": reason.kind, "error_code": reason.error_code})),
        "status_is_open": push.verdict.is_open,
        "token": push.token,
        "superseded_by": push.superseded_by,
        "decidable": push.is_decidable,
        "healthy": push.is_healthy,
        "told_with": push.told_with,
        "carried_on_from": push.carried_on_from,
        "accepted_tags": push.accepted_tags,
        "refused_tags": push.refused_tags,
        "made_good": push.is_made_good,
        "events": push.events,
    })
}

fn event_json(event: &Event) -> Value {
    json!({
        "push": event.push,
        "time": rfc3339(event.time),
        "action": event.action,
        "names": event.names.iter().map(|digest| &**digest).collect::<Vec<_>>(),
        "upload": event.upload,
        "detail": event.detail,
        "error_code": event.error_code,
        "credential": event.credential,
        "also": event.also,
        "may_stay_out": event.may_stay_out,
        "decidable": event.is_decidable,
    })
}
