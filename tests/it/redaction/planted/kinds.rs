//! A record of every kind that the program reads, with every text that one can hold.
//!
//! In: nothing. Out: names and records, the members as CloudTrail's and ECR's references have them, and
//! members that nobody knows. Manifests are objects here; a record holds them as texts.

use serde_json::{Map, Value, json};

const D1: &str = "sha256:1111111111111111111111111111111111111111111111111111111111111111";
const D2: &str = "sha256:2222222222222222222222222222222222222222222222222222222222222222";

/// Every kind of `userIdentity` (CloudTrail user guide, "CloudTrail userIdentity element").
fn identities() -> Vec<(&'static str, Value)> {
    let session = json!({
        "sessionIssuer": {"type": "Role", "principalId": "AROAEXAMPLEROLE12345",
            "arn": "arn:aws:iam::123456789012:role/build/ci-push", "accountId": "123456789012",
            "userName": "ci-push"},
        "webIdFederationData": {"federatedProvider":
            "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com",
            "attributes": {"sub": "repo:acme/app:ref:refs/heads/main", "aud": "sts.amazonaws.com"}},
        "attributes": {"creationDate": "2024-03-04T08:00:00Z", "mfaAuthenticated": "false"},
        "sourceIdentity": "dana", "ec2RoleDelivery": "2.0",
        "signInSessionArn": "arn:aws:signin:eu-west-1:123456789012:session/6e4a2c1f-0000-4000-8000-0123456789ab",
    });
    let plain = |kind: &str, arn: &str, name: &str| {
        json!({"type": kind, "principalId": "AIDAEXAMPLEUSER12345", "arn": arn,
            "accountId": "123456789012", "accessKeyId": "AKIAEXAMPLEKEY123456", "userName": name,
            "invokedBy": "codebuild.amazonaws.com", "unknownMember": {"deep": ["a text"]}})
    };
    vec![
        (
            "AssumedRole",
            json!({"type": "AssumedRole", "principalId": "AROAEXAMPLEROLE12345:ci-9032",
            "arn": "arn:aws:sts::123456789012:assumed-role/ci-push/ci-9032",
            "accountId": "123456789012", "accessKeyId": "ASIAEXAMPLEKEY123456",
            "sessionContext": session, "invokedBy": "ecr.amazonaws.com",
            "invokedByDelegate": {"accountId": "210987654321"},
            "onBehalfOf": {"userId": "544894e8-80c1-707f-60e3-3ba6510dfac1",
                "identityStoreArn": "arn:aws:identitystore::123456789012:identitystore/d-1234567890"},
            "inScopeOf": {"sourceArn": "arn:aws:codebuild:eu-west-1:123456789012:project/shop",
                "sourceAccount": "123456789012", "issuerType": "AWS::SageMaker::Domain",
                "credentialsIssuedTo": "arn:aws:sagemaker:eu-west-1:123456789012:app/d-1/dana/jupyter/default"},
            "identityProvider": "arn:aws:iam::123456789012:saml-provider/acme"}),
        ),
        (
            "Root",
            plain("Root", "arn:aws:iam::123456789012:root", "acme"),
        ),
        (
            "IAMUser",
            plain(
                "IAMUser",
                "arn:aws:iam::123456789012:user/people/dana",
                "dana",
            ),
        ),
        (
            "Role",
            plain("Role", "arn:aws:iam::123456789012:role/ci-push", "ci-push"),
        ),
        (
            "FederatedUser",
            json!({"type": "FederatedUser", "principalId": "123456789012:eve",
            "arn": "arn:aws:sts::123456789012:federated-user/eve", "accountId": "123456789012",
            "accessKeyId": "ASIAEXAMPLEKEY123457", "sessionContext": session}),
        ),
        (
            "Directory",
            plain(
                "Directory",
                "arn:aws:ds:eu-west-1:123456789012:user/dana",
                "dana",
            ),
        ),
        (
            "AWSAccount",
            json!({"type": "AWSAccount", "principalId": "AROAEXAMPLEROLE12345:job-7",
            "accountId": "210987654321"}),
        ),
        (
            "AWSService",
            json!({"type": "AWSService", "principalId": "p", "userName": "codepipeline.amazonaws.com",
            "invokedBy": "codepipeline.amazonaws.com"}),
        ),
        (
            "IdentityCenterUser",
            json!({"type": "IdentityCenterUser", "accountId": "123456789012",
            "onBehalfOf": {"userId": "dana@example.com", "identityStoreArn":
                "arn:aws:identitystore::123456789012:identitystore/d-1234567890"},
            "credentialId": "VaR5EXAMPLE"}),
        ),
        (
            "WebIdentityUser",
            json!({"type": "WebIdentityUser",
            "principalId": "accounts.google.com:app.apps.googleusercontent.com:1234",
            "userName": "1234", "identityProvider": "accounts.google.com"}),
        ),
        (
            "SAMLUser",
            json!({"type": "SAMLUser", "principalId": "SampleUkh1i4:dana", "userName": "dana",
            "identityProvider": "SampleUkh1i4"}),
        ),
        (
            "Unknown",
            json!({"type": "Unknown", "principalId": "x", "accountId": "ANONYMOUS_PRINCIPAL"}),
        ),
    ]
}

/// A call as any record tells it.
fn call(name: &str, identity: &Value, request: Value, response: Value) -> Value {
    let mut record = json!({
        "eventVersion": "1.10", "userIdentity": identity, "eventTime": "2024-03-04T09:00:00Z",
        "eventSource": "ecr.amazonaws.com", "eventName": name, "awsRegion": "eu-west-1",
        "sourceIPAddress": "198.51.100.7",
        "userAgent": "aws-cli/2.15.30 Python/3.11.8 Linux/6.5.0-1016-aws exe/x86_64.ubuntu.22 app/shop",
        "requestParameters": null, "responseElements": null,
        "requestID": "11111111-2222-4333-8444-555555555555", "eventID": "00000000-0000-4000-8000-000000000000",
        "readOnly": false,
        "resources": [{"accountId": "123456789012", "type": "AWS::ECR::Repository",
            "ARN": "arn:aws:ecr:eu-west-1:123456789012:repository/team/app"}],
        "eventType": "AwsApiCall", "managementEvent": true, "recipientAccountId": "123456789012",
        "sharedEventID": "66666666-7777-4888-8999-aaaaaaaaaaaa", "vpcEndpointId": "vpce-0123456789abcdef0",
        "vpcEndpointAccountId": "123456789012", "eventCategory": "Management",
        "tlsDetails": {"tlsVersion": "TLSv1.3", "cipherSuite": "TLS_AES_128_GCM_SHA256",
            "clientProvidedHostHeader": "123456789012.dkr.ecr.eu-west-1.amazonaws.com"},
        "additionalEventData": {"caller": "somebody"}, "unknownMember": ["a text", {"deep": "a text"}],
    });
    record["requestParameters"] = request;
    record["responseElements"] = response;
    record
}

/// The same, refused.
fn refused(mut record: Value, code: &str, message: &str) -> Value {
    record["errorCode"] = json!(code);
    record["errorMessage"] = json!(message);
    record["responseElements"] = Value::Null;
    record
}

fn with(mut record: Value, members: Value) -> Value {
    if let (Some(record), Value::Object(members)) = (record.as_object_mut(), members) {
        record.extend(members);
    }
    record
}

fn image() -> Value {
    json!({"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "artifactType": "application/vnd.cncf.helm.config.v1+json",
        "config": {"mediaType": "application/vnd.oci.image.config.v1+json", "digest": D1, "size": 7_023},
        "layers": [{"mediaType": "application/vnd.oci.image.layer.v1.tar+gzip", "digest": D2, "size": 32_654,
            "annotations": {"org.opencontainers.image.title": "secrets.tgz",
                "dev.sigstore.bundle.predicateType": "https://slsa.dev/provenance/v1"}}],
        "subject": {"mediaType": "application/vnd.oci.image.manifest.v1+json", "digest": D1, "size": 7_682},
        "annotations": {"com.example.owner": "dana"}})
}

fn index() -> Value {
    let child = |digest: &str, more: Value| {
        let child = json!({"mediaType": "application/vnd.oci.image.manifest.v1+json", "digest": digest,
            "size": 7_143, "platform": {"architecture": "arm64", "os": "linux", "variant": "v8"}});
        with(child, more)
    };
    json!({"schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json",
        "artifactType": "application/vnd.oci.empty.v1+json",
        "manifests": [child(D1, json!({})), child(D2, json!({"annotations": {
            "vnd.docker.reference.digest": D1, "vnd.docker.reference.type": "attestation-manifest"}}))]})
}

/// Every kind, by its name.
pub(super) fn kinds() -> Vec<(String, Value)> {
    let identities = identities();
    let who = &identities[0].1;
    let base = json!({"registryId": "123456789012", "repositoryName": "team/app"});
    let and = |members: Value| with(base.clone(), members);
    let upload = "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee";
    let put = |manifest: Value| {
        let media_type = manifest["mediaType"].clone();
        let request = and(json!({"imageManifest": manifest, "imageTag": "v1",
            "imageManifestMediaType": media_type, "imageDigest": D2}));
        let answer = and(
            json!({"imageManifest": manifest, "imageManifestMediaType": media_type,
            "imageId": {"imageDigest": D2, "imageTag": "v1"}}),
        );
        call("PutImage", who, request, json!({"image": answer}))
    };
    let mut kinds: Vec<(String, Value)> = Vec::new();
    let mut add = |name: &str, record: Value| kinds.push((name.to_owned(), record));

    add("put", put(image()));
    add("put of an index", put(index()));
    add(
        "login",
        call(
            "GetAuthorizationToken",
            who,
            json!({"registryIds": ["123456789012"]}),
            json!({"authorizationData": [{"proxyEndpoint":
            "https://123456789012.dkr.ecr.eu-west-1.amazonaws.com"}]}),
        ),
    );
    add(
        "check",
        call(
            "BatchCheckLayerAvailability",
            who,
            and(json!({"layerDigests": [D1, D2]})),
            json!({"layers": [{"layerDigest": D1, "layerAvailability": "AVAILABLE", "mediaType":
            "application/vnd.oci.image.layer.v1.tar+gzip"}],
            "failures": [{"layerDigest": D2, "failureCode": "MissingLayerDigest", "failureReason": "none"}]}),
        ),
    );
    add(
        "begin",
        call(
            "InitiateLayerUpload",
            who,
            base.clone(),
            json!({"uploadId": upload, "partSize": 10_485_760}),
        ),
    );
    add(
        "part",
        call(
            "UploadLayerPart",
            who,
            and(json!({"uploadId": upload, "partFirstByte": 0, "partLastByte": 32_653})),
            and(json!({"uploadId": upload, "lastByteReceived": 32_653})),
        ),
    );
    add(
        "end",
        call(
            "CompleteLayerUpload",
            who,
            and(json!({"uploadId": upload, "layerDigests": [D2]})),
            and(json!({"uploadId": upload, "layerDigest": D2})),
        ),
    );
    for (kind, identity) in &identities {
        let request = and(json!({"imageManifest": image(), "imageTag": "v2"}));
        add(kind, call("PutImage", identity, request, Value::Null));
        add(
            &format!("{kind} logs in"),
            call("GetAuthorizationToken", identity, Value::Null, Value::Null),
        );
    }

    let denied = "User: arn:aws:sts::123456789012:assumed-role/ci-push/ci-9032 is not authorized to perform: \
                  ecr:PutImage on resource: arn:aws:ecr:eu-west-1:123456789012:repository/team/app because \
                  no identity-based policy allows the ecr:PutImage action";
    let immutable = "The image tag 'v1' already exists in the 'team/app' repository and cannot be overwritten \
                     because the repository is immutable.";
    add("refused put", refused(put(image()), "AccessDenied", denied));
    add(
        "refused tag",
        refused(put(image()), "ImageTagAlreadyExistsException", immutable),
    );
    add(
        "refused otherwise",
        refused(put(index()), "TeapotException", "short and stout"),
    );
    let begin = || call("InitiateLayerUpload", who, base.clone(), Value::Null);
    add(
        "refused begin",
        refused(
            begin(),
            "RepositoryNotFoundException",
            "The repository with name 'team/app' does not exist in the registry with id '123456789012'",
        ),
    );
    let login = || call("GetAuthorizationToken", who, Value::Null, Value::Null);
    add(
        "refused login",
        refused(login(), "AccessDeniedException", denied),
    );
    add(
        "network activity",
        with(
            refused(
                begin(),
                "VpceAccessDenied",
                "The request was denied due to a VPC endpoint policy",
            ),
            json!({"eventType": "AwsVpceEvents", "eventCategory": "NetworkActivity"}),
        ),
    );
    add(
        "amendment",
        with(
            put(image()),
            json!({"addendum": {"reason": "UPDATED_DATA",
        "updatedFields": "responseElements", "originalRequestID": "11111111-2222-4333-8444-555555555555",
        "originalEventID": "00000000-0000-4000-8000-000000000000"}}),
        ),
    );
    add(
        "console",
        with(
            put(image()),
            json!({"sessionCredentialFromConsole": "true",
        "userAgent": "Mozilla/5.0 (X11; Linux x86_64)", "sourceIPAddress": "AWS Internal"}),
        ),
    );

    let public = json!({"registryId": "acme", "repositoryName": "tools/cli"});
    let source = json!({"eventSource": "ecr-public.amazonaws.com", "awsRegion": "us-east-1"});
    let request = with(
        public.clone(),
        json!({"imageManifest": image(), "imageTag": "v3"}),
    );
    add(
        "public put",
        with(call("PutImage", who, request, Value::Null), source.clone()),
    );
    add(
        "public creation",
        with(
            call(
                "CreateRepository",
                who,
                public,
                json!({"repository": {
        "registryId": "123456789012", "repositoryName": "tools/cli",
        "repositoryUri": "public.ecr.aws/acme/tools/cli",
        "repositoryArn": "arn:aws:ecr-public::123456789012:repository/tools/cli"}}),
            ),
            source,
        ),
    );

    let created = json!({"repository": {"registryId": "123456789012", "repositoryName": "team/app",
        "repositoryUri": "123456789012.dkr.ecr.eu-west-1.amazonaws.com/team/app",
        "repositoryArn": "arn:aws:ecr:eu-west-1:123456789012:repository/team/app"}});
    let filters = json!([{"filterType": "WILDCARD", "filter": "latest*"}]);
    let mutability = json!({"imageTagMutability": "IMMUTABLE_WITH_EXCLUSION",
        "imageTagMutabilityExclusionFilters": filters.clone()});
    let policy = json!({"policyText": {"Statement": [{"Effect": "Allow", "Sid": "acme", "Principal":
        {"AWS": ["arn:aws:iam::210987654321:root", "210987654321"], "Service": "ecs.amazonaws.com"}},
        {"Effect": "Allow", "Principal": "*", "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-acme"}}}]},
        "force": true});
    let failures = json!({"imageIds": [{"imageDigest": D1, "imageTag": "v1"}],
        "failures": [{"imageId": {"imageDigest": D2, "imageTag": "v2"}, "failureCode": "ImageReferencedByManifestList",
            "failureReason": "Requested image referenced by manifest list: [sha256:11]"}]});
    let both = json!({"imageIds": [{"imageDigest": D1, "imageTag": "v1"}, {"imageDigest": D2, "imageTag": "v2"}]});
    let one =
        json!({"imageId": {"imageDigest": D1, "imageTag": "v1"}, "targetStorageClass": "ARCHIVE"});
    let lifecycle = json!({"lifecyclePolicyText": "{\"rules\":[{\"description\":\"acme\"}]}"});
    let replication = json!({"replicationConfiguration": {"rules": [{"destinations":
        [{"region": "eu-central-1", "registryId": "210987654321"}],
        "repositoryFilters": [{"filter": "team/", "filterType": "PREFIX_MATCH"}]}]}});
    let signing = json!({"signingConfiguration": {"rules": [{"signingProfileArn":
        "arn:aws:signer:eu-west-1:123456789012:/signing-profiles/release",
        "repositoryFilters": [{"filter": "team/*", "filterType": "WILDCARD_MATCH"}]}]}});
    let scanning = json!({"scanType": "ENHANCED", "rules": [{"scanFrequency": "SCAN_ON_PUSH",
        "repositoryFilters": [{"filter": "team/*", "filterType": "WILDCARD"}]}]});
    let setting = json!({"name": "BLOB_MOUNTING", "value": "ENABLED"});
    let cache = json!({"ecrRepositoryPrefix": "hub", "upstreamRegistryUrl": "registry-1.docker.io",
        "upstreamRegistry": "docker-hub", "upstreamRepositoryPrefix": "acme",
        "credentialArn": "arn:aws:secretsmanager:eu-west-1:123456789012:secret:ecr-pullthroughcache/hub",
        "customRoleArn": "arn:aws:iam::123456789012:role/cache"});
    let template = json!({"prefix": "team", "description": "acme", "imageTagMutability": "IMMUTABLE",
        "imageTagMutabilityExclusionFilters": filters, "appliedFor": ["CREATE_ON_PUSH"]});
    for (name, request, response) in [
        ("CreateRepository", mutability.clone(), created),
        ("StartImageScan", one.clone(), base.clone()),
        ("ReplicateImage", one.clone(), base.clone()),
        ("PutSigningConfiguration", signing.clone(), signing),
        (
            "PutRegistryScanningConfiguration",
            scanning.clone(),
            scanning,
        ),
        ("PutAccountSetting", setting.clone(), setting),
        ("CreatePullThroughCacheRule", cache.clone(), cache),
        ("CreateRepositoryCreationTemplate", template, base.clone()),
        (
            "DeleteRepository",
            policy.clone(),
            json!({"repository": base}),
        ),
        ("BatchDeleteImage", both, failures),
        ("UpdateImageStorageClass", one, base.clone()),
        ("PutImageTagMutability", mutability, base.clone()),
        ("PutLifecyclePolicy", lifecycle, base.clone()),
        ("SetRepositoryPolicy", policy.clone(), policy.clone()),
        ("DeleteRepositoryPolicy", policy.clone(), policy.clone()),
        ("PutRegistryPolicy", policy.clone(), policy.clone()),
        ("DeleteRegistryPolicy", policy.clone(), policy),
        (
            "PutReplicationConfiguration",
            replication.clone(),
            replication,
        ),
    ] {
        let record = call(name, who, and(request), response);
        add(
            &format!("{name} refused"),
            refused(record.clone(), "AccessDenied", denied),
        );
        add(name, record);
    }
    add(
        "PolicyExecutionEvent",
        with(
            call(
                "PolicyExecutionEvent",
                &json!({"accountId": "123456789012", "invokedBy": "AWS Internal"}),
                Value::Null,
                Value::Null,
            ),
            json!({"eventType": "AwsServiceEvent", "serviceEventDetails": {"repositoryName": "team/app",
            "lifecycleEventPolicy": {"lifecycleEventRules": [{"rulePriority": 1, "description": "acme",
                "lifecycleEventSelection": {"tagStatus": "Tagged", "tagPrefixList": ["v"]}}]},
            "lifecycleEventImageActions": [{"lifecycleEventImage": {"digest": D1, "tagStatus": "Tagged",
                "tagList": ["v1", "v2"], "pushedAt": 1}, "rulePriority": 1}]}}),
        ),
    );

    for name in [
        "AssumeRole",
        "AssumeRoleWithWebIdentity",
        "AssumeRoleWithSAML",
    ] {
        let callers = match name {
            "AssumeRole" => &identities[..],
            _ => &identities[..1],
        };
        for (kind, identity) in callers {
            let given = json!({"credentials": {"accessKeyId": "ASIAEXAMPLEKEY123456",
                    "sessionToken": "SESSIONTOKEN", "expiration": "Mar 4, 2024, 10:00:00 AM"},
                "assumedRoleUser": {"assumedRoleId": "AROAEXAMPLEROLE12345:ci-9032",
                    "arn": "arn:aws:sts::123456789012:assumed-role/ci-push/ci-9032"},
                "subjectFromWebIdentityToken": "repo:acme/app:ref:refs/heads/main", "subject": "dana",
                "provider": "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com",
                "issuer": "https://idp.example.com/saml", "audience": "sts.amazonaws.com"});
            let request = json!({"roleArn": "arn:aws:iam::123456789012:role/ci-push",
                "roleSessionName": "ci-9032", "sourceIdentity": "dana", "externalId": "a text"});
            add(
                &format!("{name} by {kind}"),
                with(
                    call(name, identity, request, given),
                    json!({"eventSource": "sts.amazonaws.com"}),
                ),
            );
        }
    }
    debug_assert!(kinds.iter().all(|(_, record)| {
        record
            .as_object()
            .is_some_and(|it: &Map<_, _>| it.len() > 10)
    }));
    kinds
}
