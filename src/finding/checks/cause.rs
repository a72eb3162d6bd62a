//! What each error code of a push means, and what to do about it.
//!
//! Comes in: an error code of AWS. Goes out: the cause, with its page. Never: an error code without
//! a true sentence; [`UNKNOWN`] stands for what is not listed.

use crate::event::{EventId, EventLog};
use crate::finding::checks::denied;
use crate::finding::checks::fitting;
use crate::finding::checks::immutable_tag;
use crate::finding::checks::part_too_small;
use crate::finding::{Code, Severity};

/// A cause of failure.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cause {
    /// The code with its page.
    pub(super) code: Code,
    /// The error codes that say so, without `Exception` at their end.
    pub(super) errors: &'static [&'static str],
    /// What to write at the refused call.
    pub(super) label: &'static str,
    /// What it means, with `{repository}` for the repository's name; empty where the log is asked.
    pub(super) meaning: &'static str,
    /// What to do next; empty where the log is asked.
    pub(super) help: &'static str,
}

/// The code of the cause of a parameter that was not accepted, such as a form of manifest.
pub(super) const INVALID: &str = "invalid-parameter";

const fn refused(code: &'static str, name: &'static str, doc: &'static str) -> Code {
    Code {
        code,
        name,
        severity: Severity::Error,
        doc,
    }
}

/// Any error code that is not listed.
pub(super) const UNKNOWN: Cause = Cause {
    code: refused(
        "failed-push",
        "A push that was refused",
        "A call for a layer or a manifest was refused, and that layer or manifest never succeeded \
             later in the push. The error code is none of those that the ECR API reference gives \
             for the calls of a push; the error's own message is in the record and in the report.\n\n\
             Every known cause has a code of its own. All of them are a warning where a later run \
             of the same principal, begun after the refusal, did what was refused: put that \
             manifest under that tag, or sent layers and came through. A push that put an image \
             under one tag and was refused another is complete, and has the cause as a finding.",
    ),
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
        code: refused(
            denied::CODE,
            "A push that was not allowed",
            "The caller may not make this call on this repository. The finding names \
             the action, the caller, and whether the caller pushed there earlier in this log: \
             then something was changed in between, else it was never allowed.\n\nA push needs \
             `ecr:BatchCheckLayerAvailability`, `ecr:InitiateLayerUpload`, `ecr:UploadLayerPart`, \
             `ecr:CompleteLayerUpload` and `ecr:PutImage` on the repository, and \
             `ecr:GetAuthorizationToken` on `*`; newer clients also read with \
             `ecr:BatchGetImage`. For ECR Public the same actions are spelt `ecr-public:…`, and \
             `sts:GetServiceBearerToken` comes with them. The error's message says which kind of \
             policy decided.\n\n`VpceAccessDenied` comes from the policy of the VPC endpoint that the \
             call went through, whatever the caller's own policies allow. Such a call never reaches \
             ECR, and may leave no record at all.",
        ),
        errors: &["AccessDenied", "VpceAccessDenied"],
        label: "not allowed",
        meaning: "",
        help: "",
    },
    Cause {
        code: refused(
            immutable_tag::CODE,
            "A tag that may not move",
            "The tag exists, and the repository's tags are immutable. The finding \
             says who put it, when, and on which image, where the log shows it; ECR also refuses \
             a tag that stands on this very image already.\n\nWhat to do: push under a new tag; \
             a tag that a tool makes of an image's digest (`sha256-….sig`) needs the filter. If the tag has to move, make the \
             repository's tags mutable, or exempt this tag with a mutability exclusion filter.",
        ),
        errors: &["ImageTagAlreadyExists"],
        label: "the tag may not move",
        meaning: "",
        help: "",
    },
    Cause {
        code: refused(
            "repository-missing",
            "A repository that does not exist",
            "The repository does not exist in this registry and region. ECR does not \
             make one for a push, unless a repository creation template for create-on-push says \
             so.\n\nWhat to do: create the repository first, or correct the name, the account or \
             the region in the reference that is pushed.",
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
            "A registry that does not exist",
            "ECR Public knows no registry of the alias or account that was \
             named.\n\nWhat to do: correct it in the reference that is pushed; `aws ecr-public \
             describe-registries` shows your own.",
        ),
        errors: &["RegistryNotFound"],
        label: "no such registry",
        meaning: "there is no such registry for `{repository}`",
        help: "correct the registry's alias or account in the reference that is pushed",
    },
    Cause {
        code: refused(
            part_too_small::CODE,
            "A part that is too small",
            "A part before the last one of the layer was smaller than 5 MiB, the \
             least that ECR takes.\n\nWhat to do: raise the client's chunk size. Clients with \
             small fixed chunks (several libraries, some proxies) meet it on layers above their \
             chunk size only.",
        ),
        errors: &["LayerPartTooSmall"],
        label: "a part was under 5 MiB",
        meaning: "a part of the layer before the last was under 5 MiB",
        help: "raise the client's chunk size to 5 MiB or more",
    },
    Cause {
        code: refused(
            "part-out-of-order",
            "A part that does not follow the last",
            "A part did not begin at the byte after the last one that arrived. The \
             client sent parts out of order or at once, or went on after a part that was \
             lost.\n\nWhat to do: push again. A client that always does it cannot push to ECR.",
        ),
        errors: &["InvalidLayerPart"],
        label: "not the byte that was expected",
        meaning: "the part did not begin where the last one ended",
        help: "push again; send the parts of a layer in order, one at a time",
    },
    Cause {
        code: refused(
            "empty-layer",
            "An upload without bytes",
            "The upload of a layer was ended before any bytes were sent. Some \
             builders make layers of zero bytes, and some clients send them as nothing.\n\nWhat \
             to do: rebuild the image without the empty layer, or push with another client.",
        ),
        errors: &["EmptyUpload"],
        label: "no bytes",
        meaning: "the upload was ended without any bytes",
        help: "rebuild the image without the empty layer, or push with another client",
    },
    Cause {
        code: refused(
            "invalid-layer",
            "A layer that is not what it claims",
            "The bytes that arrived do not have the digest that the client claimed, \
             or are no layer. They were changed on the way, or the client's copy is \
             damaged.\n\nWhat to do: push again; if it happens again, remove the client's local \
             copy and rebuild.",
        ),
        errors: &["InvalidLayer"],
        label: "bytes and digest differ",
        meaning: "the bytes that arrived do not have the layer's digest, or are no layer",
        help: "push again; if it happens again, remove the local copy and rebuild: it may \
               be damaged",
    },
    Cause {
        code: refused(
            "digest-mismatch",
            "A manifest that is not what it claims",
            "The manifest was put by digest, and what arrived has another. Something \
             between client and registry changes it, or the client computed the digest of another \
             form of it.\n\nWhat to do: push again; if it happens again, look for a proxy or tool \
             that rewrites manifests.",
        ),
        errors: &["ImageDigestDoesNotMatch"],
        label: "manifest and digest differ",
        meaning: "the manifest that arrived does not have the digest that the client \
                  named",
        help: "push again; if it happens again, look for a proxy or tool that rewrites the \
               manifest",
    },
    Cause {
        code: refused(
            "layers-missing",
            "Layers that are not in the repository",
            "The manifest lists layers that the repository does not hold: an upload \
             was never completed, went to another repository, or the layer was removed before the \
             manifest came.\n\nWhat to do: push the whole image again. A copied manifest needs \
             its layers copied first.",
        ),
        errors: &["LayersNotFound"],
        label: "lists what is not there",
        meaning: "the manifest lists layers that `{repository}` does not hold",
        help: "push the whole image again, so that every layer is uploaded to this \
               repository",
    },
    Cause {
        code: refused(
            "references-missing",
            "Images that an index needs",
            "The index lists manifests that the repository does not hold.\n\nWhat to \
             do: push the image of every platform to this same repository first, then the index; \
             a lifecycle policy may have removed one in between.",
        ),
        errors: &["ReferencedImagesNotFound"],
        label: "lists what is not there",
        meaning: "the index lists images that `{repository}` does not hold",
        help: "push the image of every platform to this repository first, then the index",
    },
    Cause {
        code: refused(
            "upload-unknown",
            "An upload that is not known",
            "The uploadId is not known: the upload expired, was ended already, or \
             belongs to another repository.\n\nWhat to do: push again, which opens a new upload. \
             If it happens again, look for a client that goes on with old uploads, or for two \
             that share one.",
        ),
        errors: &["UploadNotFound"],
        label: "no such upload",
        meaning: "the upload is not known to `{repository}`: it expired, was ended, or \
                  belongs to another repository",
        help: "push again; the client opens a new upload",
    },
    Cause {
        code: refused(
            "quota",
            "A quota that is used up",
            "A quota is used up: images a repository, tags an image, layers an image, the \
             size of a layer, or parts a layer (4,200; 1,000 in ECR Public). The error's message \
             says which, and the finding too where it is known.\n\nWhat to do: delete \
             old images by a lifecycle policy, ask for a higher quota in Service Quotas, or send \
             layers in larger parts.",
        ),
        errors: &["LimitExceeded"],
        label: "over the quota",
        meaning: "a quota is used up: images or tags of the repository, or parts of the \
                  layer",
        help: "delete images by a lifecycle policy, or ask for a higher quota in Service \
               Quotas",
    },
    Cause {
        code: refused(
            "kms",
            "A key that could not be used",
            "The repository is encrypted with a KMS key that could not be used: \
             disabled, waiting for deletion, or its policy or grants no longer let ECR use \
             it.\n\nWhat to do: look at the key's state and policy. A repository's key cannot be \
             changed; the grants that ECR made with the repository have to be there.",
        ),
        errors: &["Kms"],
        label: "the key refused",
        meaning: "the KMS key that encrypts `{repository}` could not be used",
        help: "look whether the key is enabled, and whether its policy and grants let ECR \
               use it",
    },
    Cause {
        code: refused(
            "throttled",
            "Too many calls",
            "The account made more calls a second than it may in this region.\n\nWhat \
             to do: push fewer images or layers at once and let the client retry; the rates can \
             be raised in Service Quotas.",
        ),
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
        code: refused(
            "server-error",
            "A failure of the service",
            "The call failed on the side of the service. Most clients try again by \
             themselves.\n\nWhat to do: push again; if it goes on, look at AWS Health for this \
             region.",
        ),
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
        code: refused(
            INVALID,
            "A parameter that is not valid",
            "The service did not accept a parameter of the call. The error's message \
             says which; often it is a manifest of a form or media type that ECR does not \
             take.\n\nWhat to do: use a newer client, or another format, as with `docker buildx \
             build --provenance=false` or `oci-mediatypes=true`.",
        ),
        errors: &["InvalidParameter", "Validation"],
        label: "not accepted",
        meaning: "the service did not accept a parameter of the call",
        help: "read the error's message; a media type or an old manifest form is the usual \
               cause, and a newer client the usual remedy",
    },
    Cause {
        code: refused(
            "unsupported-call",
            "A call that the registry does not offer",
            "ECR Public does not offer this call, or not for this kind of \
             registry.\n\nWhat to do: push with a client that ECR Public's documentation names.",
        ),
        errors: &["UnsupportedCommand"],
        label: "not offered",
        meaning: "ECR Public does not offer this call or form of it",
        help: "push with a client that ECR Public's documentation names",
    },
    Cause {
        code: refused(
            "login-expired",
            "A login that is no longer valid",
            "The credential behind the call was not valid any more, or never was. A \
             registry login lives twelve hours; the session of a role behind it may end \
             sooner.\n\nWhat to do: log in again right before the push; in long jobs renew the \
             login before the last step.",
        ),
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

/// The cause that an error code stands for, if it is a known one.
pub(super) fn known(error: &str) -> Option<&'static Cause> {
    let error = error.strip_suffix("Exception").unwrap_or(error);
    CAUSES.iter().find(|cause| cause.errors.contains(&error))
}

/// What a call was refused for: by its error code, or by a message that speaks of a limit.
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
        assert_eq!(codes, [denied::CODE; 3]);
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
            let asks = [denied::CODE, immutable_tag::CODE].contains(&cause.code.code);
            assert_eq!(cause.meaning.is_empty(), asks, "{}", cause.code.code);
            assert_eq!(cause.help.is_empty(), asks, "{}", cause.code.code);
        }
    }
}
