//! The results of reading single records.

use serde_json::{Value, json};

use super::*;
use crate::event::{Backing, Id, Principal, content};
use crate::location::Span;

/// Reads one record, merged over a plain one.
fn read(changes: &Value) -> (Parsed, Tables, Vec<Defect>) {
    let mut record = json!({
        "eventVersion": "1.08",
        "userIdentity": {"type": "IAMUser", "principalId": "AIDAEXAMPLE", "accountId": "111122223333",
            "arn": "arn:aws:iam::111122223333:user/dana", "userName": "dana"},
        "eventTime": "2024-03-04T09:14:31Z", "eventSource": "ecr.amazonaws.com",
        "awsRegion": "eu-west-1", "sourceIPAddress": "AWS Internal", "userAgent": "AWS Internal",
        "requestID": "r-1", "eventID": "2bfd4ee2-2178-4a82-a27d-b12939923f0f",
        "eventType": "AwsApiCall", "recipientAccountId": "111122223333",
    });
    for (key, value) in changes.as_object().expect("changes are an object") {
        record[key] = value.clone();
    }
    read_text(&record.to_string())
}

fn read_text(text: &str) -> (Parsed, Tables, Vec<Defect>) {
    let raw = RawRecord {
        text,
        span: Span {
            start: 0,
            len: text.len(),
        },
        index: 0,
    };
    let (mut tables, mut defects) = (Tables::default(), Vec::new());
    let parsed = parse(
        FileId(0),
        &raw,
        &mut tables,
        &mut Callers::default(),
        &mut defects,
    );
    (parsed, tables, defects)
}

fn push(changes: &Value) -> (Event, Tables, Vec<Defect>) {
    match read(changes) {
        (Parsed::Push(event), tables, defects) => (event, tables, defects),
        (other, _, defects) => panic!("no push event but {other:?}, {defects:?}"),
    }
}

fn repository(changes: &Value) -> String {
    let (event, tables, _) = push(changes);
    let repository = tables
        .repositories
        .get(event.repository.expect("a repository"));
    format!(
        "{}/{}/{}/{}",
        repository.service.name(),
        repository.registry,
        repository.region,
        repository.name
    )
}

#[test]
fn the_registry_of_the_response_outranks_the_alias_of_the_request() {
    let record = json!({
        "eventName": "UploadLayerPart", "eventSource": "ecr-public.amazonaws.com", "awsRegion": "us-east-1",
        "requestParameters": {"registryId": "k4y9r6y5", "repositoryName": "app", "uploadId": "u",
            "partFirstByte": 0, "partLastByte": 99},
        "responseElements": {"registryId": "765618022540", "repositoryName": "app", "uploadId": "u",
            "lastByteReceived": 99},
    });
    assert_eq!(repository(&record), "ecr-public/765618022540//app");
    let (event, _, defects) = push(&record);
    assert_eq!(defects, []);
    let Action::UploadLayerPart {
        range,
        last_byte_received,
        upload,
    } = event.action
    else {
        panic!("another action")
    };
    assert_eq!(
        (range, last_byte_received),
        (Some(ByteRange { first: 0, last: 99 }), Some(99))
    );
    assert_eq!(upload.map(Id::index), Some(0));
}

#[test]
fn a_refused_call_takes_its_repository_from_resources() {
    let record = json!({
        "eventName": "InitiateLayerUpload", "errorCode": "AccessDenied", "errorMessage": "no",
        "requestParameters": null, "responseElements": null,
        "resources": [{"ARN": "arn:aws:ecr:eu-west-1:444455556666:repository/team/app"}],
    });
    assert_eq!(repository(&record), "ecr/444455556666/eu-west-1/team/app");
    let (event, tables, _) = push(&record);
    assert!(!event.succeeded());
    assert_eq!(
        &*tables.failures.get(event.failure.expect("a failure")).code,
        "AccessDenied"
    );
}

#[test]
fn the_recipient_owns_a_registry_that_nothing_else_names() {
    let record = json!({"eventName": "PutImage", "requestParameters": {"repositoryName": "app", "registryId": "x"}});
    assert_eq!(repository(&record), "ecr/111122223333/eu-west-1/app");
}

#[test]
fn the_digest_is_computed_from_the_manifest_where_the_response_lacks_it() {
    let manifest = r#"{"layers":[]}"#;
    let record = json!({"eventName": "PutImage",
        "requestParameters": {"repositoryName": "app", "imageManifest": manifest, "imageTag": "v1"}});
    let (event, tables, _) = push(&record);
    let Action::PutImage(put) = event.action else {
        panic!("another action")
    };
    let best = put.digest.best().expect("a digest");
    assert_eq!(*tables.digests.get(best), Digest::of(manifest.as_bytes()));
    assert!(matches!(put.manifest, Field::Known(_)));
}

#[test]
fn omitted_parameters_are_said_with_their_size() {
    for (flag, size) in [
        (json!(true), json!(149_893)),
        (json!("true"), json!("149893")),
    ] {
        let record = json!({"eventName": "PutImage",
            "requestParameters": {"omitted": flag, "originalSize": size, "reason": "requestParameters too large"},
            "resources": [{"ARN": "arn:aws:ecr:eu-west-1:1:repository/app"}]});
        let (event, _, defects) = push(&record);
        let Action::PutImage(put) = event.action else {
            panic!("another action")
        };
        assert_eq!(
            put.manifest,
            Field::Omitted {
                original_bytes: Some(149_893)
            }
        );
        assert_eq!(defects, []);
    }
}

#[test]
fn a_field_of_another_type_costs_only_itself() {
    let record = json!({"eventName": "UploadLayerPart",
        "requestParameters": {"repositoryName": "app", "uploadId": "u", "partFirstByte": [], "partLastByte": 9}});
    let (event, _, defects) = push(&record);
    assert!(matches!(
        event.action,
        Action::UploadLayerPart {
            range: None,
            upload: Some(_),
            ..
        }
    ));
    let fields: Vec<_> = defects.iter().map(|defect| defect.field).collect();
    assert_eq!(fields, ["requestParameters.partFirstByte"]);
}

#[test]
fn a_bad_time_costs_the_record() {
    let (parsed, _, defects) =
        read(&json!({"eventName": "PutImage", "eventTime": "2019-04-15 16:45"}));
    assert!(matches!(parsed, Parsed::Malformed));
    assert_eq!(defects[0].pointer, ["eventTime"]);
}

#[test]
fn both_spellings_of_ecr_public_are_known_and_nothing_else_is() {
    for (source, known) in [
        ("ecr.amazonaws.com", true),
        ("ecr-public.amazonaws.com", true),
        ("ecrpublic.amazonaws.com", true),
        ("notecr.amazonaws.com", false),
    ] {
        let (parsed, ..) =
            read(&json!({"eventName": "GetAuthorizationToken", "eventSource": source}));
        assert_eq!(matches!(parsed, Parsed::Push(_)), known, "{source}");
    }
}

#[test]
fn a_record_inside_another_call_is_not_read() {
    let nested = json!({"eventSource": "ecr.amazonaws.com", "eventName": "PutImage"});
    let (parsed, ..) = read(
        &json!({"eventName": "PutObject", "eventSource": "s3.amazonaws.com",
        "requestParameters": nested}),
    );
    assert!(matches!(parsed, Parsed::Other));
}

#[test]
fn service_events_are_no_pushes() {
    let (parsed, ..) = read(&json!({"eventName": "PutImage", "eventType": "AwsServiceEvent"}));
    assert!(matches!(parsed, Parsed::Other));
    let (parsed, tables, _) = read(
        &json!({"eventName": "PolicyExecutionEvent", "eventType": "AwsServiceEvent",
        "serviceEventDetails": {"repositoryName": "app", "lifecycleEventImageActions": [
            {"lifecycleEventImage": {"digest": format!("sha256:{}", "a".repeat(64)), "tagList": ["old"]}}]}}),
    );
    let Parsed::Context(context) = parsed else {
        panic!("no context")
    };
    assert_eq!((context.tags.len(), context.digests.len()), (1, 1));
    assert_eq!(
        &*tables
            .repositories
            .get(context.repository.expect("a repository"))
            .name,
        "app"
    );
}

#[test]
fn an_empty_issuer_and_odd_ids_are_no_obstacle() {
    let (event, tables, defects) = push(&json!({"eventName": "GetAuthorizationToken",
        "userIdentity": {"type": "IAMUser", "principalId": "AIDACKC6C2EXAMPLE:account_name",
            "arn": "arn:aws:sts::123456789012:user/Mary_Major", "accessKeyId": "AKIAEXAMPLE",
            "sessionContext": {"sessionIssuer": {}, "webIdFederationData": {},
                "attributes": {"creationDate": "2019-04-15T16:42:14Z", "mfaAuthenticated": "false"}}}}));
    assert_eq!(defects, []);
    let identity = tables.identities.get(event.identity);
    assert_eq!(
        identity.principal,
        Principal::IamUser {
            name: "Mary_Major".into()
        }
    );
    assert!(tables.credentials.get(event.credential).created.is_some());
    assert_eq!(event.repository, None);
}

#[test]
fn equal_content_hashes_equally_whatever_its_place() {
    let hash = |record: &Value| {
        let (event, tables, _) = push(record);
        content(&event, &tables)
    };
    let record = json!({"eventName": "GetAuthorizationToken"});
    assert_eq!(hash(&record), hash(&record));
    for other in [
        json!({"eventName": "GetAuthorizationToken", "awsRegion": "eu-west-2"}),
        json!({"eventName": "GetAuthorizationToken", "errorCode": "AccessDenied"}),
        json!({"eventName": "GetAuthorizationToken", "userIdentity": {"arn": "a"}}),
        json!({"eventName": "InitiateLayerUpload"}),
        json!({"eventName": "InitiateLayerUpload", "responseElements": {"uploadId": "u"}}),
        json!({"eventName": "InitiateLayerUpload", "responseElements": {"partSize": 7}}),
        json!({"eventName": "PutImage", "requestParameters": {"imageTag": "a"}}),
        json!({"eventName": "PutImage", "requestParameters": {"imageManifest": "{}"}}),
        json!({"eventName": "PutImage", "requestParameters": {"omitted": true}}),
        json!({"eventName": "PutImage", "requestParameters": {"omitted": true, "originalSize": 9}}),
    ] {
        assert_ne!(hash(&other), hash(&record), "{other}");
    }
}

#[test]
fn a_caller_met_before_is_read_as_the_first_time() {
    let caller = |id: u32, issuer: &str| {
        format!(
            r#"{{"type":"AssumedRole","principalId":"AROAEXAMPLE:job-{id}","arn":"arn:aws:sts::123456789012:assumed-role/ci/job-{id}","accountId":"123456789012","accessKeyId":"ASIAEXAMPLE","sessionContext":{{"sessionIssuer":{{"userName":"{issuer}"}},"attributes":{{"creationDate":"2024-03-01T10:00:00Z"}}}},"invokedBy":"AWS Internal"}}"#
        )
    };
    let hash = |text: &str, tables: &mut Tables, callers: &mut Callers| {
        let span = Span {
            start: 0,
            len: text.len(),
        };
        let raw = RawRecord {
            text,
            span,
            index: 0,
        };
        match parse(FileId(0), &raw, tables, callers, &mut Vec::new()) {
            Parsed::Push(event) => content(&event, tables),
            Parsed::Context(_) | Parsed::Other | Parsed::Malformed => panic!("no push event"),
        }
    };
    let (mut tables, mut callers) = (Tables::default(), Callers::default());
    let mut n_known = 0;
    for id in [1, 2, 1, 1, 2, 3] {
        for issuer in ["ci", "cd", "ci"] {
            let text = format!(
                r#"{{"eventID":"e","eventTime":"2024-03-01T10:00:01Z","eventSource":"ecr.amazonaws.com","eventName":"PutImage","userIdentity": {} ,"requestParameters":{{"repositoryName":"app"}}}}"#,
                caller(id, issuer)
            );
            let mut wire = Record::default();
            wire::read(&text, &callers, &mut wire).expect("a record");
            n_known += u32::from(wire.caller.known.is_some());
            let fresh = hash(&text, &mut Tables::default(), &mut Callers::default());
            assert_eq!(hash(&text, &mut tables, &mut callers), fresh, "{text}");
        }
    }
    assert!((3..18).contains(&n_known), "{n_known}");
}

#[test]
fn a_stamp_needs_no_ecr_record() {
    let stamp = stamp(
        r#"{"eventTime":"2024-03-04T09:14:31Z","awsRegion":"eu-west-1","userIdentity":{"accountId":"1"}}"#,
    );
    let stamp = stamp.expect("a stamp");
    assert_eq!((&*stamp.account, &*stamp.region), ("1", "eu-west-1"));
}

#[test]
fn a_list_is_no_record() {
    // Serde also accepts a list in place of a struct, with the members in order.
    let text = r#"["2024-03-04T10:00:00Z","ecr.amazonaws.com","PutImage"]"#;
    let (parsed, _, _) = read_text(text);
    assert!(matches!(parsed, Parsed::Malformed));
    assert!(stamp(text).is_none());
}

#[test]
fn a_denial_names_its_repository_where_no_field_does() {
    let denied = |message: &str| {
        json!({
            "eventName": "InitiateLayerUpload", "errorCode": "AccessDenied", "errorMessage": message,
            "requestParameters": null, "responseElements": null,
        })
    };
    let arn = "arn:aws:ecr:eu-west-1:444455556666:repository/team/app";
    for message in [
        format!(
            "User: x is not authorized to perform: ecr:InitiateLayerUpload on resource: {arn} because no identity-based policy allows it"
        ),
        format!("not authorized on resource: {arn}"),
        format!("not authorized on resource: \"{arn}\". Ask."),
        format!("not authorized on resource: {arn}."),
    ] {
        let message = message.replace("resource: \"", "resource: ");
        assert_eq!(
            repository(&denied(&message)),
            "ecr/444455556666/eu-west-1/team/app",
            "{message}"
        );
    }
    for message in ["on resource: *", "on resource: ", "denied", arn] {
        let (event, _, _) = push(&denied(message));
        assert_eq!(event.repository, None, "{message}");
    }
    let mut other = denied(&format!("on resource: {arn}"));
    other["resources"] = json!([{"ARN": "arn:aws:ecr:eu-west-1:1:repository/other"}]);
    assert_eq!(repository(&other), "ecr/1/eu-west-1/other");
}

#[test]
fn network_activity_is_told_by_type_or_category() {
    let part = |key: &str, value: &str| {
        let (event, _, _) = push(&json!({"eventName": "UploadLayerPart", key: value}));
        event.category
    };
    for (key, value) in [
        ("eventType", "AwsVpceEvent"),
        ("eventType", "AwsVpceEvents"),
        ("eventCategory", "NetworkActivity"),
    ] {
        assert_eq!(part(key, value), Category::NetworkActivity);
    }
    assert_eq!(part("eventCategory", "Management"), Category::Management);
    let created = json!({"eventName": "CreateRepository", "eventType": "AwsVpceEvent"});
    assert!(matches!(read(&created).0, Parsed::Other));
}

#[test]
fn who_stands_behind_a_caller_is_read_from_all_its_places() {
    let identity = json!({
        "type": "AssumedRole", "arn": "arn:aws:sts::1:assumed-role/ci/job", "accessKeyId": "ASIAEXAMPLE",
        "sessionContext": {
            "attributes": {"creationDate": "2024-03-04T09:00:00Z", "sessionCredentialFromConsole": "true"},
            "sourceIdentity": "dana", "signInSessionArn": "arn:aws:signin:eu-west-1:1:session/s"
        },
        "invokedBy": "cloudformation.amazonaws.com", "invokedByDelegate": {"accountId": "2"},
        "onBehalfOf": {"userId": "u", "identityStoreArn": "store"},
        "inScopeOf": {"issuerType": "AWS::EC2::Instance", "credentialsIssuedTo": "i",
            "sourceArn": "a", "sourceAccount": "3"},
        "credentialId": "c"
    });
    let backing = |record: &Value| {
        let (event, tables, defects) = push(record);
        assert_eq!(defects, []);
        tables.identities.get(event.identity).backing.clone()
    };
    let record = json!({"eventName": "PutImage", "userIdentity": identity});
    let (event, tables, _) = push(&record);
    let credential = tables.credentials.get(event.credential);
    let signed = credential.sign_in_session.as_deref();
    assert_eq!(signed, Some("arn:aws:signin:eu-west-1:1:session/s"));
    let text = |text: &str| Some(text.into());
    let wanted = Backing {
        source_identity: text("dana"),
        on_behalf_of: text("u"),
        identity_store: text("store"),
        issuer_type: text("AWS::EC2::Instance"),
        issued_to: text("i"),
        source_arn: text("a"),
        source_account: text("3"),
        credential_id: text("c"),
        invoked_by: text("cloudformation.amazonaws.com"),
        invoked_by_delegate: text("2"),
        from_console: true,
        is_sso: false,
    };
    assert_eq!(backing(&record), Some(Box::new(wanted)));
    // Most records show nothing of it, not even the registry's front end.
    let by = |by: &str, kind: &str| json!({"eventName": "PutImage", "userIdentity": {"type": kind, "invokedBy": by}});
    for front in [
        "AWS Internal",
        "AWS Internal/3",
        "ecr-public.amazonaws.com",
        "x.aws.internal",
    ] {
        assert_eq!(backing(&by(front, "AssumedRole")), None, "{front}");
    }
    let (event, tables, _) = push(&by("replication.ecr.amazonaws.com", "AWSService"));
    let Principal::AwsService { name } = &tables.identities.get(event.identity).principal else {
        panic!("no service")
    };
    assert_eq!(&**name, "replication.ecr.amazonaws.com");
}

#[test]
fn the_console_is_told_of_a_caller_met_before_by_the_record_alone() {
    let record = |more: &str| {
        let name = "n".repeat(300);
        format!(
            r#"{{"userIdentity":{{"type":"AssumedRole","arn":"arn:aws:sts::1:assumed-role/ci/{name}"}},"eventTime":"2024-03-04T09:14:31Z","eventSource":"ecr.amazonaws.com","eventName":"PutImage","eventID":"e"{more}}}"#
        )
    };
    let (mut tables, mut callers) = (Tables::default(), Callers::default());
    let mut is_on_console = |more: &str| {
        let text = record(more);
        let span = Span {
            start: 0,
            len: text.len(),
        };
        let raw = RawRecord {
            text: &text,
            span,
            index: 0,
        };
        let parsed = parse(FileId(0), &raw, &mut tables, &mut callers, &mut Vec::new());
        let Parsed::Push(event) = parsed else {
            panic!("no push event")
        };
        let identity = tables.identities.get(event.identity);
        identity
            .backing
            .as_ref()
            .is_some_and(|backing| backing.from_console)
    };
    let flag = r#","sessionCredentialFromConsole":"true""#;
    let answers = ["", flag, "", flag].map(&mut is_on_console);
    assert_eq!(answers, [false, true, false, true]);
    assert!(!is_on_console(r#","sessionCredentialFromConsole":"false""#));
}

#[test]
fn endpoint_and_tls_are_of_the_client() {
    let record = json!({
        "eventName": "GetAuthorizationToken", "vpcEndpointId": "vpce-1", "vpcEndpointAccountId": "2",
        "tlsDetails": {"tlsVersion": "TLSv1.3", "cipherSuite": "x", "clientProvidedHostHeader": "h"},
    });
    let (event, tables, defects) = push(&record);
    assert_eq!(defects, []);
    let client = tables.clients.get(event.client);
    let shown = [
        &client.vpc_endpoint_id,
        &client.vpc_endpoint_account,
        &client.tls_version,
    ];
    let shown = shown.map(|text| text.as_deref());
    assert_eq!(shown, [Some("vpce-1"), Some("2"), Some("TLSv1.3")]);
}

#[test]
fn a_member_written_as_the_text_of_its_json_is_read() {
    let plain = json!({
        "eventName": "UploadLayerPart",
        "requestParameters": {"repositoryName": "app", "uploadId": "u", "partFirstByte": 0, "partLastByte": 9},
        "responseElements": {"registryId": "444455556666", "lastByteReceived": 9},
        "resources": [{"ARN": "arn:aws:ecr:eu-west-1:444455556666:repository/app"}],
        "userIdentity": {"type": "IAMUser", "arn": "arn:aws:iam::1:user/dana", "userName": "dana"},
        "tlsDetails": {"tlsVersion": "TLSv1.3"},
    });
    let mut folded = plain.clone();
    for name in [
        "requestParameters",
        "responseElements",
        "resources",
        "userIdentity",
        "tlsDetails",
    ] {
        folded[name] = json!(plain[name].to_string());
    }
    let (event, tables, _) = push(&plain);
    let (same, other, defects) = push(&folded);
    assert_eq!(defects, []);
    assert_eq!(content(&event, &tables), content(&same, &other));
    folded["responseElements"] = json!("");
    let (event, _, defects) = push(&folded);
    assert_eq!(defects, []);
    assert!(matches!(
        event.action,
        Action::UploadLayerPart {
            last_byte_received: None,
            ..
        }
    ));
    // A text that is not JSON is called that.
    folded["requestParameters"] = json!("{repositoryName=app}");
    let (_, _, defects) = push(&folded);
    assert_eq!(defects.len(), 1);
    assert_eq!(defects[0].field, "requestParameters");
    assert!(defects[0].expected.contains("as a text"));
}

/// Records whose ends are in CloudTrail's order, or nearly so, with the members of a stamp in places where they mean
/// something else.
fn nearly_records() -> Vec<String> {
    let identities = [
        r#"{"type":"AssumedRole","principalId":"AROA:s","arn":"a","accountId":"1","sessionContext":{"principalId":"no"}}"#,
        r#"{"type":"AWSService","invokedBy":"x"}"#,
        r#"{"principalId":"one","principalId":"two"}"#,
        r#""folded""#,
        "null",
    ];
    let parameters = [
        "null",
        r#"{"recipientAccountId":"222222222222","eventTime":"2001-01-01T00:00:00Z"}"#,
        r#"{"a":",\"recipientAccountId\":\"222222222222\"}","b":"}"}"#,
    ];
    let tails = [
        r#","recipientAccountId":"111122223333""#,
        r#","recipientAccountId":"111122223333","tlsDetails":{"recipientAccountId":"222222222222"}"#,
        r#","tlsDetails":{"recipientAccountId":"222222222222"}"#,
        r#","recipientAccountId":"","vpcEndpointId":"v""#,
        r#", "recipientAccountId" : "11\u0031122223333" ,"a":[{"b":"}"}]"#,
        r#","recipientAccountId":111122223333"#,
        r#","awsRegion":"us-east-2","recipientAccountId":"111122223333""#,
        r#","a":"recipientAccountId""#,
        "",
    ];
    let times = ["\"2026-03-17T16:42:15Z\"", "\"yesterday\"", "5"];
    let mut records = Vec::new();
    for identity in identities {
        for parameters in parameters {
            for tail in tails {
                for time in times {
                    records.push(format!(
                        "{{\"eventVersion\":\"1.08\",\"userIdentity\":{identity},\"eventTime\":{time},\"eventSource\":\
                         \"s3.amazonaws.com\",\"eventName\":\"Get\",\"awsRegion\":\"eu-west-1\",\
                         \"requestParameters\":{parameters}{tail}}}"
                    ));
                }
            }
        }
    }
    records
}

#[test]
fn the_ends_of_a_record_say_what_all_of_it_says() {
    let mut n_by_ends = 0;
    for record in nearly_records() {
        let pretty = record.replace("\",\"", "\",\n \"").replace(":{", ": {");
        for text in [&record, &pretty] {
            n_by_ends += usize::from(wire::ends(text).is_some());
            let all = stamp_by_all(text);
            if all.is_some() {
                assert_eq!(stamp(text), all, "{text}");
            }
        }
    }
    assert!(n_by_ends > 100, "{n_by_ends}");
}
