//! What a kill leaves of a run.
//!
//! In: every call that the run would have made, and how it ends. Out: the calls that reached the registry.

use std::collections::BTreeSet;

use super::call::{Call, Request, Stage};
use super::clock::Millis;
use super::content::Digest;
use super::fault::Kill;
use super::push::Ended;
use super::stage::Job;

/// What is left of a run's calls after a kill, or after the client gave up.
pub(crate) fn survivors(calls: Vec<Call>, job: &Job, ended: Ended) -> Vec<Call> {
    // Requests in flight when the client gives up still reach the registry.
    let last = if ended.gave_up {
        ended.at + 150
    } else {
        Millis::MAX
    };
    let killed = job
        .faults
        .kill
        .and_then(|kill| kill_time(&calls, kill, job));
    let Some(killed) = killed else {
        return calls.into_iter().filter(|call| call.at <= last).collect();
    };
    let grace = killed + job.habits.kill_grace;
    let outliving = outliving(&calls, job, killed, grace);
    let survives = |call: &Call| {
        let is_of_layer = matches!(
            call.request.stage(),
            Some(Stage::Check | Stage::Part | Stage::Complete)
        );
        let is_outliving = call
            .about
            .as_ref()
            .is_some_and(|digest| outliving.contains(digest));
        call.at <= killed || (call.at <= grace && is_of_layer && is_outliving)
    };
    calls.into_iter().filter(survives).collect()
}

/// The layers whose upload was in flight at the kill and still ends within the grace; never a config.
fn outliving(calls: &[Call], job: &Job, killed: Millis, grace: Millis) -> BTreeSet<Digest> {
    let configs: BTreeSet<&Digest> = job
        .root
        .blobs
        .iter()
        .filter(|blob| blob.is_config)
        .map(|blob| &blob.digest)
        .collect();
    let is_begun = |call: &&Call| call.at <= killed && matches!(call.request, Request::Initiate);
    let begun: BTreeSet<&String> = calls
        .iter()
        .filter(is_begun)
        .filter_map(|call| call.upload.as_ref())
        .collect();
    let is_ended_in_time = |call: &&Call| {
        call.at <= grace
            && matches!(call.request, Request::Complete { .. })
            && call
                .upload
                .as_ref()
                .is_some_and(|upload| begun.contains(upload))
    };
    let ended = calls
        .iter()
        .filter(is_ended_in_time)
        .filter_map(|call| call.about.clone());
    ended.filter(|digest| !configs.contains(digest)).collect()
}

fn kill_time(calls: &[Call], kill: Kill, job: &Job) -> Option<Millis> {
    let first_of = |stage: Stage| {
        calls
            .iter()
            .filter(|call| call.request.stage() == Some(stage))
            .map(|call| call.at)
            .min()
    };
    let begin = calls.iter().map(|call| call.at).min()?;
    let first_initiate = first_of(Stage::Initiate).or_else(|| first_of(Stage::Put))?;
    match kill {
        Kill::DuringChecks { percent } => {
            Some(begin + (first_initiate - 1 - begin) * percent / 100)
        }
        Kill::DuringUploads { percent } => {
            let completes = calls
                .iter()
                .filter(|call| matches!(call.request, Request::Complete { .. }));
            let last = completes.map(|call| call.at).max()?;
            Some(first_initiate + (last - 1 - first_initiate).max(0) * percent / 100)
        }
        Kill::BeforeManifests => first_of(Stage::Put).map(|at| at - 1),
        Kill::BeforeRoot => {
            let roots = calls.iter().filter(|call| {
                call.request.stage() == Some(Stage::Put)
                    && call.about.as_ref() == Some(&job.root.digest)
            });
            roots.map(|call| call.at - 1).min()
        }
    }
}
