//! What is wrong with a file as evidence: it is not as CloudTrail delivered it, or nothing says that it is.
//!
//! Comes in: what the check of the digest files met. Goes out: values with fields. Never: a word on
//! pushes, which are findings.

/// A file that failed the check against digest files.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Integrity {
    /// The content of a log file is not what a digest file lists.
    AlteredLog {
        /// The name of the digest file.
        digest_file: String,
    },
    /// A log file goes on after what a digest file lists, and the rest is no gzip.
    TrailingData,
    /// A digest file lists a log file that is not in the input.
    AbsentLog {
        /// The name of the log file.
        name: String,
    },
    /// No digest file lists the log file, though there are some for its time.
    UnlistedLog,
    /// The content of a digest file is not what the one after it says.
    AlteredDigest {
        /// The name of the digest file after it.
        next: String,
    },
    /// The key that a digest file names did not make the signature that is at hand.
    BadSignature,
    /// The key that a digest file names is not among those given, or cannot be used.
    UnknownKey {
        /// The fingerprint of the key.
        fingerprint: String,
    },
    /// A digest file does not follow the one that lies before it in the input.
    BrokenChain {
        /// What it follows.
        follows: Follows,
        /// The name of the digest file that lies before it.
        before: String,
    },
}

/// What a digest file follows by its own word.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Follows {
    /// Nothing: it begins a chain.
    Nothing,
    /// A digest file that is not in the input.
    Absent {
        /// Its name.
        name: String,
    },
    /// A digest file that is in the input, at another place in the order of time.
    Another {
        /// Its name.
        name: String,
    },
}

impl Integrity {
    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::AlteredLog { .. } => "altered-file",
            Self::TrailingData => "trailing-data",
            Self::AbsentLog { .. } => "absent-file",
            Self::UnlistedLog => "unlisted-file",
            Self::AlteredDigest { .. } => "altered-digest-file",
            Self::BadSignature => "bad-signature",
            Self::UnknownKey { .. } => "unknown-key",
            Self::BrokenChain { .. } => "broken-chain",
        }
    }
}
