//! Who made a call: the `userIdentity` element.
//!
//! Comes in: nothing, these are types. Goes out: the principal, the login and the client, kept
//! apart because only the first two may join events. Never: a judgement of an identity's form;
//! AWS's own examples have odd ones.

use chrono::{DateTime, Utc};

/// A `userIdentity` (CloudTrail user guide, "CloudTrail userIdentity element").
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Identity {
    /// `type`, as written; `None` where a service event has none.
    pub kind: Option<Box<str>>,
    /// What the fields amount to.
    pub principal: Principal,
    /// `arn`.
    pub arn: Option<Box<str>>,
    /// `accountId`.
    pub account: Option<Box<str>>,
    /// `principalId`.
    pub principal_id: Option<Box<str>>,
    /// `userName`, else the name in `sessionContext.sessionIssuer`.
    pub user_name: Option<Box<str>>,
}

/// What a `userIdentity` amounts to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub enum Principal {
    /// The root user of the account.
    Root,
    /// A user with a name.
    IamUser {
        /// The user's name.
        name: Box<str>,
    },
    /// A role taken on by somebody or something.
    AssumedRole {
        /// The role's name.
        role: Box<str>,
        /// The role session's name; empty when the record does not show it.
        session_name: Box<str>,
    },
    /// A federated, web identity, SAML or Identity Center user.
    FederatedUser {
        /// The user's name.
        name: Box<str>,
    },
    /// Another account, which shows no more than its number and a principal id.
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

/// A login, as far as a record shows it: tells jobs of one role apart.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Credential {
    /// `accessKeyId`.
    pub access_key_id: Option<Box<str>>,
    /// `sessionContext.attributes.creationDate`.
    pub created: Option<DateTime<Utc>>,
}

/// Where a call came from. Calls through the registry's HTTP front show a service marker instead.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Client {
    /// `sourceIPAddress`.
    pub source_ip: Option<Box<str>>,
    /// `userAgent`.
    pub user_agent: Option<Box<str>>,
    /// `userIdentity.invokedBy`.
    pub invoked_by: Option<Box<str>>,
}

impl Client {
    /// Whether the address is a caller's own and not the marker of a service in between.
    ///
    /// Inferred: every marker seen (`AWS Internal`, `AWS Internal/3`, `ecr-public.amazonaws.com`,
    /// `prod.frontend.ecr.aws.internal`) is no IP address, so only what parses as one is an address.
    #[must_use]
    pub fn is_direct(&self) -> bool {
        self.source_ip
            .as_deref()
            .is_some_and(|ip| ip.parse::<std::net::IpAddr>().is_ok())
    }
}
