//! Image manifests and indexes, of Docker and OCI.
//!
//! Comes in: the `imageManifest` string of a `PutImage`. Goes out: the digests it lists and what it
//! is. Never: a refusal for a member it does not know; registries store what they do not know too.

use crate::event::caller::Callers;
use crate::event::wire::{self, DescriptorJson, ManifestJson, Member, Object};
use crate::event::{Digest, DigestId, Tables, TextId};

/// What a manifest lists.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Manifest {
    /// An image or artifact: blobs.
    Image {
        /// The config blob; `None` in an artifact manifest or Docker schema 1.
        config: Option<Descriptor>,
        /// The layers, or an artifact manifest's blobs, base first.
        layers: Box<[Descriptor]>,
        /// The manifest that this one is about.
        subject: Option<Descriptor>,
        /// `artifactType`, else the config's media type where that names no image config.
        artifact_type: Option<TextId>,
        /// `mediaType`.
        media_type: Option<TextId>,
    },
    /// An index: other manifests.
    Index {
        /// The manifests, in order.
        manifests: Box<[Descriptor]>,
        /// The manifest that this one is about.
        subject: Option<Descriptor>,
        /// `mediaType`.
        media_type: Option<TextId>,
    },
}

/// A reference to content (OCI image specification, `descriptor.md`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Descriptor {
    /// The content's digest.
    pub digest: DigestId,
    /// The content's size in bytes; `None` when absent or no number.
    pub size: Option<u64>,
    /// `mediaType`.
    pub media_type: Option<TextId>,
    /// `os/architecture[/variant]` of a child manifest.
    pub platform: Option<TextId>,
}

/// What kind of thing a manifest makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ManifestKind {
    /// A container image.
    Image,
    /// An index over other manifests.
    Index,
    /// Anything else: a signature, an SBOM, a chart.
    Artifact,
}

impl ManifestKind {
    /// The name that reports use.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Image => "image",
            Self::Index => "index",
            Self::Artifact => "artifact",
        }
    }
}

impl Manifest {
    /// The kind: an index by its list, an artifact by its type or subject, else an image.
    #[must_use]
    pub fn kind(&self) -> ManifestKind {
        match self {
            Self::Index { .. } => ManifestKind::Index,
            Self::Image {
                subject: Some(_), ..
            }
            | Self::Image {
                artifact_type: Some(_),
                ..
            } => ManifestKind::Artifact,
            Self::Image {
                subject: None,
                artifact_type: None,
                ..
            } => ManifestKind::Image,
        }
    }

    /// The blobs that must exist before the manifest is accepted: config first, then layers.
    pub fn blobs(&self) -> impl Iterator<Item = &Descriptor> {
        let (config, layers) = match self {
            Self::Image { config, layers, .. } => (config.as_ref(), &**layers),
            Self::Index { .. } => (None, &[][..]),
        };
        config.into_iter().chain(layers)
    }

    /// The manifests that must exist before an index is accepted.
    #[must_use]
    pub fn children(&self) -> &[Descriptor] {
        match self {
            Self::Image { .. } => &[],
            Self::Index { manifests, .. } => manifests,
        }
    }

    /// The manifest that this one is about.
    #[must_use]
    pub fn subject(&self) -> Option<&Descriptor> {
        match self {
            Self::Image { subject, .. } | Self::Index { subject, .. } => subject.as_ref(),
        }
    }

    /// `mediaType`.
    #[must_use]
    pub fn media_type(&self) -> Option<TextId> {
        match self {
            Self::Image { media_type, .. } | Self::Index { media_type, .. } => *media_type,
        }
    }
}

/// The media types of a config that makes an image of a manifest.
///
/// OCI image specification, `media-types.md`; Docker registry, `manifest-v2-2.md`.
const IMAGE_CONFIGS: [&str; 2] = [
    "application/vnd.oci.image.config.v1+json",
    "application/vnd.docker.container.image.v1+json",
];

/// Cosign stores signatures as images whose layers have this media type's prefix.
const COSIGN_LAYER: &str = "application/vnd.dev.cosign.";

/// The manifest of an `imageManifest` string, or what is wrong with it.
pub(super) fn parse(text: &str, tables: &mut Tables) -> Result<Manifest, &'static str> {
    let mut json = ManifestJson::default();
    wire::read(text, &Callers::default(), &mut json).map_err(|_| "a JSON object")?;
    let media_type = json.media_type.text().map(|text| tables.text(text));
    let subject = descriptor(json.subject.object(), tables)?;
    if json.manifests.get().is_some() {
        let manifests = descriptors(json.manifests.values(), tables)?;
        return Ok(Manifest::Index {
            manifests,
            subject,
            media_type,
        });
    }
    let config = descriptor(json.config.object(), tables)?;
    let listed = [&json.layers, &json.blobs, &json.fs_layers];
    let Some(layers) = listed.into_iter().find(|list| list.get().is_some()) else {
        return Err("an image manifest or an index");
    };
    let layers = layers.values();
    let config_type = json
        .config
        .object()
        .and_then(|config| config.media_type.text());
    let named = json.artifact_type.text();
    let by_config = config_type.filter(|text| !IMAGE_CONFIGS.contains(text));
    let by_layer = layers
        .iter()
        .filter_map(|layer| layer.object()?.media_type.text())
        .find(|text| text.starts_with(COSIGN_LAYER));
    let artifact_type = named
        .or(by_config)
        .or(by_layer)
        .map(|text| tables.text(text));
    let layers = descriptors(layers, tables)?;
    Ok(Manifest::Image {
        config,
        layers,
        subject,
        artifact_type,
        media_type,
    })
}

fn descriptors(
    list: &[Member<Object<DescriptorJson<'_>>>],
    tables: &mut Tables,
) -> Result<Box<[Descriptor]>, &'static str> {
    list.iter()
        .map(|member| descriptor(member.object(), tables)?.ok_or("a list of descriptors"))
        .collect()
}

/// The descriptor of an object, `None` where there is none.
fn descriptor(
    json: Option<&DescriptorJson<'_>>,
    tables: &mut Tables,
) -> Result<Option<Descriptor>, &'static str> {
    let Some(json) = json else { return Ok(None) };
    let text = json.digest.text().or(json.blob_sum.text());
    let digest = text
        .and_then(Digest::parse)
        .ok_or("descriptors with OCI digests")?;
    let platform = json.platform.object().map(|platform| {
        let parts = [&platform.os, &platform.architecture, &platform.variant];
        parts
            .into_iter()
            .filter_map(|part| part.text())
            .collect::<Vec<_>>()
            .join("/")
    });
    Ok(Some(Descriptor {
        digest: tables.digests.insert(digest),
        size: json.size.get().map(|size| size.0),
        media_type: json.media_type.text().map(|text| tables.text(text)),
        platform: platform
            .filter(|text| !text.is_empty())
            .map(|text| tables.text(&text)),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: &str = "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    const B: &str = "sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";

    fn read(text: &str) -> Result<(Manifest, Tables), &'static str> {
        let mut tables = Tables::default();
        parse(text, &mut tables).map(|manifest| (manifest, tables))
    }

    fn kind(text: &str) -> ManifestKind {
        read(text).expect("a manifest").0.kind()
    }

    #[test]
    fn an_image_lists_config_and_layers() {
        let text = format!(
            r#"{{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json",
            "config":{{"mediaType":"{}","digest":"{A}","size":7}},
            "layers":[{{"mediaType":"x","digest":"{B}","size":9}}]}}"#,
            IMAGE_CONFIGS[0]
        );
        let (manifest, tables) = read(&text).expect("a manifest");
        let blobs: Vec<_> = manifest
            .blobs()
            .map(|b| (tables.digests.get(b.digest).to_string(), b.size))
            .collect();
        assert_eq!(blobs, [(A.to_owned(), Some(7)), (B.to_owned(), Some(9))]);
        assert_eq!(manifest.kind(), ManifestKind::Image);
    }

    #[test]
    fn an_index_lists_children_with_platforms() {
        let text = format!(
            r#"{{"manifests":[{{"digest":"{A}","size":1,"platform":{{"os":"linux","architecture":"arm","variant":"v7"}}}}]}}"#
        );
        let (manifest, tables) = read(&text).expect("an index");
        let platform = manifest.children()[0].platform.expect("a platform");
        assert_eq!(&**tables.texts.get(platform), "linux/arm/v7");
        assert_eq!(manifest.kind(), ManifestKind::Index);
        assert_eq!(kind(r#"{"manifests":[]}"#), ManifestKind::Index);
    }

    #[test]
    fn artifacts_are_told_by_type_config_subject_or_blobs() {
        let config = |media| format!(r#""config":{{"mediaType":"{media}","digest":"{A}"}}"#);
        let helm = config("application/vnd.cncf.helm.config.v1+json");
        assert_eq!(
            kind(&format!(r#"{{{helm},"layers":[]}}"#)),
            ManifestKind::Artifact
        );
        let image = config(IMAGE_CONFIGS[1]);
        assert_eq!(
            kind(&format!(r#"{{{image},"layers":[]}}"#)),
            ManifestKind::Image
        );
        let about = format!(r#"{{{image},"layers":[],"subject":{{"digest":"{B}"}}}}"#);
        assert_eq!(kind(&about), ManifestKind::Artifact);
        assert_eq!(
            kind(r#"{"artifactType":"sbom","blobs":[]}"#),
            ManifestKind::Artifact
        );
    }

    #[test]
    fn schema_1_is_read() {
        let text = format!(r#"{{"schemaVersion":1,"fsLayers":[{{"blobSum":"{A}"}}]}}"#);
        assert_eq!(read(&text).expect("a manifest").0.blobs().count(), 1);
    }

    #[test]
    fn what_is_no_manifest_is_said() {
        for (text, expected) in [
            ("", "a JSON object"),
            ("[]", "a JSON object"),
            ("{}", "an image manifest or an index"),
            (
                r#"{"layers":[{"digest":"x"}]}"#,
                "descriptors with OCI digests",
            ),
            (r#"{"layers":[7]}"#, "a list of descriptors"),
        ] {
            assert_eq!(read(text).map(|_| ()), Err(expected), "{text}");
        }
    }
}
