//! Credentials of a role (AWS STS API reference, "AssumeRole", "AssumeRoleWithWebIdentity").
//!
//! Comes in: a role, and keys or a token to assume it with. Goes out: the role's keys. Never: a
//! token in an address, where it would be logged.

use std::path::Path;

use chrono::DateTime;

use crate::cli::s3::credentials::Provider;
use crate::cli::s3::failure::S3Error;
use crate::cli::s3::http::{self, answer, domain, now, parts};
use crate::cli::s3::patience::Patience;
use crate::cli::s3::sign::{self, Keys};
use crate::cli::s3::xml::Element;

/// The name of the session if the user sets none.
pub(super) const SESSION: &str = "reconstruct";

/// The name for errors.
const SOURCE: &str = "AWS STS";

/// The role that the environment gives a web identity, as in a pod of Kubernetes.
pub(super) fn of_environment(provider: &Provider) -> Result<Option<Keys>, S3Error> {
    let environment = &provider.settings.environment;
    let (Some(file), Some(role)) = (
        environment.path("AWS_WEB_IDENTITY_TOKEN_FILE"),
        environment.text("AWS_ROLE_ARN"),
    ) else {
        return Ok(None);
    };
    let session = environment.text("AWS_ROLE_SESSION_NAME").unwrap_or(SESSION);
    web_identity(provider, role, session, &file).map(Some)
}

/// Assumes a role with the token in a file.
pub(super) fn web_identity(
    provider: &Provider,
    role: &str,
    session: &str,
    file: &Path,
) -> Result<Keys, S3Error> {
    let token = std::fs::read_to_string(file).map_err(|error| S3Error::Credentials {
        source: "a web identity",
        reason: format!("`{}`: {error}", file.display()),
    })?;
    let parameters = [
        ("Action", "AssumeRoleWithWebIdentity"),
        ("RoleArn", role),
        ("RoleSessionName", session),
        ("WebIdentityToken", token.trim()),
    ];
    ask(provider, &parameters, None)
}

/// Assumes a role with other keys.
pub(super) fn assume(
    provider: &Provider,
    keys: &Keys,
    role: &str,
    session: &str,
    external: Option<&str>,
) -> Result<Keys, S3Error> {
    let mut parameters = vec![
        ("Action", "AssumeRole"),
        ("RoleArn", role),
        ("RoleSessionName", session),
    ];
    parameters.extend(external.map(|id| ("ExternalId", id)));
    ask(provider, &parameters, Some(keys))
}

fn ask(
    provider: &Provider,
    parameters: &[(&str, &str)],
    keys: Option<&Keys>,
) -> Result<Keys, S3Error> {
    let settings = &provider.settings;
    let region = settings.region();
    let url = match settings.endpoint("AWS_ENDPOINT_URL_STS") {
        Some(url) => url.to_owned(),
        None => format!("https://sts.{region}.{}", domain(region)),
    };
    let Some((scheme, host, path)) = parts(&url) else {
        return Err(S3Error::BadEndpoint { url });
    };
    let path = format!("{}/", path.trim_end_matches('/'));
    let mut parameters = parameters.to_vec();
    parameters.push(("Version", "2011-06-15"));
    let body = sign::query(&parameters);
    let form = (
        "content-type",
        "application/x-www-form-urlencoded".to_owned(),
    );
    let mut patience = Patience::new(host);
    loop {
        let headers = match keys {
            None => vec![form.clone()],
            Some(keys) => {
                let request = sign::Request {
                    method: "POST",
                    host,
                    path: &path,
                    query: "",
                    body: &body,
                    service: "sts",
                    region,
                    headers: std::slice::from_ref(&form),
                };
                sign::sign(&request, keys, now())
            }
        };
        let url = format!("{scheme}://{host}{path}");
        let failure = match provider.http.post(&url, &headers, &body) {
            Ok(response) if response.status().is_success() => {
                let text = http::text(response).unwrap_or_default();
                match read(&text) {
                    Some(keys) => return Ok(keys),
                    None => "the answer is none of STS's".to_owned(),
                }
            }
            Ok(response) => {
                let answer = answer(response);
                if !answer.is_passing() {
                    let reason = answer.to_string();
                    let source = SOURCE;
                    return Err(S3Error::Credentials { source, reason });
                }
                answer.to_string()
            }
            Err(error) => error.to_string(),
        };
        patience.wait(S3Error::Credentials {
            source: SOURCE,
            reason: failure,
        })?;
    }
}

fn read(text: &str) -> Option<Keys> {
    let document = Element::parse(text)?;
    let keys = document.find("Credentials")?;
    let expires = DateTime::parse_from_rfc3339(keys.text("Expiration")?).ok()?;
    Some(Keys {
        id: keys.text("AccessKeyId")?.to_owned(),
        secret: keys.text("SecretAccessKey")?.to_owned(),
        token: Some(keys.text("SessionToken")?.to_owned()),
        expires: Some(expires.to_utc()),
    })
}
