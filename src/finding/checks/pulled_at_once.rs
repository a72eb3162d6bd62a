//! An image that somebody new took within seconds of its push.

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;

use crate::event::{DigestId, RepositoryId};
use crate::finding::check::{Check, Code, Context, Finding, Runner, Severity};
use crate::finding::checks::{repository, span_of};
use crate::pull::{Pull, PullEnd};
use crate::words;

const CODE: Code = Code {
    code: "pulled-at-once",
    name: "An image that somebody new took at once",
    severity: Severity::Note,
    doc: "With `--pulls`: within a minute of a push its image was pulled by a caller that had never pulled from the \
repository before, as far as a day of log or more shows. A deployment that follows the push looks like this the first time; so \
does somebody who waited for it. A role counts as one caller, whatever its sessions are called, and only its own earlier pulls \
are looked at.\n\n\
What to do: if the caller is not part of the deployment, find out why it may pull.",
};

/// The check.
pub(super) const CHECK: Check = Check::new(&[CODE], Runner::Log(run));

/// How soon after a push.
const AT_ONCE: TimeDelta = TimeDelta::seconds(60);

/// How much log must lie before it.
const LEAST_BEFORE: TimeDelta = TimeDelta::hours(24);

/// The most callers that a finding names.
const MOST_NAMED: usize = 3;

fn run(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let Some(set) = context.pulls else { return };
    let tables = &context.log.tables;
    let caller = |pull: &Pull| {
        let identity = tables.identities.get(pull.identity);
        (words::principal(identity), identity.account.clone())
    };
    let mut known: BTreeSet<(RepositoryId, _)> = BTreeSet::new();
    let mut new: BTreeMap<(RepositoryId, DigestId), Vec<&Pull>> = BTreeMap::new();
    for pull in &set.pulls {
        let (Some(repository), Some(image), PullEnd::Layers | PullEnd::Manifest) =
            (pull.repository, pull.image, pull.end)
        else {
            continue;
        };
        if known.insert((repository, caller(pull))) {
            new.entry((repository, image)).or_default().push(pull);
        }
    }
    for (place, session) in context.sessions.sessions.iter().enumerate() {
        let (Some(in_repository), Some(root)) = (session.repository, session.root()) else {
            continue;
        };
        let image = root.digest.map(|digest| (in_repository, digest));
        let Some(pulls) = image.and_then(|image| new.get(&image)) else {
            continue;
        };
        let is_long = span_of(context, session)
            .is_some_and(|span| span.interval.from + LEAST_BEFORE <= session.first);
        let pusher = tables.identities.get(session.identity);
        let pusher = (words::principal(pusher), pusher.account.clone());
        let at_once = pulls.iter().filter(|pull| {
            let after = pull.first - session.last;
            (TimeDelta::zero()..=AT_ONCE).contains(&after) && caller(pull) != pusher
        });
        let names: BTreeSet<String> = at_once.map(|pull| caller(pull).0).collect();
        if names.is_empty() || !is_long {
            continue;
        }
        let mut named: Vec<String> = names.iter().take(MOST_NAMED).cloned().collect();
        if let more @ 1.. = names.len().saturating_sub(MOST_NAMED) {
            named.push(words::count(more as u64, "other"));
        }
        let message = format!(
            "within a minute of the push its image was taken by {}, which never pulled from {} before",
            words::list(&named),
            repository(context.log, session.repository)
        );
        findings.push(
            CODE.of(place, vec![root.event], message)
                .label("taken at once"),
        );
    }
}
