//! Names that identify somebody, and the numbered pseudonyms that replace them.
//!
//! Comes in: a name and its class, or a text that may contain names. Goes out: for a name,
//! `repository-3`, always the same for one name and numbered by first appearance; for a text, the
//! words known to name nobody, and pseudonyms for the rest. Never: a way back; a pseudonym depends on
//! the order of the names, and on nothing in the name.

mod arn;
mod list;
mod log;
mod prose;
mod vocabulary;

use std::borrow::Cow;
use std::collections::HashMap;

use list::Lists;

pub use vocabulary::is_region;

/// The class of a name; its pseudonym starts with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// An AWS account.
    Account,
    /// An IP address.
    Address,
    /// The alias of a public registry.
    Alias,
    /// A bucket that was read.
    Bucket,
    /// A digest of an algorithm that is not registered, which may be any text.
    Digest,
    /// A VPC endpoint.
    Endpoint,
    /// A folder of the input.
    Folder,
    /// A file of the input, or the invented part of its name.
    File,
    /// A host that is no AWS service.
    Host,
    /// An identifier that is no UUID.
    Identifier,
    /// An access key.
    Key,
    /// An uncommon media type.
    MediaType,
    /// A name in a message about which nothing more is known.
    Name,
    /// A value that the user selected by and that is not in the log.
    Pattern,
    /// An uncommon platform.
    Platform,
    /// The unique id of a user or role.
    Principal,
    /// An uncommon word in a user agent.
    Program,
    /// Who vouches for a web identity.
    Provider,
    /// A region that is not spelt like one.
    Region,
    /// A repository.
    Repository,
    /// A resource named by an ARN of another kind.
    Resource,
    /// A role.
    Role,
    /// A role session.
    Session,
    /// A tag.
    Tag,
    /// A user of any kind, and the subject of a web identity.
    User,
    /// Anything else that should be a word of AWS's but is not spelt like one.
    Word,
}

impl Class {
    /// The start of the class's pseudonyms.
    fn name(self) -> &'static str {
        match self {
            Self::Account => "account",
            Self::Address => "address",
            Self::Alias => "alias",
            Self::Bucket => "bucket",
            Self::Digest => "digest",
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
}

/// A function that makes a pseudonym of a text, chosen by the kind of text.
type Tell = fn(&mut Pseudonyms, &str) -> Box<str>;

/// The pseudonyms given so far.
#[derive(Debug, Default)]
pub struct Pseudonyms {
    given: HashMap<Class, HashMap<Box<str>, Box<str>>>,
    /// The first pseudonym of each name, whatever its class.
    exact: HashMap<Box<str>, Box<str>>,
    /// The first pseudonym of each name, by the name as [`folded`] spells it.
    folded: HashMap<Box<str>, Box<str>>,
    lists: Lists,
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
        let first = self.exact.entry(name.into());
        first.or_insert_with(|| pseudonym.clone());
        let first = self.folded.entry(folded(name).into());
        first.or_insert_with(|| pseudonym.clone());
        pseudonym
    }

    /// The pseudonym of a name seen before, in this or another spelling.
    fn known(&self, name: &str) -> Option<Box<str>> {
        let exact = self.exact.get(name);
        exact.or_else(|| self.folded.get(&*folded(name))).cloned()
    }

    /// The pseudonym of a text that may mention a name seen before: that name's pseudonym, or else its
    /// own.
    pub fn mention(&mut self, class: Class, text: &str) -> Box<str> {
        match self.exact.get(text) {
            Some(pseudonym) => pseudonym.clone(),
            None => self.of(class, text),
        }
    }

    /// The pseudonym of a text that a user typed.
    pub fn typed(&mut self, text: &str) -> Box<str> {
        self.mention(Class::Pattern, text)
    }
}

/// A name without differences of spelling: capitals, and the escapes of addresses.
fn folded(name: &str) -> String {
    unescaped(name).to_lowercase()
}

/// A text with the escapes of URLs resolved (RFC 3986, "Percent-Encoding"), including those escaped
/// once more; what would not be UTF-8 stays.
fn unescaped(text: &str) -> Cow<'_, str> {
    let mut text = Cow::Borrowed(text);
    for _ in 0..MOST_ESCAPES {
        let Some(plain) = unescaped_once(&text) else {
            break;
        };
        text = Cow::Owned(plain);
    }
    text
}

/// How many times a text may be escaped and still be recognised.
const MOST_ESCAPES: usize = 3;

/// `None` if there are no escapes.
fn unescaped_once(text: &str) -> Option<String> {
    if !text.contains('%') {
        return None;
    }
    let digit = |byte: &u8| char::from(*byte).to_digit(16);
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        out.push(byte);
        if let (b'%', [high, low, after @ ..]) = (byte, after)
            && let (Some(high), Some(low)) = (digit(high), digit(low))
            && let Some(last) = out.last_mut()
        {
            *last = u8::try_from(high << 4 | low).unwrap_or_default();
            rest = after;
        }
    }
    String::from_utf8(out)
        .ok()
        .filter(|plain| plain.len() < text.len())
}

/// Whether a text is the pseudonym of an IP address.
pub(super) fn is_address(text: &str) -> bool {
    let number = text.strip_prefix("address-");
    number.is_some_and(|digits| !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()))
}

#[cfg(test)]
mod tests;
