//! Credentials of a profile (AWS SDKs and tools reference, "Settings reference").
//!
//! Comes in: a profile's name. Goes out: its keys, or none if it leads to none. Never: an endless
//! chain of profiles.

use crate::cli::s3::credentials::{Provider, metadata, process, sts};
use crate::cli::s3::failure::S3Error;
use crate::cli::s3::sign::Keys;

/// How many profiles may refer to each other in a chain.
const MOST: usize = 8;

/// The keys of a profile.
pub(super) fn keys(provider: &Provider, name: &str) -> Result<Option<Keys>, S3Error> {
    of(provider, name, MOST)
}

fn of(provider: &Provider, name: &str, left: usize) -> Result<Option<Keys>, S3Error> {
    let value = |key: &str| provider.settings.of(name, key);
    let needs = |what| S3Error::NeedsTool {
        profile: name.to_owned(),
        what,
    };
    let bad = |reason: String| S3Error::Credentials {
        source: "a profile",
        reason,
    };
    if let Some(role) = value("role_arn") {
        let session = value("role_session_name").unwrap_or(sts::SESSION);
        if let Some(file) = value("web_identity_token_file") {
            return sts::web_identity(provider, role, session, file.as_ref()).map(Some);
        }
        if value("mfa_serial").is_some() {
            return Err(needs("a code of a device (`mfa_serial`)"));
        }
        let source = match (value("source_profile"), value("credential_source")) {
            // A profile that names itself means only its keys.
            (Some(source), _) if source == name => of_keys(provider, name),
            (Some(source), _) if left == 0 || !provider.settings.has(source) => {
                let reason = format!("`source_profile` `{source}` leads nowhere");
                return Err(bad(reason));
            }
            (Some(source), _) => of(provider, source, left - 1)?,
            (None, Some("Environment")) => provider.of_environment(),
            (None, Some("EcsContainer")) => metadata::of_container(provider)?,
            (None, Some("Ec2InstanceMetadata")) => metadata::of_instance(provider)?,
            (None, _) => None,
        };
        let Some(source) = source else {
            let reason = format!("`{name}` takes on a role and has no keys to do it with");
            return Err(bad(reason));
        };
        let external = value("external_id");
        return sts::assume(provider, &source, role, session, external).map(Some);
    }
    if let Some(keys) = of_keys(provider, name) {
        return Ok(Some(keys));
    }
    if let Some(command) = value("credential_process") {
        return process::run(command).map(Some);
    }
    match value("sso_session").or_else(|| value("sso_start_url")) {
        Some(_) => Err(needs("a login with IAM Identity Center (SSO)")),
        None => Ok(None),
    }
}

/// Keys written in the file.
fn of_keys(provider: &Provider, name: &str) -> Option<Keys> {
    let value = |key: &str| provider.settings.of(name, key).map(str::to_owned);
    Some(Keys {
        id: value("aws_access_key_id")?,
        secret: value("aws_secret_access_key")?,
        token: value("aws_session_token"),
        expires: None,
    })
}
