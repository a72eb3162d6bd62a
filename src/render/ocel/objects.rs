//! The objects: pushes and their uploads, and what pushes share.
//!
//! Comes in: pushes without their calls. Goes out: each object once, with its relations, by the
//! push that knows most about it. Never: an object that no push names.

use std::io;

use crate::event::{BlobKind, ManifestKind};
use crate::render::ocel::Knowledge::{Made, Named, Written};
use crate::render::ocel::{
    Attribute, Entry, Knowledge, Known, List, Relationship, attribute, identity_id, image_id,
    layer_id, push_id, relation, repository_id, upload_id,
};
use crate::report::{LayerRow, LayerState, ManifestRow, ManifestState, ReasonKind, SessionRow};

/// The time of an attribute that does not change: the start of all time (OCEL 2.0, section 4).
const ALWAYS: &str = "1970-01-01T00:00:00Z";

/// Remembers which objects there will be, and how much is known about each.
pub(super) fn note(push: &SessionRow<'_>, known: &mut Known) {
    known.note(push_id(&push.id), Made);
    known.note(identity_id(push), Made);
    if let Some(id) = repository_id(push) {
        known.note(id, Made);
    }
    for layer in &push.layers {
        if let Some(digest) = &layer.digest {
            known.note(layer_id(digest), of_layer(layer));
        }
    }
    for manifest in &push.manifests {
        if let Some(digest) = &manifest.digest {
            known.note(image_id(digest), of_manifest(manifest));
        }
    }
    if let Some(login) = &push.authorization {
        let pushes = known.logins.entry(login.event_id.to_string());
        pushes.or_default().push(push.id.clone());
    }
}

/// How much a push knows about a layer: it knows kind and size if a manifest lists the layer.
fn of_layer(layer: &LayerRow<'_>) -> Knowledge {
    match layer.kind {
        Some(_) => Made,
        None => Named,
    }
}

/// How much a push knows about an image: the push that put it knows what it lists.
fn of_manifest(manifest: &ManifestRow<'_>) -> Knowledge {
    match manifest.state {
        ManifestState::Put => Made,
        ManifestState::Reused | ManifestState::Refused | ManifestState::Omitted => Named,
    }
}

/// Writes the push, its uploads, and those shared objects that are due.
pub(super) fn write(
    push: &SessionRow<'_>,
    known: &mut Known,
    list: &mut List<'_>,
) -> io::Result<()> {
    list.write(&of_push(push, known))?;
    for (place, layer) in push.layers.iter().enumerate() {
        if layer.upload_id.is_some() {
            list.write(&upload(push, place, layer))?;
        }
        if let Some(digest) = &layer.digest
            && known.is_due(&layer_id(digest), of_layer(layer))
        {
            list.write(&self::layer(digest, layer))?;
        }
    }
    for manifest in &push.manifests {
        if let Some(digest) = &manifest.digest
            && known.is_due(&image_id(digest), of_manifest(manifest))
        {
            list.write(&image(push, digest, manifest, known))?;
        }
    }
    if let Some(id) = repository_id(push).filter(|id| known.is_due(id, Made)) {
        list.write(&repository(push, id))?;
    }
    let id = identity_id(push);
    match known.is_due(&id, Made) {
        true => list.write(&identity(push, id)),
        false => Ok(()),
    }
}

fn of_push(push: &SessionRow<'_>, known: &mut Known) -> Entry {
    // The push is its own object; marking it as written lets pushes that repeat it refer to it.
    known.note(push_id(&push.id), Written);
    let client = push.client.as_ref();
    let reason = push.reason.as_ref().map(|reason| reason.kind);
    let attributes = [
        attribute("status", Some(push.status.name())),
        attribute("reason", reason.map(ReasonKind::name)),
        attribute("confidence", Some(push.confidence.name())),
        attribute("first", Some(&*push.first)),
        attribute("last", Some(&*push.last)),
        attribute("duration_s", Some(push.duration_s)),
        attribute("uploaded_bytes", Some(push.uploaded_bytes)),
        attribute("reused_bytes", Some(push.reused_bytes)),
        attribute("orphaned_bytes", Some(push.orphaned_bytes)),
        attribute("client_ip", client.and_then(|c| c.source_ip.as_deref())),
        attribute(
            "client_user_agent",
            client.and_then(|c| c.user_agent.as_deref()),
        ),
    ];
    let mut relations = vec![relation(identity_id(push), "pushed by")];
    relations.extend(repository_id(push).map(|id| relation(id, "pushed to")));
    for manifest in &push.manifests {
        if let Some(digest) = &manifest.digest {
            relations.push(relation(image_id(digest), of_state(manifest.state)));
        }
    }
    for layer in push
        .layers
        .iter()
        .filter(|layer| layer.state == LayerState::Reused)
    {
        if let Some(digest) = &layer.digest {
            relations.push(relation(layer_id(digest), "reused"));
        }
    }
    let earlier = push.retry_of.as_deref().map(push_id);
    let earlier = earlier.filter(|id| known.holds(id));
    relations.extend(earlier.map(|id| relation(id, "did again")));
    object(push_id(&push.id), "push", attributes, relations)
}

/// What a push did with a manifest, by its state.
fn of_state(state: ManifestState) -> &'static str {
    match state {
        ManifestState::Reused => "reused",
        ManifestState::Refused => "tried to put",
        ManifestState::Put | ManifestState::Omitted => "put",
    }
}

fn upload(push: &SessionRow<'_>, place: usize, layer: &LayerRow<'_>) -> Entry {
    let attributes = [
        attribute("upload_id", layer.upload_id.as_deref()),
        attribute("state", Some(layer.state.name())),
        attribute("parts", Some(layer.parts)),
        attribute("received_bytes", Some(layer.received_bytes)),
    ];
    let mut relations = vec![relation(push_id(&push.id), "made by")];
    let digest = layer.digest.as_deref();
    relations.extend(digest.map(|digest| relation(layer_id(digest), "brought")));
    object(upload_id(push, place), "upload", attributes, relations)
}

fn layer(digest: &str, layer: &LayerRow<'_>) -> Entry {
    let attributes = [
        attribute("digest", Some(digest)),
        attribute("kind", layer.kind.map(BlobKind::name)),
        attribute("size_bytes", layer.size_bytes),
    ];
    object(layer_id(digest), "layer", attributes, Vec::new())
}

fn image(push: &SessionRow<'_>, digest: &str, manifest: &ManifestRow<'_>, known: &Known) -> Entry {
    let attributes = [
        attribute("digest", Some(digest)),
        attribute("kind", manifest.kind.map(ManifestKind::name)),
        attribute("what", manifest.what.as_deref()),
        attribute("artifact_type", manifest.artifact_type.as_deref()),
        attribute("media_type", manifest.media_type.as_deref()),
        attribute("size_bytes", manifest.size_bytes),
    ];
    let lists = |of: &[String]| of.iter().any(|of| of == digest);
    let mut relations = Vec::new();
    for layer in push.layers.iter().filter(|layer| lists(&layer.of)) {
        let id = layer.digest.as_deref().map(layer_id);
        relations.extend(id.map(|id| relation(id, "lists")));
    }
    for child in push.manifests.iter().filter(|child| lists(&child.of)) {
        let id = child.digest.as_deref().map(image_id);
        relations.extend(id.map(|id| relation(id, "lists")));
    }
    let subject = manifest.subject.as_deref().map(image_id);
    let subject = subject.filter(|id| known.holds(id));
    relations.extend(subject.map(|id| relation(id, "refers to")));
    object(image_id(digest), "image", attributes, relations)
}

fn repository(push: &SessionRow<'_>, id: String) -> Entry {
    let attributes = [
        attribute("service", Some(push.service.name())),
        attribute("registry", push.registry.as_deref()),
        attribute("region", push.region.as_deref()),
        attribute("name", push.repository.as_deref()),
    ];
    object(id, "repository", attributes, Vec::new())
}

fn identity(push: &SessionRow<'_>, id: String) -> Entry {
    let identity = &push.identity;
    let attributes = [
        attribute("kind", identity.kind.as_deref()),
        attribute("arn", identity.arn.as_deref()),
        attribute("account", identity.account.as_deref()),
        attribute("name", Some(&*identity.name)),
    ];
    object(id, "identity", attributes, Vec::new())
}

fn object(
    id: String,
    kind: &'static str,
    attributes: impl IntoIterator<Item = Option<Attribute>>,
    mut relationships: Vec<Relationship>,
) -> Entry {
    relationships.sort_unstable();
    relationships.dedup();
    Entry {
        id,
        kind,
        time: None,
        attributes: attributes.into_iter().flatten().map(always).collect(),
        relationships,
    }
}

/// An attribute of an object, which needs a time; none of these changes.
fn always(attribute: Attribute) -> Attribute {
    Attribute {
        time: Some(ALWAYS),
        ..attribute
    }
}
