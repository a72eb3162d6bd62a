//! Calls beside the pushes: what they ask for, by the words of a script's line.
//!
//! In: an action's name and its words. Out: the fields of its record that differ from call to call.

use reconstruct::event::Deed;
use serde_json::{Value, json};

use super::super::simulate::clock::{Millis, rfc3339};
use super::super::simulate::random::Random;
use super::super::simulate::stage::Login;
use super::seed;

/// The images that words name: tags, and `@` with a digest.
pub(super) fn image_ids(words: &[String]) -> Vec<Value> {
    let ids = words.iter().map(|word| match word.strip_prefix('@') {
        Some(digest) => json!({"imageDigest": digest}),
        None => json!({"imageTag": word}),
    });
    ids.collect()
}

/// Adds what the action asks for to its `requestParameters`.
pub(super) fn ask(record: &mut Value, action: &str, words: &[String]) {
    let parameters = &mut record["requestParameters"];
    match action {
        "BatchDeleteImage" => delete(record, words),
        "UpdateImageStorageClass" => {
            parameters["imageId"] = json!(image_ids(words.get(1..).unwrap_or_default()).first());
            parameters["targetStorageClass"] = json!(words.first());
        }
        "CreateRepository" if words.is_empty() => {}
        "CreateRepository" | "PutImageTagMutability" => {
            let filters = words.iter().skip(1);
            let filters = filters.map(|filter| json!({"filterType": "WILDCARD", "filter": filter}));
            parameters["imageTagMutability"] = json!(words.first());
            if words.len() > 1 {
                parameters["imageTagMutabilityExclusionFilters"] = filters.collect();
            }
        }
        "StartImageScan" | "ReplicateImage" | "BatchImportUpstreamImage" => {
            parameters["imageId"] = json!(image_ids(words).first());
        }
        registry if is_of_registry(registry) => {
            record["requestParameters"] = json!({});
            record["resources"] = Value::Null;
        }
        "PolicyExecutionEvent" => expire(record, words),
        _ => {}
    }
}

/// Whether a call is about a whole registry, and so names no repository.
fn is_of_registry(action: &str) -> bool {
    Deed::of_call(action.as_bytes()).is_some_and(Deed::is_of_registry)
}

/// What is to be deleted, and among the failures of the answer what `~` stands before.
fn delete(record: &mut Value, words: &[String]) {
    let asked: Vec<String> = words
        .iter()
        .map(|word| word.trim_start_matches('~').to_owned())
        .collect();
    let (failed, done): (Vec<_>, Vec<_>) = words
        .iter()
        .zip(image_ids(&asked))
        .partition(|(word, _)| word.starts_with('~'));
    let ids = |ids: Vec<(&String, Value)>| ids.into_iter().map(|(_, id)| id).collect::<Vec<_>>();
    let failures = ids(failed).into_iter().map(|id| {
        json!({"imageId": id, "failureCode": "ImageReferencedByManifestList",
            "failureReason": "Requested image referenced by manifest list"})
    });
    let failures: Vec<_> = failures.collect();
    record["requestParameters"]["imageIds"] = json!(image_ids(&asked));
    if record.get("errorCode").is_none() {
        record["responseElements"] = json!({"imageIds": ids(done), "failures": failures});
    }
}

/// Makes the record that of a lifecycle policy's run (ECR user guide, "Logging Amazon ECR actions with AWS
/// CloudTrail", the example of a lifecycle policy).
fn expire(record: &mut Value, words: &[String]) {
    let name = record["requestParameters"]["repositoryName"].clone();
    let account = record["recipientAccountId"].clone();
    let images = words.iter().map(|word| {
        let image = match word.strip_prefix('@') {
            Some(digest) => json!({"digest": digest, "tagStatus": "Untagged", "pushedAt": 1_584_042_813_000_u64}),
            None => json!({"tagStatus": "Tagged", "tagList": [word], "pushedAt": 1_584_042_813_000_u64}),
        };
        json!({"lifecycleEventImage": image, "rulePriority": 1})
    });
    record["serviceEventDetails"] = json!({
        "repositoryName": name,
        "lifecycleEventPolicy": {"lifecycleEventRules": [], "lastEvaluatedAt": 0, "policyVersion": 1},
        "lifecycleEventImageActions": images.collect::<Vec<_>>(),
    });
    record["userIdentity"] = json!({"accountId": account, "invokedBy": "AWS Internal"});
    record["sourceIPAddress"] = json!("AWS Internal");
    record["userAgent"] = json!("AWS Internal");
    record["requestParameters"] = Value::Null;
    record["eventType"] = json!("AwsServiceEvent");
}

/// The record of a role taken on by `caller`, who was given the key of `given` (IAM user guide, "Logging IAM and AWS
/// STS API calls with AWS CloudTrail").
pub(crate) fn assumption(
    caller: &Login,
    given: &Login,
    action: &str,
    at: Millis,
    (account, region): (&str, &str),
) -> Value {
    let mut random = Random::new(seed(&format!("{action} {at} {}", given.principal.label())));
    let role = given.principal.user_identity(&given.own);
    let mut response = json!({
        "credentials": {"accessKeyId": given.own.access_key_id, "expiration": rfc3339(at + 3_600_000)},
        "assumedRoleUser": {"assumedRoleId": role["principalId"], "arn": role["arn"]},
    });
    let identity = caller.principal.user_identity(&caller.own);
    if action == "AssumeRoleWithWebIdentity" {
        response["subjectFromWebIdentityToken"] = identity["userName"].clone();
        response["provider"] = json!(format!(
            "arn:aws:iam::{account}:oidc-provider/token.actions.githubusercontent.com"
        ));
    }
    json!({
        "eventVersion": "1.08",
        "userIdentity": identity,
        "eventTime": rfc3339(at),
        "eventSource": "sts.amazonaws.com",
        "eventName": action,
        "awsRegion": region,
        "sourceIPAddress": caller.address,
        "userAgent": "aws-sdk-js/3.515.0",
        "requestParameters": {
            "roleArn": role["sessionContext"]["sessionIssuer"]["arn"],
            "roleSessionName": role["arn"].as_str().and_then(|arn| arn.rsplit('/').next()),
        },
        "responseElements": response,
        "requestID": random.uuid(),
        "eventID": random.uuid(),
        "readOnly": true,
        "eventType": "AwsApiCall",
        "managementEvent": true,
        "recipientAccountId": account,
        "eventCategory": "Management",
    })
}
