//! What a manifest makes, by the types in it: an image, a chart, a signature.
//!
//! Comes in: media types and artifact types, and tags that tools derive from digests. Goes out: a
//! few words. Never: a word for an unknown type; that is an artifact.

use crate::event::Digest;

/// The word for a plain image.
pub const IMAGE: &str = "image";
/// The word for a plain index.
pub(super) const INDEX: &str = "index";

/// The word if there is no better one.
pub const ARTIFACT: &str = "artifact";

/// The word for a statement about an image.
pub const ATTESTATION: &str = "attestation";
/// The word for what BuildKit exports as its cache.
pub const BUILD_CACHE: &str = "build cache";
const SBOM: &str = "SBOM";
/// The word for a signature.
pub const SIGNATURE: &str = "signature";
const WASM: &str = "WASM module";

/// The prefixes of types, and the words for them; the first that matches counts.
///
/// BuildKit, `cache/remotecache/v1`; Helm, `pkg/registry`; Cosign, `pkg/types`, and its
/// specifications of signatures, SBOMs and attestations; Sigstore, protobuf-specs (bundle); Notary
/// Project, signature specification; in-toto, SPDX and CycloneDX media types; CNCF TAG Runtime, Wasm
/// OCI artifact layout, and the older form of solo.io; the others by their projects.
const TYPES: [(&str, &str); 25] = [
    ("application/vnd.buildkit.cacheconfig.", BUILD_CACHE),
    ("application/vnd.cncf.helm.", "Helm chart"),
    ("application/vnd.dev.cosign.artifact.sbom", SBOM),
    ("application/vnd.dev.cosign.artifact.att", ATTESTATION),
    ("application/vnd.dev.cosign.artifact.sig", SIGNATURE),
    ("application/vnd.dev.cosign.simplesigning.", SIGNATURE),
    ("application/vnd.dev.sigstore.bundle", SIGNATURE),
    ("application/vnd.cncf.notary.signature", SIGNATURE),
    ("application/vnd.dsse.envelope.", ATTESTATION),
    ("application/vnd.in-toto", ATTESTATION),
    ("application/vnd.cyclonedx", SBOM),
    ("application/vnd.syft", SBOM),
    ("application/spdx", SBOM),
    ("text/spdx", SBOM),
    ("application/vnd.wasm.", WASM),
    ("application/vnd.module.wasm.", WASM),
    ("application/wasm", WASM),
    ("application/vnd.amazon.soci.", "SOCI index"),
    ("application/vnd.cncf.flux.", "Flux source"),
    ("application/vnd.cncf.openpolicyagent.", "policy bundle"),
    ("application/vnd.cncf.model.", "model"),
    ("application/vnd.docker.compose.", "Compose project"),
    ("application/vnd.docker.plugin.", "Docker plugin"),
    ("application/vnd.opentofu.", "OpenTofu module"),
    ("application/vnd.sylabs.sif.", "Singularity image"),
];

/// The word for a type, if it has one.
pub(super) fn of_type(media_type: &str) -> Option<&'static str> {
    let mut types = TYPES.iter();
    let known = types.find(|(begin, _)| media_type.starts_with(begin))?;
    Some(known.1)
}

/// The word for a Sigstore bundle: a signature, unless the statement in it is of another kind.
pub(super) fn of_statement(word: &'static str, predicate: Option<&str>) -> &'static str {
    match predicate {
        Some(predicate) if word == SIGNATURE => {
            let says = |name: &str| predicate.contains(name);
            match (says("/sign/"), says("spdx") || says("cyclonedx")) {
                (true, _) => SIGNATURE,
                (false, true) => SBOM,
                (false, false) => ATTESTATION,
            }
        }
        Some(_) | None => word,
    }
}

/// What a tag says if a tool derived it from the digest of another image: its role, and which image.
///
/// Cosign, "Signature Specification" and similar documents (`sha256-HEX.sig`, `.att`, `.sbom`); OCI
/// distribution specification, "Referrers Tag Schema" (`sha256-HEX`).
#[must_use]
pub fn of_tag(tag: &str) -> Option<(&'static str, Digest)> {
    let (digits, end) = tag.strip_prefix("sha256-")?.split_at_checked(64)?;
    let word = match end {
        ".sig" => SIGNATURE,
        ".att" => ATTESTATION,
        ".sbom" => SBOM,
        "" => "list of referrers",
        _ => return None,
    };
    Some((word, Digest::parse(&format!("sha256:{digits}"))?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_of_tools_name_what_they_are_of() {
        let digits = "ab".repeat(32);
        let of = |end: &str| of_tag(&format!("sha256-{digits}{end}"));
        let words = [".sig", ".att", ".sbom", ""].map(|end| of(end).map(|(word, _)| word));
        let all = [SIGNATURE, ATTESTATION, SBOM, "list of referrers"];
        assert_eq!(words, all.map(Some));
        let digest = of(".sig").map(|(_, digest)| digest.to_string());
        assert_eq!(digest, Some(format!("sha256:{digits}")));
        for other in ["sha256-ab.sig", "v1", "sha256-", "latest.sig"] {
            assert_eq!(of_tag(other), None, "{other}");
        }
        assert_eq!(of(".exe"), None);
        assert_eq!(of_tag(&format!("sha256-{}.sig", "xy".repeat(32))), None);
        assert_eq!(of_tag(&format!("sha256-{}é", "a".repeat(63))), None);
    }

    #[test]
    fn a_bundle_is_what_its_statement_says() {
        let of = |predicate| of_statement(SIGNATURE, predicate);
        assert_eq!(of(None), SIGNATURE);
        assert_eq!(of(Some("https://sigstore.dev/cosign/sign/v1")), SIGNATURE);
        assert_eq!(of(Some("https://spdx.dev/Document")), SBOM);
        assert_eq!(of(Some("https://slsa.dev/provenance/v1")), ATTESTATION);
        assert_eq!(of_statement("artifact", Some("x")), "artifact");
    }
}
