//! RECORD -> EVENT: the calls outside pushes.
//!
//! Comes in: a record of one of these calls. Goes out: the call with its images and parameters, in their order.
//! Never: a defect of a parameter, since no push rests on one.

use chrono::{DateTime, Utc};
use serde_json::Value;

use crate::event::deed::{Deed, Param, ParamKind};
use crate::event::log::{ContextEvent, Spared};
use crate::event::parse::Reader;
use crate::event::tables::FailureProbe;
use crate::event::wire::{self, BesideParameters, Flag, ImageFailure, ImageId, Maybe, MaybeText};
use crate::event::{Digest, DigestId, TextId, Uid};

/// The images that a call names.
struct Images {
    tags: Box<[TextId]>,
    digests: Box<[DigestId]>,
    archived: Box<[DigestId]>,
}

impl Reader<'_> {
    /// Reads the fields of a call outside pushes.
    pub(super) fn context_event(
        &mut self,
        deed: Deed,
        time: DateTime<Utc>,
        event_id: Uid,
    ) -> ContextEvent {
        let caller = self.caller();
        // Read again: these calls are few, and no other should pay for their members.
        let mut beside = wire::Beside::default();
        if wire::read(self.text, self.callers, &mut beside).is_err() {
            beside = wire::Beside::default();
        }
        let asked = beside.request.object();
        let answer = beside.response.object();
        let spared = answer.map_or(&[][..], |answer| answer.failures.values());
        let spared: Vec<_> = spared.iter().filter_map(Maybe::object).collect();
        let images = self.images(asked.and_then(|asked| asked.image_id.object()), &spared);
        let shared = self.wire.shared_event_id.text();
        ContextEvent {
            time,
            event_id,
            shared_event_id: shared.map(|text| self.tables.text(text)),
            deed,
            service: self.service,
            repository: self.repository(caller),
            identity: caller.identity,
            client: self.client(caller),
            failure: self.failure(),
            recipient: self.recipient(),
            region: self.region(),
            tags: images.tags,
            digests: images.digests,
            archived: images.archived,
            spared: spared.into_iter().map(|one| self.spared(one)).collect(),
            params: self.params(asked),
        }
    }

    /// The images that a call was for, without those that its response lists as failed. A lifecycle policy names
    /// them in `serviceEventDetails`.
    fn images(&mut self, image_id: Option<&ImageId<'_>>, spared: &[&ImageFailure<'_>]) -> Images {
        let request = self.wire.request.object();
        let ids = request.map_or(&[][..], |request| request.image_ids.values());
        let ids = ids.iter().filter_map(Maybe::object).chain(image_id);
        let ids = ids.filter(|id| !spared.iter().any(|one| is_of(one, id)));
        let ids: Vec<_> = ids.collect();
        let details = self.wire.service_details.object();
        let acted = details.map_or(&[][..], |details| details.image_actions.values());
        let acted = acted.iter().filter_map(Maybe::object);
        let rules = details.and_then(|details| details.policy.object());
        let rules = rules.map_or(&[][..], |policy| policy.rules.values());
        // Inferred: a rule whose action is not `expire` moves images into the archive, as the policy's `transition`
        // does (ECR user guide, "Lifecycle policy properties"). An unknown rule expires.
        let archives = |priority: Option<u64>| {
            let mut rules = rules.iter().filter_map(Maybe::object);
            let rule = rules.find(|rule| rule.priority.get().map(|whole| whole.0) == priority);
            let action = rule.and_then(|rule| rule.action.text());
            action.is_some_and(|action| !action.eq_ignore_ascii_case("expire"))
        };
        let (moved, expired): (Vec<_>, Vec<_>) =
            acted.partition(|one| archives(one.priority.get().map(|whole| whole.0)));
        let expired: Vec<_> = expired
            .iter()
            .filter_map(|one| one.image.object())
            .collect();
        // A copied image may be named without an `imageId`.
        let plain = request.map(|request| (&request.image_tag, &request.image_digest));
        let of_service = details.map(|details| (&details.image_tag, &details.image_digest));
        let plain: Vec<_> = plain.into_iter().chain(of_service).collect();
        let tags = ids.iter().map(|id| &id.image_tag);
        let tags = tags.chain(plain.iter().map(|(tag, _)| *tag));
        let tags = tags.chain(expired.iter().flat_map(|image| image.tags.values()));
        let tags = tags.filter_map(MaybeText::text);
        let tags = tags.map(|tag| self.tables.text(tag)).collect();
        let digests = ids.iter().map(|id| &id.image_digest);
        let digests = digests.chain(plain.iter().map(|(_, digest)| *digest));
        let digests = digests.chain(expired.iter().map(|image| &image.digest));
        let moved = moved.iter().filter_map(|one| one.image.object());
        Images {
            tags,
            digests: self.digests_of(digests),
            archived: self.digests_of(moved.map(|image| &image.digest)),
        }
    }

    fn digests_of<'t>(
        &mut self,
        texts: impl Iterator<Item = &'t MaybeText<'t>>,
    ) -> Box<[DigestId]> {
        let digests = texts.filter_map(|digest| Digest::parse(digest.text()?));
        digests
            .map(|digest| self.tables.digests.insert(digest))
            .collect()
    }

    fn spared(&mut self, failure: &ImageFailure<'_>) -> Spared {
        let id = failure.image_id.object();
        let digest = id.and_then(|id| Digest::parse(id.image_digest.text()?));
        let probe = FailureProbe {
            code: failure.code.text().unwrap_or_default(),
            message: failure.reason.text(),
        };
        Spared {
            tag: id
                .and_then(|id| id.image_tag.text())
                .map(|tag| self.tables.text(tag)),
            digest: digest.map(|digest| self.tables.digests.insert(digest)),
            failure: self.tables.failures.intern(&probe, || probe.own()),
        }
    }

    /// The parameters that are kept, by kind.
    fn params(&mut self, asked: Option<&BesideParameters<'_>>) -> Box<[Param]> {
        let mut params = Vec::new();
        let mut add = |kind, text: Option<&str>| {
            let text = text.map(|text| self.tables.text(text));
            params.extend(text.map(|text| Param { kind, text }));
        };
        let created = self.wire.response.object();
        let created = created.and_then(|response| response.repository.object());
        add(
            ParamKind::Uri,
            created.and_then(|created| created.repository_uri.text()),
        );
        if let Some(asked) = asked {
            settings(asked, &mut add);
            rules(asked, &mut add);
            for (kind, principal) in asked.policy.text().map(allowed).unwrap_or_default() {
                add(kind, Some(&principal));
            }
        }
        // Stable: the values of one kind stay in the call's order.
        params.sort_by_key(|param| param.kind);
        params.into()
    }
}

/// Adds the parameters with one value.
fn settings(asked: &BesideParameters<'_>, add: &mut impl FnMut(ParamKind, Option<&str>)) {
    let scanning = asked.scanning.object();
    let scan_on_push = scanning.and_then(|scanning| scanning.scan_on_push.get());
    let forced = matches!(asked.force.get(), Some(Flag(true)));
    for (kind, text) in [
        (ParamKind::Mutability, asked.image_tag_mutability.text()),
        (ParamKind::StorageClass, asked.storage_class.text()),
        (ParamKind::ScanOnPush, scan_on_push.map(word)),
        (ParamKind::Force, forced.then_some("true")),
        (ParamKind::ScanType, asked.scan_type.text()),
        (ParamKind::Setting, asked.setting.text()),
        (ParamKind::Value, asked.value.text()),
        (ParamKind::Prefix, asked.cache_prefix.text()),
        (ParamKind::Prefix, asked.template_prefix.text()),
        (ParamKind::Upstream, asked.upstream.text()),
    ] {
        add(kind, text);
    }
    for filter in asked.exclusions.values().iter().filter_map(Maybe::object) {
        add(ParamKind::Excluded, filter.filter.text());
    }
}

fn word(flag: &Flag) -> &'static str {
    match flag {
        Flag(true) => "true",
        Flag(false) => "false",
    }
}

/// Adds what the rules of a registry name.
fn rules(asked: &BesideParameters<'_>, add: &mut impl FnMut(ParamKind, Option<&str>)) {
    let nested = [&asked.replication, &asked.signing];
    let nested = nested.into_iter().filter_map(Maybe::object);
    let rules = nested.flat_map(|one| one.rules.values());
    let rules = asked.rules.values().iter().chain(rules);
    for rule in rules.filter_map(Maybe::object) {
        add(ParamKind::Profile, rule.profile.text());
        for filter in rule.filters.values().iter().filter_map(Maybe::object) {
            add(ParamKind::Repositories, filter.filter.text());
        }
        for to in rule.destinations.values().iter().filter_map(Maybe::object) {
            // Both or none, so that they stay paired.
            if let (Some(account), Some(region)) = (to.registry_id.text(), to.region.text()) {
                add(ParamKind::Account, Some(account));
                add(ParamKind::Region, Some(region));
            }
        }
    }
}

/// The most principals of one policy that are kept.
const MOST_PRINCIPALS: usize = 100;

/// The principals that a policy allows anything, each once (IAM user guide, "JSON policy elements": `Principal`,
/// `NotPrincipal`, `Condition`). A text that is no policy allows nobody.
fn allowed(policy: &str) -> Vec<(ParamKind, String)> {
    let Ok(policy) = serde_json::from_str::<Value>(policy) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for statement in each(&policy["Statement"]) {
        if statement["Effect"] != "Allow" {
            continue;
        }
        let kind = match statement["Condition"].as_object() {
            Some(conditions) if !conditions.is_empty() => ParamKind::AllowedIf,
            Some(_) | None => ParamKind::Allowed,
        };
        let principal = &statement["Principal"];
        let mut names: Vec<&str> = match principal.as_object() {
            Some(kinds) => kinds
                .values()
                .flat_map(each)
                .filter_map(Value::as_str)
                .collect(),
            None => principal.as_str().into_iter().collect(),
        };
        // All others than those named.
        names.extend((!statement["NotPrincipal"].is_null()).then_some("*"));
        for name in names.into_iter().filter(|name| !name.is_empty()) {
            let one = (kind, name.to_owned());
            if found.len() < MOST_PRINCIPALS && !found.contains(&one) {
                found.push(one);
            }
        }
    }
    found
}

/// The elements of a list, or the only one where a policy may leave the list out.
fn each(value: &Value) -> impl Iterator<Item = &Value> {
    match value.as_array() {
        Some(values) => values.as_slice(),
        None => std::slice::from_ref(value),
    }
    .iter()
}

/// Whether a failure in a response concerns an image that was asked for.
fn is_of(failure: &ImageFailure<'_>, asked: &ImageId<'_>) -> bool {
    let Some(failed) = failure.image_id.object() else {
        return false;
    };
    let agrees = |asked: &MaybeText<'_>, failed: &MaybeText<'_>| {
        asked.text().is_none() || asked.text() == failed.text()
    };
    let names_one = asked
        .image_tag
        .text()
        .or(asked.image_digest.text())
        .is_some();
    names_one
        && agrees(&asked.image_tag, &failed.image_tag)
        && agrees(&asked.image_digest, &failed.image_digest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_principals_of_a_policy_are_found_in_every_form() {
        let of = |policy: &str| {
            let found = allowed(policy).into_iter();
            let found = found.map(|(kind, name)| format!("{kind:?} {name}"));
            found.collect::<Vec<_>>().join(", ")
        };
        for (policy, expected) in [
            (
                r#"{"Statement":{"Effect":"Allow","Principal":"*"}}"#,
                "Allowed *",
            ),
            (
                r#"{"Statement":[{"Effect":"Allow","Principal":{"AWS":["1","2"],"Service":"s"}},
                   {"Effect":"Allow","Principal":{"AWS":"1"}}]}"#,
                "Allowed 1, Allowed 2, Allowed s",
            ),
            (
                r#"{"Statement":[{"Effect":"Allow","Principal":"*","Condition":{"StringEquals":{}}}]}"#,
                "AllowedIf *",
            ),
            (
                r#"{"Statement":[{"Effect":"Allow","NotPrincipal":{"AWS":"1"}}]}"#,
                "Allowed *",
            ),
            (r#"{"Statement":[{"Effect":"Deny","Principal":"*"}]}"#, ""),
            (r#"{"Statement":[7,{"Effect":"Allow","Principal":[]}]}"#, ""),
            ("no policy", ""),
        ] {
            assert_eq!(of(policy), expected, "{policy}");
        }
        let many: Vec<String> = (0..500).map(|n| format!("\"{n}\"")).collect();
        let many = format!(
            r#"{{"Statement":[{{"Effect":"Allow","Principal":{{"AWS":[{}]}}}}]}}"#,
            many.join(",")
        );
        assert_eq!(allowed(&many).len(), MOST_PRINCIPALS);
    }
}
