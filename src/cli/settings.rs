//! What a user wants where no option says otherwise.
//!
//! Comes in: the user's configuration file and `RECONSTRUCT_*` variables. Goes out: the defaults of
//! options, or one usage error with the place. Never: a file that whoever wrote the logs, or the
//! directory one happens to stand in, could have brought along.

use std::ffi::OsString;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::CommandFactory as _;
use indexmap::IndexMap;
use toml::de::{DeTable, DeValue};

use crate::cli::args::Args;
use crate::cli::explain::nearest;
use crate::cli::plan::{BadValue, usage};
use crate::cli::quantity;
use crate::report::WeakenedRow;

/// What a user wants where no option says otherwise; empty by default.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// The `RECONSTRUCT_*` variables of the environment, sorted by name.
    pub variables: Vec<(String, String)>,
    /// The configuration file, where there is one.
    pub file: Option<SettingsFile>,
}

/// A configuration file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettingsFile {
    /// Where it is.
    pub path: PathBuf,
    /// What it holds, or why it cannot be read.
    pub text: Result<String, ErrorKind>,
}

/// What the variables begin with.
const PREFIX: &str = "RECONSTRUCT_";
/// Variables of that name that are for building and testing the program, not for running it.
const NOT_OURS: [&str; 2] = ["RECONSTRUCT_BLESS", "RECONSTRUCT_COMMIT"];

/// What an option takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
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
}

/// The options that can have a default of the user's own: how to read and to show. What is read, what
/// is selected and where it goes is for the command line alone, so that a command means the same
/// wherever it is run.
const KEYS: &[(&str, Kind)] = &[
    ("color", Kind::Choice),
    ("fail-on", Kind::Choice),
    ("format", Kind::Choice),
    ("jobs", Kind::Number),
    ("max-decoded", Kind::Size),
    ("no-pager", Kind::Switch),
    ("progress", Kind::Choice),
    ("quiet", Kind::Switch),
    ("strict", Kind::Switch),
    ("trace-roles", Kind::Switch),
    ("width", Kind::Number),
    ("window", Kind::Duration),
];

/// The names of the options, as the configuration file spells them.
pub(super) fn keys() -> Vec<&'static str> {
    KEYS.iter().map(|(name, _)| *name).collect()
}

impl Settings {
    /// Asks the environment and the user's own folder.
    pub(super) fn detect() -> Self {
        let ours = std::env::vars_os().filter_map(|(name, value)| {
            let name = name.into_string().ok()?;
            name.starts_with(PREFIX)
                .then(|| (name, value.to_string_lossy().into_owned()))
        });
        let mut variables: Vec<_> = ours.collect();
        variables.sort();
        let path = path(
            std::env::var_os("XDG_CONFIG_HOME"),
            std::env::var_os("HOME"),
        );
        let file = path.and_then(|path| {
            let text = std::fs::read_to_string(&path).map_err(|error| error.kind());
            match text {
                Err(ErrorKind::NotFound | ErrorKind::NotADirectory) => None,
                text => Some(SettingsFile { path, text }),
            }
        });
        Self { variables, file }
    }
}

/// Where the file is: XDG Base Directory Specification 0.8, which has relative paths ignored. That
/// also keeps the working directory out.
fn path(config: Option<OsString>, home: Option<OsString>) -> Option<PathBuf> {
    let absolute = |path: OsString| Some(PathBuf::from(path)).filter(|path| path.is_absolute());
    let folder = config
        .and_then(absolute)
        .or_else(|| Some(home.and_then(absolute)?.join(".config")))?;
    Some(folder.join("reconstruct").join("config.toml"))
}

/// A default of the user's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Preset {
    /// The option, without its dashes.
    pub(super) option: &'static str,
    /// Its value.
    pub(super) value: String,
    /// Where it was set.
    pub(super) from: Layer,
}

/// Where a default was set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Layer {
    /// In a variable.
    Environment,
    /// In the configuration file.
    Configuration,
}

/// The longest window that does not weaken a gate: a push that goes quiet is then told within a day.
const LONGEST_WINDOW: Duration = Duration::from_secs(24 * 60 * 60);

/// Those of the defaults in effect by which fewer things give a status other than 0.
pub(super) fn weakening(in_effect: &[Preset]) -> Vec<WeakenedRow> {
    let weakens = |default: &&Preset| match default.option {
        "fail-on" => default.value == "never",
        "strict" => default.value == "false",
        "window" => quantity::duration(&default.value).is_ok_and(|window| window > LONGEST_WINDOW),
        _ => false,
    };
    let row = |default: &Preset| WeakenedRow {
        option: default.option,
        value: default.value.clone(),
        from: match default.from {
            Layer::Environment => "environment",
            Layer::Configuration => "configuration",
        },
    };
    in_effect.iter().filter(weakens).map(row).collect()
}

/// What is said of it.
pub(super) fn told(row: &WeakenedRow) -> String {
    format!(
        "--{} is `{}` by the {}, which weakens the exit status; the option on the command line goes first",
        row.option, row.value, row.from
    )
}

/// The defaults, by the names of their options: the environment's before the file's.
///
/// # Errors
/// A name that is none of an option that can have a default, a value that its option does not take,
/// a file that cannot be read.
pub(super) fn defaults(settings: &Settings) -> Result<Vec<Preset>, clap::Error> {
    let mut defaults = IndexMap::new();
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
        checked(key, value, name)?;
        defaults.insert(key.0, (value.clone(), Layer::Environment));
    }
    let defaults = defaults.into_iter();
    let defaults = defaults.map(|(option, (value, from))| Preset {
        option,
        value,
        from,
    });
    Ok(defaults.collect())
}

fn from_file(
    file: &SettingsFile,
    defaults: &mut IndexMap<&'static str, (String, Layer)>,
) -> Result<(), clap::Error> {
    let text = match &file.text {
        Ok(text) => text,
        Err(kind) => {
            let path = file.path.display();
            return Err(usage(&format!(
                "cannot read the configuration `{path}`: {kind}"
            )));
        }
    };
    let at = |start: usize| place(&file.path, text, start);
    let table = DeTable::parse(text).map_err(|error| {
        let start = error.span().map_or(0, |span| span.start);
        usage(&format!("{} in {}", error.message(), at(start)))
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
                return Err(usage(&format!(
                    "`{}` is one text, number, true or false, no {kind}, in {at}",
                    key.0
                )));
            }
        };
        checked(key, &value, &format!("{} in {at}", key.0))?;
        defaults.insert(key.0, (value, Layer::Configuration));
    }
    Ok(())
}

/// The file and the line, counted from 1.
fn place(path: &Path, text: &str, start: usize) -> String {
    let before = text.get(..start).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    format!("{}:{line}", path.display())
}

/// The key of that name; else an error that `spelled` has its words for: a name as this place spells
/// it, and the place.
fn known(
    name: &str,
    spelled: impl Fn(&str) -> (String, String),
) -> Result<(&'static str, Kind), clap::Error> {
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
    Err(usage(&format!("unknown {place}: `{name}`\n\n  tip: {tip}")))
}

/// Refuses what the option would not take, while it is known where it stands.
fn checked(key: (&str, Kind), value: &str, place: &str) -> Result<(), clap::Error> {
    let (name, kind) = key;
    let quantity = |bad: quantity::BadQuantity| BadValue::expected(bad.expected, bad.suggestion);
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
    let result = match kind {
        Kind::Duration => quantity::duration(value).map(drop).map_err(quantity),
        Kind::Size => quantity::size(value).map(drop).map_err(quantity),
        Kind::Number => match value.parse::<usize>() {
            Ok(_) => Ok(()),
            Err(_) => Err(BadValue::expected("a whole number", None)),
        },
        Kind::Switch => one_of(&["true".to_owned(), "false".to_owned()]),
        Kind::Choice => one_of(&choices(name)),
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
    let values = values.unwrap_or_default();
    values
        .iter()
        .map(|value| value.get_name().to_owned())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_users_own_folder_is_looked_into() {
        let path = |config: &str, home: &str| path(Some(config.into()), Some(home.into()));
        let at = |text: &str| Some(PathBuf::from(text));
        assert_eq!(path("/c", "/h"), at("/c/reconstruct/config.toml"));
        assert_eq!(path("", "/h"), at("/h/.config/reconstruct/config.toml"));
        assert_eq!(path(".", "/h"), at("/h/.config/reconstruct/config.toml"));
        assert_eq!(path("logs", "."), None);
    }

    #[test]
    fn every_key_is_an_option_and_every_choice_has_its_values() {
        let command = Args::command();
        for (name, kind) in KEYS {
            let mut options = command.get_arguments();
            assert!(
                options.any(|option| option.get_long() == Some(name)),
                "{name}"
            );
            assert_eq!(choices(name).len() > 2, *kind == Kind::Choice, "{name}");
        }
    }
}
