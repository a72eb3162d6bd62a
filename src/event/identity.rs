//! Who made a call: the `userIdentity` element.
//!
//! The principal, the login and the client are kept apart, because only the first two may join events. No
//! form of identity is refused; AWS's own examples have odd ones.

use std::hash::{Hash, Hasher};

use chrono::{DateTime, Utc};
use indexmap::Equivalent;

use crate::event::redact::is_address;
use crate::record::fingerprint;

/// A `userIdentity` (CloudTrail user guide, "CloudTrail userIdentity element").
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Identity {
    /// `type`, as written; `None` in a service event that has none.
    pub kind: Option<Box<str>>,
    /// The kind of caller that the fields describe.
    pub principal: Principal,
    /// `arn`.
    pub arn: Option<Box<str>>,
    /// `accountId`.
    pub account: Option<Box<str>>,
    /// `principalId`.
    pub principal_id: Option<Box<str>>,
    /// `userName`, or else the name in `sessionContext.sessionIssuer`. For a federated user this is the name
    /// of whoever made the session.
    pub user_name: Option<Box<str>>,
    /// Who stands behind the caller; `None` if the record shows nothing of it, as in most records.
    pub backing: Option<Box<Backing>>,
}

/// A `principalId`, as a number, for what is known of calls that are not read. Two share it once in 2⁶⁴.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PrincipalKey(pub u64);

impl PrincipalKey {
    /// The number of a `principalId`, as written in JSON.
    #[must_use]
    pub fn of(principal_id: &str) -> Self {
        Self(fingerprint(principal_id))
    }
}

/// Who stands behind a caller and through what it acts, as far as a record shows.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Backing {
    /// `sessionContext.sourceIdentity`: who assumed the role. It is set at that time and kept through all
    /// roles assumed from there (IAM user guide, "Monitor and control actions taken with assumed roles").
    pub source_identity: Option<Box<str>>,
    /// `onBehalfOf.userId`: the Identity Center user.
    pub on_behalf_of: Option<Box<str>>,
    /// `onBehalfOf.identityStoreArn`: the store that holds this user.
    pub identity_store: Option<Box<str>>,
    /// `inScopeOf.issuerType`, as in `AWS::SageMaker::Domain`.
    pub issuer_type: Option<Box<str>>,
    /// `inScopeOf.credentialsIssuedTo`: the resource that was given the credentials.
    pub issued_to: Option<Box<str>>,
    /// `inScopeOf.sourceArn`: the resource that a service acted for.
    pub source_arn: Option<Box<str>>,
    /// `inScopeOf.sourceAccount`.
    pub source_account: Option<Box<str>>,
    /// `credentialId`, of a bearer token.
    pub credential_id: Option<Box<str>>,
    /// `invokedBy`: the service that called, without the registry's front end, which is nobody.
    pub invoked_by: Option<Box<str>>,
    /// `invokedByDelegate.accountId`: the product provider that has delegated access.
    pub invoked_by_delegate: Option<Box<str>>,
    /// `sessionCredentialFromConsole`: the session belongs to somebody in the console.
    pub from_console: bool,
    /// Whether IAM Identity Center made the role for its users, by the path in
    /// `sessionContext.sessionIssuer.arn`; anybody may use the name alone.
    pub is_sso: bool,
}

/// The path of roles that IAM Identity Center makes; nobody else may use it (IAM Identity Center user guide,
/// "Referencing permission sets in resource policies").
pub(super) const SSO_PATH: &str = ":role/aws-reserved/sso.amazonaws.com/";

/// The kind of caller that a `userIdentity` describes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Principal {
    /// The root user of the account.
    Root,
    /// A user with a name.
    IamUser {
        /// The user's name.
        name: Box<str>,
    },
    /// A role assumed by somebody or something.
    AssumedRole {
        /// The role's name.
        role: Box<str>,
        /// The role session's name; empty if the record does not show it.
        session_name: Box<str>,
    },
    /// A federated, web identity, SAML or Identity Center user.
    FederatedUser {
        /// The user's name.
        name: Box<str>,
    },
    /// Another account, which shows only its number and a principal id.
    AwsAccount {
        /// The account.
        account: Box<str>,
    },
    /// A service acting by itself.
    AwsService {
        /// The service's name, or empty.
        name: Box<str>,
    },
    /// Anything else, or nothing at all.
    #[default]
    Unknown,
}

impl Principal {
    /// Whether it is a service of AWS, by itself or through its role in an account (IAM user guide, "Using
    /// service-linked roles": their names start alike).
    #[must_use]
    pub fn is_service(&self) -> bool {
        match self {
            Self::AwsService { .. } => true,
            Self::AssumedRole { role, .. } => role.starts_with("AWSServiceRoleFor"),
            Self::Root | Self::IamUser { .. } | Self::FederatedUser { .. } => false,
            Self::AwsAccount { .. } | Self::Unknown => false,
        }
    }
}

/// A login, as far as a record shows it; it distinguishes jobs that use one role.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Credential {
    /// `accessKeyId`.
    pub access_key_id: Option<Box<str>>,
    /// `sessionContext.attributes.creationDate`.
    pub created: Option<DateTime<Utc>>,
    /// `sessionContext.signInSessionArn`: the sign-in that the key comes from. Keys renewed under one sign-in
    /// share it.
    pub sign_in_session: Option<Box<str>>,
}

/// Where a call came from. Calls through the registry's HTTP front show a service marker instead.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Client {
    /// `sourceIPAddress`.
    pub source_ip: Option<Box<str>>,
    /// `userAgent`.
    pub user_agent: Option<Box<str>>,
    /// `userIdentity.invokedBy`.
    pub invoked_by: Option<Box<str>>,
    /// `vpcEndpointId`: two networks may use one private address.
    pub vpc_endpoint_id: Option<Box<str>>,
    /// `vpcEndpointAccountId`: the owner of the endpoint.
    pub vpc_endpoint_account: Option<Box<str>>,
    /// `tlsDetails.tlsVersion`.
    pub tls_version: Option<Box<str>>,
}

/// Whether an `invokedBy` means the registry's HTTP front end, through which clients call.
///
/// Observed: `AWS Internal`, `AWS Internal/3`, `ecr-public.amazonaws.com`,
/// `prod.frontend.ecr.aws.internal`. Inferred: the private registry's own name.
pub(super) fn is_front(invoked_by: &str) -> bool {
    invoked_by.starts_with("AWS Internal")
        || invoked_by.ends_with(".aws.internal")
        || matches!(invoked_by, "ecr.amazonaws.com" | "ecr-public.amazonaws.com")
}

impl Client {
    /// Whether the address is the caller's own and not the marker of a service in between.
    ///
    /// Inferred: no marker seen so far (`AWS Internal`, `AWS Internal/3`, `ecr-public.amazonaws.com`,
    /// `prod.frontend.ecr.aws.internal`) is an IP address. So only a text that parses as one is an address,
    /// or its pseudonym after redaction.
    #[must_use]
    pub fn is_direct(&self) -> bool {
        self.source_ip
            .as_deref()
            .is_some_and(|ip| ip.parse::<std::net::IpAddr>().is_ok() || is_address(ip))
    }
}

/// Who called ECR, and so whether a token was used.
///
/// Registry clients reach ECR through its HTTP front end (`ACCOUNT.dkr.ecr.REGION.amazonaws.com`,
/// `public.ecr.aws`), which accepts only tokens. The AWS CLI, the SDKs and the console call the API and use
/// no token (ECR user guide, "Private registry authentication").
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Speaker {
    /// A registry client, by the front end's marker or by its own name.
    #[default]
    RegistryClient,
    /// The AWS CLI, an SDK or the console.
    Sdk,
    /// An unknown program, from its own address.
    Unknown,
}

impl Client {
    /// Who called, by the marker or by the program's name.
    ///
    /// If a record shows neither, the call counts as a registry client's, as most calls are.
    #[must_use]
    pub fn speaker(&self) -> Speaker {
        let agent = self.user_agent.as_deref().unwrap_or_default();
        if !self.is_direct() || is_front(agent) {
            return Speaker::RegistryClient;
        }
        let agent = agent.to_ascii_lowercase();
        let names = |programs: &[&str]| programs.iter().any(|program| agent.contains(program));
        // The CLI also names the container that it runs in: `docker/x86_64.amzn.2`.
        let begins = SDKS.iter().any(|program| agent.starts_with(program));
        if names(&REGISTRY_CLIENTS) && !begins {
            Speaker::RegistryClient
        } else if names(&SDKS) {
            Speaker::Sdk
        } else {
            Speaker::Unknown
        }
    }
}

/// Words in the names of programs that call registries (from their sources; each sends this name in
/// `User-Agent`).
const REGISTRY_CLIENTS: [&str; 22] = [
    "docker",
    "containerd",
    "buildkit",
    "buildah",
    "containers/",
    "skopeo",
    "podman",
    "libpod",
    "cri-o",
    "go-containerregistry",
    "crane/",
    "kaniko",
    "cosign",
    "oras",
    "regclient",
    "regctl",
    "jib",
    "oci-client",
    "helm/",
    "nerdctl",
    "python-dxf",
    "notation",
];

/// Words in the names of programs that call AWS's API (observed).
const SDKS: [&str; 9] = [
    "aws-cli",
    "boto",
    "aws-sdk",
    "awspowershell",
    "aws-internal",
    "console.amazonaws.com",
    "signin.amazonaws.com",
    "console.aws",
    "mozilla/",
];

/// The borrowed fields of an [`Identity`], for looking it up without making one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct IdentityProbe<'a> {
    pub(super) kind: Option<&'a str>,
    pub(super) arn: Option<&'a str>,
    pub(super) account: Option<&'a str>,
    pub(super) principal_id: Option<&'a str>,
    pub(super) user_name: Option<&'a str>,
    pub(super) backing: Option<BackingProbe<'a>>,
}

/// The borrowed fields of a [`Backing`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct BackingProbe<'a> {
    pub(super) source_identity: Option<&'a str>,
    pub(super) on_behalf_of: Option<&'a str>,
    pub(super) identity_store: Option<&'a str>,
    pub(super) issuer_type: Option<&'a str>,
    pub(super) issued_to: Option<&'a str>,
    pub(super) source_arn: Option<&'a str>,
    pub(super) source_account: Option<&'a str>,
    pub(super) credential_id: Option<&'a str>,
    pub(super) invoked_by: Option<&'a str>,
    pub(super) invoked_by_delegate: Option<&'a str>,
    pub(super) from_console: bool,
    pub(super) is_sso: bool,
}

/// The borrowed fields of a [`Credential`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct CredentialProbe<'a> {
    pub(super) access_key_id: Option<&'a str>,
    pub(super) created: Option<DateTime<Utc>>,
    pub(super) sign_in_session: Option<&'a str>,
}

/// The borrowed fields of a [`Client`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct ClientProbe<'a> {
    pub(super) source_ip: Option<&'a str>,
    pub(super) user_agent: Option<&'a str>,
    pub(super) invoked_by: Option<&'a str>,
    pub(super) vpc_endpoint_id: Option<&'a str>,
    pub(super) vpc_endpoint_account: Option<&'a str>,
    pub(super) tls_version: Option<&'a str>,
}

/// Lets `probe` look up `owned` in a table: equal hash, equal fields.
macro_rules! probe {
    ($probe:ident of $owned:ident {
        $($text:ident),* $(; $($plain:ident),*)? $(=> $nested:ident)?
    }) => {
        impl $owned {
            pub(super) fn probe(&self) -> $probe<'_> {
                $probe {
                    $($text: self.$text.as_deref(),)*
                    $($($plain: self.$plain,)*)?
                    $($nested: self.$nested.as_deref().map(|nested| nested.probe()),)?
                }
            }
        }
        impl Hash for $owned {
            fn hash<H: Hasher>(&self, state: &mut H) {
                self.probe().hash(state);
            }
        }
        impl Equivalent<$owned> for $probe<'_> {
            fn equivalent(&self, owned: &$owned) -> bool {
                *self == owned.probe()
            }
        }
    };
}
probe!(IdentityProbe of Identity { kind, arn, account, principal_id, user_name => backing });
probe!(BackingProbe of Backing {
    source_identity, on_behalf_of, identity_store, issuer_type, issued_to, source_arn,
    source_account, credential_id, invoked_by, invoked_by_delegate; from_console, is_sso
});
probe!(CredentialProbe of Credential { access_key_id, sign_in_session; created });
probe!(ClientProbe of Client {
    source_ip, user_agent, invoked_by, vpc_endpoint_id, vpc_endpoint_account, tls_version
});

impl IdentityProbe<'_> {
    /// The identity with these fields.
    pub(super) fn own(&self) -> Identity {
        let own = |text: Option<&str>| text.map(Into::into);
        Identity {
            kind: own(self.kind),
            principal: self.principal(),
            arn: own(self.arn),
            account: own(self.account),
            principal_id: own(self.principal_id),
            user_name: own(self.user_name),
            backing: self.backing.map(|backing| Box::new(backing.own())),
        }
    }

    /// The kind of caller. Never refuses: AWS's own examples have a user with an `sts` ARN.
    fn principal(&self) -> Principal {
        let resource = self
            .arn
            .and_then(|arn| arn.splitn(6, ':').nth(5))
            .unwrap_or_default();
        let last = resource.rsplit('/').next().filter(|name| !name.is_empty());
        let name = self
            .user_name
            .or(last)
            .or(self.principal_id)
            .unwrap_or_default()
            .into();
        match self.kind {
            Some("Root") => Principal::Root,
            Some("IAMUser") => Principal::IamUser { name },
            Some("AssumedRole") => {
                let mut parts = resource.split('/').skip(1);
                let (role, session) = (parts.next(), parts.next());
                let of_id = self
                    .principal_id
                    .and_then(|id| id.split_once(':'))
                    .map(|(_, name)| name);
                Principal::AssumedRole {
                    role: self.user_name.or(role).unwrap_or_default().into(),
                    session_name: session.or(of_id).unwrap_or_default().into(),
                }
            }
            Some("FederatedUser" | "WebIdentityUser" | "SAMLUser" | "IdentityCenterUser") => {
                Principal::FederatedUser { name }
            }
            Some("AWSAccount") => Principal::AwsAccount {
                account: self.account.unwrap_or_default().into(),
            },
            Some("AWSService") => Principal::AwsService { name },
            Some(_) | None => Principal::Unknown,
        }
    }
}

impl BackingProbe<'_> {
    /// The probe, unless all its fields are empty.
    pub(super) fn shown(self) -> Option<Self> {
        (self != Self::default()).then_some(self)
    }

    /// The backing with these fields.
    pub(super) fn own(&self) -> Backing {
        let own = |text: Option<&str>| text.map(Into::into);
        Backing {
            source_identity: own(self.source_identity),
            on_behalf_of: own(self.on_behalf_of),
            identity_store: own(self.identity_store),
            issuer_type: own(self.issuer_type),
            issued_to: own(self.issued_to),
            source_arn: own(self.source_arn),
            source_account: own(self.source_account),
            credential_id: own(self.credential_id),
            invoked_by: own(self.invoked_by),
            invoked_by_delegate: own(self.invoked_by_delegate),
            from_console: self.from_console,
            is_sso: self.is_sso,
        }
    }
}

impl CredentialProbe<'_> {
    /// The credential with these fields.
    pub(super) fn own(&self) -> Credential {
        Credential {
            access_key_id: self.access_key_id.map(Into::into),
            created: self.created,
            sign_in_session: self.sign_in_session.map(Into::into),
        }
    }
}

impl ClientProbe<'_> {
    /// The client with these fields.
    pub(super) fn own(&self) -> Client {
        let own = |text: Option<&str>| text.map(Into::into);
        Client {
            source_ip: own(self.source_ip),
            user_agent: own(self.user_agent),
            invoked_by: own(self.invoked_by),
            vpc_endpoint_id: own(self.vpc_endpoint_id),
            vpc_endpoint_account: own(self.vpc_endpoint_account),
            tls_version: own(self.tls_version),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_speaks_is_told_by_marker_and_program() {
        let speaker = |ip: &str, agent: &str| {
            let client = Client {
                source_ip: Some(ip.into()),
                user_agent: Some(agent.into()),
                ..Client::default()
            };
            client.speaker()
        };
        let cli = "aws-cli/2.15.30 md/awscrt#0.19 docker/x86_64.amzn.2";
        let docker = "docker/27.3.1 go/go1.22 UpstreamClient(Docker-Client/27.3.1)";
        assert_eq!(
            speaker("AWS Internal", "aws-cli/2"),
            Speaker::RegistryClient
        );
        assert_eq!(speaker("192.0.2.1", docker), Speaker::RegistryClient);
        assert_eq!(speaker("192.0.2.1", cli), Speaker::Sdk);
        assert_eq!(speaker("192.0.2.1", "acme-sync/1.0"), Speaker::Unknown);
    }

    fn principal(kind: &str, arn: &str, id: &str, user_name: Option<&str>) -> Principal {
        IdentityProbe {
            kind: Some(kind),
            arn: Some(arn),
            principal_id: Some(id),
            user_name,
            ..IdentityProbe::default()
        }
        .own()
        .principal
    }

    #[test]
    fn a_role_session_is_read_from_arn_or_principal_id() {
        let role = |role: &str, session: &str| Principal::AssumedRole {
            role: role.into(),
            session_name: session.into(),
        };
        let arn = "arn:aws:sts::111122223333:assumed-role/ci-push/build-7";
        assert_eq!(
            principal("AssumedRole", arn, "AROA:build-7", None),
            role("ci-push", "build-7")
        );
        let odd = "arn:aws:sts::123456789012:user/Mary_Major";
        let id = "AIDACKCEVSQ6C2EXAMPLE:account_name";
        assert_eq!(
            principal("AssumedRole", odd, id, Some("Admin")),
            role("Admin", "account_name")
        );
    }

    #[test]
    fn other_types_are_named_by_what_they_show() {
        let user = "arn:aws:iam::1:user/path/dana";
        assert_eq!(
            principal("IAMUser", user, "AIDA", None),
            Principal::IamUser {
                name: "dana".into()
            }
        );
        assert_eq!(
            principal("Root", "arn:aws:iam::1:root", "1", None),
            Principal::Root
        );
        let federated = "arn:aws:sts::1:federated-user/fred";
        let fred = Principal::FederatedUser {
            name: "fred".into(),
        };
        assert_eq!(principal("FederatedUser", federated, "1:fred", None), fred);
        assert_eq!(principal("Novel", "", "", None), Principal::Unknown);
    }

    #[test]
    fn only_an_ip_address_is_a_direct_client() {
        let client = |ip: &str| Client {
            source_ip: Some(ip.into()),
            ..Client::default()
        };
        assert!(client("198.51.100.7").is_direct() && client("2001:db8::1").is_direct());
        for marker in [
            "AWS Internal",
            "AWS Internal/3",
            "ecr-public.amazonaws.com",
            "",
        ] {
            assert!(!client(marker).is_direct(), "{marker}");
        }
    }
}
