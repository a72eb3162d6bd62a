//! Credentials, by the SDK's own order of sources, and why there are none.
//!
//! Comes in: the SDK's provider. Goes out: its credentials, and what went wrong with them at last. Never: a key shown, or
//! kept anywhere but in memory.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::future::ProvideCredentials as Future;
use aws_credential_types::provider::{ProvideCredentials, Result, SharedCredentialsProvider};

use crate::aws::failure::{AwsError, Login, deepest};

/// The SDK's provider, asked once before the first request, so that a failure is told as what it is.
#[derive(Clone)]
pub(super) struct Watched(Arc<WatchedSource>);

struct WatchedSource {
    provider: SharedCredentialsProvider,
    kept: Mutex<LastTried>,
}

#[derive(Default)]
struct LastTried {
    /// What was given before anybody asked for it.
    ready: Option<Credentials>,
    /// The account that they belong to, if they say so.
    account: Option<String>,
    /// Why there were none at last.
    failure: Option<String>,
}

impl fmt::Debug for Watched {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Watched")
    }
}

impl Watched {
    pub(super) fn new(provider: SharedCredentialsProvider) -> Self {
        Self(Arc::new(WatchedSource {
            provider,
            kept: Mutex::default(),
        }))
    }

    fn kept(&self) -> MutexGuard<'_, LastTried> {
        // Whole values are written, also by what panicked.
        self.0.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Gets credentials for the first request.
    ///
    /// # Errors
    /// Why there are none; `login` is what the profile may need.
    pub(super) async fn prepare(&self, login: Option<Login>) -> std::result::Result<(), AwsError> {
        match self.0.provider.provide_credentials().await {
            Ok(credentials) => {
                let mut kept = self.kept();
                kept.account = credentials.account_id().map(|id| id.as_str().to_owned());
                kept.ready = Some(credentials);
                Ok(())
            }
            Err(CredentialsError::CredentialsNotLoaded(_)) if login.is_none() => {
                Err(AwsError::NoCredentials)
            }
            Err(error) => Err(AwsError::Credentials {
                reason: deepest(&error),
                login,
            }),
        }
    }

    /// Why the last request had no credentials; `None` if it had.
    pub(super) fn failure(&self) -> Option<String> {
        self.kept().failure.take()
    }

    /// The account of the credentials, if they say so.
    pub(super) fn account(&self) -> Option<String> {
        self.kept().account.clone()
    }

    async fn provide(&self) -> Result {
        let ready = self.kept().ready.take();
        let given = match ready {
            Some(ready) => Ok(ready),
            None => self.0.provider.provide_credentials().await,
        };
        self.kept().failure = given.as_ref().err().map(|error| deepest(error));
        given
    }
}

impl ProvideCredentials for Watched {
    fn provide_credentials<'a>(&'a self) -> Future<'a>
    where
        Self: 'a,
    {
        Future::new(self.provide())
    }
}
