//! Where requests go, and what they carry: Amazon's endpoints by the setup, seen by a proxy that lets none through.
//!
//! In: settings. Out: the hosts that the program asked the proxy for, headers, and messages in full.

use std::io::Write as _;
use std::sync::{Arc, Mutex};

use chrono::{DateTime, Utc};
use reconstruct::cli::Surroundings;

use crate::buckets::files;
use crate::support::bucket::Tree;
use crate::support::run::run_in;
use crate::support::s3_server::{Script, Server, answer, reading};

/// The first host that is asked for, with the message.
fn host(set: &[(&str, &str)], args: &[&str]) -> (String, String) {
    let asked: Arc<Mutex<Vec<String>>> = Arc::default();
    let noted = Arc::clone(&asked);
    let server = Server::play(move |asked, out| {
        noted.lock().expect("no panic").push(asked.line.clone());
        out.write_all(&answer(403, "", b"no")).is_ok()
    });
    let all = [
        &[("AWS_ENDPOINT_URL", ""), ("HTTPS_PROXY", &*server.url)],
        set,
    ]
    .concat();
    let surroundings = Surroundings {
        now: DateTime::<Utc>::UNIX_EPOCH + chrono::TimeDelta::days(20_000),
        ..reading("", &all)
    };
    let run = run_in(args.iter().copied(), surroundings);
    assert_eq!((run.status, &*run.stdout), (2, ""), "{}", run.stderr);
    let asked = asked.lock().expect("no panic");
    (asked.first().cloned().unwrap_or_default(), run.stderr)
}

#[test]
fn setup_decides_which_endpoint_is_asked() {
    let arn = "s3://arn:aws:s3:eu-west-1:123456789012:accesspoint/logs/AWSLogs/";
    let many = "s3://arn:aws:s3::123456789012:accesspoint/logs.mrap/AWSLogs/";
    let west = ("AWS_REGION", "eu-west-1");
    for (set, path, wanted) in [
        (&[][..], "s3://trail", "trail.s3.us-east-1.amazonaws.com"),
        (&[west], "s3://trail", "trail.s3.eu-west-1.amazonaws.com"),
        // No certificate covers a bucket with dots in its name.
        (&[west], "s3://my.trail", "s3.eu-west-1.amazonaws.com"),
        (
            &[
                ("AWS_REGION", "us-east-1"),
                ("AWS_USE_FIPS_ENDPOINT", "true"),
            ],
            "s3://trail",
            "trail.s3-fips.us-east-1.amazonaws.com",
        ),
        (
            &[west, ("AWS_USE_DUALSTACK_ENDPOINT", "true")],
            "s3://trail",
            "trail.s3.dualstack.eu-west-1.amazonaws.com",
        ),
        (
            &[("AWS_REGION", "cn-north-1")],
            "s3://trail",
            "trail.s3.cn-north-1.amazonaws.com.cn",
        ),
        (
            &[("AWS_REGION", "us-east-1")],
            arn,
            "logs-123456789012.s3-accesspoint.eu-west-1.amazonaws.com",
        ),
        (
            &[west],
            many,
            "logs.mrap.accesspoint.s3-global.amazonaws.com",
        ),
        (
            &[west],
            "event-history://",
            "cloudtrail.eu-west-1.amazonaws.com",
        ),
        (
            &[west, ("AWS_USE_FIPS_ENDPOINT", "true")],
            "event-history://us-east-1",
            "cloudtrail-fips.us-east-1.amazonaws.com",
        ),
        (
            &[("AWS_ENDPOINT_URL_CLOUDTRAIL", "https://other.example")],
            "event-history://us-east-1",
            "other.example",
        ),
    ] {
        let (asked, message) = host(set, &[path]);
        assert_eq!(
            asked,
            format!("CONNECT {wanted}:443"),
            "{set:?} {path}: {message}"
        );
    }
}

#[test]
fn requester_pays_only_if_asked_to() {
    for (args, wanted) in [
        (&["s3://logs"][..], None),
        (&["--request-payer", "s3://logs"], Some("requester")),
    ] {
        let seen: Arc<Mutex<Vec<Option<String>>>> = Arc::default();
        let noted = Arc::clone(&seen);
        let server = Server::play(move |asked, out| {
            let payer = asked.headers.get("x-amz-request-payer").cloned();
            noted.lock().expect("no panic").push(payer);
            let list = "<ListBucketResult><Contents><Key>a.json</Key><Size>9</Size></Contents></ListBucketResult>";
            let text = match asked.line.contains("list-type") {
                true => list,
                false => "{\"a\":1}  ",
            };
            out.write_all(&answer(200, "", text.as_bytes())).is_ok()
        });
        run_in(args.iter().copied(), reading(&server.url, &[]));
        let seen = seen.lock().expect("no panic").clone();
        assert!(seen.len() > 1, "{seen:?}");
        assert!(
            seen.iter().all(|payer| payer.as_deref() == wanted),
            "{seen:?}"
        );
    }
}

#[test]
fn messages_say_what_to_do() {
    let script = |key, region| Script {
        key,
        region,
        ..Script::default()
    };
    let needs = "these credentials need s3:ListBucket on the bucket, s3:GetObject on its objects and, for encrypted \
                 logs, kms:Decrypt on the key; a bucket whose requesters pay needs --request-payer; docs/aws.md has a \
                 policy";
    let network = "check the network, AWS_ENDPOINT_URL, and HTTPS_PROXY where there is a proxy";
    let none = "looked at the environment, the shared AWS files, a web identity, the container's and the instance's \
                role; name a profile with --profile, or set AWS_PROFILE or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY";
    for (script, set, path, said, help) in [
        (
            script(None, None),
            &[("AWS_ACCESS_KEY_ID", "")][..],
            "s3://logs",
            "no AWS credentials found",
            none,
        ),
        (
            script(None, None),
            &[("AWS_ENDPOINT_URL", "http://127.0.0.1:1")],
            "s3://logs",
            "cannot list `s3://logs`: Connection refused (os error 111)",
            network,
        ),
        (
            script(None, None),
            &[("AWS_ENDPOINT_URL", "http://127.0.0.1:1")],
            "event-history://eu-west-1",
            "cannot ask the event history of `eu-west-1`: Connection refused (os error 111)",
            network,
        ),
        (
            script(None, Some("eu-north-1")),
            &[],
            "s3://logs",
            "cannot list `s3://logs`: the bucket is in region `eu-north-1`",
            "set AWS_REGION=eu-north-1, and an endpoint of that region",
        ),
        (
            script(None, None),
            &[],
            "s3://other",
            "cannot list `s3://other`: NoSuchBucket: it is so",
            "check the spelling of the bucket's name",
        ),
        (
            script(Some("AKIDOTHER"), None),
            &[],
            "s3://logs",
            "cannot list `s3://logs`: AccessDenied: it is so",
            needs,
        ),
        (
            script(None, None),
            &[("AWS_PROFILE", "nobody")],
            "s3://logs",
            "no profile `nobody` in the shared AWS files",
            "`aws configure list-profiles` lists those there are; `AWS_CONFIG_FILE` and \
             `AWS_SHARED_CREDENTIALS_FILE` name other files",
        ),
        (
            script(None, None),
            &[("AWS_ENDPOINT_URL", "nonsense")],
            "s3://logs",
            "`nonsense` is no address of a service",
            "expected as in `http://localhost:9000`",
        ),
    ] {
        let server = Server::start(Tree::new(&files(), 1_000), script);
        let run = run_in([path], reading(&server.url, set));
        let wanted = format!("error: {said}\n\n  help: {help}\n");
        // What an event history will be asked for is said before.
        let told = run
            .stderr
            .lines()
            .filter(|line| !line.starts_with("reconstruct: "));
        let told: Vec<&str> = told.collect();
        assert_eq!((run.status, format!("{}\n", told.join("\n"))), (2, wanted));
    }
}
