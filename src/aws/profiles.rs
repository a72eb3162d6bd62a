//! The user's profiles, as far as messages, regions and endpoints depend on them; the SDK reads them by itself for
//! credentials.
//!
//! Comes in: the environment, and the shared files that it names. Goes out: values of profiles. Never: a file from the
//! folder that is examined, or a secret.

use aws_runtime::env_config::file::EnvConfigFiles;
use aws_runtime::env_config::section::EnvConfigSections;
use aws_runtime::env_config::source;
use aws_types::os_shim_internal::{Env, Fs};

use crate::aws::Setup;
use crate::aws::failure::{AwsError, Login};

/// How many profiles may refer to each other in a chain.
const MOST: usize = 8;

/// The profiles of the shared files.
#[derive(Debug, Default)]
pub(super) struct Profiles {
    sections: EnvConfigSections,
    /// The one that is used.
    pub(super) name: String,
    /// Whether it was named, and so has to be there.
    pub(super) is_named: bool,
}

impl Profiles {
    /// Reads the files.
    ///
    /// # Errors
    /// A named profile that is in none of them, or a file that cannot be understood.
    pub(super) async fn load(setup: &Setup, env: &Env) -> Result<Self, AwsError> {
        let named = setup.profile.as_deref();
        let named = named.or_else(|| setup.variable(&["AWS_PROFILE", "AWS_DEFAULT_PROFILE"]));
        let bad = |reason: String| AwsError::Credentials {
            reason: format!("the shared AWS files cannot be read: {reason}"),
            login: None,
        };
        let source = source::load(env, &Fs::real(), &EnvConfigFiles::default()).await;
        let source = source.map_err(|error| bad(error.to_string()))?;
        let sections = EnvConfigSections::parse(source).map_err(|error| bad(error.to_string()))?;
        match named.filter(|name| sections.get_profile(name).is_none()) {
            Some(name) => Err(AwsError::NoProfile {
                name: name.to_owned(),
            }),
            None => Ok(Self {
                sections,
                name: named.unwrap_or("default").to_owned(),
                is_named: named.is_some(),
            }),
        }
    }

    /// A value of the profile that is used, if it is not empty.
    pub(super) fn value(&self, key: &str) -> Option<&str> {
        self.of(&self.name, key)
    }

    fn of(&self, profile: &str, key: &str) -> Option<&str> {
        let value = self.sections.get_profile(profile)?.get(key)?;
        Some(value).filter(|value| !value.is_empty())
    }

    /// What a person may have to do before the profile gives credentials; it may rest on another one.
    pub(super) fn login(&self) -> Option<Login> {
        let mut name = self.name.as_str();
        for _ in 0..MOST {
            let has = |key: &str| self.of(name, key).is_some();
            let profile = || name.to_owned();
            if has("sso_session") || has("sso_start_url") {
                return Some(Login::Sso { profile: profile() });
            }
            if has("login_session") {
                return Some(Login::Console { profile: profile() });
            }
            if has("mfa_serial") {
                return Some(Login::Device { profile: profile() });
            }
            name = self
                .of(name, "source_profile")
                .filter(|next| *next != name)?;
        }
        None
    }
}
