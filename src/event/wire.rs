//! The members of a record that are read, borrowed from its text.
//!
//! Comes in: a record's JSON. Goes out: its members by their CloudTrail names; one of the wrong
//! type is [`Wrong`](Member::Wrong) and costs only itself. Never: a member that nothing reads.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// A member of an object, whatever was found in its place.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
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
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Str<'a>(pub(super) Cow<'a, str>);

/// A whole number, also where it is written as a string of digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Whole(pub(super) u64);

/// `true`, also where it is written as a string.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Flag(pub(super) bool);

/// How a scalar type is made of the JSON values that it accepts.
trait Scalar<'de>: Sized {
    fn from_borrowed(text: &'de str) -> Option<Self> {
        Self::from_text(text)
    }
    fn from_text(text: &str) -> Option<Self>;
    fn from_number(_: u64) -> Option<Self> {
        None
    }
    fn from_bool(_: bool) -> Option<Self> {
        None
    }
}

impl<'de: 'a, 'a> Scalar<'de> for Str<'a> {
    fn from_borrowed(text: &'de str) -> Option<Self> {
        Some(Self(Cow::Borrowed(text)))
    }
    fn from_text(text: &str) -> Option<Self> {
        Some(Self(Cow::Owned(text.to_owned())))
    }
}

impl Scalar<'_> for Whole {
    fn from_text(text: &str) -> Option<Self> {
        text.parse().ok().map(Self)
    }
    fn from_number(number: u64) -> Option<Self> {
        Some(Self(number))
    }
}

impl Scalar<'_> for Flag {
    fn from_text(text: &str) -> Option<Self> {
        text.parse().ok().map(Self)
    }
    fn from_bool(value: bool) -> Option<Self> {
        Some(Self(value))
    }
}

/// Accepts every JSON value; what is no `T` becomes [`Member::Wrong`].
struct ScalarVisitor<T>(PhantomData<T>);

fn member<T>(value: Option<T>) -> Member<T> {
    value.map_or(Member::Wrong, Member::Is)
}

impl<'de, T: Scalar<'de>> Visitor<'de> for ScalarVisitor<T> {
    type Value = Member<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }
    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(member(T::from_borrowed(text)))
    }
    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(member(T::from_text(text)))
    }
    fn visit_u64<E>(self, number: u64) -> Result<Self::Value, E> {
        Ok(member(T::from_number(number)))
    }
    fn visit_bool<E>(self, value: bool) -> Result<Self::Value, E> {
        Ok(member(T::from_bool(value)))
    }
    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Member::Absent)
    }
    fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
        Ok(Member::Wrong)
    }
    fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
        Ok(Member::Wrong)
    }
    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Self::Value, A::Error> {
        drain_seq(seq).map(|()| Member::Wrong)
    }
    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        drain_map(map).map(|()| Member::Wrong)
    }
}

fn drain_seq<'de, A: SeqAccess<'de>>(mut seq: A) -> Result<(), A::Error> {
    while seq.next_element::<IgnoredAny>()?.is_some() {}
    Ok(())
}

fn drain_map<'de, A: MapAccess<'de>>(mut map: A) -> Result<(), A::Error> {
    while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
    Ok(())
}

impl<'de: 'a, 'a> Deserialize<'de> for Member<Str<'a>> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ScalarVisitor(PhantomData))
    }
}

impl<'de> Deserialize<'de> for Member<Whole> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ScalarVisitor(PhantomData))
    }
}

impl<'de> Deserialize<'de> for Member<Flag> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ScalarVisitor(PhantomData))
    }
}

/// An object whose members are read.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Object<T>(pub(super) T);

/// A list of members.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct List<T>(pub(super) Vec<T>);

/// Visits a composite; `T` decides which kind it accepts.
struct CompositeVisitor<T>(PhantomData<T>);

/// How a composite type is made of an object or a list.
trait Composite<'de>: Sized {
    fn from_map<A: MapAccess<'de>>(map: A) -> Result<Option<Self>, A::Error> {
        drain_map(map).map(|()| None)
    }
    fn from_seq<A: SeqAccess<'de>>(seq: A) -> Result<Option<Self>, A::Error> {
        drain_seq(seq).map(|()| None)
    }
}

impl<'de, T: Deserialize<'de>> Composite<'de> for Object<T> {
    fn from_map<A: MapAccess<'de>>(map: A) -> Result<Option<Self>, A::Error> {
        T::deserialize(MapAccessDeserializer::new(map)).map(|value| Some(Self(value)))
    }
}

impl<'de, T: Deserialize<'de>> Composite<'de> for List<T> {
    fn from_seq<A: SeqAccess<'de>>(mut seq: A) -> Result<Option<Self>, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = seq.next_element()? {
            values.push(value);
        }
        Ok(Some(Self(values)))
    }
}

impl<'de, T: Composite<'de>> Visitor<'de> for CompositeVisitor<T> {
    type Value = Member<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }
    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        T::from_map(map).map(member)
    }
    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Self::Value, A::Error> {
        T::from_seq(seq).map(member)
    }
    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Member::Absent)
    }
    fn visit_str<E>(self, _: &str) -> Result<Self::Value, E> {
        Ok(Member::Wrong)
    }
    fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
        Ok(Member::Wrong)
    }
    fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
        Ok(Member::Wrong)
    }
    fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
        Ok(Member::Wrong)
    }
    fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
        Ok(Member::Wrong)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Member<Object<T>> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(CompositeVisitor(PhantomData))
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Member<List<T>> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(CompositeVisitor(PhantomData))
    }
}

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

/// A record (CloudTrail user guide, "CloudTrail record contents").
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Deserialize)]
#[serde(default, rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
pub(super) struct Record<'a> {
    pub(super) event_time: Text<'a>,
    pub(super) event_source: Text<'a>,
    pub(super) event_name: Text<'a>,
    pub(super) event_type: Text<'a>,
    pub(super) aws_region: Text<'a>,
    #[serde(rename = "sourceIPAddress")]
    pub(super) source_ip: Text<'a>,
    pub(super) user_agent: Text<'a>,
    pub(super) error_code: Text<'a>,
    pub(super) error_message: Text<'a>,
    #[serde(rename = "requestParameters")]
    pub(super) request: Member<Object<Parameters<'a>>>,
    #[serde(rename = "responseElements")]
    pub(super) response: Member<Object<Response<'a>>>,
    #[serde(rename = "userIdentity")]
    pub(super) identity: Member<Object<UserIdentity<'a>>>,
    #[serde(rename = "requestID")]
    pub(super) request_id: Text<'a>,
    #[serde(rename = "eventID")]
    pub(super) event_id: Text<'a>,
    pub(super) resources: Member<List<Member<Object<Resource<'a>>>>>,
    #[serde(rename = "recipientAccountId")]
    pub(super) recipient: Text<'a>,
    #[serde(rename = "sharedEventID")]
    pub(super) shared_event_id: Text<'a>,
    pub(super) addendum: Member<Object<Addendum<'a>>>,
    #[serde(rename = "serviceEventDetails")]
    pub(super) service_details: Member<Object<ServiceDetails<'a>>>,
}

/// `userIdentity` (CloudTrail user guide, "CloudTrail userIdentity element").
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Deserialize)]
#[serde(default, rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
pub(super) struct UserIdentity<'a> {
    #[serde(rename = "type")]
    pub(super) kind: Text<'a>,
    pub(super) principal_id: Text<'a>,
    pub(super) arn: Text<'a>,
    #[serde(rename = "accountId")]
    pub(super) account: Text<'a>,
    pub(super) access_key_id: Text<'a>,
    pub(super) user_name: Text<'a>,
    pub(super) invoked_by: Text<'a>,
    #[serde(rename = "sessionContext")]
    pub(super) session: Member<Object<SessionContext<'a>>>,
    pub(super) on_behalf_of: Member<Object<OnBehalfOf<'a>>>,
}

/// `userIdentity.onBehalfOf`, of an Identity Center user.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Deserialize)]
#[serde(default, rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
pub(super) struct OnBehalfOf<'a> {
    pub(super) user_id: Text<'a>,
}

/// `userIdentity.sessionContext`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Deserialize)]
#[serde(default, rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
pub(super) struct SessionContext<'a> {
    #[serde(rename = "sessionIssuer")]
    pub(super) issuer: Member<Object<SessionIssuer<'a>>>,
    pub(super) attributes: Member<Object<Attributes<'a>>>,
}

/// `userIdentity.sessionContext.sessionIssuer`; empty for a user.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Deserialize)]
#[serde(default, rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
pub(super) struct SessionIssuer<'a> {
    pub(super) arn: Text<'a>,
    pub(super) user_name: Text<'a>,
}

/// `userIdentity.sessionContext.attributes`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Deserialize)]
#[serde(default, rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
pub(super) struct Attributes<'a> {
    pub(super) creation_date: Text<'a>,
}

/// `requestParameters` of every call that is read; also what stands there when it was omitted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Deserialize)]
#[serde(default, rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
pub(super) struct Parameters<'a> {
    pub(super) registry_id: Text<'a>,
    pub(super) repository_name: Text<'a>,
    pub(super) upload_id: Text<'a>,
    pub(super) part_first_byte: Member<Whole>,
    pub(super) part_last_byte: Member<Whole>,
    pub(super) layer_digests: Member<List<Text<'a>>>,
    pub(super) image_manifest: Text<'a>,
    pub(super) image_manifest_media_type: Text<'a>,
    pub(super) image_tag: Text<'a>,
    pub(super) image_digest: Text<'a>,
    pub(super) image_ids: Member<List<Member<Object<ImageId<'a>>>>>,
    pub(super) image_tag_mutability: Text<'a>,
    pub(super) omitted: Member<Flag>,
    pub(super) original_size: Member<Whole>,
}

/// `responseElements` of every call that is read; also what stands there when it was omitted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Deserialize)]
#[serde(default, rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
pub(super) struct Response<'a> {
    pub(super) registry_id: Text<'a>,
    pub(super) repository_name: Text<'a>,
    pub(super) upload_id: Text<'a>,
    pub(super) part_size: Member<Whole>,
    pub(super) last_byte_received: Member<Whole>,
    pub(super) layer_digest: Text<'a>,
    pub(super) layers: Member<List<Member<Object<Layer<'a>>>>>,
    pub(super) image: Member<Object<Image<'a>>>,
    pub(super) repository: Member<Object<CreatedRepository<'a>>>,
    pub(super) omitted: Member<Flag>,
}

/// `responseElements.layers[]` of a check.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Deserialize)]
#[serde(default, rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
pub(super) struct Layer<'a> {
    pub(super) layer_digest: Text<'a>,
    pub(super) layer_availability: Text<'a>,
}

/// `responseElements.image` of a `PutImage`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Deserialize)]
#[serde(default, rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
pub(super) struct Image<'a> {
    pub(super) registry_id: Text<'a>,
    pub(super) repository_name: Text<'a>,
    pub(super) image_id: Member<Object<ImageId<'a>>>,
    pub(super) image_manifest: Text<'a>,
    pub(super) image_manifest_media_type: Text<'a>,
}

/// An `imageId`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Deserialize)]
#[serde(default, rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
pub(super) struct ImageId<'a> {
    pub(super) image_digest: Text<'a>,
    pub(super) image_tag: Text<'a>,
}

/// `responseElements.repository` of a `CreateRepository`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Deserialize)]
#[serde(default, rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
pub(super) struct CreatedRepository<'a> {
    pub(super) registry_id: Text<'a>,
    pub(super) repository_name: Text<'a>,
    pub(super) repository_uri: Text<'a>,
}

/// An element of `resources`; two spellings of its ARN occur.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Deserialize)]
#[serde(default, rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
pub(super) struct Resource<'a> {
    #[serde(rename = "ARN")]
    pub(super) arn: Text<'a>,
    #[serde(rename = "arn")]
    pub(super) arn_lower: Text<'a>,
}

/// `addendum`: this record amends an earlier one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Deserialize)]
#[serde(default, rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
pub(super) struct Addendum<'a> {
    #[serde(rename = "originalEventID")]
    pub(super) original_event_id: Text<'a>,
}

/// `serviceEventDetails` of a lifecycle policy's run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Deserialize)]
#[serde(default, rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
pub(super) struct ServiceDetails<'a> {
    pub(super) repository_name: Text<'a>,
    #[serde(rename = "lifecycleEventImageActions")]
    pub(super) image_actions: Member<List<Member<Object<LifecycleAction<'a>>>>>,
}

/// An image that a lifecycle policy acted on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Deserialize)]
#[serde(default, rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
pub(super) struct LifecycleAction<'a> {
    #[serde(rename = "lifecycleEventImage")]
    pub(super) image: Member<Object<LifecycleImage<'a>>>,
}

/// The image itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Deserialize)]
#[serde(default, rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
pub(super) struct LifecycleImage<'a> {
    pub(super) digest: Text<'a>,
    #[serde(rename = "tagList")]
    pub(super) tags: Member<List<Text<'a>>>,
}

/// A manifest or index (OCI image specification; Docker registry manifest v2, schema 1 and 2).
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Deserialize)]
#[serde(default, rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
pub(super) struct ManifestJson<'a> {
    pub(super) media_type: Text<'a>,
    pub(super) artifact_type: Text<'a>,
    pub(super) config: Member<Object<DescriptorJson<'a>>>,
    pub(super) layers: Member<List<Member<Object<DescriptorJson<'a>>>>>,
    pub(super) blobs: Member<List<Member<Object<DescriptorJson<'a>>>>>,
    pub(super) fs_layers: Member<List<Member<Object<DescriptorJson<'a>>>>>,
    pub(super) manifests: Member<List<Member<Object<DescriptorJson<'a>>>>>,
    pub(super) subject: Member<Object<DescriptorJson<'a>>>,
}

/// A descriptor, or an element of schema 1's `fsLayers`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Deserialize)]
#[serde(default, rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
pub(super) struct DescriptorJson<'a> {
    pub(super) media_type: Text<'a>,
    pub(super) digest: Text<'a>,
    pub(super) blob_sum: Text<'a>,
    pub(super) size: Member<Whole>,
    pub(super) platform: Member<Object<Platform<'a>>>,
}

/// `platform` of a child manifest.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Deserialize)]
#[serde(default, rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
pub(super) struct Platform<'a> {
    pub(super) architecture: Text<'a>,
    pub(super) os: Text<'a>,
    pub(super) variant: Text<'a>,
}
