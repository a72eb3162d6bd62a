//! The possible values of a member: the right type, a wrong one, or nothing.
//!
//! Comes in: values as the cursor or serde reads them. Goes out: the value if it has the right type.
//! Never: a failure; a member of the wrong type costs only itself.

use std::borrow::Cow;

/// A member of an object, whatever its type.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::event) enum Maybe<T> {
    /// Absent, or `null`.
    #[default]
    Absent,
    /// Present, with the right type.
    Is(T),
    /// Present, with another type.
    Wrong,
}

impl<T> Maybe<T> {
    /// The value, if it is present and has the right type.
    pub(in crate::event) fn get(&self) -> Option<&T> {
        match self {
            Self::Is(value) => Some(value),
            Self::Absent | Self::Wrong => None,
        }
    }

    /// Whether the value has another type.
    pub(in crate::event) fn is_wrong(&self) -> bool {
        matches!(self, Self::Wrong)
    }
}

/// A text.
pub(in crate::event) type MaybeText<'a> = Maybe<Str<'a>>;

impl MaybeText<'_> {
    /// The text, unless it is absent, empty or of another type.
    pub(in crate::event) fn text(&self) -> Option<&str> {
        self.get()
            .map(|text| &*text.0)
            .filter(|text| !text.is_empty())
    }
}

/// A string of the record, borrowed unless it contains an escape.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::event) struct Str<'a>(pub(in crate::event) Cow<'a, str>);

/// A whole number, also if it is written as a string of digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::event) struct Whole(pub(in crate::event) u64);

/// `true`, also if it is written as a string.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::event) struct Flag(pub(in crate::event) bool);

/// An object whose members are read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::event) struct Inner<T>(pub(in crate::event) T);

/// A member that nobody reads; if most objects have it, naming it here makes skipping fast.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::event) struct Unread;

/// A list of members.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::event) struct Elements<T>(pub(in crate::event) Vec<T>);

impl<T> Maybe<Inner<T>> {
    /// The object, if it is one.
    pub(in crate::event) fn object(&self) -> Option<&T> {
        self.get().map(|object| &object.0)
    }
}

impl<T> Maybe<Elements<T>> {
    /// The values of the list; none if it is no list.
    pub(in crate::event) fn values(&self) -> &[T] {
        self.get().map_or(&[], |list| &list.0)
    }
}
