//! What each kind of evidence says.
//!
//! Comes in: the name of a kind. Goes out: its words. Never: words of its own for what a rule of
//! the graph finds; those stand with the rule.

use crate::graph::rules::RULES;

/// What evidence of a kind says, in Markdown: by its rule, else by the decision that it stands for.
///
/// Empty for a name that no evidence has.
#[must_use]
pub fn words(name: &str) -> &'static str {
    match RULES.iter().find(|rule| rule.name == name) {
        Some(rule) => rule.doc,
        None => decision(name),
    }
}

/// The first sentence of [`words`].
#[must_use]
pub fn sentence(name: &str) -> &'static str {
    let words = words(name);
    match words.find(". ") {
        Some(end) => &words[..=end],
        None => words,
    }
}

/// What needs more than two events to be seen, and is decided in `src/session`.
fn decision(name: &str) -> &'static str {
    match name {
        "same-manifest" => {
            "One manifest was put more than once in a run: under another tag, or again after a \
             refusal or a lost answer."
        }
        "fallback" => {
            "A manifest was refused, and the client at once put another form of it under the same \
             tag."
        }
        "availability" => {
            "The check names the digest that the run uploads or its manifest lists. Clients check \
             before an upload, after it, twice, or never (observed), so a check joins and does not \
             order."
        }
        "retry" => {
            "A call was made again after it was refused. A refused InitiateLayerUpload names no \
             upload, so only time and login join it to the next."
        }
        "credential" => {
            "The calls show one login: one access key and one `creationDate` as far as the log \
             shows them, and no idle pause between."
        }
        "window" => {
            "One principal and one repository inside the inactivity window. Used only for what \
             nothing better joins."
        }
        "authorization" => {
            "The login that the push used: that of the second that its key was made, else the \
             latest of the principal within twelve hours before the push (ECR API reference, \
             `GetAuthorizationToken`). It never joins two pushes."
        }
        _ => "",
    }
}
