//! The events for Timesketch: JSON Lines with a message, a time and the meaning of the time.
//!
//! Comes in: a report. Goes out: a line for each event, a login again for each push that it served,
//! and after each push a line on how it ended. Never: a line that cannot be read without another.
//!
//! Timesketch requires three fields in each line, and `timestamp` is also its own: user guide,
//! "Import from JSON or CSV".

use std::io::{self, Write};

use serde::Serialize;

use crate::event::{Service, Stage};
use crate::graph::{Evidence, Strength};
use crate::render::instant;
use crate::render::json;
use crate::render::plain::plain;
use crate::render::{Renderer, Style};
use crate::report::{EventRow, Outcome, PushStatus, Report, SessionRow, Text};
use crate::words;

/// `--format timesketch`.
pub(super) struct Timesketch;

/// The most characters of an `errorMessage` in the message; a field has all of it.
const MOST_OF_MESSAGE: usize = 300;

/// A line of the timeline. Timesketch uses `tag` for something else, so the tag of an image has
/// another name.
#[derive(Serialize)]
struct Line<'r> {
    message: String,
    datetime: &'r str,
    /// Microseconds since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    timestamp: Option<i64>,
    timestamp_desc: &'static str,
    data_type: &'static str,
    #[serde(flatten)]
    push: Option<Push<'r>>,
    #[serde(flatten)]
    call: Option<CallFields<'r>>,
}

/// What a line says about the push.
#[derive(Serialize)]
struct Push<'r> {
    push_id: &'r str,
    push_status: PushStatus,
    service: Service,
    #[serde(skip_serializing_if = "Option::is_none")]
    registry: Option<&'r Text<'r>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    region: Option<&'r Text<'r>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    repository: Option<&'r Text<'r>>,
    identity: &'r str,
    #[serde(skip_serializing_if = "Option::is_none")]
    identity_arn: Option<&'r Text<'r>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    account: Option<&'r Text<'r>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_ip: Option<&'r Text<'r>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_user_agent: Option<&'r Text<'r>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_vpc_endpoint: Option<&'r Text<'r>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    source_identity: Option<&'r Text<'r>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    on_behalf_of: Option<&'r Text<'r>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    image_digest: Option<&'r str>,
    findings: Vec<&'static str>,
}

/// What a line says about the call.
#[derive(Serialize)]
struct CallFields<'r> {
    event_id: &'r Text<'r>,
    action: Stage,
    outcome: Outcome,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_code: Option<&'r Text<'r>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_message: Option<&'r Text<'r>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    upload_id: Option<&'r Text<'r>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    digest: Option<&'r str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    first_byte: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_byte: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    image_tag: Option<&'r Text<'r>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<&'r Text<'r>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    source_ip: Option<&'r Text<'r>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_agent: Option<&'r Text<'r>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    access_key_id: Option<&'r Text<'r>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    evidence: Option<Evidence>,
    #[serde(skip_serializing_if = "Option::is_none")]
    strength: Option<Strength>,
    file: &'r Text<'r>,
    record: u32,
}

impl Renderer for Timesketch {
    fn render(&self, report: &Report<'_>, _: &Style, out: &mut dyn Write) -> io::Result<()> {
        for row in report.sessions() {
            for event in row.events.iter() {
                line(&of_event(&event, Some(&row)), out)?;
            }
            line(&of_push(&row), out)?;
        }
        for event in report.unplaced() {
            line(&of_event(&event, None), out)?;
        }
        Ok(())
    }
}

fn line(line: &Line<'_>, out: &mut dyn Write) -> io::Result<()> {
    json::value(line, out)?;
    out.write_all(b"\n")
}

fn of_event<'r>(event: &'r EventRow<'r>, row: Option<&'r SessionRow<'r>>) -> Line<'r> {
    Line {
        message: plain(&message(event, row)).into_owned(),
        datetime: &event.time,
        timestamp: instant::micros(&event.time),
        // AWS, CloudTrail record contents, `eventTime`: when the request was completed.
        timestamp_desc: "Request Completed",
        data_type: "aws:ecr:push:event",
        push: row.map(push),
        call: Some(call(event)),
    }
}

fn of_push<'r>(row: &'r SessionRow<'r>) -> Line<'r> {
    let message = format!("push {}: {}. {}", row.id, row.status, row.explanation);
    Line {
        message: plain(&message).into_owned(),
        datetime: &row.last,
        timestamp: instant::micros(&row.last),
        timestamp_desc: "Push Ended",
        data_type: "aws:ecr:push:summary",
        push: Some(push(row)),
        call: None,
    }
}

/// One sentence: what was called, on what, by whom, and how it ended.
fn message(event: &EventRow<'_>, row: Option<&SessionRow<'_>>) -> String {
    let mut text = event.action.to_string();
    let repository = row.and_then(|row| row.repository.as_deref());
    if !event.shared {
        text.extend(repository.map(|repository| format!(" in {repository}")));
    }
    text.extend(event.tag.as_deref().map(|tag| format!(" as {tag}")));
    text.extend(
        event
            .digest
            .as_deref()
            .map(|digest| format!(" of {digest}")),
    );
    let identity = row.map(|row| &row.identity).or(event.identity.as_ref());
    text.extend(identity.map(|identity| format!(" by {}", identity.name)));
    if event.outcome == Outcome::Failed {
        let code = event.error_code.as_deref().unwrap_or("no error code");
        text.push_str(&format!(", refused: {code}"));
        let message = event.error_message.as_deref();
        text.extend(message.map(|m| format!(": {}", words::shorten(m, MOST_OF_MESSAGE))));
    }
    text
}

fn push<'r>(row: &'r SessionRow<'r>) -> Push<'r> {
    let client = row.client.as_ref();
    let image = row.image.as_ref();
    Push {
        push_id: &row.id,
        push_status: row.status,
        service: row.service,
        registry: row.registry.as_ref(),
        region: row.region.as_ref(),
        repository: row.repository.as_ref(),
        identity: &row.identity.name,
        identity_arn: row.identity.arn.as_ref(),
        account: row.identity.account.as_ref(),
        client_ip: client.and_then(|client| client.source_ip.as_ref()),
        client_user_agent: client.and_then(|client| client.user_agent.as_ref()),
        client_vpc_endpoint: client.and_then(|client| client.vpc_endpoint_id.as_ref()),
        source_identity: row.identity.source_identity.as_ref(),
        on_behalf_of: (row.identity.on_behalf_of.as_ref()).and_then(|user| user.user_id.as_ref()),
        image_digest: image.and_then(|image| image.digest.as_deref()),
        findings: row.findings.iter().map(|finding| finding.code).collect(),
    }
}

fn call<'r>(event: &'r EventRow<'r>) -> CallFields<'r> {
    let because = event.because.first();
    CallFields {
        event_id: &event.event_id,
        action: event.action,
        outcome: event.outcome,
        error_code: event.error_code.as_ref(),
        error_message: event.error_message.as_ref(),
        upload_id: event.upload_id.as_ref(),
        digest: event.digest.as_deref(),
        first_byte: event.first_byte,
        last_byte: event.last_byte,
        image_tag: event.tag.as_ref(),
        request_id: event.request_id.as_ref(),
        source_ip: event.source_ip.as_ref(),
        user_agent: event.user_agent.as_ref(),
        access_key_id: event.access_key_id.as_ref(),
        evidence: because.map(|because| because.evidence),
        strength: because.map(|because| because.strength),
        file: &event.at.file,
        record: event.at.record,
    }
}
