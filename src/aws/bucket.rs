//! Sends requests to a bucket.
//!
//! Comes in: what to ask. Goes out: the answer, after as many tries as it is worth. Never: a request to any place other
//! than the user set, except for the region of the bucket.

use std::future::Future;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use aws_sdk_s3::Client;
use aws_sdk_s3::config::{Builder, Region, ResponseChecksumValidation, SharedIdentityCache};
use aws_sdk_s3::types::RequestPayer;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use aws_smithy_types::retry::RetryConfig;

use crate::aws::Payer;
use crate::aws::failure::{Again, AwsError, AwsService};
use crate::aws::gateway::Gateway;
use crate::aws::patience::Patience;

/// How many requests in a row may be given up before the others are tried only once.
const MOST_GIVEN_UP: u32 = 16;

/// A client of one bucket.
pub(super) struct BucketClient {
    pub(super) name: String,
    pub(super) access: Arc<Gateway>,
    current: Mutex<Current>,
    /// Whether there has been an answer; without one the address may be wrong.
    was_reached: AtomicBool,
    /// How many requests in a row were given up. A store that refuses for ever is not asked ten times for each object.
    n_given_up: AtomicU32,
}

/// The client for where the bucket is, as far as that is known.
#[derive(Clone)]
struct Current {
    region: String,
    client: Client,
}

impl BucketClient {
    pub(super) fn new(name: &str, access: Arc<Gateway>) -> Self {
        // An access point is asked where its ARN says; without a region there, it is in several.
        let of_arn = name.starts_with("arn:").then(|| name.split(':').nth(3));
        let of_arn = of_arn.flatten().filter(|region| !region.is_empty());
        let region = of_arn.or(access.region()).unwrap_or("us-east-1").to_owned();
        let current = Mutex::new(Current {
            client: client(name, &access, &region, None),
            region,
        });
        Self {
            name: name.to_owned(),
            access,
            current,
            was_reached: AtomicBool::new(false),
            n_given_up: AtomicU32::new(0),
        }
    }

    /// How failures of a request are met.
    pub(super) fn patience(&self, about: &str) -> Patience {
        Patience::new(about, self.access.setup.waits.pause)
    }

    /// Who pays, as requests say it.
    pub(super) fn payer(&self) -> Option<RequestPayer> {
        match self.access.setup.payer {
            Payer::Owner => None,
            Payer::Requester => Some(RequestPayer::Requester),
        }
    }

    /// Asks until there is an answer that is final.
    pub(super) fn send<T, E, A>(
        &self,
        patience: &mut Patience,
        ask: impl Fn(Client) -> A,
    ) -> Result<T, AwsError>
    where
        A: Future<Output = Result<T, SdkError<E, HttpResponse>>>,
        E: ProvideErrorMetadata + std::error::Error + 'static,
    {
        let mut may_renew = true;
        let mut may_move = true;
        loop {
            let current = self.current().clone();
            let error = match self.access.runtime.wait(ask(current.client)) {
                Ok(answer) => {
                    self.was_reached.store(true, Ordering::Relaxed);
                    self.n_given_up.store(0, Ordering::Relaxed);
                    return Ok(answer);
                }
                Err(error) => AwsError::of(error, AwsService::Store),
            };
            let error = self.access.or_credentials(error);
            if let AwsError::Refused(answer) = &error {
                self.was_reached.store(true, Ordering::Relaxed);
                let other = answer.region.as_ref();
                let other = other.filter(|region| **region != current.region);
                match other {
                    Some(region) if self.access.has_endpoint() => {
                        let region = region.clone();
                        return Err(AwsError::Elsewhere { region });
                    }
                    Some(region) if may_move => {
                        self.replace(region.clone(), None);
                        may_move = false;
                        continue;
                    }
                    Some(_) | None => {}
                }
                if answer.is_expired() && may_renew {
                    self.replace(current.region, Some(Gateway::fresh_cache()));
                    may_renew = false;
                    continue;
                }
            }
            match (error.again(), self.was_reached.load(Ordering::Relaxed)) {
                (Again::Never, _) => return Err(error),
                (Again::Briefly, _) | (Again::Often, false) => patience.wait_briefly(error)?,
                (Again::Often, true) => self.wait(patience, error)?,
            }
        }
    }

    /// Waits before another try, unless the store has refused for long.
    pub(super) fn wait(&self, patience: &mut Patience, error: AwsError) -> Result<(), AwsError> {
        if self.n_given_up.load(Ordering::Relaxed) >= MOST_GIVEN_UP {
            return Err(error);
        }
        patience.wait(error).inspect_err(|_| {
            self.n_given_up.fetch_add(1, Ordering::Relaxed);
        })
    }

    fn current(&self) -> MutexGuard<'_, Current> {
        // A client is complete even if other code panicked.
        self.current.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn replace(&self, region: String, cache: Option<SharedIdentityCache>) {
        let client = client(&self.name, &self.access, &region, cache);
        *self.current() = Current { region, client };
    }
}

/// Builds a client. The SDK gives up after three tries, so it makes only one, and [`Patience`] the others.
fn client(
    name: &str,
    access: &Gateway,
    region: &str,
    cache: Option<SharedIdentityCache>,
) -> Client {
    // Other services know buckets by path only; an access point has no path.
    let by_path = access.has_endpoint() && !name.starts_with("arn:");
    let mut builder = Builder::from(&access.config)
        .region(Region::new(region.to_owned()))
        .force_path_style(by_path)
        .retry_config(RetryConfig::disabled())
        .timeout_config(access.timeouts())
        // What was read before a connection broke cannot be checked against the sum of the whole.
        .response_checksum_validation(ResponseChecksumValidation::WhenRequired);
    if let Some(cache) = cache {
        builder.set_identity_cache(cache);
    }
    Client::from_conf(builder.build())
}
