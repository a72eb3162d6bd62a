//! Words that reports use for states: types up to the renderer, which matches them all.
//!
//! Comes in: nothing. Goes out: an enum for each field that has a fixed set of words, and its spelling in JSON.
//! Never: a renderer that compares text, and so lets a new state pass in silence.

use std::fmt;

use serde::{Serialize, Serializer};

use crate::finding::Severity;
use crate::graph::{Evidence, Strength};

/// Makes an enum whose values have one spelling each.
macro_rules! words {
    ($(#[$about:meta])* $name:ident { $($(#[$what:meta])* $value:ident = $word:literal,)+ }) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($(#[$what])* $value,)+ }

        impl $name {
            /// The word in reports.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$value => $word,)+ }
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.name())
            }
        }
    };
}

words! {
    /// How a call ended.
    Outcome {
        /// It was accepted.
        Succeeded = "succeeded",
        /// It was refused, or found in place what it was to make.
        Failed = "failed",
    }
}

words! {
    /// What became of a layer or config.
    LayerState {
        /// Sent whole, and stored.
        Uploaded = "uploaded",
        /// Listed, and not sent by this push.
        Reused = "reused",
        /// Sent whole, and found in place.
        AlreadyExists = "already_exists",
        /// Begun, and not completed.
        Unfinished = "unfinished",
        /// Refused.
        Refused = "refused",
    }
}

words! {
    /// What became of a manifest.
    ManifestState {
        /// Put, and accepted.
        Put = "put",
        /// Listed by the index, and not put by this push.
        Reused = "reused",
        /// Refused.
        Refused = "refused",
        /// Accepted; CloudTrail left its content out.
        Omitted = "omitted",
    }
}

impl Serialize for Evidence {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.about().name)
    }
}

impl fmt::Display for Evidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.about().name)
    }
}

impl Serialize for Strength {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl fmt::Display for Strength {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Serialize for Severity {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}
