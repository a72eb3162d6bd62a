//! Requests and answers of HTTP.
//!
//! Comes in: an address and headers. Goes out: the answer, whatever its status. Never: a redirect
//! that is followed, which would carry the headers elsewhere, or an endless wait.

use std::io::Read as _;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use ureq::Agent;
use ureq::tls::{PemItem, RootCerts, TlsConfig, parse_pem};

use crate::cli::environment::Environment;
use crate::cli::s3::failure::{Answer, S3Error};
use crate::cli::s3::xml::Element;

/// The longest text that is accepted as an answer.
const MAX_TEXT: u64 = 16 << 20;

/// An answer whose body is still to be read.
pub(super) type Response = ureq::http::Response<ureq::Body>;

/// How requests are made.
#[derive(Clone)]
pub(super) struct Http(Agent);

impl Http {
    /// For services: through the proxy that the environment names, keeping this many connections
    /// open.
    ///
    /// # Errors
    /// A file of `AWS_CA_BUNDLE` that holds no certificate.
    pub(super) fn new(environment: &Environment, connections: usize) -> Result<Self, S3Error> {
        let mut tls = TlsConfig::builder();
        if let Some(path) = environment.path("AWS_CA_BUNDLE") {
            tls = tls.root_certs(certificates(&path)?);
        }
        let proxy = environment
            .first(&["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"])
            .map(|url| proxy(url, environment.first(&["NO_PROXY", "no_proxy"])))
            .transpose()?;
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .user_agent(concat!("reconstruct/", env!("CARGO_PKG_VERSION")))
            .accept_encoding("identity")
            .tls_config(tls.build())
            .proxy(proxy)
            .max_idle_connections(connections)
            .max_idle_connections_per_host(connections)
            .timeout_connect(Some(Duration::from_secs(10)))
            .timeout_recv_response(Some(Duration::from_secs(60)))
            .timeout_per_read(Some(Duration::from_secs(30)))
            .build();
        Ok(Self(config.new_agent()))
    }

    /// For the local services of a machine or container, which answer at once or not at all.
    pub(super) fn nearby() -> Self {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .proxy(None)
            .timeout_global(Some(Duration::from_secs(2)))
            .timeout_connect(Some(Duration::from_secs(1)))
            .build();
        Self(config.new_agent())
    }

    /// Gets an address.
    pub(super) fn get(
        &self,
        url: &str,
        headers: &[(&'static str, String)],
    ) -> Result<Response, ureq::Error> {
        let mut request = self.0.get(url);
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        request.call()
    }

    /// Posts a form or nothing.
    pub(super) fn post(
        &self,
        url: &str,
        headers: &[(&'static str, String)],
        body: &str,
    ) -> Result<Response, ureq::Error> {
        let mut request = self.0.post(url);
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        request.send(body)
    }

    /// Sends an empty PUT, as the service of an instance requires.
    pub(super) fn put(&self, url: &str, header: (&str, &str)) -> Result<Response, ureq::Error> {
        self.0.put(url).header(header.0, header.1).send_empty()
    }
}

/// A whole answer as text.
///
/// # Errors
/// If it breaks off or is far too long.
pub(super) fn text(response: Response) -> std::io::Result<String> {
    let expected = response.body().content_length();
    let mut bytes = Vec::new();
    let reader = response.into_body().into_reader();
    reader.take(MAX_TEXT).read_to_end(&mut bytes)?;
    match expected.is_some_and(|expected| expected != bytes.len() as u64) {
        true => Err(std::io::ErrorKind::UnexpectedEof.into()),
        false => Ok(String::from_utf8_lossy(&bytes).into_owned()),
    }
}

fn proxy(url: &str, except: Option<&str>) -> Result<ureq::Proxy, S3Error> {
    let bad = |error: ureq::Error| S3Error::BadSetting {
        name: "HTTPS_PROXY",
        reason: error.to_string(),
    };
    let parsed = ureq::Proxy::new(url).map_err(bad)?;
    let Some(except) = except else {
        return Ok(parsed);
    };
    let mut builder = ureq::Proxy::builder(parsed.protocol())
        .host(parsed.host())
        .port(parsed.port());
    if let Some(name) = parsed.username() {
        builder = builder.username(name);
    }
    if let Some(password) = parsed.password() {
        builder = builder.password(password);
    }
    for host in except
        .split(',')
        .map(str::trim)
        .filter(|host| !host.is_empty())
    {
        builder = builder.no_proxy(host);
    }
    builder.build().map_err(bad)
}

fn certificates(path: &std::path::Path) -> Result<RootCerts, S3Error> {
    let bad = |reason: String| S3Error::BadSetting {
        name: "AWS_CA_BUNDLE",
        reason,
    };
    let pem = std::fs::read(path).map_err(|error| bad(error.to_string()))?;
    let certificates: Vec<_> = parse_pem(&pem)
        .filter_map(|item| match item {
            Ok(PemItem::Certificate(certificate)) => Some(certificate),
            _ => None,
        })
        .collect();
    match certificates.is_empty() {
        true => Err(bad("it holds no certificate".to_owned())),
        false => Ok(RootCerts::Specific(Arc::new(certificates))),
    }
}

/// The domain of a region's services.
pub(super) fn domain(region: &str) -> &'static str {
    match region.starts_with("cn-") {
        true => "amazonaws.com.cn",
        false => "amazonaws.com",
    }
}

/// Scheme, host and path of an address; `None` if it is not an address.
pub(super) fn parts(url: &str) -> Option<(&str, &str, &str)> {
    let (scheme, rest) = url.split_once("://")?;
    let end = rest.find('/').unwrap_or(rest.len());
    let (host, path) = rest.split_at(end);
    let is_host = !host.is_empty() && !host.contains(['@', '?', '#', ' ']);
    (matches!(scheme, "http" | "https") && is_host).then_some((scheme, host, path))
}

/// The current time, which every request contains.
pub(super) fn now() -> DateTime<Utc> {
    DateTime::from(std::time::SystemTime::now())
}

/// Reads an error answer.
pub(super) fn answer(response: Response) -> Answer {
    let status = response.status().as_u16();
    let region = response.headers().get("x-amz-bucket-region");
    let region = region.and_then(|region| region.to_str().ok());
    let region = region.map(str::to_owned);
    let text = text(response).unwrap_or_default();
    let document = Element::parse(&text);
    // S3 answers with `Error` itself, while STS wraps it.
    let error = document
        .as_ref()
        .and_then(|document| document.find("Error"));
    let field = |name| error.and_then(|error| error.text(name)).unwrap_or_default();
    let named = Some(field("Region")).filter(|region| !region.is_empty());
    Answer {
        status,
        code: field("Code").to_owned(),
        message: field("Message").to_owned(),
        region: region
            .or_else(|| named.map(str::to_owned))
            .filter(|region| is_region(region)),
    }
}

/// Whether a text may become part of a host name.
fn is_region(text: &str) -> bool {
    let is_part = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    !text.is_empty() && text.bytes().all(is_part)
}
