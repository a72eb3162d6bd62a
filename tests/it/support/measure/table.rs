//! The table of accuracy, as Markdown.
//!
//! In: scores by scenario, the program's beside the baseline's. Out: the text of `docs/accuracy.md`.

use std::fmt::Write as _;

use super::Confidence;
use super::score::{Score, Share};

/// One line of the table.
pub(crate) struct Row {
    pub(crate) name: &'static str,
    pub(crate) about: &'static str,
    pub(crate) n_worlds: u64,
    pub(crate) ours: Score,
    pub(crate) baseline: Score,
}

/// A figure of the table: its head and how to get it of a score.
type Column = (&'static str, fn(&Score) -> String);

const COLUMNS: [Column; 11] = [
    ("pair F1", |score| ratio(score.f1())),
    ("exact pushes", |score| share(score.exact)),
    ("exact, decidable", |score| share(score.exact_decidable)),
    ("cause after effect", |score| {
        score.n_causal_violations.to_string()
    }),
    ("status", |score| share(score.status)),
    ("flag precision", |score| share(score.flag_precision)),
    ("flag recall", |score| share(score.flag_recall)),
    ("reason", |score| share(score.reason)),
    ("login", |score| share(score.token)),
    ("superseded", |score| share(score.superseded)),
    ("pair precision", |score| share(score.pair_precision)),
];

/// What the baseline has nothing to set against: it concludes nothing.
const FINDINGS: [Column; 9] = [
    ("cause named", |score| share(score.cause)),
    ("made good", |score| share(score.made_good)),
    ("tags", |score| share(score.tags)),
    ("refused tags", |score| share(score.refused_tags)),
    ("spurious pushes", |score| score.n_spurious.to_string()),
    ("healthy pushes", |score| score.alarmed.n_all.to_string()),
    ("with an error", |score| score.alarmed.n_right.to_string()),
    ("with a warning", |score| score.warned.n_right.to_string()),
    ("in damaged logs", |score| {
        let (alarmed, warned) = (score.alarmed_damaged, score.warned_damaged);
        match alarmed.n_all {
            0 => "–".to_owned(),
            n_all => format!("{n_all}: {} + {}", alarmed.n_right, warned.n_right),
        }
    }),
];

/// The whole document.
pub(crate) fn document(rows: &[Row]) -> String {
    let n_seeds = rows.first().map_or(0, |row| row.n_worlds);
    let mut text = INTRODUCTION.replace("SEEDS", &n_seeds.to_string());
    text.push_str("\n## Figures\n\nEach cell is the program's figure, then the baseline's where it has one.\n\n");
    text.push_str("| scenario | pushes | events | undecidable |");
    for (head, _) in COLUMNS.iter().chain(&FINDINGS) {
        write!(text, " {head} |").expect("a string takes all");
    }
    text.push_str("\n|---|--:|--:|--:|");
    text.push_str(&"--:|".repeat(COLUMNS.len() + FINDINGS.len()));
    text.push('\n');
    for row in rows {
        text.push_str(&line(row.name, &row.ours, &row.baseline));
    }
    let (mut ours, mut baseline) = (Score::default(), Score::default());
    for row in rows {
        ours.add(&row.ours);
        baseline.add(&row.baseline);
    }
    text.push_str(&line("**all**", &ours, &baseline));
    text.push_str(&calibration(&ours));
    text.push_str("\n## Scenarios\n\n| scenario | worlds | what is played |\n|---|--:|---|\n");
    for row in rows {
        writeln!(text, "| {} | {} | {} |", row.name, row.n_worlds, row.about)
            .expect("a string takes all");
    }
    text
}

/// How often each level of confidence is right.
fn calibration(score: &Score) -> String {
    let mut text = CALIBRATION.to_owned();
    for (level, sure) in Confidence::ALL.into_iter().zip(score.sure) {
        writeln!(
            text,
            "| {} | {} | {} | {} |",
            level.name(),
            sure.n_all,
            sure.n_right,
            share(sure)
        )
        .expect("a string takes all");
    }
    text
}

fn line(name: &str, ours: &Score, baseline: &Score) -> String {
    let undecidable = ours.undecidable.ratio().unwrap_or_default() * 100.0;
    let mut text = format!(
        "| {name} | {} | {} | {undecidable:.1} % |",
        ours.n_pushes, ours.n_events
    );
    for (_, figure) in &COLUMNS {
        write!(text, " {} / {} |", figure(ours), figure(baseline)).expect("a string takes all");
    }
    for (_, figure) in &FINDINGS {
        write!(text, " {} |", figure(ours)).expect("a string takes all");
    }
    text.push('\n');
    text
}

fn share(share: Share) -> String {
    ratio(share.ratio())
}

/// Three digits; only what is perfect prints as 1.
fn ratio(ratio: Option<f64>) -> String {
    match ratio {
        None => "–".to_owned(),
        Some(ratio) if ratio >= 1.0 => "1".to_owned(),
        Some(ratio) => format!("{:.3}", (ratio * 1_000.0).floor() / 1_000.0),
    }
}

const INTRODUCTION: &str = "\
# Accuracy

Made by `cargo bench --bench accuracy -- measure --seeds SEEDS --out docs/accuracy.md`; do not edit.

A simulator plays real clients against a registry and knows which push every record belongs to. The program
reads the log alone. The baseline groups the same records by identity and repository and cuts them where
nothing happened for 15 minutes.

Where more than one answer is right, the one counts that the program comes nearest to: one manifest put under two
tags by two runs in a row is one push or two; a question to another repository, which the client would mount
from, is told with the push or with none; of equal calls of two pushes that nobody can tell apart each push has
to get as many as it made; a client that was killed and run again at once with the same credential is one push or
two, where the log shows neither a check nor a layer sent twice by which the second run would be known, for a client
that paused or tried again what it had lost leaves the same records.

- **pair F1**: of two push events, are they rightly put together or apart? Harmonic mean of precision and recall.
- **exact pushes**: found with all of their events and no other. **decidable**: the same among pushes whose
  events can be told at all; **undecidable** are events that two runs of one visible credential could both
  have made, where no digest and no uploadId says which.
- **cause after effect**: events told in an order that cannot have been.
- **status**: complete, failed, incomplete, unchanged or undetermined, as the log allows.
- **flag**: failed or incomplete, `nothing-sent` aside. **reason**: its kind and error code.
- **login**: the right `GetAuthorizationToken`, or rightly none. **superseded**: the run that made a failed one good.
- **cause named**: of the decidable pushes that failed or were left, those whose cause a finding names by its code.
- **made good**: of the failed and incomplete pushes, those rightly told as a warning, because a later run of the
  principal did what was refused, or else as an error. **tags**: of the complete pushes, those whose image has the
  accepted tags and no others; **refused tags**: of those among them of which a tag was refused, those with an error.
- **spurious pushes**: told by the report, and no push stands behind them, or another one tells more of it.
- **healthy pushes**: the client's run succeeded and nothing was refused to it but in another repository; **with an
  error**, **with a warning**: those of them about which the report says so. Both ought to be 0. **in damaged
  logs**, which lost records as in `gaps` and `cut-head`, warnings may be right: healthy pushes, those with an
  error, those with a warning.
";

const CALIBRATION: &str = "
## Confidence

What the report says of how sure it is, and how often that was exactly right: all of the push's events and no
other, whether they can be told or not.

| confidence | pushes | exact | share |
|---|--:|--:|--:|
";
