//! The graph: one statement a line, whatever the log holds, and every event of the JSON report.

use reconstruct::Reconstruction;

use crate::fixture;
use crate::formats::{array, draw, json};
use crate::support::run::{project, run};

/// Reads a line of DOT with its quoted strings taken out; each must be closed on the line, and none
/// may hold an escape or an entity that Graphviz would act on, but for our own line breaks.
fn bones(line: &str) -> String {
    let mut bones = String::new();
    let mut rest = line;
    while let Some((before, quoted)) = rest.split_once('"') {
        bones.push_str(before);
        bones.push('_');
        let mut letters = quoted.char_indices();
        let end = loop {
            let (at, letter) = letters.next().expect("quotes are closed on their line");
            match letter {
                '"' => break at,
                '\\' => {
                    let (_, escaped) = letters.next().expect("an escape has a letter");
                    assert!(matches!(escaped, '\\' | '"' | 'n'), "\\{escaped} in {line}");
                }
                '&' => assert!(quoted[at..].starts_with("&amp;"), "{line}"),
                _ => {}
            }
        };
        rest = &quoted[end + 1..];
    }
    bones.push_str(rest);
    bones
}

/// Holds a graph against DOT's grammar, as far as this program uses it, and the JSON report.
pub(crate) fn assert_same(reconstruction: &Reconstruction) {
    let report = json(reconstruction);
    let graph = draw(reconstruction, "dot");
    let (mut nodes, mut clusters, mut depth) = (0, 0, 0);
    for line in graph.lines() {
        let bones = bones(line);
        match bones.trim() {
            "digraph pushes {" => depth += 1,
            "subgraph _ {" => (clusters, depth) = (clusters + 1, depth + 1),
            "}" => depth -= 1,
            statement => {
                let (head, attributes) = statement.split_once(" [").expect("attributes");
                assert!(matches!(head, "_" | "_ -> _" | "graph" | "node" | "edge"));
                let attributes = attributes.strip_suffix(']').expect("closed");
                for attribute in attributes.split(", ") {
                    let (name, value) = attribute.split_once('=').expect("a value");
                    let plain = |text: &str| text.chars().all(|c| c.is_ascii_alphanumeric());
                    assert!(plain(name) && (value == "_" || plain(value)), "{line}");
                }
                let is_event = head == "_" && !line.trim_start().starts_with("\"login ");
                nodes += usize::from(is_event && !line.trim_start().starts_with("\"push "));
            }
        }
    }
    assert_eq!(depth, 0, "braces are closed");
    let pushes = array(&report, "sessions");
    let calls = pushes.iter().flat_map(|push| array(push, "events"));
    let calls = calls.filter(|event| event["shared"] == false).count();
    assert_eq!(clusters, pushes.len());
    assert_eq!(nodes, calls + array(&report, "unplaced").len());
}

#[test]
fn the_graph_holds_every_event_of_the_json_report() {
    assert_same(&fixture::reconstruction());
    assert_same(&fixture::empty());
}

#[test]
fn edges_say_their_evidence_and_show_its_strength() {
    let logs = project("testdata/cases/killed-and-rerun/in");
    let logs = logs.to_string_lossy();
    let graph = run([&*logs, "--format", "dot", "--quiet"]).stdout;
    let edges: Vec<_> = graph.lines().filter(|line| line.contains(" -> ")).collect();
    for (evidence, style) in [
        ("upload", "solid"),
        ("layer", "solid"),
        ("authorization", "dashed"),
    ] {
        let label = format!("[label=\"{evidence}");
        let found = edges.iter().find(|edge| edge.contains(&label));
        let found = found.unwrap_or_else(|| panic!("an edge by {evidence}"));
        assert!(found.contains(&format!("style={style}")), "{found}");
    }
}
