//! RECORD -> ASSUMPTION: who assumed a role.
//!
//! Comes in: the text of a record that may be from STS. Goes out: the caller, and the session and
//! key that it received. Never: a refused call, which returns nothing, or a conclusion about a
//! push.

use chrono::{DateTime, Utc};
use serde_json::Value;

use crate::event::identity::{ClientProbe, CredentialProbe, IdentityProbe};
use crate::event::tables::Tables;
use crate::event::time::parse_time;
use crate::event::{ClientId, CredentialId, IdentityId, TextId, Uid};

/// A role assumption: a granted `AssumeRole`, `AssumeRoleWithWebIdentity` or `AssumeRoleWithSAML`
/// (IAM user guide, "Logging IAM and AWS STS API calls with AWS CloudTrail").
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assumption {
    /// `eventTime`.
    pub time: DateTime<Utc>,
    /// `eventID`.
    pub event_id: Uid,
    /// `sharedEventID`: equal on the two records of a call from another account.
    pub shared_event_id: Option<TextId>,
    /// `eventName`.
    pub action: TextId,
    /// Who called.
    pub caller: IdentityId,
    /// The login used.
    pub credential: CredentialId,
    /// Where the call came from.
    pub client: ClientId,
    /// `responseElements.credentials.accessKeyId`: the key that the session received.
    pub key: Option<TextId>,
    /// `responseElements.assumedRoleUser.arn`: the session.
    pub session: Option<TextId>,
    /// The subject that a web identity or SAML provider vouches for.
    pub subject: Option<TextId>,
    /// That provider.
    pub provider: Option<TextId>,
}

/// The calls that return a role session.
pub const ASSUMING: [&str; 3] = [
    "AssumeRole",
    "AssumeRoleWithSAML",
    "AssumeRoleWithWebIdentity",
];

/// Whether a call may return a role session.
#[must_use]
pub fn is_call(source: &str, name: &str) -> bool {
    source == "sts.amazonaws.com" && ASSUMING.contains(&name)
}

/// Reads a record; `None` if it is of another call, or returns no session.
#[must_use]
pub fn parse(text: &str, tables: &mut Tables) -> Option<Assumption> {
    // Most records that come here are of other calls; parsing them would be the main cost.
    if !text.contains("\"AssumeRole") {
        return None;
    }
    let record: Value = serde_json::from_str(text).ok()?;
    let record = &record;
    let name = string(record, "/eventName")?;
    let is_granted = record.get("errorCode").is_none_or(Value::is_null);
    if !is_call(string(record, "/eventSource")?, name) || !is_granted {
        return None;
    }
    let key = string(record, "/responseElements/credentials/accessKeyId");
    let session = string(record, "/responseElements/assumedRoleUser/arn");
    if key.is_none() && session.is_none() {
        return None;
    }
    let subject = string(record, "/responseElements/subjectFromWebIdentityToken")
        .or_else(|| string(record, "/responseElements/subject"))
        .or_else(|| string(record, "/userIdentity/userName").filter(|_| name != "AssumeRole"));
    let provider = string(record, "/responseElements/provider")
        .or_else(|| string(record, "/responseElements/issuer"))
        .or_else(|| string(record, "/userIdentity/identityProvider"));
    Some(Assumption {
        time: parse_time(string(record, "/eventTime")?)?,
        event_id: Uid::intern(string(record, "/eventID")?, &mut tables.texts),
        shared_event_id: string(record, "/sharedEventID").map(|text| tables.text(text)),
        action: tables.text(name),
        caller: caller(record, tables),
        credential: credential(record, tables),
        client: client(record, tables),
        key: key.map(|text| tables.text(text)),
        session: session.map(|text| tables.text(text)),
        subject: subject.map(|text| tables.text(text)),
        provider: provider.map(|text| tables.text(text)),
    })
}

fn string<'v>(record: &'v Value, pointer: &str) -> Option<&'v str> {
    let text = record.pointer(pointer)?.as_str()?;
    (!text.is_empty()).then_some(text)
}

/// The caller; a service that acts by itself goes by its name in `invokedBy`.
fn caller(record: &Value, tables: &mut Tables) -> IdentityId {
    let kind = string(record, "/userIdentity/type");
    let invoked_by = string(record, "/userIdentity/invokedBy");
    let probe = IdentityProbe {
        kind,
        arn: string(record, "/userIdentity/arn"),
        account: string(record, "/userIdentity/accountId"),
        principal_id: string(record, "/userIdentity/principalId"),
        user_name: string(record, "/userIdentity/userName")
            .or_else(|| {
                string(
                    record,
                    "/userIdentity/sessionContext/sessionIssuer/userName",
                )
            })
            .or(invoked_by.filter(|_| kind == Some("AWSService"))),
        backing: None,
    };
    tables.identities.intern(&probe, || probe.own())
}

fn credential(record: &Value, tables: &mut Tables) -> CredentialId {
    let created = "/userIdentity/sessionContext/attributes/creationDate";
    let probe = CredentialProbe {
        access_key_id: string(record, "/userIdentity/accessKeyId"),
        created: string(record, created).and_then(parse_time),
        sign_in_session: string(record, "/userIdentity/sessionContext/signInSessionArn"),
    };
    tables.credentials.intern(&probe, || probe.own())
}

fn client(record: &Value, tables: &mut Tables) -> ClientId {
    let probe = ClientProbe {
        source_ip: string(record, "/sourceIPAddress"),
        user_agent: string(record, "/userAgent"),
        invoked_by: string(record, "/userIdentity/invokedBy"),
        vpc_endpoint_id: string(record, "/vpcEndpointId"),
        vpc_endpoint_account: string(record, "/vpcEndpointAccountId"),
        tls_version: string(record, "/tlsDetails/tlsVersion"),
    };
    tables.clients.intern(&probe, || probe.own())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn record() -> Value {
        json!({
            "eventTime": "2024-03-04T09:00:00Z", "eventSource": "sts.amazonaws.com",
            "eventName": "AssumeRoleWithWebIdentity", "eventID": "e",
            "sourceIPAddress": "198.51.100.7",
            "userIdentity": {"type": "WebIdentityUser", "userName": "repo:org/app:ref:refs/heads/main",
                "identityProvider": "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com"},
            "responseElements": {"credentials": {"accessKeyId": "ASIAEXAMPLE"},
                "assumedRoleUser": {"arn": "arn:aws:sts::123456789012:assumed-role/ci/GitHubActions"}}
        })
    }

    #[test]
    fn a_web_identity_is_read_with_key_session_and_subject() {
        let mut tables = Tables::default();
        let found = parse(&record().to_string(), &mut tables).expect("an assumption");
        let text = |id: Option<TextId>| id.map(|id| tables.texts.get(id).to_string());
        assert_eq!(text(found.key).as_deref(), Some("ASIAEXAMPLE"));
        assert_eq!(
            text(found.subject).as_deref(),
            Some("repo:org/app:ref:refs/heads/main")
        );
        assert!(text(found.session).is_some_and(|arn| arn.ends_with("ci/GitHubActions")));
        assert!(text(found.provider).is_some_and(|arn| arn.contains("oidc-provider")));
    }

    #[test]
    fn what_gives_no_session_is_none() {
        let mut tables = Tables::default();
        for (pointer, value) in [
            ("/eventSource", json!("s3.amazonaws.com")),
            ("/eventName", json!("AssumeRoleLater")),
            ("/eventTime", json!("soon")),
            ("/eventID", json!(7)),
            ("/responseElements", json!(null)),
            ("/userIdentity", json!(["odd"])),
        ] {
            let mut record = record();
            *record.pointer_mut(pointer).expect("there") = value;
            let found = parse(&record.to_string(), &mut tables);
            assert_eq!(found.is_some(), pointer == "/userIdentity", "{pointer}");
        }
        let mut refused = record();
        refused["errorCode"] = json!("AccessDenied");
        assert_eq!(parse(&refused.to_string(), &mut tables), None);
        // A text that imitates one, inside a string of another record.
        let quoted = json!({"requestParameters": record().to_string()}).to_string();
        assert_eq!(parse(&quoted, &mut tables), None);
        assert_eq!(parse("{\"AssumeRole", &mut tables), None);
    }
}
