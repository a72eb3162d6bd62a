//! Other spellings of an address in S3.
//!
//! Comes in: what somebody typed in place of `s3://BUCKET/KEY`. Goes out: that form. Never: an address that would be
//! refused.

use crate::cli::address::Address;
use crate::source::unescaped;

/// The `s3://…` form of an ARN, of an address for a browser, or of a slip in the scheme; `None` if it is none of these.
pub(crate) fn meant(text: &str) -> Option<String> {
    let text = text.trim();
    // An access point's ARN is read as it is.
    let of_point = format!("s3://{text}");
    if text.starts_with("arn:") && matches!(Address::parse(&of_point), Some(Ok(_))) {
        return Some(of_point);
    }
    let rest = of_arn(text)
        .or_else(|| of_web(text))
        .or_else(|| of_slip(text))?;
    let (bucket, key) = rest.split_once('/').unwrap_or((&rest, ""));
    let address = match key {
        "" => format!("s3://{}", bucket.to_lowercase()),
        key => format!("s3://{}/{key}", bucket.to_lowercase()),
    };
    let is_sound = matches!(Address::parse(&address), Some(Ok(_)));
    is_sound.then_some(address)
}

/// `arn:aws:s3:::BUCKET/KEY`, also with `s3://` before it.
fn of_arn(text: &str) -> Option<String> {
    let text = text.strip_prefix("s3://").unwrap_or(text);
    let (_partition, rest) = text.strip_prefix("arn:")?.split_once(':')?;
    Some(rest.strip_prefix("s3:::")?.trim_end_matches('*').to_owned())
}

/// Addresses for HTTPS (S3 user guide, "Methods for accessing a general purpose bucket": by the bucket's host or by
/// path), and those of the console.
fn of_web(text: &str) -> Option<String> {
    let lower = text.to_lowercase();
    let scheme = ["https://", "http://"]
        .into_iter()
        .find(|scheme| lower.starts_with(scheme))?;
    let rest = text.get(scheme.len()..)?;
    let (place, query) = rest.split_once(['?', '#']).unwrap_or((rest, ""));
    let (host, path) = place.split_once('/').unwrap_or((place, ""));
    let host = host.to_lowercase();
    let (path, host) = (decoded(path)?, host.as_str());
    if host.ends_with("console.aws.amazon.com") {
        return of_console(&path, query);
    }
    let service = host
        .strip_suffix(".amazonaws.com")
        .or_else(|| host.strip_suffix(".amazonaws.com.cn"))?;
    let is_service =
        |name: &str| name == "s3" || name.starts_with("s3.") || name.starts_with("s3-");
    if is_service(service) {
        return Some(path);
    }
    let at = service.match_indices(".s3").map(|(at, _)| at);
    let bucket = at
        .filter(|at| service.get(at + 1..).is_some_and(is_service))
        .last()
        .and_then(|at| service.get(..at))?;
    Some(format!("{bucket}/{path}"))
}

/// `/s3/buckets/BUCKET?prefix=KEY` and `/s3/object/BUCKET?prefix=KEY`.
fn of_console(path: &str, query: &str) -> Option<String> {
    let rest = path.strip_prefix("s3/")?;
    let bucket = ["buckets/", "object/"]
        .into_iter()
        .find_map(|kind| rest.strip_prefix(kind))?;
    let bucket = bucket.trim_end_matches('/');
    let mut fields = query.split('&');
    let prefix = fields.find_map(|field| field.strip_prefix("prefix="));
    match prefix {
        Some(prefix) => Some(format!("{bucket}/{}", decoded(prefix)?)),
        None => Some(bucket.to_owned()),
    }
}

/// `s3:/BUCKET`, `s3:BUCKET`, `S3://BUCKET`, `s3//BUCKET`.
fn of_slip(text: &str) -> Option<String> {
    let rest = text
        .strip_prefix("s3")
        .or_else(|| text.strip_prefix("S3"))?;
    let rest = rest.strip_prefix(':').or_else(|| rest.strip_prefix("//"))?;
    Some(rest.trim_start_matches('/').to_owned())
}

/// A text with its percent-escapes resolved (RFC 3986, section 2.1); `None` if that is not UTF-8.
fn decoded(text: &str) -> Option<String> {
    String::from_utf8(unescaped(text)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_forms_lead_to_the_one_that_is_read() {
        for (text, address) in [
            ("arn:aws:s3:::trail", "s3://trail"),
            ("arn:aws-cn:s3:::trail/AWSLogs/*", "s3://trail/AWSLogs/"),
            ("s3://arn:aws:s3:::trail/p", "s3://trail/p"),
            (
                "https://trail.s3.eu-west-1.amazonaws.com/AWSLogs/",
                "s3://trail/AWSLogs/",
            ),
            ("https://trail.s3.amazonaws.com", "s3://trail"),
            (
                "https://my.trail.s3-eu-west-1.amazonaws.com/a%20b",
                "s3://my.trail/a b",
            ),
            (
                "https://my.s3.logs.s3.dualstack.us-east-1.amazonaws.com/a",
                "s3://my.s3.logs/a",
            ),
            (
                "https://s3.eu-west-1.amazonaws.com/trail/AWSLogs/x.gz?X-Amz-Date=1",
                "s3://trail/AWSLogs/x.gz",
            ),
            (
                "HTTPS://s3.cn-north-1.amazonaws.com.cn/trail/a/",
                "s3://trail/a/",
            ),
            (
                "https://eu-west-1.console.aws.amazon.com/s3/buckets/trail?region=eu-west-1&prefix=AWSLogs%2F&showversions=false",
                "s3://trail/AWSLogs/",
            ),
            (
                "https://s3.console.aws.amazon.com/s3/buckets/trail",
                "s3://trail",
            ),
            ("s3:/trail/AWSLogs/", "s3://trail/AWSLogs/"),
            ("S3://Trail/AWSLogs/", "s3://trail/AWSLogs/"),
            ("s3:trail", "s3://trail"),
            ("s3:///trail/a", "s3://trail/a"),
            (
                "arn:aws:s3:eu-west-1:123456789012:accesspoint/logs/a",
                "s3://arn:aws:s3:eu-west-1:123456789012:accesspoint/logs/a",
            ),
        ] {
            assert_eq!(meant(text).as_deref(), Some(address), "{text}");
        }
        for text in [
            "AWSLogs/",
            "s3",
            "s3logs/a",
            "https://example.org/trail",
            "https://trail.ec2.amazonaws.com/a",
            "arn:aws:s3:eu-west-1:123456789012:accesspoint/",
            "arn:aws:iam::123456789012:role/a",
            "https://s3.eu-west-1.amazonaws.com/",
            "s3://a_b/c",
            "https://trail.s3.amazonaws.com/%ff",
        ] {
            assert_eq!(meant(text), None, "{text}");
        }
    }
}
