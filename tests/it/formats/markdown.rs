//! Markdown as GitHub renders it: our markup and nothing of the log.
//!
//! In: a report in Markdown. Out: that it renders to the elements that we mean, that text of the log stands in code
//! alone, and that a diagram has a task for each step.

use std::collections::BTreeSet;

use comrak::{Options, markdown_to_html};

/// The elements that our pages consist of.
const ELEMENTS: [&str; 18] = [
    "h2", "h3", "p", "strong", "em", "code", "pre", "ul", "li", "table", "thead", "tbody", "tr",
    "th", "td", "details", "summary", "br",
];

/// The page that GitHub shows.
pub(crate) fn rendered(markdown: &str) -> String {
    let mut options = Options::default();
    options.extension.table = true;
    options.extension.strikethrough = true;
    options.extension.autolink = true;
    options.extension.footnotes = true;
    options.extension.math_dollars = true;
    options.extension.alerts = true;
    options.render.r#unsafe = true;
    markdown_to_html(markdown, &options)
}

/// Checks a page that a hostile log may have made.
pub(crate) fn assert_inert(markdown: &str) {
    let page = rendered(markdown);
    let mut elements = BTreeSet::new();
    let (mut text, mut is_code) = (String::new(), false);
    for (place, piece) in page.split('<').enumerate() {
        let Some((tag, rest)) = piece.split_once('>').filter(|_| place > 0) else {
            text.push_str(piece);
            continue;
        };
        let name = tag.trim_start_matches('/').split(' ').next().unwrap_or("");
        elements.insert(name.to_owned());
        if ["code", "pre"].contains(&name) {
            is_code = !tag.starts_with('/');
        }
        if !is_code {
            text.push_str(rest);
        }
    }
    let ours: BTreeSet<String> = ELEMENTS.iter().map(|&name| name.to_owned()).collect();
    let others: BTreeSet<_> = elements.difference(&ours).collect();
    assert!(others.is_empty(), "{others:?}");
    for sign in ["@", "http", "www.", "javascript", "$", "alert(", "onerror"] {
        let at = text.find(sign);
        let around = at.map(|at| text[at..].chars().take(60).collect::<String>());
        assert_eq!(around, None, "outside code");
    }
    assert_eq!(
        markdown.matches("<details>").count(),
        page.matches("<details>").count()
    );
    assert_eq!(
        page.matches("<details>").count(),
        page.matches("</details>").count()
    );
    for diagram in diagrams(markdown) {
        assert!(diagram.len() < 50_000);
        for task in tasks(&diagram) {
            let (name, rest) = task.split_once(" :").expect("a task has a colon");
            let is_name = |c: char| c.is_ascii_alphanumeric() || " .-/_()#;".contains(c);
            assert!(name.chars().all(is_name), "{name}");
            let first = name.split(' ').next().unwrap_or_default();
            assert!(!["section", "title", "gantt"].contains(&first), "{name}");
            assert!(rest.ends_with('s'), "{rest}");
        }
    }
}

/// The diagrams of a page.
pub(crate) fn diagrams(markdown: &str) -> Vec<String> {
    let pieces = markdown.split("```mermaid\n").skip(1);
    let bodies = pieces.map(|piece| piece.split("\n```").next().unwrap_or_default());
    bodies.map(str::to_owned).collect()
}

/// The tasks of a diagram: what follows its section.
pub(crate) fn tasks(diagram: &str) -> Vec<&str> {
    let lines = diagram.lines().map(str::trim);
    let after = lines
        .skip_while(|line| !line.starts_with("section "))
        .skip(1);
    after.collect()
}
