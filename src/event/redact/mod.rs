//! Names that identify somebody, and the numbered pseudonyms that take their place.
//!
//! Comes in: a name and what it is the name of. Goes out: `repository-3`, the same for the same
//! name, numbered by first appearance. Never: a way back; a pseudonym depends on the order in which
//! names came, and on nothing in the name.

mod arn;
mod log;
mod prose;
mod vocabulary;

use std::collections::{BTreeMap, HashMap};

pub use vocabulary::is_region;

/// What a name is the name of; its pseudonym begins with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// An AWS account.
    Account,
    /// An IP address.
    Address,
    /// The alias of a public registry.
    Alias,
    /// A VPC endpoint.
    Endpoint,
    /// A folder of the input.
    Folder,
    /// A file of the input, or the part of its name that is made up.
    File,
    /// A host that is no AWS service.
    Host,
    /// An identifier that is no UUID.
    Identifier,
    /// An access key.
    Key,
    /// A media type that is none of the usual ones.
    MediaType,
    /// A name in a message of which no more is known.
    Name,
    /// A value that the user selected by and that the log does not name.
    Pattern,
    /// A platform that is none of the usual ones.
    Platform,
    /// The unique id of a user or role.
    Principal,
    /// A word in a user agent that is none of the usual ones.
    Program,
    /// Who vouches for a web identity.
    Provider,
    /// A region that is not spelt as regions are.
    Region,
    /// A repository.
    Repository,
    /// What an ARN of another kind names.
    Resource,
    /// A role.
    Role,
    /// A role session.
    Session,
    /// A tag.
    Tag,
    /// A user of any kind, and the subject of a web identity.
    User,
    /// Anything else that should be a word of AWS's and is not spelt as one.
    Word,
}

impl Class {
    /// What pseudonyms begin with.
    fn name(self) -> &'static str {
        match self {
            Self::Account => "account",
            Self::Address => "address",
            Self::Alias => "alias",
            Self::Endpoint => "endpoint",
            Self::Folder => "folder",
            Self::File => "file",
            Self::Host => "host",
            Self::Identifier => "id",
            Self::Key => "key",
            Self::MediaType => "media-type",
            Self::Name => "name",
            Self::Pattern => "pattern",
            Self::Platform => "platform",
            Self::Principal => "principal",
            Self::Program => "program",
            Self::Provider => "provider",
            Self::Region => "region",
            Self::Repository => "repository",
            Self::Resource => "resource",
            Self::Role => "role",
            Self::Session => "session",
            Self::Tag => "tag",
            Self::User => "user",
            Self::Word => "word",
        }
    }

    /// Whether its names are looked for in free text.
    fn is_sought(self) -> bool {
        match self {
            Self::Account
            | Self::Address
            | Self::Alias
            | Self::Endpoint
            | Self::Host
            | Self::Key
            | Self::Name
            | Self::Principal
            | Self::Provider
            | Self::Repository
            | Self::Resource
            | Self::Role
            | Self::Session
            | Self::Tag
            | Self::User => true,
            Self::Folder
            | Self::File
            | Self::Identifier
            | Self::MediaType
            | Self::Pattern
            | Self::Platform
            | Self::Program
            | Self::Region
            | Self::Word => false,
        }
    }
}

/// The pseudonyms given so far.
#[derive(Debug, Default)]
pub struct Pseudonyms {
    given: HashMap<Class, HashMap<Box<str>, Box<str>>>,
    /// The names that are looked for in free text, with the first pseudonym of each.
    sought: BTreeMap<Box<str>, Box<str>>,
}

impl Pseudonyms {
    /// The pseudonym of a name; an empty name stays empty.
    pub fn of(&mut self, class: Class, name: &str) -> Box<str> {
        if name.is_empty() {
            return name.into();
        }
        let given = self.given.entry(class).or_default();
        if let Some(pseudonym) = given.get(name) {
            return pseudonym.clone();
        }
        let pseudonym: Box<str> = format!("{}-{}", class.name(), given.len() + 1).into();
        given.insert(name.into(), pseudonym.clone());
        if class.is_sought() {
            let first = self.sought.entry(name.into());
            first.or_insert_with(|| pseudonym.clone());
        }
        pseudonym
    }

    /// The pseudonym of what a user typed: that of a name of the log, else one of its own.
    pub fn typed(&mut self, text: &str) -> Box<str> {
        match self.sought.get(text) {
            Some(pseudonym) => pseudonym.clone(),
            None => self.of(Class::Pattern, text),
        }
    }
}

/// Whether a text is the pseudonym of an IP address.
pub(super) fn is_address(text: &str) -> bool {
    let number = text.strip_prefix("address-");
    number.is_some_and(|digits| !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()))
}

#[cfg(test)]
mod tests;
