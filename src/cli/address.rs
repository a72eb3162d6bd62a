//! Addresses that name something in AWS instead of a path.
//!
//! Comes in: what was typed. Goes out: the part of a bucket, or the event history, that it names. Never: a request.

/// A part of a bucket, as it was typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Address {
    /// The bucket's name, or the ARN of an access point.
    pub(super) bucket: String,
    /// The key or folder; empty for the whole bucket.
    pub(super) path: String,
}

/// What a bad bucket should have been.
const A_BUCKET: &str = "3 to 63 lower-case letters, digits, `-` and `.` for the name of a bucket";

impl Address {
    /// Parses `s3://BUCKET[/PATH]`; `None` if it starts differently. An access point's ARN may stand for the bucket,
    /// as in the AWS command line tool.
    ///
    /// # Errors
    /// An invalid bucket name (S3 user guide, "General purpose bucket naming rules").
    pub(super) fn parse(text: &str) -> Option<Result<Self, &'static str>> {
        let rest = text.strip_prefix("s3://")?;
        if let Some(address) = of_access_point(rest) {
            return Some(Ok(address));
        }
        let (bucket, path) = rest.split_once('/').unwrap_or((rest, ""));
        Some(match is_name(bucket) {
            true => Ok(Self {
                bucket: bucket.to_owned(),
                path: path.to_owned(),
            }),
            false => Err(A_BUCKET),
        })
    }
}

fn is_name(text: &str) -> bool {
    let is_part = |byte: u8| {
        byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'.')
    };
    (3..=63).contains(&text.len()) && text.bytes().all(is_part)
}

/// `arn:PARTITION:s3:REGION:ACCOUNT:accesspoint/NAME[/PATH]`; the region of a multi-region access point is empty.
fn of_access_point(text: &str) -> Option<Address> {
    let mut parts = text.splitn(6, ':');
    let is_arn =
        parts.next()? == "arn" && parts.next()?.starts_with("aws") && parts.next()? == "s3";
    let (region, account) = (parts.next()?, parts.next()?);
    let (name, path) = parts
        .next()?
        .strip_prefix("accesspoint/")
        .map(|rest| rest.split_once('/').unwrap_or((rest, "")))?;
    let is_region = region.is_empty() || is_region(region);
    let is_account = account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit());
    let len = text.len() - path.len();
    (is_arn && is_region && is_account && is_name(name)).then(|| Address {
        bucket: text[..len].trim_end_matches('/').to_owned(),
        path: path.to_owned(),
    })
}

/// The event history of a region, as it was typed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum HistoryOf {
    /// The region that is configured.
    Configured,
    /// Every region of the list.
    Everywhere,
    /// One region.
    Region(String),
}

/// What starts the address of an event history.
pub(super) const HISTORY: &str = "event-history://";

impl HistoryOf {
    /// Parses `event-history://[REGION|*]`; `None` if it starts differently.
    ///
    /// # Errors
    /// What cannot be the name of a region.
    pub(super) fn parse(text: &str) -> Option<Result<Self, &'static str>> {
        let rest = text.strip_prefix(HISTORY)?;
        Some(match rest.trim_end_matches('/') {
            "" => Ok(Self::Configured),
            "*" => Ok(Self::Everywhere),
            region if is_region(region) => Ok(Self::Region(region.to_owned())),
            _ => {
                Err("a region such as `eu-west-1`, `*` for all, or nothing for the configured one")
            }
        })
    }
}

/// Whether a text can be the name of a region, and so part of a host's name.
fn is_region(text: &str) -> bool {
    let is_part = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (4..=32).contains(&text.len()) && text.contains('-') && text.bytes().all(is_part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_a_bucket_and_a_path() {
        let parts = |text: &str| match Address::parse(text) {
            Some(Ok(address)) => Some((address.bucket, address.path)),
            Some(Err(_)) | None => None,
        };
        let some = |bucket: &str, path: &str| Some((bucket.to_owned(), path.to_owned()));
        assert_eq!(parts("s3://logs"), some("logs", ""));
        assert_eq!(parts("s3://logs/AWSLogs/"), some("logs", "AWSLogs/"));
        assert_eq!(parts("s3://my.logs//a b"), some("my.logs", "/a b"));
        let arn = "arn:aws:s3:eu-west-1:123456789012:accesspoint/logs";
        assert_eq!(parts(&format!("s3://{arn}")), some(arn, ""));
        assert_eq!(parts(&format!("s3://{arn}/a/b")), some(arn, "a/b"));
        let arn = "arn:aws:s3::123456789012:accesspoint/m.mrap";
        assert_eq!(parts(&format!("s3://{arn}/a/")), some(arn, "a/"));
        for wrong in [
            "s3://",
            "s3:///a",
            "s3://Logs/a",
            "s3://a/b",
            "s3://arn:aws:s3:::logs/a",
            "s3://arn:aws:s3:eu-west-1:12:accesspoint/logs",
            "s3://arn:aws:s3:evil.example/:123456789012:accesspoint/logs",
        ] {
            assert!(matches!(Address::parse(wrong), Some(Err(_))), "{wrong}");
        }
        assert_eq!(Address::parse("logs/s3://a"), None);
    }

    #[test]
    fn an_event_history_is_of_a_region_all_or_the_configured_one() {
        let parse = |text| HistoryOf::parse(text);
        let region = HistoryOf::Region("eu-west-1".to_owned());
        assert_eq!(parse("event-history://eu-west-1"), Some(Ok(region)));
        assert_eq!(parse("event-history://"), Some(Ok(HistoryOf::Configured)));
        assert_eq!(parse("event-history://*"), Some(Ok(HistoryOf::Everywhere)));
        for wrong in [
            "event-history://EU",
            "event-history://a.b-c",
            "event-history://eu-west-1/x",
        ] {
            assert!(matches!(parse(wrong), Some(Err(_))), "{wrong}");
        }
        assert_eq!(parse("eu-west-1"), None);
    }
}
