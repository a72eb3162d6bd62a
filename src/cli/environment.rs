//! The environment variables that the program reads.
//!
//! Comes in: the process's environment, or a test's substitute. Goes out: values by name. Never: a
//! value shown, as it may be a secret.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt;

/// Variables by name.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Environment(BTreeMap<String, OsString>);

impl Environment {
    /// The variables of the process.
    pub(super) fn detect() -> Self {
        let text = |(name, value): (OsString, OsString)| Some((name.into_string().ok()?, value));
        Self(std::env::vars_os().filter_map(text).collect())
    }

    /// A value as text, which may be empty; `None` if it is not set.
    pub(super) fn set(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.to_str()
    }

    /// All values that are text and not empty.
    #[cfg(feature = "aws")]
    pub(super) fn texts(&self) -> BTreeMap<String, String> {
        let texts = self
            .0
            .iter()
            .filter_map(|(name, value)| Some((name, value.to_str()?)));
        let set = texts.filter(|(_, value)| !value.is_empty());
        set.map(|(name, value)| (name.clone(), value.to_owned()))
            .collect()
    }
}

impl<N: Into<String>, V: Into<OsString>> FromIterator<(N, V)> for Environment {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(variables: I) -> Self {
        let pair = |(name, value): (N, V)| (name.into(), value.into());
        Self(variables.into_iter().map(pair).collect())
    }
}

impl fmt::Debug for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}
