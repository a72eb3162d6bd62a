//! What each error code of a push means, and what to do about it.

use crate::event::Stage;

/// What an error code means and what to do next, each without a full stop.
///
/// The codes are those that the ECR API reference gives for the calls of a push; denials come as
/// `AccessDenied` too (observed). A code that is not known gets a sentence that is true of any.
pub(super) fn cause(code: &str, stage: Stage) -> (&'static str, &'static str) {
    match code.strip_suffix("Exception").unwrap_or(code) {
        "AccessDenied" => match stage {
            Stage::Authorization => (
                "the caller may not log in to the registry",
                "allow `ecr:GetAuthorizationToken` on `*` for the caller",
            ),
            Stage::Check | Stage::Initiate | Stage::Part | Stage::Complete | Stage::Manifest => (
                "the caller may not make this call on this repository",
                "a push needs `ecr:BatchCheckLayerAvailability`, `ecr:InitiateLayerUpload`, \
                 `ecr:UploadLayerPart`, `ecr:CompleteLayerUpload` and `ecr:PutImage` on the repository; \
                 look at the caller's policies, the repository policy and the organisation's",
            ),
        },
        "RepositoryNotFound" => (
            "the repository does not exist in this registry and region",
            "create the repository first, or correct the name, the account or the region of the push",
        ),
        "RegistryNotFound" => (
            "the registry does not exist",
            "correct the registry's alias or account in the name of the image",
        ),
        "ImageTagAlreadyExists" => (
            "the tag exists and the repository's tags are immutable",
            "push under a new tag, or make the repository's tags mutable",
        ),
        "ImageAlreadyExists" => (
            "the image is there already under this tag",
            "nothing: the wanted state holds",
        ),
        "LayerAlreadyExists" => (
            "the layer is there already",
            "nothing: the wanted state holds",
        ),
        "ImageDigestDoesNotMatch" => (
            "the manifest that arrived does not have the digest that was promised",
            "push again; if it happens again, something between client and registry changes the manifest",
        ),
        "LayersNotFound" => (
            "the manifest lists layers that the repository does not hold",
            "push again so that the layers are uploaded; a layer may have failed or expired before the manifest",
        ),
        "ReferencedImagesNotFound" => (
            "the index lists manifests that the repository does not hold",
            "push the images of every platform to this repository first, then the index",
        ),
        "LayerPartTooSmall" => (
            "a part before the last was smaller than 5 MiB",
            "raise the client's chunk size to at least 5 MiB",
        ),
        "InvalidLayerPart" => (
            "a part did not continue where the last one ended",
            "push again; a client that sends parts out of order cannot push to ECR",
        ),
        "EmptyUpload" => (
            "the upload was completed without any bytes",
            "rebuild the image without an empty layer, or push with another client",
        ),
        "InvalidLayer" => (
            "the bytes that arrived do not have the layer's digest, or are no layer",
            "push again; if it happens again, rebuild the image: the local copy may be damaged",
        ),
        "UploadNotFound" => (
            "the upload is not known: it expired, was completed, or belongs to another repository",
            "push again; the client opens a new upload",
        ),
        "LimitExceeded" => (
            "a quota of the account is used up: images or tags a repository, or parts a layer",
            "delete images by a lifecycle policy, or ask for a higher quota",
        ),
        "Kms" => (
            "the key that encrypts the repository could not be used",
            "look whether the key is enabled and its policy lets ECR and the caller use it",
        ),
        "InvalidParameter" => (
            "a parameter of the call is not valid",
            "look at the error's message; a newer client may help",
        ),
        "UnsupportedCommand" => (
            "ECR Public does not offer this call",
            "push with a client that ECR Public's documentation names",
        ),
        "Throttling" | "ThrottlingException" | "TooManyRequests" | "RequestLimitExceeded" => (
            "the account made more calls a second than it may",
            "push fewer images at once, or ask for a higher rate",
        ),
        "Server" | "InternalFailure" | "InternalError" | "ServiceUnavailable"
        | "ServiceFailure" => (
            "the service failed on its own side",
            "push again; if it goes on, look at the health of the service in this region",
        ),
        "ExpiredToken" | "UnrecognizedClient" | "InvalidClientTokenId" => (
            "the caller's login is no longer valid",
            "log in again; a registry login lives twelve hours, a role's may live less",
        ),
        _ => (
            "the call was not carried out",
            "look at the error's message and at the documentation of the call",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_spellings_of_a_denial_mean_the_same() {
        assert_eq!(
            cause("AccessDenied", Stage::Initiate),
            cause("AccessDeniedException", Stage::Initiate)
        );
        assert_ne!(
            cause("AccessDenied", Stage::Authorization),
            cause("AccessDenied", Stage::Part)
        );
    }

    #[test]
    fn every_error_of_the_api_reference_has_its_own_cause() {
        let unknown = cause("Novel", Stage::Part);
        let codes = [
            "ServerException",
            "InvalidParameterException",
            "RepositoryNotFoundException",
            "KmsException",
            "InvalidLayerPartException",
            "UploadNotFoundException",
            "LimitExceededException",
            "InvalidLayerException",
            "LayerPartTooSmallException",
            "LayerAlreadyExistsException",
            "EmptyUploadException",
            "ImageAlreadyExistsException",
            "LayersNotFoundException",
            "ReferencedImagesNotFoundException",
            "ImageTagAlreadyExistsException",
            "ImageDigestDoesNotMatchException",
            "UnsupportedCommandException",
            "RegistryNotFoundException",
        ];
        let meanings: std::collections::BTreeSet<_> = codes
            .iter()
            .map(|code| cause(code, Stage::Part).0)
            .collect();
        assert_eq!(meanings.len(), codes.len());
        assert!(!meanings.contains(unknown.0));
    }
}
