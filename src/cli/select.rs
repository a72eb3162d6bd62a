//! The options that select pushes.
//!
//! Comes in: what was typed, and the current time. Goes out: a filter, or one usage error that says
//! what would be right. Never: a value that cannot select anything, accepted in silence.

use std::net::IpAddr;

use chrono::{DateTime, Utc};
use clap::Args;
use ipnet::IpNet;

use crate::cli::usage::{BadValue, WrongUsage, formats_that};
use crate::cli::{known, moment};
use crate::finding::codes;
use crate::render::Format;
use crate::report::image_ref::{FORMS, is_digest};
use crate::report::lookup::LEAST_PREFIX;
use crate::report::{Attention, Filter, Histories, ImageRef, Pattern, Period, Property, PushGroup};
use crate::words::near::nearest;

/// How many digits the id of a push has.
const PUSH_DIGITS: usize = 12;

/// Options that select pushes.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Selection")]
pub(super) struct Selection {
    /// Report only pushes with a call at or after this time
    ///
    /// An RFC 3339 time, a date (its midnight in UTC), today, yesterday, an age such as 7d, or
    /// seconds since 1970. Log files are not opened if their names say that they can hold nothing
    /// of such a push.
    #[arg(long, value_name = "TIME")]
    since: Option<String>,

    /// Report only pushes with a call before this time
    #[arg(long, value_name = "TIME")]
    until: Option<String>,

    /// Only this account: the registry's or the caller's
    ///
    /// This and the following may be given several times, or several values with commas between them;
    /// then one of them has to hold. `*` stands for any text, and `!` before a value leaves out what it
    /// matches; both need quotes in most shells.
    #[arg(long, value_name = "ACCOUNT")]
    account: Vec<String>,

    /// Only this region
    #[arg(long, value_name = "REGION")]
    region: Vec<String>,

    /// Only this repository, by its name in the registry
    #[arg(long, value_name = "NAME")]
    repository: Vec<String>,

    /// Only this caller: user, role, session name, ARN, principal id or access key
    ///
    /// One value each time: names may hold commas.
    #[arg(long, value_name = "NAME")]
    identity: Vec<String>,

    /// Only pushes that put this tag, or tried to
    #[arg(long, value_name = "TAG")]
    tag: Vec<String>,

    /// Only pushes with a manifest or blob of this digest
    #[arg(long, value_name = "DIGEST")]
    digest: Vec<String>,

    /// Only pushes of this status
    ///
    /// One of incomplete, failed, undetermined, complete, unchanged, or nothing-sent. Selection
    /// decides what is reported and what counts for the exit status; it never changes how calls are
    /// put together.
    #[arg(long, value_name = "STATUS", value_parser = known::STATUSES, hide_possible_values = true)]
    status: Vec<String>,

    /// Only pushes that did not end well
    ///
    /// Those that failed or stopped, also if a later run made them good, those of which a tag was
    /// refused, and those whose end the log does not show.
    #[arg(hide_short_help = true, long)]
    not_ok: bool,

    /// Like --not-ok, without pushes that a later run made good
    #[arg(hide_short_help = true, long)]
    unresolved: bool,

    /// Only the push of this id, or of its first six digits or more
    #[arg(hide_short_help = true, long, value_name = "ID")]
    push: Vec<String>,

    /// Only pushes from this address or network, as 203.0.113.0/24
    #[arg(hide_short_help = true, long, value_name = "ADDRESS")]
    address: Vec<String>,

    /// Only pushes of this program, as 'docker/*'; one value each time
    #[arg(hide_short_help = true, long, value_name = "USER_AGENT")]
    client: Vec<String>,

    /// Only pushes with a finding of this code
    #[arg(
        hide_short_help = true,
        long,
        value_name = "CODE",
        value_parser = known::FINDINGS,
        hide_possible_values = true
    )]
    finding: Vec<String>,

    /// Only pushes that put this image, or tried to; with its history
    ///
    /// A tag, ACCOUNT.dkr.ecr.REGION.amazonaws.com/NAME:TAG or public.ecr.aws/ALIAS/NAME:TAG, or a
    /// digest, @sha256:... in place of :TAG; with neither, all pushes into the repository.
    #[arg(long, value_name = "REF")]
    image: Vec<String>,
}

/// The filter that the options describe.
///
/// # Errors
/// A value that its option does not accept, or that no push can have.
pub(super) fn filter(typed: &Selection, now: DateTime<Utc>) -> Result<Filter, WrongUsage> {
    let mut filter = Filter {
        period: period(typed, now)?,
        ..Filter::default()
    };
    for (property, texts) in [
        (Property::Account, &typed.account),
        (Property::Region, &typed.region),
        (Property::Repository, &typed.repository),
        (Property::Identity, &typed.identity),
        (Property::Tag, &typed.tag),
        (Property::Digest, &typed.digest),
        (Property::Status, &typed.status),
        (Property::Address, &typed.address),
        (Property::Client, &typed.client),
        (Property::Finding, &typed.finding),
        (Property::Push, &typed.push),
    ] {
        // Names of sessions and programs may hold commas.
        let is_whole = matches!(property, Property::Identity | Property::Client);
        let values = texts
            .iter()
            .flat_map(|text| text.split(move |c| c == ',' && !is_whole));
        for text in values {
            let (not, body) = match text.strip_prefix('!') {
                Some(body) => ("!", bare(property, body)),
                None => ("", bare(property, text)),
            };
            check(property, body).map_err(|bad| match not {
                "" => bad.usage(property.option(), text),
                _ => bad.excluding().usage(property.option(), text),
            })?;
            let pattern = match property == Property::Push && body.len() < PUSH_DIGITS {
                true => format!("{not}{}*", body.to_lowercase()),
                false => format!("{not}{body}"),
            };
            filter = filter.with(property, Pattern::new(&pattern));
        }
    }
    let wanted = Attention::ALL
        .into_iter()
        .filter(|attention| match attention {
            Attention::Unresolved | Attention::Undetermined => typed.not_ok || typed.unresolved,
            Attention::MadeGood => typed.not_ok,
            Attention::None => false,
        });
    for attention in wanted {
        filter = filter.with(Property::Attention, Pattern::new(attention.name()));
    }
    for text in &typed.image {
        let image = ImageRef::parse(text).map_err(|bad| {
            let why = format!("{}; expected {FORMS}", bad.why);
            BadValue::new(why, bad.suggestion).usage("--image", text)
        })?;
        filter.images.push(image);
    }
    Ok(filter)
}

/// Refuses a selection that needs more than the account, region and time of a log file.
///
/// # Errors
/// If there is another criterion.
pub(super) fn check_logs_only(filter: &Filter) -> Result<(), WrongUsage> {
    let of_logs = [Property::Account, Property::Region];
    let mut of_pushes = filter.patterns.keys();
    let of_pushes = of_pushes.find(|property| !of_logs.contains(property));
    let of_pushes = of_pushes.map(|property| property.option());
    match of_pushes.or_else(|| filter.images.first().map(|_| "--image")) {
        Some(option) => Err(WrongUsage(format!(
            "`--list-missing` takes no `{option}`: nobody knows what is in a file that is not here\n\n  tip: \
             `--since`, `--until`, `--account` and `--region` apply"
        ))),
        None => Ok(()),
    }
}

/// A value without what keeps it text in a table of `--format csv`.
fn bare(property: Property, text: &str) -> &str {
    let mark = match property {
        Property::Push => "p",
        Property::Account => "aws-",
        Property::Region
        | Property::Repository
        | Property::Identity
        | Property::Tag
        | Property::Digest
        | Property::Status
        | Property::Address
        | Property::Client
        | Property::Finding
        | Property::Attention => return text,
    };
    text.strip_prefix(mark).unwrap_or(text)
}

/// Asks for histories too.
///
/// # Errors
/// If the filter names nothing that could have one, or the format has no place for it.
pub(super) fn with_histories(filter: Filter, format: &Format) -> Result<Filter, WrongUsage> {
    let names = filter.patterns.get(&Property::Repository);
    let names_one = names.is_some_and(|names| names.iter().any(|name| !name.excludes()));
    if !names_one && filter.images.is_empty() {
        return Err(WrongUsage(
            "`--history` needs to know whose history: name it with `--repository NAME` or `--image \
             REF`\n\n  tip: `--repository '*' --history` tells that of every repository"
                .to_owned(),
        ));
    }
    if !format.renderer.has_histories() {
        let able = formats_that(|one| one.renderer.has_histories());
        return Err(WrongUsage(format!(
            "`--format {}` has no place for `--history`: expected {}",
            format.name,
            able.join(", ")
        )));
    }
    Ok(Filter {
        histories: Histories::OfRepositories,
        ..filter
    })
}

fn period(typed: &Selection, now: DateTime<Utc>) -> Result<Period, WrongUsage> {
    let read = |option: &str, text: &Option<String>| {
        let read = |text| moment::moment(text, now).map_err(|bad| bad.usage(option, text));
        text.as_deref().map(read).transpose()
    };
    let period = Period {
        since: read("--since", &typed.since)?,
        until: read("--until", &typed.until)?,
    };
    match (period.since, period.until) {
        (Some(since), Some(until)) if until <= since => Err(WrongUsage(format!(
            "`--until` ({}) is not after `--since` ({}): no time lies between them\n\n  tip: the \
             period goes up to `--until` and does not hold it; for one day name the day and the next",
            until.format("%Y-%m-%dT%H:%M:%SZ"),
            since.format("%Y-%m-%dT%H:%M:%SZ"),
        ))),
        _ => Ok(period),
    }
}

/// Refuses values that no push can have.
fn check(property: Property, text: &str) -> Result<(), BadValue> {
    if text.trim().is_empty() {
        return Err(BadValue::new("it is empty", Some("*".to_owned())));
    }
    match property {
        Property::Account => account(text),
        Property::Region => region(text),
        Property::Repository => repository(text),
        Property::Tag => tag(text),
        Property::Digest => digest(text),
        Property::Status => status(text),
        Property::Address => address(text),
        Property::Finding => finding(text),
        Property::Push => push(text),
        // The option has no value.
        Property::Attention => Ok(()),
        // Names, ARNs, keys and programs have no common form.
        Property::Identity | Property::Client => Ok(()),
    }
}

fn account(text: &str) -> Result<(), BadValue> {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let is_star = |byte: u8| byte == b'*';
    let has_star = text.bytes().any(is_star);
    let is_number = text
        .bytes()
        .all(|byte| byte.is_ascii_digit() || is_star(byte));
    match (is_number, has_star) {
        (true, true) if digits <= 12 => Ok(()),
        (true, false) if digits == 12 => Ok(()),
        _ => {
            let bare: String = text.chars().filter(char::is_ascii_digit).collect();
            let meant = match bare.len() {
                12 => Some(bare),
                1..12 if is_number => Some(format!("*{bare}*")),
                _ => None,
            };
            Err(BadValue::expected("the 12 digits of an account", meant))
        }
    }
}

fn region(text: &str) -> Result<(), BadValue> {
    let is_letter = |byte: u8| {
        byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'*')
    };
    if text.bytes().all(is_letter) {
        return Ok(());
    }
    let meant = text.trim().to_lowercase().replace(['_', ' '], "-");
    let meant = Some(meant).filter(|meant| meant.bytes().all(is_letter));
    Err(BadValue::expected("a region as `eu-west-1`", meant))
}

fn repository(text: &str) -> Result<(), BadValue> {
    let bare = text.split_once("://").map_or(text, |(_, rest)| rest);
    if bare.contains(".amazonaws.com") || bare.starts_with("public.ecr.aws") {
        let name = bare.split_once('/').map(|(_, name)| name);
        // The alias of a public registry stands before the name.
        let name = match bare.starts_with("public.ecr.aws") {
            true => name
                .and_then(|name| name.split_once('/'))
                .map(|(_, name)| name),
            false => name,
        };
        let name = name.map(|name| name.split([':', '@']).next().unwrap_or(name).to_owned());
        let why = "it names the registry too; --image takes that, this takes the name alone";
        return Err(BadValue::new(why, name).leading_on(|name| !name.is_empty()));
    }
    if !text.contains([':', '@']) {
        return Ok(());
    }
    let (place, digest) = match text.split_once('@') {
        Some((place, digest)) => (place, Some(digest)),
        None => (text, None),
    };
    let (name, tag) = match place.split_once(':') {
        Some((name, tag)) => (name, Some(tag)),
        None => (place, None),
    };
    // A tag beside a digest says nothing more.
    let meant = match (digest, tag) {
        (Some(text), _) => digest_meant(text).map(|digest| format!("--digest {digest}")),
        (None, Some(text)) => tag_meant(text).map(|tag| format!("--tag {tag}")),
        (None, None) => None,
    };
    let meant = meant.map(|option| match name {
        "" => option,
        name => format!("{name} {option}"),
    });
    Err(BadValue::new("it names more than a repository", meant))
}

/// A tag that `--tag` takes.
fn tag_meant(text: &str) -> Option<&str> {
    Some(text).filter(|text| !text.is_empty() && tag(text).is_ok())
}

/// A digest that `--digest` takes, or what it suggests in its place.
fn digest_meant(text: &str) -> Option<String> {
    match digest(text) {
        Ok(()) => Some(text.to_owned()),
        Err(bad) => bad.suggestion,
    }
}

fn tag(text: &str) -> Result<(), BadValue> {
    if !text.contains([':', '/', '@']) {
        return Ok(());
    }
    let meant = match text.split_once('@') {
        Some((_, digest)) => digest_meant(digest).map(|digest| format!("--digest {digest}")),
        None => text
            .rsplit([':', '/'])
            .next()
            .and_then(tag_meant)
            .map(str::to_owned),
    };
    Err(BadValue::new("a tag has no `:`, `/` or `@`", meant))
}

fn digest(text: &str) -> Result<(), BadValue> {
    if text.contains('*') || is_digest(text) {
        return Ok(());
    }
    let bare = text.strip_prefix("sha256:").unwrap_or(text).to_lowercase();
    let is_hex = !bare.is_empty() && bare.bytes().all(|byte| byte.is_ascii_hexdigit());
    let meant = match bare.len() {
        64 if is_hex => Some(format!("sha256:{bare}")),
        1..64 if is_hex => Some(format!("sha256:{bare}*")),
        _ => None,
    };
    let expected = "`sha256:` and 64 hexadecimal digits, or a part of them with `*`";
    Err(BadValue::expected(expected, meant))
}

fn status(text: &str) -> Result<(), BadValue> {
    let pattern = Pattern::new(text);
    let statuses = PushGroup::ALL.map(PushGroup::name);
    if statuses.iter().any(|status| pattern.matches(status)) {
        return Ok(());
    }
    let expected = format!("one of {}", statuses.join(", "));
    let near = nearest(text, statuses).map(str::to_owned);
    Err(BadValue::expected(&expected, near))
}

fn address(text: &str) -> Result<(), BadValue> {
    let is_address = text.parse::<IpAddr>().is_ok() || text.parse::<IpNet>().is_ok();
    match is_address || text.contains('*') {
        true => Ok(()),
        false => Err(BadValue::expected(
            "an address as `203.0.113.7`, or a network as `203.0.113.0/24`",
            None,
        )),
    }
}

fn push(text: &str) -> Result<(), BadValue> {
    let is_hex = text.bytes().all(|byte| byte.is_ascii_hexdigit());
    match is_hex && (LEAST_PREFIX..=PUSH_DIGITS).contains(&text.len()) {
        true => Ok(()),
        false => {
            let expected = "the 12 hexadecimal digits of a push, or its first six or more";
            Err(BadValue::expected(expected, None))
        }
    }
}

fn finding(text: &str) -> Result<(), BadValue> {
    let pattern = Pattern::new(text);
    let codes: Vec<&str> = codes().map(|code| code.code).collect();
    if codes.iter().any(|code| pattern.matches(code)) {
        return Ok(());
    }
    let near = nearest(text, codes).map(str::to_owned);
    let expected = "the code of a finding, as docs/findings.md lists them";
    Err(BadValue::expected(expected, near))
}
