//! Times of a report as numbers, for formats that need them.
//!
//! Comes in: a time as the report writes it. Goes out: seconds or microseconds since 1970. Never: a time zone
//! other than UTC.

use chrono::{DateTime, Utc};

/// Seconds from 1970-01-01T00:00:00Z to a time of the report, fractions left out.
pub(super) fn seconds(time: &str) -> Option<i64> {
    micros(time).map(|micros| micros.div_euclid(1_000_000))
}

/// Microseconds from 1970-01-01T00:00:00Z to a time of the report; negative before it.
pub(super) fn micros(time: &str) -> Option<i64> {
    let time: DateTime<Utc> = time.parse().ok()?;
    Some(time.timestamp_micros())
}
