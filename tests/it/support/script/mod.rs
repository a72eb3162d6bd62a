//! The event script: what happened, as a timeline that people can read.
//!
//! In: the text of a script, in the grammar of `docs/testing.md`. Out: the log files of it, path and bytes,
//! as a trail would deliver them; the same text gives the same bytes. Records are written by the simulator's
//! own writer, so a script knows no field names.

mod act;
pub(crate) mod beside;
pub(crate) mod damage;
mod setting;

use reconstruct::record::fingerprint as seed;

use super::simulate::clock::{Millis, SECOND};
use super::simulate::noise;
use super::simulate::random::Random;
use super::simulate::trail;
use act::Acts;
use damage::Damage;
use setting::Setting;

/// Path below the bucket and content of every object, sorted by path.
pub(crate) type Files = Vec<(String, Vec<u8>)>;

/// What is wrong with a script, and on which line, counted from 1.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) line: usize,
    pub(crate) what: String,
}

type Fallible<T> = Result<T, String>;

/// Plays a script.
pub(crate) fn files(text: &str) -> Result<Files, Fault> {
    let mut setting = Setting::default();
    let mut acts = Acts::new(text);
    let mut damage = Damage::default();
    for (number, line) in text.lines().enumerate() {
        let words: Vec<&str> = line
            .split('#')
            .next()
            .unwrap_or("")
            .split_whitespace()
            .collect();
        let Some(first) = words.first() else {
            continue;
        };
        let read = if first.starts_with(|c: char| c.is_ascii_digit()) {
            acts.act(&setting, &words)
        } else if damage.knows(first) {
            damage.order(&words)
        } else {
            setting.set(&mut acts.stage, &words)
        };
        read.map_err(|what| Fault {
            line: number + 1,
            what,
        })?;
    }
    Ok(deliver(&setting, acts, &damage))
}

fn deliver(setting: &Setting, acts: Acts, damage: &Damage) -> Files {
    let mut random = Random::new(u64::try_from(setting.day).unwrap_or(0));
    let trails = setting.trails(&acts.stage);
    let mut records = acts.records();
    for (account, region) in &trails {
        for &(from, to, every) in &setting.noise {
            let mut at = from;
            while at <= to {
                records.push(noise::of_other_services(&mut random, account, region, at));
                at += random.within(every / 2, every * 3 / 2).max(SECOND);
            }
        }
    }
    let delivered = trail::deliver(&mut random, &setting.delivery, records);
    damage.apply(delivered.files)
}

/// `16:42:15` or `16:42` after the midnight `day`.
fn clock(day: Millis, text: &str) -> Fallible<Millis> {
    let bad = || format!("`{text}` is no time: expected HH:MM:SS or HH:MM");
    let parts: Vec<i64> = text
        .split(':')
        .map(|part| part.parse().map_err(|_| bad()))
        .collect::<Result<_, _>>()?;
    match parts.as_slice() {
        [hour, minute] => Ok(day + (hour * 3_600 + minute * 60) * SECOND),
        [hour, minute, second] => Ok(day + (hour * 3_600 + minute * 60 + second) * SECOND),
        _ => Err(bad()),
    }
}

/// `100`, `27KiB`, `27MiB`.
fn bytes(text: &str) -> Fallible<u64> {
    let (number, unit) = match text.find(|c: char| !c.is_ascii_digit()) {
        Some(end) => text.split_at(end),
        None => (text, ""),
    };
    let unit = match unit {
        "" => 1,
        "KiB" => 1 << 10,
        "MiB" => 1 << 20,
        _ => return Err(format!("`{text}` is no size: expected bytes, KiB or MiB")),
    };
    let number: u64 = number.parse().map_err(|_| format!("`{text}` is no size"))?;
    Ok(number * unit)
}
