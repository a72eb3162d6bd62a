//! What lies in AWS, by the room that uses its SDK.
//!
//! Comes in: what the arguments name in AWS, and the plan. Goes out: clients and readers. Never: a wait for anything but
//! credentials.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

use crate::aws::{self, AwsError, HistoryQuestion, Payer, Setup};
use crate::cli::address::HistoryOf;
use crate::cli::cloud::{CloudInputs, CloudNames};
use crate::cli::plan::Plan;
use crate::cli::scope::Selected;
use crate::event::assume::ASSUMING;
use crate::event::{Deed, FetchCall, Pulls, Stage};
use crate::ingest::Roles;
use crate::problem::StoreError;
use crate::source::{Inquiry, Scope as _};

/// How far back an event history is asked, if no period is given.
const USUAL: TimeDelta = TimeDelta::days(7);

/// How long CloudTrail keeps an event history (CloudTrail user guide, "Working with CloudTrail event history").
const KEPT: TimeDelta = TimeDelta::days(90);

/// The services whose calls are read.
const SOURCES: [&str; 3] = [
    "ecr.amazonaws.com",
    "ecr-public.amazonaws.com",
    "ecrpublic.amazonaws.com",
];

/// Makes clients of buckets, and begins to ask event histories.
///
/// # Errors
/// A setup that cannot be used, with what to do.
pub(in crate::cli) fn reach(
    wanted: &CloudNames<'_>,
    plan: &Plan,
    inquiry: &Arc<Inquiry>,
) -> Result<CloudInputs, String> {
    let told = |error: AwsError| format!("{error}\n\n  help: {}", error.help());
    let access = &plan.access;
    let setup = Setup {
        variables: access.environment.texts(),
        profile: access.profile.clone(),
        connections: access.connections,
        payer: match access.request_payer {
            true => Payer::Requester,
            false => Payer::Owner,
        },
        waits: access.waits,
    };
    let reached = aws::Gateway::new(setup).map_err(told)?;
    let buckets = aws::connect(wanted.buckets.iter().copied(), &reached);
    let regions = regions(wanted, plan, reached.region()).map_err(told)?;
    let (mut histories, mut notices) = (Vec::new(), Vec::new());
    if !regions.is_empty() {
        let (question, since) = question(plan);
        notices.push(notice(&question, &regions, since));
        let asked = aws::histories(&regions, question, &reached, inquiry);
        histories = asked.map_err(|error| {
            let place = regions.join(", ");
            let help = error.help();
            format!("cannot ask the event history of `{place}`: {error}\n\n  help: {help}")
        })?;
    }
    Ok(CloudInputs {
        buckets: buckets
            .into_iter()
            .map(|(name, bucket)| (name.to_owned(), bucket))
            .collect(),
        histories,
        notices,
    })
}

/// What to do about a failure of a listing.
pub(in crate::cli) fn help(error: &StoreError) -> Option<String> {
    Some(error.downcast_ref::<AwsError>()?.help())
}

/// The regions to ask, sorted.
fn regions(
    wanted: &CloudNames<'_>,
    plan: &Plan,
    configured: Option<&str>,
) -> Result<Vec<String>, AwsError> {
    let mut regions = BTreeSet::new();
    for of in &wanted.histories {
        match of {
            HistoryOf::Region(region) => {
                regions.insert(region.clone());
            }
            HistoryOf::Configured => {
                regions.insert(configured.ok_or(AwsError::NoRegion)?.to_owned());
            }
            HistoryOf::Everywhere => {
                let scope = Selected::new(plan);
                let listed = aws::REGIONS
                    .iter()
                    .filter(|region| scope.has_region(region));
                regions.extend(listed.map(|region| (*region).to_owned()));
            }
        }
    }
    Ok(regions.into_iter().collect())
}

/// What to look up, and since when.
fn question(plan: &Plan) -> (HistoryQuestion, DateTime<Utc>) {
    let (now, reach) = (plan.access.now, plan.options.reach);
    let asked = plan.access.asked.or(reach.from);
    let since = asked.unwrap_or(now - USUAL).max(now - KEPT);
    let until = reach.to.unwrap_or(now).min(now);
    let pushes = Stage::ALL.iter().map(|stage| stage.call());
    let mut calls: Vec<&str> = pushes
        .chain(Deed::ALL.iter().map(|deed| deed.name()))
        .collect();
    let mut sources = SOURCES.to_vec();
    match plan.options.ingest.roles {
        Roles::Ignored => {}
        Roles::Traced => {
            calls.extend(ASSUMING);
            sources.push("sts.amazonaws.com");
        }
    }
    match plan.options.ingest.pulls {
        Pulls::Ignored => {}
        Pulls::Read => calls.extend(FetchCall::ALL.map(FetchCall::name)),
    }
    let settle = TimeDelta::from_std(plan.access.settle).unwrap_or(KEPT);
    let question = HistoryQuestion {
        calls,
        sources,
        since: since.timestamp(),
        until: until.timestamp().max(since.timestamp()),
        settled: (now - settle).timestamp(),
    };
    (question, since)
}

fn notice(question: &HistoryQuestion, regions: &[String], since: DateTime<Utc>) -> String {
    let place = match regions {
        [only] => format!("event history of {only}"),
        regions => format!("event histories of {} regions", regions.len()),
    };
    format!(
        "asking the {place} for {} calls since {}, at two requests a second",
        question.calls.len(),
        since.format("%Y-%m-%dT%H:%M:%SZ"),
    )
}
