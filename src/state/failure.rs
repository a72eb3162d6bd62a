//! What can be wrong with a state, and what is told of it.
//!
//! Comes in: what the directory is like. Goes out: an error that ends the run, or a notice that goes with it. Never: a
//! defect that is passed over.

use std::fmt;
use std::io;
use std::path::PathBuf;

/// Why a state cannot be used.
#[derive(Debug)]
pub enum StateError {
    /// Another run writes to it.
    Locked {
        /// The directory.
        path: PathBuf,
        /// What that run wrote about itself.
        holder: String,
    },
    /// The directory holds something else.
    Foreign {
        /// The directory.
        path: PathBuf,
        /// The first thing in it, by name.
        name: String,
    },
    /// It cannot be read or written.
    Io {
        /// What could not be done, and to what.
        doing: String,
        /// The operating system's message.
        source: io::Error,
    },
}

impl fmt::Display for StateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Locked { path, holder } => write!(
                f,
                "the state `{}` is in use by another run{}{holder}",
                path.display(),
                if holder.is_empty() { "" } else { ": " }
            ),
            Self::Foreign { path, name } => write!(
                f,
                "`{}` is no state: it holds `{name}`, and no `manifest.json`",
                path.display()
            ),
            Self::Io { doing, source } => write!(f, "cannot {doing}: {source}"),
        }
    }
}

impl StateError {
    /// What to do about it.
    #[must_use]
    pub fn help(&self) -> &'static str {
        match self {
            Self::Locked { .. } => {
                "wait until it has ended; one run writes at a time, and a lock ends with its run"
            }
            Self::Foreign { .. } => "name an empty or new directory for --state",
            Self::Io { .. } => {
                "check that the directory of --state exists, may be written to and has room; what was kept before is kept"
            }
        }
    }
}

/// What is told about a state, without ending the run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StateNotice {
    /// A run before ended in the middle.
    Unfinished {
        /// What it wrote about itself.
        holder: String,
    },
    /// A state of another version was put aside.
    OtherVersion {
        /// Where it is now.
        kept: String,
    },
    /// The list of parts was damaged; it was made anew from the parts.
    BadManifest {
        /// What was wrong.
        why: String,
    },
    /// What was told before is lost, and is told again.
    LostBook {
        /// What was wrong.
        why: String,
    },
    /// The list of a part is damaged, so that nobody knows what it was made of.
    BadList {
        /// Its file.
        name: String,
        /// What was wrong.
        why: String,
    },
    /// A part is damaged.
    Damaged {
        /// Its file.
        name: String,
        /// How many files of the input are read again for it.
        again: u64,
        /// How many that it was made of are gone, so that their records are lost.
        lost: u64,
    },
    /// A file changed whose part holds others that are gone.
    Doubled {
        /// The file of the input.
        address: String,
        /// The part that is kept.
        name: String,
    },
    /// Something in the directory that is not part of a state.
    Foreign {
        /// Its name.
        name: String,
    },
}

impl fmt::Display for StateNotice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unfinished { holder } => write!(
                f,
                "an earlier run on this state ended before its end ({holder}); going on from what it kept"
            ),
            Self::OtherVersion { kept } => write!(
                f,
                "the state is of another version; it is kept as `{kept}`, and all input that is still there is read again"
            ),
            Self::BadManifest { why } => write!(
                f,
                "the manifest of the state is damaged ({why}); it was made anew from the parts"
            ),
            Self::LostBook { why } => write!(
                f,
                "what was told before is not known any more ({why}); it is told again"
            ),
            Self::BadList { name, why } => write!(
                f,
                "the list `{name}` of the state is damaged ({why}); what it names is read again as far as it is still there, \
                 and else lost"
            ),
            Self::Damaged {
                name,
                again,
                lost: 0,
            } => write!(
                f,
                "the part `{name}` of the state is damaged; made anew from {again} files of the input"
            ),
            Self::Damaged { name, again, lost } => write!(
                f,
                "the part `{name}` of the state is damaged; {again} files of the input are read again, and {lost} are gone: \
                 what they held is lost"
            ),
            Self::Doubled { address, name } => write!(
                f,
                "`{address}` changed, and other files of the part `{name}` are gone: the part is kept, and counts of that \
                 file are doubled"
            ),
            Self::Foreign { name } => {
                write!(f, "`{name}` in the state is not of it, and left alone")
            }
        }
    }
}
