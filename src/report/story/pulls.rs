//! Pulls in words that all reports for people share: how far an image went, and who took what.
//!
//! Comes in: rows of pulls and of reach. Goes out: titles with lines under them. Never: more lines than a person reads;
//! what is left out is said.

use std::collections::BTreeMap;

use crate::pull::{NamedBy, PullEnd};
use crate::report::parts::Report;
use crate::report::row::{
    LossKind, LossRow, PullRow, PulledRow, ReachRow, ShareRow, StoodRow, TakerRow,
};
use crate::words;

/// The most lines of a kind.
const MOST: usize = 20;

/// A title and lines under it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Told {
    /// The title.
    pub(crate) title: String,
    /// The lines.
    pub(crate) lines: Vec<ToldLine>,
}

/// A line about pulls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ToldLine {
    /// When it was, or began; empty for a line without a time.
    pub(crate) time: String,
    /// What was.
    pub(crate) text: String,
    /// Whether it wants attention.
    pub(crate) is_notable: bool,
}

impl ToldLine {
    fn plain(time: &str, text: String) -> Self {
        Self {
            time: time.to_owned(),
            text,
            is_notable: false,
        }
    }
}

/// What became of a push's image, as a fact of it.
pub(crate) fn fact(pulled: &PulledRow) -> String {
    let (Some(first), Some(last)) = (&pulled.first, &pulled.last) else {
        return "not pulled in this log since".to_owned();
    };
    let n = words::count(pulled.pulls, "pull");
    let by = words::count(pulled.callers, "caller");
    format!("{n} by {by}, from {first} to {last}")
}

/// The sections about pulls: one for each image that was asked for by name, or else one of all.
pub(crate) fn told(report: &Report<'_>, is_whole: bool) -> Vec<Told> {
    if !report.has_pulls() {
        return Vec::new();
    }
    let most = match is_whole {
        true => usize::MAX,
        false => MOST,
    };
    let reach = report.reach();
    let mut sections: Vec<Told> = reach
        .iter()
        .take(most)
        .map(|row| of_image(row, most))
        .collect();
    sections.push(of_all(report, most));
    sections
}

fn of_image(row: &ReachRow<'_>, most: usize) -> Told {
    let title = format!("reach of {} in {}", row.digest, row.repository);
    let mut lines = Vec::new();
    if row.pushes.is_empty() {
        lines.push(ToldLine::plain("", "no push in this log put it".to_owned()));
    }
    for push in row.pushes.iter().take(most) {
        let from = push.source_ip.as_deref().map(|ip| format!(" from {ip}"));
        let text = format!(
            "put by {}{}, push {}",
            push.who,
            from.unwrap_or_default(),
            push.session
        );
        lines.push(ToldLine::plain(&push.time, text));
    }
    left_out(row.pushes.len(), most, "push", &mut lines);
    for stood in row.stood.iter().take(most) {
        lines.push(ToldLine::plain(&stood.from, stood_text(stood)));
    }
    left_out(row.stood.len(), most, "tag", &mut lines);
    lines.push(ToldLine::plain("", fact(&row.pulled)));
    for taker in row.takers.iter().take(most) {
        lines.push(ToldLine {
            is_notable: taker.after_loss > 0,
            ..ToldLine::plain(&taker.first, taker_text(taker))
        });
    }
    left_out(row.takers.len(), most, "caller", &mut lines);
    for share in row.shares.iter().take(most) {
        lines.push(ToldLine::plain("", share_text(share)));
    }
    left_out(row.shares.len(), most, "image", &mut lines);
    Told { title, lines }
}

fn left_out(n: usize, most: usize, thing: &str, lines: &mut Vec<ToldLine>) {
    if let more @ 1.. = n.saturating_sub(most) {
        let more = words::count(more as u64, &format!("more {thing}"));
        let more = more.replace("pushs", "pushes");
        lines.push(ToldLine::plain(
            "",
            format!("… and {more}; --verbose and --format json have all"),
        ));
    }
}

/// As `under prod until 2025-03-10T10:00:00Z, when another image was put under it by user eve`.
fn stood_text(stood: &StoodRow<'_>) -> String {
    let tag = &stood.tag;
    match (&stood.until, &stood.ended_by) {
        (None, _) => format!("under {tag}, to the end of the log"),
        (Some(until), None) => format!("under {tag} until {until}"),
        (Some(until), Some(by)) => format!("under {tag} until {}, when {}", until, lost(by)),
    }
}

/// What took an image away, as a clause.
pub(crate) fn lost(loss: &LossRow<'_>) -> String {
    let event = words::short_event(&loss.event_id);
    match loss.kind {
        LossKind::Deleted => format!("{} deleted it (event {event})", loss.who),
        LossKind::Expired => format!("the lifecycle policy expired it (event {event})"),
        LossKind::RepositoryDeleted => {
            format!("{} deleted the repository (event {event})", loss.who)
        }
        LossKind::Archived => format!("it was archived by {} (event {event})", loss.who),
        LossKind::Replaced => format!("{} put another image under it (event {event})", loss.who),
    }
}

/// As `3 pulls by role node, session i-1 (Kubernetes node) from 10.0.0.5 by tag prod, last …; 1 after it was replaced`.
fn taker_text(taker: &TakerRow<'_>) -> String {
    let mut text = format!("{} by {}", words::count(taker.pulls, "pull"), taker.who);
    if let Some(service) = taker.service {
        text.push_str(&format!(" ({service})"));
    }
    text.push_str(&match &*taker.source_ips {
        [] => ", address not known".to_owned(),
        ips => format!(" from {}", ips.join(", ")),
    });
    text.push_str(&match (&*taker.tags, taker.by_digest) {
        ([], _) => ", by digest".to_owned(),
        (tags, 0) => format!(", by tag {}", tags.join(", ")),
        (tags, n) => format!(", by tag {} and {n} by digest", tags.join(", ")),
    });
    if taker.with_layers == 0 {
        text.push_str(", manifest only");
    }
    if taker.pulls > 1 {
        text.push_str(&format!(", last {}", taker.last));
    }
    if taker.after_loss > 0 {
        text.push_str(&format!(
            "; {} after it was replaced or gone",
            words::number(taker.after_loss)
        ));
    }
    text
}

fn share_text(share: &ShareRow<'_>) -> String {
    format!(
        "{} in {} has {} of it that few images have",
        share.digest,
        share.repository,
        words::count(share.layers, "layer")
    )
}

/// The pulls of one caller of one image in one way.
struct PulledAlike {
    n: u64,
    first: String,
    last: String,
}

fn of_all(report: &Report<'_>, most: usize) -> Told {
    let mut alike: BTreeMap<String, PulledAlike> = BTreeMap::new();
    let (mut n_pulls, mut n_failed) = (0, 0);
    for pull in report.pulls() {
        n_pulls += 1;
        n_failed += u64::from(has_failed(&pull));
        let one = alike
            .entry(pull_text(&pull))
            .or_insert_with(|| PulledAlike {
                n: 0,
                first: pull.first.clone(),
                last: pull.last.clone(),
            });
        one.n += 1;
        one.last = one.last.clone().max(pull.last);
    }
    let failed = match n_failed {
        0 => String::new(),
        n => format!(", {} failed", words::number(n)),
    };
    let title = match n_pulls {
        0 => "no pulls in these logs that were selected".to_owned(),
        n => format!("{}{failed}", words::count(n, "pull")),
    };
    let mut rows: Vec<(String, PulledAlike)> = alike.into_iter().collect();
    rows.sort_by(|a, b| (b.1.n, &a.1.first, &a.0).cmp(&(a.1.n, &b.1.first, &b.0)));
    let mut lines: Vec<ToldLine> = rows
        .iter()
        .take(most)
        .map(|(text, alike)| {
            let times = match alike.n {
                1 => text.clone(),
                n => format!("{text}, {} times until {}", words::number(n), alike.last),
            };
            ToldLine::plain(&alike.first, times)
        })
        .collect();
    left_out(rows.len(), most, "line", &mut lines);
    if n_pulls > 0 {
        let text = "CloudTrail records no pulls from ECR Public";
        lines.push(ToldLine::plain("", text.to_owned()));
    }
    Told { title, lines }
}

fn has_failed(pull: &PullRow<'_>) -> bool {
    match pull.end {
        PullEnd::Refused | PullEnd::NotThere => true,
        PullEnd::Layers | PullEnd::Manifest => false,
    }
}

/// As `shop/web:prod (sha256:ab…) by role node, session i-1 from 10.0.0.5`.
pub(crate) fn pull_text(pull: &PullRow<'_>) -> String {
    let repository = pull
        .repository
        .as_deref()
        .unwrap_or("(no repository named)");
    let digest = pull
        .digest
        .as_deref()
        .map(|digest| words::shorten(digest, 19));
    let mut text = match (&pull.tag, digest) {
        (Some(tag), Some(digest)) => format!("{repository}:{tag} ({digest})"),
        (Some(tag), None) => format!("{repository}:{tag} (which image, this log does not show)"),
        (None, Some(digest)) => format!("{repository}@{digest}"),
        (None, None) => format!("{repository} (which image, this log does not show)"),
    };
    if pull.named_by == Some(NamedBy::Layers) {
        text.push_str(", by its layers");
    }
    text.push_str(&format!(" by {}", pull.identity.name));
    if let Some(service) = pull.service {
        text.push_str(&format!(" ({service})"));
    }
    let client = pull.client.as_ref();
    if let Some(ip) = client.and_then(|client| client.source_ip.as_deref()) {
        text.push_str(&format!(" from {ip}"));
    }
    if let Some(endpoint) = client.and_then(|client| client.vpc_endpoint_id.as_deref()) {
        text.push_str(&format!(" by {endpoint}"));
    }
    match (pull.end, &pull.error_code) {
        (PullEnd::Layers, _) => {}
        (PullEnd::Manifest, _) => text.push_str(", manifest only"),
        (PullEnd::Refused, Some(code)) => text.push_str(&format!(", refused: {code}")),
        (PullEnd::Refused, None) => text.push_str(", refused"),
        (PullEnd::NotThere, _) => text.push_str(", not there any more"),
    }
    text
}
