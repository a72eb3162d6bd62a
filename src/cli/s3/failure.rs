//! What can go wrong when reading a bucket, and what to do about it.
//!
//! Comes in: the failure of a request or a setting. Goes out: words, and help. Never: a secret.

use std::fmt;

/// Why a bucket cannot be read.
#[derive(Debug)]
pub(in crate::cli) enum S3Error {
    /// A profile that is in neither of the shared files.
    NoProfile {
        /// Its name.
        name: String,
    },
    /// No source of credentials has any.
    NoCredentials,
    /// A source of credentials exists but gives none.
    Credentials {
        /// Which one.
        source: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// A profile that needs a person, or a tool in place of one.
    NeedsTool {
        /// The profile.
        profile: String,
        /// What it asks for.
        what: &'static str,
    },
    /// A setting that cannot be used; its value may be a secret.
    BadSetting {
        /// The variable.
        name: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// An endpoint that is not a URL.
    BadEndpoint {
        /// What it is.
        url: String,
    },
    /// The store answered with an error.
    Refused(Answer),
    /// The bucket is in another region, and the endpoint that was set does not lead there.
    Elsewhere {
        /// Where it is.
        region: String,
    },
    /// No answer, or an incomplete one.
    Broken {
        /// What happened at the last try.
        reason: String,
    },
    /// An answer that is not from S3.
    NotS3 {
        /// The request.
        what: &'static str,
    },
    /// An object was replaced while it was read.
    Changed,
}

/// An error in a service's answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::cli) struct Answer {
    /// The HTTP status.
    pub(in crate::cli) status: u16,
    /// The code, as in `AccessDenied`; may be empty.
    pub(in crate::cli) code: String,
    /// The message; may be empty.
    pub(in crate::cli) message: String,
    /// The region that it names, in a header or in its text.
    pub(in crate::cli) region: Option<String>,
}

impl fmt::Display for S3Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoProfile { name } => write!(f, "no profile `{name}` in the shared AWS files"),
            Self::NoCredentials => write!(f, "no AWS credentials found"),
            Self::Credentials { source, reason } => {
                write!(f, "no credentials from {source}: {reason}")
            }
            Self::NeedsTool { profile, what } => write!(f, "profile `{profile}` needs {what}"),
            Self::BadSetting { name, reason } => write!(f, "`{name}` cannot be used: {reason}"),
            Self::BadEndpoint { url } => write!(f, "`{url}` is no address of a service"),
            Self::Refused(answer) => write!(f, "{answer}"),
            Self::Elsewhere { region } => write!(f, "the bucket is in region `{region}`"),
            Self::Broken { reason } => write!(f, "{reason}"),
            Self::NotS3 { what } => write!(f, "the answer is no {what} of S3"),
            Self::Changed => write!(f, "the object was replaced while it was read"),
        }
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.code.as_str(), self.message.as_str()) {
            ("", "") => write!(f, "status {} of HTTP", self.status),
            (code, "") => write!(f, "{code} (status {})", self.status),
            ("", message) => write!(f, "{message} (status {})", self.status),
            (code, message) => write!(f, "{code}: {message}"),
        }
    }
}

impl std::error::Error for S3Error {}

impl S3Error {
    /// What to do next.
    pub(in crate::cli) fn help(&self) -> String {
        match self {
            Self::NoProfile { .. } => {
                "`aws configure list-profiles` lists those there are; `AWS_CONFIG_FILE` and \
                 `AWS_SHARED_CREDENTIALS_FILE` name other files"
            }
            Self::NoCredentials => {
                "looked at the environment, the shared AWS files, a web identity, the container's \
                 and the instance's role; name a profile with --profile, or set AWS_PROFILE or \
                 AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
            }
            Self::Credentials { .. } => {
                "what was set up to give credentials was asked first; see docs/s3.md for the order"
            }
            Self::NeedsTool { profile, .. } => {
                return format!(
                    "let the AWS command line tool do it: in a profile of ~/.aws/config write \
                     `credential_process = aws configure export-credentials --profile {profile} \
                     --format process`, and name that one with --profile"
                );
            }
            Self::BadSetting { .. } => {
                "expected a file of certificates in PEM, or the URL of a proxy"
            }
            Self::BadEndpoint { .. } => "expected as in `http://localhost:9000`",
            Self::Refused(answer) => return answer.help().to_owned(),
            Self::Elsewhere { region } => {
                return format!("set AWS_REGION={region}, and an endpoint of that region");
            }
            Self::Broken { .. } => {
                "check the network, AWS_ENDPOINT_URL, and HTTPS_PROXY where there is a proxy"
            }
            Self::NotS3 { .. } => "check AWS_ENDPOINT_URL, and that no proxy answers instead",
            Self::Changed => "run it again; CloudTrail itself never replaces a log file",
        }
        .to_owned()
    }
}

impl Answer {
    /// Whether a retry a little later may succeed (S3 API reference, "Error responses").
    pub(super) fn is_passing(&self) -> bool {
        matches!(self.status, 408 | 429 | 500 | 502..=504)
            || matches!(
                &*self.code,
                "RequestTimeout" | "SlowDown" | "Throttling" | "InternalError"
            )
    }

    /// Whether the credentials are no longer valid.
    pub(super) fn is_expired(&self) -> bool {
        matches!(
            &*self.code,
            "ExpiredToken" | "ExpiredTokenException" | "RequestExpired"
        )
    }

    fn help(&self) -> &'static str {
        match &*self.code {
            "NoSuchBucket" => "check the spelling of the bucket's name",
            "InvalidAccessKeyId" | "SignatureDoesNotMatch" | "InvalidToken" => {
                "check the credentials, and that they belong together; docs/s3.md says which are used"
            }
            "ExpiredToken" => "log in again, and run it again",
            "RequestTimeTooSkewed" => "set the clock of this machine",
            "InvalidObjectState" => "it is archived: restore it from Glacier first",
            _ if self.status == 403 => {
                "these credentials need s3:ListBucket on the bucket, s3:GetObject on its objects \
                 and, for encrypted logs, kms:Decrypt on the key; docs/s3.md has a policy"
            }
            _ if self.is_passing() => {
                "the service went on refusing; run it again later, or with fewer --connections"
            }
            _ => "docs/s3.md says what is asked of the service",
        }
    }
}
