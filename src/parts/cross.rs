//! WHAT GROUPS SAY -> WHAT EACH IS TOLD.
//!
//! Comes in: what groups say, sorted by key. Goes out: for each group what others say and it does not know. Never: a
//! look at more than one key at a time.

use std::collections::BTreeMap;
use std::io::{self, BufRead, Write};

use crate::facts::{Clocks, SharedFact};
use crate::finding::Habits;
use crate::parts::said::{Reply, Saying};
use crate::parts::{lines, write_line, wrong};
use crate::session::beyond::{PushShown, probes};

/// The group that stands for all.
const EVERYBODY: &str = "*";

/// Answers what groups say: lines of key, group and what it says, sorted by key, become lines of group and what it is
/// told.
///
/// # Errors
/// Those of the streams, lines that no group said, and lines that are not sorted.
pub fn cross(input: &mut dyn BufRead, out: &mut dyn Write) -> io::Result<()> {
    let mut clocks: Option<Clocks> = None;
    let mut of_key = (String::new(), Vec::<(String, String)>::new());
    for line in lines(input) {
        let line = line?;
        let mut fields = line.splitn(3, '\t');
        let (Some(key), Some(group), Some(said)) = (fields.next(), fields.next(), fields.next())
        else {
            return Err(wrong("a line has not three fields", &line));
        };
        if key < of_key.0.as_str() {
            return Err(wrong("lines are not sorted by key", key));
        }
        if key != of_key.0 {
            answer(&of_key.1, out)?;
            of_key = (key.to_owned(), Vec::new());
        }
        // Every group counts clocks, and nobody needs to know which.
        if let Saying::Fact(SharedFact::Clocks(more)) = parsed(said)? {
            clocks = Some(clocks.map_or(more, |known| known.and(more)));
        } else {
            of_key.1.push((group.to_owned(), said.to_owned()));
        }
    }
    answer(&of_key.1, out)?;
    match clocks {
        Some(clocks) => tell(EVERYBODY, &Reply::Fact(SharedFact::Clocks(clocks)), out),
        None => Ok(()),
    }
}

fn parsed(said: &str) -> io::Result<Saying<'_>> {
    serde_json::from_str(said).map_err(|error| wrong("no group said this", error))
}

fn tell(group: &str, told: &Reply<'_>, out: &mut dyn Write) -> io::Result<()> {
    write_line(out, &[group, &serde_json::to_string(told)?])
}

/// Answers what groups say under one key.
fn answer(said: &[(String, String)], out: &mut dyn Write) -> io::Result<()> {
    let mut facts: BTreeMap<Vec<String>, Vec<(&str, SharedFact<'_>)>> = BTreeMap::new();
    let (mut pushes, mut logins) = (Vec::new(), Vec::new());
    let mut blobs: BTreeMap<u64, (bool, Vec<&str>)> = BTreeMap::new();
    for (group, said) in said {
        match parsed(said)? {
            Saying::Fact(fact) => {
                facts.entry(fact.subject()).or_default().push((group, fact));
            }
            Saying::Push(shown) => pushes.push((group.as_str(), shown)),
            Saying::Login(login) => logins.push((group.as_str(), login)),
            Saying::Blob(blob, is_known) => {
                let (known, wanted) = blobs.entry(blob).or_default();
                *known |= is_known;
                if !is_known {
                    wanted.push(group);
                }
            }
            Saying::Records(_) | Saying::Reader(_) | Saying::Counts(_) => {
                return Err(wrong("this is for the conclusion", said));
            }
        }
    }
    for facts in facts.values() {
        let mut all = facts.iter().map(|(_, fact)| fact.clone());
        let whole = all
            .next()
            .and_then(|first| all.try_fold(first, SharedFact::and));
        for (group, own) in facts {
            if let Some(whole) = whole.as_ref().filter(|whole| *whole != own) {
                tell(group, &Reply::Fact(whole.clone()), out)?;
            }
        }
    }
    for (blob, (is_known, wanted)) in &blobs {
        for group in wanted.iter().filter(|_| *is_known) {
            tell(group, &Reply::Brought(*blob), out)?;
        }
    }
    pushes.sort_by_key(|(_, shown)| (shown.first, shown.id));
    of_principal(&pushes, &logins, out)
}

/// Tells groups about the pushes of one principal, which come in order of time.
fn of_principal(
    pushes: &[(&str, PushShown)],
    logins: &[(&str, u64)],
    out: &mut dyn Write,
) -> io::Result<()> {
    let shown: Vec<PushShown> = pushes.iter().map(|(_, shown)| shown.clone()).collect();
    let mut probes = probes(&shown).into_iter().peekable();
    let mut habits = Habits::default();
    let mut served: BTreeMap<u64, (u64, Vec<&str>)> = BTreeMap::new();
    for (at, (group, shown)) in pushes.iter().enumerate() {
        if probes.next_if_eq(&at).is_some() {
            tell(group, &Reply::Probe(shown.id), out)?;
            continue;
        }
        if let Some(login) = shown.login {
            let (n_pushes, groups) = served.entry(login).or_default();
            *n_pushes += 1;
            groups.push(group);
        }
        let client = shown.client.as_ref();
        let client = client.map(|parts| parts.each_ref().map(String::as_str));
        let new = client.and_then(|client| habits.next(client, shown.has_stored));
        if let Some(new) = new {
            tell(group, &Reply::New(shown.id, new), out)?;
        }
    }
    for &(group, login) in logins {
        if let Some((_, groups)) = served.get_mut(&login) {
            groups.push(group);
        }
    }
    for (login, (n_pushes, mut groups)) in served {
        groups.sort_unstable();
        groups.dedup();
        for group in groups {
            tell(group, &Reply::Served(login, n_pushes), out)?;
        }
    }
    Ok(())
}
