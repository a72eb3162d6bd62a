//! Which finding names the cause of a failure.
//!
//! In: the verdict on a push that failed or was left. Out: the code that the report has to give. Written from
//! the ECR API reference, not from the program.

use super::super::simulate::verdict::{Status, Verdict};

/// The code that names the cause; nothing for pushes that came through or cannot be known.
pub(crate) fn expected(verdict: &Verdict) -> Option<&'static str> {
    match verdict.status {
        Status::Incomplete if !verdict.is_flagged() || verdict.is_flag_open => None,
        Status::Incomplete => Some("incomplete-push"),
        Status::Failed => {
            let error = verdict.reason.as_ref()?.error_code.as_deref()?;
            Some(of_error(error))
        }
        Status::Complete | Status::Unchanged | Status::Undetermined => None,
    }
}

fn of_error(error: &str) -> &'static str {
    match error {
        "AccessDenied" | "AccessDeniedException" | "VpceAccessDenied" => "denied",
        "RepositoryNotFoundException" => "repository-missing",
        "RegistryNotFoundException" => "registry-missing",
        "ImageTagAlreadyExistsException" => "immutable-tag",
        "LayerPartTooSmallException" => "part-too-small",
        "InvalidLayerPartException" => "part-out-of-order",
        "EmptyUploadException" => "empty-layer",
        "InvalidLayerException" => "invalid-layer",
        "ImageDigestDoesNotMatchException" => "digest-mismatch",
        "LayersNotFoundException" => "layers-missing",
        "ReferencedImagesNotFoundException" => "references-missing",
        "UploadNotFoundException" => "upload-unknown",
        "LimitExceededException" => "quota",
        "KmsException" => "kms",
        "ThrottlingException" => "throttled",
        "ServerException" => "server-error",
        "InvalidParameterException" => "invalid-parameter",
        "UnsupportedCommandException" => "unsupported-call",
        "ExpiredTokenException" => "login-expired",
        _ => "failed-push",
    }
}
