//! Time, as the simulation counts it and as CloudTrail writes it.

use chrono::{DateTime, Utc};

/// Milliseconds since 1970 in UTC: finer than the log's whole seconds, so that the true order is known.
pub(crate) type Millis = i64;

/// One second.
pub(crate) const SECOND: Millis = 1_000;
/// One minute.
pub(crate) const MINUTE: Millis = 60 * SECOND;
/// One hour.
pub(crate) const HOUR: Millis = 60 * MINUTE;

/// When every simulated log begins, 2025-03-10T06:00:00Z, unless an edge is cut off.
pub(crate) const BEGIN: Millis = 1_741_586_400_000;

/// Cuts off what CloudTrail does not record of a time: all below the second.
pub(crate) fn whole_second(at: Millis) -> Millis {
    at.div_euclid(SECOND) * SECOND
}

/// `2025-03-10T06:00:00Z`.
pub(crate) fn rfc3339(at: Millis) -> String {
    format(at, "%Y-%m-%dT%H:%M:%SZ")
}

/// The time in any form that chrono can write.
pub(crate) fn format(at: Millis, pattern: &str) -> String {
    let time: DateTime<Utc> =
        DateTime::from_timestamp_millis(at).expect("simulated times are near 2025");
    time.format(pattern).to_string()
}
