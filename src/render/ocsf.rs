//! The pushes that did not end well as findings of the Open Cybersecurity Schema Framework, one a line.
//!
//! Comes in: a report. Goes out: a Detection Finding (class 2004 of OCSF 1.6.0, which AWS Security Hub takes) for each push
//! that wants attention, in the order of the report. With `--pulls` then an API
//! Activity (class 6003) for each pull. Never: a field that the schema does not know, or an empty one.
//!
//! A finding keeps its `finding_info.uid`, the id of the push, however often it is reported.

use std::collections::BTreeSet;
use std::io::{self, Write};
use std::net::IpAddr;

use serde_json::{Value, json};

use crate::event::Service;
use crate::finding::Severity;
use crate::graph::Strength;
use crate::pull::PullEnd;
use crate::render::instant;
use crate::render::json;
use crate::render::{Renderer, Style};
use crate::report::story::attention;
use crate::report::story::pulls::pull_text;
use crate::report::story::push as story;
use crate::report::{
    Attention, CauseRow, EventRow, IdentityRow, LineRow, Outcome, PullRow, Report, SessionRow,
};

/// The schema's version.
const VERSION: &str = "1.6.0";
/// The most calls that stand as evidence of a push.
const MOST_CALLS: usize = 10;

/// `--format ocsf`.
pub(super) struct Ocsf;

impl Renderer for Ocsf {
    fn render(&self, report: &Report<'_>, _: &Style, out: &mut dyn Write) -> io::Result<()> {
        let wants = |push: &LineRow<'_>| push.attention != Attention::None;
        let draw = |push: SessionRow<'_>, out: &mut dyn Write| {
            json::value(&finding(&push), out)?;
            out.write_all(b"\n")
        };
        for push in report.drawn_by_attention(wants, &draw) {
            push.write(out)?;
        }
        for pull in report.pulls() {
            json::value(&taken(&pull), out)?;
            out.write_all(b"\n")?;
        }
        Ok(())
    }
}

/// The finding of a push.
fn finding(push: &SessionRow<'_>) -> Value {
    let severity = push.findings.iter().map(|finding| finding.severity).max();
    let (severity_id, severity) = match severity {
        Some(Severity::Error) => (4, "High"),
        Some(Severity::Warning) => (3, "Medium"),
        Some(Severity::Note) | None => (1, "Informational"),
    };
    let (status_id, status) = match push.attention {
        Attention::MadeGood => (4, "Resolved"),
        Attention::Unresolved | Attention::Undetermined | Attention::None => (1, "New"),
    };
    let (confidence_id, confidence) = match push.confidence {
        Strength::Proof => (3, "High"),
        Strength::Inference => (2, "Medium"),
        Strength::Hint => (1, "Low"),
    };
    let millis = |time| instant::micros(time).map(|micros| micros.div_euclid(1_000));
    let (first, last) = (millis(&push.first), millis(&push.last));
    let cause = push.cause.as_ref();
    let help = push
        .findings
        .iter()
        .filter_map(|finding| finding.help.as_deref());
    let help: Vec<&str> = help.collect();
    filled(json!({
        "activity_id": 1,
        "activity_name": "Create",
        "category_uid": 2,
        "category_name": "Findings",
        "class_uid": 2004,
        "class_name": "Detection Finding",
        "type_uid": 200_401,
        "type_name": "Detection Finding: Create",
        "time": last,
        "start_time": first,
        "end_time": last,
        "duration": push.duration_s.saturating_mul(1_000),
        "severity_id": severity_id,
        "severity": severity,
        "status_id": status_id,
        "status": status,
        "confidence_id": confidence_id,
        "confidence": confidence,
        "message": push.explanation,
        "metadata": metadata("event_code", cause.map(CauseRow::code)),
        "cloud": {
            "provider": "AWS",
            "account": { "uid": push.registry },
            "region": push.region,
        },
        "finding_info": {
            "uid": push.id,
            "title": title(push),
            "desc": push.explanation,
            "types": push.findings.iter().map(|finding| finding.code).collect::<BTreeSet<_>>(),
            "created_time": last,
            "first_seen_time": first,
            "last_seen_time": last,
            "data_sources": ["AWS CloudTrail"],
            "analytic": { "name": "reconstruct", "type_id": 1, "type": "Rule" },
        },
        "resources": [resource(push)],
        "evidences": evidences(push),
        "remediation": match help.is_empty() {
            true => Value::Null,
            false => json!({ "desc": help.join("\n") }),
        },
    }))
}

/// A pull as an API Activity (class 6003): an event and no finding, for whoever correlates it further.
fn taken(pull: &PullRow<'_>) -> Value {
    let (status_id, status) = match pull.end {
        PullEnd::Layers | PullEnd::Manifest => (1, "Success"),
        PullEnd::Refused | PullEnd::NotThere => (2, "Failure"),
    };
    let millis = |time| instant::micros(time).map(|micros| micros.div_euclid(1_000));
    let client = pull.client.as_ref();
    let address = client.and_then(|client| client.source_ip.as_deref());
    let agent = client.and_then(|client| client.user_agent.as_deref());
    let address = address.filter(|text| text.parse::<IpAddr>().is_ok());
    // The schema wants an endpoint; where the front hides the caller, that is all there is.
    let front = address.is_none().then_some("ecr.amazonaws.com");
    filled(json!({
        "activity_id": 2,
        "activity_name": "Read",
        "category_uid": 6,
        "category_name": "Application Activity",
        "class_uid": 6003,
        "class_name": "API Activity",
        "type_uid": 600_302,
        "type_name": "API Activity: Read",
        "time": millis(&pull.last),
        "start_time": millis(&pull.first),
        "end_time": millis(&pull.last),
        "severity_id": 1,
        "severity": "Informational",
        "status_id": status_id,
        "status": status,
        "status_code": pull.error_code,
        "status_detail": pull.error_message,
        "message": pull_text(pull),
        "metadata": metadata("uid", Some(&pull.id)),
        "cloud": {
            "provider": "AWS",
            "account": { "uid": pull.registry },
            "region": pull.region,
        },
        "actor": { "user": user(&pull.identity, None) },
        "api": {
            "operation": "BatchGetImage",
            "service": { "name": "ecr.amazonaws.com" },
        },
        "src_endpoint": { "ip": address, "svc_name": front },
        "http_request": agent.map(|agent| json!({ "user_agent": agent })),
        "resources": [{
            "name": pull.repository,
            "uid": pull.digest,
            "type": "AWS::ECR::Repository",
            "region": pull.region,
        }],
    }))
}

/// `push of shop/api:3.2.0 failed: ImageTagAlreadyExistsException on ecr:PutImage`.
fn title(push: &SessionRow<'_>) -> String {
    let cause = push.cause.as_ref().map(attention::cause);
    format!(
        "push of {} {}: {}",
        story::reference(push),
        push.status,
        cause.unwrap_or_default()
    )
}

/// The repository that was pushed to.
fn resource(push: &SessionRow<'_>) -> Value {
    let name = push.repository.as_deref();
    let arn = name.zip(push.registry.as_deref()).map(|(name, registry)| {
        let region = push.region.as_deref().unwrap_or_default();
        match push.service {
            Service::Ecr => format!("arn:aws:ecr:{region}:{registry}:repository/{name}"),
            Service::EcrPublic => format!("arn:aws:ecr-public::{registry}:repository/{name}"),
        }
    });
    let tags = push.image.as_ref().map(|image| &image.tags);
    json!({
        "uid": arn,
        "name": name.unwrap_or("(no repository named)"),
        "type": match push.service {
            Service::Ecr => "AWS::ECR::Repository",
            Service::EcrPublic => "AWS::ECR::PublicRepository",
        },
        "region": push.region,
        "labels": tags.filter(|tags| !tags.is_empty()),
    })
}

/// The calls that the verdict and the findings name; if they name none, the last call.
fn evidences(push: &SessionRow<'_>) -> Vec<Value> {
    let of_reason = push
        .reason
        .as_ref()
        .and_then(|reason| reason.event_id.as_deref());
    let of_findings = push.findings.iter().flat_map(|finding| &finding.events);
    let named: BTreeSet<&str> = of_reason
        .into_iter()
        .chain(of_findings.map(String::as_str))
        .collect();
    let calls = || {
        push.events
            .iter()
            .filter(|event| named.contains(&*event.event_id))
    };
    let mut calls: Vec<EventRow<'_>> = calls().take(MOST_CALLS).collect();
    if calls.is_empty() {
        calls.extend(push.events.iter().last());
    }
    calls.iter().map(|call| evidence(push, call)).collect()
}

/// A call: who, what, from where, and what ECR answered.
fn evidence(push: &SessionRow<'_>, call: &EventRow<'_>) -> Value {
    let shown = call.source_ip.as_deref();
    let address = shown.filter(|text| text.parse::<IpAddr>().is_ok());
    // A service's marker stands where an address would.
    let service = shown.filter(|text| address.is_none() && !text.is_empty());
    let endpoint = match (address, service) {
        (None, None) => Value::Null,
        (address, service) => json!({ "ip": address, "svc_name": service }),
    };
    let response = match call.outcome {
        Outcome::Succeeded => Value::Null,
        Outcome::Failed => json!({
            "error": call.error_code,
            "error_message": call.error_message,
        }),
    };
    json!({
        "uid": call.event_id,
        "actor": { "user": user(&push.identity, call.access_key_id.as_deref()) },
        "api": {
            "operation": call.action.call(),
            "service": { "name": match push.service {
                Service::Ecr => "ecr.amazonaws.com",
                Service::EcrPublic => "ecr-public.amazonaws.com",
            } },
            "request": call.request_id.as_ref().map(|id| json!({ "uid": id })),
            "response": response,
        },
        "src_endpoint": endpoint,
        "http_request": call.user_agent.as_ref().map(|agent| json!({ "user_agent": agent })),
    })
}

fn user(identity: &IdentityRow<'_>, key: Option<&str>) -> Value {
    json!({
        "name": identity.name,
        "uid": identity.arn,
        "uid_alt": identity.principal_id,
        "type": identity.kind,
        "credential_uid": key,
        "account": identity.account.as_ref().map(|account| json!({ "uid": account })),
    })
}

/// A value without members that are null or empty, as the schema takes neither.
fn filled(value: Value) -> Value {
    let is_filled = |value: &Value| match value {
        Value::Null => false,
        Value::Object(members) => !members.is_empty(),
        Value::Array(values) => !values.is_empty(),
        Value::Bool(_) | Value::Number(_) | Value::String(_) => true,
    };
    match value {
        Value::Object(members) => {
            let members = members
                .into_iter()
                .map(|(name, value)| (name, filled(value)));
            Value::Object(members.filter(|(_, value)| is_filled(value)).collect())
        }
        Value::Array(values) => values.into_iter().map(filled).filter(is_filled).collect(),
        value @ (Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_)) => value,
    }
}

/// Who says it and from what, with one more member about the event.
fn metadata(name: &'static str, value: Option<&str>) -> Value {
    json!({
        "version": VERSION,
        "profiles": ["cloud"],
        "product": {
            "name": "reconstruct",
            "vendor_name": "reconstruct",
            "version": env!("CARGO_PKG_VERSION"),
        },
        "log_provider": "AWS CloudTrail",
        name: value,
    })
}
