//! What happens to the files after they are delivered.
//!
//! In: `damage`, `alter` and `file` lines, and the sound files. Out: the files as they are found.

use std::io::Read as _;

use flate2::read::GzDecoder;

use super::super::simulate::trail::gzip;
use super::{Fallible, Files};

/// All that is done to the files.
#[derive(Default)]
pub(super) struct Damage {
    cuts: Vec<Cut>,
    alterations: Vec<Alteration>,
    /// Files that stand beside the logs.
    strays: Files,
}

/// The end of a log file that is missing.
struct Cut {
    /// Which log file, by path, from 1.
    number: usize,
    is_plain: bool,
    kept_percent: usize,
}

/// A word of a log file that somebody changed.
struct Alteration {
    /// Which log file, by path, from 1.
    number: usize,
    from: String,
    to: String,
}

impl Damage {
    /// Whether a line that begins so is an order to this module.
    pub(super) fn knows(&self, word: &str) -> bool {
        matches!(word, "damage" | "alter" | "file")
    }

    /// Reads one line.
    pub(super) fn order(&mut self, words: &[&str]) -> Fallible<()> {
        match words {
            ["damage", number, form @ ("gzip" | "json"), percent] => {
                let kept_percent = percent.trim_end_matches('%').parse();
                self.cuts.push(Cut {
                    number: number
                        .parse()
                        .map_err(|_| "expected the number of a log file")?,
                    is_plain: *form == "json",
                    kept_percent: kept_percent.map_err(|_| "expected a percentage")?,
                });
            }
            ["alter", number, from, to] => self.alterations.push(Alteration {
                number: number
                    .parse()
                    .map_err(|_| "expected the number of a log file")?,
                from: (*from).to_owned(),
                to: (*to).to_owned(),
            }),
            ["file", path, text @ ..] => {
                let mut text = text.join(" ");
                if !text.is_empty() {
                    text.push('\n');
                }
                self.strays.push(((*path).to_owned(), text.into_bytes()));
            }
            _ => {
                let expected =
                    "expected `damage N gzip|json PERCENT`, `alter N FROM TO` or `file PATH TEXT`";
                return Err(expected.to_owned());
            }
        }
        Ok(())
    }

    /// Does it.
    pub(super) fn apply(&self, mut files: Files) -> Files {
        let is_log = |path: &str| path.contains("/CloudTrail/");
        let logs: Vec<usize> = (0..files.len())
            .filter(|&at| is_log(&files[at].0))
            .collect();
        for cut in &self.cuts {
            let (path, content) = &mut files[logs[cut.number - 1]];
            if cut.is_plain {
                *content = decoded(content);
                *path = path.trim_end_matches(".gz").to_owned();
            }
            content.truncate(content.len() * cut.kept_percent / 100);
        }
        for Alteration { number, from, to } in &self.alterations {
            let content = &mut files[logs[number - 1]].1;
            let text = String::from_utf8(decoded(content)).expect("a log is text");
            assert!(text.contains(from), "log file {number} holds `{from}`");
            *content = gzip(&text.replace(from, to));
        }
        files.extend(self.strays.iter().cloned());
        files.sort();
        files
    }
}

/// The text of a sound gzip file; empty for anything else.
pub(crate) fn decoded(content: &[u8]) -> Vec<u8> {
    let mut text = Vec::new();
    match GzDecoder::new(content).read_to_end(&mut text) {
        Ok(_) => text,
        Err(_) => Vec::new(),
    }
}
