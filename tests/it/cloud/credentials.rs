//! Credentials: every way that can be tried without Amazon, and what is said where there are none.
//!
//! In: shared files, the environment, and services on loopback. Out: whose keys signed, and messages.

use std::fs;
use std::path::Path;

use crate::buckets::files;
use crate::cloud::s3::bucket;
use crate::support::bucket::Tree;
use crate::support::s3_server::{Script, Server};
use crate::support::script::Files;

/// Reads the bucket with credentials that are set up so, and asserts that they are `key`.
fn reads_with(key: &'static str, script: Script, set: &[(&str, &str)], args: &[&str]) {
    let script = Script {
        key: Some(key),
        ..script
    };
    let server = Server::start(Tree::new(&files(), 1_000), script);
    let local = |value: &str| value.replace("SERVER", &server.url);
    let set: Vec<_> = set
        .iter()
        .map(|(name, value)| (*name, local(value)))
        .collect();
    let mut more = vec![("AWS_ACCESS_KEY_ID", ""), ("AWS_EC2_METADATA_DISABLED", "")];
    more.extend(set.iter().map(|(name, value)| (*name, value.as_str())));
    let args = [args, &["--summary", "s3://logs/log-hole"]].concat();
    let run = bucket(&server, &more, &args);
    assert_eq!((run.status, run.stderr.as_str()), (0, ""), "{key}");
}

const DOCUMENT: &str = r#"{"Version":1,"AccessKeyId":"AKIDJSON","SecretAccessKey":"s",
    "Token":"t","Expiration":"2999-01-01T00:00:00Z"}"#;

/// Keys as STS gives them for a call.
fn sts(call: &str) -> String {
    format!(
        "<{call}Response><{call}Result><Credentials><AccessKeyId>AKIDSTS</AccessKeyId>\
         <SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken>\
         <Expiration>2999-01-01T00:00:00Z</Expiration></Credentials></{call}Result></{call}Response>"
    )
}

fn documents(pairs: &[(&'static str, &str)]) -> Script {
    let pairs = pairs.iter().map(|(path, text)| (*path, (*text).to_owned()));
    Script {
        documents: pairs.collect(),
        ..Script::default()
    }
}

/// A file for the time of a test.
fn file(name: &str, text: &str) -> String {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("s3-{name}"));
    fs::write(&path, text).expect("a file");
    path.to_string_lossy().into_owned()
}

#[test]
fn credentials_of_profiles_are_found() {
    let process = file("process.json", DOCUMENT);
    let config = format!(
        "[profile process]\ncredential_process = cat \"{process}\"\n\
         [profile role]\nrole_arn = arn:aws:iam::123456789012:role/r\nsource_profile = static\n\
         external_id = e x\n[profile static]\nregion = eu-west-3\n\
         [profile circle]\nrole_arn = r\nsource_profile = round\n\
         [profile round]\nrole_arn = r\nsource_profile = circle\n\
         [profile mfa]\nrole_arn = r\nsource_profile = static\nmfa_serial = m\n\
         [profile sso]\nsso_session = s\nsso_account_id = 123456789012\nsso_role_name = r\n\
         [sso-session s]\nsso_region = eu-west-1\nsso_start_url = https://example.invalid/start\n\
         [profile through-sso]\nrole_arn = r\nsource_profile = sso\n\
         [profile console]\nlogin_session = arn:aws:iam::123456789012:user/u\nregion = eu-west-1\n"
    );
    let config = file("config", &config);
    let keys = "[static]\naws_access_key_id = AKIDSTATIC\naws_secret_access_key = s\n\
                [default]\naws_access_key_id = AKIDDEFAULT\naws_secret_access_key = s\n";
    let keys = file("credentials", keys);
    let files = [
        ("AWS_CONFIG_FILE", config.as_str()),
        ("AWS_SHARED_CREDENTIALS_FILE", keys.as_str()),
    ];
    let none = || Script::default();
    reads_with("AKIDDEFAULT", none(), &files, &[]);
    reads_with("AKIDSTATIC", none(), &files, &["--profile", "static"]);
    reads_with("AKIDJSON", none(), &files, &["--profile", "process"]);
    let sts = documents(&[("POST /", &sts("AssumeRole"))]);
    reads_with("AKIDSTS", sts, &files, &["--profile", "role"]);
    let by_variable = [&files[..], &[("AWS_PROFILE", "static")]].concat();
    reads_with("AKIDSTATIC", none(), &by_variable, &[]);
    // Keys in the environment go before a profile that is only a variable's.
    let both = [&by_variable[..], &[("AWS_ACCESS_KEY_ID", "AKIDENV")]].concat();
    reads_with("AKIDENV", none(), &both, &[]);
    reads_with("AKIDDEFAULT", none(), &both, &["--profile", "default"]);

    let server = Server::start(Tree::new(&Files::new(), 1), Script::default());
    let told = |profile: &str| {
        let run = bucket(&server, &files, &["--profile", profile, "s3://logs"]);
        assert_eq!(
            (run.status, &*run.stdout),
            (2, ""),
            "{profile}: {}",
            run.stderr
        );
        run.stderr
    };
    assert_eq!(
        told("nobody").lines().next(),
        Some("error: no profile `nobody` in the shared AWS files")
    );
    for (profile, words) in [
        ("circle", "infinite loop"),
        (
            "mfa",
            "run `aws configure mfa-login --profile mfa`, and name the profile that it makes",
        ),
        (
            "sso",
            "log in with `aws sso login --profile sso`, and run it again",
        ),
        (
            "through-sso",
            "log in with `aws sso login --profile sso`, and run it again",
        ),
        (
            "console",
            "log in with `aws login --profile console`, and run it again",
        ),
    ] {
        let told = told(profile);
        assert!(told.contains(words), "{profile}: {words}: {told}");
    }
}

#[test]
fn roles_of_roles_are_taken_on_one_after_the_other() {
    let config = "[profile far]\nrole_arn = arn:aws:iam::123456789012:role/far\nsource_profile = near\n\
                  [profile near]\nrole_arn = arn:aws:iam::123456789012:role/near\nsource_profile = base\n\
                  external_id = e x\n\
                  [profile base]\naws_access_key_id = AKIDBASE\naws_secret_access_key = s\n";
    let config = file("chain", config);
    let script = Script {
        key: Some("AKIDSTS"),
        ..documents(&[("POST /", &sts("AssumeRole"))])
    };
    let server = Server::start(Tree::new(&files(), 1_000), script);
    let set = [
        ("AWS_CONFIG_FILE", config.as_str()),
        ("AWS_ACCESS_KEY_ID", ""),
    ];
    let args = ["--profile", "far", "--summary", "s3://logs/log-hole"];
    let run = bucket(&server, &set, &args);
    assert_eq!((run.status, run.stderr.as_str()), (0, ""));
    let requests = server.requests.lock().expect("no panic");
    let roles = requests
        .iter()
        .filter(|request| request.starts_with("POST /"));
    let roles: Vec<bool> = roles
        .map(|request| request.contains("ExternalId=e%20x"))
        .collect();
    assert_eq!(roles, [true, false], "{requests:#?}");
}

#[test]
fn session_of_an_sso_login_gives_keys() {
    let home = Path::new(env!("CARGO_TARGET_TMPDIR")).join("s3-home");
    let cache = home.join(".aws/sso/cache");
    fs::create_dir_all(&cache).expect("a folder");
    let config = "[profile sso]\nsso_session = s\nsso_account_id = 123456789012\nsso_role_name = r\n\
                  [sso-session s]\nsso_region = eu-west-1\nsso_start_url = https://example.invalid/start\n";
    fs::write(home.join(".aws/config"), config).expect("a file");
    // Named by the SHA-1 of the session's name, as `aws sso login` writes it.
    let token = r#"{"accessToken":"a.token","expiresAt":"2999-01-01T00:00:00Z","region":"eu-west-1",
        "startUrl":"https://example.invalid/start"}"#;
    let path = cache.join("a0f1490a20d0211c997b44bc357e1972deab8ae3.json");
    fs::write(path, token).expect("a file");
    let keys = r#"{"roleCredentials":{"accessKeyId":"AKIDSSO","secretAccessKey":"s","sessionToken":"t",
        "expiration":32472144000000}}"#;
    let script = documents(&[(
        "GET /federation/credentials?role_name=r&account_id=123456789012",
        keys,
    )]);
    let home = home.to_string_lossy().into_owned();
    reads_with("AKIDSSO", script, &[("HOME", &home)], &["--profile", "sso"]);
}

#[test]
fn credentials_of_containers_instances_and_web_identities_are_found() {
    let container = [("AWS_CONTAINER_CREDENTIALS_FULL_URI", "SERVER/role")];
    reads_with(
        "AKIDJSON",
        documents(&[("GET /role", DOCUMENT)]),
        &container,
        &[],
    );
    let instance = documents(&[
        ("PUT /latest/api/token", "token"),
        ("GET /latest/meta-data/iam/security-credentials/", "role-1"),
        (
            "GET /latest/meta-data/iam/security-credentials/role-1",
            DOCUMENT,
        ),
    ]);
    let service = [("AWS_EC2_METADATA_SERVICE_ENDPOINT", "SERVER")];
    reads_with("AKIDJSON", instance, &service, &[]);
    let token = file("token", "ey.J\n");
    let identity = [
        ("AWS_WEB_IDENTITY_TOKEN_FILE", token.as_str()),
        ("AWS_ROLE_ARN", "arn:aws:iam::123456789012:role/r"),
    ];
    reads_with(
        "AKIDSTS",
        documents(&[("POST /", &sts("AssumeRoleWithWebIdentity"))]),
        &identity,
        &[],
    );
}
