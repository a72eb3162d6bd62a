//! Where and with which credentials to read, by the environment and the shared files.
//!
//! Comes in: environment variables, `--profile` and the files that they name. Goes out: region,
//! endpoints and the values of profiles. Never: a file from the folder that is examined.

use std::path::PathBuf;

use crate::cli::environment::Environment;
use crate::cli::s3::failure::S3Error;
use crate::cli::s3::ini::Ini;

/// The region if nothing names one; a bucket elsewhere answers with its region.
const REGION: &str = "us-east-1";

/// The user's setup.
pub(super) struct Settings {
    /// The environment.
    pub(super) environment: Environment,
    /// The profile to use.
    pub(super) profile: String,
    /// How it was chosen.
    pub(super) chosen: Chosen,
    config: Ini,
    credentials: Ini,
}

/// How a profile was chosen.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Chosen {
    /// By `--profile`, which takes precedence over keys in the environment.
    Option,
    /// By `AWS_PROFILE`.
    Variable,
    /// Not at all.
    Default,
}

impl Settings {
    /// Reads the files.
    ///
    /// # Errors
    /// A named profile that is in none of them.
    pub(super) fn new(environment: &Environment, profile: Option<&str>) -> Result<Self, S3Error> {
        let variable = environment.first(&["AWS_PROFILE", "AWS_DEFAULT_PROFILE"]);
        let (profile, chosen) = match (profile, variable) {
            (Some(profile), _) => (profile, Chosen::Option),
            (None, Some(profile)) => (profile, Chosen::Variable),
            (None, None) => ("default", Chosen::Default),
        };
        let settings = Self {
            profile: profile.to_owned(),
            chosen,
            config: file(environment, "AWS_CONFIG_FILE", "config"),
            credentials: file(environment, "AWS_SHARED_CREDENTIALS_FILE", "credentials"),
            environment: environment.clone(),
        };
        match chosen != Chosen::Default && !settings.has(profile) {
            true => Err(S3Error::NoProfile {
                name: profile.to_owned(),
            }),
            false => Ok(settings),
        }
    }

    /// Whether one of the files has a profile.
    pub(super) fn has(&self, profile: &str) -> bool {
        self.credentials.has(profile) || sections(profile).iter().any(|name| self.config.has(name))
    }

    /// A value of a profile.
    pub(super) fn of(&self, profile: &str, key: &str) -> Option<&str> {
        let of_config = || {
            let names = sections(profile);
            names.iter().find_map(|name| self.config.get(name, key))
        };
        self.credentials.get(profile, key).or_else(of_config)
    }

    /// The region to ask first.
    pub(super) fn region(&self) -> &str {
        let variable = self
            .environment
            .first(&["AWS_REGION", "AWS_DEFAULT_REGION"]);
        variable
            .or_else(|| self.of(&self.profile, "region"))
            .unwrap_or(REGION)
    }

    /// The address of a service, if it is not Amazon's own.
    pub(super) fn endpoint(&self, variable: &str) -> Option<&str> {
        self.environment
            .first(&[variable, "AWS_ENDPOINT_URL"])
            .or_else(|| self.of(&self.profile, "endpoint_url"))
            .map(|url| url.trim_end_matches('/'))
    }
}

/// The names under which the config file may have a profile.
fn sections(profile: &str) -> Vec<String> {
    let named = format!("profile {profile}");
    match profile {
        "default" => vec![named, profile.to_owned()],
        _ => vec![named],
    }
}

/// A shared file; a missing one counts as empty.
fn file(environment: &Environment, variable: &str, name: &str) -> Ini {
    let home = || {
        let home = environment
            .path("HOME")
            .or_else(|| environment.path("USERPROFILE"))?;
        Some(home.join(".aws").join(name))
    };
    let path: Option<PathBuf> = environment.path(variable).or_else(home);
    let text = path.and_then(|path| std::fs::read(path).ok());
    Ini::parse(&String::from_utf8_lossy(&text.unwrap_or_default()))
}
