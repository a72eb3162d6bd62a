//! An image as people write it: registry, repository, and a tag, a digest or neither.
//!
//! Comes in: a reference as `docker push` takes it. Goes out: its parts, or what a correct one would
//! look like. Never: a default tag, or a look at a log.

use crate::event::{Class, Digest, Pseudonyms, Service};

/// The reference of an image in ECR or ECR Public.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImageRef {
    /// The reference as it was written.
    #[doc(hidden)]
    pub text: Box<str>,
    /// The service.
    #[doc(hidden)]
    pub service: Service,
    /// The account that owns the registry; for ECR Public the registry's alias.
    #[doc(hidden)]
    pub registry: Box<str>,
    /// The region; empty for ECR Public.
    #[doc(hidden)]
    pub region: Box<str>,
    /// The repository's name.
    #[doc(hidden)]
    pub name: Box<str>,
    /// The tag or digest.
    #[doc(hidden)]
    pub target: Target,
}

/// What a reference names in its repository.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// A tag, whatever image it points to.
    Tag(Box<str>),
    /// An image, whatever tags it has.
    Digest(Digest),
    /// All of the repository.
    Repository,
}

/// A text that is not a reference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadReference {
    /// What is wrong with it.
    pub why: String,
    /// What may have been meant.
    pub suggestion: Option<String>,
}

/// The two forms, for messages.
pub const FORMS: &str = "`ACCOUNT.dkr.ecr.REGION.amazonaws.com/NAME:TAG` or \
                         `public.ecr.aws/ALIAS/NAME:TAG`, with `@sha256:…` in place of `:TAG`, or neither";

/// Names of the registry of ECR Public (ECR Public user guide, "Public registries"; the second is
/// its dual-stack endpoint).
const PUBLIC: [&str; 2] = ["public.ecr.aws", "ecr-public.aws.com"];

impl ImageRef {
    /// Reads a reference. If it has a tag before a digest, the tag is dropped, as clients that pull
    /// do.
    ///
    /// # Errors
    /// What is wrong, and what may have been meant.
    pub fn parse(text: &str) -> Result<Self, BadReference> {
        Self::read(text).map_err(|mut bad| {
            // Other options are suggested only where they are right; a reference has to be one.
            let is_sound = |text: &String| text.starts_with("--") || Self::read(text).is_ok();
            bad.suggestion = bad.suggestion.filter(is_sound);
            bad
        })
    }

    fn read(text: &str) -> Result<Self, BadReference> {
        let trimmed = text.trim();
        if let Some((_, rest)) = trimmed.split_once("://") {
            return Err(BadReference::meant("it begins with a scheme", rest));
        }
        if trimmed.contains('*') {
            return Err(BadReference::new(
                "it has a `*`; patterns go into --repository, --tag and --digest",
            ));
        }
        let (place, target) = split_target(trimmed)?;
        let (host, path) = place
            .split_once('/')
            .filter(|(host, _)| host.contains('.'))
            .ok_or_else(|| without_registry(trimmed))?;
        let (service, registry, region, name) = registry(host, path)?;
        if !is_name(name) {
            return Err(BadReference::new(&format!(
                "`{name}` is no name of a repository: lower-case letters, digits and `._-/`"
            )));
        }
        Ok(Self {
            text: trimmed.into(),
            service,
            registry: registry.into(),
            region: region.into(),
            name: name.into(),
            target,
        })
    }
}

impl ImageRef {
    /// The same reference under pseudonyms.
    #[doc(hidden)]
    #[must_use]
    pub fn redacted(&self, names: &mut Pseudonyms) -> Self {
        let region = names.region(&self.region);
        let name = names.of(Class::Repository, &self.name);
        let (registry, host) = match self.service {
            Service::Ecr => {
                let account = names.account(&self.registry);
                let host = format!("{account}.dkr.ecr.{region}.amazonaws.com");
                (account, host)
            }
            Service::EcrPublic => {
                let alias = names.of(Class::Alias, &self.registry);
                let host = format!("{}/{alias}", PUBLIC[0]);
                (alias, host)
            }
        };
        let target = match &self.target {
            Target::Tag(tag) => Target::Tag(names.tag(tag)),
            Target::Digest(digest) => Target::Digest(names.digest(digest)),
            Target::Repository => Target::Repository,
        };
        let end = match &target {
            Target::Tag(tag) => format!(":{tag}"),
            Target::Digest(digest) => format!("@{digest}"),
            Target::Repository => String::new(),
        };
        Self {
            text: format!("{host}/{name}{end}").into(),
            service: self.service,
            registry,
            region,
            name,
            target,
        }
    }
}

/// Whether a text is a whole digest.
#[must_use]
pub fn is_digest(text: &str) -> bool {
    Digest::parse(text).is_some()
}

impl BadReference {
    fn new(why: &str) -> Self {
        Self {
            why: why.to_owned(),
            suggestion: None,
        }
    }

    fn meant(why: &str, suggestion: &str) -> Self {
        Self {
            why: why.to_owned(),
            suggestion: Some(suggestion.to_owned()),
        }
    }
}

/// The part before the tag or digest, and the tag or digest itself.
fn split_target(text: &str) -> Result<(&str, Target), BadReference> {
    if let Some((place, digest)) = text.split_once('@') {
        let parsed = Digest::parse(digest).ok_or_else(|| {
            let hex = digest.strip_prefix("sha256:").unwrap_or_default();
            let is_part = place.is_empty() && (1..64).contains(&hex.len()) && is_hex(hex);
            BadReference {
                why: format!(
                    "`{digest}` is no digest: expected `sha256:` and 64 lower-case hexadecimal digits"
                ),
                suggestion: is_part.then(|| format!("--digest sha256:{hex}*")),
            }
        })?;
        let place = split_tag(place).map_or(place, |(place, _)| place);
        return Ok((place, Target::Digest(parsed)));
    }
    let Some((place, tag)) = split_tag(text) else {
        if !text
            .split('/')
            .next()
            .is_some_and(|host| host.contains('.'))
        {
            return Err(without_registry(text));
        }
        let place = text.trim_end_matches(['/', ':']);
        return match place == text {
            true => Ok((text, Target::Repository)),
            false => Err(BadReference::meant("it ends before a name or tag", place)),
        };
    };
    if !is_tag(tag) {
        return Err(BadReference::new(&format!(
            "`{tag}` is no tag: up to 128 letters, digits and `_.-`, the first no `.` or `-`"
        )));
    }
    Ok((place, Target::Tag(tag.into())))
}

/// Splits at the colon in the last part of the path; an earlier colon belongs to a port.
fn split_tag(text: &str) -> Option<(&str, &str)> {
    let (place, tag) = text.rsplit_once(':')?;
    (!tag.contains('/') && !tag.is_empty()).then_some((place, tag))
}

/// A reference without a registry, or a part of one: what other options select by its parts.
fn without_registry(text: &str) -> BadReference {
    let (place, option) = match (text.split_once('@'), split_tag(text)) {
        _ if is_digest(text) => ("", Some(format!("--digest {text}"))),
        (Some((place, digest)), _) => {
            let place = split_tag(place).map_or(place, |(place, _)| place);
            (place, Some(format!("--digest {digest}")))
        }
        (None, Some((place, tag))) => (place, Some(format!("--tag {tag}"))),
        (None, None) => (text, None),
    };
    let repository = is_name(place).then(|| format!("--repository {place}"));
    let is_sound = place.is_empty() || repository.is_some();
    let options: Vec<String> = repository.into_iter().chain(option).collect();
    BadReference {
        why: "it names no registry".to_owned(),
        suggestion: (is_sound && !options.is_empty()).then(|| options.join(" ")),
    }
}

fn is_hex(text: &str) -> bool {
    let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    text.bytes().all(is_digit)
}

/// Service, registry, region and repository by the host name and the path after it.
fn registry<'a>(
    host: &'a str,
    path: &'a str,
) -> Result<(Service, &'a str, &'a str, &'a str), BadReference> {
    if PUBLIC.contains(&host) {
        return match path.split_once('/') {
            Some((alias, name)) if !alias.is_empty() => Ok((Service::EcrPublic, alias, "", name)),
            Some(_) | None => Err(BadReference::new(
                "a public image is named by alias and name, `public.ecr.aws/ALIAS/NAME`",
            )),
        };
    }
    let (account, region) = private(host).ok_or_else(|| {
        BadReference::new(&format!(
            "`{host}` is no registry of ECR: expected `ACCOUNT.dkr.ecr.REGION.amazonaws.com` or \
             `public.ecr.aws`"
        ))
    })?;
    if account.len() != 12 || !account.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(BadReference::new(&format!(
            "`{account}` is no account: expected 12 digits"
        )));
    }
    Ok((Service::Ecr, account, region, path))
}

/// Account and region of a private registry's host name (ECR user guide, "Amazon ECR private
/// registry" and "Making requests to Amazon ECR over IPv6"; FIPS and China by the endpoint list).
fn private(host: &str) -> Option<(&str, &str)> {
    if let Some((account, rest)) = host.split_once(".dkr-ecr.") {
        return Some((account, rest.strip_suffix(".on.aws")?));
    }
    let (account, rest) = host
        .split_once(".dkr.ecr.")
        .or_else(|| host.split_once(".dkr.ecr-fips."))?;
    let region = rest
        .strip_suffix(".amazonaws.com")
        .or_else(|| rest.strip_suffix(".amazonaws.com.cn"))?;
    Some((account, region)).filter(|(_, region)| !region.is_empty())
}

fn is_name(name: &str) -> bool {
    let is_part = |part: &str| {
        !part.is_empty()
            && part.bytes().all(|byte| {
                byte.is_ascii_lowercase()
                    || byte.is_ascii_digit()
                    || matches!(byte, b'.' | b'_' | b'-')
            })
    };
    name.split('/').all(is_part)
}

/// Whether a text follows the grammar of tags (OCI distribution specification, "Pulling manifests").
fn is_tag(tag: &str) -> bool {
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    let mut bytes = tag.bytes();
    tag.len() <= 128
        && bytes.next().is_some_and(is_word)
        && bytes.all(|byte| is_word(byte) || matches!(byte, b'.' | b'-'))
}

#[cfg(test)]
mod tests {
    use super::*;

    const DIGEST: &str = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    #[test]
    fn private_and_public_forms_are_read() {
        let read = |text: &str| {
            let image = ImageRef::parse(text).expect("a reference");
            let parts = [image.registry, image.region, image.name].map(String::from);
            (image.service, parts.join(" "), image.target)
        };
        let tag = |tag: &str| Target::Tag(tag.into());
        let digest = Target::Digest(Digest::parse(DIGEST).expect("a digest"));
        let host = "123456789012.dkr.ecr.eu-west-1.amazonaws.com";
        let place = "123456789012 eu-west-1 shop/web".to_owned();
        let private = |target| (Service::Ecr, place.clone(), target);
        assert_eq!(read(&format!("{host}/shop/web:v1")), private(tag("v1")));
        assert_eq!(
            read(&format!("{host}.cn/shop/web@{DIGEST}")),
            private(digest.clone())
        );
        assert_eq!(
            read(&format!("{host}/shop/web:v1@{DIGEST}")),
            private(digest)
        );
        let dual = "123456789012.dkr-ecr.eu-west-1.on.aws/shop/web:v1";
        assert_eq!(read(dual), private(tag("v1")));
        assert_eq!(
            read(&format!("{host}/shop/web")),
            private(Target::Repository)
        );
        let public = "public.ecr.aws/k4y9r6y5/shop/web";
        let place = "k4y9r6y5  shop/web".to_owned();
        let public_one = |target| (Service::EcrPublic, place.clone(), target);
        assert_eq!(read(&format!("{public}:v1")), public_one(tag("v1")));
        assert_eq!(read(public), public_one(Target::Repository));
    }

    #[test]
    fn what_is_close_is_suggested() {
        let host = "123456789012.dkr.ecr.eu-west-1.amazonaws.com";
        let meant = |text: &str| ImageRef::parse(text).err().and_then(|bad| bad.suggestion);
        assert_eq!(
            meant("shop/web:v1").as_deref(),
            Some("--repository shop/web --tag v1")
        );
        assert_eq!(meant("shop/web").as_deref(), Some("--repository shop/web"));
        let named = format!("{host}/shop/web");
        assert_eq!(meant(&format!("{named}:")), Some(named.clone()));
        assert_eq!(
            meant(&format!("https://{named}:v1")),
            Some(format!("{named}:v1"))
        );
        for bad in [
            "",
            ":",
            "@",
            "docker.io/library/alpine:3",
            "public.ecr.aws/web:v1",
            "1234.dkr.ecr.eu-west-1.amazonaws.com/web:v1",
            "123456789012.dkr.ecr..amazonaws.com/web:v1",
            &format!("{host}/Web:v1"),
            &format!("{host}/web:-v1"),
            &format!("{host}/web@sha256:abc"),
            &format!("{host}/web:*"),
        ] {
            assert!(ImageRef::parse(bad).is_err(), "{bad}");
        }
    }
}
