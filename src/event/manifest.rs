//! Image manifests and indexes, of Docker and OCI.
//!
//! Comes in: the `imageManifest` string of a `PutImage`. Goes out: the digests it lists and the
//! kind of thing it is. Never: a refusal because of an unknown member; registries also store what
//! they do not know.

use crate::event::caller::Callers;
use crate::event::wire::{self, DescriptorJson, Inner, ManifestJson, Maybe};
use crate::event::{Bytes, Digest, DigestId, Tables, TextId, nature};

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
        /// `artifactType`, or else the config's media type if that is not the type of an image
        /// config.
        artifact_type: Option<TextId>,
        /// `mediaType`.
        media_type: Option<TextId>,
        /// What it makes, in words.
        what: &'static str,
    },
    /// An index: other manifests.
    Index {
        /// The manifests, in order.
        manifests: Box<[Descriptor]>,
        /// The manifest that this one is about.
        subject: Option<Descriptor>,
        /// `artifactType`.
        artifact_type: Option<TextId>,
        /// `mediaType`.
        media_type: Option<TextId>,
        /// What it makes, in words.
        what: &'static str,
        /// The attestations in the list of manifests.
        attested: Box<[Attested]>,
    },
}

/// An attestation next to its subject in an index, as BuildKit puts it there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Attested {
    /// The attestation.
    pub by: DigestId,
    /// The subject of the attestation.
    pub of: DigestId,
}

/// A reference to content (OCI image specification, `descriptor.md`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Descriptor {
    /// The content's digest.
    pub digest: DigestId,
    /// The content's size; `None` if absent or not a number.
    pub size: Option<Bytes>,
    /// `mediaType`.
    pub media_type: Option<TextId>,
    /// `os/architecture[/variant]` of a child manifest.
    pub platform: Option<TextId>,
}

/// The kind of thing that a manifest makes.
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

/// The kinds of blobs that a manifest lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum BlobKind {
    /// Its config.
    Config,
    /// One of its layers.
    Layer,
}

impl BlobKind {
    /// The name that reports use.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Config => "config",
            Self::Layer => "layer",
        }
    }
}

impl Manifest {
    /// The kind: an index if it lists manifests, an artifact by its type or subject, otherwise an
    /// image.
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

    /// What it makes, in words: `image`, `Helm chart`, `signature`.
    #[must_use]
    pub fn what(&self) -> &'static str {
        match self {
            Self::Image { what, .. } | Self::Index { what, .. } => what,
        }
    }

    /// `artifactType`, or the field that stands in for it.
    #[must_use]
    pub fn artifact_type(&self) -> Option<TextId> {
        match self {
            Self::Image { artifact_type, .. } | Self::Index { artifact_type, .. } => *artifact_type,
        }
    }

    /// The attestations that an index lists, with their subjects.
    #[must_use]
    pub fn attested(&self) -> &[Attested] {
        match self {
            Self::Image { .. } => &[],
            Self::Index { attested, .. } => attested,
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

/// The media types of a config that make a manifest an image.
///
/// OCI image specification, `media-types.md`; Docker registry, `manifest-v2-2.md`.
const IMAGE_CONFIGS: [&str; 2] = [
    "application/vnd.oci.image.config.v1+json",
    "application/vnd.docker.container.image.v1+json",
];

/// Cosign stores signatures as images whose layers have a media type with this prefix.
const COSIGN_LAYER: &str = "application/vnd.dev.cosign.";

/// The manifest in an `imageManifest` string, or what is wrong with it.
pub(super) fn parse(text: &str, tables: &mut Tables) -> Result<Manifest, &'static str> {
    let mut json = ManifestJson::default();
    wire::read(text, &Callers::default(), &mut json).map_err(|_| "a JSON object")?;
    let media_type = json.media_type.text().map(|text| tables.text(text));
    let subject = descriptor(json.subject.object(), tables)?;
    let named = json.artifact_type.text();
    if json.manifests.get().is_some() {
        let listed = json.manifests.values();
        // BuildKit's cache in its older form lists blobs, and includes its config.
        let types = listed
            .iter()
            .filter_map(|one| one.object()?.media_type.text());
        let what = named.into_iter().chain(types).find_map(nature::of_type);
        return Ok(Manifest::Index {
            attested: attested(listed, tables),
            manifests: descriptors(listed, tables)?,
            subject,
            artifact_type: named.map(|text| tables.text(text)),
            media_type,
            what: what.unwrap_or(nature::INDEX),
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
    let by_config = config_type.filter(|text| !IMAGE_CONFIGS.contains(text));
    let by_layer = layers
        .iter()
        .filter_map(|layer| layer.object()?.media_type.text())
        .find(|text| text.starts_with(COSIGN_LAYER));
    let by_type = named.or(by_config).or(by_layer);
    let is_plain = by_type.is_none() && subject.is_none();
    let what = what(&json, by_type, layers, is_plain);
    let artifact_type = by_type.map(|text| tables.text(text));
    let layers = descriptors(layers, tables)?;
    Ok(Manifest::Image {
        config,
        layers,
        subject,
        artifact_type,
        media_type,
        what,
    })
}

/// What an image manifest makes, in words, by its artifact type, its config, or its layers.
fn what(
    json: &ManifestJson<'_>,
    artifact_type: Option<&str>,
    layers: &[Maybe<Inner<DescriptorJson<'_>>>],
    is_image: bool,
) -> &'static str {
    let config = json.config.object();
    let config = config.and_then(|config| config.media_type.text());
    let layer = layers
        .first()
        .and_then(|layer| layer.object()?.media_type.text());
    let mut types = [artifact_type, config, layer].into_iter().flatten();
    let plain = match is_image {
        true => nature::IMAGE,
        false => nature::ARTIFACT,
    };
    let annotations = json.annotations.object();
    let predicate = annotations.and_then(|annotations| annotations.predicate.text());
    let known = types.find_map(nature::of_type);
    known.map_or(plain, |word| nature::of_statement(word, predicate))
}

/// The attestations in a list of manifests, as far as BuildKit's annotations show.
fn attested(list: &[Maybe<Inner<DescriptorJson<'_>>>], tables: &mut Tables) -> Box<[Attested]> {
    let listed = list.iter().filter_map(Maybe::object);
    let pairs = listed.filter_map(|one| {
        let annotations = one.annotations.object()?;
        let kind = annotations.reference_type.text()?;
        let of = Digest::parse(annotations.reference_digest.text()?)?;
        let by = Digest::parse(one.digest.text()?)?;
        (kind == "attestation-manifest").then_some((by, of))
    });
    pairs
        .map(|(by, of)| Attested {
            by: tables.digests.insert(by),
            of: tables.digests.insert(of),
        })
        .collect()
}

fn descriptors(
    list: &[Maybe<Inner<DescriptorJson<'_>>>],
    tables: &mut Tables,
) -> Result<Box<[Descriptor]>, &'static str> {
    list.iter()
        .map(|member| descriptor(member.object(), tables)?.ok_or("a list of descriptors"))
        .collect()
}

/// The descriptor for an object; `None` if there is none.
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
        size: json.size.get().map(|size| Bytes(size.0)),
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
        assert_eq!(
            blobs,
            [
                (A.to_owned(), Some(Bytes(7))),
                (B.to_owned(), Some(Bytes(9)))
            ]
        );
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
    fn things_are_called_what_they_are() {
        let what = |text: &str| read(text).expect("a manifest").0.what();
        let of = |artifact_type: &str, config: &str, layer: &str| {
            what(&format!(
                r#"{{{artifact_type}"config":{{"mediaType":"{config}","digest":"{A}"}},
                "layers":[{{"mediaType":"{layer}","digest":"{B}"}}]}}"#
            ))
        };
        let image = IMAGE_CONFIGS[0];
        let tar = "application/vnd.oci.image.layer.v1.tar+gzip";
        assert_eq!(of("", image, tar), "image");
        assert_eq!(
            of("", "application/vnd.buildkit.cacheconfig.v0", tar),
            "build cache"
        );
        assert_eq!(
            of("", "application/vnd.cncf.helm.config.v1+json", tar),
            "Helm chart"
        );
        let layer = "application/vnd.dev.cosign.simplesigning.v1+json";
        assert_eq!(of("", image, layer), "signature");
        assert_eq!(of("", image, "application/vnd.in-toto+json"), "attestation");
        assert_eq!(
            of(
                "",
                "application/vnd.wasm.config.v0+json",
                "application/wasm"
            ),
            "WASM module"
        );
        let empty = "application/vnd.oci.empty.v1+json";
        let typed = r#""artifactType":"application/spdx+json","#;
        assert_eq!(of(typed, empty, empty), "SBOM");
        let typed = r#""artifactType":"application/vnd.example","#;
        assert_eq!(of(typed, empty, empty), "artifact");
        let cache = format!(
            r#"{{"manifests":[{{"mediaType":"{tar}","digest":"{A}"}},
            {{"mediaType":"application/vnd.buildkit.cacheconfig.v0","digest":"{B}"}}]}}"#
        );
        assert_eq!(what(&cache), "build cache");
        assert_eq!(what(r#"{"manifests":[]}"#), "index");
    }

    #[test]
    fn an_attestation_beside_its_image_names_it() {
        let text = format!(
            r#"{{"manifests":[{{"digest":"{A}"}},{{"digest":"{B}","annotations":
            {{"vnd.docker.reference.digest":"{A}","vnd.docker.reference.type":"attestation-manifest"}}}}]}}"#
        );
        let (manifest, tables) = read(&text).expect("an index");
        let [pair] = manifest.attested() else {
            panic!("one attestation: {manifest:?}")
        };
        let text = |id| tables.digests.get(id).to_string();
        assert_eq!((text(pair.by), text(pair.of)), (B.to_owned(), A.to_owned()));
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
