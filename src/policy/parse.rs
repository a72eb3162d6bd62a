//! The text of a policy.
//!
//! Comes in: TOML. Goes out: rules, or the first thing that is wrong with its place. Never: a key that is not known or a
//! value that no log can have, passed over in silence.

use std::error::Error;
use std::fmt;
use std::ops::Range;

use chrono::TimeDelta;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::pattern::{Pattern, network};
use crate::policy::{Allowed, FirstOfKind, OpenHours, Policy, PolicyRule, Right};
use crate::words::near::nearest;
use crate::words::quantity;

/// What is wrong with the text of a policy, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadPolicy {
    /// What is wrong.
    pub message: String,
    /// What to do about it; may be empty.
    pub help: String,
    /// The line, counted from 1.
    pub line: usize,
    /// The bytes of the text that are meant.
    pub place: Range<usize>,
}

impl fmt::Display for BadPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.message)
    }
}

impl Error for BadPolicy {}

/// Something wrong at a place, whose line is found at the end.
struct Misfit(Range<usize>, String, String);

impl Misfit {
    fn new(place: &Range<usize>, message: impl Into<String>) -> Self {
        Self(place.clone(), message.into(), String::new())
    }

    fn help(self, help: impl Into<String>) -> Self {
        Self(self.0, self.1, help.into())
    }
}

type Value<'t> = Spanned<DeValue<'t>>;

/// The keys of a rule.
const KEYS: [&str; 20] = [
    "name",
    "repository",
    "registry",
    "callers",
    "accounts",
    "addresses",
    "endpoints",
    "clients",
    "regions",
    "hours",
    "moving-tags",
    "login",
    "index",
    "provenance",
    "signature",
    "may-delete",
    "may-change-mutability",
    "may-change-policies",
    "may-change-settings",
    "first",
];

pub(super) fn policy(text: &str) -> Result<Policy, BadPolicy> {
    rules(text).map_err(|Misfit(place, message, help)| {
        let place = place.start.min(text.len())..place.end.min(text.len());
        let before = text.get(..place.start).unwrap_or(text);
        BadPolicy {
            message,
            help,
            line: line(before),
            place,
        }
    })
}

/// The line that begins after a text, counted from 1.
fn line(before: &str) -> usize {
    before.matches('\n').count() + 1
}

fn rules(text: &str) -> Result<Policy, Misfit> {
    let table = DeTable::parse(text).map_err(|error| {
        let place = error.span().unwrap_or(0..0);
        Misfit::new(&place, error.message()).help("a policy is written in TOML (toml.io)")
    })?;
    let mut rules: Vec<PolicyRule> = Vec::new();
    for (key, value) in sorted(table.get_ref()) {
        if key.get_ref() != "rule" {
            let message = format!("unknown key `{}`", key.get_ref());
            return Err(Misfit::new(&key.span(), message).help("a policy holds `[[rule]]` alone"));
        }
        let DeValue::Array(list) = value.get_ref() else {
            let fault = Misfit::new(&key.span(), "`rule` is no list of rules");
            return Err(fault.help("write `[[rule]]`, with two brackets"));
        };
        for item in list.iter() {
            let DeValue::Table(table) = item.get_ref() else {
                return Err(Misfit::new(&item.span(), "a rule is a table"));
            };
            let place = item.span();
            let at = line(text.get(..place.start).unwrap_or(text));
            let rule = rule(table, &place)?;
            let same = |other: &&PolicyRule| other.name.is_some() && other.name == rule.name;
            if let Some(other) = rules.iter().find(same) {
                let message = format!("{} stands twice: in line {} too", rule.told(), other.line);
                return Err(
                    Misfit::new(&place, message).help("findings name rules; give it another name")
                );
            }
            if let Some(all) = rules.iter().find(|other| is_of_all(other)) {
                let message = "no push ever comes to this rule".to_owned();
                let help = format!(
                    "the first rule that fits decides, and that of line {} fits every repository; put it last",
                    all.line
                );
                return Err(Misfit::new(&place, message).help(help));
            }
            rules.push(PolicyRule { line: at, ..rule });
        }
    }
    if rules.is_empty() {
        let fault = Misfit::new(&(0..text.len().min(1)), "there is no rule in it");
        return Err(fault.help("a rule begins with `[[rule]]` and needs a `repository`"));
    }
    Ok(Policy { rules })
}

fn is_of_all(rule: &PolicyRule) -> bool {
    let is_star = |pattern: &Pattern| pattern.text() == "*";
    let mut excluding = rule.repository.iter();
    rule.registry.is_empty()
        && rule.repository.iter().any(is_star)
        && !excluding.any(Pattern::excludes)
}

/// The entries of a table in the order of the text.
fn sorted<'s, 't>(
    table: &'s DeTable<'t>,
) -> Vec<(&'s Spanned<std::borrow::Cow<'t, str>>, &'s Value<'t>)> {
    let mut entries: Vec<_> = table.iter().collect();
    entries.sort_by_key(|(key, _)| key.span().start);
    entries
}

fn rule(table: &DeTable<'_>, place: &Range<usize>) -> Result<PolicyRule, Misfit> {
    let mut rule = PolicyRule::default();
    for (key, value) in sorted(table) {
        let name: &str = key.get_ref();
        match name {
            "name" => {
                let name = text(name, value)?;
                if name.trim().is_empty() {
                    return Err(Misfit::new(&value.span(), "the name is empty"));
                }
                rule.name = Some(name.into());
            }
            "repository" => rule.repository = list(name, value, repository)?.0,
            "registry" => rule.registry = list(name, value, account)?.0,
            "callers" => rule.callers = Some(list(name, value, caller)?),
            "accounts" => rule.accounts = Some(list(name, value, account)?),
            "addresses" => rule.addresses = Some(list(name, value, address)?),
            "endpoints" => rule.endpoints = Some(list(name, value, endpoint)?),
            "clients" => rule.clients = Some(list(name, value, any)?),
            "regions" => rule.regions = Some(list(name, value, region)?),
            "hours" => rule.hours = Some(hours(name, value)?),
            "moving-tags" => {
                rule.moving_tags = match value.get_ref() {
                    DeValue::Boolean(true) => None,
                    DeValue::Boolean(false) => Some(Allowed(Vec::new())),
                    DeValue::String(_)
                    | DeValue::Integer(_)
                    | DeValue::Float(_)
                    | DeValue::Datetime(_)
                    | DeValue::Array(_)
                    | DeValue::Table(_) => Some(list(name, value, any)?),
                };
            }
            "login" => rule.login = switch(name, value)?,
            "index" => rule.index = switch(name, value)?,
            "provenance" => rule.provenance = Some(span(name, value)?),
            "signature" => rule.signature = Some(span(name, value)?),
            "first" => {
                rule.first = match text(name, value)? {
                    "note" => FirstOfKind::Note,
                    "warning" => FirstOfKind::Warning,
                    other => {
                        let message = format!("`{other}` is neither `note` nor `warning`");
                        return Err(Misfit::new(&value.span(), message));
                    }
                };
            }
            _ => match Right::ALL.into_iter().find(|right| right.key() == name) {
                Some(right) => drop(rule.rights.insert(right, list(name, value, caller)?)),
                None => return Err(unknown(name, &key.span())),
            },
        }
    }
    let names_one = rule.repository.iter().any(|pattern| !pattern.excludes());
    if !names_one {
        let fault = Misfit::new(place, "the rule names no `repository`");
        return Err(fault.help("name one, or several in a list; `'*'` stands for all of them"));
    }
    Ok(rule)
}

fn unknown(name: &str, place: &Range<usize>) -> Misfit {
    let help = match nearest(name, KEYS) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("there are {}", KEYS.join(", ")),
    };
    Misfit::new(place, format!("unknown key `{name}`")).help(help)
}

fn wrong(name: &str, value: &Value<'_>, expected: &str) -> Misfit {
    let kind = value.get_ref().type_str();
    Misfit::new(
        &value.span(),
        format!("`{name}` is {expected}, and this is of type {kind}"),
    )
}

fn text<'v>(name: &str, value: &'v Value<'_>) -> Result<&'v str, Misfit> {
    match value.get_ref() {
        DeValue::String(text) => Ok(text),
        DeValue::Integer(_)
        | DeValue::Float(_)
        | DeValue::Boolean(_)
        | DeValue::Datetime(_)
        | DeValue::Array(_)
        | DeValue::Table(_) => Err(wrong(name, value, "a text in quotes")),
    }
}

fn switch(name: &str, value: &Value<'_>) -> Result<bool, Misfit> {
    match value.get_ref() {
        DeValue::Boolean(switch) => Ok(*switch),
        DeValue::String(_)
        | DeValue::Integer(_)
        | DeValue::Float(_)
        | DeValue::Datetime(_)
        | DeValue::Array(_)
        | DeValue::Table(_) => Err(wrong(name, value, "`true` or `false`")),
    }
}

fn span(name: &str, value: &Value<'_>) -> Result<TimeDelta, Misfit> {
    let text = text(name, value)?;
    let duration = quantity::duration(text).map_err(|bad| {
        let message = format!("`{text}` is no time: expected {}", bad.expected);
        let help = bad.meant.map(|meant| format!("did you mean `{meant}`?"));
        Misfit::new(&value.span(), message).help(help.unwrap_or_default())
    })?;
    TimeDelta::from_std(duration)
        .ok()
        .filter(|span| *span <= TimeDelta::days(MOST_DAYS))
        .ok_or_else(|| Misfit::new(&value.span(), format!("`{text}` is longer than a year")))
}

/// The longest time that a rule can wait for something.
const MOST_DAYS: i64 = 366;

/// A text, or a list of them.
fn texts<'v>(name: &str, value: &'v Value<'_>) -> Result<Vec<(&'v str, Range<usize>)>, Misfit> {
    match value.get_ref() {
        DeValue::String(one) => Ok(vec![(one, value.span())]),
        DeValue::Array(list) => list
            .iter()
            .map(|one| Ok((text(name, one)?, one.span())))
            .collect(),
        DeValue::Integer(_)
        | DeValue::Float(_)
        | DeValue::Boolean(_)
        | DeValue::Datetime(_)
        | DeValue::Table(_) => Err(wrong(name, value, "a text in quotes or a list of them")),
    }
}

/// What is wrong with a value, and what may have been meant.
type ValueRule = fn(&str) -> Result<(), (String, String)>;

fn list(name: &str, value: &Value<'_>, check: ValueRule) -> Result<Allowed, Misfit> {
    let mut patterns = Vec::new();
    for (text, place) in texts(name, value)? {
        let pattern = Pattern::new(text);
        let checked = match pattern.body().trim() {
            "" => Err(("it is empty".to_owned(), String::new())),
            _ => check(pattern.body()),
        };
        checked.map_err(|(why, help)| {
            Misfit::new(&place, format!("`{text}` of `{name}`: {why}")).help(help)
        })?;
        patterns.push(pattern);
    }
    Ok(Allowed(patterns))
}

fn hours(name: &str, value: &Value<'_>) -> Result<Vec<OpenHours>, Misfit> {
    let texts = texts(name, value)?.into_iter();
    let hours =
        texts.map(|(text, place)| OpenHours::parse(text).map_err(|why| Misfit::new(&place, why)));
    hours.collect()
}

fn meant(tip: impl fmt::Display) -> String {
    format!("did you mean `{tip}`?")
}

fn any(_: &str) -> Result<(), (String, String)> {
    Ok(())
}

fn repository(text: &str) -> Result<(), (String, String)> {
    let is_host = text.contains(".amazonaws.com") || text.starts_with("public.ecr.aws");
    match text.split_once('/').filter(|_| is_host) {
        Some((_, name)) => Err((
            "the name of a repository does not hold its registry".to_owned(),
            meant(name),
        )),
        None if text.contains(':') || text.contains('@') => Err((
            "it names a tag or digest, and a rule is about repositories".to_owned(),
            meant(text.split([':', '@']).next().unwrap_or_default()),
        )),
        None => Ok(()),
    }
}

fn account(text: &str) -> Result<(), (String, String)> {
    let is_digit = |byte: u8| byte.is_ascii_digit() || byte == b'*';
    let is_whole = text.len() == 12 || text.contains('*') && text.len() <= 13;
    match text.bytes().all(is_digit) && is_whole {
        true => Ok(()),
        false => Err((
            "expected the 12 digits of an account".to_owned(),
            String::new(),
        )),
    }
}

fn address(text: &str) -> Result<(), (String, String)> {
    match network(text) {
        Some(_) => Ok(()),
        None => Err((
            "expected an address or a network as `203.0.113.0/24`".to_owned(),
            String::new(),
        )),
    }
}

fn endpoint(text: &str) -> Result<(), (String, String)> {
    match text.starts_with("vpce-") || text.starts_with('*') {
        true => Ok(()),
        false => Err((
            "expected the id of a VPC endpoint, as `vpce-0a1b2c3d4e5f60718`".to_owned(),
            String::new(),
        )),
    }
}

fn region(text: &str) -> Result<(), (String, String)> {
    let is_letter = |byte: u8| {
        byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'*')
    };
    match text.bytes().all(is_letter) {
        true => Ok(()),
        false => Err(("expected a region as `eu-west-1`".to_owned(), String::new())),
    }
}

/// A bare name would fit nobody, and whoever wrote it would learn that from an alarm.
fn caller(text: &str) -> Result<(), (String, String)> {
    const FORMS: [&str; 8] = [
        "role/",
        "user/",
        "federated/",
        "service/",
        "account/",
        "arn:",
        "AROA",
        "AIDA",
    ];
    let is_form = FORMS.iter().any(|form| text.starts_with(form));
    match is_form || text == "root" || text.starts_with('*') {
        true => Ok(()),
        false => Err((
            "it does not say what it names: expected `role/NAME`, `user/NAME`, `federated/NAME`, `root`, \
             `service/NAME`, `account/NUMBER` or an ARN"
                .to_owned(),
            meant(format!("role/{text}")),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrong(text: &str) -> (usize, String) {
        let bad = policy(text).expect_err("a bad policy");
        let place = text.get(bad.place.clone()).expect("a place in the text");
        assert!(!place.is_empty() || text.is_empty(), "{text}");
        (bad.line, format!("{}; {}", bad.message, bad.help))
    }

    #[test]
    fn every_key_is_read_and_every_known_key_is_listed() {
        let text = "
            [[rule]]
            name = 'all of it'
            repository = ['prod/*', '!prod/sandbox']
            registry = '123456789012'
            callers = ['role/ci', 'arn:aws:sts::111122223333:assumed-role/ci/*']
            accounts = ['123456789012']
            addresses = ['203.0.113.0/24', '2001:db8::/32', '198.51.100.7']
            endpoints = 'vpce-0a1b2c3d4e5f60718'
            clients = 'docker/*'
            regions = ['eu-*']
            hours = 'Mon-Fri 08:00-18:00 Europe/Berlin'
            moving-tags = ['latest']
            login = true
            index = true
            provenance = '0s'
            signature = '10m'
            may-delete = []
            may-change-mutability = 'role/admin'
            may-change-policies = 'role/admin'
            may-change-settings = 'role/admin'
            first = 'warning'
        ";
        let policy = policy(text).expect("a policy");
        let rule = &policy.rules[0];
        assert_eq!(rule.line, 2);
        assert_eq!(rule.rights.len(), Right::ALL.len());
        assert_eq!(rule.signature, Some(TimeDelta::minutes(10)));
        assert!(rule.login && rule.index && rule.hours.is_some());
        for key in KEYS {
            assert!(text.contains(&format!(" {key} = ")), "{key}");
        }
        assert_eq!(policy.rule_of("123456789012", "prod/web"), Some(0));
        assert_eq!(policy.rule_of("123456789012", "prod/sandbox"), None);
        assert_eq!(policy.rule_of("111122223333", "prod/web"), None);
    }

    #[test]
    fn what_is_wrong_is_said_with_its_line() {
        for (text, line, said) in [
            ("", 1, "there is no rule"),
            ("[[rule]]\nrepository = 'a'\nlogin = yes", 3, "TOML"),
            (
                "[[rule]]\nrepository = 'a'\n\nsigned = true",
                4,
                "unknown key `signed`",
            ),
            (
                "[[rule]]\nrepository = 'a'\nloginn = true",
                3,
                "did you mean `login`?",
            ),
            ("[rule]\nrepository = 'a'", 1, "two brackets"),
            ("rules = 3", 1, "unknown key `rules`"),
            ("[[rule]]\nname = 'x'", 1, "names no `repository`"),
            ("[[rule]]\nrepository = '!a'", 1, "names no `repository`"),
            ("[[rule]]\nrepository = ''", 2, "it is empty"),
            (
                "[[rule]]\nrepository = 7",
                2,
                "a list of them, and this is of type integer",
            ),
            ("[[rule]]\nrepository = 'a:v1'", 2, "did you mean `a`?"),
            (
                "[[rule]]\nrepository = 'a'\ncallers = ['ci']",
                3,
                "did you mean `role/ci`?",
            ),
            (
                "[[rule]]\nrepository = 'a'\naddresses = ['10.0.0.0/99']",
                3,
                "a network as",
            ),
            (
                "[[rule]]\nrepository = 'a'\naccounts = ['12']",
                3,
                "12 digits",
            ),
            (
                "[[rule]]\nrepository = 'a'\nendpoints = ['pce']",
                3,
                "VPC endpoint",
            ),
            (
                "[[rule]]\nrepository = 'a'\nregions = ['EU']",
                3,
                "eu-west-1",
            ),
            (
                "[[rule]]\nrepository = 'a'\nhours = '8-18'",
                3,
                "expected hours",
            ),
            (
                "[[rule]]\nrepository = 'a'\nsignature = '10min'",
                3,
                "did you mean `10m`?",
            ),
            (
                "[[rule]]\nrepository = 'a'\nsignature = '400d'",
                3,
                "longer than a year",
            ),
            (
                "[[rule]]\nrepository = 'a'\nlogin = 'true'",
                3,
                "`true` or `false`",
            ),
            (
                "[[rule]]\nrepository = 'a'\nfirst = 'error'",
                3,
                "neither `note`",
            ),
            (
                "[[rule]]\nname='x'\nrepository = 'a'\n[[rule]]\nname='x'\nrepository='b'",
                4,
                "line 1 too",
            ),
            (
                "[[rule]]\nrepository = '*'\n[[rule]]\nrepository='b'",
                3,
                "no push ever comes",
            ),
        ] {
            let (at, message) = wrong(text);
            assert!(message.contains(said), "{text}: {message}");
            assert_eq!(at, line, "{text}: {message}");
        }
    }
}
