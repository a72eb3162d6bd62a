//! The members of a record that are read, borrowed from its text.
//!
//! Comes in: a record's JSON. Goes out: its members by their CloudTrail names; one of the wrong
//! type is [`Wrong`](Member::Wrong) and costs only itself. Never: a member that nothing reads.
//!
//! There are two ways in. [`cursor`] reads plain text: names without escapes, each once, numbers
//! that are whole. Whatever else a record holds, or if it is no JSON, serde decides by way of
//! [`lenient`], which is slower and explains what it refuses.

mod cursor;
mod folded;
mod lenient;
mod long;
mod surrogate;

use std::borrow::Cow;

use serde::Deserialize;
use serde::de::Error as _;

use crate::event::caller::{Callers, KnownCaller};
use crate::event::wire::cursor::{Cursor, Read};
pub(super) use crate::event::wire::folded::unfold;
use crate::event::wire::long::Long;
pub(super) use crate::event::wire::surrogate::mend;

/// Reads a text that holds one object into `value`, which is new.
///
/// # Errors
/// Serde's, where the text is not JSON, is no object or holds a member twice.
pub(super) fn read<'a, T: Read<'a> + Deserialize<'a>>(
    text: &'a str,
    callers: &Callers,
    value: &mut T,
) -> Result<(), serde_json::Error> {
    if Cursor::new(text, callers).whole(value).is_none() {
        *value = T::default();
        // Left to itself, serde takes a list for the members of a struct in their order.
        *value = match serde_json::from_str(text)? {
            Member::Is(Object(value)) => value,
            Member::Absent | Member::Wrong => {
                return Err(serde_json::Error::custom("not an object"));
            }
        };
    }
    Ok(())
}

/// Reads the object that a text begins with into `value`, which is new; its length, if it is plain.
pub(super) fn read_first<'a, T: Read<'a>>(
    text: &'a str,
    callers: &Callers,
    value: &mut T,
) -> Option<usize> {
    Cursor::new(text, callers).first(value)
}

/// A member of an object, whatever was found in its place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum Member<T> {
    /// Not there, or `null`.
    #[default]
    Absent,
    /// There, and of the right type.
    Is(T),
    /// There, and of another type.
    Wrong,
}

impl<T> Member<T> {
    /// The value, if it is there and of the right type.
    pub(super) fn get(&self) -> Option<&T> {
        match self {
            Self::Is(value) => Some(value),
            Self::Absent | Self::Wrong => None,
        }
    }

    /// Whether something of another type stands there.
    pub(super) fn is_wrong(&self) -> bool {
        matches!(self, Self::Wrong)
    }
}

/// A text.
pub(super) type Text<'a> = Member<Str<'a>>;

impl Text<'_> {
    /// The text, unless it is absent, empty or of another type.
    pub(super) fn text(&self) -> Option<&str> {
        self.get()
            .map(|text| &*text.0)
            .filter(|text| !text.is_empty())
    }
}

/// A string of the record, borrowed unless it holds an escape.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Str<'a>(pub(super) Cow<'a, str>);

/// A whole number, also where it is written as a string of digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Whole(pub(super) u64);

/// `true`, also where it is written as a string.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Flag(pub(super) bool);

/// An object whose members are read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Object<T>(pub(super) T);

/// A member that nobody reads; named where most objects have it, it is passed over quickly.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Unread;

/// A list of members.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct List<T>(pub(super) Vec<T>);

impl<T> Member<Object<T>> {
    /// The object, if it is one.
    pub(super) fn object(&self) -> Option<&T> {
        self.get().map(|object| &object.0)
    }
}

impl<T> Member<List<T>> {
    /// The values of the list; none if it is no list.
    pub(super) fn values(&self) -> &[T] {
        self.get().map_or(&[], |list| &list.0)
    }
}

/// `userIdentity`, or that it has been read before.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Caller<'a> {
    /// What an equal text was found to say.
    pub(super) known: Option<KnownCaller>,
    /// The value's text; empty where serde read it.
    pub(super) text: &'a str,
    /// The element, unless it is known.
    pub(super) identity: Member<Object<UserIdentity<'a>>>,
}

impl<'a> Read<'a> for Caller<'a> {
    fn read(&mut self, cursor: &mut Cursor<'a, '_>) -> Option<()> {
        let rest = cursor.rest()?;
        if let Some((len, known)) = cursor.callers().find(rest) {
            cursor.advance(len);
            self.known = Some(known);
            return Some(());
        }
        self.identity.read(cursor)?;
        self.text = rest.get(..rest.len() - cursor.rest()?.len())?;
        Some(())
    }
}

/// Length, first and last byte of a name: a number that tells most names apart.
#[inline(always)]
const fn tag(name: &str) -> u32 {
    match name.as_bytes() {
        [first, .., last] => (name.len() as u32) << 16 | (*first as u32) << 8 | *last as u32,
        _ => 0,
    }
}

/// Makes a struct of the members that are read of an object, with both ways to read it.
///
/// The members are in the order in which CloudTrail writes them: each is looked for by its name where
/// it is to be expected. From the first one on that stands elsewhere, names are told apart.
macro_rules! members {
    ($(#[$doc:meta])* $name:ident<$life:lifetime> {
        $($(#[$serde:meta])* $field:ident = $key:literal: $type:ty,)*
    }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
        #[serde(default, bound(deserialize = "'de: 'a"))]
        pub(super) struct $name<$life> {
            $($(#[$serde])* #[serde(rename = $key)] pub(super) $field: $type,)*
        }

        impl<$life> Read<$life> for $name<$life> {
            fn read(&mut self, cursor: &mut Cursor<$life, '_>) -> Option<()> {
                #[expect(non_camel_case_types, reason = "one bit a field, by its name")]
                enum Bit { $($field,)* }
                #[expect(non_upper_case_globals, reason = "one tag a field, by its name")]
                mod tags {
                    $(pub(super) const $field: u32 = super::tag($key);)*
                }
                let mut seen = 0_u32;
                if cursor.is_empty_object()? {
                    return Some(());
                }
                $(if cursor.passes(concat!("\"", $key, "\":")) {
                    self.$field.read(cursor)?;
                    seen |= u32::from(<$type>::IS_READ) << Bit::$field as u32;
                    if cursor.is_last_member()? {
                        return Some(());
                    }
                })*
                cursor.members(|cursor, name| {
                    let bit = match tag(name) {
                        $(tags::$field if name == $key => {
                            self.$field.read(cursor)?;
                            u32::from(<$type>::IS_READ) << Bit::$field as u32
                        })*
                        _ => {
                            cursor.skip()?;
                            0
                        }
                    };
                    let is_first = seen & bit == 0;
                    seen |= bit;
                    is_first.then_some(())
                })
            }
        }
    };
}

members! {
    /// A record (CloudTrail user guide, "CloudTrail record contents").
    Record<'a> {
        #[serde(skip)] event_version = "eventVersion": Unread,
        caller = "userIdentity": Caller<'a>,
        event_time = "eventTime": Text<'a>,
        event_source = "eventSource": Text<'a>,
        event_name = "eventName": Text<'a>,
        aws_region = "awsRegion": Text<'a>,
        source_ip = "sourceIPAddress": Text<'a>,
        user_agent = "userAgent": Text<'a>,
        error_code = "errorCode": Text<'a>,
        error_message = "errorMessage": Text<'a>,
        request = "requestParameters": Member<Object<Parameters<'a>>>,
        response = "responseElements": Member<Object<Response<'a>>>,
        request_id = "requestID": Text<'a>,
        event_id = "eventID": Text<'a>,
        #[serde(skip)] read_only = "readOnly": Unread,
        resources = "resources": Member<List<Member<Object<Resource<'a>>>>>,
        event_type = "eventType": Text<'a>,
        #[serde(skip)] management_event = "managementEvent": Unread,
        recipient = "recipientAccountId": Text<'a>,
        shared_event_id = "sharedEventID": Text<'a>,
        vpc_endpoint_id = "vpcEndpointId": Text<'a>,
        vpc_endpoint_account = "vpcEndpointAccountId": Text<'a>,
        addendum = "addendum": Member<Object<Addendum<'a>>>,
        service_details = "serviceEventDetails": Member<Object<ServiceDetails<'a>>>,
        event_category = "eventCategory": Text<'a>,
        tls_details = "tlsDetails": Member<Object<TlsDetails<'a>>>,
        from_console = "sessionCredentialFromConsole": Member<Flag>,
    }
}

impl Record<'_> {
    /// Whether something else stands where an object or a list should: perhaps the text of it.
    pub(super) fn may_be_folded(&self) -> bool {
        self.request.is_wrong()
            || self.response.is_wrong()
            || self.caller.identity.is_wrong()
            || self.resources.is_wrong()
            || self.addendum.is_wrong()
            || self.service_details.is_wrong()
            || self.tls_details.is_wrong()
    }
}

members! {
    /// `tlsDetails`.
    TlsDetails<'a> {
        tls_version = "tlsVersion": Text<'a>,
        #[serde(skip)] cipher_suite = "cipherSuite": Unread,
        #[serde(skip)] host = "clientProvidedHostHeader": Unread,
    }
}

members! {
    /// `userIdentity` (CloudTrail user guide, "CloudTrail userIdentity element").
    UserIdentity<'a> {
        kind = "type": Text<'a>,
        principal_id = "principalId": Text<'a>,
        arn = "arn": Text<'a>,
        account = "accountId": Text<'a>,
        access_key_id = "accessKeyId": Text<'a>,
        user_name = "userName": Text<'a>,
        session = "sessionContext": Member<Object<SessionContext<'a>>>,
        invoked_by = "invokedBy": Text<'a>,
        invoked_by_delegate = "invokedByDelegate": Member<Object<Delegate<'a>>>,
        on_behalf_of = "onBehalfOf": Member<Object<OnBehalfOf<'a>>>,
        in_scope_of = "inScopeOf": Member<Object<InScopeOf<'a>>>,
        credential_id = "credentialId": Text<'a>,
    }
}

members! {
    /// `userIdentity.invokedByDelegate`.
    Delegate<'a> {
        account = "accountId": Text<'a>,
    }
}

members! {
    /// `userIdentity.inScopeOf`.
    InScopeOf<'a> {
        source_arn = "sourceArn": Text<'a>,
        source_account = "sourceAccount": Text<'a>,
        issuer_type = "issuerType": Text<'a>,
        issued_to = "credentialsIssuedTo": Text<'a>,
    }
}

members! {
    /// `userIdentity.onBehalfOf`, of an Identity Center user.
    OnBehalfOf<'a> {
        user_id = "userId": Text<'a>,
        identity_store = "identityStoreArn": Text<'a>,
    }
}

members! {
    /// `userIdentity.sessionContext`.
    SessionContext<'a> {
        issuer = "sessionIssuer": Member<Object<SessionIssuer<'a>>>,
        attributes = "attributes": Member<Object<Attributes<'a>>>,
        source_identity = "sourceIdentity": Text<'a>,
        sign_in_session = "signInSessionArn": Text<'a>,
    }
}

members! {
    /// `userIdentity.sessionContext.sessionIssuer`; empty for a user.
    SessionIssuer<'a> {
        #[serde(skip)] kind = "type": Unread,
        #[serde(skip)] principal_id = "principalId": Unread,
        arn = "arn": Text<'a>,
        #[serde(skip)] account = "accountId": Unread,
        user_name = "userName": Text<'a>,
    }
}

members! {
    /// `userIdentity.sessionContext.attributes`.
    Attributes<'a> {
        creation_date = "creationDate": Text<'a>,
        from_console = "sessionCredentialFromConsole": Member<Flag>,
    }
}

members! {
    /// `requestParameters` of every call that is read; also what stands there when it was omitted.
    Parameters<'a> {
        registry_id = "registryId": Text<'a>,
        repository_name = "repositoryName": Text<'a>,
        upload_id = "uploadId": Text<'a>,
        part_first_byte = "partFirstByte": Member<Whole>,
        part_last_byte = "partLastByte": Member<Whole>,
        layer_digests = "layerDigests": Member<List<Text<'a>>>,
        image_manifest = "imageManifest": Member<Long<'a>>,
        image_manifest_media_type = "imageManifestMediaType": Text<'a>,
        image_tag = "imageTag": Text<'a>,
        image_digest = "imageDigest": Text<'a>,
        image_ids = "imageIds": Member<List<Member<Object<ImageId<'a>>>>>,
        omitted = "omitted": Member<Flag>,
        original_size = "originalSize": Member<Whole>,
    }
}

members! {
    /// What is read of a record of a call beside the pushes, and of no other.
    Beside<'a> {
        request = "requestParameters": Member<Object<BesideParameters<'a>>>,
        response = "responseElements": Member<Object<BesideResponse<'a>>>,
    }
}

members! {
    /// `requestParameters` of calls beside the pushes.
    BesideParameters<'a> {
        image_id = "imageId": Member<Object<ImageId<'a>>>,
        image_tag_mutability = "imageTagMutability": Text<'a>,
        exclusions = "imageTagMutabilityExclusionFilters": Member<List<Member<Object<Exclusion<'a>>>>>,
        storage_class = "targetStorageClass": Text<'a>,
    }
}

members! {
    /// A filter of tags that a mutability setting excludes.
    Exclusion<'a> {
        #[serde(skip)] kind = "filterType": Unread,
        filter = "filter": Text<'a>,
    }
}

members! {
    /// `responseElements` of calls beside the pushes.
    BesideResponse<'a> {
        failures = "failures": Member<List<Member<Object<ImageFailure<'a>>>>>,
    }
}

members! {
    /// An element of the `failures` of an answer.
    ImageFailure<'a> {
        image_id = "imageId": Member<Object<ImageId<'a>>>,
        code = "failureCode": Text<'a>,
        reason = "failureReason": Text<'a>,
    }
}

members! {
    /// `responseElements` of every call that is read; also what stands there when it was omitted.
    Response<'a> {
        registry_id = "registryId": Text<'a>,
        repository_name = "repositoryName": Text<'a>,
        upload_id = "uploadId": Text<'a>,
        part_size = "partSize": Member<Whole>,
        last_byte_received = "lastByteReceived": Member<Whole>,
        layer_digest = "layerDigest": Text<'a>,
        layers = "layers": Member<List<Member<Object<Layer<'a>>>>>,
        image = "image": Member<Object<Image<'a>>>,
        repository = "repository": Member<Object<CreatedRepository<'a>>>,
        omitted = "omitted": Member<Flag>,
    }
}

members! {
    /// `responseElements.layers[]` of a check.
    Layer<'a> {
        layer_digest = "layerDigest": Text<'a>,
        layer_availability = "layerAvailability": Text<'a>,
    }
}

members! {
    /// `responseElements.image` of a `PutImage`.
    Image<'a> {
        registry_id = "registryId": Text<'a>,
        repository_name = "repositoryName": Text<'a>,
        image_id = "imageId": Member<Object<ImageId<'a>>>,
        image_manifest = "imageManifest": Member<Long<'a>>,
        image_manifest_media_type = "imageManifestMediaType": Text<'a>,
    }
}

members! {
    /// An `imageId`.
    ImageId<'a> {
        image_digest = "imageDigest": Text<'a>,
        image_tag = "imageTag": Text<'a>,
    }
}

members! {
    /// `responseElements.repository` of a `CreateRepository`.
    CreatedRepository<'a> {
        registry_id = "registryId": Text<'a>,
        repository_name = "repositoryName": Text<'a>,
        repository_uri = "repositoryUri": Text<'a>,
    }
}

members! {
    /// An element of `resources`; two spellings of its ARN occur.
    Resource<'a> {
        #[serde(skip)] account_id = "accountId": Unread,
        #[serde(skip)] kind = "type": Unread,
        arn = "ARN": Text<'a>,
        arn_lower = "arn": Text<'a>,
    }
}

members! {
    /// `addendum`: this record amends an earlier one.
    Addendum<'a> {
        original_event_id = "originalEventID": Text<'a>,
    }
}

members! {
    /// `serviceEventDetails` of a lifecycle policy's run.
    ServiceDetails<'a> {
        repository_name = "repositoryName": Text<'a>,
        image_actions = "lifecycleEventImageActions": Member<List<Member<Object<LifecycleAction<'a>>>>>,
    }
}

members! {
    /// An image that a lifecycle policy acted on.
    LifecycleAction<'a> {
        image = "lifecycleEventImage": Member<Object<LifecycleImage<'a>>>,
    }
}

members! {
    /// The image itself.
    LifecycleImage<'a> {
        digest = "digest": Text<'a>,
        tags = "tagList": Member<List<Text<'a>>>,
    }
}

members! {
    /// A manifest or index (OCI image specification; Docker registry manifest v2, schema 1 and 2).
    ManifestJson<'a> {
        #[serde(skip)] schema_version = "schemaVersion": Unread,
        media_type = "mediaType": Text<'a>,
        artifact_type = "artifactType": Text<'a>,
        config = "config": Member<Object<DescriptorJson<'a>>>,
        layers = "layers": Member<List<Member<Object<DescriptorJson<'a>>>>>,
        blobs = "blobs": Member<List<Member<Object<DescriptorJson<'a>>>>>,
        fs_layers = "fsLayers": Member<List<Member<Object<DescriptorJson<'a>>>>>,
        manifests = "manifests": Member<List<Member<Object<DescriptorJson<'a>>>>>,
        subject = "subject": Member<Object<DescriptorJson<'a>>>,
        annotations = "annotations": Member<Object<Annotations<'a>>>,
    }
}

members! {
    /// A descriptor, or an element of schema 1's `fsLayers`.
    DescriptorJson<'a> {
        media_type = "mediaType": Text<'a>,
        digest = "digest": Text<'a>,
        blob_sum = "blobSum": Text<'a>,
        size = "size": Member<Whole>,
        platform = "platform": Member<Object<Platform<'a>>>,
        annotations = "annotations": Member<Object<Annotations<'a>>>,
    }
}

members! {
    /// `annotations` that tell what a manifest is and of which (BuildKit, "Attestation storage";
    /// Sigstore, bundles in registries).
    Annotations<'a> {
        reference_digest = "vnd.docker.reference.digest": Text<'a>,
        reference_type = "vnd.docker.reference.type": Text<'a>,
        predicate = "dev.sigstore.bundle.predicateType": Text<'a>,
    }
}

members! {
    /// `platform` of a child manifest.
    Platform<'a> {
        architecture = "architecture": Text<'a>,
        os = "os": Text<'a>,
        variant = "variant": Text<'a>,
    }
}
