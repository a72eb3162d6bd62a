//! Asks one region's event history for some calls (CloudTrail API reference, "LookupEvents").
//!
//! Comes in: a question. Goes out: the records found, page by page, and from when on nothing is missing. Never: an event
//! twice, a page asked for more often than allowed, or a wait without an end.
//!
//! A request takes one attribute, so that each call has pages of its own, newest first. The call that has come least far
//! back in time is asked next, and what is older than that is held back: when the look-up is stopped, nothing is missing
//! of the time that was handed on.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use aws_sdk_cloudtrail::Client;
use aws_sdk_cloudtrail::operation::lookup_events::{LookupEventsError, LookupEventsOutput};
use aws_sdk_cloudtrail::primitives::DateTime;
use aws_sdk_cloudtrail::types::{Event, LookupAttribute, LookupAttributeKey};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use serde_json::Value;
use tokio::sync::mpsc::Sender;
use tokio::time::{Interval, MissedTickBehavior};

use crate::aws::failure::{Again, AwsError, AwsService};
use crate::aws::patience::Patience;
use crate::source::inquiry::LookupState;
use crate::source::{Inquiry, Waits};

/// How many events a page has at most.
const PAGE: i32 = 50;

/// How many pages of a call may bring nothing new, one after the other.
const MOST_EMPTY: u32 = 100;

/// What to look up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HistoryQuestion {
    /// The names of the calls.
    pub calls: Vec<&'static str>,
    /// The services whose calls are kept; others have calls of the same names.
    pub sources: Vec<&'static str>,
    /// The first second, since 1970.
    pub since: i64,
    /// The last second.
    pub until: i64,
    /// The second from which on events may still be to come.
    pub settled: i64,
}

/// The look-up of one region.
pub(super) struct RegionLookup {
    pub(super) client: Client,
    pub(super) region: String,
    pub(super) question: Arc<HistoryQuestion>,
    pub(super) inquiry: Arc<Inquiry>,
    pub(super) waits: Waits,
    /// Where the lines of each page go.
    pub(super) lines: Sender<Vec<u8>>,
}

/// What came of a look-up.
#[derive(Debug)]
pub(super) struct LookupEnd {
    /// From which second on nothing is missing; `None` if nothing is known to be whole.
    pub(super) whole_from: Option<i64>,
    /// Whether there was anything to hand on.
    pub(super) has_records: bool,
    /// The account whose history it is, if an event said so.
    pub(super) account: Option<String>,
    /// Why it ended early, if not on request.
    pub(super) failure: Option<AwsError>,
}

/// One call, as far as it has been asked for.
struct Call {
    name: &'static str,
    /// The end of the time that is asked for.
    until: i64,
    /// The oldest second that has been seen, or the end.
    reached: i64,
    token: Option<String>,
    n_pages: u64,
    n_empty: u32,
    has_ended: bool,
}

/// What has come so far.
#[derive(Default)]
struct SoFar {
    ids: HashSet<String>,
    /// The lines of seconds that may not be whole yet.
    held: BTreeMap<i64, Vec<u8>>,
    has_records: bool,
    account: Option<String>,
    n_pages: u64,
}

impl RegionLookup {
    /// Asks until everything came, or it is stopped, or it fails.
    pub(super) async fn run(&self) -> LookupEnd {
        let (since, until) = (self.question.since, self.question.until);
        let mut calls = self.calls();
        let mut pace = Pace::new(self.waits.lookup);
        // Whether there are answers was asked just before.
        pace.wait().await;
        let mut found = SoFar::default();
        let mut failure = None;
        while let Some(call) = least_far(&mut calls) {
            self.note(call, &found);
            if self.inquiry.is_stopped() {
                break;
            }
            if let Err(error) = self.turn(call, &mut pace, &mut found).await {
                failure = Some(error);
                break;
            }
            if !self.hand_on(whole_from(&calls, since), &mut found).await {
                break;
            }
        }
        let from = whole_from(&calls, since);
        let is_empty = from > until && failure.is_none();
        LookupEnd {
            whole_from: (from <= until).then_some(from),
            has_records: found.has_records,
            account: found.account,
            failure: match is_empty {
                true => Some(AwsError::Stopped),
                false => failure,
            },
        }
    }

    /// Asks once, to find out whether there will be answers.
    pub(super) async fn probe(&self) -> Result<(), AwsError> {
        let mut patience = Patience::new(&self.region, self.waits.pause);
        let calls = self.calls();
        let Some(call) = calls.first() else {
            return Ok(());
        };
        loop {
            let error = match self.ask(call).await {
                Ok(_) => return Ok(()),
                Err(error) => AwsError::of(error, AwsService::History),
            };
            // Without any answer yet, the address may be wrong.
            let pause = match (error.again(), matches!(error, AwsError::Refused(_))) {
                (Again::Never, _) => None,
                (Again::Often, true) => patience.pause(),
                (Again::Often, false) | (Again::Briefly, _) => patience.pause_briefly(),
            };
            match pause {
                Some(pause) => tokio::time::sleep(pause).await,
                None => return Err(error),
            }
        }
    }

    /// The calls, before any was asked for.
    fn calls(&self) -> Vec<Call> {
        let until = self.question.until;
        let call = |name: &&'static str| Call {
            name,
            until,
            reached: until,
            token: None,
            n_pages: 0,
            n_empty: 0,
            has_ended: false,
        };
        self.question.calls.iter().map(call).collect()
    }

    /// Hands on what is whole; returns whether anybody reads it.
    async fn hand_on(&self, from: i64, found: &mut SoFar) -> bool {
        let whole = found.held.split_off(&from);
        // The newest first, as they came.
        let lines: Vec<u8> = whole.into_values().rev().flatten().collect();
        found.has_records |= !lines.is_empty();
        lines.is_empty() || self.lines.send(lines).await.is_ok()
    }

    /// Notes how far it has come.
    fn note(&self, call: &Call, found: &SoFar) {
        let whole = (self.question.until - self.question.since).max(1);
        let share = (self.question.until - call.reached) * 1000 / whole;
        let asked = LookupState {
            call: call.name,
            call_pages: call.n_pages,
            pages: found.n_pages,
            share: share.clamp(0, 1000).try_into().unwrap_or(0),
        };
        self.inquiry.note(&self.region, asked);
    }

    /// Asks for the next page of a call.
    async fn turn(
        &self,
        call: &mut Call,
        pace: &mut Pace,
        found: &mut SoFar,
    ) -> Result<(), AwsError> {
        let mut patience = Patience::new(&self.region, self.waits.pause);
        loop {
            pace.wait().await;
            let error = match self.ask(call).await {
                Ok(page) => return self.take(&page, call, found),
                // A token may no longer be known; the same time is then asked for again, without it.
                Err(SdkError::ServiceError(context))
                    if context.err().is_invalid_next_token_exception() && call.token.is_some() =>
                {
                    call.token = None;
                    call.until = call.reached;
                    AwsError::of(SdkError::ServiceError(context), AwsService::History)
                }
                Err(error) => {
                    let error = AwsError::of(error, AwsService::History);
                    if error.again() == Again::Never {
                        return Err(error);
                    }
                    error
                }
            };
            match patience.pause() {
                Some(pause) if !self.inquiry.is_stopped() => tokio::time::sleep(pause).await,
                Some(_) | None => return Err(error),
            }
        }
    }

    async fn ask(
        &self,
        call: &Call,
    ) -> Result<LookupEventsOutput, SdkError<LookupEventsError, HttpResponse>> {
        let attribute = LookupAttribute::builder()
            .attribute_key(LookupAttributeKey::EventName)
            .attribute_value(call.name)
            .build()
            .map_err(SdkError::construction_failure)?;
        self.client
            .lookup_events()
            .lookup_attributes(attribute)
            .start_time(DateTime::from_secs(self.question.since))
            .end_time(DateTime::from_secs(call.until))
            .max_results(PAGE)
            .set_next_token(call.token.clone())
            .send()
            .await
    }

    /// Keeps what is new in a page.
    fn take(
        &self,
        page: &LookupEventsOutput,
        call: &mut Call,
        found: &mut SoFar,
    ) -> Result<(), AwsError> {
        let before = (found.ids.len(), call.reached);
        for event in page.events() {
            let time = event.event_time().map_or(call.reached, DateTime::secs);
            let time = time.clamp(self.question.since, self.question.until);
            call.reached = call.reached.min(time);
            let is_new = event
                .event_id()
                .is_none_or(|id| found.ids.insert(id.to_owned()));
            let source = event.event_source().unwrap_or_default();
            if is_new && self.question.sources.contains(&source) {
                keep(event, time, found);
            }
        }
        found.n_pages += 1;
        call.n_pages += 1;
        call.n_empty = match (found.ids.len(), call.reached) == before {
            true => call.n_empty + 1,
            false => 0,
        };
        let next = page.next_token().filter(|token| !token.is_empty());
        let repeats = next.is_some() && next == call.token.as_deref();
        if repeats || call.n_empty > MOST_EMPTY {
            return Err(AwsError::Foreign {
                what: "page of CloudTrail",
                reason: "it leads back to one before it".to_owned(),
            });
        }
        call.token = next.map(str::to_owned);
        call.has_ended = next.is_none();
        Ok(())
    }
}

/// Keeps an event as `lookup-events` prints it, less what the record itself says.
fn keep(event: &Event, time: i64, found: &mut SoFar) {
    let Some(record) = event.cloud_trail_event() else {
        return;
    };
    if found.account.is_none() {
        found.account = account_of(record);
    }
    let line = serde_json::json!({ "CloudTrailEvent": record });
    let lines = found.held.entry(time).or_default();
    lines.extend_from_slice(line.to_string().as_bytes());
    lines.push(b'\n');
}

/// From which second on nothing is missing; after the end if nothing is whole. Of the second that a call has reached,
/// more may be to come.
fn whole_from(calls: &[Call], since: i64) -> i64 {
    let open = calls.iter().filter(|call| !call.has_ended);
    open.map(|call| call.reached + 1).max().unwrap_or(since)
}

/// The call that has come least far, and has not ended.
fn least_far(calls: &mut [Call]) -> Option<&mut Call> {
    let open = calls.iter_mut().filter(|call| !call.has_ended);
    open.max_by_key(|call| (call.reached, std::cmp::Reverse(call.n_pages)))
}

/// The account whose log a record stands in (CloudTrail user guide, "CloudTrail record contents").
fn account_of(record: &str) -> Option<String> {
    let record: Value = serde_json::from_str(record).ok()?;
    let recipient = record.get("recipientAccountId").and_then(Value::as_str);
    let caller = || record.pointer("/userIdentity/accountId")?.as_str();
    let account = recipient.or_else(caller)?;
    let is_account = account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit());
    is_account.then(|| account.to_owned())
}

/// When the next request may be made.
struct Pace(Option<Interval>);

impl Pace {
    fn new(every: Duration) -> Self {
        Self((!every.is_zero()).then(|| {
            let mut interval = tokio::time::interval(every);
            interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
            interval
        }))
    }

    async fn wait(&mut self) {
        if let Some(interval) = &mut self.0 {
            interval.tick().await;
        }
    }
}
