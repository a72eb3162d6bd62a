//! Fields whose words are AWS's own and stay, if they are spelt as AWS spells them.
//!
//! Comes in: the text of a field. Goes out: the same text, or a pseudonym where it could hold a
//! name. Never: a word let through for being short or looking harmless.

use crate::event::redact::{Class, Pseudonyms};

/// The begins of media types that everybody uses.
const MEDIA_TYPES: [&str; 11] = [
    "application/vnd.oci.",
    "application/vnd.docker.",
    "application/vnd.cncf.",
    "application/vnd.dev.cosign.",
    "application/vnd.dev.sigstore.",
    "application/vnd.in-toto",
    "application/vnd.cyclonedx",
    "application/vnd.buildkit.",
    "application/spdx",
    "application/json",
    "text/spdx",
];

/// The words of platforms (Go's `GOOS` and `GOARCH`, and the variants of the OCI image index).
const PLATFORMS: &str = "\
    386 amd64 android arm arm64 darwin freebsd linux loong64 mips64le ppc64le riscv64 s390x \
    unknown v2 v3 v4 v5 v6 v7 v8 wasi wasm windows";

/// The words of user agents that say nothing of who uses them.
const PROGRAMS: &str = "\
    aarch64 adaptive amazonlinux amd64 amzn2 amzn2023 api app arch arm64 aws aws-cli \
    aws-sdk-go aws-sdk-go-v2 aws-sdk-java aws-sdk-js aws-sdk-rust aws_ecs_fargate aws_lambda \
    awscrt bash beta boto3 botocore buildah buildkit buildx c ce cfg cli client cloudfront \
    cloudshell codebuild command containerd cosign cpu cpython crane darwin deb debian docker \
    docker-client docker-credential-ecr-login ecr ecr-login ecr-public ecr.get-login \
    ecr.get-login-password ecr.put-image exe exec-env fargate generic ggcr git-commit \
    github-actions github.com go go-containerregistry go-http-client goarch google goos helm \
    http java jib json kaniko kernel lang legacy linux macos md microsoft moby mozilla nodejs \
    off on openjdk oras os os-version podman prompt pyimpl python rc regclient retry-mode ruby \
    rust skopeo source standard terraform tls ua ubuntu upstreamclient v2 windows wsl2 x64 x86 \
    x86_64";

impl Pseudonyms {
    /// An account; whatever stands in its place counts as one.
    pub fn account(&mut self, account: &str) -> Box<str> {
        self.of(Class::Account, account)
    }

    /// A region, `eu-central-1`.
    pub fn region(&mut self, region: &str) -> Box<str> {
        match is_region(region) {
            true => region.into(),
            false => self.of(Class::Region, region),
        }
    }

    /// A word of AWS's: the `type` of an identity, an `eventName`, an `errorCode`.
    pub(super) fn word(&mut self, word: &str) -> Box<str> {
        let is_plain = |byte: u8| byte.is_ascii_alphabetic() || byte == b'.' || byte == b'_';
        match word.len() <= 80 && word.bytes().all(is_plain) {
            true => word.into(),
            false => self.of(Class::Word, word),
        }
    }

    /// An address, or the marker of a service in its place.
    pub(super) fn source_ip(&mut self, text: &str) -> Box<str> {
        match text.parse::<std::net::IpAddr>() {
            Ok(_) => self.of(Class::Address, text),
            Err(_) => self.service(text),
        }
    }

    /// The name of an AWS service; another host is a name.
    pub(super) fn service(&mut self, text: &str) -> Box<str> {
        match is_service(text) {
            true => text.into(),
            false => self.of(Class::Host, text),
        }
    }

    /// A VPC endpoint.
    pub(super) fn endpoint(&mut self, id: &str) -> Box<str> {
        self.of(Class::Endpoint, id)
    }

    /// The type of a resource, `AWS::EC2::Instance`.
    pub(super) fn resource_type(&mut self, text: &str) -> Box<str> {
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b':';
        match text.starts_with("AWS::") && text.len() <= 80 && text.bytes().all(is_plain) {
            true => text.into(),
            false => self.of(Class::Word, text),
        }
    }

    /// A version of TLS, `TLSv1.3`.
    pub(super) fn tls_version(&mut self, text: &str) -> Box<str> {
        let version = text.strip_prefix("TLSv").unwrap_or("?");
        let is_plain = |byte: u8| byte.is_ascii_digit() || byte == b'.';
        match version.len() <= 5 && version.bytes().all(is_plain) {
            true => text.into(),
            false => self.of(Class::Word, text),
        }
    }

    /// A media type or artifact type.
    pub(super) fn media_type(&mut self, text: &str) -> Box<str> {
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/.+-_".contains(&byte);
        let is_usual = MEDIA_TYPES.iter().any(|usual| text.starts_with(usual));
        match is_usual && text.len() <= 100 && text.bytes().all(is_plain) {
            true => text.into(),
            false => self.of(Class::MediaType, text),
        }
    }

    /// A platform, `linux/arm64/v8`.
    pub(super) fn platform(&mut self, text: &str) -> Box<str> {
        match text.split('/').all(|word| is_among(PLATFORMS, word)) {
            true => text.into(),
            false => self.of(Class::Platform, text),
        }
    }

    /// An identifier that AWS makes and that is no UUID.
    pub fn identifier(&mut self, text: &str) -> Box<str> {
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        let stays = text.len() <= 64
            && text.bytes().all(is_plain)
            && !text.starts_with("id-")
            && self.prose(text) == text;
        match stays {
            true => text.into(),
            false => self.of(Class::Identifier, text),
        }
    }

    /// A user agent: the usual programs and their versions stay, any other word does not.
    pub(super) fn user_agent(&mut self, text: &str) -> Box<str> {
        if is_service(text) {
            return text.into();
        }
        let text = super::prose::cut(text);
        let mut out = String::with_capacity(text.len());
        let is_mark = |c: char| c.is_ascii_punctuation() && !matches!(c, '.' | '-' | '_' | '@');
        for piece in text.split_inclusive(|c: char| is_mark(c) || c.is_whitespace()) {
            let word = piece.trim_end_matches(|c: char| is_mark(c) || c.is_whitespace());
            match self.sought.get(word) {
                Some(pseudonym) => out.push_str(pseudonym),
                None if word.is_empty() || is_usual_program(word) => out.push_str(word),
                None => out.push_str(&self.of(Class::Program, word)),
            }
            out.push_str(&piece[word.len()..]);
        }
        out.into()
    }
}

/// Whether a text is spelt as regions are, or empty.
#[must_use]
pub fn is_region(text: &str) -> bool {
    let mut words = text.split('-');
    let letters = |word: &str| word.bytes().all(|byte| byte.is_ascii_lowercase());
    let first = words.next().unwrap_or_default();
    let last = words.next_back().unwrap_or_default();
    text.is_empty()
        || (2..=3).contains(&first.len())
            && letters(first)
            && last.len() == 1
            && last.bytes().all(|byte| byte.is_ascii_digit())
            && (1..=2).contains(&words.clone().count())
            && words.all(|word| (3..=12).contains(&word.len()) && letters(word))
}

/// Whether a text is what AWS services write in place of an address or user agent.
///
/// Inferred from records: `ecr.amazonaws.com`, `prod.frontend.ecr.aws.internal`, `AWS Internal`,
/// `AWS Internal/3`, `console.amazonaws.com`. Names of endpoints have digits.
pub(super) fn is_service(text: &str) -> bool {
    if let Some(rest) = text.strip_prefix("AWS Internal") {
        return rest
            .bytes()
            .all(|byte| byte == b'/' || byte.is_ascii_digit())
            && rest.len() < 5;
    }
    let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte == b'.' || byte == b'-';
    let ends = [".amazonaws.com", ".amazonaws.com.cn", ".aws.internal"];
    let name = ends.iter().find_map(|end| text.strip_suffix(end));
    name.is_some_and(|name| name.len() <= 40 && name.bytes().all(is_plain))
}

/// Whether a word of a user agent is a usual one, or a version made of such and of numbers.
fn is_usual_program(word: &str) -> bool {
    let lower = word.to_ascii_lowercase();
    if is_among(PROGRAMS, &lower) {
        return true;
    }
    if word.parse::<std::net::IpAddr>().is_ok() {
        return false;
    }
    let is_number = |part: &str| part.len() <= 8 && part.bytes().all(|b| b.is_ascii_digit());
    let is_hex = |part: &str| (7..=40).contains(&part.len()) && part.bytes().all(is_hex_digit);
    let mut parts = lower.split(['.', '-', '_']);
    parts.all(|part| {
        let bare = part.strip_prefix("go").or_else(|| part.strip_prefix('v'));
        is_number(part)
            || bare.is_some_and(is_number)
            || is_hex(part) && part.bytes().any(|byte| byte.is_ascii_digit())
            || is_among(PROGRAMS, part)
    })
}

/// Whether a list of words, spaces between them, holds this one.
pub(super) fn is_among(words: &str, word: &str) -> bool {
    words.split(' ').any(|known| known == word)
}

fn is_hex_digit(byte: u8) -> bool {
    byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte)
}
