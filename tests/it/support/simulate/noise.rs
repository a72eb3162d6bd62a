//! Records that belong to no push: other services, reads of ECR, what ECR does on its own.
//!
//! In: chance, an account and region, a time. Out: one record. They make up most of every real log, and some
//! name the same repositories as pushes do.

use serde_json::{Value, json};

use super::clock::{Millis, SECOND, rfc3339, whole_second};
use super::random::Random;
use super::record::Record;
use super::registry::Place;
use super::stage::{Aside, Login};

/// A record of another service, one of those that make up most of a log.
pub(crate) fn of_other_services(
    random: &mut Random,
    account: &str,
    region: &str,
    at: Millis,
) -> Record {
    const CALLS: [(&str, &str, bool); 12] = [
        ("s3.amazonaws.com", "ListBuckets", true),
        ("s3.amazonaws.com", "GetBucketAcl", true),
        ("s3.amazonaws.com", "PutObject", false),
        ("sts.amazonaws.com", "GetCallerIdentity", true),
        ("sts.amazonaws.com", "AssumeRole", true),
        ("ec2.amazonaws.com", "DescribeInstances", true),
        ("ec2.amazonaws.com", "RunInstances", false),
        ("iam.amazonaws.com", "ListRoles", true),
        ("kms.amazonaws.com", "Decrypt", true),
        ("logs.amazonaws.com", "CreateLogStream", false),
        ("ecr.amazonaws.com", "DescribeImages", true),
        ("ecr.amazonaws.com", "BatchGetImage", true),
    ];
    let (source, name, is_read) = *random.pick(&CALLS);
    let event_id = random.uuid();
    let parameters = match name {
        "DescribeImages" | "BatchGetImage" => {
            json!({"registryId": account, "repositoryName": "team/app"})
        }
        "GetCallerIdentity" | "ListBuckets" | "ListRoles" => Value::Null,
        _ => {
            json!({"name": format!("thing-{}", random.within(1, 500)), "digest": format!("sha256:{:016x}", random.next())})
        }
    };
    let record = json!({
        "eventVersion": "1.11",
        "userIdentity": {
            "type": "AssumedRole",
            "principalId": format!("AROAZZZZZZZZZZZZZZZZZ:worker-{}", random.within(1, 40)),
            "arn": format!("arn:aws:sts::{account}:assumed-role/worker/worker-1"),
            "accountId": account,
            "accessKeyId": format!("ASIA{}", random.code(16)),
        },
        "eventTime": rfc3339(at),
        "eventSource": source,
        "eventName": name,
        "awsRegion": region,
        "sourceIPAddress": format!("10.0.{}.{}", random.within(0, 255), random.within(1, 254)),
        "userAgent": "aws-sdk-go/1.44.0",
        "requestParameters": parameters,
        "responseElements": null,
        "requestID": random.uuid(),
        "eventID": event_id,
        "readOnly": is_read,
        "eventType": "AwsApiCall",
        "managementEvent": true,
        "recipientAccountId": account,
        "eventCategory": "Management",
    });
    foreign_to_pushes(
        event_id,
        record.to_string(),
        whole_second(at),
        (account, region),
        !is_read,
    )
}

/// A record that no simulated client made, of an account and region.
pub(crate) fn foreign_to_pushes(
    event_id: String,
    json: String,
    time: Millis,
    of: (&str, &str),
    is_write: bool,
) -> Record {
    Record {
        event_id,
        time,
        account: of.0.to_owned(),
        region: of.1.to_owned(),
        is_write,
        call: None,
        shows_upload: false,
        shows_manifest: false,
        shows_key: false,
        json,
    }
}

/// The `GetServiceBearerToken` of STS that a login to ECR Public brings with it.
pub(crate) fn bearer_token(
    random: &mut Random,
    login: &Login,
    place: &Place,
    at: Millis,
) -> Record {
    let event_id = random.uuid();
    let account = &login.principal.account;
    let record = json!({
        "eventVersion": "1.08",
        "userIdentity": login.principal.user_identity(&login.own),
        "eventTime": rfc3339(at),
        "eventSource": "sts.amazonaws.com",
        "eventName": "GetServiceBearerToken",
        "awsRegion": place.region,
        "sourceIPAddress": login.address,
        "userAgent": login.user_agent,
        "requestParameters": {"durationSeconds": 43_200, "serviceName": "ecr-public.amazonaws.com"},
        "responseElements": null,
        "requestID": random.uuid(),
        "eventID": event_id,
        "readOnly": true,
        "eventType": "AwsApiCall",
        "managementEvent": true,
        "recipientAccountId": account,
        "eventCategory": "Management",
    });
    foreign_to_pushes(
        event_id,
        record.to_string(),
        whole_second(at),
        (account, &place.region),
        false,
    )
}

/// A lifecycle run or a replication in `place`: ECR's own doing, no push.
pub(crate) fn of_ecr_itself(random: &mut Random, place: &Place, at: Millis) -> Record {
    let event_id = random.uuid();
    let name = *random.pick(&["PolicyExecutionEvent", "ReplicateImage"]);
    let details = match name {
        "PolicyExecutionEvent" => json!({
            "repositoryName": place.name,
            "lifecycleEventPolicy": {"lifecycleEventRules": [], "lastEvaluatedAt": 0, "policyVersion": 1, "policyId": random.uuid()},
            "lifecycleEventImageActions": [{
                "lifecycleEventImage": {
                    "digest": format!("sha256:{:064x}", random.next()),
                    "tagStatus": "Tagged",
                    "tagList": ["old"],
                    "pushedAt": at - 864_000 * SECOND,
                },
                "rulePriority": 1,
            }],
        }),
        _ => {
            json!({"repositoryName": place.name, "imageDigest": format!("sha256:{:064x}", random.next())})
        }
    };
    let record = json!({
        "eventVersion": "1.08",
        "userIdentity": {"accountId": place.account, "invokedBy": "AWS Internal"},
        "eventTime": rfc3339(at),
        "eventSource": "ecr.amazonaws.com",
        "eventName": name,
        "awsRegion": place.region,
        "sourceIPAddress": "AWS Internal",
        "userAgent": "AWS Internal",
        "requestParameters": null,
        "responseElements": null,
        "eventID": event_id,
        "readOnly": true,
        "resources": [{"ARN": place.arn(), "accountId": place.account, "type": "AWS::ECR::Repository"}],
        "eventType": "AwsServiceEvent",
        "recipientAccountId": place.account,
        "serviceEventDetails": details,
        "eventCategory": "Management",
    });
    foreign_to_pushes(
        event_id,
        record.to_string(),
        whole_second(at),
        (&place.account, &place.region),
        false,
    )
}

/// A call that is part of no push, though it has to do with one.
pub(crate) fn aside(random: &mut Random, place: &Place, at: Millis, aside: Aside) -> Record {
    let event_id = random.uuid();
    let account = &place.account;
    let role = |name: &str, path: &str, session: &str| {
        let id = "AROAYYYYYYYYYYYYYYYYY";
        json!({
            "type": "AssumedRole",
            "principalId": format!("{id}:{session}"),
            "arn": format!("arn:aws:sts::{account}:assumed-role/{name}/{session}"),
            "accountId": account,
            "sessionContext": {
                "sessionIssuer": {
                    "type": "Role",
                    "principalId": id,
                    "arn": format!("arn:aws:iam::{account}:role/{path}{name}"),
                    "accountId": account,
                    "userName": name,
                },
                "attributes": {"creationDate": rfc3339(at - 60 * SECOND), "mfaAuthenticated": "false"},
            },
        })
    };
    let (name, identity, agent, is_service) = match aside {
        Aside::CreatedByAdmin => (
            "CreateRepository",
            role("admin", "", "alice"),
            "aws-cli/2.15.30 command/ecr.create-repository",
            false,
        ),
        Aside::CreatedOnPush => (
            "CreateRepository",
            role(
                "AWSServiceRoleForECRTemplate",
                "aws-service-role/ecr.amazonaws.com/",
                "ecr-template",
            ),
            "ecr.amazonaws.com",
            true,
        ),
        Aside::PulledThrough => (
            "BatchImportUpstreamImage",
            role(
                "AWSServiceRoleForECRPullThroughCache",
                "aws-service-role/pullthroughcache.ecr.amazonaws.com/",
                "ecr-pull-through",
            ),
            "pullthroughcache.ecr.amazonaws.com",
            true,
        ),
        Aside::Replicated => (
            "ReplicateImage",
            role(
                "AWSServiceRoleForECRReplication",
                "aws-service-role/replication.ecr.amazonaws.com/",
                "ecr-replication",
            ),
            "replication.ecr.amazonaws.com",
            true,
        ),
    };
    let mut identity = identity;
    if is_service {
        identity["invokedBy"] = json!(agent);
    }
    let record = json!({
        "eventVersion": "1.11",
        "userIdentity": identity,
        "eventTime": rfc3339(at),
        "eventSource": "ecr.amazonaws.com",
        "eventName": name,
        "awsRegion": place.region,
        "sourceIPAddress": if is_service { agent } else { "198.51.100.250" },
        "userAgent": agent,
        "requestParameters": {"registryId": account, "repositoryName": place.name},
        "responseElements": null,
        "requestID": random.uuid(),
        "eventID": event_id,
        "readOnly": false,
        "resources": [{"accountId": account, "ARN": place.arn()}],
        "eventType": "AwsApiCall",
        "managementEvent": true,
        "recipientAccountId": account,
        "eventCategory": "Management",
    });
    foreign_to_pushes(
        event_id,
        record.to_string(),
        whole_second(at),
        (account, &place.region),
        true,
    )
}
