//! The time zone of the report.
//!
//! Comes in: what was typed, and the zone of the machine. Goes out: a zone, or what would be right. Never: UTC in the
//! place of a zone that is not known.

use crate::cli::environment::Environment;
use crate::cli::usage::BadValue;
use crate::words::near::nearest;
use crate::zone::Zone;

/// The name that stands for the machine's zone.
pub(super) const LOCAL: &str = "local";

/// What is expected.
const EXPECTED: &str = "`local`, `UTC`, an offset as `+01:00`, or a place as `Europe/Berlin`";

/// The zone of a name.
///
/// # Errors
/// A name that is no zone's, or a machine whose zone has no name.
pub(super) fn zone(typed: &str, machine: Option<&str>) -> Result<Zone, BadValue> {
    if typed != LOCAL {
        return named(typed);
    }
    let of_machine = machine.and_then(Zone::find);
    of_machine.ok_or_else(|| {
        let why = match machine {
            Some(name) => format!("this machine's zone is `{name}`, which names no zone"),
            None => "this machine does not say its zone".to_owned(),
        };
        BadValue::new(format!("{why}; expected {EXPECTED}"), None)
    })
}

/// Refuses a name that can be no zone's.
///
/// # Errors
/// That name.
pub(super) fn check(typed: &str) -> Result<(), BadValue> {
    match typed == LOCAL {
        true => Ok(()),
        false => named(typed).map(drop),
    }
}

fn named(typed: &str) -> Result<Zone, BadValue> {
    Zone::find(typed).ok_or_else(|| {
        // A city is easier to remember than its continent.
        let place = typed.replace(' ', "_");
        let of_city = Zone::places().find(|name| {
            let city = name.rsplit('/').next().unwrap_or(name);
            city.eq_ignore_ascii_case(&place)
        });
        let near = of_city.or_else(|| nearest(&place, Zone::places()));
        BadValue::expected(EXPECTED, near.map(str::to_owned))
    })
}

/// The name of the machine's zone: that of `TZ`, where an empty one is UTC (POSIX.1-2024, "Environment Variables"), or
/// else of its configuration.
pub(super) fn of_machine(environment: &Environment) -> Option<String> {
    let set = environment.set("TZ");
    match set.map(|value| value.trim_start_matches(':')) {
        Some("") => Some("UTC".to_owned()),
        Some(name) => Some(name.to_owned()),
        None => iana_time_zone::get_timezone().ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_machine_without_a_known_zone_is_not_taken_for_utc() {
        for machine in [None, Some("my/zone")] {
            assert!(zone(LOCAL, machine).is_err());
        }
        assert_eq!(zone(LOCAL, Some("UTC")), Ok(Zone::Utc));
        assert_eq!(zone("Z", None), Ok(Zone::Utc));
    }

    #[test]
    fn a_city_or_a_misspelt_place_is_named_in_full() {
        for (typed, meant) in [
            ("Berlin", "Europe/Berlin"),
            ("new york", "America/New_York"),
            ("Europe/Belin", "Europe/Berlin"),
        ] {
            let bad = named(typed).expect_err("no zone");
            assert_eq!(bad.suggestion.as_deref(), Some(meant));
        }
    }

    #[test]
    fn the_zone_of_the_environment_goes_first() {
        for (set, name) in [(":Asia/Tokyo", "Asia/Tokyo"), ("", "UTC")] {
            let environment: Environment = [("TZ", set)].into_iter().collect();
            assert_eq!(of_machine(&environment).as_deref(), Some(name));
        }
    }
}
