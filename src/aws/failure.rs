//! What can go wrong in AWS, and what to do about it.
//!
//! Comes in: the failure of a request or a setting. Goes out: words, and help. Never: a secret.

use std::error::Error;
use std::fmt;

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

/// Why something in AWS cannot be read.
#[derive(Debug)]
pub enum AwsError {
    /// A profile that is in neither of the shared files.
    NoProfile {
        /// Its name.
        name: String,
    },
    /// No source of credentials has any.
    NoCredentials,
    /// A source of credentials exists but gives none.
    Credentials {
        /// What is wrong with it.
        reason: String,
        /// What the profile may need from a person.
        login: Option<Login>,
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
    /// No region is configured, where one is needed.
    NoRegion,
    /// The service answered with an error.
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
    /// No whole answer in time.
    Slow,
    /// An answer that is not from the service.
    Foreign {
        /// What it should have been.
        what: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// An object was replaced while it was read.
    Changed,
    /// A look-up was ended before anything of it was whole.
    Stopped,
}

/// How a profile asks a person to log in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Login {
    /// With IAM Identity Center, by `aws sso login`.
    Sso {
        /// The profile that has the session.
        profile: String,
    },
    /// With a console session, by `aws login`.
    Console {
        /// The profile that has the session.
        profile: String,
    },
    /// With a code of a device, which the SDK does not ask for.
    Device {
        /// The profile that names the device.
        profile: String,
    },
}

/// How often it is worth trying again after a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Again {
    /// Not at all.
    Never,
    /// A few times: each costs much, or it may be a mistake.
    Briefly,
    /// Until patience ends.
    Often,
}

/// An error in a service's answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The code, as in `AccessDenied`; may be empty.
    pub code: String,
    /// The message; may be empty.
    pub message: String,
    /// The region that it names, in a header or in its text.
    pub region: Option<String>,
    /// Which service it is from.
    pub service: AwsService,
}

/// The services that are asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AwsService {
    /// S3.
    #[default]
    Store,
    /// CloudTrail.
    History,
}

impl AwsService {
    /// What its answers are, for somebody who gets another one.
    fn what(self) -> &'static str {
        match self {
            Self::Store => "listing or object of S3",
            Self::History => "page of CloudTrail",
        }
    }
}

impl fmt::Display for AwsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoProfile { name } => write!(f, "no profile `{name}` in the shared AWS files"),
            Self::NoCredentials => write!(f, "no AWS credentials found"),
            Self::Credentials { reason, .. } => write!(f, "no AWS credentials: {reason}"),
            Self::BadSetting { name, reason } => write!(f, "`{name}` cannot be used: {reason}"),
            Self::BadEndpoint { url } => write!(f, "`{url}` is no address of a service"),
            Self::NoRegion => write!(f, "no region is configured"),
            Self::Refused(answer) => write!(f, "{answer}"),
            Self::Elsewhere { region } => write!(f, "the bucket is in region `{region}`"),
            Self::Broken { reason } => write!(f, "{reason}"),
            Self::Slow => write!(f, "the answer took too long"),
            Self::Foreign { what, reason } => write!(f, "the answer is no {what}: {reason}"),
            Self::Changed => write!(f, "the object was replaced while it was read"),
            Self::Stopped => write!(f, "it was ended before every call had been asked for once"),
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

impl Error for AwsError {}

impl AwsError {
    /// What the SDK says went wrong, in the words of this room.
    pub(super) fn of<E>(error: SdkError<E, HttpResponse>, service: AwsService) -> Self
    where
        E: ProvideErrorMetadata + Error + 'static,
    {
        let reason = deepest(&error);
        match error {
            SdkError::ServiceError(context) if context.raw().status().is_success() => {
                Self::Foreign {
                    what: service.what(),
                    reason,
                }
            }
            SdkError::ServiceError(context) => {
                let (error, raw) = (context.err(), context.raw());
                let answer = Answer {
                    status: raw.status().as_u16(),
                    code: error.code().unwrap_or_default().to_owned(),
                    message: error.message().unwrap_or_default().to_owned(),
                    region: region_of(raw),
                    service,
                };
                Self::Refused(answer)
            }
            SdkError::TimeoutError(_) => Self::Slow,
            SdkError::ResponseError(context) => {
                let raw = context.raw();
                match raw.status().is_success() {
                    true => Self::Foreign {
                        what: service.what(),
                        reason,
                    },
                    false => Self::Refused(Answer {
                        status: raw.status().as_u16(),
                        region: region_of(raw),
                        service,
                        ..Answer::default()
                    }),
                }
            }
            SdkError::DispatchFailure(failure) => match failure.is_timeout() {
                true => Self::Slow,
                false => Self::Broken { reason },
            },
            SdkError::ConstructionFailure(_) | _ => Self::Broken { reason },
        }
    }

    /// How often it is worth trying again.
    pub(super) fn again(&self) -> Again {
        match self {
            Self::Refused(answer) if answer.is_passing() => Again::Often,
            Self::Broken { .. } | Self::Foreign { .. } => Again::Often,
            Self::Slow => Again::Briefly,
            Self::Refused(_)
            | Self::NoProfile { .. }
            | Self::NoCredentials
            | Self::Credentials { .. }
            | Self::BadSetting { .. }
            | Self::BadEndpoint { .. }
            | Self::NoRegion
            | Self::Elsewhere { .. }
            | Self::Changed
            | Self::Stopped => Again::Never,
        }
    }

    /// What to do next.
    #[must_use]
    pub fn help(&self) -> String {
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
            Self::Credentials {
                login: Some(login), ..
            } => return login.help(),
            Self::Credentials { .. } => {
                "what was set up to give credentials was asked first; docs/aws.md has the order"
            }
            Self::BadSetting { .. } => {
                "expected a file of certificates in PEM, or the URL of a proxy"
            }
            Self::BadEndpoint { .. } => "expected as in `http://localhost:9000`",
            Self::NoRegion => "name one as in `event-history://eu-west-1`, or set AWS_REGION",
            Self::Refused(answer) => return answer.help().to_owned(),
            Self::Elsewhere { region } => {
                return format!("set AWS_REGION={region}, and an endpoint of that region");
            }
            Self::Broken { .. } | Self::Slow => {
                "check the network, AWS_ENDPOINT_URL, and HTTPS_PROXY where there is a proxy"
            }
            Self::Foreign { .. } => "check AWS_ENDPOINT_URL, and that no proxy answers instead",
            Self::Changed => "run it again; CloudTrail itself never replaces a log file",
            Self::Stopped => "let it go on for longer",
        }
        .to_owned()
    }
}

impl Login {
    /// The command that logs in.
    fn help(&self) -> String {
        match self {
            Self::Sso { profile } => {
                format!("log in with `aws sso login --profile {profile}`, and run it again")
            }
            Self::Console { profile } => {
                format!("log in with `aws login --profile {profile}`, and run it again")
            }
            Self::Device { profile } => format!(
                "profile `{profile}` has an `mfa_serial`, and no code is asked for here: run \
                 `aws configure mfa-login --profile {profile}`, and name the profile that it makes"
            ),
        }
    }
}

impl Answer {
    /// Whether a retry a little later may succeed (S3 API reference, "Error responses"; CloudTrail API reference,
    /// "Common errors").
    pub(super) fn is_passing(&self) -> bool {
        matches!(self.status, 408 | 429 | 500 | 502..=504)
            || matches!(
                &*self.code,
                "RequestTimeout"
                    | "SlowDown"
                    | "Throttling"
                    | "ThrottlingException"
                    | "RequestLimitExceeded"
                    | "InternalError"
                    | "ServiceUnavailable"
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
                "check the credentials, and that they belong together; docs/aws.md says which are \
                 used"
            }
            "UnrecognizedClientException" | "InvalidClientTokenId" | "AuthFailure" => {
                "check the credentials, and that the account has this region switched on"
            }
            "ExpiredToken" | "ExpiredTokenException" => "log in again, and run it again",
            "RequestTimeTooSkewed" => "set the clock of this machine",
            "InvalidObjectState" => "it is archived: restore it from Glacier first",
            _ if self.is_passing() => {
                "the service went on refusing; run it again later, or with fewer --connections"
            }
            _ => match (self.service, self.status) {
                (AwsService::Store, 403) => {
                    "these credentials need s3:ListBucket on the bucket, s3:GetObject on its \
                     objects and, for encrypted logs, kms:Decrypt on the key; a bucket whose \
                     requesters pay needs --request-payer; docs/aws.md has a policy"
                }
                (AwsService::History, 400 | 403) => {
                    "these credentials need cloudtrail:LookupEvents; docs/aws.md has a policy"
                }
                (AwsService::Store | AwsService::History, _) => {
                    "docs/aws.md says what is asked of the service"
                }
            },
        }
    }
}

/// The region that an answer of S3 names, in a header or in its text.
fn region_of(answer: &HttpResponse) -> Option<String> {
    let header = answer.headers().get("x-amz-bucket-region");
    let of_text = || {
        let text = std::str::from_utf8(answer.body().bytes()?).ok()?;
        Some(text.split_once("<Region>")?.1.split_once("</Region>")?.0)
    };
    let region = header.or_else(of_text)?;
    // It becomes part of a host's name.
    let is_part = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    let is_region = !region.is_empty() && region.len() < 40 && region.bytes().all(is_part);
    is_region.then(|| region.to_owned())
}

/// The last cause of an error, which says most.
pub(super) fn deepest(error: &(dyn Error + 'static)) -> String {
    let mut last = error;
    while let Some(source) = last.source() {
        last = source;
    }
    last.to_string()
}
