//! Image manifests and indexes, of Docker and OCI.
//!
//! Comes in: the `imageManifest` string of a `PutImage`. Goes out: the digests it lists and what it
//! is. Never: a refusal for a member it does not know; registries store what they do not know too.

use crate::event::{DigestId, TextId};

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
