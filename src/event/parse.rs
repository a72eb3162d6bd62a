//! RECORD -> EVENT: reads the fields of one record.
//!
//! Comes in: a record's text. Goes out: a push event, a call that explains pushes, or neither, with every field that
//! was not as expected. Never: a panic, or a refusal because of a field that a push can do without.

mod beside;
mod other;

use chrono::{DateTime, Utc};

use crate::event::caller::{Callers, KnownCaller};
use crate::event::deed::Deed;
use crate::event::identity::{
    BackingProbe, ClientProbe, CredentialProbe, IdentityProbe, PrincipalKey, SSO_PATH, is_front,
};
use crate::event::log::ContextEvent;
use crate::event::manifest;
use crate::event::repository::{RepositoryArn, RepositoryProbe, Service};
use crate::event::tables::{FailureProbe, Tables};
use crate::event::time::parse_time;
use crate::event::wire::{
    self, Flag, Image, ImageId, Maybe, MaybeText, Parameters, Record, Response, UserIdentity, Whole,
};
use crate::event::{
    Action, ByteRange, Category, ClientId, CredentialId, Digest, DigestId, Event, FailureId, Field,
    IdentityId, ImageDigest, ManifestId, PutImage, RepositoryId, Stage, TextId, Uid, UploadId,
};
use crate::location::{FileId, RecordAt};
use crate::record::RawRecord;

pub use other::parse_other;

/// The result of reading a record.
#[derive(Debug)]
pub enum Parsed {
    /// A call that can be part of a push.
    Push(Event),
    /// A call that explains a push.
    Context(Box<ContextEvent>),
    /// Any other call of any service.
    Other,
    /// A record that cannot be used; the last defect says why.
    Malformed,
}

/// A field, or a whole record, that is not as expected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Defect {
    /// The members that lead to the field; empty for the whole record.
    pub pointer: &'static [&'static str],
    /// The path as one text, as in `requestParameters.partFirstByte`.
    pub field: &'static str,
    /// What was expected, such as `a whole number`.
    pub expected: &'static str,
    /// What is wrong with it.
    pub fault: Fault,
}

/// What can be wrong with a field or a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The record is not valid JSON; the parser's message.
    Syntax(String),
    /// The field does not have the expected value.
    Value,
    /// A text of the record holds half a surrogate pair, which was read as U+FFFD.
    HalfPair,
}

impl Defect {
    fn of_record(fault: Fault) -> Self {
        Self {
            pointer: &[],
            field: "",
            expected: "a JSON object",
            fault,
        }
    }
}

/// The account and region that a record belongs to, and its time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// `eventTime`.
    pub time: DateTime<Utc>,
    /// `recipientAccountId`, or else `userIdentity.accountId`; empty if neither is there.
    pub account: String,
    /// `awsRegion`; empty when absent.
    pub region: String,
    /// `userIdentity.principalId`.
    pub caller: Option<PrincipalKey>,
}

/// A field by its members and by its name.
type Path = (&'static [&'static str], &'static str);

const EVENT_TIME: Path = (&["eventTime"], "eventTime");
const EVENT_ID: Path = (&["eventID"], "eventID");
const REQUEST: Path = (&["requestParameters"], "requestParameters");
const RESPONSE: Path = (&["responseElements"], "responseElements");
const IDENTITY: Path = (&["userIdentity"], "userIdentity");
const CREATION_DATE: Path = (
    &[
        "userIdentity",
        "sessionContext",
        "attributes",
        "creationDate",
    ],
    "userIdentity.sessionContext.attributes.creationDate",
);
const REPOSITORY_NAME: Path = (
    &["requestParameters", "repositoryName"],
    "requestParameters.repositoryName",
);
const UPLOAD_ID: Path = (
    &["requestParameters", "uploadId"],
    "requestParameters.uploadId",
);
const FIRST_BYTE: Path = (
    &["requestParameters", "partFirstByte"],
    "requestParameters.partFirstByte",
);
const LAST_BYTE: Path = (
    &["requestParameters", "partLastByte"],
    "requestParameters.partLastByte",
);
const PART_SIZE: Path = (
    &["responseElements", "partSize"],
    "responseElements.partSize",
);
const LAST_BYTE_RECEIVED: Path = (
    &["responseElements", "lastByteReceived"],
    "responseElements.lastByteReceived",
);
const LAYER_DIGESTS: Path = (
    &["requestParameters", "layerDigests"],
    "requestParameters.layerDigests",
);
const LAYER_DIGEST: Path = (
    &["responseElements", "layerDigest"],
    "responseElements.layerDigest",
);
const IMAGE_MANIFEST: Path = (
    &["requestParameters", "imageManifest"],
    "requestParameters.imageManifest",
);
const IMAGE_TAG: Path = (
    &["requestParameters", "imageTag"],
    "requestParameters.imageTag",
);
const IMAGE_DIGEST: Path = (
    &["requestParameters", "imageDigest"],
    "requestParameters.imageDigest",
);
const CONFIRMED_DIGEST: Path = (
    &["responseElements", "image", "imageId", "imageDigest"],
    "responseElements.image.imageId.imageDigest",
);

const WHOLE_NUMBER: &str = "a whole number";
const OCI_DIGEST: &str = "an OCI digest, `sha256:` and 64 hexadecimal digits";
const TIMESTAMP: &str = "an RFC 3339 timestamp, `YYYY-MM-DDTHH:MM:SSZ`";

/// Reads a record into `tables`, and adds what is wrong with it to `defects`.
///
/// With [`Parsed::Push`] a defect costs its field, with [`Parsed::Malformed`] the record.
pub fn parse(
    file: FileId,
    record: &RawRecord<'_>,
    tables: &mut Tables,
    callers: &mut Callers,
    defects: &mut Vec<Defect>,
) -> Parsed {
    let at = RecordAt {
        file,
        index: record.index,
    };
    let parse =
        |text: &str, wire: &Record<'_>, callers: &mut Callers, defects: &mut Vec<Defect>| {
            parse_wire((text, wire), at, tables, callers, defects)
        };
    read_wire(record.text, callers, defects, parse).unwrap_or(Parsed::Malformed)
}

/// Reads the members of a record, mended and unfolded if need be, and gives them to `then`; `None` if it is no JSON,
/// which is then among the defects.
fn read_wire<T>(
    record: &str,
    callers: &mut Callers,
    defects: &mut Vec<Defect>,
    then: impl FnOnce(&str, &Record<'_>, &mut Callers, &mut Vec<Defect>) -> T,
) -> Option<T> {
    let (mended, unfolded);
    let mut text = record;
    let mut wire = Record::default();
    let mut read = wire::read(text, callers, &mut wire);
    if read.is_err()
        && let Some(whole) = wire::mend(text)
    {
        mended = whole;
        text = &mended;
        read = wire::read(text, callers, &mut wire);
        if read.is_ok() {
            defects.push(Defect::of_record(Fault::HalfPair));
        }
    }
    if wire.may_be_folded()
        && let Some(whole) = wire::unfold(text)
    {
        unfolded = whole;
        text = &unfolded;
        wire = Record::default();
        read = wire::read(text, callers, &mut wire);
    }
    match read {
        Ok(()) => Some(then(text, &wire, callers, defects)),
        Err(error) => {
            defects.push(Defect::of_record(Fault::Syntax(error.to_string())));
            None
        }
    }
}

/// Reads the record at the start of a text, if it is plain and of a call that is read; returns its length and the
/// result, which is the result of [`parse`] for it.
pub fn parse_first(
    at: RecordAt,
    text: &str,
    tables: &mut Tables,
    callers: &mut Callers,
    defects: &mut Vec<Defect>,
) -> Option<(usize, Parsed)> {
    let mut wire = Record::default();
    let len = wire::read_first(text, callers, &mut wire)?;
    if wire.may_be_folded() {
        return None;
    }
    match parse_wire((&text[..len], &wire), at, tables, callers, defects) {
        Parsed::Other => None,
        parsed @ (Parsed::Push(_) | Parsed::Context(_) | Parsed::Malformed) => Some((len, parsed)),
    }
}

fn parse_wire(
    (text, wire): (&str, &Record<'_>),
    at: RecordAt,
    tables: &mut Tables,
    callers: &mut Callers,
    defects: &mut Vec<Defect>,
) -> Parsed {
    let source = wire.event_source.text().and_then(Service::of_event_source);
    let (Some(service), Some(name)) = (source, wire.event_name.text()) else {
        return Parsed::Other;
    };
    Reader {
        text,
        wire,
        service,
        tables,
        callers,
        defects,
    }
    .read(name, at)
}

/// Whether calls with this name are read: those of a push, and those that explain one.
#[must_use]
pub fn is_read(name: &[u8]) -> bool {
    Stage::of_call(name).is_some() || Deed::of_call(name).is_some()
}

/// Reads only what coverage needs from a record of any service; `None` if it has no valid time.
#[must_use]
pub fn stamp(record: &str) -> Option<Stamp> {
    if let Some(ends) = wire::ends(record)
        && let Some(account) = ends.account.text()
    {
        return Stamp::new(&ends.time, account, &ends.region, ends.caller.text());
    }
    stamp_by_all(record)
}

/// [`stamp`] by every member of the record: its slow twin.
fn stamp_by_all(record: &str) -> Option<Stamp> {
    let mended;
    let mut wire = Record::default();
    if wire::read(record, &Callers::default(), &mut wire).is_err() {
        mended = wire::mend(record)?;
        wire::read(&mended, &Callers::default(), &mut wire).ok()?;
    }
    let unfolded;
    if wire.recipient.text().is_none()
        && wire.caller.identity.is_wrong()
        && let Some(text) = wire::unfold(record)
    {
        unfolded = text;
        wire = Record::default();
        wire::read(&unfolded, &Callers::default(), &mut wire).ok()?;
    }
    let account = wire.recipient.text();
    let identity = wire.caller.identity.object();
    let account = account.or_else(|| identity?.account.text());
    let caller = identity.and_then(|identity| identity.principal_id.text());
    let account = account.unwrap_or_default();
    Stamp::new(&wire.event_time, account, &wire.aws_region, caller)
}

impl Stamp {
    fn new(
        time: &MaybeText<'_>,
        account: &str,
        region: &MaybeText<'_>,
        caller: Option<&str>,
    ) -> Option<Self> {
        Some(Self {
            caller: caller.map(PrincipalKey::of),
            time: parse_time(time.text()?)?,
            account: account.to_owned(),
            region: region.text().unwrap_or_default().to_owned(),
        })
    }
}

/// What [`Reader::ids`] reads.
struct RecordIds {
    request_id: Option<Uid>,
    shared_event_id: Option<TextId>,
    amends: Option<TextId>,
}

/// One record while it is read.
struct Reader<'r> {
    text: &'r str,
    wire: &'r Record<'r>,
    service: Service,
    tables: &'r mut Tables,
    callers: &'r mut Callers,
    defects: &'r mut Vec<Defect>,
}

impl<'r> Reader<'r> {
    fn read(mut self, name: &str, at: RecordAt) -> Parsed {
        let stage = Stage::of_call(name.as_bytes())
            .filter(|_| self.wire.event_type.text() != Some("AwsServiceEvent"));
        let deed = match stage {
            Some(_) => None,
            None => Deed::of_call(name.as_bytes()),
        };
        if stage.is_none() && (deed.is_none() || self.category() == Category::NetworkActivity) {
            // The record that network activity repeats explains just as much.
            return Parsed::Other;
        }
        let Some(time) = self.wire.event_time.text().and_then(parse_time) else {
            self.defect(EVENT_TIME, TIMESTAMP);
            return Parsed::Malformed;
        };
        let Some(event_id) = self.wire.event_id.text() else {
            self.defect(EVENT_ID, "a text, which every record has");
            return Parsed::Malformed;
        };
        let event_id = Uid::intern(event_id, &mut self.tables.texts);
        match (stage, deed) {
            (Some(stage), _) => Parsed::Push(self.push_event(stage, time, event_id, at)),
            (None, Some(deed)) => {
                Parsed::Context(Box::new(self.context_event(deed, time, event_id)))
            }
            (None, None) => Parsed::Other,
        }
    }

    /// Network activity events give their category in two places; the plural was documented first (CloudTrail user
    /// guide, "Logging network activity events" and "CloudTrail record contents").
    fn category(&self) -> Category {
        let kind = self.wire.event_type.text();
        let category = self.wire.event_category.text();
        match (kind, category) {
            (Some("AwsVpceEvent" | "AwsVpceEvents"), _) | (_, Some("NetworkActivity")) => {
                Category::NetworkActivity
            }
            _ => Category::Management,
        }
    }

    /// The ids by which a record is known beside its `eventID`.
    fn ids(&mut self) -> RecordIds {
        let wire = self.wire;
        let texts = &mut self.tables.texts;
        let request_id = wire.request_id.text().map(|text| Uid::intern(text, texts));
        let shared = wire.shared_event_id.text();
        let addendum = wire.addendum.object();
        let amends = addendum.and_then(|addendum| addendum.original_event_id.text());
        RecordIds {
            request_id,
            shared_event_id: shared.map(|text| self.tables.text(text)),
            amends: amends.map(|text| self.tables.text(text)),
        }
    }

    fn push_event(
        &mut self,
        stage: Stage,
        time: DateTime<Utc>,
        event_id: Uid,
        at: RecordAt,
    ) -> Event {
        let wire = self.wire;
        for (wrong, path) in [
            (wire.request.is_wrong(), REQUEST),
            (wire.response.is_wrong(), RESPONSE),
            (wire.caller.identity.is_wrong(), IDENTITY),
        ] {
            if wrong {
                self.defect(path, "an object or null, or the JSON of one as a text");
            }
        }
        let caller = self.caller();
        let ids = self.ids();
        Event {
            time,
            event_id,
            request_id: ids.request_id,
            shared_event_id: ids.shared_event_id,
            amends: ids.amends,
            category: self.category(),
            action: self.action(stage),
            failure: self.failure(),
            identity: caller.identity,
            credential: caller.credential,
            client: self.client(caller),
            service: self.service,
            repository: match stage {
                Stage::Authorization => None,
                Stage::Check
                | Stage::Initiate
                | Stage::Part
                | Stage::Complete
                | Stage::Manifest => self.repository(caller),
            },
            recipient: self.recipient(),
            region: self.region(),
            at,
        }
    }

    fn action(&mut self, stage: Stage) -> Action {
        let absent = Parameters::default();
        let request = self.wire.request.object().unwrap_or(&absent);
        let absent = Response::default();
        let response = self.wire.response.object().unwrap_or(&absent);
        match stage {
            Stage::Authorization => Action::GetAuthorizationToken,
            Stage::Check => Action::BatchCheckLayerAvailability {
                digests: self.digests(request),
                available: self.available(response),
            },
            Stage::Initiate => Action::InitiateLayerUpload {
                upload: self.upload(request, response),
                part_size: self.whole(&response.part_size, PART_SIZE),
            },
            Stage::Part => Action::UploadLayerPart {
                upload: self.upload(request, response),
                range: self.range(request),
                last_byte_received: self.whole(&response.last_byte_received, LAST_BYTE_RECEIVED),
            },
            Stage::Complete => Action::CompleteLayerUpload {
                upload: self.upload(request, response),
                claimed: self.digests(request),
                confirmed: self.digest(&response.layer_digest, LAYER_DIGEST),
            },
            Stage::Manifest => Action::PutImage(Box::new(self.put_image(request, response))),
        }
    }

    fn put_image(&mut self, request: &Parameters<'_>, response: &Response<'_>) -> PutImage {
        let absent = Image::default();
        let image = response.image.object().unwrap_or(&absent);
        let absent = ImageId::default();
        let id = image.image_id.object().unwrap_or(&absent);
        let text = (request.image_manifest.text()).or_else(|| image.image_manifest.text());
        let text = text.as_deref();
        let computed = text.map(|text| self.tables.digests.insert(Digest::of(text.as_bytes())));
        if request.image_tag.is_wrong() {
            self.defect(IMAGE_TAG, "a text");
        }
        let media_type = request.image_manifest_media_type.text();
        let media_type = media_type.or(image.image_manifest_media_type.text());
        PutImage {
            tag: request
                .image_tag
                .text()
                .or(id.image_tag.text())
                .map(|tag| self.tables.text(tag)),
            digest: ImageDigest {
                claimed: self.digest(&request.image_digest, IMAGE_DIGEST),
                confirmed: self.digest(&id.image_digest, CONFIRMED_DIGEST),
                computed,
            },
            manifest: self.manifest(text, request),
            media_type: media_type.map(|text| self.tables.text(text)),
        }
    }

    fn manifest(&mut self, text: Option<&str>, request: &Parameters<'_>) -> Field<ManifestId> {
        let Some(text) = text else {
            return if request.omitted.get().is_some_and(|flag| flag.0) {
                Field::Omitted {
                    original_bytes: request.original_size.get().map(|size| size.0),
                }
            } else if request.image_manifest.is_wrong() {
                self.defect(IMAGE_MANIFEST, "the manifest as a JSON string");
                Field::Unreadable
            } else {
                Field::Absent
            };
        };
        match manifest::parse(text, self.tables) {
            Ok(manifest) => Field::Known(self.tables.manifests.insert(manifest)),
            Err(expected) => {
                self.defect(IMAGE_MANIFEST, expected);
                Field::Unreadable
            }
        }
    }

    fn upload(&mut self, request: &Parameters<'_>, response: &Response<'_>) -> Option<UploadId> {
        if request.upload_id.is_wrong() {
            self.defect(UPLOAD_ID, "a text");
        }
        let text = request.upload_id.text().or(response.upload_id.text())?;
        let uid = Uid::intern(text, &mut self.tables.texts);
        Some(self.tables.uploads.insert(uid))
    }

    fn range(&mut self, request: &Parameters<'_>) -> Option<ByteRange> {
        let first = self.whole(&request.part_first_byte, FIRST_BYTE)?;
        let last = self.whole(&request.part_last_byte, LAST_BYTE)?;
        if last < first {
            self.defect(LAST_BYTE, "a byte not before `partFirstByte`");
            return None;
        }
        Some(ByteRange { first, last })
    }

    fn digests(&mut self, request: &Parameters<'_>) -> Box<[DigestId]> {
        if request.layer_digests.is_wrong() {
            self.defect(LAYER_DIGESTS, "a list of OCI digests");
        }
        let list = request.layer_digests.values();
        let mut digests = Vec::with_capacity(list.len());
        digests.extend((list.iter()).filter_map(|text| self.digest(text, LAYER_DIGESTS)));
        digests.into()
    }

    fn available(&mut self, response: &Response<'_>) -> Field<Box<[DigestId]>> {
        if response.omitted.get().is_some_and(|flag| flag.0) {
            return Field::Omitted {
                original_bytes: None,
            };
        }
        let Some(layers) = response.layers.get() else {
            return Field::Absent;
        };
        let layers = layers.0.iter().filter_map(Maybe::object);
        let there = layers.filter(|layer| layer.layer_availability.text() == Some("AVAILABLE"));
        Field::Known(
            there
                .filter_map(|layer| self.digest(&layer.layer_digest, RESPONSE))
                .collect(),
        )
    }

    fn digest(&mut self, text: &MaybeText<'_>, path: Path) -> Option<DigestId> {
        let parsed = text.text().and_then(Digest::parse);
        if parsed.is_none() && !matches!(text, Maybe::Absent) {
            self.defect(path, OCI_DIGEST);
        }
        parsed.map(|digest| self.tables.digests.insert(digest))
    }

    fn whole(&mut self, number: &Maybe<Whole>, path: Path) -> Option<u64> {
        if number.is_wrong() {
            self.defect(path, WHOLE_NUMBER);
        }
        number.get().map(|number| number.0)
    }

    fn failure(&mut self) -> Option<FailureId> {
        let (code, message) = (self.wire.error_code.text(), self.wire.error_message.text());
        if code.is_none() && message.is_none() {
            return None;
        }
        let probe = FailureProbe {
            code: code.unwrap_or_default(),
            message,
        };
        Some(self.tables.failures.intern(&probe, || probe.own()))
    }

    /// Who called.
    fn caller(&mut self) -> KnownCaller {
        let caller = self.caller_by_element();
        match self.wire.from_console.get() {
            Some(Flag(true)) => KnownCaller {
                identity: self.on_console(caller.identity),
                ..caller
            },
            Some(Flag(false)) | None => caller,
        }
    }

    /// An identity in the console, which the record says outside `userIdentity`.
    fn on_console(&mut self, identity: IdentityId) -> IdentityId {
        let identities = &mut self.tables.identities;
        let mut identity = identities.get(identity).clone();
        identity.backing.get_or_insert_default().from_console = true;
        identities.insert(identity)
    }

    /// Who called, by `userIdentity`; parsed once for all records that repeat it.
    fn caller_by_element(&mut self) -> KnownCaller {
        if let Some(known) = self.wire.caller.known {
            return known;
        }
        let absent = UserIdentity::default();
        let identity = self.wire.caller.identity.object().unwrap_or(&absent);
        let n_defects = self.defects.len();
        let caller = KnownCaller {
            identity: self.identity(identity),
            credential: self.credential(identity),
            invoked_by: (identity.invoked_by.text()).map(|text| self.tables.text(text)),
            account: identity.account.text().map(|text| self.tables.text(text)),
        };
        // Its defects must be reported for every record.
        if self.defects.len() == n_defects && !self.wire.caller.identity.is_wrong() {
            self.callers.remember(self.wire.caller.text, caller);
        }
        caller
    }

    fn identity(&mut self, identity: &UserIdentity<'_>) -> IdentityId {
        let issuer = identity
            .session
            .object()
            .and_then(|session| session.issuer.object());
        let on_behalf_of = identity.on_behalf_of.object();
        let kind = identity.kind.text();
        let is_service = kind == Some("AWSService");
        let invoked_by = identity.invoked_by.text();
        let probe = IdentityProbe {
            kind,
            arn: identity.arn.text(),
            account: identity.account.text(),
            principal_id: identity.principal_id.text(),
            user_name: (identity.user_name.text())
                .or_else(|| {
                    issuer
                        .filter(|_| kind != Some("FederatedUser"))?
                        .user_name
                        .text()
                })
                .or_else(|| on_behalf_of?.user_id.text())
                // A service that acts by itself has no other name.
                .or(invoked_by.filter(|_| is_service)),
            backing: BackingProbe {
                invoked_by: invoked_by.filter(|by| is_service || !is_front(by)),
                ..backing(identity)
            }
            .shown(),
        };
        self.tables.identities.intern(&probe, || probe.own())
    }

    fn credential(&mut self, identity: &UserIdentity<'_>) -> CredentialId {
        let session = identity.session.object();
        let created = session
            .and_then(|session| session.attributes.object()?.creation_date.text())
            .and_then(|text| {
                let time = parse_time(text);
                if time.is_none() {
                    self.defect(CREATION_DATE, TIMESTAMP);
                }
                time
            });
        let probe = CredentialProbe {
            access_key_id: identity.access_key_id.text(),
            created,
            sign_in_session: session.and_then(|session| session.sign_in_session.text()),
        };
        self.tables.credentials.intern(&probe, || probe.own())
    }

    fn client(&mut self, caller: KnownCaller) -> ClientId {
        let Tables { texts, clients, .. } = &mut *self.tables;
        let probe = ClientProbe {
            source_ip: self.wire.source_ip.text(),
            user_agent: self.wire.user_agent.text(),
            invoked_by: caller.invoked_by.map(|id| &**texts.get(id)),
            vpc_endpoint_id: self.wire.vpc_endpoint_id.text(),
            vpc_endpoint_account: self.wire.vpc_endpoint_account.text(),
            tls_version: (self.wire.tls_details.object())
                .and_then(|details| details.tls_version.text()),
        };
        (self.callers.client).intern(clients, &probe, || probe.own())
    }

    fn recipient(&mut self) -> TextId {
        let text = self.wire.recipient.text().unwrap_or_default();
        let texts = &mut self.tables.texts;
        (self.callers.recipient).intern(texts, text, || text.into())
    }

    fn region(&mut self) -> TextId {
        let text = self.wire.aws_region.text().unwrap_or_default();
        let texts = &mut self.tables.texts;
        self.callers.region.intern(texts, text, || text.into())
    }

    /// The repository, keyed by the account: from the response, else from the ARN, else from the recipient. The ARN
    /// is the one in `resources`, or else the one that a denial names. The request's `registryId` can be an alias
    /// (seen in ECR Public) and is not used.
    fn repository(&mut self, caller: KnownCaller) -> Option<RepositoryId> {
        let wire = self.wire;
        let request = wire.request.object();
        let response = wire.response.object();
        let image = response.and_then(|response| response.image.object());
        let created = response.and_then(|response| response.repository.object());
        // This is rarely needed.
        let arn = || {
            let resources = wire.resources.values().iter().filter_map(Maybe::object);
            resources
                .filter_map(|resource| resource.arn.text().or(resource.arn_lower.text()))
                .find_map(RepositoryArn::parse)
                .or_else(|| denied(wire.error_message.text()?))
        };
        if request.is_some_and(|request| request.repository_name.is_wrong()) {
            self.defect(REPOSITORY_NAME, "a text");
        }
        let name = (request.and_then(|request| request.repository_name.text()))
            .or_else(|| response?.repository_name.text())
            .or_else(|| image?.repository_name.text())
            .or_else(|| created?.repository_name.text())
            .or_else(|| wire.service_details.object()?.repository_name.text())
            .or_else(|| Some(arn()?.name))?;
        let Tables {
            texts,
            repositories,
            ..
        } = &mut *self.tables;
        let account = caller.account.map(|id| &**texts.get(id));
        let registry = (response.and_then(|response| response.registry_id.text()))
            .or_else(|| image?.registry_id.text())
            .or_else(|| created?.registry_id.text())
            .or_else(|| Some(arn()?.account))
            .or(wire.recipient.text())
            .or(account)
            .unwrap_or_default();
        let region = match self.service {
            Service::Ecr => (wire.aws_region.text())
                .or_else(|| Some(arn()?.region))
                .unwrap_or_default(),
            Service::EcrPublic => "",
        };
        let probe = RepositoryProbe {
            service: self.service,
            registry,
            region,
            name,
        };
        Some(repositories.intern(&probe, || probe.own()))
    }

    fn defect(&mut self, (pointer, field): Path, expected: &'static str) {
        self.defects.push(Defect {
            pointer,
            field,
            expected,
            fault: Fault::Value,
        });
    }
}

/// Who stands behind a caller, apart from the service that called.
fn backing<'r>(identity: &'r UserIdentity<'_>) -> BackingProbe<'r> {
    let session = identity.session.object();
    let attributes = session.and_then(|session| session.attributes.object());
    let on_behalf_of = identity.on_behalf_of.object();
    let scope = identity.in_scope_of.object();
    let delegate = identity.invoked_by_delegate.object();
    BackingProbe {
        source_identity: session.and_then(|session| session.source_identity.text()),
        on_behalf_of: on_behalf_of.and_then(|user| user.user_id.text()),
        identity_store: on_behalf_of.and_then(|user| user.identity_store.text()),
        issuer_type: scope.and_then(|scope| scope.issuer_type.text()),
        issued_to: scope.and_then(|scope| scope.issued_to.text()),
        source_arn: scope.and_then(|scope| scope.source_arn.text()),
        source_account: scope.and_then(|scope| scope.source_account.text()),
        credential_id: identity.credential_id.text(),
        invoked_by: None,
        invoked_by_delegate: delegate.and_then(|delegate| delegate.account.text()),
        from_console: attributes
            .is_some_and(|attributes| matches!(attributes.from_console.get(), Some(Flag(true)))),
        is_sso: session
            .and_then(|session| session.issuer.object()?.arn.text())
            .is_some_and(|arn| arn.contains(SSO_PATH)),
    }
}

/// The repository that the message of a denial names (IAM user guide, "Troubleshoot access denied error messages": `…
/// is not authorized to perform: ACTION on resource: ARN because …`).
fn denied(message: &str) -> Option<RepositoryArn<'_>> {
    let (_, arn) = message.split_once("on resource: ")?;
    let end = arn.find(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | ',' | ';'));
    let arn = arn.get(..end.unwrap_or(arn.len()))?;
    RepositoryArn::parse(arn.trim_end_matches('.'))
}

#[cfg(test)]
mod tests;
