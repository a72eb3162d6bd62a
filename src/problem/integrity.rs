//! What is wrong with a file as evidence: it is not as CloudTrail delivered it, or nothing shows that it
//! is.
//!
//! Comes in: what the check of the digest files found. Goes out: values with fields. Never: a conclusion
//! about pushes, which is a finding.

/// A file that failed the check against digest files.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Integrity {
    /// The content of a log file is not what a digest file lists.
    AlteredLog {
        /// The name of the digest file.
        digest_file: String,
    },
    /// A log file continues after what a digest file lists, and the rest is not gzip.
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
    /// The key that a digest file names did not make the available signature.
    BadSignature,
    /// The key that a digest file names was not given, or cannot be used.
    UnknownKey {
        /// The fingerprint of the key.
        fingerprint: String,
    },
    /// A digest file does not follow the one before it in the input.
    BrokenChain {
        /// The file that it follows.
        follows: Follows,
        /// The name of the digest file before it.
        before: String,
    },
}

/// The file that a digest file says it follows.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Follows {
    /// None: it starts a chain.
    Nothing,
    /// A digest file that is not in the input.
    Absent {
        /// Its name.
        name: String,
    },
    /// A digest file that is in the input, but elsewhere in the order of time.
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
