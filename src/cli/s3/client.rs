//! Sends requests to a bucket.
//!
//! Comes in: what to get. Goes out: the answer, after as many tries as it is worth. Never: a
//! request to any place other than the user set, except for the region of the bucket.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use crate::cli::s3::credentials::Provider;
use crate::cli::s3::failure::S3Error;
use crate::cli::s3::http::{Http, Response, answer, domain, now, parts};
use crate::cli::s3::patience::Patience;
use crate::cli::s3::settings::Settings;
use crate::cli::s3::sign::{self, encode};

/// A client of one bucket.
pub(super) struct BucketClient {
    bucket: String,
    /// The address of the service, if it is not Amazon's own.
    endpoint: Option<String>,
    /// The region of the bucket, as far as it is known.
    region: Mutex<String>,
    /// Whether there has been an answer; without one the address may be wrong.
    was_reached: AtomicBool,
    http: Http,
    provider: Arc<Provider>,
}

/// What to get.
#[derive(Clone, Copy)]
pub(super) struct Get<'a> {
    /// The object; empty for the bucket itself.
    pub(super) key: &'a str,
    /// The parameters, encoded and sorted.
    pub(super) query: &'a str,
    /// Headers.
    pub(super) headers: &'a [(&'static str, String)],
}

impl BucketClient {
    pub(super) fn new(
        bucket: &str,
        settings: &Settings,
        http: Http,
        provider: Arc<Provider>,
    ) -> Result<Self, S3Error> {
        let endpoint = settings.endpoint("AWS_ENDPOINT_URL_S3");
        if let Some(url) = endpoint.filter(|url| parts(url).is_none()) {
            return Err(S3Error::BadEndpoint {
                url: url.to_owned(),
            });
        }
        Ok(Self {
            bucket: bucket.to_owned(),
            endpoint: endpoint.map(str::to_owned),
            region: Mutex::new(settings.region().to_owned()),
            was_reached: AtomicBool::new(false),
            http,
            provider,
        })
    }

    /// Gets something; any status but success is an error.
    pub(super) fn get(&self, get: &Get<'_>, patience: &mut Patience) -> Result<Response, S3Error> {
        let mut may_renew = true;
        let mut may_move = true;
        loop {
            let region = self.region();
            let response = match self.once(get, &region)? {
                Ok(response) => response,
                Err(error) => {
                    let reason = error.to_string();
                    let failure = S3Error::Broken { reason };
                    match self.was_reached.load(Ordering::Relaxed) {
                        true => patience.wait(failure)?,
                        false => patience.wait_briefly(failure)?,
                    }
                    continue;
                }
            };
            self.was_reached.store(true, Ordering::Relaxed);
            if response.status().is_success() {
                return Ok(response);
            }
            let answer = answer(response);
            match &answer.region {
                Some(other) if *other != region && self.endpoint.is_some() => {
                    return Err(S3Error::Elsewhere {
                        region: other.clone(),
                    });
                }
                Some(other) if *other != region && may_move => {
                    self.set_region(other);
                    may_move = false;
                    continue;
                }
                Some(_) | None => {}
            }
            if answer.is_expired() && may_renew {
                self.provider.forget();
                may_renew = false;
                continue;
            }
            match answer.is_passing() {
                true => patience.wait(S3Error::Refused(answer))?,
                false => return Err(S3Error::Refused(answer)),
            }
        }
    }

    /// Sends a request once.
    fn once(&self, get: &Get<'_>, region: &str) -> Result<Result<Response, ureq::Error>, S3Error> {
        let keys = self.provider.keys()?;
        let (base, host, root) = self.address(region);
        let path = format!("{root}{}", encode(get.key, b"/"));
        let request = sign::Request {
            method: "GET",
            host: &host,
            path: &path,
            query: get.query,
            body: "",
            service: "s3",
            region,
            headers: get.headers,
        };
        let headers = sign::sign(&request, &keys, now());
        let url = match get.query {
            "" => format!("{base}{path}"),
            query => format!("{base}{path}?{query}"),
        };
        Ok(self.http.get(&url, &headers))
    }

    /// Scheme and host, host alone, and the path before keys (S3 user guide, "Virtual hosting of
    /// general purpose buckets"): no certificate covers a bucket with dots in its name.
    fn address(&self, region: &str) -> (String, String, String) {
        let bucket = &self.bucket;
        let by_path = format!("/{bucket}/");
        if let Some((scheme, host, path)) = self.endpoint.as_deref().and_then(parts) {
            let base = format!("{scheme}://{host}");
            return (base, host.to_owned(), format!("{path}{by_path}"));
        }
        let domain = domain(region);
        let (host, root) = match bucket.contains('.') {
            true => (format!("s3.{region}.{domain}"), by_path),
            false => (format!("{bucket}.s3.{region}.{domain}"), "/".to_owned()),
        };
        (format!("https://{host}"), host, root)
    }

    fn region(&self) -> String {
        let region = self.region.lock();
        region.unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set_region(&self, region: &str) {
        let mut current = self.region.lock().unwrap_or_else(PoisonError::into_inner);
        region.clone_into(&mut current);
    }
}
