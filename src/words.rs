//! Numbers, times and names as people read them.
//!
//! Comes in: counts, seconds, bytes, identities. Goes out: short texts, the same everywhere. Never:
//! a missing unit, or a look at the locale.

mod deed;
pub mod near;
pub mod quantity;

use chrono::{DateTime, Datelike, SecondsFormat, Timelike, Utc};

use crate::event::{BlobKind, Bytes, Identity, Principal};

pub use deed::{DeedWords, doer, doing, except};

/// A number with thousands separators: `9,227`.
#[must_use]
pub fn number(value: u64) -> String {
    let digits = value.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A number of things: `1 layer`, `3 layers`; the plural is made with `s`.
#[must_use]
pub fn count(value: u64, thing: &str) -> String {
    match value {
        1 => format!("1 {thing}"),
        _ => format!("{} {thing}s", number(value)),
    }
}

/// As much of an `eventID` as tells it apart and `--explain` finds it by: the first eight digits of a UUID, or all.
#[must_use]
pub fn short_event(id: &str) -> &str {
    match id.split_once('-') {
        Some((first, _)) if first.len() == 8 => first,
        Some(_) | None => id,
    }
}

/// A number of pushes, whose plural is irregular.
#[must_use]
pub fn pushes(value: u64) -> String {
    match value {
        1 => "1 push".to_owned(),
        _ => format!("{} pushes", number(value)),
    }
}

/// Blobs by their kinds: `3 layers and the config`, or `3 blobs` if a kind is not known.
#[must_use]
pub fn blobs(kinds: &[Option<BlobKind>]) -> String {
    let n_of = |kind| kinds.iter().filter(|other| **other == kind).count() as u64;
    let (layers, configs) = (n_of(Some(BlobKind::Layer)), n_of(Some(BlobKind::Config)));
    if layers + configs < kinds.len() as u64 || kinds.is_empty() {
        return count(kinds.len() as u64, "blob");
    }
    match (layers, configs) {
        (_, 0) => count(layers, "layer"),
        (0, 1) => "the config".to_owned(),
        (0, _) => count(configs, "config"),
        (_, 1) => format!("{} and the config", count(layers, "layer")),
        _ => format!(
            "{} and {}",
            count(layers, "layer"),
            count(configs, "config")
        ),
    }
}

/// A stretch of time by its two largest units: `45 s`, `2 min 38 s`, `5 h 12 min`, `3 d 4 h`.
#[must_use]
pub fn duration(seconds: i64) -> String {
    let seconds = seconds.unsigned_abs();
    let (large, small) = match seconds {
        0..60 => return format!("{seconds} s"),
        60..3_600 => ((seconds / 60, "min"), (seconds % 60, "s")),
        3_600..86_400 => ((seconds / 3_600, "h"), (seconds % 3_600 / 60, "min")),
        _ => ((seconds / 86_400, "d"), (seconds % 86_400 / 3_600, "h")),
    };
    match small.0 {
        0 => format!("{} {}", number(large.0), large.1),
        rest => format!("{} {} {rest} {}", number(large.0), large.1, small.1),
    }
}

/// A size by its binary unit: `512 B`, `24.1 MiB`.
#[must_use]
pub fn size(Bytes(bytes): Bytes) -> String {
    const UNITS: [&str; 6] = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
    if bytes < 1024 {
        return format!("{bytes} B");
    }
    // Tenths as whole numbers, so that no platform rounds differently.
    let mut unit = 0;
    let mut tenths = (u128::from(bytes) * 10 + 512) / 1024;
    while tenths >= 10_240 && unit + 1 < UNITS.len() {
        unit += 1;
        tenths = (u128::from(bytes) * 10 + (512u128 << (10 * unit))) >> (10 * (unit + 1));
    }
    format!("{}.{} {}", tenths / 10, tenths % 10, UNITS[unit])
}

/// A time by RFC 3339, in UTC with `Z`: `2024-03-04T09:14:31Z`.
#[must_use]
pub fn time(time: DateTime<Utc>) -> String {
    let year = u32::try_from(time.year())
        .ok()
        .filter(|&year| year < 10_000);
    match year.filter(|_| time.nanosecond() == 0) {
        Some(year) => whole_second(year, time),
        None => time.to_rfc3339_opts(SecondsFormat::AutoSi, true),
    }
}

/// A time without a fraction, written without a formatter for speed: a report has one for every
/// event.
fn whole_second(year: u32, time: DateTime<Utc>) -> String {
    let mut text = *b"0000-00-00T00:00:00Z";
    let fields = [
        (0, year / 100),
        (2, year % 100),
        (5, time.month()),
        (8, time.day()),
        (11, time.hour()),
        (14, time.minute()),
        (17, time.second()),
    ];
    for (at, value) in fields {
        for (place, digit) in [(at, value / 10), (at + 1, value % 10)] {
            text[place] = b'0' + u8::try_from(digit).expect("a digit of a number below 100");
        }
    }
    let text = std::str::from_utf8(&text).expect("digits and marks are ASCII");
    text.to_owned()
}

/// `layer`, `layer and manifest`, `layer, config and manifest`.
#[must_use]
pub fn list(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// What a manifest makes, with the digest of its subject cut to twelve digits.
#[must_use]
pub fn what(what: &str) -> String {
    const OF: &str = " of sha256:";
    match what.split_once(OF) {
        Some((what, digits)) => {
            let platform = digits.get(64..).unwrap_or_default();
            format!("{what} of {}{platform}", digits.get(..12).unwrap_or(digits))
        }
        None => what.to_owned(),
    }
}

/// A text cut to `most` characters, with `…` where it was cut.
#[must_use]
pub fn shorten(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}…", &text[..end]),
    }
}

/// A caller for people: `user dana`, `role ci-push, session build-4711`.
#[must_use]
pub fn who(identity: &Identity) -> String {
    match &identity.principal {
        Principal::Root => "the root user".to_owned(),
        Principal::IamUser { name } => format!("user {name}"),
        Principal::AssumedRole { role, session_name } => {
            let is_sso = identity.backing.as_ref().is_some_and(|by| by.is_sso);
            role_session(role, session_name, is_sso)
        }
        Principal::FederatedUser { name } => format!("federated user {name}"),
        Principal::AwsAccount { account } => format!("somebody of account {account}"),
        Principal::AwsService { name } if name.is_empty() => "an AWS service".to_owned(),
        Principal::AwsService { name } => format!("service {name}"),
        Principal::Unknown => unknown(identity),
    }
}

/// A caller without the session of its role, which is often a new one for each run: `role ci-push`.
#[must_use]
pub fn principal(identity: &Identity) -> String {
    match &identity.principal {
        Principal::AssumedRole { role, .. }
            if identity.backing.as_ref().is_none_or(|by| !by.is_sso) =>
        {
            role_session(role, "", false)
        }
        Principal::AssumedRole { .. }
        | Principal::Root
        | Principal::IamUser { .. }
        | Principal::FederatedUser { .. }
        | Principal::AwsAccount { .. }
        | Principal::AwsService { .. }
        | Principal::Unknown => who(identity),
    }
}

/// The prefix of the names of roles that IAM Identity Center makes (IAM Identity Center user guide,
/// "Referencing permission sets in resource policies").
const SSO_ROLE: &str = "AWSReservedSSO_";

fn role_session(role: &str, session: &str, is_sso: bool) -> String {
    // A pseudonym has neither the prefix nor the hash.
    let set = role
        .strip_prefix(SSO_ROLE)
        .and_then(|rest| rest.rsplit_once('_'))
        .map_or(role, |(set, _hash)| set);
    match (is_sso, session) {
        (true, "") => format!("an SSO user with {set}"),
        (true, user) => format!("SSO user {user} with {set}"),
        (false, "") => format!("role {role}"),
        (false, session) => format!("role {role}, session {session}"),
    }
}

/// A caller, as [`who`] names it, without what differs from login to login: a role without its session, and a person
/// without the permission set. A person may have several accounts, any other caller has the one.
#[must_use]
pub fn pusher<'t>(who: &'t str, account: Option<&'t str>) -> (&'t str, Option<&'t str>) {
    let person = who
        .strip_prefix("SSO user ")
        .and_then(|_| who.rsplit_once(" with "));
    match (person, who.strip_prefix("role ")) {
        (Some((person, _)), _) => (person, None),
        (None, Some(_)) => (
            who.split_once(", session ").map_or(who, |(role, _)| role),
            account,
        ),
        (None, None) => (who, account),
    }
}

fn unknown(identity: &Identity) -> String {
    let shown = [&identity.user_name, &identity.arn, &identity.principal_id]
        .into_iter()
        .find_map(|field| field.as_deref());
    match (shown, identity.kind.as_deref()) {
        (Some(name), Some(kind)) => format!("{kind} {name}"),
        (Some(name), None) => name.to_owned(),
        (None, Some(kind)) => format!("an unnamed {kind}"),
        (None, None) => "nobody named in the log".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Backing;

    #[test]
    fn numbers_have_their_thousands_apart() {
        assert_eq!(number(0), "0");
        assert_eq!(number(999), "999");
        assert_eq!(number(9_227), "9,227");
        assert_eq!(number(1_234_567), "1,234,567");
        assert_eq!(count(1, "layer"), "1 layer");
        assert_eq!(count(0, "layer"), "0 layers");
    }

    #[test]
    fn times_are_written_as_rfc_3339_has_them() {
        for text in [
            "0000-01-01T00:00:00Z",
            "2024-02-29T23:59:59Z",
            "9999-12-31T08:05:01Z",
            "2024-03-04T09:14:31.250Z",
            "+12024-03-04T09:14:31Z",
        ] {
            let parsed: DateTime<Utc> = text.parse().expect("a time");
            assert_eq!(time(parsed), text);
            assert_eq!(
                time(parsed),
                parsed.to_rfc3339_opts(SecondsFormat::AutoSi, true)
            );
        }
    }

    #[test]
    fn blobs_are_told_apart_where_all_kinds_are_known() {
        let (layer, config) = (Some(BlobKind::Layer), Some(BlobKind::Config));
        assert_eq!(blobs(&[layer, config, layer]), "2 layers and the config");
        assert_eq!(blobs(&[config]), "the config");
        assert_eq!(blobs(&[config, config, layer]), "1 layer and 2 configs");
        assert_eq!(blobs(&[layer, None]), "2 blobs");
        assert_eq!(blobs(&[]), "0 blobs");
    }

    #[test]
    fn durations_show_two_units() {
        assert_eq!(duration(0), "0 s");
        assert_eq!(duration(158), "2 min 38 s");
        assert_eq!(duration(18_720), "5 h 12 min");
        assert_eq!(duration(7 * 86_400), "7 d");
        assert_eq!(duration(900), "15 min");
    }

    #[test]
    fn sizes_round_to_a_tenth_and_never_reach_1024() {
        assert_eq!(size(Bytes(0)), "0 B");
        assert_eq!(size(Bytes(1023)), "1023 B");
        assert_eq!(size(Bytes(1024)), "1.0 KiB");
        assert_eq!(size(Bytes(25_270_682)), "24.1 MiB");
        assert_eq!(size(Bytes(1024 * 1024 - 1)), "1.0 MiB");
        assert_eq!(size(Bytes(u64::MAX)), "16.0 EiB");
    }

    #[test]
    fn an_sso_role_is_named_by_its_user() {
        let mut identity = Identity {
            backing: Some(Box::new(Backing {
                is_sso: true,
                ..Backing::default()
            })),
            principal: Principal::AssumedRole {
                role: "AWSReservedSSO_Admin_Access_0123456789abcdef".into(),
                session_name: "dana@example.org".into(),
            },
            ..Identity::default()
        };
        assert_eq!(
            who(&identity),
            "SSO user dana@example.org with Admin_Access"
        );
        assert_eq!(
            pusher(&who(&identity), Some("1")),
            ("SSO user dana@example.org", None)
        );
        // Under pseudonyms it stays a person.
        let clear = std::mem::replace(
            &mut identity.principal,
            Principal::AssumedRole {
                role: "role-1".into(),
                session_name: "session-2".into(),
            },
        );
        assert_eq!(who(&identity), "SSO user session-2 with role-1");
        // Anybody may use this role name, but not with that path.
        identity.principal = clear;
        identity.backing = None;
        let plain = "role AWSReservedSSO_Admin_Access_0123456789abcdef, session dana@example.org";
        assert_eq!(who(&identity), plain);
    }

    #[test]
    fn a_pusher_is_a_role_whatever_its_session() {
        for (who, name) in [
            ("role ci, session build-7", "role ci"),
            ("role ci", "role ci"),
            ("user dana, session x", "user dana, session x"),
            ("an SSO user with Admin", "an SSO user with Admin"),
        ] {
            assert_eq!(pusher(who, Some("1")), (name, Some("1")));
        }
    }
}
