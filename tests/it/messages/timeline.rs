//! The timeline of a push: what is said once, and numbers that mean something.

use crate::support::logs::Logs;
use crate::support::script;

/// What the text report draws of a push, from the frame on.
fn drawn(text: &str) -> String {
    let logs = Logs::new(&script::files(text).expect("a sound script"));
    let report = logs.output(&["--width", "100"]);
    let lines = report.lines().skip_while(|line| !line.contains("╭─["));
    let lines = lines.take_while(|line| !line.contains("╰────"));
    lines.map(|line| format!("{}\n", line.trim_end())).collect()
}

#[test]
fn an_error_message_is_told_once_and_takes_no_number() {
    let text = drawn(
        "who ci role\nrepo team/app\nnoise 14:10 18:50 200\n\
         16:40:00  ci  team/app  Initiate  u1\n\
         16:40:01  ci  team/app  Part      u1 0-5MiB\n\
         16:40:08  ci  team/app  Complete  u1 aa\n\
         16:40:09  ci  team/app  PutImage  v1 config=aa layers=aa\n\
         16:40:10  ci  team/app  PutImage  v2 config=aa layers=aa !AccessDenied\n\
         16:40:11  ci  team/app  PutImage  v2 config=aa layers=aa !AccessDenied\n",
    );
    assert_eq!(
        text,
        r"   ╭─[push edf77d763b56]
 1 │ 16:40:00Z      0s  ━━━━━━━━━━━━━━━━━         config 471e18e65143    5.0 MiB  1 part
 2 │ 16:40:09Z     +9s                    ●       PutImage v1 accepted  5437cda62686  image
 3 │ 16:40:10Z    +10s                      ●     ✗ PutImage v2 refused
   │                                                AccessDenied: User:
   │                                                arn:aws:sts::123456789012:assumed-role/ci-push/c
   │                                                i-9032 is not authorized to perform:
   │                                                ecr:PutImage on resource:
   │                                                arn:aws:ecr:eu-central-1:123456789012:repos…
 4 │ 16:40:11Z    +11s                        ●   ✗ PutImage v2 refused in the same words
   ·                                              ───────────────────┬───────────────────
   ·                                                                 ╰── not allowed
"
    );
}

#[test]
fn an_upload_of_a_few_seconds_has_no_rate() {
    let rate = |last: &str| {
        let logs = script::files(&format!(
            "who ci role\nrepo team/app\nnoise 14:10 18:50 200\n\
             16:40:00  ci  team/app  Initiate  u1\n16:40:01  ci  team/app  Part  u1 0-5MiB\n\
             16:40:{last}  ci  team/app  Complete  u1 aa\n16:40:30  ci  team/app  PutImage  v1 config=aa layers=aa\n"
        ));
        let report = Logs::new(&logs.expect("a sound script")).output(&[]);
        let line = report.lines().find(|line| line.contains("  1 part"));
        let line = line.expect("the upload").trim_end().to_owned();
        line.split("1 part").nth(1).map(str::to_owned)
    };
    assert_eq!(rate("04").as_deref(), Some(""));
    assert_eq!(rate("05").as_deref(), Some("  1.0 MiB/s"));
}

#[test]
fn digest_files_that_were_set_aside_take_two_lines() {
    let logs = script::files("who ci role\nrepo team/app\nnoise 14:10 15:50 200\ndigests\n");
    let report = Logs::new(&logs.expect("a sound script")).output(&[]);
    let end = report.split("\n\n").last().expect("the end of the report");
    assert_eq!(
        end,
        "2 files set aside\n  2 digest: used to know which log files there should be; nothing needs doing\n"
    );
}
