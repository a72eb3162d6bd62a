//! Records that other programs keep under names of their own.
//!
//! Comes in: an object. Goes out: the record that it was made from, as far as it was kept. Never: a member that the object
//! does not have.
//!
//! | who | where the names stand |
//! |---|---|
//! | Security Lake and others, in the API Activity of OCSF | OCSF's own mapping of CloudTrail, version 1.1.0 |
//! | Microsoft Sentinel | Azure Monitor's reference of the table `AWSCloudTrail` |
//!
//! Parameters and responses stay the texts of JSON that they are there; the next stage reads them so.

use serde_json::{Map, Value};

/// A member's way in the object, and its way in the record, with dots between the names.
type Way = (&'static str, &'static str);

/// OCSF 1.1.0 and later. Where two lead to one member, the first that is there counts.
const OCSF: [Way; 29] = [
    ("metadata.uid", "eventID"),
    ("metadata.event_code", "eventType"),
    ("metadata.product.feature.name", "eventCategory"),
    ("metadata.product.version", "eventVersion"),
    ("api.operation", "eventName"),
    ("api.service.name", "eventSource"),
    ("api.version", "apiVersion"),
    ("api.request.uid", "requestID"),
    ("api.request.data", "requestParameters"),
    ("api.response.data", "responseElements"),
    ("api.response.error", "errorCode"),
    ("api.response.message", "errorMessage"),
    ("time_dt", "eventTime"),
    ("cloud.region", "awsRegion"),
    ("cloud.account.uid", "recipientAccountId"),
    ("src_endpoint.ip", "sourceIPAddress"),
    ("src_endpoint.domain", "sourceIPAddress"),
    ("src_endpoint.uid", "vpcEndpointId"),
    ("http_request.user_agent", "userAgent"),
    ("actor.user.type", "userIdentity.type"),
    ("actor.user.uid", "userIdentity.arn"),
    ("actor.user.uid_alt", "userIdentity.principalId"),
    ("actor.user.name", "userIdentity.userName"),
    ("actor.user.account.uid", "userIdentity.accountId"),
    ("actor.user.credential_uid", "userIdentity.accessKeyId"),
    ("actor.invoked_by", "userIdentity.invokedBy"),
    (
        "actor.session.created_time_dt",
        "userIdentity.sessionContext.attributes.creationDate",
    ),
    (
        "actor.session.issuer",
        "userIdentity.sessionContext.sessionIssuer.arn",
    ),
    ("unmapped.sharedEventID", "sharedEventID"),
];

/// The table `AWSCloudTrail`, and the name that its deprecated column has now.
const SENTINEL: [Way; 34] = [
    ("AwsEventId", "eventID"),
    ("EventVersion", "eventVersion"),
    ("EventName", "eventName"),
    ("EventSource", "eventSource"),
    ("EventTypeName", "eventType"),
    ("Category", "eventCategory"),
    ("APIVersion", "apiVersion"),
    ("AwsRequestId_", "requestID"),
    ("AwsRequestId", "requestID"),
    ("TimeGenerated", "eventTime"),
    ("AWSRegion", "awsRegion"),
    ("RecipientAccountId", "recipientAccountId"),
    ("SharedEventId", "sharedEventID"),
    ("SourceIpAddress", "sourceIPAddress"),
    ("UserAgent", "userAgent"),
    ("VpcEndpointId", "vpcEndpointId"),
    ("ErrorCode", "errorCode"),
    ("ErrorMessage", "errorMessage"),
    ("RequestParameters", "requestParameters"),
    ("ResponseElements", "responseElements"),
    ("AdditionalEventData", "additionalEventData"),
    ("ServiceEventDetails", "serviceEventDetails"),
    ("Resources", "resources"),
    ("UserIdentityType", "userIdentity.type"),
    ("UserIdentityPrincipalid", "userIdentity.principalId"),
    ("UserIdentityArn", "userIdentity.arn"),
    ("UserIdentityAccountId", "userIdentity.accountId"),
    ("UserIdentityAccessKeyId", "userIdentity.accessKeyId"),
    ("UserIdentityUserName", "userIdentity.userName"),
    ("UserIdentityInvokedBy", "userIdentity.invokedBy"),
    (
        "SessionCreationDate",
        "userIdentity.sessionContext.attributes.creationDate",
    ),
    (
        "SessionIssuerArn",
        "userIdentity.sessionContext.sessionIssuer.arn",
    ),
    (
        "SessionIssuerUserName",
        "userIdentity.sessionContext.sessionIssuer.userName",
    ),
    (
        "SessionIssuerPrincipalId",
        "userIdentity.sessionContext.sessionIssuer.principalId",
    ),
];

/// The record that an object of one of these forms was made from, and the form's name; `None` if it is of none.
pub(super) fn mapped(object: &str) -> Option<(String, &'static str)> {
    let whole: Value = serde_json::from_str(object).ok()?;
    let is_of_cloudtrail = at(&whole, "metadata.product.name")
        .is_some_and(|name| name == "CloudTrail")
        && at(&whole, "api.operation").is_some();
    let is_row = whole.get("AwsEventId").is_some() && whole.get("EventSource").is_some();
    let (ways, name): (&[Way], _) = match (is_of_cloudtrail, is_row) {
        (true, _) => (&OCSF, "OCSF"),
        (_, true) => (&SENTINEL, "AWSCloudTrail"),
        (false, false) => return None,
    };
    let mut record = Map::new();
    for (from, to) in ways {
        match at(&whole, from) {
            // An empty column, and `"null"` for a parameter that is null, say nothing.
            None | Some(Value::Null) => {}
            Some(Value::String(text)) if text.is_empty() || text == "null" => {}
            Some(value) => put(&mut record, to, value),
        }
    }
    Some((Value::Object(record).to_string(), name))
}

/// The value at the end of a way.
fn at<'v>(value: &'v Value, way: &str) -> Option<&'v Value> {
    way.split('.')
        .try_fold(value, |value, name| value.get(name))
}

/// Puts a value at the end of a way, unless one stands there.
fn put(object: &mut Map<String, Value>, way: &str, value: &Value) {
    match way.split_once('.') {
        None => _ = object.entry(way).or_insert_with(|| value.clone()),
        Some((name, rest)) => {
            let inner = object
                .entry(name)
                .or_insert_with(|| Value::Object(Map::new()));
            if let Value::Object(inner) = inner {
                put(inner, rest, value);
            }
        }
    }
}
