//! The pseudonyms: one for each name of a kind, whatever text it stands in.

use super::*;

fn names() -> Pseudonyms {
    let mut names = Pseudonyms::default();
    names.of(Class::Repository, "team/app");
    names.of(Class::Repository, "team/app-two");
    names.of(Class::Tag, "v1");
    names.of(Class::User, "dana");
    names
}

#[test]
fn one_name_has_one_pseudonym_of_a_class() {
    let mut names = names();
    assert_eq!(&*names.of(Class::Repository, "team/app"), "repository-1");
    assert_eq!(&*names.of(Class::Tag, "team/app"), "tag-2");
    assert_eq!(&*names.of(Class::Tag, ""), "");
    assert_eq!(&*names.typed("dana"), "user-1");
    assert_eq!(&*names.typed("dan*"), "pattern-1");
}

#[test]
fn arns_keep_their_form() {
    let mut names = names();
    for (arn, told) in [
        (
            "arn:aws:iam::111111111111:user/path/dana",
            "arn:aws:iam::account-1:user/user-1",
        ),
        (
            "arn:aws-cn:sts::111111111111:assumed-role/ci/dana",
            "arn:aws-cn:sts::account-1:assumed-role/role-1/session-1",
        ),
        (
            "arn:aws:ecr:eu-west-1:222222222222:repository/team/app",
            "arn:aws:ecr:eu-west-1:account-2:repository/repository-1",
        ),
        (
            "arn:aws:iam::111111111111:root",
            "arn:aws:iam::account-1:root",
        ),
        (
            "arn:aws:iam::111111111111:policy/Secret",
            "arn:aws:iam::account-1:resource-1",
        ),
        ("arn:acme:iam::1:root", "resource-2"),
        ("arn:aws", "resource-3"),
    ] {
        assert_eq!(&*names.arn(arn), told, "{arn}");
    }
}

#[test]
fn messages_lose_what_is_known_and_what_has_a_form() {
    let digest = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    let mut names = names();
    for (text, told) in [
        (
            "tag 'v1' of 'team/app-two' in the registry with id '111111111111' exists.",
            "tag 'tag-1' of 'repository-2' in the registry with id 'account-1' exists.",
        ),
        (
            "User: arn:aws:iam::111111111111:user/dana is not authorized to perform: \
             ecr:PutImage on resource: arn:aws:ecr:eu-west-1:111111111111:repository/team/app.",
            "User: arn:aws:iam::account-1:user/user-1 is not authorized to perform: \
             ecr:PutImage on resource: arn:aws:ecr:eu-west-1:account-1:repository/repository-1.",
        ),
        (
            "111111111111.dkr.ecr.eu-west-1.amazonaws.com/team/app:v1 from 10.0.0.7:443",
            "account-1.dkr.ecr.eu-west-1.amazonaws.com/repository-1:tag-1 from address-1:443",
        ),
        (
            "dana@example.org with ASIAEXAMPLEKEY1 at 2001:db8::1",
            "user-2 with key-1 at address-2",
        ),
        (
            "Invalid parameter at 'imageTag': 'secret' and team/application, v1.2, dana.",
            "Invalid parameter at 'imageTag': 'name-1' and team/application, v1.2, user-1.",
        ),
    ] {
        assert_eq!(names.prose(text), told);
    }
    for kept in [
        digest,
        "6e4a2c1f-0000-4000-8000-0123456789ab",
        "a part of 5 MiB: it's small",
        "",
    ] {
        assert_eq!(names.prose(kept), kept);
    }
}

#[test]
fn usual_programs_and_their_versions_stay() {
    let mut names = names();
    for kept in [
        "aws-cli/2.15.30 Python/3.11.8 Linux/6.5.0-1016-aws exe/x86_64.ubuntu.22 prompt/off",
        "docker/24.0.5 go/go1.20.3 git-commit/a61e2b4 os/linux UpstreamClient(Docker-Client/24.0.5 \\(linux\\))",
        "ecr.amazonaws.com",
        "AWS Internal",
    ] {
        assert_eq!(&*names.user_agent(kept), kept);
    }
    assert_eq!(
        &*names.user_agent("acme-push/1.2 app/dana exec-env/CloudShell"),
        "program-1/1.2 app/user-1 exec-env/CloudShell"
    );
}

#[test]
fn words_of_aws_stay_where_they_are_spelt_so() {
    let mut names = names();
    assert_eq!(&*names.region("us-gov-west-1"), "us-gov-west-1");
    assert_eq!(&*names.region("acme-1"), "region-1");
    assert_eq!(
        &*names.source_ip("prod.frontend.ecr.aws.internal"),
        "prod.frontend.ecr.aws.internal"
    );
    assert_eq!(&*names.source_ip("build.acme.example"), "host-1");
    assert_eq!(&*names.source_ip("203.0.113.9"), "address-1");
    assert!(is_address("address-1") && !is_address("address-"));
    assert_eq!(
        &*names.media_type("application/vnd.acme.model"),
        "media-type-1"
    );
    assert_eq!(&*names.platform("linux/arm64/v8"), "linux/arm64/v8");
    assert_eq!(&*names.platform("plan9/acme"), "platform-1");
    assert_eq!(
        &*names.detail("public.ecr.aws/acme/team/app"),
        "public.ecr.aws/alias-1/repository-1"
    );
}

#[test]
fn words_of_aws_stay_in_what_stands_behind_a_caller_and_nothing_else() {
    let mut names = names();
    assert_eq!(
        &*names.resource_type("AWS::EC2::Instance"),
        "AWS::EC2::Instance"
    );
    assert_eq!(&*names.resource_type("dana"), "word-1");
    assert_eq!(&*names.tls_version("TLSv1.3"), "TLSv1.3");
    for odd in ["dana", "TLSv1.3 dana", "TLSv123.456", "TLSvdana"] {
        assert!(names.tls_version(odd).starts_with("word-"), "{odd}");
    }
    assert_eq!(&*names.endpoint("vpce-0a1b"), "endpoint-1");
    assert_eq!(&*names.prose("through vpce-0a1b"), "through endpoint-1");
}
