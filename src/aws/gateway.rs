//! How to reach AWS: region, endpoints, credentials and the HTTP client, for all clients of a run.
//!
//! Comes in: the user's setup. Goes out: what each service's client is built from. Never: a request, but for credentials.

use std::sync::Arc;
use std::time::Duration;

use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_s3::config::{IdentityCache, StalledStreamProtectionConfig};
use aws_smithy_types::retry::RetryConfig;
use aws_types::os_shim_internal::Env;

use crate::aws::Setup;
use crate::aws::credentials::Watched;
use crate::aws::failure::AwsError;
use crate::aws::http;
use crate::aws::profiles::Profiles;
use crate::aws::runtime::Runtime;

/// How long a connection may take to be made.
const CONNECT: Duration = Duration::from_secs(10);

/// How long credentials may take: a program of the user's may ask a person.
const CREDENTIALS: Duration = Duration::from_secs(300);

/// How often a source of credentials is asked.
const TRIES: u32 = 5;

/// Everything that clients are built from.
pub struct Gateway {
    pub(super) setup: Setup,
    pub(super) runtime: Runtime,
    pub(super) config: SdkConfig,
    pub(super) credentials: Watched,
    profiles: Profiles,
    region: Option<String>,
}

impl Gateway {
    /// Reads the setup and gets the first credentials.
    ///
    /// # Errors
    /// A setup that cannot be used.
    pub fn new(setup: Setup) -> Result<Arc<Self>, AwsError> {
        let broken = |error: std::io::Error| AwsError::Broken {
            reason: error.to_string(),
        };
        let runtime = Runtime::start().map_err(broken)?;
        let env = environment(&setup);
        let profiles = runtime.wait(Profiles::load(&setup, &env))?;
        let region = setup.variable(&["AWS_REGION", "AWS_DEFAULT_REGION"]);
        let region = region.or_else(|| profiles.value("region"));
        let region = region.map(str::to_owned);
        // The SDK would ask the instance's metadata for a region, which takes seconds where there is none.
        let first = region.clone().unwrap_or_else(|| "us-east-1".to_owned());
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(CONNECT)
            .read_timeout(setup.waits.answer)
            .build();
        let loader = aws_config::defaults(BehaviorVersion::v2026_01_12())
            .env(env)
            .identity_cache(Self::fresh_cache())
            .region(Region::new(first))
            .http_client(http::client(&setup)?)
            .timeout_config(timeouts)
            .retry_config(RetryConfig::standard().with_max_attempts(TRIES))
            // Pieces that come too slowly are told by this room's own clock.
            .stalled_stream_protection(StalledStreamProtectionConfig::disabled());
        let loader = match profiles.is_named {
            true => loader.profile_name(profiles.name.clone()),
            false => loader,
        };
        let loaded = runtime.wait(loader.load());
        let provider = loaded.credentials_provider();
        let credentials = Watched::new(provider.ok_or(AwsError::NoCredentials)?);
        runtime.wait(credentials.prepare(profiles.login()))?;
        let config = loaded
            .into_builder()
            .credentials_provider(SharedCredentialsProvider::new(credentials.clone()))
            .build();
        let access = Self {
            setup,
            runtime,
            config,
            credentials,
            profiles,
            region,
        };
        access.check_endpoints()?;
        Ok(Arc::new(access))
    }

    /// The region that is configured.
    #[must_use]
    pub fn region(&self) -> Option<&str> {
        self.region.as_deref()
    }

    /// Why a request failed: for want of credentials, or as its own error says.
    pub(super) fn or_credentials(&self, error: AwsError) -> AwsError {
        match self.credentials.failure() {
            Some(reason) => AwsError::Credentials {
                reason,
                login: self.profiles.login(),
            },
            None => error,
        }
    }

    /// A cache of credentials that is empty, for when those in use are no longer accepted.
    pub(super) fn fresh_cache() -> aws_sdk_s3::config::SharedIdentityCache {
        IdentityCache::lazy().load_timeout(CREDENTIALS).build()
    }

    /// How long one request may take, without the pieces of an object.
    pub(super) fn timeouts(&self) -> TimeoutConfig {
        TimeoutConfig::builder()
            .connect_timeout(CONNECT.min(self.setup.waits.answer))
            .read_timeout(self.setup.waits.answer)
            .operation_attempt_timeout(self.setup.waits.answer)
            .build()
    }

    /// Whether S3 is another service than Amazon's own, or one of its other endpoints.
    pub(super) fn has_endpoint(&self) -> bool {
        let ignored = self
            .setup
            .variable(&["AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"]);
        let ignored = ignored.or_else(|| self.profiles.value("ignore_configured_endpoint_urls"));
        !ignored.is_some_and(|value| value.eq_ignore_ascii_case("true"))
            && (self.endpoint().is_some() || self.profiles.value("services").is_some())
    }

    fn endpoint(&self) -> Option<&str> {
        self.setup
            .variable(&["AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"])
            .or_else(|| self.profiles.value("endpoint_url"))
    }

    fn check_endpoints(&self) -> Result<(), AwsError> {
        let is_url = |url: &&str| {
            let rest = url
                .strip_prefix("http://")
                .or_else(|| url.strip_prefix("https://"));
            let host = rest
                .unwrap_or_default()
                .split('/')
                .next()
                .unwrap_or_default();
            !host.is_empty() && !host.contains(['@', '?', '#', ' '])
        };
        let of_history = self.setup.variable(&["AWS_ENDPOINT_URL_CLOUDTRAIL"]);
        match self
            .endpoint()
            .into_iter()
            .chain(of_history)
            .find(|url| !is_url(url))
        {
            Some(url) => Err(AwsError::BadEndpoint {
                url: url.to_owned(),
            }),
            None => Ok(()),
        }
    }
}

/// The environment as the SDK is to see it: an empty variable is as good as none, and a profile that was named for this
/// run goes before keys (AWS CLI user guide, "Authentication and access credentials").
fn environment(setup: &Setup) -> Env {
    let keys = [
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
        "AWS_WEB_IDENTITY_TOKEN_FILE",
    ];
    let is_seen = |name: &str| setup.profile.is_none() || !keys.contains(&name);
    let seen = setup.variables.iter().filter(|(name, _)| is_seen(name));
    let seen: Vec<_> = seen.map(|(name, value)| (&**name, &**value)).collect();
    Env::from_slice(&seen)
}
