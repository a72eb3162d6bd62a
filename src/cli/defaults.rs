//! The user's own defaults for options.
//!
//! Comes in: arguments, and the user's settings. Goes out: the arguments with the defaults applied, and
//! which of these weaken the exit status; or one usage error with the place. Never: a setting that selects
//! what is read or where output goes.

use std::ffi::OsString;
use std::path::Path;
use std::time::Duration;

use clap::parser::ValueSource;
use clap::{CommandFactory as _, FromArgMatches as _};
use indexmap::IndexMap;
use toml::de::{DeTable, DeValue};

use crate::cli::args::Args;
use crate::cli::quantity;
use crate::cli::settings::{PREFIX, Settings, SettingsFile};
use crate::cli::stop::Stop;
use crate::cli::usage::{BadValue, WrongUsage};
use crate::cli::zone;
use crate::render::Format;
use crate::report::WeakenedRow;
use crate::words::near::nearest;

/// Variables with our prefix that are for building and testing the program, not for running it.
const NOT_OURS: [&str; 2] = ["RECONSTRUCT_BLESS", "RECONSTRUCT_COMMIT"];

/// The type of an option's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ValueType {
    /// One of the values in the help.
    Choice,
    /// A time such as `15m`.
    Duration,
    /// A size such as `4GiB`.
    Size,
    /// A whole number.
    Number,
    /// `true` or `false`.
    Switch,
    /// A time zone.
    Zone,
}

/// The options that can have a user's default: how to read and to show. What is read, what is selected and
/// where output goes is set only on the command line, so that a command means the same wherever it is run.
const KEYS: &[(&str, ValueType)] = &[
    ("color", ValueType::Choice),
    ("fail-on", ValueType::Choice),
    ("format", ValueType::Choice),
    ("jobs", ValueType::Number),
    ("max-decoded", ValueType::Size),
    ("no-pager", ValueType::Switch),
    ("progress", ValueType::Choice),
    ("pulls", ValueType::Switch),
    ("quiet", ValueType::Switch),
    ("strict", ValueType::Switch),
    ("time-zone", ValueType::Zone),
    ("trace-roles", ValueType::Switch),
    ("width", ValueType::Number),
    ("window", ValueType::Duration),
];

/// The names of the options that can have a user's default.
#[must_use]
pub fn keys() -> Vec<&'static str> {
    KEYS.iter().map(|(name, _)| *name).collect()
}

/// Where a default was set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum SetBy {
    /// A variable.
    Environment,
    /// The configuration file.
    Configuration,
}

/// The user's defaults, by the names of their options without the dashes.
type Defaults = IndexMap<&'static str, (String, SetBy)>;

/// The longest window that does not weaken the exit status: with it, a push that goes quiet is reported
/// within a day.
const LONGEST_WINDOW: Duration = Duration::from_secs(24 * 60 * 60);

/// Parses the arguments with the user's defaults. Also returns the defaults in effect that let fewer
/// things give a status other than 0.
///
/// # Errors
/// A setting that cannot be used; otherwise usage, help and version, which clap treats alike.
pub(super) fn parse(
    args: &[OsString],
    settings: &Settings,
) -> Result<(Args, Vec<WeakenedRow>), Stop> {
    let defaults = defaults(settings)?;
    let id = |option: &str| option.replace('-', "_");
    // A default never conflicts with an option, as an argument inserted before the others would.
    let command = defaults
        .iter()
        .fold(Args::command(), |command, (option, (value, _))| {
            let value = value.clone();
            command.mut_arg(id(option), |option| option.default_value(value))
        });
    let matches = command.try_get_matches_from(args).map_err(Stop::Usage)?;
    let weakened = defaults
        .into_iter()
        .filter(|(option, (value, _))| {
            let source = matches.value_source(&id(option));
            source == Some(ValueSource::DefaultValue) && weakens(option, value)
        })
        .map(|(option, (value, by))| WeakenedRow {
            option,
            value,
            from: match by {
                SetBy::Environment => "environment",
                SetBy::Configuration => "configuration",
            },
        })
        .collect();
    let mut args = Args::from_arg_matches(&matches).map_err(Stop::Usage)?;
    // What the file's name says goes before a default, and gives way to what was typed.
    if matches.value_source("format") != Some(ValueSource::CommandLine)
        && let Some(format) = args.output.as_deref().and_then(Format::of_file)
    {
        args.format = format;
    }
    Ok((args, weakened))
}

fn weakens(option: &str, value: &str) -> bool {
    match option {
        "fail-on" => value == "never",
        "strict" => value == "false",
        "window" => quantity::duration(value).is_ok_and(|window| window > LONGEST_WINDOW),
        _ => false,
    }
}

/// The sentence about a default that weakens the exit status.
pub(super) fn warning(row: &WeakenedRow) -> String {
    format!(
        "--{} is `{}` by the {}, which weakens the exit status; the option on the command line goes first",
        row.option, row.value, row.from
    )
}

/// The defaults that are set; the environment takes precedence over the file.
fn defaults(settings: &Settings) -> Result<Defaults, WrongUsage> {
    let mut defaults = Defaults::new();
    if let Some(file) = &settings.file {
        from_file(file, &mut defaults)?;
    }
    for (name, value) in &settings.variables {
        if NOT_OURS.contains(&name.as_str()) {
            continue;
        }
        let key = name.trim_start_matches(PREFIX);
        let key = key.to_lowercase().replace('_', "-");
        let key = known(&key, |key| {
            let spelled = key.to_uppercase().replace('-', "_");
            (format!("{PREFIX}{spelled}"), format!("variable `{name}`"))
        })?;
        check(key, value, name)?;
        defaults.insert(key.0, (value.clone(), SetBy::Environment));
    }
    Ok(defaults)
}

fn from_file(file: &SettingsFile, defaults: &mut Defaults) -> Result<(), WrongUsage> {
    let text = file.text.as_ref().map_err(|kind| {
        let path = file.path.display();
        WrongUsage(format!("cannot read the configuration `{path}`: {kind}"))
    })?;
    let at = |start: usize| place(&file.path, text, start);
    let table = DeTable::parse(text).map_err(|error| {
        let start = error.span().map_or(0, |span| span.start);
        WrongUsage(format!("{} in {}", error.message(), at(start)))
    })?;
    let mut entries: Vec<_> = table.get_ref().iter().collect();
    entries.sort_by_key(|(key, _)| key.span().start);
    for (key, value) in entries {
        let at = at(key.span().start);
        let key = known(key.get_ref(), |key| {
            (key.to_owned(), format!("setting in {at}"))
        })?;
        let value = match value.get_ref() {
            DeValue::String(text) => text.to_string(),
            DeValue::Integer(number) => number.to_string(),
            DeValue::Boolean(switch) => switch.to_string(),
            DeValue::Float(_) | DeValue::Datetime(_) | DeValue::Array(_) | DeValue::Table(_) => {
                let kind = value.get_ref().type_str();
                return Err(WrongUsage(format!(
                    "`{}` is one text, number, true or false, no {kind}, in {at}",
                    key.0
                )));
            }
        };
        check(key, &value, &format!("{} in {at}", key.0))?;
        defaults.insert(key.0, (value, SetBy::Configuration));
    }
    Ok(())
}

/// The file and the line, counting from 1.
fn place(path: &Path, text: &str, start: usize) -> String {
    let before = text.get(..start).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    format!("{}:{line}", path.display())
}

/// The key with a name, or else an error. `spelled` gives the words for it: a name as this place spells
/// it, and the place.
fn known(
    name: &str,
    spelled: impl Fn(&str) -> (String, String),
) -> Result<(&'static str, ValueType), WrongUsage> {
    if let Some(key) = KEYS.iter().find(|(key, _)| *key == name) {
        return Ok(*key);
    }
    let (_, place) = spelled(name);
    let tip = match nearest(name, keys()) {
        Some(near) => format!("did you mean `{}`?", spelled(near).0),
        None => {
            let all: Vec<_> = KEYS.iter().map(|(key, _)| spelled(key).0).collect();
            format!("there are {}", all.join(", "))
        }
    };
    let message = format!("unknown {place}: `{name}`\n\n  tip: {tip}");
    Err(WrongUsage(message))
}

/// Refuses a value that the option would not accept, while the place of the setting is known.
fn check((name, takes): (&str, ValueType), value: &str, place: &str) -> Result<(), WrongUsage> {
    let one_of = |all: &[String]| match all.iter().any(|one| one == value) {
        true => Ok(()),
        false => {
            let near = nearest(value, all.iter().map(String::as_str)).map(str::to_owned);
            Err(BadValue::expected(
                &format!("one of {}", all.join(", ")),
                near,
            ))
        }
    };
    let result = match takes {
        ValueType::Duration => quantity::duration(value).map(drop),
        ValueType::Size => quantity::size(value).map(drop),
        ValueType::Number => value
            .parse::<usize>()
            .map(drop)
            .map_err(|_| BadValue::expected("a whole number", None)),
        ValueType::Switch => one_of(&["true".to_owned(), "false".to_owned()]),
        ValueType::Zone => zone::check(value),
        ValueType::Choice => one_of(&choices(name)),
    };
    result.map_err(|bad| bad.usage(place, value))
}

/// The values in the help of an option.
fn choices(name: &str) -> Vec<String> {
    let command = Args::command();
    let option = command
        .get_arguments()
        .find(|option| option.get_long() == Some(name));
    let values = option.map(clap::Arg::get_possible_values);
    values
        .iter()
        .flatten()
        .map(|value| value.get_name().to_owned())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_is_an_option_and_every_choice_has_its_values() {
        let command = Args::command();
        for (name, kind) in KEYS {
            let mut options = command.get_arguments();
            assert!(
                options.any(|option| option.get_long() == Some(name)),
                "{name}"
            );
            assert_eq!(
                choices(name).len() > 2,
                *kind == ValueType::Choice,
                "{name}"
            );
        }
    }
}
