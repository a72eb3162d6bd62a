//! What happens to the files after they are delivered.
//!
//! In: `damage` and `file` lines, and the sound files. Out: the files as they are found.

use std::io::Read as _;

use flate2::read::GzDecoder;

use super::{Fallible, Files};

/// All that is done to the files.
#[derive(Default)]
pub(super) struct Damage {
    cuts: Vec<Cut>,
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

impl Damage {
    /// Whether a line that begins so is an order to this module.
    pub(super) fn knows(&self, word: &str) -> bool {
        matches!(word, "damage" | "file")
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
            ["file", path, text @ ..] => {
                let mut text = text.join(" ");
                if !text.is_empty() {
                    text.push('\n');
                }
                self.strays.push(((*path).to_owned(), text.into_bytes()));
            }
            _ => return Err("expected `damage N gzip|json PERCENT` or `file PATH TEXT`".to_owned()),
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
