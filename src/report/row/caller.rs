//! Rows of who made a push, and from where.

use serde::Serialize;

use crate::graph::Strength;
use crate::report::row::word::{AddressBy, ClientFrom, OriginKind, Text};
use crate::session::behind::{By, End};

/// Who made a push.
#[derive(Clone, Debug, Serialize)]
pub struct IdentityRow<'a> {
    /// `type` of the `userIdentity`.
    #[serde(rename = "type")]
    pub kind: Option<Text<'a>>,
    /// `arn`.
    pub arn: Option<Text<'a>>,
    /// `accountId`.
    pub account: Option<Text<'a>>,
    /// `principalId`.
    pub principal_id: Option<Text<'a>>,
    /// For people: `user dana`, `role ci-push, session build-4711`.
    pub name: String,
    /// Who stands behind a role session; only with `--trace-roles`.
    pub behind: Option<BehindRow<'a>>,
    /// `sourceIdentity`: who assumed the role; it is kept through all roles assumed from there.
    pub source_identity: Option<Text<'a>>,
    /// The user of IAM Identity Center for whom the call was made.
    pub on_behalf_of: Option<OnBehalfOfRow<'a>>,
    /// The resource that was given the credentials, or that a service acted for.
    pub in_scope_of: Option<InScopeOfRow<'a>>,
    /// The service that called.
    pub invoked_by: Option<Text<'a>>,
    /// The account of a product provider that has delegated access.
    pub invoked_by_delegate: Option<Text<'a>>,
    /// Whether the session belongs to somebody in the console; `None` if the log does not say.
    pub from_console: Option<bool>,
    /// `signInSessionArn`: the sign-in that the keys come from.
    pub sign_in_session: Option<Text<'a>>,
    /// `credentialId` of a bearer token.
    pub credential_id: Option<Text<'a>>,
}

/// The user of IAM Identity Center for whom a call was made.
#[derive(Clone, Debug, Serialize)]
pub struct OnBehalfOfRow<'a> {
    /// `userId`.
    pub user_id: Option<Text<'a>>,
    /// `identityStoreArn`.
    pub identity_store: Option<Text<'a>>,
}

/// The resource that a caller acts through.
#[derive(Clone, Debug, Serialize)]
pub struct InScopeOfRow<'a> {
    /// `issuerType`, as in `AWS::SageMaker::Domain`.
    pub issuer_type: Option<Text<'a>>,
    /// `credentialsIssuedTo`.
    pub issued_to: Option<Text<'a>>,
    /// `sourceArn`.
    pub source_arn: Option<Text<'a>>,
    /// `sourceAccount`.
    pub source_account: Option<Text<'a>>,
}

/// Who stands behind a role session.
#[derive(Clone, Debug, Serialize)]
pub struct BehindRow<'a> {
    /// The subject of a web identity, the ARN of a user, a service or account. If the chain ends
    /// early it is the last known role; `None` if the log shows nothing.
    pub subject: Option<Text<'a>>,
    /// The kind of the subject: `web-identity`, `saml`, `user`, `root`, `federated`, `service`,
    /// `account`, `role`, `unknown`.
    pub kind: OriginKind,
    /// Who vouches for it.
    pub provider: Option<Text<'a>>,
    /// The address of the call that starts the chain.
    pub source_ip: Option<Text<'a>>,
    /// The program of that call.
    pub user_agent: Option<Text<'a>>,
    /// The `eventID` of that call.
    pub event_id: Option<Text<'a>>,
    /// `proof`, `inference` or `hint`, by the weakest step; `None` without a step.
    pub strength: Option<Strength>,
    /// `origin`, `not-in-log` or `loop`.
    pub ends: End,
    /// The assumed roles, starting with the push's own.
    pub chain: Vec<AssumptionRow<'a>>,
}

/// A role that was assumed.
#[derive(Clone, Debug, Serialize)]
pub struct AssumptionRow<'a> {
    /// The `AssumeRole*` event.
    pub event_id: Text<'a>,
    /// Its time.
    pub time: String,
    /// `eventName`.
    pub action: Text<'a>,
    /// The ARN of the session that it returned.
    pub session: Option<Text<'a>>,
    /// Who called, for people.
    pub caller: String,
    /// From where.
    pub source_ip: Option<Text<'a>>,
    /// `access-key`, `creation-date` or `session-name`: what joins this call to the credentials it
    /// returned.
    pub by: By,
    /// How sure that is.
    pub strength: Strength,
    /// Other calls that could have returned these credentials.
    pub alternatives: Vec<Text<'a>>,
}

/// A login.
#[derive(Clone, Debug, Serialize)]
pub struct CredentialRow<'a> {
    /// `accessKeyId`.
    pub access_key_id: Option<Text<'a>>,
    /// `sessionContext.attributes.creationDate`.
    pub created: Option<String>,
}

/// The caller's address and program.
#[derive(Clone, Debug, Serialize)]
pub struct ClientRow<'a> {
    /// The address.
    pub source_ip: Option<Text<'a>>,
    /// The program.
    pub user_agent: Option<Text<'a>>,
    /// `call`: the push's own calls show it; `authorization`: its login does.
    pub from: ClientFrom,
    /// The VPC endpoint that the calls came through.
    pub vpc_endpoint_id: Option<Text<'a>>,
    /// The account that owns the endpoint.
    pub vpc_endpoint_account: Option<Text<'a>>,
    /// The version of TLS.
    pub tls_version: Option<Text<'a>>,
}

impl ClientRow<'_> {
    /// What shows the address, for a push whose login is so sure; `None` if there is none.
    pub(crate) fn shown_by(&self, login: Option<Strength>) -> Option<AddressBy> {
        self.source_ip.as_ref()?;
        match self.from {
            ClientFrom::Call => Some(AddressBy::Call),
            ClientFrom::Authorization => login.map(|strength| match strength {
                Strength::Proof => AddressBy::Proof,
                Strength::Inference => AddressBy::Inference,
                Strength::Hint => AddressBy::Hint,
            }),
        }
    }
}

/// The login of a push.
#[derive(Clone, Debug, Serialize)]
pub struct AuthorizationRow<'a> {
    /// The `GetAuthorizationToken` event.
    pub event_id: Text<'a>,
    /// Its time.
    pub time: String,
    /// `inference` or `hint`.
    pub strength: Strength,
    /// Other logins that it could have been.
    pub alternatives: Vec<Text<'a>>,
}
