//! What is being done, and what an early end costs, in words.
//!
//! Comes in: how far a run has come, and where its output goes. Goes out: a few words, or one sentence. Never: a name
//! of its own for a file.

use crate::ingest::{Doing, Reached};
use crate::words;

/// Takes a line away, and leaves the cursor where it began.
///
/// `EL`: erase to the end of the line (ECMA-48, 8.3.41).
pub(super) const CLEAR: &str = "\r\u{1b}[K";

/// What is being done, in words.
pub(super) fn said(doing: Doing) -> &'static str {
    match doing {
        Doing::Searching => "looking for log files",
        Doing::Reading => "reading",
        Doing::Merging => "merging",
        Doing::Linking => "linking",
        Doing::Assembling => "assembling",
        Doing::Examining => "examining",
        Doing::Writing => "writing the report",
        Doing::Done => "done",
    }
}

/// The file that the output goes to.
pub(super) struct OutputFile {
    /// What to call it.
    pub(super) name: String,
    /// Whether there is such a file, from an earlier time.
    pub(super) is_there: bool,
}

/// What is lost by an end at some point, in words.
pub(super) fn lost(reached: Reached, output: Option<&OutputFile>, has_begun: bool) -> String {
    let (files, all) = (words::number(reached.files), reached.all_files);
    let when = match reached.doing {
        Doing::Done => return "interrupted; the output was written before".to_owned(),
        Doing::Searching => format!("while {}", said(reached.doing)),
        Doing::Reading => {
            let all = words::count(all, "file");
            format!("while {}: {files} of {all} read", said(reached.doing))
        }
        Doing::Merging | Doing::Linking | Doing::Assembling | Doing::Examining | Doing::Writing => {
            format!(
                "while {}: {} read",
                said(reached.doing),
                words::count(all, "file")
            )
        }
    };
    let what = match (output, has_begun) {
        (
            Some(OutputFile {
                name,
                is_there: true,
            }),
            _,
        ) => {
            format!("nothing was written; {name} is as it was")
        }
        (Some(OutputFile { name, .. }), _) => format!("nothing was written; {name} was not made"),
        (None, true) => "what was written is not whole".to_owned(),
        (None, false) => "nothing was written".to_owned(),
    };
    format!("interrupted {when}; {what}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(doing: Doing, output: Option<bool>, has_begun: bool) -> String {
        let reached = Reached {
            doing,
            all_files: 1_866,
            files: 812,
            ..Reached::default()
        };
        let output = output.map(|is_there| OutputFile {
            name: "`out.json`".to_owned(),
            is_there,
        });
        lost(reached, output.as_ref(), has_begun)
    }

    #[test]
    fn an_early_end_says_how_far_it_came_and_what_became_of_the_output() {
        for (doing, output, has_begun, text) in [
            (
                Doing::Searching,
                None,
                false,
                "interrupted while looking for log files; nothing was written",
            ),
            (
                Doing::Reading,
                Some(true),
                false,
                "interrupted while reading: 812 of 1,866 files read; nothing was written; `out.json` is as it was",
            ),
            (
                Doing::Linking,
                Some(false),
                false,
                "interrupted while linking: 1,866 files read; nothing was written; `out.json` was not made",
            ),
            (
                Doing::Writing,
                None,
                true,
                "interrupted while writing the report: 1,866 files read; what was written is not whole",
            ),
            (
                Doing::Done,
                Some(true),
                false,
                "interrupted; the output was written before",
            ),
        ] {
            assert_eq!(told(doing, output, has_begun), text);
        }
    }
}
