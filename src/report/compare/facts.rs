//! What a comparison needs of a push: the same of a log and of an earlier report.
//!
//! Comes in: a session's position, or what a report says of a push. Goes out: one small struct a push, and tables of
//! the names in them. Never: what tells two pushes of one pusher apart, as the name of a session does.

use std::borrow::Cow;

use chrono::{DateTime, Utc};

use crate::event::intern::id_type;
use crate::event::{Service, Table, TextId, Texts};
use crate::finding::Severity;
use crate::report::content::Contents;
use crate::report::parts::Report;
use crate::report::reason;
use crate::report::row::{PushGroup, ReasonKind, Text};
use crate::report::session;
use crate::words;

/// What either source says of a push.
#[derive(Clone, Debug)]
pub(super) struct PushFacts<'a> {
    /// The id, as a number.
    pub(super) id: u64,
    /// When it began.
    pub(super) first: DateTime<Utc>,
    /// Its group.
    pub(super) group: PushGroup,
    /// The worst of its findings.
    pub(super) severity: Option<Severity>,
    /// The kind of its reason, and the error code.
    pub(super) reason: Option<(ReasonKind, Option<Text<'a>>)>,
    /// The caller, for people.
    pub(super) who: Text<'a>,
    /// The caller's account.
    pub(super) account: Option<Text<'a>>,
    /// ECR or ECR Public.
    pub(super) service: Service,
    /// The account that owns the registry.
    pub(super) registry: Option<Text<'a>>,
    /// The region.
    pub(super) region: Option<Text<'a>>,
    /// The repository's name.
    pub(super) repository: Option<Text<'a>>,
    /// The caller's address.
    pub(super) address: Option<Text<'a>>,
    /// The VPC endpoint of the same call.
    pub(super) endpoint: Option<Text<'a>>,
    /// The program of the same call.
    pub(super) user_agent: Option<Text<'a>>,
    /// Seconds from first to last.
    pub(super) duration_s: i64,
    /// The size of the image, if it was accepted.
    pub(super) size_bytes: Option<u64>,
}

/// What the report says of the push at a position.
pub(super) fn of_log<'a>(report: &Report<'a>, position: usize) -> PushFacts<'a> {
    let session = &report.parts.sessions.sessions[position];
    let tables = &report.parts.log.tables;
    let identity = tables.identities.get(session.identity);
    let repository = session.repository.map(|id| tables.repositories.get(id));
    let text = |text: &'a str| (!text.is_empty()).then_some(Cow::Borrowed(text));
    let client = session::client(report, session);
    let (address, endpoint, user_agent) = match client {
        Some(client) => (client.source_ip, client.vpc_endpoint_id, client.user_agent),
        None => (None, None, None),
    };
    let image = Contents::of(report, session).image();
    let findings = report.findings_of(position);
    PushFacts {
        id: session.id.0 & ID_BITS,
        first: session.first,
        group: PushGroup::of(&session.status),
        severity: findings.map(|finding| finding.severity).max(),
        reason: reason::row(report, session).map(|reason| (reason.kind, reason.error_code)),
        who: Cow::Owned(words::who(identity)),
        account: identity.account.as_deref().map(Cow::Borrowed),
        service: session::service(report, session),
        registry: repository.and_then(|repository| text(&repository.registry)),
        region: session::region(report, session).and_then(text),
        repository: repository.and_then(|repository| text(&repository.name)),
        address,
        endpoint,
        user_agent,
        duration_s: (session.last - session.first).num_seconds(),
        size_bytes: image.and_then(|image| image.size_bytes).map(|size| size.0),
    }
}

/// The bits of an id that reports show.
const ID_BITS: u64 = 0xffff_ffff_ffff;

id_type! {
    /// A pusher: its name, and the account if it has one alone.
    pub(super) PusherId
}
id_type! {
    /// A repository with its registry and region.
    pub(super) PlaceId
}
id_type! {
    /// An address with its VPC endpoint.
    pub(super) AddressId
}

/// A repository by its names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct PlaceKey {
    pub(super) service: Service,
    pub(super) registry: Option<TextId>,
    pub(super) region: Option<TextId>,
    pub(super) repository: Option<TextId>,
}

/// How a push failed: the reason, and the error code if a call was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct FailureCause {
    pub(super) kind: ReasonKind,
    pub(super) code: Option<TextId>,
}

/// One push of a side.
#[derive(Clone, Copy, Debug)]
pub(super) struct Compared {
    pub(super) id: u64,
    pub(super) first: DateTime<Utc>,
    pub(super) group: PushGroup,
    pub(super) pusher: PusherId,
    pub(super) place: PlaceId,
    pub(super) address: Option<AddressId>,
    pub(super) program: Option<TextId>,
    pub(super) version: Option<TextId>,
    /// Why it came to nothing, if it did.
    pub(super) cause: Option<FailureCause>,
    /// Whether it came to nothing and no later run made it good.
    pub(super) is_unresolved: bool,
    pub(super) duration_s: u64,
    pub(super) size_bytes: Option<u64>,
}

/// The names of all sides, once each.
#[derive(Debug, Default)]
pub(super) struct NameTables {
    pub(super) texts: Texts,
    pub(super) pushers: Table<PusherId, (TextId, Option<TextId>)>,
    pub(super) places: Table<PlaceId, PlaceKey>,
    pub(super) addresses: Table<AddressId, (TextId, Option<TextId>)>,
}

impl NameTables {
    /// The small struct of a push.
    pub(super) fn add(&mut self, facts: &PushFacts<'_>) -> Compared {
        let (name, account) = words::pusher(&facts.who, facts.account.as_deref());
        let pusher = (self.text(name), account.map(|text| self.text(text)));
        let place = PlaceKey {
            service: facts.service,
            registry: self.optional(&facts.registry),
            region: self.optional(&facts.region),
            repository: self.optional(&facts.repository),
        };
        let endpoint = self.optional(&facts.endpoint);
        let address = self.optional(&facts.address).map(|ip| (ip, endpoint));
        let program = facts.user_agent.as_deref().and_then(program);
        let failed = match facts.group {
            PushGroup::Failed | PushGroup::Incomplete => facts.reason.as_ref(),
            PushGroup::Undetermined
            | PushGroup::Complete
            | PushGroup::Unchanged
            | PushGroup::NothingSent => None,
        };
        Compared {
            id: facts.id,
            first: facts.first,
            group: facts.group,
            pusher: self.pushers.intern(&pusher, || pusher),
            place: self.places.intern(&place, || place),
            address: address.map(|address| self.addresses.intern(&address, || address)),
            program: program.map(|(name, _)| self.text(name)),
            version: program.and_then(|(_, version)| Some(self.text(version?))),
            cause: failed.map(|(kind, code)| FailureCause {
                kind: *kind,
                code: self.optional(code),
            }),
            is_unresolved: failed.is_some() && facts.severity == Some(Severity::Error),
            duration_s: u64::try_from(facts.duration_s).unwrap_or(0),
            size_bytes: facts.size_bytes,
        }
    }

    /// The text of an id.
    pub(super) fn get(&self, id: TextId) -> String {
        self.texts.get(id).to_string()
    }

    fn text(&mut self, text: &str) -> TextId {
        self.texts.intern(text, || text.into())
    }

    fn optional(&mut self, text: &Option<Text<'_>>) -> Option<TextId> {
        text.as_deref().map(|text| self.text(text))
    }
}

/// The name and the version of a program, by the first word of its user agent: `docker` and `28.0.1`.
fn program(agent: &str) -> Option<(&str, Option<&str>)> {
    let word = agent.split_whitespace().next()?;
    // The console of S3 sets its word in brackets.
    let word = word
        .trim_start_matches('[')
        .trim_end_matches([']', ',', ';']);
    let (name, version) = word.split_once('/').unwrap_or((word, ""));
    let version = Some(version).filter(|version| !version.is_empty());
    (!name.is_empty()).then_some((name, version))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_is_the_first_word_of_its_user_agent() {
        let docker = "docker/28.0.1 go/go1.23.6 git-commit/bbd0a17 os/linux";
        for (agent, read) in [
            (docker, Some(("docker", Some("28.0.1")))),
            ("aws-cli/2.15.30", Some(("aws-cli", Some("2.15.30")))),
            (
                "[S3Console/0.4, aws-internal/3]",
                Some(("S3Console", Some("0.4"))),
            ),
            (
                "console.amazonaws.com",
                Some(("console.amazonaws.com", None)),
            ),
            ("crane/", Some(("crane", None))),
            ("/1.0", None),
            ("  ", None),
            ("", None),
        ] {
            assert_eq!(program(agent), read, "{agent}");
        }
    }
}
