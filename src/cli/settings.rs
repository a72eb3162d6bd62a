//! Where the user's defaults are found.
//!
//! Comes in: the environment and the user's configuration folder. Goes out: `RECONSTRUCT_*` variables and
//! the text of the configuration file, unparsed. Never: a file that the author of the logs could have
//! supplied, or one from the working directory.

use std::ffi::OsString;
use std::io::ErrorKind;
use std::path::PathBuf;

/// The prefix of the variables.
pub(super) const PREFIX: &str = "RECONSTRUCT_";

/// The user's defaults for options that are not given; empty by default.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// The `RECONSTRUCT_*` variables of the environment, sorted by name.
    pub variables: Vec<(String, String)>,
    /// The configuration file, if there is one.
    pub file: Option<SettingsFile>,
}

/// A configuration file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettingsFile {
    /// Where it is.
    pub path: PathBuf,
    /// Its content, or why it cannot be read.
    pub text: Result<String, ErrorKind>,
}

impl Settings {
    /// Reads the environment and the user's own folder.
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

/// The path of the file, by the XDG Base Directory Specification 0.8, which says to ignore relative
/// paths. That also excludes the working directory.
fn path(config: Option<OsString>, home: Option<OsString>) -> Option<PathBuf> {
    let absolute = |path: OsString| Some(PathBuf::from(path)).filter(|path| path.is_absolute());
    let folder = config
        .and_then(absolute)
        .or_else(|| Some(home.and_then(absolute)?.join(".config")))?;
    Some(folder.join("reconstruct").join("config.toml"))
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
}
