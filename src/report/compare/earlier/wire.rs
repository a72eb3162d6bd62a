//! The fields of an earlier report that a comparison reads.
//!
//! Comes in: values as JSON has them. Goes out: facts, or what is odd about them. Never: a word that reports do not have.

use std::borrow::Cow;
use std::fmt;

use chrono::{DateTime, Utc};
use serde::Deserialize;

use crate::event::Service;
use crate::finding::Severity;
use crate::ingest::coverage::Source;
use crate::report::compare::extent::SourceSpan;
use crate::report::compare::facts::PushFacts;
use crate::report::row::{PushGroup, PushStatus, ReasonKind, Text};
use crate::words;

/// The most characters of a text that a message quotes.
const MOST_QUOTED: usize = 60;

/// What is not as reports have it.
pub(super) enum Odd {
    /// A field is absent, or null.
    Missing(&'static str),
    /// A value, and what was expected.
    Value(String, String),
}

impl Odd {
    pub(super) fn value(text: &str, expected: &str) -> Self {
        Self::Value(words::shorten(text, MOST_QUOTED), expected.to_owned())
    }
}

impl fmt::Display for Odd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing(field) => write!(f, "it has no `{field}`"),
            Self::Value(text, expected) => write!(f, "`{text}`, expected {expected}"),
        }
    }
}

/// A push, as far as a comparison reads it.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct ReadPush {
    pub(super) id: Option<String>,
    pub(super) status: Option<String>,
    pub(super) reason: Option<ReadReason>,
    pub(super) service: Option<String>,
    pub(super) registry: Option<String>,
    pub(super) region: Option<String>,
    pub(super) repository: Option<String>,
    pub(super) identity: Option<ReadIdentity>,
    pub(super) client: Option<ReadClient>,
    pub(super) image: Option<ReadImage>,
    pub(super) first: Option<String>,
    pub(super) duration_s: Option<i64>,
    pub(super) findings: Vec<ReadFinding>,
}

#[derive(Debug, Deserialize)]
pub(super) struct ReadReason {
    kind: String,
    error_code: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct ReadIdentity {
    name: String,
    account: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct ReadClient {
    source_ip: Option<String>,
    user_agent: Option<String>,
    vpc_endpoint_id: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct ReadImage {
    size_bytes: Option<u64>,
}

#[derive(Debug, Deserialize)]
pub(super) struct ReadFinding {
    severity: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct ReadCoverage {
    pub(super) spans: Vec<ReadSpan>,
    pub(super) holes: Vec<ReadSpan>,
}

/// A span, or a hole in one.
#[derive(Debug, Deserialize)]
pub(super) struct ReadSpan {
    pub(super) account: String,
    pub(super) region: String,
    pub(super) from: String,
    pub(super) to: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct ReadCriterion {
    pub(super) option: String,
    pub(super) values: Vec<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct ReadWindow {
    pub(super) window_s: u64,
}

impl ReadPush {
    pub(super) fn facts(&self) -> Result<PushFacts<'_>, Odd> {
        let identity = self.identity.as_ref().ok_or(Odd::Missing("identity"))?;
        let client = self.client.as_ref();
        let status = given(&self.status, "status")?;
        let status = word(PushStatus::ALL, PushStatus::name, status)?;
        let reason = self.reason.as_ref().map(|reason| {
            let kind = word(ReasonKind::ALL, ReasonKind::name, &reason.kind)?;
            Ok((kind, shown(&reason.error_code)))
        });
        let reason = reason.transpose()?;
        let findings = self.findings.iter();
        let severities = findings.map(|row| word(SEVERITIES, Severity::name, &row.severity));
        let severities: Vec<Severity> = severities.collect::<Result<_, _>>()?;
        Ok(PushFacts {
            id: id(given(&self.id, "id")?)?,
            first: instant(given(&self.first, "first")?)?,
            group: group(status, reason.as_ref().map(|(kind, _)| *kind)),
            severity: severities.into_iter().max(),
            reason,
            who: Cow::Borrowed(&identity.name),
            account: shown(&identity.account),
            service: word(SERVICES, Service::name, given(&self.service, "service")?)?,
            registry: shown(&self.registry),
            region: shown(&self.region),
            repository: shown(&self.repository),
            address: client.and_then(|client| shown(&client.source_ip)),
            endpoint: client.and_then(|client| shown(&client.vpc_endpoint_id)),
            user_agent: client.and_then(|client| shown(&client.user_agent)),
            duration_s: self.duration_s.ok_or(Odd::Missing("duration_s"))?,
            size_bytes: self.image.as_ref().and_then(|image| image.size_bytes),
        })
    }
}

impl ReadSpan {
    pub(super) fn read(self) -> Result<SourceSpan, Odd> {
        let source = Source {
            account: self.account.into(),
            region: self.region.into(),
        };
        let (from, to) = (instant(&self.from)?, instant(&self.to)?);
        Ok((source, (from.timestamp(), to.timestamp())))
    }
}

const SEVERITIES: [Severity; 3] = [Severity::Note, Severity::Warning, Severity::Error];
const SERVICES: [Service; 2] = [Service::Ecr, Service::EcrPublic];

fn given<'t>(text: &'t Option<String>, name: &'static str) -> Result<&'t str, Odd> {
    text.as_deref().ok_or(Odd::Missing(name))
}

fn shown(text: &Option<String>) -> Option<Text<'_>> {
    text.as_deref().map(Cow::Borrowed)
}

/// The value of a word.
fn word<T: Copy, const N: usize>(
    all: [T; N],
    name: fn(T) -> &'static str,
    text: &str,
) -> Result<T, Odd> {
    let found = all.into_iter().find(|&value| name(value) == text);
    found.ok_or_else(|| {
        let names: Vec<String> = all.map(|value| format!("`{}`", name(value))).into();
        Odd::value(text, &format!("one of {}", names.join(", ")))
    })
}

/// The number of an id: twelve hexadecimal digits.
fn id(text: &str) -> Result<u64, Odd> {
    let is_hex = text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let number = u64::from_str_radix(text, 16).ok().filter(|_| is_hex);
    number.ok_or_else(|| Odd::value(text, "the id of a push, twelve hexadecimal digits"))
}

pub(super) fn instant(text: &str) -> Result<DateTime<Utc>, Odd> {
    let time = DateTime::parse_from_rfc3339(text).ok();
    let time = time.map(|time| time.with_timezone(&Utc));
    time.ok_or_else(|| Odd::value(text, "an RFC 3339 time"))
}

/// The group of a status, which its reason may decide.
fn group(status: PushStatus, kind: Option<ReasonKind>) -> PushGroup {
    match (status, kind) {
        (PushStatus::Incomplete, Some(ReasonKind::NothingSent)) => PushGroup::NothingSent,
        (PushStatus::Incomplete, _) => PushGroup::Incomplete,
        (PushStatus::Failed, _) => PushGroup::Failed,
        (PushStatus::Undetermined, _) => PushGroup::Undetermined,
        (PushStatus::Complete, _) => PushGroup::Complete,
        (PushStatus::Unchanged, _) => PushGroup::Unchanged,
    }
}
