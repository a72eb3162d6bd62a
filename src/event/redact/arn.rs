//! ARNs and other names of callers.
//!
//! Comes in: the fields of a `userIdentity`. Goes out: the same form with pseudonyms in it. Never:
//! an ARN that no longer parses as one.

use crate::event::redact::list::WordList;
use crate::event::redact::{Class, Pseudonyms, Tell};
use crate::event::{Backing, Client, Credential, Identity, Principal, Repository};

/// The prefixes of the ids that IAM gives (IAM user guide, "IAM identifiers", "Unique
/// identifiers").
const UNIQUE_IDS: [&str; 12] = [
    "ABIA", "ACCA", "AGPA", "AIDA", "AIPA", "AKIA", "ANPA", "ANVA", "APKA", "AROA", "ASCA", "ASIA",
];

impl Pseudonyms {
    /// An ARN; its partition, service, region and kind of resource stay.
    pub(super) fn arn(&mut self, arn: &str) -> Box<str> {
        let parts: Vec<&str> = arn.splitn(6, ':').collect();
        let [scheme, partition, service, region, account, resource] = parts[..] else {
            return self.of(Class::Resource, arn);
        };
        let is_partition =
            partition.starts_with("aws") && self.lists.has(WordList::Term, partition);
        if scheme != "arn" || !is_partition {
            return self.of(Class::Resource, arn);
        }
        let service = match service.is_empty() || self.lists.has(WordList::Service, service) {
            true => service.into(),
            false => self.of(Class::Word, service),
        };
        let region = self.region(region);
        let account = match account {
            "aws" => account.into(),
            _ => self.account(account),
        };
        let resource = self.resource(resource);
        format!("arn:{partition}:{service}:{region}:{account}:{resource}").into()
    }

    /// The last part of an ARN, `assumed-role/ROLE/SESSION`; paths before names are dropped.
    fn resource(&mut self, resource: &str) -> Box<str> {
        let Some((kind, rest)) = resource.split_once('/') else {
            return match resource {
                "root" | "*" => resource.into(),
                _ => self.mention(Class::Resource, resource),
            };
        };
        let last = rest.rsplit('/').next().unwrap_or_default();
        let class = match kind {
            "assumed-role" => {
                let (role, session) = rest.split_once('/').unwrap_or((rest, ""));
                let (role, session) = (self.role(role), self.of(Class::Session, session));
                return format!("{kind}/{role}/{session}").into();
            }
            "role" => return format!("{kind}/{}", self.role(last)).into(),
            "user" | "federated-user" => Class::User,
            "repository" => {
                return match rest {
                    "*" => resource.into(),
                    _ => format!("{kind}/{}", self.repository_name(rest)).into(),
                };
            }
            "oidc-provider" | "saml-provider" => {
                return format!("{kind}/{}", self.of(Class::Provider, rest)).into();
            }
            _ => return self.of(Class::Resource, resource),
        };
        format!("{kind}/{}", self.of(class, last)).into()
    }

    /// An access key or another unique id from IAM, if the whole text is one.
    pub(super) fn unique_id(&mut self, text: &str) -> Option<Box<str>> {
        let is_plain = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
        let begin = text.get(..4)?;
        if text.len() < 8 || !UNIQUE_IDS.contains(&begin) || !text.bytes().all(is_plain) {
            return None;
        }
        Some(match begin {
            "AKIA" | "ASIA" | "ABIA" => self.of(Class::Key, text),
            _ => self.of(Class::Principal, text),
        })
    }

    /// A `principalId`: an id or an account, either of them possibly with the name of a session.
    fn principal_id(&mut self, text: &str, of: Class) -> Box<str> {
        let (id, name) = match text.split_once(':') {
            Some((id, name)) => (id, Some(name)),
            None => (text, None),
        };
        let is_account = id.len() == 12 && id.bytes().all(|byte| byte.is_ascii_digit());
        let id = match is_account {
            true => Some(self.account(id)),
            false => self.unique_id(id),
        };
        match (id, name) {
            (Some(id), Some(name)) => format!("{id}:{}", self.of(of, name)).into(),
            (Some(id), None) => id,
            (None, _) => self.of(Class::Principal, text),
        }
    }

    /// A `userIdentity`.
    pub(super) fn identity(&mut self, identity: &Identity) -> Identity {
        let Identity {
            kind,
            principal,
            arn,
            account,
            principal_id,
            user_name,
            backing,
        } = identity;
        let account = account.as_deref().map(|account| self.account(account));
        let (name, session): (Tell, Class) = match principal {
            Principal::AssumedRole { .. } => (Self::role, Class::Session),
            Principal::AwsService { .. } => (Self::service, Class::Host),
            Principal::Root
            | Principal::IamUser { .. }
            | Principal::FederatedUser { .. }
            | Principal::AwsAccount { .. }
            | Principal::Unknown => (|names, user| names.of(Class::User, user), Class::User),
        };
        let arn = arn.as_deref().map(|arn| self.arn(arn));
        let principal = self.principal(principal);
        Identity {
            kind: kind.as_deref().map(|kind| self.word(kind)),
            principal,
            arn,
            account,
            principal_id: principal_id
                .as_deref()
                .map(|id| self.principal_id(id, session)),
            user_name: user_name.as_deref().map(|user| name(self, user)),
            backing: (backing.as_deref()).map(|backing| Box::new(self.backing(backing))),
        }
    }

    /// Who stands behind a caller.
    fn backing(&mut self, backing: &Backing) -> Backing {
        let mut told =
            |text: &Option<Box<str>>, tell: Tell| text.as_deref().map(|text| tell(self, text));
        let user: Tell = |names, user| names.of(Class::User, user);
        Backing {
            source_identity: told(&backing.source_identity, user),
            on_behalf_of: told(&backing.on_behalf_of, user),
            identity_store: told(&backing.identity_store, Self::arn),
            issuer_type: told(&backing.issuer_type, Self::word),
            issued_to: told(&backing.issued_to, Self::arn),
            source_arn: told(&backing.source_arn, Self::arn),
            source_account: told(&backing.source_account, Self::account),
            credential_id: told(&backing.credential_id, |names, id| names.of(Class::Key, id)),
            invoked_by: told(&backing.invoked_by, Self::service),
            invoked_by_delegate: told(&backing.invoked_by_delegate, Self::account),
            from_console: backing.from_console,
            is_sso: backing.is_sso,
        }
    }

    fn principal(&mut self, principal: &Principal) -> Principal {
        match principal {
            Principal::Root => Principal::Root,
            Principal::IamUser { name } => Principal::IamUser {
                name: self.of(Class::User, name),
            },
            Principal::AssumedRole { role, session_name } => Principal::AssumedRole {
                role: self.role(role),
                session_name: self.of(Class::Session, session_name),
            },
            Principal::FederatedUser { name } => Principal::FederatedUser {
                name: self.of(Class::User, name),
            },
            Principal::AwsAccount { account } => Principal::AwsAccount {
                account: self.account(account),
            },
            Principal::AwsService { name } => Principal::AwsService {
                name: match name.is_empty() {
                    true => name.clone(),
                    false => self.service(name),
                },
            },
            Principal::Unknown => Principal::Unknown,
        }
    }

    /// A login.
    pub(super) fn credential(&mut self, credential: &Credential) -> Credential {
        let key = credential.access_key_id.as_deref();
        Credential {
            access_key_id: key.map(|key| self.of(Class::Key, key)),
            created: credential.created,
            sign_in_session: (credential.sign_in_session.as_deref()).map(|arn| self.arn(arn)),
        }
    }

    /// A caller's address and program.
    pub(super) fn client(&mut self, client: &Client) -> Client {
        let (ip, agent) = (client.source_ip.as_deref(), client.user_agent.as_deref());
        Client {
            source_ip: ip.map(|ip| self.source_ip(ip)),
            user_agent: agent.map(|agent| self.user_agent(agent)),
            invoked_by: client.invoked_by.as_deref().map(|by| self.service(by)),
            vpc_endpoint_id: client
                .vpc_endpoint_id
                .as_deref()
                .map(|id| self.endpoint(id)),
            vpc_endpoint_account: (client.vpc_endpoint_account.as_deref())
                .map(|account| self.account(account)),
            tls_version: client.tls_version.as_deref().map(|text| self.word(text)),
        }
    }

    /// A repository.
    pub(super) fn repository(&mut self, repository: &Repository) -> Repository {
        Repository {
            service: repository.service,
            registry: self.account(&repository.registry),
            region: self.region(&repository.region),
            name: self.repository_name(&repository.name),
        }
    }

    /// The name of a repository; if it starts with the host of a registry by mistake, that stays a
    /// host.
    pub(super) fn repository_name(&mut self, name: &str) -> Box<str> {
        if let Some((host, rest)) = name.split_once('/')
            && let Some((account, registry)) = host.split_once('.')
            && registry.starts_with("dkr.ecr.")
            && self.is_host(registry)
        {
            let (account, rest) = (self.account(account), self.of(Class::Repository, rest));
            return format!("{account}.{registry}/{rest}").into();
        }
        self.of(Class::Repository, name)
    }

    /// The address of a repository, or a setting such as `IMMUTABLE`.
    pub(super) fn detail(&mut self, text: &str) -> Box<str> {
        if let Some(path) = text.strip_prefix("public.ecr.aws/")
            && let Some((alias, name)) = path.split_once('/')
        {
            let alias = self.of(Class::Alias, alias);
            let name = self.of(Class::Repository, name);
            return format!("public.ecr.aws/{alias}/{name}").into();
        }
        match self.lists.has(WordList::Term, text) {
            true => text.into(),
            false => self.marked(text),
        }
    }
}
