//! The pseudonyms: one for each name of a class, whatever text contains it.

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
            "Invalid parameter at 'imageTag': 'name-1' and name-2, name-3, user-1.",
        ),
    ] {
        assert_eq!(names.prose(text), told);
    }
    for kept in [
        digest,
        "6e4a2c1f-0000-4000-8000-0123456789ab",
        "a part of 5 MiB: it's smaller",
        "which is '100000'",
        "The image with imageId {imageDigest:'null', imageTag:'null'} does not exist within the repository",
        "Layers with digests '[]' required for pushing image into repository do not exist",
        "The upload does not exist in the repository in the registry with id",
        "Your authorization token has expired. Reauthenticate and try again.",
        "The security token included in the request is invalid",
        "not authorized to perform: ecr:InitiateLayerUpload on resource: * with an explicit deny in a \
         service control policy",
        "The image tag already exists and cannot be overwritten because the repository is immutable.",
        "Image with digest and tag already exists in the repository",
        "exceeds the maximum allowed number of tags per image which is '1000'",
        "The request was denied due to a VPC endpoint policy",
        "Requested image referenced by manifest list",
        "No such file or directory (os error 2)",
        "Permission denied (os error 13)",
        "stream did not contain valid UTF-8",
        "missing field `files`",
        "EOF while parsing a string",
        "expected `,` or `}`",
        "invalid UTF-8",
        "an OCI digest, `sha256:` and 64 hexadecimal digits",
        "an RFC 3339 timestamp, `YYYY-MM-DDTHH:MM:SSZ`",
        "a text, which every record has",
        "an object or null, or the JSON of one as a text",
        "a byte not before `partFirstByte`",
        "a list of OCI digests",
        "an image manifest or an index",
        "a list of descriptors",
        "`requestParameters.imageManifest`",
        "longer than 16 MiB",
        "what its wrapper holds is cut or no record",
        "Invalid parameter at 'ImageManifest' failed to satisfy constraint: \
         'Limit on number of layers per image exceeded'",
        "no identity-based policy allows the ecr:PutImage action",
        "2024-03-04T09:14:31Z: ThrottlingException, Rate exceeded (status 429)",
        "",
    ] {
        assert_eq!(names.prose(kept), kept);
    }
}

#[test]
fn a_known_name_is_known_in_any_spelling() {
    let mut names = names();
    for (text, told) in [
        ("TEAM/APP and Dana", "repository-1 and user-1"),
        ("team%2Fapp%3Av1", "repository-1:tag-1"),
        ("team%252Fapp-two", "repository-2"),
        (
            "https://dana@team/app?tag=v1",
            "https://user-1@repository-1?name-1=tag-1",
        ),
        ("1111-1111-1111 and 111111111111", "account-1 and account-1"),
        ("ip-10-0-0-7 is 10.0.0.7", "address-1 is address-1"),
        (
            "a '2001:DB8::1' and 2001:db8:0::1",
            "a 'address-2' and address-2",
        ),
    ] {
        assert_eq!(names.prose(text), told, "{text}");
    }
}

#[test]
fn what_is_not_known_goes() {
    let mut names = Pseudonyms::default();
    for (text, told) in [
        ("x111111111111y", "name-1"),
        (
            "'Ann Miller' said \"no image\"",
            "'name-2' name-3 \"name-4\"",
        ),
        ("Ann's image", "name-5's image"),
        (
            "us-ann-2, ann-miller-2, eu-west-9",
            "name-6, name-7, eu-west-9",
        ),
        (
            "ann.amazonaws.com is not ecr.amazonaws.com",
            "name-8 is not ecr.amazonaws.com",
        ),
        ("{\"user\":\"ann\"}", "{\"name-9\":\"name-5\"}"),
        (
            "AnnException, ecr:Ann, ann:PutImage",
            "name-10, name-11:name-5, name-5:name-12",
        ),
        ("5551234567 of 1234567", "name-13 of name-14"),
        ("%61%6E%6E", "name-5"),
        ("sha256:abcd ann:miller", "name-15 name-5:name-16"),
    ] {
        assert_eq!(names.prose(text), told, "{text}");
    }
}

#[test]
fn tags_of_tools_and_digests_stay_unless_they_are_words() {
    let mut names = names();
    let tag = format!("sha256-{}.att", "ab".repeat(32));
    assert_eq!(&*names.tag(&tag), tag);
    assert_eq!(&*names.tag("sha256-ann.att"), "tag-2");
    for (text, told) in [("sha512:", None), ("ann:miller", Some("digest-1"))] {
        let digits = match text {
            "sha512:" => "ab".repeat(64),
            _ => String::new(),
        };
        let text = format!("{text}{digits}");
        let digest = crate::event::Digest::parse(&text).expect("a digest");
        assert_eq!(names.digest(&digest).to_string(), told.unwrap_or(&text));
    }
}

#[test]
fn what_is_full_of_marks_takes_no_longer_than_what_is_not() {
    let mut names = names();
    for hostile in [
        "a.", "a-a/", "1:", "'\"`", "%2", "%25", "arn:", "é@.", "sha256:", "-_",
    ] {
        let told = names.prose(&hostile.repeat(100_000));
        assert!(told.len() < 64 << 10, "{hostile}: {}", told.len());
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
    assert_eq!(&*names.word("AWS::EC2::Instance"), "AWS::EC2::Instance");
    assert_eq!(&*names.word("dana"), "word-1");
    assert_eq!(&*names.word("TLSv1.3"), "TLSv1.3");
    for odd in ["dana", "TLSv1.3 dana", "TLSv123.456", "TLSvdana"] {
        assert!(names.word(odd).starts_with("word-"), "{odd}");
    }
    assert_eq!(&*names.endpoint("vpce-0a1b"), "endpoint-1");
    assert_eq!(&*names.prose("through vpce-0a1b"), "through endpoint-1");
}
