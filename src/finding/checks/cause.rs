//! What each error code of a push means, and what to do about it.
//!
//! An error code of AWS comes in; its cause goes out, with the page that explains it. An unlisted error code gives
//! [`UNKNOWN`].

use crate::event::{EventId, EventLog};
use crate::finding::check::{Code, Severity};
use crate::finding::checks::fitting;

/// A cause of failure.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cause {
    /// The code with its page.
    pub(super) code: Code,
    /// Its error codes, without `Exception` at the end.
    pub(super) errors: &'static [&'static str],
    /// A few words to write at the refused call.
    pub(super) label: &'static str,
    /// What it means, with `{repository}` for the repository's name; empty if the answer depends on the log.
    pub(super) meaning: &'static str,
    /// What to do next; empty if the answer depends on the log.
    pub(super) help: &'static str,
}

/// The code for a call that was not allowed.
pub(super) const DENIED: &str = "denied";

/// The code for a tag that may not move.
pub(super) const IMMUTABLE_TAG: &str = "immutable-tag";

/// The code for a part that is too small.
pub(super) const PART_TOO_SMALL: &str = "part-too-small";

/// The code for a parameter that was not accepted, such as a form of manifest.
///
/// It covers more than [`EventLog::is_about_form`]: a `Validation` error counts, a limit on layers does not.
pub(super) const INVALID: &str = "invalid-parameter";

/// The text of a cause is in a file beside this one: `# ` with the title, then the page, one paragraph a line.
const fn refused(code: &'static str, text: &'static str) -> Code {
    let mut end = 0;
    while text.as_bytes()[end] != b'\n' {
        end += 1;
    }
    let (title, page) = text.split_at(end);
    Code {
        code,
        name: title.split_at("# ".len()).1,
        severity: Severity::Error,
        doc: page.trim_ascii(),
    }
}

/// Any error code that is not listed.
pub(super) const UNKNOWN: Cause = Cause {
    code: refused("failed-push", include_str!("cause/failed-push.md")),
    errors: &[],
    label: "refused",
    meaning: "the call was refused",
    help: "read the error's message, and the documentation of the call",
};

/// The known causes.
///
/// ECR API reference, "Errors" of each call of a push, and "Common error types"; denials come as
/// `AccessDenied` and as `AccessDeniedException` (observed).
pub(super) const CAUSES: &[Cause] = &[
    Cause {
        code: refused(DENIED, include_str!("cause/denied.md")),
        errors: &["AccessDenied", "VpceAccessDenied"],
        label: "not allowed",
        meaning: "",
        help: "",
    },
    Cause {
        code: refused(IMMUTABLE_TAG, include_str!("cause/immutable-tag.md")),
        errors: &["ImageTagAlreadyExists"],
        label: "the tag may not move",
        meaning: "",
        help: "",
    },
    Cause {
        code: refused(
            "repository-missing",
            include_str!("cause/repository-missing.md"),
        ),
        errors: &["RepositoryNotFound"],
        label: "no such repository",
        meaning: "there is no repository `{repository}` in this registry and region",
        help: "create the repository first, or correct name, account or region in the \
               reference that is pushed",
    },
    Cause {
        code: refused(
            "registry-missing",
            include_str!("cause/registry-missing.md"),
        ),
        errors: &["RegistryNotFound"],
        label: "no such registry",
        meaning: "there is no such registry for `{repository}`",
        help: "correct the registry's alias or account in the reference that is pushed",
    },
    Cause {
        code: refused(PART_TOO_SMALL, include_str!("cause/part-too-small.md")),
        errors: &["LayerPartTooSmall"],
        label: "a part was under 5 MiB",
        meaning: "a part of the layer before the last was under 5 MiB",
        help: "raise the client's chunk size to 5 MiB or more",
    },
    Cause {
        code: refused(
            "part-out-of-order",
            include_str!("cause/part-out-of-order.md"),
        ),
        errors: &["InvalidLayerPart"],
        label: "not the byte that was expected",
        meaning: "the part did not begin where the last one ended",
        help: "push again; send the parts of a layer in order, one at a time",
    },
    Cause {
        code: refused("empty-layer", include_str!("cause/empty-layer.md")),
        errors: &["EmptyUpload"],
        label: "no bytes",
        meaning: "the upload was ended without any bytes",
        help: "rebuild the image without the empty layer, or push with another client",
    },
    Cause {
        code: refused("invalid-layer", include_str!("cause/invalid-layer.md")),
        errors: &["InvalidLayer"],
        label: "bytes and digest differ",
        meaning: "the bytes that arrived do not have the layer's digest, or are no layer",
        help: "push again; if it happens again, remove the local copy and rebuild: it may \
               be damaged",
    },
    Cause {
        code: refused("digest-mismatch", include_str!("cause/digest-mismatch.md")),
        errors: &["ImageDigestDoesNotMatch"],
        label: "manifest and digest differ",
        meaning: "the manifest that arrived does not have the digest that the client \
                  named",
        help: "push again; if it happens again, look for a proxy or tool that rewrites the \
               manifest",
    },
    Cause {
        code: refused("layers-missing", include_str!("cause/layers-missing.md")),
        errors: &["LayersNotFound"],
        label: "lists what is not there",
        meaning: "the manifest lists layers that `{repository}` does not hold",
        help: "push the whole image again, so that every layer is uploaded to this \
               repository",
    },
    Cause {
        code: refused(
            "references-missing",
            include_str!("cause/references-missing.md"),
        ),
        errors: &["ReferencedImagesNotFound"],
        label: "lists what is not there",
        meaning: "the index lists images that `{repository}` does not hold",
        help: "push the image of every platform to this repository first, then the index",
    },
    Cause {
        code: refused("upload-unknown", include_str!("cause/upload-unknown.md")),
        errors: &["UploadNotFound"],
        label: "no such upload",
        meaning: "the upload is not known to `{repository}`: it expired, was ended, or \
                  belongs to another repository",
        help: "push again; the client opens a new upload",
    },
    Cause {
        code: refused("quota", include_str!("cause/quota.md")),
        errors: &["LimitExceeded"],
        label: "over the quota",
        meaning: "a quota is used up: images or tags of the repository, or parts of the \
                  layer",
        help: "delete images by a lifecycle policy, or ask for a higher quota in Service \
               Quotas",
    },
    Cause {
        code: refused("kms", include_str!("cause/kms.md")),
        errors: &["Kms"],
        label: "the key refused",
        meaning: "the KMS key that encrypts `{repository}` could not be used",
        help: "look whether the key is enabled, and whether its policy and grants let ECR \
               use it",
    },
    Cause {
        code: refused("throttled", include_str!("cause/throttled.md")),
        errors: &[
            "Throttling",
            "Throttled",
            "TooManyRequests",
            "RequestLimitExceeded",
            "SlowDown",
        ],
        label: "too many calls",
        meaning: "the account made more calls a second than it may",
        help: "push fewer images or layers at once, let the client retry, or ask for a \
               higher rate in Service Quotas",
    },
    Cause {
        code: refused("server-error", include_str!("cause/server-error.md")),
        errors: &[
            "Server",
            "ServerInternal",
            "InternalFailure",
            "InternalServerError",
            "InternalError",
            "ServiceUnavailable",
            "ServiceFailure",
        ],
        label: "the service failed",
        meaning: "the service failed on its own side",
        help: "push again; if it goes on, look at AWS Health for this region",
    },
    Cause {
        code: refused(INVALID, include_str!("cause/invalid-parameter.md")),
        errors: &["InvalidParameter", "Validation"],
        label: "not accepted",
        meaning: "the service did not accept a parameter of the call",
        help: "read the error's message; a media type or an old manifest form is the usual \
               cause, and a newer client the usual remedy",
    },
    Cause {
        code: refused(
            "unsupported-call",
            include_str!("cause/unsupported-call.md"),
        ),
        errors: &["UnsupportedCommand"],
        label: "not offered",
        meaning: "ECR Public does not offer this call or form of it",
        help: "push with a client that ECR Public's documentation names",
    },
    Cause {
        code: refused("login-expired", include_str!("cause/login-expired.md")),
        errors: &[
            "ExpiredToken",
            "UnrecognizedClient",
            "InvalidClientTokenId",
            "InvalidSignature",
            "SignatureDoesNotMatch",
            "RequestExpired",
        ],
        label: "the login is not valid",
        meaning: "the caller's login was not valid when the call came",
        help: "log in again right before the push; a registry login lives twelve hours, a \
               role's session may live less",
    },
];

/// The cause of an error code, if it is a known one.
pub(super) fn known(error: &str) -> Option<&'static Cause> {
    let error = error.strip_suffix("Exception").unwrap_or(error);
    CAUSES.iter().find(|cause| cause.errors.contains(&error))
}

/// The cause of a refusal: by its error code, or by a message about a limit.
pub(super) fn of(log: &EventLog, id: EventId) -> &'static Cause {
    let error = log.error_code(log.event(id)).unwrap_or_default();
    let code = match known(error) {
        Some(cause) if cause.code.code == INVALID => {
            match fitting::is_of_limit(error_message(log, id)) {
                true => "LimitExceeded",
                false => error,
            }
        }
        Some(_) | None => error,
    };
    known(code).unwrap_or(&UNKNOWN)
}

/// `errorMessage`, or nothing.
pub(super) fn error_message(log: &EventLog, id: EventId) -> &str {
    let failure = log.event(id).failure;
    let failure = failure.map(|failure| log.tables.failures.get(failure));
    failure
        .and_then(|failure| failure.message.as_deref())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_spellings_of_a_denial_mean_the_same() {
        let codes = ["AccessDenied", "AccessDeniedException", "VpceAccessDenied"]
            .map(|error| known(error).expect("a known error code").code.code);
        assert_eq!(codes, [DENIED; 3]);
    }

    #[test]
    fn every_error_of_the_api_reference_has_its_own_cause() {
        let errors = [
            "ServerException",
            "InvalidParameterException",
            "RepositoryNotFoundException",
            "KmsException",
            "InvalidLayerPartException",
            "UploadNotFoundException",
            "LimitExceededException",
            "InvalidLayerException",
            "LayerPartTooSmallException",
            "EmptyUploadException",
            "LayersNotFoundException",
            "ReferencedImagesNotFoundException",
            "ImageTagAlreadyExistsException",
            "ImageDigestDoesNotMatchException",
            "UnsupportedCommandException",
            "RegistryNotFoundException",
        ];
        let causes = errors.map(|error| known(error).expect("a known error code"));
        let codes: std::collections::BTreeSet<_> =
            causes.iter().map(|cause| cause.code.code).collect();
        assert_eq!(codes.len(), errors.len());
        assert!(!codes.contains(UNKNOWN.code.code));
        assert!(known("NovelException").is_none());
    }

    #[test]
    fn texts_of_causes_have_a_title_and_a_page() {
        for cause in CAUSES.iter().chain([&UNKNOWN]) {
            let Code {
                code, name, doc, ..
            } = cause.code;
            assert!(name.starts_with(char::is_uppercase), "{code}: {name}");
            assert!(doc.len() > 80 && !doc.contains("\n\n\n"), "{code}: {doc}");
        }
    }

    #[test]
    fn no_error_code_stands_for_two_causes() {
        let mut errors: Vec<_> = CAUSES.iter().flat_map(|cause| cause.errors).collect();
        let all = errors.len();
        errors.sort_unstable();
        errors.dedup();
        assert_eq!(errors.len(), all);
    }

    #[test]
    fn a_cause_has_words_or_asks_the_log() {
        for cause in CAUSES {
            let asks = [DENIED, IMMUTABLE_TAG].contains(&cause.code.code);
            assert_eq!(cause.meaning.is_empty(), asks, "{}", cause.code.code);
            assert_eq!(cause.help.is_empty(), asks, "{}", cause.code.code);
        }
    }
}
