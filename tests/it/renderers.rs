//! Every format on the same pushes: what all have in common, and what each shows.

use std::collections::{BTreeMap, BTreeSet};

use boon::{Compiler, Schemas};
use reconstruct::Reconstruction;
use reconstruct::event::Service;
use reconstruct::render::{Detail, Format, Style, diagnostics};
use reconstruct::report::image_ref::Target;
use reconstruct::report::{
    Affected, Attention, COMPARE_SCHEMA, Filter, Histories, ImageRef, ManifestState, Pattern,
    Property, SUMMARY_SCHEMA,
};
use reconstruct::source::Input;
use serde_json::Value;

use crate::fixture;
use crate::support::run::{project, run};

const DETAILS: [Detail; 3] = [Detail::Summary, Detail::Normal, Detail::Verbose];

fn style(detail: Detail) -> Style {
    Style {
        color: false,
        unicode: true,
        width: 80,
        detail,
        ..Style::default()
    }
}

fn draw(reconstruction: &Reconstruction, format: &str, style: &Style, status: &str) -> String {
    let filter = Filter::default().with(Property::Status, Pattern::new(status));
    draw_selected(reconstruction, format, style, &filter)
}

fn draw_selected(
    reconstruction: &Reconstruction,
    format: &str,
    style: &Style,
    filter: &Filter,
) -> String {
    let report = reconstruction.report().select(filter);
    let format = Format::find(format).expect("a format");
    let mut out = Vec::new();
    let drawn = format.renderer.render(&report, style, &mut out);
    drawn.expect("a vector takes all");
    String::from_utf8(out).expect("reports are UTF-8")
}

/// Filters that show more than pushes: the histories of an image and of one whose names are hostile, and the names
/// that there are where nothing is selected.
fn telling_filters() -> [Filter; 3] {
    let image = |name: &str, tag: &str| ImageRef {
        text: format!("{name}:{tag}").into(),
        service: Service::Ecr,
        registry: "123456789012".into(),
        region: "eu-west-1".into(),
        name: name.into(),
        target: Target::Tag(tag.into()),
    };
    let images = vec![
        image("shop/api", "v1.4.2"),
        image(fixture::HOSTILE, fixture::HOSTILE),
    ];
    let nothing = Filter::default().with(Property::Repository, Pattern::new(fixture::HOSTILE));
    [
        Filter {
            images,
            ..Filter::default()
        },
        nothing.with(Property::Identity, Pattern::new("nobody")),
        Filter {
            histories: Histories::OfRepositories,
            ..Filter::default().with(Property::Repository, Pattern::new("*"))
        },
    ]
}

fn text(detail: Detail, status: &str) -> String {
    draw(&fixture::reconstruction(), "text", &style(detail), status)
}

/// Everything that can be drawn, in every style, with the problems of the input.
fn all_outputs(color: bool) -> Vec<(String, String)> {
    let reconstruction = fixture::reconstruction();
    let mut outputs = Vec::new();
    for detail in DETAILS {
        for unicode in [true, false] {
            let style = Style {
                color,
                unicode,
                ..style(detail)
            };
            for format in Format::ALL {
                let name = format!("{} {detail:?} unicode {unicode}", format.name);
                outputs.push((
                    name.clone(),
                    draw(&reconstruction, format.name, &style, "*"),
                ));
                for filter in telling_filters() {
                    let output = draw_selected(&reconstruction, format.name, &style, &filter);
                    outputs.push((format!("{name} selected"), output));
                }
            }
            let mut out = Vec::new();
            for row in reconstruction.report().problems() {
                diagnostics::problem(&row, &style, &mut out).expect("a vector takes all");
            }
            let out = String::from_utf8(out).expect("diagnostics are UTF-8");
            outputs.push((format!("problems unicode {unicode}"), out));
        }
    }
    outputs
}

/// What steers a terminal, or hides from the reader.
pub(crate) fn steers(letter: char) -> bool {
    (letter.is_control() && letter != '\n')
        || matches!(
            letter,
            '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
        )
}

#[test]
fn no_format_lets_through_what_steers_a_terminal() {
    assert!(fixture::HOSTILE.chars().filter(|c| steers(*c)).count() > 5);
    for (name, output) in all_outputs(false) {
        // A line a push is no line where no push is selected.
        assert!(
            !output.is_empty() || ["timesketch", "ocsf"].iter().any(|n| name.starts_with(n)),
            "{name}"
        );
        // RFC 4180 ends lines with CRLF.
        let output = match name.starts_with("csv ") {
            true => output.replace("\r\n", "\n"),
            false => output,
        };
        let found = output.char_indices().find(|(_, letter)| steers(*letter));
        assert_eq!(found, None, "{name}");
    }
}

#[test]
fn no_line_of_the_log_begins_a_line_of_the_report() {
    for (name, output) in all_outputs(false) {
        let forged = output
            .lines()
            .find(|line| line.starts_with("COMPLETE  fake"));
        assert_eq!(forged, None, "{name}");
    }
}

#[test]
fn colour_adds_nothing_but_colour() {
    let plain = all_outputs(false);
    for ((name, plain), (_, coloured)) in plain.iter().zip(all_outputs(true)) {
        let mut stripped = String::new();
        for (place, piece) in coloured.split('\u{1b}').enumerate() {
            let rest = match place {
                0 => piece,
                _ => {
                    let (parameters, rest) = piece.split_once('m').expect("an SGR sequence");
                    let digits = |c: char| c.is_ascii_digit() || matches!(c, '[' | ';');
                    assert!(parameters.chars().all(digits), "{name}: {parameters}");
                    rest
                }
            };
            stripped.push_str(rest);
        }
        assert_eq!(&stripped, plain, "{name}");
    }
}

#[test]
fn every_format_gives_the_same_bytes_twice() {
    for ((name, once), (_, again)) in all_outputs(false).iter().zip(all_outputs(false)) {
        assert_eq!(once, &again, "{name}");
    }
}

#[test]
fn every_format_can_say_that_there_is_nothing() {
    for format in Format::ALL {
        let output = draw(&fixture::empty(), format.name, &style(Detail::Normal), "*");
        // A format of nothing but events or findings has no line without them.
        let is_lines = ["timesketch", "ocsf"].contains(&format.name);
        let is_nothing = is_lines && output.is_empty();
        assert!(is_nothing || output.ends_with('\n'), "{}", format.name);
    }
    let output = draw(&fixture::empty(), "text", &style(Detail::Normal), "*");
    assert!(output.starts_with("no push in these logs\n"), "{output}");
}

#[test]
fn text_fits_its_width() {
    let reconstruction = fixture::reconstruction();
    for width in [40, 60, 80, 132] {
        for detail in DETAILS {
            let style = Style {
                width,
                ..style(detail)
            };
            let mut output = draw(&reconstruction, "text", &style, "*");
            for filter in telling_filters() {
                output += &draw_selected(&reconstruction, "text", &style, &filter);
            }
            for line in output.lines() {
                let cells = unicode_width::UnicodeWidthStr::width(line);
                assert!(cells <= width, "{cells} > {width}: {line}");
                assert_eq!(line, line.trim_end(), "no blanks at the end");
            }
        }
    }
}

#[test]
fn text_without_unicode_is_ascii() {
    let style = Style {
        unicode: false,
        ..style(Detail::Normal)
    };
    let output = draw(&fixture::reconstruction(), "text", &style, "*");
    assert!(output.is_ascii());
    assert!(output.contains("x no PutImage in the log"));
}

/// The block of the only selected push, without the overview and what follows it.
fn block(status: &str, id: &str) -> String {
    let output = text(Detail::Normal, status);
    let id = format!("push {id}\n");
    let begin = output.find(&id).expect("the push is there");
    let begin = output[..begin].rfind('\n').map_or(0, |at| at + 1);
    let rest = &output[begin..];
    let end = rest
        .match_indices("\n\n")
        .map(|(at, _)| at)
        .find(|at| rest[at + 2..].starts_with(|c: char| !c.is_whitespace()));
    rest[..end.unwrap_or(rest.len())].to_owned()
}

#[test]
fn a_killed_push_says_what_is_missing_and_what_came_next() {
    assert_eq!(
        block("incomplete", "7f3a2c1e9b04"),
        "\
INCOMPLETE    shop/web                                         push 7f3a2c1e9b04
  why    The client went away: of 3 uploads begun, 1 was never completed, and no
         manifest followed.
  event  00000000-0000-4000-8000-000000000019
  who    role ci-push, session build-4711 (123456789012)
  from   198.51.100.7, login 00000000 by aws-cli/2.15.30 at 09:14:02Z
         (inference, serves 2 pushes)
  to     ECR registry 123456789012, eu-west-1
  when   2024-03-04T09:14:31Z to 09:14:41Z, 10 s
  moved  2 blobs uploaded (24.1 MiB), 1 upload unfinished (40.0 MiB)
  sure   inference: one call is joined by login, habit or order; another push
         could own it
  next   run again 2 min 38 s later as push c41d02aa93f7, complete

  ⚠ the client went away [incomplete-push]
   ╭─[push 7f3a2c1e9b04]
 1 │ 09:14:02Z    -29s           login (GetAuthorizationToken)  serves 2 pushes
 2 │ 09:14:31Z      0s  ━━━━━━   checked 2 blobs in 3 calls
 3 │ 09:14:31Z      0s  ━━━━━━   layer c4719afa76fa    19.0 MiB  1 part
 4 │ 09:14:31Z      0s  ━━       layer 612f7a0edd33     5.1 MiB  1 part
 5 │ 09:14:40Z     +9s       ━━  upload 8c1f0000-00…   40.0 MiB  2 parts
   │                             ✗ no CompleteLayerUpload in the log
 6 │                             ✗ no PutImage in the log
   ·                             ────────────┬───────────
   ·                                         ╰── the log goes on for 3 h
   ╰────
  help: nothing needs doing: a later run pushed `v1.4.1`"
    );
}

#[test]
fn a_refused_push_quotes_the_refusal_once() {
    assert_eq!(
        block("failed", "0b77de41c6a2"),
        "\
FAILED        shop/api:v1.4.2                                  push 0b77de41c6a2
  why    PutImage of `v1.4.2` in `shop/api` was refused with
         `ImageTagAlreadyExistsException`: “The image tag 'v1.4.2' already
         exists in the 'shop/api' repository and cannot be overwritten because
         the repository is immutable.” No later call of the push put the
         manifest.
  event  00000000-0000-4000-8000-000000000034
  who    role ci-push, session build-4712 (123456789012)
  from   not known: the calls hide the address, and no login in this log fits
  to     ECR registry 123456789012, eu-west-1
  when   2024-03-04T09:33:20Z to 09:33:23Z, 3 s
  moved  1 layer uploaded (3.0 MiB), the config there already (1.4 KiB); 3.0 MiB
         in no image of this log
  sure   inference: one call is joined by login, habit or order; another push
         could own it

  × the tag may not move [failed-push]
   ╭─[push 0b77de41c6a2]
 1 │ 09:33:20Z      0s  ●        layer fe64a7d21153     3.0 MiB  1 part
 2 │ 09:33:23Z     +3s       ●   ✗ PutImage v1.4.2 refused
   ·                             ────────────┬────────────
   ·                                         ╰── taken
   ╰────
  help: push under a new tag, or make the tags of `shop/api` mutable"
    );
}

#[test]
fn an_image_of_two_hundred_layers_stays_readable() {
    let block = block("incomplete", "020000000006");
    assert!(block.lines().count() < 50, "{block}");
    assert!(block.contains("… 176 more uploads"), "{block}");
    assert!(block.contains("all 200 blobs were uploaded"), "{block}");
}

#[test]
fn pushes_that_ask_for_attention_come_first() {
    let reconstruction = fixture::reconstruction();
    let report = reconstruction.report();
    let attention: BTreeMap<String, Attention> = report
        .sessions()
        .map(|push| (push.id, push.attention))
        .collect();
    let output = text(Detail::Normal, "*");
    let titles = output.lines().filter(|line| !line.starts_with(' '));
    let ids = titles.filter_map(|line| Some(line.split_once(" push ")?.1));
    let told: Vec<Attention> = ids.map(|id| attention[id]).collect();
    assert_eq!(told.len(), attention.len());
    assert!(told.is_sorted(), "{told:?}");
    for kind in Attention::ALL {
        assert!(told.contains(&kind), "{kind}: {told:?}");
    }
}

#[test]
fn equal_causes_of_one_caller_stand_together() {
    let logs = [Input::Path(project("testdata/cases/causes-that-fit/in"))];
    let made = fixture::reconstruction();
    let reconstruction = reconstruct::reconstruct(&logs, &made.options).expect("a case");
    let report = reconstruction.report();
    let affected = report.affected();
    let sizes: Vec<u64> = affected.iter().map(Affected::n_pushes).collect();
    assert!(sizes.is_sorted_by(|one, next| one >= next), "{sizes:?}");
    let causes: BTreeSet<_> = affected.iter().map(|of| (&of.cause, &of.who)).collect();
    assert_eq!(causes.len(), affected.len());
    let bad = report.sessions().filter(|push| push.cause.is_some());
    assert_eq!(sizes.iter().sum::<u64>(), bad.count() as u64);
}

#[test]
fn of_many_pushes_those_that_ended_well_take_a_line_each() {
    let sample = project("testdata/sample").to_string_lossy().into_owned();
    let output = run([&*sample, "--quiet"]).stdout;
    let (full, short) = output
        .split_once(" pushes that ended well  ")
        .expect("the sample has more than twenty pushes");
    let (full, n) = full.rsplit_once("\n").expect("a line");
    let n: usize = n.parse().expect("a number");
    let mut lines = short.lines().skip(1);
    assert_eq!(lines.next(), Some("times of 2025-03-10, UTC"));
    assert!(
        lines
            .next()
            .is_some_and(|titles| titles.starts_with("status"))
    );
    let lines: Vec<_> = lines.take_while(|l| !l.is_empty()).collect();
    assert_eq!(lines.len(), n);
    let is_well = |l: &&str| l.starts_with("complete  ") || l.starts_with("unchanged ");
    assert!(lines.iter().all(is_well), "{lines:?}");
    let title = |line: &&str| line.contains("  push ") && !line.starts_with(' ');
    assert_eq!(full.lines().filter(title).count() + n, 25);
    let verbose = run([&*sample, "--quiet", "--verbose"]).stdout;
    assert_eq!(verbose.lines().filter(title).count(), 25);
}

#[test]
fn summary_keeps_repository_and_tag_at_any_width() {
    for width in [40, 60, 80] {
        let narrow = Style {
            width,
            ..style(Detail::Summary)
        };
        let output = draw(&fixture::reconstruction(), "text", &narrow, "failed");
        let line = output.lines().last().expect("a push");
        assert!(line.contains(":v1.4"), "{output}");
        assert!(
            output.lines().all(|line| line.chars().count() <= width),
            "{output}"
        );
    }
}

#[test]
fn summary_is_one_aligned_line_a_push() {
    let wide = Style {
        width: 160,
        ..style(Detail::Summary)
    };
    let output = draw(&fixture::reconstruction(), "text", &wide, "*");
    let lines = output
        .lines()
        .skip_while(|line| !line.starts_with("status"));
    let lines: Vec<&str> = lines.collect();
    assert_eq!(lines.len(), 1 + 8, "{output}");
    let cells: Vec<_> = lines[1].split_whitespace().collect();
    assert_eq!(
        cells.join(" "),
        "failed 0b77de41c6a2 2024-03-04T09:33:20Z 3s 3.0 MiB shop/api:v1.4.2 \
         ImageTagAlreadyExists role ci-push, session buil… -"
    );
    let who = lines[0].find("who").expect("a column");
    for line in &lines[1..] {
        let at: String = line.chars().skip(who - 1).take(5).collect();
        assert!([" user", " role", " serv"].contains(&&*at), "{output}");
    }
}

#[test]
fn a_line_says_what_the_whole_row_says() {
    let cases = [Input::Path(project("testdata/cases"))];
    let made = fixture::reconstruction();
    let cases = reconstruct::reconstruct(&cases, &made.options).expect("the cases");
    for reconstruction in [cases, made] {
        let report = reconstruction.report();
        let mut n = 0;
        let rows = report.sessions();
        for (line, row) in report.lines(|line| line).zip(rows) {
            n += 1;
            let severities = row.findings.iter().map(|finding| finding.severity);
            let wanted = row.manifests.iter().find(|manifest| manifest.root);
            let refused = row
                .manifests
                .iter()
                .rfind(|m| m.state == ManifestState::Refused);
            let tags = wanted.or(refused).map(|manifest| match &*manifest.tags {
                [] => manifest.refused_tags.clone(),
                tags => tags.to_vec(),
            });
            let client = row.client.as_ref();
            assert_eq!(line.status, row.status);
            assert_eq!(line.severity, severities.max());
            assert_eq!(line.repository, row.repository);
            assert_eq!(line.tags, tags.unwrap_or_default());
            assert_eq!(line.who, row.identity.name);
            assert_eq!(
                line.source_ip,
                client.and_then(|client| client.source_ip.clone())
            );
            assert_eq!(line.uploaded_bytes, row.uploaded_bytes);
            assert_eq!((&line.first, line.duration_s), (&row.first, row.duration_s));
        }
        assert!(n > 0 && n == report.lines(|_| ()).count());
    }
}

#[test]
fn a_filter_leaves_everything_else_as_it_is() {
    let all: Value = parse(&draw(
        &fixture::reconstruction(),
        "json",
        &style(Detail::Normal),
        "*",
    ));
    let some: Value = parse(&draw(
        &fixture::reconstruction(),
        "json",
        &style(Detail::Normal),
        "fail*",
    ));
    let all = all["sessions"].as_array().expect("an array");
    let some = some["sessions"].as_array().expect("an array");
    assert_eq!(some.len(), 1);
    assert!(all.contains(&some[0]));
}

fn parse(json: &str) -> Value {
    serde_json::from_str(json).expect("valid JSON")
}

/// Checks a value against a part of the published schema that it names.
pub(crate) fn check(value: &Value, pointer: &str) {
    let (mut schemas, mut compiler) = (Schemas::new(), Compiler::new());
    let [whole, brief, comparison] = ["report", "summary", "compare"]
        .map(|name| format!("https://example.org/{name}.schema.json"));
    for (address, schema) in [
        (&whole, include_str!("../../docs/report.schema.json")),
        (&brief, include_str!("../../docs/summary.schema.json")),
        (&comparison, include_str!("../../docs/compare.schema.json")),
    ] {
        compiler
            .add_resource(address, parse(schema))
            .expect("an address that is free");
    }
    let address = match value["schema"].as_str() {
        Some(SUMMARY_SCHEMA) => brief,
        Some(COMPARE_SCHEMA) => comparison,
        Some(_) | None => whole,
    };
    let compiled = compiler
        .compile(&format!("{address}{pointer}"), &mut schemas)
        .expect("a valid schema");
    if let Err(error) = schemas.validate(value, compiled) {
        panic!("{error:#}");
    }
}

#[test]
fn json_follows_its_schema() {
    for reconstruction in [fixture::reconstruction(), fixture::empty()] {
        let output = draw(&reconstruction, "json", &style(Detail::Normal), "*");
        check(&parse(&output), "");
    }
    for (filter, detail) in telling_filters()
        .iter()
        .flat_map(|filter| [(filter, Detail::Normal), (filter, Detail::Summary)])
    {
        let output = draw_selected(&fixture::reconstruction(), "json", &style(detail), filter);
        let report = parse(&output);
        assert_eq!(
            report["selection"].as_array().map_or(0, Vec::len),
            1 + filter.patterns.len() / 2
        );
        check(&report, "");
    }
    let filter = Filter::default()
        .with(Property::Attention, Pattern::new("none"))
        .with(Property::Push, Pattern::new("7f3a2c1e9b04"));
    let style = style(Detail::Normal);
    let output = draw_selected(&fixture::reconstruction(), "json", &style, &filter);
    check(&parse(&output), "");
}

#[test]
fn a_history_tells_of_every_selected_push() {
    let [images, ..] = telling_filters();
    let style = style(Detail::Normal);
    let report = parse(&draw_selected(
        &fixture::reconstruction(),
        "json",
        &style,
        &images,
    ));
    let histories = report["history"].as_array().expect("an array");
    let kinds = |history: &Value| -> Vec<Value> {
        let entries = history["entries"].as_array().expect("an array");
        entries.iter().map(|entry| entry["kind"].clone()).collect()
    };
    assert_eq!(kinds(&histories[0]), ["put", "refused"]);
    assert_eq!(kinds(&histories[1]), ["refused"]);
}

#[test]
fn the_schema_refuses_what_it_does_not_know() {
    let output = draw(&fixture::empty(), "json", &style(Detail::Normal), "*");
    let mut report = parse(&output);
    report["surprise"] = Value::Null;
    let refused = std::panic::catch_unwind(|| check(&report, ""));
    assert!(refused.is_err());
}

#[test]
fn json_lines_are_the_objects_of_the_json_report() {
    let reconstruction = fixture::reconstruction();
    let whole = parse(&draw(&reconstruction, "json", &style(Detail::Normal), "*"));
    let lines = draw(&reconstruction, "jsonl", &style(Detail::Normal), "*");
    let mut kinds = Vec::new();
    for line in lines.lines() {
        let mut row = parse(line);
        let fields = row.as_object_mut().expect("an object");
        let kind = fields.shift_remove("type").expect("every line has a type");
        let kind = kind.as_str().expect("a text").to_owned();
        match &*kind {
            "session" => assert!(holds(&whole["sessions"], &row)),
            "unplaced" => assert!(holds(&whole["unplaced"], &row)),
            "finding" => assert!(holds(&whole["findings"], &row)),
            "problem" => assert!(holds(&whole["problems"], &row)),
            "coverage" => assert_eq!(row["records"], whole["coverage"]["records"]),
            other => panic!("a line of type {other}"),
        }
        kinds.push(kind);
    }
    assert_eq!(kinds.iter().filter(|kind| *kind == "session").count(), 8);
    assert_eq!(kinds.last().map(String::as_str), Some("coverage"));
}

fn holds(array: &Value, row: &Value) -> bool {
    array.as_array().is_some_and(|rows| rows.contains(row))
}

#[test]
fn a_service_marker_is_never_an_address() {
    let output = draw(
        &fixture::reconstruction(),
        "json",
        &style(Detail::Normal),
        "*",
    );
    let report = parse(&output);
    for session in report["sessions"].as_array().expect("an array") {
        let address = session["client"]["source_ip"].as_str();
        assert_ne!(address, Some("AWS Internal"));
    }
    let killed = &report["sessions"][1];
    assert_eq!(killed["client"]["source_ip"], "198.51.100.7");
    assert_eq!(killed["client"]["from"], "authorization");
}

#[test]
fn the_login_stands_first_and_outside_the_times_of_the_push() {
    let output = draw(
        &fixture::reconstruction(),
        "json",
        &style(Detail::Normal),
        "incomplete",
    );
    let push = &parse(&output)["sessions"][0];
    assert_eq!(push["events"][0]["shared"], true);
    assert_eq!(push["events"][0]["offset_s"], -29);
    assert_eq!(push["first"], push["events"][1]["time"]);
    assert_eq!(
        push["events"][1]["alternatives"][0]["session"],
        "c41d02aa93f7"
    );
}

#[test]
fn problems_are_worded_alike() {
    for row in fixture::reconstruction().report().problems() {
        let first = row.message.chars().next().expect("a message");
        assert!(!first.is_uppercase(), "{}", row.message);
        for text in [&row.message, &row.label, &row.help] {
            assert!(!text.ends_with('.'), "{text}");
        }
        assert!(!row.help.is_empty(), "{}", row.code);
    }
}
