//! Words that fit one refusal better than the general words of its cause.
//!
//! A refused call comes in. Its meaning and its remedy go out, if the error's message, the manifest, the tag or the
//! repository's name says more than the error code. Nothing is guessed.

use crate::event::{EventId, EventLog, Manifest, ManifestKind, nature};
use crate::finding::checks::repository;

/// A meaning and a help.
pub(super) type Said = (String, String);

/// The name of a limit in messages, what exceeds it, and what to do.
///
/// Messages as users quote them: aws/containers-roadmap #2159 and #1400, cirruslabs/tart #890,
/// awsdocs "Amazon ECR service quotas" and "Amazon ECR Public service quotas".
const LIMITS: [(&str, &str, &str); 6] = [
    (
        "number of layers per image",
        "the image has more layers than ECR takes",
        "merge layers, with fewer steps in the build file or a multi-stage build; this limit is some \
         500 layers, not documented, and no quota that can be raised",
    ),
    (
        "number of tags per image",
        "the image has as many tags as it may have",
        "remove tags of this image that nobody needs, as with `aws ecr batch-delete-image`; an image \
         that is built again and again without a change gathers tags",
    ),
    (
        "number of images",
        "the repository holds as many images as it may",
        "delete images by a lifecycle policy, or ask for more images a repository in Service Quotas",
    ),
    (
        "size of a layer",
        "the layer is larger than ECR takes",
        "make the layer smaller: 52,000 MiB is the most, in ECR Public 10,000 MiB, and neither can be \
         raised",
    ),
    (
        "layer size",
        "the layer is larger than ECR takes",
        "make the layer smaller: 52,000 MiB is the most, in ECR Public 10,000 MiB, and neither can be \
         raised",
    ),
    (
        "layer parts",
        "the layer was sent in more parts than ECR takes",
        "send the layer in larger parts: 4,200 are the most, in ECR Public 1,000, and neither can be \
         raised",
    ),
];

/// Whether an error message is about a limit, whatever its code: a manifest with too many layers gives an
/// `InvalidParameterException`.
pub(super) fn is_of_limit(message: &str) -> bool {
    message.contains("Limit on number of") || message.contains("maximum allowed")
}

/// A limit that a call exceeded.
pub(super) fn limit(message: &str) -> Option<Said> {
    let mut limits = LIMITS.iter();
    let (_, what, help) = limits.find(|(name, ..)| message.contains(name))?;
    let most = message.split("which is '").nth(1);
    let most = most.and_then(|rest| rest.split('\'').next());
    let most = most.filter(|most| most.bytes().all(|byte| byte.is_ascii_digit()));
    let most = most.map_or_else(String::new, |most| format!(", {most}"));
    Some((format!("{what}{most}"), (*help).to_owned()))
}

/// A build cache that was not accepted.
pub(super) fn build_cache(log: &EventLog, id: EventId) -> Option<Said> {
    let put = log.event(id).action.put()?;
    let manifest: &Manifest = log.tables.manifests.get(*put.manifest.known()?);
    let is_cache = manifest.what() == nature::BUILD_CACHE;
    (is_cache && manifest.kind() == ManifestKind::Index).then(|| {
        let message = "ECR does not take a build cache in this form, an index that lists blobs";
        let help = "export the cache as an image: `--cache-to type=registry,image-manifest=true,\
                    oci-mediatypes=true,…`; BuildKit does so by itself from 0.21 on";
        (message.to_owned(), help.to_owned())
    })
}

/// What to do about a tag that tools derive from a digest, which cannot be changed.
pub(super) fn derived_tag(log: &EventLog, id: EventId) -> Option<String> {
    let tag = log.event(id).action.tag()?;
    nature::of_tag(log.text(tag))?;
    Some(
        "exempt `sha256-*` from the repository's immutability with an exclusion filter: the tool makes \
         this tag of the image's digest; or let it store what it makes as a referrer, as cosign 3 does"
            .to_owned(),
    )
}

/// A repository's name that contains the host of a registry, because it was written twice.
pub(super) fn doubled_host(log: &EventLog, id: EventId) -> Option<Said> {
    let name = repository(log, log.event(id).repository);
    let (host, rest) = name.split_once('/')?;
    let is_private = host.contains(".dkr.ecr.") || host.contains(".dkr-ecr.");
    let is_host = is_private && host.contains(".amazonaws.com") || host == "public.ecr.aws";
    is_host.then(|| {
        let message = format!("the repository's name begins with the host of a registry, `{host}`");
        let help = format!(
            "name the registry once in the reference that is pushed: `REGISTRY/{rest}:TAG`"
        );
        (message, help)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_told_apart_by_the_message() {
        let tags = "Adding tag 'x' to an image in the repository with name 'a' in registry with id \
                    '1' exceeds the maximum allowed number of tags per image which is '1000'";
        let images = "The repository with name 'a' in registry with id '1' already has the maximum \
                      allowed number of images which is '100000'";
        let layers = "Invalid parameter at 'ImageManifest' failed to satisfy constraint: 'Limit on \
                      number of layers per image exceeded'";
        let said = [tags, images, layers].map(|message| {
            assert!(is_of_limit(message));
            limit(message).expect("a limit that is known").0
        });
        assert_eq!(
            said,
            [
                "the image has as many tags as it may have, 1000",
                "the repository holds as many images as it may, 100000",
                "the image has more layers than ECR takes",
            ]
        );
        assert!(!is_of_limit("Invalid parameter at 'repositoryName'"));
        assert_eq!(limit("over some other limit"), None);
    }
}
