//! The manifest: which parts count, and how far the book of what was told goes.
//!
//! Comes in: `manifest.json`. Goes out: its fields, or why it is none. Never: a part that it does not name.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::source::ContentHash;

/// The version of the state. Another one is put aside and made anew.
pub(super) const STATE_VERSION: u32 = 1;

/// The content of the manifest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct StateManifest {
    /// The number of the next part.
    pub(super) next: u64,
    /// Whether records of STS are kept.
    pub(super) roles: bool,
    /// The numbers of the parts that count, in order, each with the SHA-256 of its list.
    pub(super) parts: Vec<(u64, String)>,
    /// Likewise the parts whose files are known and whose records were forgotten.
    pub(super) forgotten: Vec<(u64, String)>,
    /// The book of what was told: its number, and how many bytes of it count.
    pub(super) book: (u64, u64),
    /// What is being told; `None` if that has ended.
    pub(super) telling: Option<WireTelling>,
    /// Up to which second since 1970 each event history was asked, by region.
    pub(super) histories: BTreeMap<String, i64>,
    /// The second since 1970 up to which the log went when a report was last made; `None` before the first.
    pub(super) reported: Option<i64>,
}

/// A manifest with the hash of its content, so that a damaged one is known.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SealedManifest {
    #[serde(rename = "reconstruct.state")]
    version: u32,
    sha256: String,
    content: StateManifest,
}

/// The SHA-256 of a manifest as one line of JSON.
fn seal(content: &StateManifest) -> Result<String, serde_json::Error> {
    let text = serde_json::to_vec(content)?;
    Ok(ContentHash::of(&text).to_string())
}

/// A telling that has begun.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WireTelling {
    /// Up to which byte of the book it goes.
    pub(super) to: u64,
    /// The file that the output is renamed from, if it goes to a file: while it is there, nothing was told.
    pub(super) unless: Option<PathBuf>,
}

impl Default for StateManifest {
    fn default() -> Self {
        Self {
            next: 1,
            roles: false,
            parts: Vec::new(),
            forgotten: Vec::new(),
            book: (1, 0),
            telling: None,
            histories: BTreeMap::new(),
            reported: None,
        }
    }
}

/// Why a manifest is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum BadManifest {
    /// It is of another version.
    Version(u64),
    /// It is damaged.
    Damaged(String),
}

impl StateManifest {
    /// Reads a manifest.
    ///
    /// # Errors
    /// Why it is none.
    pub(super) fn read(text: &str) -> Result<Self, BadManifest> {
        let damaged = |error: serde_json::Error| BadManifest::Damaged(error.to_string());
        let value: serde_json::Value = serde_json::from_str(text).map_err(damaged)?;
        match value
            .get("reconstruct.state")
            .and_then(serde_json::Value::as_u64)
        {
            Some(version) if version == u64::from(STATE_VERSION) => {}
            Some(version) => return Err(BadManifest::Version(version)),
            None => return Err(BadManifest::Damaged("it names no version".to_owned())),
        }
        let sealed: SealedManifest = serde_json::from_value(value).map_err(damaged)?;
        match seal(&sealed.content).map_err(damaged)? == sealed.sha256 {
            true => Ok(sealed.content),
            false => Err(BadManifest::Damaged("its hash is another one".to_owned())),
        }
    }

    /// The text of the manifest.
    pub(super) fn text(&self) -> Result<String, serde_json::Error> {
        let sealed = SealedManifest {
            version: STATE_VERSION,
            sha256: seal(self)?,
            content: self.clone(),
        };
        Ok(serde_json::to_string_pretty(&sealed)? + "\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_digit_that_changed_is_seen() {
        let manifest = StateManifest {
            next: 19,
            parts: vec![(17, "ab".to_owned())],
            ..StateManifest::default()
        };
        let text = manifest.text().expect("JSON");
        assert_eq!(StateManifest::read(&text), Ok(manifest));
        let changed = text.replace("17", "18");
        assert!(matches!(
            StateManifest::read(&changed),
            Err(BadManifest::Damaged(_))
        ));
        let other = text.replace("\"reconstruct.state\": 1", "\"reconstruct.state\": 9");
        assert_eq!(StateManifest::read(&other), Err(BadManifest::Version(9)));
        assert!(matches!(
            StateManifest::read("{"),
            Err(BadManifest::Damaged(_))
        ));
    }
}
