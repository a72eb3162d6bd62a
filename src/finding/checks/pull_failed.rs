//! Pulls that failed: refused, or of an image that was not there any more.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use crate::event::EventLog;
use crate::finding::check::{Check, Code, Context, Finding, Runner, Severity};
use crate::finding::checks::repository;
use crate::pull::stand::{Gone, GoneBy};
use crate::pull::{Pull, PullEnd};
use crate::words;

const CODE: Code = Code {
    code: "pull-failed",
    name: "A pull that failed",
    severity: Severity::Warning,
    doc: "With `--pulls`: somebody asked for an image and did not get it. Either ECR refused the call, and the finding \
names its error; or what was asked for had been deleted, expired or archived before, and no layer was taken after it. ECR \
answers a `BatchGetImage` for an absent image without an error that CloudTrail would record, so the latter is inferred from \
the calls that took the image away, which the finding names with their time. Pulls of one caller of one image that failed \
alike are one finding.\n\n\
What to do: where it was denied, allow the caller `ecr:BatchGetImage` and `ecr:GetDownloadUrlForLayer` in its own policy and, \
from another account, in the repository's. Where the image is gone, push it again, and keep what is deployed out of the \
lifecycle policy; an archived image is restored by `aws ecr update-image-storage-class`.",
};

/// The check.
pub(super) const CHECK: Check = Check::new(&[CODE], Runner::Log(run));

/// Pulls that failed alike.
struct FailedAlike<'c> {
    first: &'c Pull,
    n: u64,
    last: DateTime<Utc>,
}

fn run(context: &Context<'_>, findings: &mut Vec<Finding>) {
    let Some(set) = context.pulls else { return };
    let log = context.log;
    let failed = set.pulls.iter().filter(|pull| match pull.end {
        PullEnd::Refused | PullEnd::NotThere => true,
        PullEnd::Layers | PullEnd::Manifest => false,
    });
    let mut place_of: BTreeMap<_, usize> = BTreeMap::new();
    let mut alike: Vec<FailedAlike<'_>> = Vec::new();
    for pull in failed {
        let caller = context.sessions.principals.of(pull.identity);
        let code = pull.failure.map(|id| &*log.tables.failures.get(id).code);
        let key = (pull.repository, pull.tag, pull.image, caller, code);
        let place = *place_of.entry(key).or_insert(alike.len());
        match alike.get_mut(place) {
            Some(one) => {
                one.n += 1;
                one.last = one.last.max(pull.last);
            }
            None => alike.push(FailedAlike {
                first: pull,
                n: 1,
                last: pull.last,
            }),
        }
    }
    findings.extend(alike.iter().map(|alike| finding(log, alike)));
}

fn finding(log: &EventLog, alike: &FailedAlike<'_>) -> Finding {
    let pull = alike.first;
    let who = words::who(log.tables.identities.get(pull.identity));
    let times = match alike.n {
        1 => format!("at {}", words::time(pull.first)),
        n => format!(
            "{} times from {} to {}",
            words::number(n),
            words::time(pull.first),
            words::time(alike.last)
        ),
    };
    let failure = pull.failure.map(|id| log.tables.failures.get(id));
    let code = failure.map_or("", |failure| &*failure.code);
    let why = match (failure, pull.gone) {
        (Some(_), None) => format!("refused with {code}"),
        (Some(_), Some(gone)) => format!("refused with {code}; {}", before(log, gone, pull.first)),
        (None, Some(gone)) => before(log, gone, pull.first),
        (None, None) => "it was not there".to_owned(),
    };
    let message = format!("{who} could not pull `{}` {times}: {why}", asked(log, pull));
    let is_denied = code.starts_with("AccessDenied") || code.ends_with("AccessDenied");
    let help = match pull.gone.map(|gone| gone.by) {
        _ if is_denied => {
            "allow the caller `ecr:BatchGetImage` and `ecr:GetDownloadUrlForLayer` on the repository"
        }
        Some(GoneBy::Archived(_)) => "restore the image with `aws ecr update-image-storage-class`",
        Some(GoneBy::Expired(_)) => {
            "push the image again, and keep what is deployed out of the lifecycle policy"
        }
        Some(GoneBy::Deleted(_) | GoneBy::RepositoryDeleted(_) | GoneBy::Replaced(_)) => {
            "push the image again, or deploy one that is there"
        }
        None => "look the error up in the ECR API reference",
    };
    CODE.of_log(message).help(help)
}

/// As `shop/web:prod`.
fn asked(log: &EventLog, pull: &Pull) -> String {
    let repository = repository(log, pull.repository);
    match (pull.tag, pull.image) {
        (Some(tag), _) => format!("{repository}:{}", log.text(tag)),
        (None, Some(digest)) => format!("{repository}@{}", log.tables.digests.get(digest)),
        (None, None) => repository.to_owned(),
    }
}

/// As `it was expired by the lifecycle policy 3 min before (event 2bfd4ee2)`.
fn before(log: &EventLog, gone: Gone, at: DateTime<Utc>) -> String {
    let before = words::duration((at - gone.at).num_seconds());
    let beside = |place: usize| {
        let event = log.context.get(place);
        let id = event.map(|event| event.event_id.text(&log.tables.texts));
        let who = event.map(|event| words::who(log.tables.identities.get(event.identity)));
        let id = id.unwrap_or_default();
        (who.unwrap_or_default(), words::short_event(&id).to_owned())
    };
    match gone.by {
        GoneBy::Deleted(place) => {
            let (who, id) = beside(place);
            format!("it was deleted by {who} {before} before (event {id})")
        }
        GoneBy::Expired(place) => {
            let (_, id) = beside(place);
            format!("it was expired by the lifecycle policy {before} before (event {id})")
        }
        GoneBy::RepositoryDeleted(place) => {
            let (who, id) = beside(place);
            format!("the repository was deleted by {who} {before} before (event {id})")
        }
        GoneBy::Archived(place) => {
            let (_, id) = beside(place);
            format!("it was archived {before} before (event {id})")
        }
        GoneBy::Replaced(id) => {
            let id = log.event(id).event_id.text(&log.tables.texts);
            let id = words::short_event(&id);
            format!("it was replaced {before} before (event {id})")
        }
    }
}
