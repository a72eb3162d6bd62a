//! Durations and sizes as people type them.
//!
//! Comes in: `15m`, `4GiB`. Goes out: seconds and bytes. Never: a guess; a near spelling is
//! suggested, not accepted.

use std::time::Duration;

/// Seconds in a unit, and its other spellings.
const TIMES: &[(&str, u64, &[&str])] = &[
    ("s", 1, &["sec", "secs", "second", "seconds"]),
    ("m", 60, &["min", "mins", "minute", "minutes", ""]),
    ("h", 3_600, &["hr", "hrs", "hour", "hours"]),
    ("d", 86_400, &["day", "days"]),
];

/// Bytes in a unit, and its other spellings.
const SIZES: &[(&str, u64, &[&str])] = &[
    ("KiB", 1 << 10, &["k", "kb"]),
    ("MiB", 1 << 20, &["m", "mb", ""]),
    ("GiB", 1 << 30, &["g", "gb"]),
    ("TiB", 1 << 40, &["t", "tb"]),
];

/// A text that is no quantity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoQuantity {
    /// What was expected.
    pub expected: &'static str,
    /// What may have been meant.
    pub meant: Option<String>,
}

/// Reads a duration: a whole number and `s`, `m`, `h` or `d`.
///
/// # Errors
/// Any other text.
pub fn duration(text: &str) -> Result<Duration, NoQuantity> {
    let expected = "a whole number followed by `s`, `m`, `h` or `d`, as in `15m`";
    parse(text, TIMES, expected).map(Duration::from_secs)
}

/// Reads a size: a whole number and `KiB`, `MiB`, `GiB` or `TiB`.
///
/// # Errors
/// Any other text.
pub fn bytes(text: &str) -> Result<u64, NoQuantity> {
    let expected = "a whole number followed by `KiB`, `MiB`, `GiB` or `TiB`, as in `4GiB`";
    parse(text, SIZES, expected)
}

fn parse(
    text: &str,
    units: &[(&str, u64, &[&str])],
    expected: &'static str,
) -> Result<u64, NoQuantity> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at(digits);
    let value = number.parse::<u64>().ok();
    let known = units.iter().find(|(name, _, _)| *name == unit);
    if let (Some(value), Some((_, factor, _))) = (value, known)
        && let Some(product) = value.checked_mul(*factor)
    {
        return Ok(product);
    }
    let meant = unit.trim().to_lowercase();
    let near = units
        .iter()
        .find(|(name, _, others)| name.to_lowercase() == meant || others.contains(&&*meant));
    let meant = match (value, near) {
        (Some(value), Some((name, factor, _))) if value.checked_mul(*factor).is_some() => {
            Some(format!("{value}{name}"))
        }
        _ => None,
    };
    Err(NoQuantity { expected, meant })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_and_sizes_are_read() {
        assert_eq!(duration("90s"), Ok(Duration::from_secs(90)));
        assert_eq!(duration("15m"), Ok(Duration::from_secs(900)));
        assert_eq!(duration("7d"), Ok(Duration::from_secs(604_800)));
        assert_eq!(bytes("4GiB"), Ok(4 << 30));
    }

    #[test]
    fn what_is_close_is_suggested_not_taken() {
        let suggestion =
            |result: Result<Duration, NoQuantity>| result.err().and_then(|error| error.meant);
        assert_eq!(suggestion(duration("15min")).as_deref(), Some("15m"));
        assert_eq!(suggestion(duration("15")).as_deref(), Some("15m"));
        assert_eq!(suggestion(duration("2 Hours")).as_deref(), Some("2h"));
        assert_eq!(suggestion(duration("soon")), None);
        let size = |text| bytes(text).err().and_then(|error| error.meant);
        assert_eq!(size("4GB").as_deref(), Some("4GiB"));
        assert_eq!(size("99999999999999999999TiB"), None);
        assert_eq!(size("18446744073709551615TiB"), None);
    }
}
