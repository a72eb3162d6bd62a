//! The page for a browser, as far as it can be judged without one: `tests/browser` has the rest.

use std::collections::BTreeSet;

use reconstruct::Reconstruction;
use reconstruct::event::Digest;
use reconstruct::render::{Detail, Format, Style};
use reconstruct::report::{Filter, Pattern, Property};
use serde_json::Value;

use crate::fixture;
use crate::support::logs::Logs;
use crate::support::run::{compare, project};
use crate::support::script;

fn draw(reconstruction: &Reconstruction, format: &str, status: &str) -> String {
    let style = Style {
        color: false,
        unicode: true,
        width: 80,
        detail: Detail::Normal,
        ..Style::default()
    };
    let filter = Filter::default().with(Property::Status, Pattern::new(status));
    let report = reconstruction.report().select(&filter);
    let format = Format::find(format).expect("a format");
    let mut out = Vec::new();
    let drawn = format.renderer.render(&report, &style, &mut out);
    drawn.expect("a vector takes all");
    String::from_utf8(out).expect("reports are UTF-8")
}

fn page() -> String {
    draw(&fixture::reconstruction(), "html", "*")
}

/// More pushes than are drawn at once.
fn many() -> Reconstruction {
    let mut reconstruction = fixture::reconstruction();
    let sessions = reconstruction.sessions.sessions.clone();
    for _ in 0..30 {
        let copies = sessions.iter().cloned();
        reconstruction.sessions.sessions.extend(copies);
    }
    reconstruction
}

/// RFC 4648, section 4.
fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for three in bytes.chunks(3) {
        let at = |place: usize| u32::from(three.get(place).copied().unwrap_or(0));
        let bits = at(0) << 16 | at(1) << 8 | at(2);
        for place in 0..=three.len() {
            text.push(LETTERS[(bits >> (18 - 6 * place) & 63) as usize].into());
        }
        text.push_str(&"=".repeat(3 - three.len()));
    }
    text
}

/// The hash of a source as a policy names it (Content Security Policy Level 3, section 2.3.1).
fn source(file: &str) -> String {
    let text = std::fs::read(project("src/render/html").join(file)).expect("it is there");
    let digest = Digest::of(&text).to_string();
    let digits = digest.strip_prefix("sha256:").expect("a SHA-256");
    let bytes = (0..digits.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&digits[at..at + 2], 16).expect("a digest has hex digits"));
    format!("'sha256-{}'", base64(&bytes.collect::<Vec<_>>()))
}

#[test]
fn policy_is_made_from_the_style_and_the_script() {
    assert_eq!(base64(b"light w"), "bGlnaHQgdw==");
    let policy = format!(
        "default-src 'none'; style-src {}; script-src {}; base-uri 'none'; form-action 'none'\n",
        source("style.css"),
        source("script.js")
    );
    compare(&project("src/render/html/policy.txt"), &policy)
        .unwrap_or_else(|difference| panic!("{difference}"));
    assert!(page().contains(policy.trim_end()));
}

/// The tags of a page with what stands in them, style and script left out.
fn tags(page: &str) -> Vec<&str> {
    let (head, rest) = page.split_once("<style>").expect("a style");
    let (_, rest) = rest.split_once("</style>").expect("its end");
    let (body, rest) = rest.split_once("<script>").expect("a script");
    let (_, foot) = rest.split_once("</script>").expect("its end");
    let pieces = [head, body, foot].into_iter().flat_map(|part| {
        let tags = part.split('<').skip(1);
        tags.map(|tag| tag.split_once('>').expect("a tag ends").0)
    });
    pieces.collect()
}

#[test]
fn page_holds_no_markup_but_its_own() {
    assert!(fixture::HOSTILE.contains("<script>"));
    let (mut names, mut attributes) = (BTreeSet::new(), BTreeSet::new());
    let page = page();
    for tag in tags(&page) {
        // Values between quotation marks may hold blanks and signs of their own.
        let outside: Vec<&str> = tag.split('"').step_by(2).collect();
        let outside = outside.join("\"\"");
        let mut words = outside.split_whitespace();
        names.insert(words.next().unwrap_or_default().to_owned());
        attributes.extend(words.map(|word| word.split('=').next().unwrap_or_default().to_owned()));
    }
    let known =
        |text: &str| -> BTreeSet<String> { text.split_whitespace().map(str::to_owned).collect() };
    let elements = known(
        "!doctype html meta title body svg defs pattern path marker rect circle g a use header p h1 \
         h2 h3 h4 time main section ul li b span small desc line text dl div dt dd details summary \
         table thead tbody tr th td form label input select option button output bdi data code \
         figure figcaption ol pre mark footer",
    );
    let ends = elements.iter().map(|name| format!("/{name}"));
    let elements: BTreeSet<String> = ends.chain(elements.iter().cloned()).collect();
    assert_eq!(
        names.difference(&elements).collect::<Vec<_>>(),
        [""; 0],
        "elements"
    );
    let expected = known(
        "html lang charset http-equiv content name class id data-n href aria-hidden aria-label \
         aria-labelledby role tabindex hidden open scope type autocomplete spellcheck placeholder step data-a data-f data-g data-t \
         value / x y x1 x2 y1 y2 r cx cy rx d width height fill viewBox refX refY markerWidth \
         markerHeight orient patternUnits patternTransform",
    );
    assert_eq!(
        attributes.difference(&expected).collect::<Vec<_>>(),
        [""; 0],
        "attributes"
    );
}

#[test]
fn page_refers_to_nothing_but_itself() {
    let page = page();
    for tag in tags(&page) {
        for reference in tag.split("href=").skip(1) {
            assert!(reference.starts_with('#'), "{tag}");
        }
        assert!(!tag.contains("src="), "{tag}");
    }
    for word in ["http:", "https:", "@import", "url(\"", "fetch", "eval("] {
        let own = [
            include_str!("../../src/render/html/style.css"),
            include_str!("../../src/render/html/script.js"),
        ];
        assert!(own.iter().all(|text| !text.contains(word)), "{word}");
    }
}

#[test]
fn every_link_has_its_end() {
    let page = page();
    let tags = tags(&page);
    let value = |tag: &str, name: &str| {
        let (_, rest) = tag.split_once(name)?;
        let end = rest.find([' ', '"']).unwrap_or(rest.len());
        Some(rest[..end].to_owned())
    };
    let ids: Vec<String> = tags.iter().filter_map(|tag| value(tag, " id=")).collect();
    let distinct: BTreeSet<&String> = ids.iter().collect();
    assert_eq!(distinct.len(), ids.len(), "ids are distinct");
    let links: Vec<String> = tags.iter().filter_map(|tag| value(tag, "href=#")).collect();
    assert!(links.len() > 100, "{}", links.len());
    for link in links {
        assert!(distinct.contains(&link), "{link}");
    }
}

/// Every id and digest of a JSON report.
fn identifiers(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                let is_id = [
                    "event_id",
                    "upload_id",
                    "digest",
                    "id",
                    "arn",
                    "access_key_id",
                    "file",
                ];
                match value.as_str().filter(|_| is_id.contains(&&**name)) {
                    Some(text) => {
                        found.insert(text.to_owned());
                    }
                    None => identifiers(value, found),
                }
            }
        }
        Value::Array(values) => values.iter().for_each(|value| identifiers(value, found)),
        Value::String(_) | Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

#[test]
fn every_identifier_of_the_report_stands_whole_on_the_page() {
    let reconstruction = fixture::reconstruction();
    let report: Value =
        serde_json::from_str(&draw(&reconstruction, "json", "*")).expect("valid JSON");
    let page = page();
    let mut found = BTreeSet::new();
    identifiers(&report, &mut found);
    assert!(found.len() > 500, "{}", found.len());
    let hostile = |text: &&String| text.contains(['<', '\u{1b}']);
    for id in found.iter().filter(|id| !hostile(id)) {
        assert!(page.contains(&**id), "{id}");
    }
}

/// What the pushes of a page open to.
fn bodies(page: &str) -> Vec<String> {
    let bodies = page.split("<div class=body ").skip(1);
    bodies
        .map(|body| {
            body.split("</div></details>\n</section>")
                .next()
                .unwrap_or(body)
        })
        .map(|body| body.split("</div></details>\n<").next().unwrap_or(body))
        .map(|body| {
            body.split("</div></details></noscript>")
                .next()
                .unwrap_or(body)
        })
        .map(|body| body.replacen("<!--", "", 1).replacen("-->\n", "", 1))
        .collect()
}

#[test]
fn what_is_drawn_on_demand_is_what_is_drawn_at_once() {
    let many = many();
    let (all, failed) = (draw(&many, "html", "*"), draw(&many, "html", "failed"));
    assert_eq!(failed.matches("<noscript").count(), 0);
    assert_eq!(all.matches("<noscript id=n-").count(), bodies(&all).len());
    assert_eq!(all.matches("<!--").count(), bodies(&all).len());
    assert_eq!(all.matches("-->").count(), bodies(&all).len());
    assert_eq!(all.matches("</noscript>").count(), bodies(&all).len());
    assert_eq!(bodies(&failed).len(), 31);
    let all: BTreeSet<String> = bodies(&all).into_iter().collect();
    for body in bodies(&failed) {
        assert!(all.contains(&body), "{body}");
    }
}

/// A push that pauses for 37 min 18 s between two parts.
const LONG_PAUSE: &str = "
who ci role
repo team/app
noise 14:10 18:50 200
16:00:00  ci  team/app  Initiate  u1
16:00:01  ci  team/app  Part      u1 0-5MiB
16:37:19  ci  team/app  Part      u1 5MiB-10MiB
16:37:20  ci  team/app  Complete  u1 aa
16:37:22  ci  team/app  PutImage  v1 config=aa layers=aa
";

#[test]
fn a_pause_is_as_long_in_the_drawing_as_in_the_words() {
    let logs = Logs::new(&script::files(LONG_PAUSE).expect("a sound script"));
    let page = logs.output(&["--format", "html"]);
    let pauses: Vec<&str> = page
        .split("<text class=pause ")
        .skip(1)
        .filter_map(|rest| rest.split(['>', '<']).nth(1))
        .collect();
    assert_eq!(pauses, ["37 min 18 s"]);
    assert!(
        page.contains("; the longest pause is 37 min 18 s"),
        "{page}"
    );
    assert!(!page.contains("37 min 17 s"));
}

/// The page without its markup.
fn words(page: &str) -> String {
    let pieces = page.split('<').map(|piece| piece.split_once('>'));
    let text: String = pieces.flatten().map(|(_, text)| text).collect();
    text.replace("&#39;", "'").replace("&#34;", "\"")
}

#[test]
fn facts_of_a_push_and_of_the_input_are_those_of_the_text() {
    let logs = Logs::new(&script::files(LONG_PAUSE).expect("a sound script"));
    let page = words(&logs.output(&["--format", "html"]));
    let text = logs.output(&["--verbose", "--width", "1000"]);
    let mut told = Vec::new();
    for line in text.lines().filter_map(|line| line.strip_prefix("  ")) {
        let Some((name, fact)) = line.split_once("  ") else {
            continue;
        };
        let names = [
            "who", "from", "to", "when", "moved", "image", "sure", "logs", "period", "records",
            "account", "holes",
        ];
        if names.contains(&name) {
            assert!(page.contains(&format!("{name}{}", fact.trim())), "{line}");
            told.push(name.to_owned());
        }
    }
    for name in [
        "who", "from", "to", "when", "moved", "image", "logs", "period", "records", "account",
    ] {
        assert!(told.iter().any(|of| of == name), "{name}: {text}");
    }
    assert!(page.contains("kinds"), "the kinds of files: {page}");
    assert!(page.contains("window15 min: "));
}
