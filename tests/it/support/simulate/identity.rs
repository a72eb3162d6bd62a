//! Who pushes: principals, their keys, and the `userIdentity` element that CloudTrail writes of them.
//!
//! In: chance and a kind of principal. Out: the identity as the principal's own calls show it (the login,
//! calls of the SDK) and as the calls show it that the registry's HTTP front makes on its behalf.

use serde_json::{Value, json};

use super::clock::{Millis, SECOND, rfc3339};
use super::random::Random;

/// The sorts of principal that `userIdentity.type` and the shape of its fields tell apart.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Kind {
    Root,
    User,
    /// A role that some CI system assumed under a session name of its own.
    Role,
    /// A role taken up by an EC2 instance: the session name is the instance.
    Instance,
    CodeBuild,
    /// A role assumed through GitHub's OIDC provider: every run has the session name `GitHubActions`.
    GitHubActions,
    SingleSignOn,
    Saml,
    Federated,
    WebIdentity,
    IdentityCenter,
    /// The role of a service of AWS, which nobody else can assume.
    ServiceLinked,
}

/// Every kind but the last, in the order of the documentation.
pub(crate) const KINDS: [Kind; 11] = [
    Kind::Root,
    Kind::User,
    Kind::Role,
    Kind::Instance,
    Kind::CodeBuild,
    Kind::GitHubActions,
    Kind::SingleSignOn,
    Kind::Saml,
    Kind::Federated,
    Kind::WebIdentity,
    Kind::IdentityCenter,
];

impl Kind {
    /// `userIdentity.type`.
    fn type_name(self) -> &'static str {
        match self {
            Kind::Root => "Root",
            Kind::User => "IAMUser",
            Kind::Federated => "FederatedUser",
            Kind::WebIdentity => "WebIdentityUser",
            Kind::IdentityCenter => "IdentityCenterUser",
            Kind::Role
            | Kind::Instance
            | Kind::CodeBuild
            | Kind::GitHubActions
            | Kind::SingleSignOn
            | Kind::Saml
            | Kind::ServiceLinked => "AssumedRole",
        }
    }

    /// Whether the principal logs in with a long-lived key: then every login makes a key of its own for the
    /// calls of the registry's front, and its creation is the second of the login.
    pub(crate) fn has_long_lived_key(self) -> bool {
        matches!(self, Kind::Root | Kind::User)
    }
}

/// One principal of one account.
pub(crate) struct Principal {
    pub(crate) kind: Kind,
    pub(crate) account: String,
    /// The user, role or federated user.
    name: String,
    /// The role's session name, empty where there is none.
    session: String,
    principal_id: String,
    /// The key of a user or of root, which outlives every login.
    long_lived_key: String,
}

/// What a record shows of the credential that signed a call.
#[derive(Clone)]
pub(crate) struct Key {
    pub(crate) access_key_id: Option<String>,
    /// `sessionContext.attributes.creationDate`.
    pub(crate) created: Option<Millis>,
}

impl Principal {
    /// A new principal of `account`, called after `name`.
    pub(crate) fn new(random: &mut Random, kind: Kind, account: &str, name: &str) -> Self {
        let role_id = format!("AROA{}", random.code(17));
        let (name, session, principal_id) = match kind {
            Kind::Root => (String::new(), String::new(), account.to_owned()),
            Kind::User => (
                name.to_owned(),
                String::new(),
                format!("AIDA{}", random.code(17)),
            ),
            Kind::Role => {
                let session = format!("{name}-{}", random.within(100, 9_999));
                (
                    format!("{name}-push"),
                    session.clone(),
                    format!("{role_id}:{session}"),
                )
            }
            Kind::Instance => {
                let instance = format!("i-{:017x}", random.next() >> 4);
                (
                    format!("{name}-node"),
                    instance.clone(),
                    format!("{role_id}:{instance}"),
                )
            }
            Kind::CodeBuild => {
                let build = format!("AWSCodeBuild-{}", random.uuid());
                (
                    format!("codebuild-{name}"),
                    build.clone(),
                    format!("{role_id}:{build}"),
                )
            }
            Kind::GitHubActions => (
                format!("github-{name}"),
                "GitHubActions".to_owned(),
                format!("{role_id}:GitHubActions"),
            ),
            Kind::SingleSignOn => {
                let set = format!("AWSReservedSSO_{name}_{:016x}", random.next());
                let user = format!("{name}@example.com");
                (set, user.clone(), format!("{role_id}:{user}"))
            }
            Kind::Saml => (
                format!("saml-{name}"),
                name.to_owned(),
                format!("{role_id}:{name}"),
            ),
            Kind::ServiceLinked => (
                format!("AWSServiceRoleForECR{name}"),
                "ecr-session".to_owned(),
                format!("{role_id}:ecr-session"),
            ),
            Kind::Federated => (name.to_owned(), String::new(), format!("{account}:{name}")),
            Kind::WebIdentity => {
                let subject = format!("repo:example/{name}:ref:refs/heads/main");
                let provider = "token.actions.githubusercontent.com:sts.amazonaws.com";
                (
                    subject.clone(),
                    String::new(),
                    format!("{provider}:{subject}"),
                )
            }
            Kind::IdentityCenter => (name.to_owned(), String::new(), random.uuid()),
        };
        let long_lived_key = format!("AKIA{}", random.code(16));
        Principal {
            kind,
            account: account.to_owned(),
            name,
            session,
            principal_id,
            long_lived_key,
        }
    }

    /// The ARN that records name, where the type has one.
    pub(crate) fn arn(&self) -> Option<String> {
        let Principal {
            account,
            name,
            session,
            ..
        } = self;
        match self.kind {
            Kind::Root => Some(format!("arn:aws:iam::{account}:root")),
            Kind::User => Some(format!("arn:aws:iam::{account}:user/{name}")),
            Kind::Role
            | Kind::Instance
            | Kind::CodeBuild
            | Kind::GitHubActions
            | Kind::SingleSignOn
            | Kind::Saml
            | Kind::ServiceLinked => Some(format!(
                "arn:aws:sts::{account}:assumed-role/{name}/{session}"
            )),
            Kind::Federated => Some(format!("arn:aws:sts::{account}:federated-user/{name}")),
            Kind::WebIdentity | Kind::IdentityCenter => None,
        }
    }

    /// A credential taken at `at`: a session of a role, or the long-lived key of a user.
    pub(crate) fn credential(&self, random: &mut Random, at: Millis) -> Key {
        if self.kind.has_long_lived_key() {
            return Key {
                access_key_id: Some(self.long_lived_key.clone()),
                created: None,
            };
        }
        Key {
            access_key_id: Some(format!("ASIA{}", random.code(16))),
            created: Some(at),
        }
    }

    /// The key that the registry's front uses after a login with `own` at `login`: for a long-lived key a
    /// new one, made within two seconds of the login; for a session the session's own.
    pub(crate) fn proxied(&self, random: &mut Random, own: &Key, login: Millis) -> Key {
        if !self.kind.has_long_lived_key() {
            return own.clone();
        }
        let offset = *random.pick(&[0, 0, 0, 1, -1, -2]) * SECOND;
        Key {
            access_key_id: Some(format!("ASIA{}", random.code(16))),
            created: Some(login + offset),
        }
    }

    /// The `userIdentity` element of a call signed with `key`.
    pub(crate) fn user_identity(&self, key: &Key) -> Value {
        let Principal {
            account,
            name,
            principal_id,
            ..
        } = self;
        let mut identity = json!({"type": self.kind.type_name(), "principalId": principal_id});
        if self.kind == Kind::IdentityCenter {
            let store = format!("arn:aws:identitystore::{account}:identitystore/d-9067642ac7");
            identity = json!({
                "type": "IdentityCenterUser",
                "onBehalfOf": {"userId": principal_id, "identityStoreArn": store},
            });
        }
        if let Some(arn) = self.arn() {
            identity["arn"] = json!(arn);
        }
        identity["accountId"] = json!(account);
        if let Some(access_key_id) = &key.access_key_id {
            identity["accessKeyId"] = json!(access_key_id);
        }
        if matches!(self.kind, Kind::User | Kind::WebIdentity) {
            identity["userName"] = json!(name);
        }
        if self.kind == Kind::WebIdentity {
            identity["identityProvider"] = json!("token.actions.githubusercontent.com");
        }
        if let Some(created) = key.created {
            identity["sessionContext"] = json!({
                "sessionIssuer": self.session_issuer(),
                "webIdFederationData": {},
                "attributes": {"creationDate": rfc3339(created), "mfaAuthenticated": "false"},
            });
        }
        identity
    }

    fn session_issuer(&self) -> Value {
        let Principal {
            account,
            name,
            principal_id,
            ..
        } = self;
        if self.kind == Kind::Federated {
            return json!({
                "type": "IAMUser",
                "principalId": format!("AIDA{}", &self.long_lived_key[4..]),
                "arn": format!("arn:aws:iam::{account}:user/federator"),
                "accountId": account,
                "userName": "federator",
            });
        }
        if self.kind.type_name() != "AssumedRole" {
            return json!({});
        }
        let path = if self.kind == Kind::SingleSignOn {
            "aws-reserved/sso.amazonaws.com/"
        } else if self.kind == Kind::ServiceLinked {
            "aws-service-role/ecr.amazonaws.com/"
        } else {
            ""
        };
        json!({
            "type": "Role",
            "principalId": principal_id.split(':').next(),
            "arn": format!("arn:aws:iam::{account}:role/{path}{name}"),
            "accountId": account,
            "userName": name,
        })
    }

    /// The `userIdentity` that the owner of a repository sees when this principal comes from another account.
    pub(crate) fn foreign_identity(&self) -> Value {
        json!({"type": "AWSAccount", "principalId": self.principal_id, "accountId": self.account})
    }

    /// A name for people who read the truth.
    pub(crate) fn label(&self) -> String {
        self.arn()
            .unwrap_or_else(|| format!("{:?}:{}", self.kind, self.name))
    }
}
