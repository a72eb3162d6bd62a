//! Reads event histories, which CloudTrail keeps of every region for 90 days, with or without a trail.
//!
//! Comes in: regions, and what to look up in them. Goes out: a reader for each, whose lines are records and at last what they
//! cover, in the forms that a report and an extract are read in. Never: more of a history in memory than some pages.

use std::io::{self, Cursor, Read};
use std::sync::Arc;

use aws_sdk_cloudtrail::Client;
use aws_sdk_cloudtrail::config::{Builder, Region};
use aws_smithy_types::retry::RetryConfig;
use serde_json::json;
use tokio::sync::mpsc::{Receiver, Sender, channel};

use crate::aws::failure::AwsError;
use crate::aws::gateway::Gateway;
use crate::aws::lookup::{HistoryQuestion, LookupEnd, RegionLookup};
use crate::source::inquiry::LookupState;
use crate::source::{Handed, Inquiry};

/// How many pages are fetched ahead of whoever reads them.
const AHEAD: usize = 64;

/// A reader for each region; all of them are asked side by side, from now on. A single one is tried first: nothing can be
/// read if it refuses, while of several the others are read.
///
/// # Errors
/// Why a single one refuses.
pub fn histories(
    regions: &[String],
    question: HistoryQuestion,
    access: &Arc<Gateway>,
    inquiry: &Arc<Inquiry>,
) -> Result<Vec<Handed>, AwsError> {
    let question = Arc::new(question);
    let reader = |region: &String| {
        let (lines, pages) = channel(AHEAD);
        let (end, outcome) = channel(1);
        let lookup = RegionLookup {
            client: client(access, region),
            region: region.clone(),
            question: Arc::clone(&question),
            inquiry: Arc::clone(inquiry),
            waits: access.setup.waits,
            lines,
        };
        if regions.len() == 1 {
            let tried = access.runtime.wait(lookup.probe());
            tried.map_err(|error| access.or_credentials(error))?;
        }
        inquiry.note(region, LookupState::default());
        access.runtime.spawn(run(lookup, Arc::clone(access), end));
        let reader = HistoryReader {
            pages,
            outcome,
            held: Cursor::default(),
            failure: None,
            _access: Arc::clone(access),
        };
        let name = format!("event-history://{region}");
        Ok(Handed::new(&name, Box::new(reader)))
    };
    regions.iter().map(reader).collect()
}

/// Builds a client. Tries are made by the look-up itself, at its pace.
fn client(access: &Gateway, region: &str) -> Client {
    let builder = Builder::from(&access.config)
        .region(Region::new(region.to_owned()))
        .retry_config(RetryConfig::disabled())
        .timeout_config(access.timeouts());
    Client::from_conf(builder.build())
}

/// What is read last.
struct LastLine {
    line: Vec<u8>,
    failure: Option<AwsError>,
}

async fn run(lookup: RegionLookup, access: Arc<Gateway>, end: Sender<LastLine>) {
    let LookupEnd {
        whole_from,
        has_records,
        account,
        failure,
    } = lookup.run().await;
    let account = match account.or_else(|| access.credentials.account()) {
        None if whole_from.is_some() => account_of_caller(&access, &lookup.region).await,
        account => account,
    };
    let question = &lookup.question;
    let to = question.until.min(question.settled);
    let line = match (whole_from, account) {
        (Some(from), Some(account)) if from <= to => {
            let heard = json!([{
                "account": account, "region": lookup.region, "heard": [], "vouched": [[from, to]],
            }]);
            Some(line(&heard, has_records))
        }
        // Nothing is whole, so that nothing is said of it, not even that it was read.
        (None, _) => None,
        (Some(_), _) => Some(line(&json!([]), has_records)),
    };
    let failure = failure.map(|error| access.or_credentials(error));
    lookup.inquiry.end(&lookup.region);
    // If nobody reads on, the run has ended.
    let _ = end
        .send(LastLine {
            line: line.unwrap_or_default(),
            failure,
        })
        .await;
}

/// The account of the credentials, which may be asked for without any permission (STS API reference,
/// "GetCallerIdentity"). An event says it too, but there may be none.
async fn account_of_caller(access: &Gateway, region: &str) -> Option<String> {
    let config = aws_sdk_sts::config::Builder::from(&access.config)
        .region(Region::new(region.to_owned()))
        .timeout_config(access.timeouts())
        .build();
    let identity = aws_sdk_sts::Client::from_conf(config)
        .get_caller_identity()
        .send()
        .await;
    identity.ok()?.account().map(str::to_owned)
}

/// The line of an extract that says what its records cover; it counts as one log file.
fn line(sources: &serde_json::Value, has_records: bool) -> Vec<u8> {
    let files = json!({
        "read": u8::from(has_records), "without_push_events": u8::from(!has_records), "digest": 0, "insight": 0, "empty": 0, "hidden": 0,
        "pruned": 0, "not_cloudtrail": 0, "unreadable": 0,
    });
    let line = json!({"reconstruct.coverage": {
        "version": 1, "files": files, "set_aside": [], "set_aside_more": 0,
        "records": {"other": 0, "duplicate": 0, "malformed": 0}, "skipped": 0, "archives": false,
        "sources": sources, "digests": [], "names": "", "told": "", "problems": [],
    }});
    format!("{line}\n").into_bytes()
}

/// The lines of one region, as they come.
struct HistoryReader {
    pages: Receiver<Vec<u8>>,
    outcome: Receiver<LastLine>,
    held: Cursor<Vec<u8>>,
    failure: Option<AwsError>,
    /// Keeps the thread that asks.
    _access: Arc<Gateway>,
}

impl Read for HistoryReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let n_read = self.held.read(buffer)?;
            if n_read > 0 || buffer.is_empty() {
                return Ok(n_read);
            }
            if let Some(failure) = self.failure.take() {
                let help = failure.help();
                return Err(io::Error::other(format!("{failure} ({help})")));
            }
            // Freed before the wait for the next.
            self.held = Cursor::default();
            if let Some(page) = self.pages.blocking_recv() {
                self.held = Cursor::new(page);
                continue;
            }
            let Some(end) = self.outcome.blocking_recv() else {
                return Ok(0);
            };
            (self.held, self.failure) = (Cursor::new(end.line), end.failure);
        }
    }
}
