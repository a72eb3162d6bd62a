//! Calls beside the pushes: what they ask for, by the words of a script's line.
//!
//! In: an action's name and its words. Out: the fields of its record that differ from call to call.

use serde_json::{Value, json};

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
        "BatchDeleteImage" => parameters["imageIds"] = json!(image_ids(words)),
        "PutImageTagMutability" => parameters["imageTagMutability"] = json!(words.first()),
        "PolicyExecutionEvent" => expire(record, words),
        _ => {}
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
