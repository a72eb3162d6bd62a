//! What is pushed: blobs and the manifests that list them.
//!
//! In: chance. Out: images, indexes and artifacts whose digests are the SHA-256 of the very manifest text
//! that a PutImage will carry. Blobs have a digest and a size but no content: CloudTrail logs none.

use std::collections::BTreeSet;
use std::rc::Rc;

use serde_json::{Value, json};

use super::random::Random;
use super::seal::sha256;

/// `sha256:` and 64 hexadecimal digits.
pub(crate) type Digest = Rc<str>;

/// The digest of `{}`, the config of most artifacts whatever they hold.
const EMPTY_BLOB: &str = "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a";

/// One mebibyte.
pub(crate) const MIB: u64 = 1 << 20;

/// Something uploaded layer by layer: a layer or a config.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Blob {
    pub(crate) digest: Digest,
    /// The digest before compression, which podman and buildah ask for and no manifest lists.
    pub(crate) uncompressed: Digest,
    pub(crate) size: u64,
    pub(crate) is_config: bool,
}

/// What a manifest is, as the truth names it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Image,
    Index,
    Artifact,
}

impl Kind {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Kind::Image => "image",
            Kind::Index => "index",
            Kind::Artifact => "artifact",
        }
    }
}

/// A manifest and all that must be in the registry before it.
pub(crate) struct Manifest {
    pub(crate) kind: Kind,
    pub(crate) digest: Digest,
    pub(crate) media_type: &'static str,
    pub(crate) text: String,
    /// Layers first, config last, as listed.
    pub(crate) blobs: Vec<Blob>,
    pub(crate) children: Vec<Rc<Manifest>>,
    pub(crate) subject: Option<Digest>,
}

impl Manifest {
    /// The manifest and all below it, children before what lists them, each once.
    pub(crate) fn bottom_up(self: &Rc<Self>) -> Vec<Rc<Manifest>> {
        let mut found = Vec::new();
        self.collect(&mut BTreeSet::new(), &mut found);
        found
    }

    fn collect(self: &Rc<Self>, seen: &mut BTreeSet<Digest>, found: &mut Vec<Rc<Manifest>>) {
        if !seen.insert(Rc::clone(&self.digest)) {
            return;
        }
        for child in &self.children {
            child.collect(seen, found);
        }
        found.push(Rc::clone(self));
    }

    /// Every digest that the text names: config, layers, children and subject.
    pub(crate) fn listed(&self) -> BTreeSet<Digest> {
        let blobs = self.blobs.iter().map(|blob| &blob.digest);
        let children = self.children.iter().map(|child| &child.digest);
        blobs
            .chain(children)
            .chain(&self.subject)
            .cloned()
            .collect()
    }
}

/// Whether a client writes Docker's media types or OCI's.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dialect {
    Docker,
    Oci,
}

const DOCKER_IMAGE: &str = "application/vnd.docker.distribution.manifest.v2+json";
const DOCKER_INDEX: &str = "application/vnd.docker.distribution.manifest.list.v2+json";
const OCI_IMAGE: &str = "application/vnd.oci.image.manifest.v1+json";
const OCI_INDEX: &str = "application/vnd.oci.image.index.v1+json";

/// The SHA-256 of `text` as OCI writes it.
pub(crate) fn digest_of(text: &str) -> Digest {
    format!("sha256:{}", sha256(text)).into()
}

fn random_digest(random: &mut Random) -> Digest {
    format!(
        "sha256:{:016x}{:016x}{:016x}{:016x}",
        random.next(),
        random.next(),
        random.next(),
        random.next()
    )
    .into()
}

/// A layer that nothing else has, of between `least` and `most` bytes.
pub(crate) fn layer(random: &mut Random, least: u64, most: u64) -> Blob {
    let spread = i64::try_from(most - least).expect("sizes fit");
    let size = least + u64::try_from(random.within(0, spread)).expect("not negative");
    Blob {
        digest: random_digest(random),
        uncompressed: random_digest(random),
        size,
        is_config: false,
    }
}

/// `n_layers` layers in the sizes that images have: mostly small, now and then large.
pub(crate) fn layers(random: &mut Random, n_layers: usize) -> Vec<Blob> {
    (0..n_layers)
        .map(|_| match random.index(10) {
            0..4 => layer(random, 120, 4_000),
            4..8 => layer(random, 50_000, 9 * MIB),
            _ => layer(random, 10 * MIB, 90 * MIB),
        })
        .collect()
}

fn config(random: &mut Random) -> Blob {
    let digest = random_digest(random);
    let size = 1_500 + random.next() % 9_000;
    Blob {
        uncompressed: Rc::clone(&digest),
        digest,
        size,
        is_config: true,
    }
}

/// An image of `layers`, with a config of its own.
pub(crate) fn image(random: &mut Random, dialect: Dialect, layers: &[Blob]) -> Rc<Manifest> {
    let config = config(random);
    image_manifest(dialect, Kind::Image, config, layers, None)
}

pub(crate) fn image_manifest(
    dialect: Dialect,
    kind: Kind,
    config: Blob,
    layers: &[Blob],
    subject: Option<&Manifest>,
) -> Rc<Manifest> {
    let (media_type, config_type, layer_type) = match dialect {
        Dialect::Docker => (
            DOCKER_IMAGE,
            "application/vnd.docker.container.image.v1+json",
            "application/vnd.docker.image.rootfs.diff.tar.gzip",
        ),
        Dialect::Oci => (
            OCI_IMAGE,
            "application/vnd.oci.image.config.v1+json",
            "application/vnd.oci.image.layer.v1.tar+gzip",
        ),
    };
    let mut text = json!({
        "schemaVersion": 2,
        "mediaType": media_type,
        "config": descriptor(config_type, &config.digest, config.size),
        "layers": layers.iter().map(|l| descriptor(layer_type, &l.digest, l.size)).collect::<Vec<_>>(),
    });
    if kind == Kind::Artifact {
        text["artifactType"] = json!("application/vnd.example.signature.v1");
    }
    if let Some(subject) = subject {
        text["subject"] = descriptor_of(subject);
    }
    let mut blobs = layers.to_vec();
    blobs.push(config);
    finish(
        kind,
        media_type,
        &text,
        blobs,
        Vec::new(),
        subject.map(|of| Rc::clone(&of.digest)),
    )
}

/// An index over `children`.
pub(crate) fn index(dialect: Dialect, children: &[Rc<Manifest>]) -> Rc<Manifest> {
    let media_type = match dialect {
        Dialect::Docker => DOCKER_INDEX,
        Dialect::Oci => OCI_INDEX,
    };
    let platforms = ["amd64", "arm64", "s390x", "ppc64le"];
    let manifests: Vec<Value> = children
        .iter()
        .zip(platforms.iter().cycle())
        .map(|(child, architecture)| {
            let mut entry = descriptor_of(child);
            if child.subject.is_none() {
                entry["platform"] = json!({"architecture": architecture, "os": "linux"});
            } else {
                entry["platform"] = json!({"architecture": "unknown", "os": "unknown"});
            }
            entry
        })
        .collect();
    let text = json!({"schemaVersion": 2, "mediaType": media_type, "manifests": manifests});
    finish(
        Kind::Index,
        media_type,
        &text,
        Vec::new(),
        children.to_vec(),
        None,
    )
}

/// A signature, SBOM or attestation of `subject`, put by a client run of its own.
pub(crate) fn artifact(random: &mut Random, subject: &Manifest) -> Rc<Manifest> {
    let payload = layer(random, 200, 40_000);
    let digest: Digest = EMPTY_BLOB.into();
    let config = Blob {
        uncompressed: Rc::clone(&digest),
        digest,
        size: 2,
        is_config: true,
    };
    image_manifest(
        Dialect::Oci,
        Kind::Artifact,
        config,
        &[payload],
        Some(subject),
    )
}

/// BuildKit's attestation of one platform's image: a manifest that refers to it and stands beside it in
/// the index.
pub(crate) fn attestation(random: &mut Random, subject: &Manifest) -> Rc<Manifest> {
    let payload = layer(random, 2_000, 60_000);
    let config = config(random);
    image_manifest(Dialect::Oci, Kind::Image, config, &[payload], Some(subject))
}

/// BuildKit's cache of a build: an image by its form, or an index whose `manifests` are the blobs themselves.
pub(crate) fn build_cache(random: &mut Random, layers: &[Blob], is_index: bool) -> Rc<Manifest> {
    const CONFIG: &str = "application/vnd.buildkit.cacheconfig.v0";
    const LAYER: &str = "application/vnd.oci.image.layer.v1.tar+gzip";
    let config = config(random);
    let mut listed: Vec<Value> = layers
        .iter()
        .map(|layer| descriptor(LAYER, &layer.digest, layer.size))
        .collect();
    let config_listed = descriptor(CONFIG, &config.digest, config.size);
    let (kind, media_type, text) = if is_index {
        listed.push(config_listed);
        let text = json!({"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": listed});
        (Kind::Index, OCI_INDEX, text)
    } else {
        let text = json!({
            "schemaVersion": 2,
            "mediaType": OCI_IMAGE,
            "config": config_listed,
            "layers": listed,
        });
        (Kind::Image, OCI_IMAGE, text)
    };
    let mut blobs = layers.to_vec();
    blobs.push(config);
    finish(kind, media_type, &text, blobs, Vec::new(), None)
}

/// The same image in Docker's first manifest format, as docker falls back to.
pub(crate) fn older_form(image: &Manifest) -> Rc<Manifest> {
    let layers: Vec<Value> = image
        .blobs
        .iter()
        .filter(|blob| !blob.is_config)
        .map(|blob| json!({"blobSum": &*blob.digest}))
        .collect();
    let text = json!({
        "schemaVersion": 1,
        "name": "app",
        "tag": "latest",
        "architecture": "amd64",
        "fsLayers": layers,
        "history": [],
    });
    let blobs = image
        .blobs
        .iter()
        .filter(|blob| !blob.is_config)
        .cloned()
        .collect();
    let media_type = "application/vnd.docker.distribution.manifest.v1+prettyjws";
    finish(Kind::Image, media_type, &text, blobs, Vec::new(), None)
}

/// An image whose manifest text alone is over CloudTrail's 100 KB.
pub(crate) fn oversized_image(random: &mut Random) -> Rc<Manifest> {
    let mut all = layers(random, 4);
    let config = config(random);
    // Annotations carry the bulk: hundreds of layers would make a push of a thousand calls.
    let mut text: Value = serde_json::from_str(
        &image_manifest(Dialect::Oci, Kind::Image, config.clone(), &all, None).text,
    )
    .expect("written by this module");
    text["annotations"] = json!({"org.example.notes": random.text(120_000, b"abcdefghij klmnop")});
    all.push(config);
    finish(Kind::Image, OCI_IMAGE, &text, all, Vec::new(), None)
}

pub(crate) fn finish(
    kind: Kind,
    media_type: &'static str,
    text: &Value,
    blobs: Vec<Blob>,
    children: Vec<Rc<Manifest>>,
    subject: Option<Digest>,
) -> Rc<Manifest> {
    let text = serde_json::to_string_pretty(text).expect("a JSON value is serialisable");
    Rc::new(Manifest {
        kind,
        digest: digest_of(&text),
        media_type,
        text,
        blobs,
        children,
        subject,
    })
}

fn descriptor(media_type: &str, digest: &str, size: u64) -> Value {
    json!({"mediaType": media_type, "size": size, "digest": digest})
}

fn descriptor_of(manifest: &Manifest) -> Value {
    let size = u64::try_from(manifest.text.len()).expect("a length fits");
    descriptor(manifest.media_type, &manifest.digest, size)
}
