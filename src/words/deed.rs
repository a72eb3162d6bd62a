//! The calls outside pushes in words.
//!
//! Comes in: a call, and words for the images that it names. Goes out: who did it, the verb, and what it was done
//! to. Never: a claim that the call was granted.

use crate::event::log::ContextEvent;
use crate::event::{Deed, EventLog, ParamKind};
use crate::words::{list, who};

/// The most values of one kind that are named.
const MOST_NAMED: usize = 3;

/// What a call did or tried.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeedWords {
    /// The verb if it was granted.
    pub done: &'static str,
    /// The verb if it was refused.
    pub to_do: &'static str,
    /// The object.
    pub what: String,
}

/// Who made a call.
#[must_use]
pub fn doer(log: &EventLog, event: &ContextEvent) -> String {
    let identity = log.tables.identities.get(event.identity);
    let names = [&identity.kind, &identity.arn, &identity.user_name];
    let is_unnamed = names.iter().all(|name| name.is_none());
    let client = log.tables.clients.get(event.client);
    // A service event names no caller, and a service in place of its address.
    let is_own = is_unnamed && client.source_ip.is_some() && !client.is_direct();
    match (event.deed == Deed::PolicyExecutionEvent, is_own) {
        (true, _) => "the lifecycle policy".to_owned(),
        (false, true) => "ECR itself".to_owned(),
        (false, false) => who(identity),
    }
}

/// What a call did; `images` are the words for those that it names.
#[must_use]
pub fn doing(log: &EventLog, event: &ContextEvent, images: &str) -> DeedWords {
    let say = Say { log, event };
    let (done, to_do) = verbs(log, event);
    let what = match event.deed {
        Deed::CreateRepository => format!("the repository{}{}", say.tags(), say.scanned()),
        Deed::DeleteRepository => format!("the repository{}", say.force()),
        Deed::BatchDeleteImage | Deed::UpdateImageStorageClass | Deed::PolicyExecutionEvent => {
            images.to_owned()
        }
        Deed::PutImageTagMutability => say.mutability(),
        Deed::PutLifecyclePolicy | Deed::DeleteLifecyclePolicy => {
            "the repository's lifecycle policy".to_owned()
        }
        Deed::SetRepositoryPolicy => format!("the repository's policy{}", say.allowing()),
        Deed::DeleteRepositoryPolicy => "the repository's policy".to_owned(),
        Deed::PutRegistryPolicy => format!("the registry's policy{}", say.allowing()),
        Deed::DeleteRegistryPolicy => "the registry's policy".to_owned(),
        Deed::PutReplicationConfiguration => {
            format!("the registry's replication{}{}", say.to(), say.of_rules())
        }
        Deed::StartReplicationBackfill => "a backfill of the registry's replication".to_owned(),
        Deed::ReplicateImage => format!("{images} into the repository"),
        Deed::BatchImportUpstreamImage => format!("{images} from upstream"),
        Deed::PutImageScanningConfiguration => format!("scanning on push{}", say.on_or_off()),
        Deed::PutRegistryScanningConfiguration => {
            let kind = say.value(ParamKind::ScanType, " to ", "");
            format!("the registry's scanning{kind}{}", say.of_rules())
        }
        Deed::StartImageScan => format!("a scan of {images}"),
        Deed::PutSigningConfiguration => {
            let profiles = say.quoted(ParamKind::Profile, " to profile ");
            format!("the registry's signing{profiles}{}", say.of_rules())
        }
        Deed::DeleteSigningConfiguration => "the registry's signing".to_owned(),
        Deed::PutAccountSetting => {
            let name = say.value(ParamKind::Setting, " `", "`");
            let value = say.value(ParamKind::Value, " to `", "`");
            format!("the registry's setting{name}{value}")
        }
        Deed::CreatePullThroughCacheRule
        | Deed::UpdatePullThroughCacheRule
        | Deed::DeletePullThroughCacheRule => {
            let prefix = say.value(ParamKind::Prefix, " for `", "`");
            let upstream = say.value(ParamKind::Upstream, " from `", "`");
            format!("the pull-through cache rule{prefix}{upstream}")
        }
        Deed::CreateRepositoryCreationTemplate
        | Deed::UpdateRepositoryCreationTemplate
        | Deed::DeleteRepositoryCreationTemplate => {
            let prefix = say.value(ParamKind::Prefix, " under `", "`");
            format!("the template of new repositories{prefix}{}", say.tags())
        }
    };
    DeedWords { done, to_do, what }
}

/// The verb of a call, granted and refused.
fn verbs(log: &EventLog, event: &ContextEvent) -> (&'static str, &'static str) {
    match event.deed {
        Deed::CreateRepository
        | Deed::CreatePullThroughCacheRule
        | Deed::CreateRepositoryCreationTemplate => ("made", "make"),
        Deed::DeleteRepository
        | Deed::BatchDeleteImage
        | Deed::DeleteLifecyclePolicy
        | Deed::DeleteRepositoryPolicy
        | Deed::DeleteRegistryPolicy
        | Deed::DeleteSigningConfiguration
        | Deed::DeletePullThroughCacheRule
        | Deed::DeleteRepositoryCreationTemplate => ("deleted", "delete"),
        Deed::UpdatePullThroughCacheRule | Deed::UpdateRepositoryCreationTemplate => {
            ("changed", "change")
        }
        Deed::PutImageTagMutability
        | Deed::PutLifecyclePolicy
        | Deed::SetRepositoryPolicy
        | Deed::PutRegistryPolicy
        | Deed::PutReplicationConfiguration
        | Deed::PutRegistryScanningConfiguration
        | Deed::PutSigningConfiguration
        | Deed::PutAccountSetting => ("set", "set"),
        Deed::UpdateImageStorageClass if log.is_restored(event) => ("restored", "restore"),
        Deed::UpdateImageStorageClass => ("archived", "archive"),
        Deed::PolicyExecutionEvent if event.tags.is_empty() && event.digests.is_empty() => {
            ("archived", "archive")
        }
        Deed::PolicyExecutionEvent => ("expired", "expire"),
        Deed::StartReplicationBackfill => ("started", "start"),
        Deed::ReplicateImage => ("replicated", "replicate"),
        Deed::BatchImportUpstreamImage => ("fetched", "fetch"),
        Deed::PutImageScanningConfiguration => ("switched", "switch"),
        Deed::StartImageScan => ("asked for", "ask for"),
    }
}

/// Some values, each by its words, as a list that names a few of them.
fn few(values: &[String]) -> String {
    let mut named: Vec<String> = values.iter().take(MOST_NAMED).cloned().collect();
    if let more @ 1.. = values.len().saturating_sub(MOST_NAMED) {
        named.push(format!("{more} more"));
    }
    list(&named)
}

/// The parameters of one call, each with the words around it; empty where the call does not say.
struct Say<'l> {
    log: &'l EventLog,
    event: &'l ContextEvent,
}

impl<'l> Say<'l> {
    fn text(&self, kind: ParamKind) -> Option<&'l str> {
        self.event.one(kind).map(|id| self.log.text(id))
    }

    fn texts(&self, kind: ParamKind) -> impl Iterator<Item = &'l str> {
        let (log, event) = (self.log, self.event);
        event.all(kind).map(|id| log.text(id))
    }

    fn value(&self, kind: ParamKind, before: &str, after: &str) -> String {
        let text = self.text(kind);
        text.map_or(String::new(), |text| format!("{before}{text}{after}"))
    }

    fn quoted(&self, kind: ParamKind, before: &str) -> String {
        let texts: Vec<String> = self.texts(kind).map(|text| format!("`{text}`")).collect();
        match texts.is_empty() {
            true => String::new(),
            false => format!("{before}{}", few(&texts)),
        }
    }

    fn of_rules(&self) -> String {
        self.quoted(ParamKind::Repositories, ", for repositories ")
    }

    fn mutability(&self) -> String {
        let setting = self.text(ParamKind::Mutability);
        let setting = setting.unwrap_or("something that the log does not name");
        let except = except(self.log, self.event);
        format!("the repository's tags to {setting}{except}")
    }

    /// The tags of a repository that is made.
    fn tags(&self) -> String {
        let except = except(self.log, self.event);
        match self.log.is_immutable(self.event) {
            Some(true) => format!(" with immutable tags{except}"),
            Some(false) => format!(" with mutable tags{except}"),
            None => String::new(),
        }
    }

    fn scanned(&self) -> &'static str {
        match self.text(ParamKind::ScanOnPush) {
            Some("true") => ", to be scanned on push",
            Some(_) | None => "",
        }
    }

    fn on_or_off(&self) -> &'static str {
        match self.text(ParamKind::ScanOnPush) {
            Some("true") => " on",
            Some("false") => " off",
            Some(_) | None => ", on or off",
        }
    }

    fn force(&self) -> &'static str {
        match self.text(ParamKind::Force) {
            Some(_) => " with the images in it",
            None => "",
        }
    }

    fn to(&self) -> String {
        let places = self.texts(ParamKind::Account);
        let places = places.zip(self.texts(ParamKind::Region));
        let places: Vec<String> = places
            .map(|(account, region)| format!("{account} {region}"))
            .collect();
        match places.is_empty() {
            true => String::new(),
            false => format!(" to {}", few(&places)),
        }
    }

    /// Whom a policy allows something.
    fn allowing(&self) -> String {
        let named = |kind| -> Vec<String> { self.texts(kind).map(grantee).collect() };
        let always = named(ParamKind::Allowed);
        let on_condition = named(ParamKind::AllowedIf);
        match (always.is_empty(), on_condition.is_empty()) {
            (true, true) => String::new(),
            (false, true) => format!(", allowing {}", few(&always)),
            (true, false) => format!(", allowing {} under conditions", few(&on_condition)),
            (false, false) => format!(
                ", allowing {}, and {} under conditions",
                few(&always),
                few(&on_condition)
            ),
        }
    }
}

/// A principal of a policy (IAM user guide, "JSON policy elements: Principal").
fn grantee(text: &str) -> String {
    let root = text
        .strip_suffix(":root")
        .filter(|arn| arn.starts_with("arn:"));
    let account = root.and_then(|arn| Some(arn.split_once(":iam::")?.1));
    let is_number = text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit());
    match account.or(is_number.then_some(text)) {
        Some(account) => format!("account {account}"),
        None if text == "*" => "anybody".to_owned(),
        None => format!("`{text}`"),
    }
}

/// What a tag setting excludes, by its filters; empty if it has none.
#[must_use]
pub fn except(log: &EventLog, event: &ContextEvent) -> String {
    let filters = event.all(ParamKind::Excluded);
    let filters: Vec<String> = filters
        .map(|filter| format!("`{}`", log.text(filter)))
        .collect();
    match filters.is_empty() {
        true => String::new(),
        false => format!(" except for {}", list(&filters)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accounts_and_everybody_are_named_in_words() {
        for (principal, expected) in [
            ("*", "anybody"),
            ("210987654321", "account 210987654321"),
            ("arn:aws:iam::210987654321:root", "account 210987654321"),
            ("arn:aws-cn:iam::210987654321:root", "account 210987654321"),
            ("arn:aws:iam::1:role/ci", "`arn:aws:iam::1:role/ci`"),
            ("x:root", "`x:root`"),
            ("ecs.amazonaws.com", "`ecs.amazonaws.com`"),
        ] {
            assert_eq!(grantee(principal), expected);
        }
    }

    #[test]
    fn a_few_of_many_are_named() {
        let values: Vec<String> = (1..6).map(|n| n.to_string()).collect();
        assert_eq!(few(&values), "1, 2, 3 and 2 more");
        assert_eq!(few(&values[..2]), "1 and 2");
    }
}
