//! The event log under pseudonyms.
//!
//! Comes in: an event log. Goes out: the same events in the same order, with pseudonyms in every
//! table. Ids stay, except those of texts that are not tags. Never: a number that depends on how
//! events are spread over files: names are numbered as they occur in canonical order.

use crate::event::assume::Assumption;
use crate::event::read::FetchTarget;
use crate::event::redact::{Class, Pseudonyms, Tell};
use crate::event::{Action, ClientId, CredentialId, Descriptor, EventLog, FailureId, Field};
use crate::event::{Failure, IdSet, IdentityId, Manifest, ManifestId, ParamKind, RepositoryId};
use crate::event::{TextId, Texts, Uid};

impl EventLog {
    /// Replaces every name with its pseudonym.
    ///
    /// # Complexity
    /// O(n) in the events, plus the cost of [`Pseudonyms::prose`] for each distinct message.
    pub fn redact(&mut self, names: &mut Pseudonyms) {
        learn(self, names);
        learn_texts(self, names);
        let tags = tags(self);
        let old = std::mem::take(&mut self.tables.texts);
        let mut texts = Retold::new(&old, &tags, names);
        texts.events(self);
        texts.context(self);
        texts.assumptions(self);
        texts.reads(self);
        texts.others(self);
        texts.tables(self);
        self.tables.texts = texts.new;
        redact_tables(self, names);
    }
}

/// The ids seen so far.
#[derive(Default)]
struct Met {
    identities: IdSet<IdentityId>,
    credentials: IdSet<CredentialId>,
    clients: IdSet<ClientId>,
    repositories: IdSet<RepositoryId>,
    failures: IdSet<FailureId>,
    manifests: IdSet<ManifestId>,
}

/// Gives a pseudonym to every name that has its own field.
fn learn(log: &EventLog, names: &mut Pseudonyms) {
    let mut met = Met::default();
    for event in &log.events {
        names.account(log.text(event.recipient));
        learn_repository(log, event.repository, &mut met, names);
        learn_identity(log, event.identity, &mut met, names);
        learn_credential(log, event.credential, &mut met, names);
        learn_address(log, event.client, &mut met, names);
        if let Action::PutImage(put) = &event.action
            && let Some(tag) = put.tag
        {
            names.tag(log.text(tag));
        }
    }
    for event in &log.context {
        learn_repository(log, event.repository, &mut met, names);
        learn_identity(log, event.identity, &mut met, names);
        learn_address(log, event.client, &mut met, names);
        names.account(log.text(event.recipient));
        let spared = event.spared.iter().filter_map(|spared| spared.tag);
        for tag in event.tags.iter().copied().chain(spared) {
            names.tag(log.text(tag));
        }
        for param in &event.params {
            told_as(param.kind)(names, log.text(param.text));
        }
    }
    for event in log.assumptions.iter().flatten() {
        learn_identity(log, event.caller, &mut met, names);
        learn_credential(log, event.credential, &mut met, names);
        learn_address(log, event.client, &mut met, names);
        for (text, tell) in assumed(event) {
            tell(names, log.text(text));
        }
    }
    for read in log.reads.iter().flatten() {
        names.account(log.text(read.recipient));
        learn_repository(log, read.repository, &mut met, names);
        learn_identity(log, read.identity, &mut met, names);
        learn_credential(log, read.credential, &mut met, names);
        learn_address(log, read.client, &mut met, names);
        if let FetchTarget::Image { tag: Some(tag), .. } = read.wanted {
            names.tag(log.text(tag));
        }
    }
    for event in &log.others {
        names.account(log.text(event.recipient));
        learn_repository(log, event.repository, &mut met, names);
        learn_identity(log, event.identity, &mut met, names);
        learn_address(log, event.client, &mut met, names);
    }
}

/// What replaces a parameter of a call outside pushes.
fn told_as(kind: ParamKind) -> Tell {
    match kind {
        ParamKind::Excluded => Pseudonyms::tag,
        ParamKind::Uri | ParamKind::Mutability | ParamKind::StorageClass => Pseudonyms::detail,
        ParamKind::ScanOnPush | ParamKind::Force | ParamKind::ScanType => Pseudonyms::word,
        ParamKind::Setting | ParamKind::Value => Pseudonyms::word,
        ParamKind::Allowed | ParamKind::AllowedIf => Pseudonyms::grantee,
        ParamKind::Account => Pseudonyms::account,
        ParamKind::Region => Pseudonyms::region,
        ParamKind::Repositories | ParamKind::Prefix => Pseudonyms::prefix,
        ParamKind::Profile => Pseudonyms::arn,
        ParamKind::Upstream => Pseudonyms::service,
    }
}

/// The names in a role assumption, each with what replaces it.
fn assumed(event: &Assumption) -> impl Iterator<Item = (TextId, Tell)> {
    let fields: [(Option<TextId>, Tell); 4] = [
        (event.key, |names, key| names.of(Class::Key, key)),
        (event.session, Pseudonyms::arn),
        (event.subject, |names, user| names.of(Class::User, user)),
        (event.provider, Pseudonyms::provider),
    ];
    fields
        .into_iter()
        .filter_map(|(text, tell)| Some((text?, tell)))
}

fn learn_repository(
    log: &EventLog,
    id: Option<RepositoryId>,
    met: &mut Met,
    names: &mut Pseudonyms,
) {
    if let Some(id) = id.filter(|&id| met.repositories.insert(id)) {
        names.repository(log.tables.repositories.get(id));
    }
}

fn learn_identity(log: &EventLog, id: IdentityId, met: &mut Met, names: &mut Pseudonyms) {
    if met.identities.insert(id) {
        names.identity(log.tables.identities.get(id));
    }
}

fn learn_credential(log: &EventLog, id: CredentialId, met: &mut Met, names: &mut Pseudonyms) {
    if met.credentials.insert(id) {
        names.credential(log.tables.credentials.get(id));
    }
}

fn learn_address(log: &EventLog, id: ClientId, met: &mut Met, names: &mut Pseudonyms) {
    if !met.clients.insert(id) {
        return;
    }
    let client = log.tables.clients.get(id);
    if let Some(address) = client.source_ip.as_deref() {
        names.source_ip(address);
    }
    if let Some(endpoint) = client.vpc_endpoint_id.as_deref() {
        names.endpoint(endpoint);
    }
    if let Some(account) = client.vpc_endpoint_account.as_deref() {
        names.account(account);
    }
}

/// Numbers the names in free texts and odd values, after all other names are known.
fn learn_texts(log: &EventLog, names: &mut Pseudonyms) {
    let mut met = Met::default();
    let mut client = |names: &mut Pseudonyms, id: ClientId| {
        if met.clients.insert(id) {
            names.client(log.tables.clients.get(id));
        }
    };
    let mut failure = |names: &mut Pseudonyms, id: Option<FailureId>| {
        if let Some(id) = id.filter(|&id| met.failures.insert(id)) {
            names.failure(log.tables.failures.get(id));
        }
    };
    for event in &log.events {
        client(names, event.client);
        failure(names, event.failure);
        if let Action::PutImage(put) = &event.action
            && let Field::Known(manifest) = put.manifest
            && met.manifests.insert(manifest)
        {
            let mut manifest = log.tables.manifests.get(manifest).clone();
            each_text(&mut manifest, &mut |id, tell| {
                tell(names, log.text(id));
                id
            });
        }
    }
    for event in &log.context {
        client(names, event.client);
        failure(names, event.failure);
        for spared in &event.spared {
            failure(names, Some(spared.failure));
        }
    }
    for event in log.assumptions.iter().flatten() {
        client(names, event.client);
    }
    for read in log.reads.iter().flatten() {
        client(names, read.client);
        failure(names, read.failure);
    }
    for event in &log.others {
        client(names, event.client);
        failure(names, event.failure);
    }
}

/// Replaces the texts of a manifest, each with the function that makes its pseudonym.
fn each_text(manifest: &mut Manifest, replace: &mut impl FnMut(TextId, Tell) -> TextId) {
    let mut media = |id: &mut Option<TextId>, tell: Tell| {
        *id = id.map(|id| replace(id, tell));
    };
    let descriptor = |of: &mut Descriptor, media: &mut dyn FnMut(&mut Option<TextId>, Tell)| {
        media(&mut of.media_type, Pseudonyms::media_type);
        media(&mut of.platform, Pseudonyms::platform);
    };
    match manifest {
        Manifest::Image {
            config,
            layers,
            subject,
            artifact_type,
            media_type,
            what: _,
        } => {
            media(media_type, Pseudonyms::media_type);
            media(artifact_type, Pseudonyms::media_type);
            for of in config.iter_mut().chain(layers).chain(subject) {
                descriptor(of, &mut media);
            }
        }
        Manifest::Index {
            manifests,
            subject,
            artifact_type,
            media_type,
            what: _,
            attested: _,
        } => {
            media(media_type, Pseudonyms::media_type);
            media(artifact_type, Pseudonyms::media_type);
            for of in manifests.iter_mut().chain(subject) {
                descriptor(of, &mut media);
            }
        }
    }
}

/// The texts that are tags; their ids stay, since other places hold them.
fn tags(log: &EventLog) -> IdSet<TextId> {
    let put = log.events.iter().filter_map(|event| event.action.tag());
    let beside = log.context.iter().flat_map(|event| {
        let spared = event.spared.iter().filter_map(|spared| spared.tag);
        let named = event.tags.iter().copied().chain(spared);
        named.chain(event.all(ParamKind::Excluded))
    });
    put.chain(beside).collect()
}

/// The new texts. One text may be a tag in one place and a region in another, and each use has its
/// own pseudonym.
struct Retold<'a> {
    old: &'a Texts,
    new: Texts,
    names: &'a mut Pseudonyms,
}

impl<'a> Retold<'a> {
    /// Only tags keep their place; a text that is no longer used leaves an empty one.
    fn new(old: &'a Texts, tags: &IdSet<TextId>, names: &'a mut Pseudonyms) -> Self {
        let mut new = old.clone();
        new.replace(|text, attempt| {
            let is_tag = old.find(text).is_some_and(|id| tags.contains(&id));
            match is_tag && attempt == 0 {
                true => names.tag(text),
                false => format!("\0{attempt}").into(),
            }
        });
        Self { old, new, names }
    }

    fn text(&mut self, id: TextId, tell: Tell) -> TextId {
        let text = tell(self.names, self.old.get(id));
        self.new.insert(text)
    }

    fn uid(&mut self, uid: Uid) -> Uid {
        match uid {
            Uid::Uuid(_) => uid,
            Uid::Text(id) => Uid::Text(self.text(id, Pseudonyms::identifier)),
        }
    }

    fn events(&mut self, log: &mut EventLog) {
        for event in &mut log.events {
            event.event_id = self.uid(event.event_id);
            event.request_id = event.request_id.map(|uid| self.uid(uid));
            for id in [&mut event.shared_event_id, &mut event.amends] {
                *id = id.map(|id| self.text(id, Pseudonyms::identifier));
            }
            event.recipient = self.text(event.recipient, Pseudonyms::account);
            event.region = self.text(event.region, Pseudonyms::region);
            if let Action::PutImage(put) = &mut event.action {
                let media_type = put.media_type;
                put.media_type = media_type.map(|id| self.text(id, Pseudonyms::media_type));
            }
        }
    }

    fn context(&mut self, log: &mut EventLog) {
        for event in &mut log.context {
            event.event_id = self.uid(event.event_id);
            let shared = event.shared_event_id;
            event.shared_event_id = shared.map(|id| self.text(id, Pseudonyms::identifier));
            event.recipient = self.text(event.recipient, Pseudonyms::account);
            event.region = self.text(event.region, Pseudonyms::region);
            // Tags keep their place.
            let params = event.params.iter_mut();
            for param in params.filter(|param| param.kind != ParamKind::Excluded) {
                param.text = self.text(param.text, told_as(param.kind));
            }
        }
    }

    fn assumptions(&mut self, log: &mut EventLog) {
        for event in log.assumptions.iter_mut().flatten() {
            let told: Vec<_> = assumed(event)
                .map(|(id, tell)| (id, self.text(id, tell)))
                .collect();
            let fields = [
                &mut event.key,
                &mut event.session,
                &mut event.subject,
                &mut event.provider,
            ];
            let present = fields.into_iter().filter_map(Option::as_mut);
            for (field, (_, told)) in present.zip(told) {
                *field = told;
            }
            event.event_id = self.uid(event.event_id);
            event.action = self.text(event.action, Pseudonyms::word);
            let shared = event.shared_event_id;
            event.shared_event_id = shared.map(|id| self.text(id, Pseudonyms::identifier));
        }
    }

    fn reads(&mut self, log: &mut EventLog) {
        for read in log.reads.iter_mut().flatten() {
            read.event_id = self.uid(read.event_id);
            let shared = read.shared_event_id;
            read.shared_event_id = shared.map(|id| self.text(id, Pseudonyms::identifier));
            read.recipient = self.text(read.recipient, Pseudonyms::account);
            read.region = self.text(read.region, Pseudonyms::region);
        }
    }

    fn others(&mut self, log: &mut EventLog) {
        for event in &mut log.others {
            event.event_id = self.uid(event.event_id);
            event.request_id = event.request_id.map(|uid| self.uid(uid));
            for id in [&mut event.shared_event_id, &mut event.amends] {
                *id = id.map(|id| self.text(id, Pseudonyms::identifier));
            }
            event.action = self.text(event.action, Pseudonyms::word);
            event.source = self.text(event.source, Pseudonyms::service);
            event.recipient = self.text(event.recipient, Pseudonyms::account);
            event.region = self.text(event.region, Pseudonyms::region);
        }
    }

    fn tables(&mut self, log: &mut EventLog) {
        log.tables.uploads.replace(|&uid, _| self.uid(uid));
        log.tables.manifests.replace(|manifest, _| {
            let mut manifest = manifest.clone();
            each_text(&mut manifest, &mut |id, tell| self.text(id, tell));
            manifest
        });
    }
}

/// Redacts the tables that hold their own texts.
fn redact_tables(log: &mut EventLog, names: &mut Pseudonyms) {
    let tables = &mut log.tables;
    tables.digests.replace(|digest, _| names.digest(digest));
    tables.identities.replace(|identity, attempt| {
        let mut identity = names.identity(identity);
        again(&mut identity.arn, attempt);
        identity
    });
    tables.credentials.replace(|credential, attempt| {
        let mut credential = names.credential(credential);
        again(&mut credential.access_key_id, attempt);
        credential
    });
    tables.clients.replace(|client, attempt| {
        let mut client = names.client(client);
        again(&mut client.user_agent, attempt);
        client
    });
    tables.failures.replace(|failure, attempt| {
        let mut failure = names.failure(failure);
        again(&mut failure.message, attempt);
        failure
    });
    tables.repositories.replace(|repository, attempt| {
        let mut repository = names.repository(repository);
        let mut name = Some(repository.name);
        again(&mut name, attempt);
        repository.name = name.unwrap_or_default();
        repository
    });
}

/// Changes a text that would equal another, so that different names stay different.
fn again(text: &mut Option<Box<str>>, attempt: usize) {
    if attempt > 0 {
        let shown = text.as_deref().unwrap_or_default();
        *text = Some(format!("{shown} ({})", attempt + 1).into());
    }
}

impl Pseudonyms {
    fn failure(&mut self, failure: &Failure) -> Failure {
        let message = failure.message.as_deref();
        Failure {
            code: self.word(&failure.code),
            message: message.map(|message| self.prose(message).into()),
        }
    }

    fn provider(&mut self, text: &str) -> Box<str> {
        match text.starts_with("arn:") {
            true => self.arn(text),
            false => self.of(Class::Provider, text),
        }
    }
}
