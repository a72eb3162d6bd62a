//! Finds credentials, in the order in which the AWS command line tool looks for them.
//!
//! Comes in: the user's setup. Goes out: keys that stay valid for some minutes. Never: a key shown,
//! or kept anywhere but in memory.

mod metadata;
mod process;
mod profile;
mod sts;

use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;

use crate::cli::s3::failure::S3Error;
use crate::cli::s3::http::{Http, now};
use crate::cli::s3::settings::{Chosen, Settings};
use crate::cli::s3::sign::Keys;

/// How long before they expire keys are no longer used.
const MARGIN: TimeDelta = TimeDelta::minutes(5);

/// Where keys come from.
pub(super) struct Provider {
    settings: Arc<Settings>,
    http: Http,
    nearby: Http,
    kept: Mutex<Option<Keys>>,
}

impl Provider {
    pub(super) fn new(settings: Arc<Settings>, http: Http) -> Self {
        Self {
            settings,
            http,
            nearby: Http::nearby(),
            kept: Mutex::new(None),
        }
    }

    /// Valid keys: cached ones, or new ones. All threads wait for the one that fetches them.
    pub(super) fn keys(&self) -> Result<Keys, S3Error> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let is_good = |keys: &&Keys| keys.expires.is_none_or(|end| now() + MARGIN < end);
        if let Some(keys) = kept.as_ref().filter(is_good) {
            return Ok(keys.clone());
        }
        let keys = self.find()?;
        *kept = Some(keys.clone());
        Ok(keys)
    }

    /// Drops keys that a service no longer accepts.
    pub(super) fn forget(&self) {
        *self.kept.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// The first source that has keys (AWS CLI user guide, "Authentication and access credentials":
    /// a profile given as an option takes precedence over the environment, `AWS_PROFILE` does not).
    fn find(&self) -> Result<Keys, S3Error> {
        if self.settings.chosen != Chosen::Option {
            if let Some(keys) = self.of_environment() {
                return Ok(keys);
            }
            if let Some(keys) = sts::of_environment(self)? {
                return Ok(keys);
            }
        }
        if let Some(keys) = profile::keys(self, &self.settings.profile)? {
            return Ok(keys);
        }
        if let Some(keys) = metadata::of_container(self)? {
            return Ok(keys);
        }
        metadata::of_instance(self)?.ok_or(S3Error::NoCredentials)
    }

    fn of_environment(&self) -> Option<Keys> {
        let environment = &self.settings.environment;
        Some(Keys {
            id: environment.text("AWS_ACCESS_KEY_ID")?.to_owned(),
            secret: environment.text("AWS_SECRET_ACCESS_KEY")?.to_owned(),
            token: environment.text("AWS_SESSION_TOKEN").map(str::to_owned),
            expires: None,
        })
    }
}

/// Keys as programs and services write them in JSON.
fn of_json(source: &'static str, text: &str) -> Result<Keys, S3Error> {
    let bad = |reason: &str| S3Error::Credentials {
        source,
        reason: reason.to_owned(),
    };
    let document: Value = serde_json::from_str(text).map_err(|_| bad("the answer is no JSON"))?;
    let field = |name: &str| {
        let value = document.get(name).and_then(Value::as_str)?;
        Some(value.to_owned()).filter(|value| !value.is_empty())
    };
    let expires = field("Expiration").map(|text| {
        let time = DateTime::parse_from_rfc3339(&text);
        time.map_err(|_| bad("`Expiration` is no time"))
    });
    Ok(Keys {
        id: field("AccessKeyId").ok_or_else(|| bad("it has no `AccessKeyId`"))?,
        secret: field("SecretAccessKey").ok_or_else(|| bad("it has no `SecretAccessKey`"))?,
        token: field("SessionToken").or_else(|| field("Token")),
        expires: expires.transpose()?.map(|time| time.with_timezone(&Utc)),
    })
}
