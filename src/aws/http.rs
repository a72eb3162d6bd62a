//! The HTTP client of all requests.
//!
//! Comes in: the environment. Goes out: a client with the proxy, the certificates and the limits that are wanted. Never: a
//! redirect that is followed, which would carry credentials elsewhere, or an answer that fills the memory.

use std::path::Path;

use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore};
use aws_smithy_http_client::{Builder, Connector};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use http_body_util::{BodyExt as _, Limited};

use crate::aws::Setup;
use crate::aws::failure::AwsError;

/// The longest answer that is read into memory, in bytes. The longest honest one is a page of fifty events of 256 KiB
/// each (CloudTrail user guide, "Quotas"), in which every quote is escaped.
const MAX_ANSWER: usize = 32 << 20;

/// What the SDK puts into the address of a request for an object, whose bytes are passed on and never held.
const OF_OBJECT: &str = "x-id=GetObject";

/// Makes the client.
///
/// # Errors
/// A proxy that is no address, or a file of `AWS_CA_BUNDLE` that holds no certificate.
pub(super) fn client(setup: &Setup) -> Result<SharedHttpClient, AwsError> {
    let context = TlsContext::builder()
        .with_trust_store(roots(setup)?)
        .build()
        .map_err(|error| bad("AWS_CA_BUNDLE", error.to_string()))?;
    let proxy = proxy(setup)?;
    let connections = setup.connections;
    let connector = move |settings: Option<&HttpConnectorSettings>,
                          components: Option<&RuntimeComponents>| {
        let mut builder = Connector::builder();
        builder.set_connector_settings(settings.cloned());
        builder.set_sleep_impl(components.and_then(RuntimeComponents::sleep_impl));
        builder
            .tls_provider(Provider::Rustls(CryptoMode::Ring))
            .tls_context(context.clone())
            .proxy_config(proxy.clone())
            .pool_max_idle_per_host(connections)
            .build()
    };
    let client = Builder::new().build_with_connector_fn(connector);
    Ok(SharedHttpClient::new(Bounded(client)))
}

/// Mozilla's list, or the file that the user names: an empty image has no list of its own.
fn roots(setup: &Setup) -> Result<TrustStore, AwsError> {
    let Some(path) = setup.variable(&["AWS_CA_BUNDLE"]) else {
        let certificates = webpki_root_certs::TLS_SERVER_ROOT_CERTS.iter();
        return Ok(
            certificates.fold(TrustStore::empty(), |store, certificate| {
                store.with_pem_certificate(pem(certificate))
            }),
        );
    };
    let pem = std::fs::read(Path::new(path));
    let pem = pem.map_err(|error| bad("AWS_CA_BUNDLE", error.to_string()))?;
    let text = String::from_utf8_lossy(&pem);
    match text.contains("-----BEGIN CERTIFICATE-----") {
        true => Ok(TrustStore::empty().with_pem_certificate(certificates_of(&text))),
        false => Err(bad("AWS_CA_BUNDLE", "it holds no certificate".to_owned())),
    }
}

/// The certificates of a file, which may hold keys too.
fn certificates_of(text: &str) -> String {
    let blocks = text.split("-----BEGIN CERTIFICATE-----").skip(1);
    let blocks = blocks.filter_map(|block| block.split_once("-----END CERTIFICATE-----"));
    let block = |(body, _): (&str, &str)| {
        format!("-----BEGIN CERTIFICATE-----{body}-----END CERTIFICATE-----\n")
    };
    blocks.map(block).collect()
}

/// A certificate in the form that the trust store takes.
fn pem(certificate: &[u8]) -> String {
    let body = aws_smithy_types::base64::encode(certificate);
    format!("-----BEGIN CERTIFICATE-----\n{body}\n-----END CERTIFICATE-----\n")
}

/// The proxy for encrypted requests. Metadata services of the machine are asked directly, as they are not.
fn proxy(setup: &Setup) -> Result<ProxyConfig, AwsError> {
    let names = ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];
    let Some(url) = setup.variable(&names) else {
        return Ok(ProxyConfig::disabled());
    };
    let url = match url.contains("://") {
        true => url.to_owned(),
        false => format!("http://{url}"),
    };
    // The reason may name the address, which may hold a password.
    let proxy = ProxyConfig::https(url.as_str())
        .map_err(|_| bad("HTTPS_PROXY", "it is no address of a proxy".to_owned()))?;
    Ok(match setup.variable(&["NO_PROXY", "no_proxy"]) {
        Some(except) => proxy.no_proxy(except),
        None => proxy,
    })
}

fn bad(name: &'static str, reason: String) -> AwsError {
    AwsError::BadSetting { name, reason }
}

/// A client whose answers have an end.
#[derive(Debug)]
struct Bounded<T>(T);

impl HttpClient for Bounded<SharedHttpClient> {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(Bounded(self.0.http_connector(settings, components)))
    }
}

impl HttpConnector for Bounded<SharedHttpConnector> {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let is_object = request.uri().contains(OF_OBJECT);
        let answer = self.0.call(request);
        HttpConnectorFuture::new(async move {
            let mut answer = answer.await?;
            if !(is_object && answer.status().is_success()) {
                let body = Limited::new(answer.take_body(), MAX_ANSWER).collect().await;
                let body = body.map_err(ConnectorError::io)?.to_bytes();
                if !is_whole(&body) {
                    return Err(ConnectorError::io("the answer ends in the middle".into()));
                }
                *answer.body_mut() = SdkBody::from(body);
            }
            Ok(answer)
        })
    }
}

/// Whether an answer may be read: one in XML has to end with its first element, as the SDK takes a listing that ends in the
/// middle for a short one.
fn is_whole(answer: &[u8]) -> bool {
    let text = answer.trim_ascii();
    if !text.starts_with(b"<") {
        return true;
    }
    let mut starts = text.split(|&byte| byte == b'<').skip(1);
    let Some(root) = starts.find(|start| !matches!(start.first(), Some(b'?' | b'!'))) else {
        return false;
    };
    let name = root.iter().position(|byte| b" \t\r\n/>".contains(byte));
    let name = name.and_then(|end| root.get(..end)).unwrap_or(root);
    let is_empty = root.ends_with(b"/>") && text.ends_with(root);
    is_empty || text.ends_with(&[b"</", name, b">"].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_certificates_of_a_bundle_are_trusted() {
        let text = "a\n-----BEGIN CERTIFICATE-----\nQQ==\n-----END CERTIFICATE-----\n\
                    -----BEGIN PRIVATE KEY-----\nQg==\n-----END PRIVATE KEY-----\n\
                    -----BEGIN CERTIFICATE-----\ncut";
        let kept = "-----BEGIN CERTIFICATE-----\nQQ==\n-----END CERTIFICATE-----\n";
        assert_eq!(certificates_of(text), kept);
    }

    #[test]
    fn an_answer_in_xml_ends_with_its_first_element() {
        for whole in [
            "",
            "{\"Events\":[",
            "<A/>",
            "<?xml version=\"1.0\"?>\n<A x=\"y\"><B/></A>\n",
            "<!DOCTYPE a>\n<A></A>",
        ] {
            assert!(is_whole(whole.as_bytes()), "{whole}");
        }
        for cut in [
            "<",
            "<A>",
            "<A><B/>",
            "<A><B></B>",
            "<?xml version=\"1.0\"?>",
            "<A></AB>",
        ] {
            assert!(!is_whole(cut.as_bytes()), "{cut}");
        }
    }

    #[test]
    fn a_bad_proxy_is_refused_without_its_password() {
        let with = |url: &str| {
            let variables = [("HTTPS_PROXY".to_owned(), url.to_owned())].into();
            proxy(&Setup {
                variables,
                ..Setup::default()
            })
        };
        assert!(with("http://me:secret@proxy.example:3128").is_ok());
        assert!(with("proxy.example:3128").is_ok());
        let error = with("http://me:secret@ x").expect_err("no address");
        assert!(!error.to_string().contains("secret"), "{error}");
    }
}
