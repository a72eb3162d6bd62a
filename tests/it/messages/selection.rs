//! Selections that find nothing: what is near, where else it is, and that letter case and `*` matter.

use serde_json::{Value, json};

use crate::support::logs::{Logs, refused_push};

/// A push to a repository of a registry, by its number in the log.
fn push(number: u64, account: &str, region: &str, name: &str, tag: &str) -> Value {
    let mut record = refused_push(number);
    record["awsRegion"] = json!(region);
    record["recipientAccountId"] = json!(account);
    record["requestParameters"] =
        json!({"registryId": account, "repositoryName": name, "imageTag": tag});
    record
}

/// A repository name in two regions and two accounts, and others in one.
fn logs() -> Logs {
    let (one, other) = ("123456789012", "210987654321");
    let records = [
        push(1, one, "eu-west-1", "shop/web", "v1.10"),
        push(2, one, "eu-west-1", "shop/webhook", "v1.11"),
        push(3, one, "us-east-1", "shop/web", "v1.12"),
        push(4, other, "eu-west-1", "shop/web", "v1.13"),
        push(5, one, "eu-central-1", "tools/backup", "v2"),
    ];
    let log = json!({ "Records": records }).to_string().into_bytes();
    Logs::new(&vec![("a.json".to_owned(), log)])
}

/// What the text report says of a selection that finds nothing, from there on.
fn said(args: &[&str]) -> String {
    let width = ["--width", "200", "--quiet", "--fail-on", "never"];
    let text = logs().run(&[args, &width].concat()).stdout;
    let said = text.split("none known\n\n").nth(1);
    let said = said.or_else(|| text.split("\n\n").nth(2));
    let said = said.unwrap_or(&text).split("\nabout the log").next();
    said.unwrap_or_default().trim_end().to_owned()
}

#[test]
fn a_slip_names_the_nearest_and_not_the_first_of_the_alphabet() {
    assert_eq!(
        said(&["--repository", "shop/wbe"]),
        "No push has --repository shop/wbe. Near it is `shop/web`."
    );
    assert_eq!(
        said(&["--repository", "shop/webhok"]),
        "No push has --repository shop/webhok. Near it is `shop/webhook`."
    );
    assert_eq!(
        said(&["--region", "eu-west-2"]),
        "No push has --region eu-west-2. Near it is `eu-west-1`."
    );
    assert_eq!(
        said(&["--account", "123456789021"]),
        "No push has --account 123456789021. Near it is `123456789012`."
    );
}

#[test]
fn what_is_near_nothing_names_what_there_is() {
    assert_eq!(
        said(&["--repository", "nightly"]),
        "No push has --repository nightly. There is: shop/web, shop/webhook, tools/backup."
    );
}

#[test]
fn letter_case_and_star_are_said_to_matter() {
    assert_eq!(
        said(&["--repository", "Shop/Web"]),
        "No push has --repository Shop/Web. Letter case matters: there is `shop/web`."
    );
    assert_eq!(
        said(&["--repository", "Shop/*"]),
        "No push has --repository Shop/*. Letter case matters: there are `shop/web` and `shop/webhook`."
    );
    assert_eq!(
        said(&["--repository", "web"]),
        "No push has --repository web. A value is compared whole: `*web` would match `shop/web`."
    );
    assert_eq!(
        said(&["--tag", "v1"]),
        "No push has --tag v1. A value is compared whole: `v1*` would match `v1.10`, `v1.11`, `v1.12` and 1 more."
    );
    assert_eq!(
        said(&["--client", "cli"]),
        "No push has --client cli. A value is compared whole: `*cli*` would match `aws-cli/2.15.30`."
    );
}

#[test]
fn each_of_several_values_has_its_own_hint() {
    assert_eq!(
        said(&["--repository", "shop/wbe,backup"]),
        "No push has --repository shop/wbe or backup. For `shop/wbe`: near it is `shop/web`. \
         For `backup`: a value is compared whole: `*backup` would match `tools/backup`."
    );
}

#[test]
fn a_repository_of_other_regions_and_accounts_is_said_to_be_there() {
    let each = "Each of these selects some pushes by itself, and no push meets them all.\n";
    assert_eq!(
        said(&["--repository", "shop/web", "--region", "eu-central-1"]),
        format!("{each}`shop/web` is in eu-west-1 and us-east-1, not in eu-central-1.")
    );
    assert_eq!(
        said(&["--repository", "tools/backup", "--account", "210987654321"]),
        format!("{each}`tools/backup` is in 123456789012, not in 210987654321.")
    );
    let both = ["--region", "us-east-1", "--account", "210987654321"];
    assert_eq!(
        said(&[&["--repository", "shop/web"][..], &both].concat()),
        format!(
            "{each}`shop/web` is in eu-west-1 of 123456789012, eu-west-1 of 210987654321 and \
             us-east-1 of 123456789012, not in us-east-1 of 210987654321."
        )
    );
    let found = said(&["--repository", "shop/web", "--region", "eu-west-1"]);
    assert!(!found.contains(" is in "), "what is there: {found}");
}

#[test]
fn an_image_elsewhere_and_a_slip_in_an_image_are_told() {
    let image = |region: &str, name: &str| {
        let image = format!("123456789012.dkr.ecr.{region}.amazonaws.com/{name}");
        let said = said(&["--image", &image]);
        said.replace(&image, "IMAGE")
            .split("\n\n")
            .next()
            .map(str::to_owned)
    };
    let told = |text: &str| Some(format!("No push has --image IMAGE. {text}"));
    assert_eq!(
        image("eu-west-1", "shop/web:v1.12"),
        told("That name is in us-east-1 of 123456789012.")
    );
    assert_eq!(
        image("eu-west-1", "shop/webhok:v1.11"),
        told("Near it is `shop/webhook:v1.11`.")
    );
    assert_eq!(
        image("eu-central-1", "tools/backup:V2"),
        told("Letter case matters: there is `tools/backup:v2`.")
    );
}

#[test]
fn standard_error_and_json_have_the_hint_too() {
    let logs = logs();
    let run = logs.run(&["--repository", "shop/wbe,shop/webhook", "--format", "json"]);
    assert_eq!(
        run.stderr,
        "warning: `shop/wbe` of `--repository` occurs nowhere in the log; near it is `shop/web` \
         [not-in-log]\nreconstruct: 1 push (1 undetermined) in 1 log file\n"
    );
    let report: Value = serde_json::from_str(&run.stdout).expect("JSON");
    assert_eq!(
        report["selection"][0]["hints"],
        json!([{
            "value": "shop/wbe", "kind": "near", "pattern": null, "there": ["shop/web"],
            "there_more": 0, "not_in": null
        }])
    );
}

#[test]
fn hints_under_pseudonyms_name_nobody() {
    assert_eq!(
        said(&["--repository", "shop/wbe", "--redact"]),
        "No push has --repository pattern-1. Near it is `repository-1`."
    );
}
