//! Values that an option does not accept: the tip names one that it does.

use crate::support::folder::Folder;
use crate::support::logs::refused_push;
use crate::support::run::run;

/// What clap writes after a message.
const END: &str =
    "\n\nUsage: reconstruct [OPTIONS] <PATH>...\n\nFor more information, try '--help'.\n";

const DIGEST: &str = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

const FORMS: &str = "expected `ACCOUNT.dkr.ecr.REGION.amazonaws.com/NAME:TAG` or \
     `public.ecr.aws/ALIAS/NAME:TAG`, with `@sha256:…` in place of `:TAG`, or neither";

/// What a wrong value is answered with, without what clap adds.
fn message(option: &str, value: &str) -> String {
    let run = run([option, value, "/no/such/path"]);
    assert_eq!((run.status, &*run.stdout), (2, ""), "{option} {value}");
    let head = format!("error: invalid value `{value}` for `{option}`: ");
    let text = run
        .stderr
        .strip_prefix(&head)
        .and_then(|text| text.strip_suffix(END));
    text.unwrap_or(&run.stderr).to_owned()
}

#[test]
fn an_image_without_a_registry_names_the_options_for_its_parts() {
    let image = |value: &str| {
        let text = message("--image", value);
        let text = text.strip_prefix(&format!("it names no registry; {FORMS}"));
        text.expect("it names no registry").to_owned()
    };
    let tip = |text: &str| format!("\n\n  tip: did you mean `{text}`?");
    let by_digest = tip(&format!("--digest {DIGEST}"));
    assert_eq!(image(&format!("@{DIGEST}")), by_digest);
    assert_eq!(image(DIGEST), by_digest);
    assert_eq!(image(":v1"), tip("--tag v1"));
    assert_eq!(image("shop/web:v1"), tip("--repository shop/web --tag v1"));
    assert_eq!(
        image(&format!("shop/web:v1@{DIGEST}")),
        tip(&format!("--repository shop/web --digest {DIGEST}"))
    );
    assert_eq!(image("localhost:5000/web:v1"), "");
}

#[test]
fn a_part_of_a_digest_is_one_for_the_digest_option() {
    assert_eq!(
        message("--image", "@sha256:3b37"),
        format!(
            "`sha256:3b37` is no digest: expected `sha256:` and 64 lower-case hexadecimal digits; {FORMS}\n\n  tip: \
             did you mean `--digest sha256:3b37*`?"
        )
    );
}

#[test]
fn seconds_are_a_time_and_milliseconds_are_told_as_seconds() {
    assert_eq!(
        message("--since", "1709529715123"),
        "expected an RFC 3339 time as `2024-03-04T09:00:00Z`, a date as `2024-03-04`, or `today`, `yesterday`, an \
         age as `7d` (`s`, `m`, `h` or `d`), or seconds since 1970\n\n  tip: did you mean `1709529715`?"
    );
}

#[test]
fn what_is_excluded_stays_excluded_in_the_tip() {
    assert_eq!(
        message("--status", "!faild"),
        "expected one of incomplete, failed, undetermined, complete, unchanged, nothing-sent\n\n  tip: did you mean \
         `!failed`?"
    );
}

/// Wrong values of which each tip is tried.
const WRONG: &[(&str, &[&str])] = &[
    (
        "--image",
        &[
            ":v1",
            "shop/web:v1",
            "shop/web",
            "Shop/Web:v1",
            "localhost:5000/web:v1",
            "https://docker.io/library/alpine:3",
            "https://123456789012.dkr.ecr.eu-west-1.amazonaws.com/shop/web:v1",
            "123456789012.dkr.ecr.eu-west-1.amazonaws.com/shop/web:",
            "123456789012.dkr.ecr.eu-west-1.amazonaws.com/Web",
            "@sha256:3b37",
            "shop/web@sha256:3b37",
            "",
            ":",
            "@",
        ],
    ),
    (
        "--repository",
        &[
            ":v1",
            "shop/web:v1",
            "shop/web@sha256:3b37",
            "shop/web:v1@sha256:3b37",
            "shop/web@x",
            "https://123456789012.dkr.ecr.eu-west-1.amazonaws.com/shop/web:v1",
            "123456789012.dkr.ecr.eu-west-1.amazonaws.com/shop/web@sha256:00",
            "123456789012.dkr.ecr.eu-west-1.amazonaws.com",
            "public.ecr.aws/k4y9r6y5/shop/web:v1",
            "a://b:c",
            "",
        ],
    ),
    (
        "--tag",
        &["shop/web:v1", "shop/web@sha256:3b37", "a:", "a/", "@", ""],
    ),
    ("--digest", &["3B37", "sha256:", "sha512:00", "e3b0c4", ""]),
    (
        "--account",
        &["1234", "1234-5678-9012", "dana", "12345678901234", "12*a"],
    ),
    ("--region", &["EU_West_1", "Ireland!", "eu west 1"]),
    ("--status", &["faild", "!faild", "done"]),
    ("--finding", &["faild-push", "zzz"]),
    ("--address", &["localhost", "203.0.113"]),
    (
        "--since",
        &[
            "7 days",
            "7",
            "2w",
            "1709529715123",
            "17095297151",
            "2024/03/04",
            "2024-03-04 09:00",
            "Today",
            "soon",
            "18446744073709551615s",
            "99999999999999d",
        ],
    ),
    ("--until", &["3 months ago", "tomorrow"]),
    ("--window", &["15min", "0", "0 min", "soon", "15"]),
    ("--max-decoded", &["4GB", "4", "many"]),
    ("--fail-on", &["eror"]),
];

#[test]
fn no_tip_leads_into_another_error() {
    let folder = Folder::new();
    let log = serde_json::json!({"Records": [refused_push(1)]}).to_string();
    let log = folder.write("a.json", log);
    let log = log.to_str().expect("Unicode");
    let mut n_tried = 0;
    for (option, values) in WRONG {
        for value in *values {
            let wrong = run([option, value, log]);
            assert_eq!(wrong.status, 2, "{option} {value}: {}", wrong.stderr);
            let Some(tip) = wrong.stderr.split("did you mean `").nth(1) else {
                continue;
            };
            let tip = tip.split("`?").next().expect("a tip");
            let words: Vec<&str> = tip.split(' ').collect();
            let args = match tip.starts_with("--") {
                true => [&words[..], &[log]].concat(),
                false => [&[*option][..], &words, &[log]].concat(),
            };
            let right = run(args);
            n_tried += 1;
            assert!(
                right.status != 2,
                "{option} {value} -> {tip}: {}",
                right.stderr
            );
        }
    }
    assert!(n_tried > 30, "{n_tried} tips");
}
