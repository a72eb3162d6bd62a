//! The members of a record and of a manifest, under the names that CloudTrail and OCI use.
//!
//! Comes in: a position in a text, or serde's view of it. Goes out: the members that are named here.
//! Never: a member that nothing reads.

use serde::Deserialize;

use crate::event::caller::KnownCaller;
use crate::event::wire::cursor::{Cursor, Read};
use crate::event::wire::long::Long;
use crate::event::wire::member::{Elements, Flag, Inner, Maybe, MaybeText, Unread, Whole};

/// `userIdentity`, or the note that it was parsed before.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::event) struct Caller<'a> {
    /// The parsed content of an equal text.
    pub(in crate::event) known: Option<KnownCaller>,
    /// The value's text; empty if serde read it.
    pub(in crate::event) text: &'a str,
    /// The element, unless it is known.
    pub(in crate::event) identity: Maybe<Inner<UserIdentity<'a>>>,
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

/// Length, first and last byte of a name: a number that distinguishes most names.
#[inline(always)]
const fn tag(name: &str) -> u32 {
    match name.as_bytes() {
        [first, .., last] => (name.len() as u32) << 16 | (*first as u32) << 8 | *last as u32,
        _ => 0,
    }
}

/// Makes a struct of the members to read from an object, with both ways of reading it.
///
/// The members are in CloudTrail's order. Each is expected in its place by name; from the first one that
/// is elsewhere, names are compared with all.
macro_rules! members {
    ($($(#[$doc:meta])* $name:ident<$life:lifetime> {
        $($(#[$serde:meta])* $field:ident = $key:literal: $type:ty,)*
    })*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
        #[serde(default, bound(deserialize = "'de: 'a"))]
        pub(in crate::event) struct $name<$life> {
            $($(#[$serde])* #[serde(rename = $key)] pub(in crate::event) $field: $type,)*
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
    )*};
}

members! {
    /// A record (CloudTrail user guide, "CloudTrail record contents").
    Record<'a> {
        #[serde(skip)] event_version = "eventVersion": Unread,
        caller = "userIdentity": Caller<'a>,
        event_time = "eventTime": MaybeText<'a>,
        event_source = "eventSource": MaybeText<'a>,
        event_name = "eventName": MaybeText<'a>,
        aws_region = "awsRegion": MaybeText<'a>,
        source_ip = "sourceIPAddress": MaybeText<'a>,
        user_agent = "userAgent": MaybeText<'a>,
        error_code = "errorCode": MaybeText<'a>,
        error_message = "errorMessage": MaybeText<'a>,
        request = "requestParameters": Maybe<Inner<Parameters<'a>>>,
        response = "responseElements": Maybe<Inner<Response<'a>>>,
        request_id = "requestID": MaybeText<'a>,
        event_id = "eventID": MaybeText<'a>,
        #[serde(skip)] read_only = "readOnly": Unread,
        resources = "resources": Maybe<Elements<Maybe<Inner<Resource<'a>>>>>,
        event_type = "eventType": MaybeText<'a>,
        #[serde(skip)] management_event = "managementEvent": Unread,
        recipient = "recipientAccountId": MaybeText<'a>,
        shared_event_id = "sharedEventID": MaybeText<'a>,
        vpc_endpoint_id = "vpcEndpointId": MaybeText<'a>,
        vpc_endpoint_account = "vpcEndpointAccountId": MaybeText<'a>,
        addendum = "addendum": Maybe<Inner<Addendum<'a>>>,
        service_details = "serviceEventDetails": Maybe<Inner<ServiceDetails<'a>>>,
        event_category = "eventCategory": MaybeText<'a>,
        tls_details = "tlsDetails": Maybe<Inner<TlsDetails<'a>>>,
        from_console = "sessionCredentialFromConsole": Maybe<Flag>,
    }
}

impl Record<'_> {
    /// Whether something else is in place of an object or a list; perhaps it is folded into a text.
    pub(in crate::event) fn may_be_folded(&self) -> bool {
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
        tls_version = "tlsVersion": MaybeText<'a>,
        #[serde(skip)] cipher_suite = "cipherSuite": Unread,
        #[serde(skip)] host = "clientProvidedHostHeader": Unread,
    }

    /// `userIdentity` (CloudTrail user guide, "CloudTrail userIdentity element").
    UserIdentity<'a> {
        kind = "type": MaybeText<'a>,
        principal_id = "principalId": MaybeText<'a>,
        arn = "arn": MaybeText<'a>,
        account = "accountId": MaybeText<'a>,
        access_key_id = "accessKeyId": MaybeText<'a>,
        user_name = "userName": MaybeText<'a>,
        session = "sessionContext": Maybe<Inner<SessionContext<'a>>>,
        invoked_by = "invokedBy": MaybeText<'a>,
        invoked_by_delegate = "invokedByDelegate": Maybe<Inner<Delegate<'a>>>,
        on_behalf_of = "onBehalfOf": Maybe<Inner<OnBehalfOf<'a>>>,
        in_scope_of = "inScopeOf": Maybe<Inner<InScopeOf<'a>>>,
        credential_id = "credentialId": MaybeText<'a>,
    }

    /// `userIdentity.invokedByDelegate`.
    Delegate<'a> {
        account = "accountId": MaybeText<'a>,
    }

    /// `userIdentity.inScopeOf`.
    InScopeOf<'a> {
        source_arn = "sourceArn": MaybeText<'a>,
        source_account = "sourceAccount": MaybeText<'a>,
        issuer_type = "issuerType": MaybeText<'a>,
        issued_to = "credentialsIssuedTo": MaybeText<'a>,
    }

    /// `userIdentity.onBehalfOf`, of an Identity Center user.
    OnBehalfOf<'a> {
        user_id = "userId": MaybeText<'a>,
        identity_store = "identityStoreArn": MaybeText<'a>,
    }

    /// `userIdentity.sessionContext`.
    SessionContext<'a> {
        issuer = "sessionIssuer": Maybe<Inner<SessionIssuer<'a>>>,
        attributes = "attributes": Maybe<Inner<Attributes<'a>>>,
        source_identity = "sourceIdentity": MaybeText<'a>,
        sign_in_session = "signInSessionArn": MaybeText<'a>,
    }

    /// `userIdentity.sessionContext.sessionIssuer`; empty for a user.
    SessionIssuer<'a> {
        #[serde(skip)] kind = "type": Unread,
        #[serde(skip)] principal_id = "principalId": Unread,
        arn = "arn": MaybeText<'a>,
        #[serde(skip)] account = "accountId": Unread,
        user_name = "userName": MaybeText<'a>,
    }

    /// `userIdentity.sessionContext.attributes`.
    Attributes<'a> {
        creation_date = "creationDate": MaybeText<'a>,
        from_console = "sessionCredentialFromConsole": Maybe<Flag>,
    }

    /// `requestParameters` of every call that is read; also what replaces it if it was omitted.
    Parameters<'a> {
        registry_id = "registryId": MaybeText<'a>,
        repository_name = "repositoryName": MaybeText<'a>,
        upload_id = "uploadId": MaybeText<'a>,
        part_first_byte = "partFirstByte": Maybe<Whole>,
        part_last_byte = "partLastByte": Maybe<Whole>,
        layer_digests = "layerDigests": Maybe<Elements<MaybeText<'a>>>,
        image_manifest = "imageManifest": Maybe<Long<'a>>,
        image_manifest_media_type = "imageManifestMediaType": MaybeText<'a>,
        image_tag = "imageTag": MaybeText<'a>,
        image_digest = "imageDigest": MaybeText<'a>,
        layer_digest = "layerDigest": MaybeText<'a>,
        image_ids = "imageIds": Maybe<Elements<Maybe<Inner<ImageId<'a>>>>>,
        omitted = "omitted": Maybe<Flag>,
        original_size = "originalSize": Maybe<Whole>,
    }

    /// Members read only for calls outside pushes.
    Beside<'a> {
        request = "requestParameters": Maybe<Inner<BesideParameters<'a>>>,
        response = "responseElements": Maybe<Inner<BesideResponse<'a>>>,
    }

    /// `requestParameters` of calls outside pushes.
    BesideParameters<'a> {
        image_id = "imageId": Maybe<Inner<ImageId<'a>>>,
        image_tag_mutability = "imageTagMutability": MaybeText<'a>,
        exclusions = "imageTagMutabilityExclusionFilters": Maybe<Elements<Maybe<Inner<NameFilter<'a>>>>>,
        storage_class = "targetStorageClass": MaybeText<'a>,
        scanning = "imageScanningConfiguration": Maybe<Inner<Configuration<'a>>>,
        force = "force": Maybe<Flag>,
        policy = "policyText": MaybeText<'a>,
        replication = "replicationConfiguration": Maybe<Inner<Configuration<'a>>>,
        signing = "signingConfiguration": Maybe<Inner<Configuration<'a>>>,
        scan_type = "scanType": MaybeText<'a>,
        rules = "rules": Maybe<Elements<Maybe<Inner<Rule<'a>>>>>,
        setting = "name": MaybeText<'a>,
        value = "value": MaybeText<'a>,
        cache_prefix = "ecrRepositoryPrefix": MaybeText<'a>,
        upstream = "upstreamRegistryUrl": MaybeText<'a>,
        template_prefix = "prefix": MaybeText<'a>,
    }

    /// A filter: of tags that a mutability setting excludes, or of repositories that a rule is for.
    NameFilter<'a> {
        #[serde(skip)] kind = "filterType": Unread,
        filter = "filter": MaybeText<'a>,
    }

    /// `imageScanningConfiguration` of a repository, or how a registry replicates or signs.
    Configuration<'a> {
        scan_on_push = "scanOnPush": Maybe<Flag>,
        rules = "rules": Maybe<Elements<Maybe<Inner<Rule<'a>>>>>,
    }

    /// A rule of replication, scanning or signing.
    Rule<'a> {
        destinations = "destinations": Maybe<Elements<Maybe<Inner<Destination<'a>>>>>,
        filters = "repositoryFilters": Maybe<Elements<Maybe<Inner<NameFilter<'a>>>>>,
        profile = "signingProfileArn": MaybeText<'a>,
    }

    /// Where a rule of replication copies images to.
    Destination<'a> {
        region = "region": MaybeText<'a>,
        registry_id = "registryId": MaybeText<'a>,
    }

    /// `responseElements` of calls outside pushes.
    BesideResponse<'a> {
        failures = "failures": Maybe<Elements<Maybe<Inner<ImageFailure<'a>>>>>,
    }

    /// An element in the `failures` of a response.
    ImageFailure<'a> {
        image_id = "imageId": Maybe<Inner<ImageId<'a>>>,
        code = "failureCode": MaybeText<'a>,
        reason = "failureReason": MaybeText<'a>,
    }

    /// `responseElements` of every call that is read; also what replaces it if it was omitted.
    Response<'a> {
        registry_id = "registryId": MaybeText<'a>,
        repository_name = "repositoryName": MaybeText<'a>,
        upload_id = "uploadId": MaybeText<'a>,
        part_size = "partSize": Maybe<Whole>,
        last_byte_received = "lastByteReceived": Maybe<Whole>,
        layer_digest = "layerDigest": MaybeText<'a>,
        layers = "layers": Maybe<Elements<Maybe<Inner<Layer<'a>>>>>,
        image = "image": Maybe<Inner<Image<'a>>>,
        repository = "repository": Maybe<Inner<CreatedRepository<'a>>>,
        omitted = "omitted": Maybe<Flag>,
    }

    /// `responseElements.layers[]` of a check.
    Layer<'a> {
        layer_digest = "layerDigest": MaybeText<'a>,
        layer_availability = "layerAvailability": MaybeText<'a>,
    }

    /// `responseElements.image` of a `PutImage`.
    Image<'a> {
        registry_id = "registryId": MaybeText<'a>,
        repository_name = "repositoryName": MaybeText<'a>,
        image_id = "imageId": Maybe<Inner<ImageId<'a>>>,
        image_manifest = "imageManifest": Maybe<Long<'a>>,
        image_manifest_media_type = "imageManifestMediaType": MaybeText<'a>,
    }

    /// An `imageId`.
    ImageId<'a> {
        image_digest = "imageDigest": MaybeText<'a>,
        image_tag = "imageTag": MaybeText<'a>,
    }

    /// `responseElements.repository` of a `CreateRepository`.
    CreatedRepository<'a> {
        registry_id = "registryId": MaybeText<'a>,
        repository_name = "repositoryName": MaybeText<'a>,
        repository_uri = "repositoryUri": MaybeText<'a>,
    }

    /// An element of `resources`; two spellings of its ARN occur.
    Resource<'a> {
        #[serde(skip)] account_id = "accountId": Unread,
        #[serde(skip)] kind = "type": Unread,
        arn = "ARN": MaybeText<'a>,
        arn_lower = "arn": MaybeText<'a>,
    }

    /// `addendum`: this record amends an earlier one.
    Addendum<'a> {
        original_event_id = "originalEventID": MaybeText<'a>,
    }

    /// `serviceEventDetails` of a lifecycle policy's run. Inferred: that of an image that ECR copied names it.
    ServiceDetails<'a> {
        repository_name = "repositoryName": MaybeText<'a>,
        image_digest = "imageDigest": MaybeText<'a>,
        image_tag = "imageTag": MaybeText<'a>,
        policy = "lifecycleEventPolicy": Maybe<Inner<LifecyclePolicy<'a>>>,
        image_actions = "lifecycleEventImageActions": Maybe<Elements<Maybe<Inner<LifecycleAction<'a>>>>>,
    }

    /// The lifecycle policy that ran.
    LifecyclePolicy<'a> {
        rules = "lifecycleEventRules": Maybe<Elements<Maybe<Inner<LifecycleRule<'a>>>>>,
    }

    /// One of its rules: `expire`, or another word for what becomes of the images.
    LifecycleRule<'a> {
        priority = "rulePriority": Maybe<Whole>,
        action = "action": MaybeText<'a>,
    }

    /// An image that a lifecycle policy acted on.
    LifecycleAction<'a> {
        image = "lifecycleEventImage": Maybe<Inner<LifecycleImage<'a>>>,
        priority = "rulePriority": Maybe<Whole>,
    }

    /// The image itself.
    LifecycleImage<'a> {
        digest = "digest": MaybeText<'a>,
        tags = "tagList": Maybe<Elements<MaybeText<'a>>>,
    }

    /// A manifest or index (OCI image specification; Docker registry manifest v2, schema 1 and 2).
    ManifestJson<'a> {
        #[serde(skip)] schema_version = "schemaVersion": Unread,
        media_type = "mediaType": MaybeText<'a>,
        artifact_type = "artifactType": MaybeText<'a>,
        config = "config": Maybe<Inner<DescriptorJson<'a>>>,
        layers = "layers": Maybe<Elements<Maybe<Inner<DescriptorJson<'a>>>>>,
        blobs = "blobs": Maybe<Elements<Maybe<Inner<DescriptorJson<'a>>>>>,
        fs_layers = "fsLayers": Maybe<Elements<Maybe<Inner<DescriptorJson<'a>>>>>,
        manifests = "manifests": Maybe<Elements<Maybe<Inner<DescriptorJson<'a>>>>>,
        subject = "subject": Maybe<Inner<DescriptorJson<'a>>>,
        annotations = "annotations": Maybe<Inner<Annotations<'a>>>,
    }

    /// A descriptor, or an element of schema 1's `fsLayers`.
    DescriptorJson<'a> {
        media_type = "mediaType": MaybeText<'a>,
        digest = "digest": MaybeText<'a>,
        blob_sum = "blobSum": MaybeText<'a>,
        size = "size": Maybe<Whole>,
        platform = "platform": Maybe<Inner<Platform<'a>>>,
        annotations = "annotations": Maybe<Inner<Annotations<'a>>>,
    }

    /// `annotations` that say what a manifest is and what it belongs to (BuildKit, "Attestation storage";
    /// Sigstore, bundles in registries).
    Annotations<'a> {
        reference_digest = "vnd.docker.reference.digest": MaybeText<'a>,
        reference_type = "vnd.docker.reference.type": MaybeText<'a>,
        predicate = "dev.sigstore.bundle.predicateType": MaybeText<'a>,
    }

    /// `platform` of a child manifest.
    Platform<'a> {
        architecture = "architecture": MaybeText<'a>,
        os = "os": MaybeText<'a>,
        variant = "variant": MaybeText<'a>,
    }
}
