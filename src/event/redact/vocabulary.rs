//! Fields whose words come from AWS and stay, if AWS has such words.
//!
//! Comes in: the text of a field. Goes out: this text, or a pseudonym if it could contain a name. Never: a
//! word let through because it is short or looks harmless.

use crate::event::redact::list::WordList;
use crate::event::redact::prose::{cut, is_identifier, is_registered};
use crate::event::redact::{Class, Pseudonyms, unescaped};
use crate::event::{Digest, nature};

/// The first parts of region names, and the directions that follow (AWS general reference, "Regions,
/// Availability Zones, and Local Zones", and the partitions of the SDKs' `partitions.json`).
const AREAS: &str = "\
    af ap ca cn eu eusc-de eu-isoe il me mx sa us us-gov us-iso us-isob us-isof";
const DIRECTIONS: &str = "\
    central east north northeast northwest south southeast southwest west";

/// The start of the names of service-linked roles (IAM user guide, "Using service-linked roles"); the rest may
/// be anybody's words.
const OF_SERVICE: &str = "AWSServiceRoleFor";

impl Pseudonyms {
    /// An account; any other text in its place counts as one.
    pub fn account(&mut self, account: &str) -> Box<str> {
        self.of(Class::Account, account)
    }

    /// A region, `eu-central-1`.
    pub fn region(&mut self, region: &str) -> Box<str> {
        match region.is_empty() || is_region(region) {
            true => region.into(),
            false => self.of(Class::Region, region),
        }
    }

    /// A tag; one that a tool derived from a digest says no more than the digest does.
    pub fn tag(&mut self, tag: &str) -> Box<str> {
        match nature::of_tag(tag).is_some() || matches!(tag, "*" | "sha256-*") {
            true => tag.into(),
            false => self.of(Class::Tag, tag),
        }
    }

    /// A digest.
    #[must_use]
    pub fn digest(&mut self, digest: &Digest) -> Digest {
        match digest {
            Digest::Other(text) if !is_registered(text) => {
                Digest::Other(self.of(Class::Digest, text))
            }
            Digest::Sha256(_) | Digest::Other(_) => digest.clone(),
        }
    }

    /// A pattern for digests: a digest or a part of one.
    pub fn digest_pattern(&mut self, text: &str) -> Box<str> {
        let digits = text.strip_prefix("sha256:").unwrap_or(text);
        let is_plain = |byte: u8| byte == b'*' || is_hex_digit(byte);
        match digits.len() <= 64 && digits.bytes().all(is_plain) {
            true => text.into(),
            false => self.typed(text),
        }
    }

    /// A role; of a service-linked one, this prefix stays.
    pub(super) fn role(&mut self, role: &str) -> Box<str> {
        match role.strip_prefix(OF_SERVICE) {
            Some(service) => format!("{OF_SERVICE}-{}", self.of(Class::Role, service)).into(),
            None => self.of(Class::Role, role),
        }
    }

    /// A word that only AWS chooses: the `type` of an identity, an `eventName`, an `errorCode`, the type of a
    /// resource, a version of TLS.
    pub(super) fn word(&mut self, word: &str) -> Box<str> {
        let has = |list| self.lists.has(list, word);
        match has(WordList::Term) || has(WordList::Action) || self.is_code(word) {
            true => word.into(),
            false => self.of(Class::Word, word),
        }
    }

    /// Whether a word is an error code, in the spelling of any of the services.
    pub(super) fn is_code(&self, word: &str) -> bool {
        let sides = ["Client.", "Server."];
        let code = sides.iter().find_map(|side| word.strip_prefix(side));
        let code = code.unwrap_or(word);
        let code = code.strip_suffix("Exception").unwrap_or(code);
        self.lists.has(WordList::Code, code)
    }

    /// An address, or the marker of a service in place of one.
    pub(super) fn source_ip(&mut self, text: &str) -> Box<str> {
        match text.parse::<std::net::IpAddr>() {
            Ok(address) => self.of(Class::Address, &address.to_string()),
            Err(_) => self.service(text),
        }
    }

    /// The name of an AWS service; any other host is a name.
    pub(super) fn service(&mut self, text: &str) -> Box<str> {
        match self.is_service(text) {
            true => text.into(),
            false => self.of(Class::Host, text),
        }
    }

    /// Whether a text is one that AWS services write in place of an address or user agent.
    ///
    /// Inferred from records: `ecr.amazonaws.com`, `prod.frontend.ecr.aws.internal`, `AWS Internal`,
    /// `AWS Internal/3`, `console.amazonaws.com`.
    pub(super) fn is_service(&self, text: &str) -> bool {
        match text.strip_prefix("AWS Internal") {
            Some(rest) => {
                let mut bytes = rest.bytes();
                rest.len() < 5 && bytes.all(|byte| byte == b'/' || byte.is_ascii_digit())
            }
            None => self.is_host(text),
        }
    }

    /// Whether a text is a host name that gives only a service and a region.
    pub(super) fn is_host(&self, text: &str) -> bool {
        const ENDS: [&str; 4] = [
            ".amazonaws.com",
            ".amazonaws.com.cn",
            ".amazonaws.eu",
            ".aws.internal",
        ];
        let name = ENDS.iter().find_map(|end| text.strip_suffix(end));
        let is_listed = |label| self.lists.has(WordList::Service, label) || is_region(label);
        text == "public.ecr.aws" || name.is_some_and(|name| name.split('.').all(is_listed))
    }

    /// Whom a policy allows something: everybody, an account, a service, or an ARN.
    pub(super) fn grantee(&mut self, text: &str) -> Box<str> {
        let is_account = text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit());
        match text {
            "*" => text.into(),
            _ if is_account => self.account(text),
            _ if text.starts_with("arn:") => self.arn(text),
            _ if self.is_service(text) => text.into(),
            _ => self.mention(Class::Name, text),
        }
    }

    /// The start of repositories' names, or a pattern for them; a word of ECR's that stands for all stays.
    pub(super) fn prefix(&mut self, text: &str) -> Box<str> {
        match text {
            "*" | "ROOT" => text.into(),
            _ => self.of(Class::Repository, text),
        }
    }

    /// A VPC endpoint.
    pub(super) fn endpoint(&mut self, id: &str) -> Box<str> {
        self.of(Class::Endpoint, id)
    }

    /// A media type or artifact type.
    pub(super) fn media_type(&mut self, text: &str) -> Box<str> {
        let mut words = text.split(['/', '.', '+', '-']);
        match words.all(|word| self.lists.has(WordList::MediaType, word)) {
            true => text.into(),
            false => self.of(Class::MediaType, text),
        }
    }

    /// A platform, `linux/arm64/v8`.
    pub(super) fn platform(&mut self, text: &str) -> Box<str> {
        let mut words = text.split('/');
        match words.all(|word| self.lists.has(WordList::Platform, word)) {
            true => text.into(),
            false => self.of(Class::Platform, text),
        }
    }

    /// An identifier made by AWS: a UUID stays, anything else may be any word.
    pub fn identifier(&mut self, text: &str) -> Box<str> {
        match is_identifier(text) {
            true => text.into(),
            false => self.of(Class::Identifier, text),
        }
    }

    /// A user agent: common programs and their versions stay, any other word does not.
    pub(super) fn user_agent(&mut self, text: &str) -> Box<str> {
        if self.is_service(text) {
            return text.into();
        }
        let text = unescaped(cut(text));
        let mut out = String::with_capacity(text.len());
        let mut before = "";
        let parts = |c: char| {
            c.is_whitespace() || c.is_ascii_punctuation() && !matches!(c, '.' | '-' | '_' | '@')
        };
        for piece in text.split_inclusive(parts) {
            let word = piece.trim_end_matches(parts);
            match before == "git-commit/" && is_commit(word) || self.is_usual_program(word) {
                true => out.push_str(word),
                false => match self.told(("", ""), word) {
                    Some(told) => out.push_str(&told),
                    None => out.push_str(&self.of(Class::Program, word)),
                },
            }
            out.push_str(&piece[word.len()..]);
            before = piece;
        }
        out.into()
    }

    /// Whether a word of a user agent is common, or a version made of such words and numbers.
    fn is_usual_program(&self, word: &str) -> bool {
        let lower = word.to_ascii_lowercase();
        let has = |word: &str| word.is_empty() || self.lists.has(WordList::Program, word);
        let n_digits = lower.bytes().filter(u8::is_ascii_digit).count();
        // Four numbers may be an address, and twelve digits an account.
        if has(&lower) {
            return true;
        }
        let is_number = |part: &str| {
            (1..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit())
        };
        let is_version = |part: &str| {
            let begins = ["go", "v", "r", "rc"];
            let mut bare = begins.iter().filter_map(|begin| part.strip_prefix(begin));
            is_number(part) || bare.any(is_number) || has(part)
        };
        let groups = lower.split(['.', '-', '_']);
        let is_address = groups.clone().count() == 4 && groups.clone().all(is_octet);
        n_digits < 12 && !is_address && groups.clone().all(is_version)
    }
}

/// Whether a text is the name of a region.
///
/// It is recognised by AWS's own words, so that new regions are too; no other word passes.
#[must_use]
pub fn is_region(text: &str) -> bool {
    let Some((place, number)) = text.rsplit_once('-') else {
        return false;
    };
    let Some((area, direction)) = place.rsplit_once('-') else {
        return false;
    };
    let is_among = |words: &str, word| words.split(' ').any(|known| known == word);
    number.len() == 1
        && number.bytes().all(|byte| byte.is_ascii_digit())
        && is_among(AREAS, area)
        && is_among(DIRECTIONS, direction)
}

fn is_octet(text: &str) -> bool {
    text.len() <= 3 && text.parse::<u8>().is_ok()
}

/// Whether a text is a commit's name or the start of one.
fn is_commit(text: &str) -> bool {
    (7..=40).contains(&text.len()) && text.bytes().all(is_hex_digit)
}

fn is_hex_digit(byte: u8) -> bool {
    byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte)
}
