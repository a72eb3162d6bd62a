//! Criteria of a selection, resolved for one log.
//!
//! Comes in: a filter. Goes out: for each of its options, whether a push or an event matches, and which values
//! the log has instead. Never: a change to what is said about a push.

use std::borrow::Cow;
use std::collections::BTreeSet;

use crate::event::log::ContextEvent;
use crate::event::{Action, Client, Credential, DigestId, Event, EventId, EventLog, Identity};
use crate::event::{ParamKind, Principal, RepositoryId, Service, TextId};
use crate::pattern::Pattern;
use crate::report::behind;
use crate::report::filter::{Filter, Period, Property, Selector, selects};
use crate::report::image_ref::{ImageRef, Target};
use crate::report::parts::Report;
use crate::report::row::{HintRow, PushGroup, SelectionRow, Text};
use crate::session::Session;
use crate::words;

/// How many values of the log are named at most if a criterion selects nothing.
const MOST_THERE: usize = 12;

/// One option with its values, resolved for one log.
pub(super) enum Criterion<'f> {
    Period(Period),
    Property(Property, &'f [Pattern]),
    Images(&'f [ImageRef], Vec<Wanted>),
}

/// A reference as ids of one log.
#[derive(Debug)]
pub(super) struct Wanted {
    /// The repositories it can mean: one, or several if the alias of a public registry is not known.
    repositories: BTreeSet<RepositoryId>,
    target: WantedTarget,
}

/// What a reference names; `None` if the log never mentions it.
#[derive(Clone, Copy, Debug)]
pub(super) enum WantedTarget {
    /// A tag.
    Tag(Option<TextId>),
    /// A digest.
    Digest(Option<DigestId>),
    /// Everything in the repository.
    Repository,
}

impl Wanted {
    /// Looks up the parts of a reference in a log.
    pub(super) fn find(log: &EventLog, image: &ImageRef) -> Self {
        let owners = match image.service {
            Service::Ecr => Some(BTreeSet::from([&*image.registry])),
            Service::EcrPublic => owners_of_alias(log, &image.registry),
        };
        let is_meant = |id: &RepositoryId| {
            let repository = log.tables.repositories.get(*id);
            let owner = &*repository.registry;
            repository.service == image.service
                && repository.region == image.region
                && repository.name == image.name
                && (owner.is_empty() || owners.as_ref().is_none_or(|owners| owners.contains(owner)))
        };
        let ids = log.tables.repositories.iter().map(|(id, _)| id);
        Self {
            repositories: ids.filter(is_meant).collect(),
            target: match &image.target {
                Target::Tag(tag) => WantedTarget::Tag(log.tables.texts.find(&**tag)),
                Target::Digest(digest) => WantedTarget::Digest(log.tables.digests.find(digest)),
                Target::Repository => WantedTarget::Repository,
            },
        }
    }

    /// The same tag or digest in every other repository of that name.
    pub(super) fn elsewhere(log: &EventLog, image: &ImageRef) -> Self {
        let Self {
            repositories: here,
            target,
        } = Self::find(log, image);
        let named = log.tables.repositories.iter();
        let named = named.filter(|(_, repository)| repository.name == image.name);
        let named = named.map(|(id, _)| id).filter(|id| !here.contains(id));
        Self {
            repositories: named.collect(),
            target,
        }
    }

    /// All of one repository.
    pub(super) fn repository(id: RepositoryId) -> Self {
        Self {
            repositories: BTreeSet::from([id]),
            target: WantedTarget::Repository,
        }
    }

    /// The repositories that it can mean.
    pub(super) fn repositories(&self) -> &BTreeSet<RepositoryId> {
        &self.repositories
    }

    /// Whether a repository is one that the reference can mean.
    pub(super) fn is_in(&self, repository: Option<RepositoryId>) -> bool {
        repository.is_some_and(|id| self.repositories.contains(&id))
    }

    /// What the reference names.
    pub(super) fn target(&self) -> WantedTarget {
        self.target
    }

    /// Whether a call puts the image, or tries to; of a repository, whether it is a call on it.
    pub(super) fn is_put_by(&self, event: &Event) -> bool {
        let put = event.action.put();
        self.is_in(event.repository)
            && match self.target {
                WantedTarget::Tag(tag) => tag.is_some() && event.action.tag() == tag,
                WantedTarget::Digest(digest) => {
                    digest.is_some() && put.and_then(|put| put.digest.best()) == digest
                }
                WantedTarget::Repository => true,
            }
    }
}

/// The accounts of the registries with an alias; `None` if the log names none.
///
/// Records of ECR Public name the account. Only `CreateRepository` also gives the alias, in the repository's
/// address.
fn owners_of_alias<'l>(log: &'l EventLog, alias: &str) -> Option<BTreeSet<&'l str>> {
    let created = log.context.iter().filter_map(|event| {
        let uri = log
            .text(event.one(ParamKind::Uri)?)
            .strip_prefix("public.ecr.aws/")?;
        let (of, _) = uri.split_once('/')?;
        (of == alias).then_some(log.tables.repositories.get(event.repository?))
    });
    let owners: BTreeSet<&str> = created.map(|repository| &*repository.registry).collect();
    (!owners.is_empty()).then_some(owners)
}

/// The options of a filter that ask for something, in order.
pub(super) fn criteria<'f>(log: &EventLog, filter: &'f Filter) -> Vec<Criterion<'f>> {
    let mut criteria = Vec::new();
    if !filter.period.is_always() {
        criteria.push(Criterion::Period(filter.period));
    }
    let patterns = filter.patterns.iter();
    let patterns = patterns.filter(|(_, patterns)| !patterns.is_empty());
    criteria.extend(patterns.map(|(&property, patterns)| Criterion::Property(property, patterns)));
    if !filter.images.is_empty() {
        let wanted = filter.images.iter().map(|image| Wanted::find(log, image));
        criteria.push(Criterion::Images(&filter.images, wanted.collect()));
    }
    criteria
}

impl Criterion<'_> {
    pub(super) fn holds_for_push(&self, report: &Report<'_>, position: usize) -> bool {
        let parts = &report.parts;
        let session = &parts.sessions.sessions[position];
        let own = || session.sequence.iter().map(|&id| parts.log.event(id));
        match self {
            Self::Period(period) => own().any(|event| period.contains(event.time)),
            Self::Property(property, patterns) => {
                let mut texts = texts_of_push(report, position, *property);
                if *property == Property::Identity {
                    texts.extend(subject(report, session));
                }
                selects(*property, patterns, &texts)
            }
            Self::Images(_, wanted) => {
                own().any(|event| wanted.iter().any(|wanted| wanted.is_put_by(event)))
            }
        }
    }

    pub(super) fn holds_for_event(&self, report: &Report<'_>, id: EventId) -> bool {
        let event = report.parts.log.event(id);
        match self {
            Self::Period(period) => period.contains(event.time),
            Self::Property(property, patterns) => {
                let texts = texts_of_event(report, id, *property);
                !texts.is_empty() && selects(*property, patterns, &texts)
            }
            Self::Images(_, wanted) => wanted.iter().any(|wanted| wanted.is_put_by(event)),
        }
    }

    /// The option.
    pub(super) fn option(&self) -> Selector {
        match self {
            Self::Period(_) => Selector::Period,
            Self::Property(property, _) => Selector::Property(*property),
            Self::Images(..) => Selector::Image,
        }
    }

    /// Whether it lets a call outside pushes into a history. Only a caller and a time can be asked of one.
    pub(super) fn holds_for_beside(&self, log: &EventLog, event: &ContextEvent) -> bool {
        let (property, patterns) = match self {
            Self::Period(period) => return period.contains(event.time),
            Self::Images(..) => return true,
            Self::Property(property, patterns) => (*property, patterns),
        };
        let client = log.tables.clients.get(event.client);
        let mut texts = Vec::new();
        match property {
            Property::Identity => {
                texts_of_identity(log.tables.identities.get(event.identity), &mut texts);
            }
            Property::Address | Property::Client => {
                texts.extend(shown_by(client, property).map(Cow::Borrowed));
            }
            Property::Account
            | Property::Region
            | Property::Repository
            | Property::Tag
            | Property::Digest
            | Property::Status
            | Property::Finding
            | Property::Attention
            | Property::Push => return true,
        }
        selects(property, patterns, &texts)
    }

    /// Whether a finding of this code about a call outside pushes is asked for: what the call shows has to match, and a
    /// call about a whole registry is about every repository in it. What only a push has, such as a status, asks for
    /// none.
    pub(super) fn holds_for_call(
        &self,
        log: &EventLog,
        event: &ContextEvent,
        code: &'static str,
    ) -> bool {
        let repository = event.repository.map(|id| log.tables.repositories.get(id));
        let (property, patterns) = match self {
            Self::Period(_) => return self.holds_for_beside(log, event),
            Self::Images(_, wanted) => {
                let mut wanted = wanted.iter();
                return repository.is_none() || wanted.any(|one| one.is_in(event.repository));
            }
            Self::Property(property, patterns) => (*property, patterns),
        };
        let mut texts: Vec<Text<'_>> = Vec::new();
        match property {
            Property::Identity | Property::Address | Property::Client => {
                return self.holds_for_beside(log, event);
            }
            Property::Repository => match repository {
                Some(repository) => texts.push(Cow::Borrowed(&repository.name)),
                None => return true,
            },
            Property::Account => {
                let owner = repository.map(|repository| &*repository.registry);
                texts.push(Cow::Borrowed(
                    owner.unwrap_or_else(|| log.text(event.recipient)),
                ));
                let caller = log.tables.identities.get(event.identity);
                texts.extend(caller.account.as_deref().map(Cow::Borrowed));
            }
            Property::Region => texts.push(Cow::Borrowed(log.text(event.region))),
            Property::Tag => texts.extend(event.tags.iter().map(|&tag| log.text(tag).into())),
            Property::Digest => {
                let digests = event.digests.iter();
                let digests = digests.map(|&id| log.tables.digests.get(id));
                texts.extend(digests.map(|digest| digest.to_string().into()));
            }
            Property::Finding => texts.push(Cow::Borrowed(code)),
            Property::Status | Property::Attention | Property::Push => return false,
        }
        !texts.is_empty() && selects(property, patterns, &texts)
    }

    /// Whether it names a repository that a call outside pushes names, though perhaps no push.
    pub(super) fn names_known_repository(&self, log: &EventLog) -> bool {
        let named = log.context.iter().filter_map(|event| event.repository);
        let named: BTreeSet<RepositoryId> = named.collect();
        let mut named = named.into_iter();
        match self {
            Self::Property(Property::Repository, patterns) => named.any(|id| {
                let name = [&*log.tables.repositories.get(id).name];
                selects(Property::Repository, patterns, &name)
            }),
            Self::Images(_, wanted) => named.any(|id| {
                let mut wanted = wanted.iter();
                wanted.any(|one| {
                    matches!(one.target, WantedTarget::Repository) && one.is_in(Some(id))
                })
            }),
            Self::Property(..) | Self::Period(_) => false,
        }
    }

    /// What was asked for, how many pushes it selects by itself and, if none, which values the log has.
    pub(super) fn row(
        &self,
        report: &Report<'_>,
        pushes: u64,
        hints: Vec<HintRow>,
    ) -> SelectionRow {
        let values = match self {
            Self::Period(period) => period_texts(period),
            Self::Property(_, patterns) => {
                let texts = patterns.iter().map(|pattern| pattern.text().to_owned());
                texts.collect()
            }
            Self::Images(images, _) => {
                let texts = images.iter().map(|image| image.text.to_string());
                texts.collect()
            }
        };
        let mut there = BTreeSet::new();
        if pushes == 0 {
            for position in 0..report.parts.sessions.sessions.len() {
                self.add_there(report, position, &mut there);
            }
        }
        SelectionRow {
            option: self.option(),
            values,
            pushes,
            hints,
            there_more: there.len().saturating_sub(MOST_THERE) as u64,
            there: there.into_iter().take(MOST_THERE).collect(),
        }
    }

    /// Adds the values that a push has instead of those asked for.
    fn add_there(&self, report: &Report<'_>, position: usize, there: &mut BTreeSet<String>) {
        let parts = &report.parts;
        let session = &parts.sessions.sessions[position];
        match self {
            // The first and last time say enough.
            Self::Period(_) => {
                let (first, last) = (words::time(session.first), words::time(session.last));
                let first = there
                    .pop_first()
                    .map_or(first.clone(), |old| old.min(first));
                let last = there.pop_last().map_or(last.clone(), |old| old.max(last));
                there.extend([first, last]);
            }
            Self::Property(Property::Identity, _) => {
                let identity = parts.log.tables.identities.get(session.identity);
                there.insert(words::who(identity));
            }
            // There are too many blobs for a list to help.
            Self::Property(Property::Digest, _) => {
                let root = session.root().and_then(|root| root.digest);
                there.extend(root.map(|root| parts.log.tables.digests.get(root).to_string()));
            }
            Self::Property(property, _) => {
                let texts = texts_of_push(report, position, *property);
                there.extend(texts.into_iter().map(Cow::into_owned));
            }
            Self::Images(images, _) => {
                let named: BTreeSet<&str> = images.iter().map(|image| &*image.name).collect();
                let log = parts.log;
                let repository = session.repository;
                let name = repository.map(|id| &*log.tables.repositories.get(id).name);
                let Some(name) = name.filter(|name| named.contains(name)) else {
                    return;
                };
                let tags = texts_of_push(report, position, Property::Tag);
                there.extend(tags.iter().map(|tag| format!("{name}:{tag}")));
            }
        }
    }
}

/// Who stands behind the caller, if roles were traced.
fn subject<'a>(report: &Report<'a>, session: &Session) -> Option<Text<'a>> {
    behind::row(report, session)?.subject
}

fn period_texts(period: &Period) -> Vec<String> {
    let since = period
        .since
        .map(|since| format!("since {}", words::time(since)));
    let until = period
        .until
        .map(|until| format!("until {}", words::time(until)));
    since.into_iter().chain(until).collect()
}

/// The texts of a property that a push has; its patterns are matched against each.
pub(super) fn texts_of_push<'a>(
    report: &Report<'a>,
    position: usize,
    property: Property,
) -> Vec<Text<'a>> {
    let log = report.parts.log;
    let session = &report.parts.sessions.sessions[position];
    let repository = session.repository.map(|id| log.tables.repositories.get(id));
    let identity = log.tables.identities.get(session.identity);
    let own = || session.sequence.iter().map(|&id| log.event(id));
    let mut texts: Vec<Text<'a>> = Vec::new();
    let mut add = |text: Option<&'a str>| {
        let text = text.filter(|text| !text.is_empty());
        texts.extend(text.map(Cow::Borrowed));
    };
    match property {
        Property::Account => {
            add(repository.map(|repository| &*repository.registry));
            add(identity.account.as_deref());
        }
        Property::Region => {
            let region = repository.map(|repository| &*repository.region);
            let of_call = || own().next().map(|event| log.text(event.region));
            add(region.filter(|region| !region.is_empty()).or_else(of_call));
        }
        Property::Repository => add(repository.map(|repository| &*repository.name)),
        Property::Identity => {
            texts_of_identity(identity, &mut texts);
            let keys = session.credentials.iter().copied();
            let keys = keys.map(|id| log.tables.credentials.get(id));
            keys.for_each(|key| texts_of_credential(key, &mut texts));
            if let Some(link) = &session.authorization {
                let login = log.event(link.event);
                texts_of_backing(log.tables.identities.get(login.identity), &mut texts);
                let key = log.tables.credentials.get(login.credential);
                texts.extend(key.sign_in_session.as_deref().map(Cow::Borrowed));
            }
        }
        Property::Tag => own().for_each(|event| add(event.action.tag().map(|tag| log.text(tag)))),
        Property::Digest => {
            let digests = digests_of_push(log, session);
            let digests = digests.iter().map(|&id| log.tables.digests.get(id));
            texts.extend(digests.map(|digest| Cow::Owned(digest.to_string())));
        }
        Property::Status => {
            let group = PushGroup::of(&session.status);
            add(Some(group.status().name()));
            add(Some(group.name()).filter(|_| group == PushGroup::NothingSent));
        }
        Property::Address | Property::Client => {
            let login = session
                .authorization
                .as_ref()
                .map(|link| log.event(link.event));
            own()
                .chain(login)
                .for_each(|event| add(shown(log, event, property)));
        }
        Property::Finding => report
            .findings_of(position)
            .for_each(|finding| add(Some(finding.code))),
        Property::Attention => add(Some(report.attention_of(position).name())),
        Property::Push => texts.push(Cow::Owned(session.id.to_string())),
    }
    texts
}

/// The address that a call shows, or its program.
fn shown<'a>(log: &'a EventLog, event: &Event, property: Property) -> Option<&'a str> {
    shown_by(log.tables.clients.get(event.client), property)
}

fn shown_by(client: &Client, property: Property) -> Option<&str> {
    match property == Property::Address {
        true => client.source_ip.as_deref().filter(|_| client.is_direct()),
        false => client.user_agent.as_deref(),
    }
}

/// The texts of a property that an event outside every push has.
fn texts_of_event<'a>(report: &Report<'a>, id: EventId, property: Property) -> Vec<Text<'a>> {
    let log = report.parts.log;
    let event = log.event(id);
    let tables = &log.tables;
    let repository = event.repository.map(|id| tables.repositories.get(id));
    let identity = tables.identities.get(event.identity);
    let mut texts: Vec<Text<'a>> = Vec::new();
    match property {
        Property::Account => {
            let registry = repository.map(|repository| &*repository.registry);
            let registry = registry.unwrap_or_else(|| log.text(event.recipient));
            texts.push(Cow::Borrowed(registry));
            texts.extend(identity.account.as_deref().map(Cow::Borrowed));
        }
        Property::Region => texts.push(Cow::Borrowed(log.text(event.region))),
        Property::Repository => {
            texts.extend(repository.map(|repository| Cow::Borrowed(&*repository.name)));
        }
        Property::Identity => {
            texts_of_identity(identity, &mut texts);
            texts_of_credential(tables.credentials.get(event.credential), &mut texts);
        }
        Property::Tag => texts.extend(event.action.tag().map(|tag| Cow::Borrowed(log.text(tag)))),
        Property::Digest => {
            let mut digests = BTreeSet::new();
            digests_of_event(event, &mut digests);
            let digests = digests.iter().map(|&id| tables.digests.get(id));
            texts.extend(digests.map(|digest| Cow::Owned(digest.to_string())));
        }
        Property::Status | Property::Attention | Property::Push => {}
        Property::Address | Property::Client => {
            texts.extend(shown(log, event, property).map(Cow::Borrowed));
        }
        Property::Finding => {
            let codes = report.index.codes_of_login(&report.parts, id);
            texts.extend(codes.iter().map(|&code| Cow::Borrowed(code)));
        }
    }
    texts
}

fn texts_of_identity<'a>(identity: &'a Identity, texts: &mut Vec<Text<'a>>) {
    texts.push(Cow::Owned(words::who(identity)));
    let fields = [&identity.arn, &identity.principal_id, &identity.user_name];
    texts_of_backing(identity, texts);
    texts.extend(
        fields
            .into_iter()
            .flatten()
            .map(|text| Cow::Borrowed(&**text)),
    );
    let names: [&str; 2] = match &identity.principal {
        Principal::AssumedRole { role, session_name } => [role, session_name],
        Principal::IamUser { name }
        | Principal::FederatedUser { name }
        | Principal::AwsService { name } => [name, ""],
        Principal::Root | Principal::AwsAccount { .. } | Principal::Unknown => ["", ""],
    };
    let names = names.into_iter().filter(|name| !name.is_empty());
    texts.extend(names.map(Cow::Borrowed));
}

/// Who and what stands behind a caller.
fn texts_of_backing<'a>(identity: &'a Identity, texts: &mut Vec<Text<'a>>) {
    let fields = identity.backing.iter().flat_map(|backing| {
        [
            &backing.source_identity,
            &backing.on_behalf_of,
            &backing.issued_to,
            &backing.source_arn,
            &backing.invoked_by,
        ]
    });
    texts.extend(fields.flatten().map(|text| Cow::Borrowed(&**text)));
}

fn texts_of_credential<'a>(credential: &'a Credential, texts: &mut Vec<Text<'a>>) {
    let fields = [&credential.access_key_id, &credential.sign_in_session];
    let shown = fields.into_iter().flatten();
    texts.extend(shown.map(|text| Cow::Borrowed(&**text)));
}

/// The digests that a push's calls name and its manifests list.
fn digests_of_push(log: &EventLog, session: &Session) -> BTreeSet<DigestId> {
    let mut digests = BTreeSet::new();
    for &id in &session.sequence {
        digests_of_event(log.event(id), &mut digests);
    }
    let manifests = session.manifests.iter().filter_map(|put| put.manifest);
    for manifest in manifests.map(|id| log.tables.manifests.get(id)) {
        digests.extend(manifest.blobs().map(|blob| blob.digest));
        digests.extend(manifest.children().iter().map(|child| child.digest));
    }
    digests
}

fn digests_of_event(event: &Event, digests: &mut BTreeSet<DigestId>) {
    match &event.action {
        Action::BatchCheckLayerAvailability { digests: asked, .. } => digests.extend(asked),
        Action::CompleteLayerUpload { .. } => digests.extend(event.action.completed_digest()),
        Action::PutImage(put) => digests.extend(put.digest.best()),
        Action::GetAuthorizationToken
        | Action::InitiateLayerUpload { .. }
        | Action::UploadLayerPart { .. } => {}
    }
}
