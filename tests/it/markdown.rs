//! Markdown for a ticket or the summary of a job.
//!
//! In: the sample and simulated logs. Out: that the page says what the text report says, that it keeps within its bounds
//! and says what it leaves out.

use crate::formats::markdown::{assert_inert, diagrams, rendered, tasks};
use crate::support::run::{project, run};

/// The sample in Markdown.
fn sample(options: &[&str]) -> String {
    let path = project("testdata/sample").to_string_lossy().into_owned();
    let typed = ["--format", "markdown", "--quiet", &path];
    run([&typed[..], options].concat()).stdout
}

#[test]
fn the_table_has_a_row_a_push_and_what_needs_attention_comes_first() {
    let page = sample(&[]);
    assert_inert(&page);
    let rows: Vec<&str> = page
        .lines()
        .skip_while(|line| !line.starts_with("| status"))
        .skip(2)
        .take_while(|line| line.starts_with('|'))
        .collect();
    assert_eq!(rows.len(), 25);
    let first = "| ❌ failed | `0da9badcb941` | `shop/api:3.2.0` | ImageTagAlreadyExistsException | \
                 role github-shop, session GitHubActions | 198.51.102.156 | \
                 2025-03-10T09:02:04Z | 5 s |";
    assert_eq!(rows[0], first);
    let html = rendered(&page);
    // The head has a row of titles too; the tables of steps come after the title of the details.
    let (table, _) = html.split_once("<h3>Details</h3>").expect("details");
    let (_, table) = table.split_once("<h3>Pushes</h3>").expect("a table");
    assert_eq!(table.matches("<tr>").count(), 26);
    assert_eq!(html.matches("<details>").count(), 6);
}

#[test]
fn a_diagram_has_a_task_for_each_step_with_a_time() {
    let page = sample(&["--push", "0da9badcb941"]);
    let diagrams = diagrams(&page);
    let tasks: Vec<Vec<&str>> = diagrams.iter().map(|text| tasks(text)).collect();
    let expected = [
        "login (GetAuthorizationToken) :milestone, 2025-03-10T09:02:00, 0s",
        "checked 6 blobs in 7 calls :2025-03-10T09:02:04, 5s",
        "layer 746e64f0318c 32.6 MiB :2025-03-10T09:02:04, 3s",
        "layer c452b0130bdc 47.9 MiB :2025-03-10T09:02:04, 4s",
        "config 5177f03804bf 1.9 KiB :2025-03-10T09:02:08, 1s",
        "PutImage 3.2.0 refused :crit, milestone, 2025-03-10T09:02:09, 0s",
    ];
    assert_eq!(tasks, [expected]);
}

#[test]
fn what_has_no_room_is_counted() {
    let path = project("testdata/cases").to_string_lossy().into_owned();
    let typed = ["--format", "markdown", "--quiet", &path];
    let short = run(typed).stdout;
    let long = run([&typed[..], &["--verbose"]].concat()).stdout;
    assert!(short.len() <= 65_536 && long.len() <= 1 << 20);
    let left_out = " pushes left out of the details, as the page would be longer than 65,536 bytes; \
                    `--verbose` allows 1 MiB, as the summary of a job does._";
    assert!(short.contains(left_out), "{}", short.len());
    assert_inert(&short);
    assert_inert(&long);
}

#[test]
fn a_history_is_a_list_in_order_of_time() {
    let path = project("testdata/cases/repository-history/in");
    let path = path.to_string_lossy().into_owned();
    let typed = ["--history", "--repository", "team/app", "--quiet", &path];
    let page = run([&typed[..], &["--format", "markdown"]].concat()).stdout;
    assert_inert(&page);
    let entries: Vec<&str> = page
        .lines()
        .filter(|line| line.starts_with("- 20"))
        .collect();
    let text = run(typed).stdout;
    let in_text = text.lines().filter(|line| line.starts_with("  20"));
    assert_eq!(entries.len(), in_text.count());
    assert!(entries.is_sorted(), "{page}");
    assert!(entries.len() > 40 && !page.contains("### Pushes"), "{page}");
    let denied = "- 2026-03-17T11:40:00Z ❌ SSO user `eve@example.com` with eve tried to push, refused at \
                  InitiateLayerUpload with AccessDenied (failed, push c4c955656c05)";
    assert!(entries.contains(&denied), "{page}");
    let tags = page.lines().filter(|line| line.starts_with("- `"));
    assert!(tags.count() >= 2, "{page}");
}
