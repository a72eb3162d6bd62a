//! Credentials of the container or instance that the program runs in.
//!
//! Comes in: the addresses that the environment names, or the instance's own. Goes out: the keys of
//! its role, or none if there is no such role. Never: a token sent unencrypted over a network.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::cli::s3::credentials::{Provider, of_json};
use crate::cli::s3::failure::S3Error;
use crate::cli::s3::http::{self, Response, answer, parts};
use crate::cli::s3::patience::Patience;
use crate::cli::s3::sign::Keys;

/// The name for errors.
const CONTAINER: &str = "the container's role";
const INSTANCE: &str = "the instance's role";

/// The service of containers (Amazon ECS developer guide, "Task IAM role").
const OF_CONTAINERS: &str = "http://169.254.170.2";

/// The service of instances (Amazon EC2 user guide, "Use the Instance Metadata Service").
const OF_INSTANCES: &str = "http://169.254.169.254";

/// The folder of roles.
const ROLES: &str = "/latest/meta-data/iam/security-credentials/";

/// The keys of the container's role; `None` if the environment names no service for them.
pub(super) fn of_container(provider: &Provider) -> Result<Option<Keys>, S3Error> {
    let environment = &provider.settings.environment;
    let relative = environment.text("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
    let full = environment.text("AWS_CONTAINER_CREDENTIALS_FULL_URI");
    let bad = |reason: String| S3Error::Credentials {
        source: CONTAINER,
        reason,
    };
    let url = match (relative, full) {
        (Some(path), _) => format!("{OF_CONTAINERS}{path}"),
        (None, Some(url)) if is_allowed(url) => url.to_owned(),
        (None, Some(url)) => {
            let reason = format!("`{url}` is neither encrypted nor on this machine");
            return Err(bad(reason));
        }
        (None, None) => return Ok(None),
    };
    let mut headers = Vec::new();
    if let Some(path) = environment.path("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE") {
        let token = std::fs::read_to_string(&path)
            .map_err(|error| bad(format!("`{}`: {error}", path.display())))?;
        headers.push(("authorization", token.trim().to_owned()));
    } else if let Some(token) = environment.text("AWS_CONTAINER_AUTHORIZATION_TOKEN") {
        headers.push(("authorization", token.to_owned()));
    }
    let mut patience = Patience::new(&url);
    loop {
        let reason = match provider.nearby.get(&url, &headers) {
            Ok(response) if response.status().is_success() => {
                return of_json(CONTAINER, &text(response)).map(Some);
            }
            Ok(response) => answer(response).to_string(),
            Err(error) => error.to_string(),
        };
        patience.wait(bad(reason))?;
    }
}

/// Whether an address may receive a token: it is encrypted, on this machine, or one of the services
/// of ECS and EKS (AWS SDKs and tools reference, "Container credential provider").
fn is_allowed(url: &str) -> bool {
    let Some((scheme, host, _)) = parts(url) else {
        return false;
    };
    let port = host.rfind(':').filter(|at| !host[*at..].contains(']'));
    let name = port.map_or(host, |at| &host[..at]);
    let services: [IpAddr; 3] = [
        Ipv4Addr::new(169, 254, 170, 2).into(),
        Ipv4Addr::new(169, 254, 170, 23).into(),
        Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x23).into(),
    ];
    let address: Option<IpAddr> = name.trim_matches(['[', ']']).parse().ok();
    scheme == "https"
        || name == "localhost"
        || address.is_some_and(|address| address.is_loopback() || services.contains(&address))
}

/// The keys of the instance's role; `None` if this is not an instance, or one without a role.
pub(super) fn of_instance(provider: &Provider) -> Result<Option<Keys>, S3Error> {
    let environment = &provider.settings.environment;
    let is_off = environment
        .text("AWS_EC2_METADATA_DISABLED")
        .is_some_and(|value| value.eq_ignore_ascii_case("true"));
    if is_off {
        return Ok(None);
    }
    let base = environment
        .text("AWS_EC2_METADATA_SERVICE_ENDPOINT")
        .unwrap_or(OF_INSTANCES)
        .trim_end_matches('/');
    let url = format!("{base}/latest/api/token");
    let lifetime = ("x-aws-ec2-metadata-token-ttl-seconds", "21600");
    // Outside an instance nobody answers, so this is not retried.
    let token = match provider.nearby.put(&url, lifetime) {
        Ok(response) if response.status().is_success() => text(response),
        Ok(_) | Err(_) => return Ok(None),
    };
    let headers = [("x-aws-ec2-metadata-token", token)];
    let url = format!("{base}{ROLES}");
    let roles = match provider.nearby.get(&url, &headers) {
        Ok(response) if response.status().is_success() => text(response),
        Ok(response) if response.status().as_u16() == 404 => return Ok(None),
        Ok(response) => return Err(bad(answer(response).to_string())),
        Err(error) => return Err(bad(error.to_string())),
    };
    let Some(role) = roles
        .lines()
        .next()
        .map(str::trim)
        .filter(|role| !role.is_empty())
    else {
        return Ok(None);
    };
    match provider.nearby.get(&format!("{url}{role}"), &headers) {
        Ok(response) if response.status().is_success() => {
            of_json(INSTANCE, &text(response)).map(Some)
        }
        Ok(response) => Err(bad(answer(response).to_string())),
        Err(error) => Err(bad(error.to_string())),
    }
}

fn bad(reason: String) -> S3Error {
    S3Error::Credentials {
        source: INSTANCE,
        reason,
    }
}

fn text(response: Response) -> String {
    http::text(response).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_go_nowhere_in_the_clear() {
        for url in [
            "https://example.com/x",
            "http://localhost:51679/x",
            "http://127.0.0.1/x",
            "http://[::1]:80/x",
            "http://169.254.170.23/v1/credentials",
            "http://[fd00:ec2::23]/v1/credentials",
        ] {
            assert!(is_allowed(url), "{url}");
        }
        for url in [
            "http://example.com/",
            "http://10.0.0.1/",
            "ftp://127.0.0.1/",
            "x",
        ] {
            assert!(!is_allowed(url), "{url}");
        }
    }
}
