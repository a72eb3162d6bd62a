//! What a run has to read, by what is kept and what is listed.
//!
//! Comes in: the parts with the files that they were made of, and the files that the input lists now. Goes out: which parts
//! are kept, which are made, and of which files. Never: a file system, or a file whose records would be lost.
//!
//! A file belongs to the newest part that names it. A part is needed while a file belongs to it.

use std::collections::{BTreeMap, BTreeSet};

use crate::source::{ContentStamp, LogName, layout};
use crate::state::part::StatePart;

/// The most files that one part is made of at once.
const MOST_FILES: usize = 4_096;

/// The most bytes of files, as they are listed, that one part is made of at once.
const MOST_BYTES: u64 = 256 << 20;

/// How many parts of one group may be there before they are joined.
const MOST_PARTS: usize = 8;

/// The most bytes of extracts that are joined.
const MOST_JOINED: u64 = 64 << 20;

/// A file that the input lists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeenFile {
    /// Its path from the root of the file system, or its address.
    pub address: String,
    /// Its size in bytes.
    pub size_bytes: u64,
    /// What the listing says of its content.
    pub stamp: ContentStamp,
}

/// What the run wants beside the listing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Wants {
    /// Whether records of STS are to be kept.
    pub roles: bool,
    /// The most decoded bytes of one file.
    pub max_decoded_bytes: u64,
}

/// A part to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Making {
    /// Its group.
    pub group: String,
    /// Whether it holds one file that changed before.
    pub alone: bool,
    /// The files, as positions in the listing.
    pub files: Vec<usize>,
}

/// What a run has to do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Refresh {
    /// The parts to make.
    pub make: Vec<Making>,
    /// The parts, by position, that are no longer needed once these are made.
    pub drop: Vec<usize>,
    /// Files that changed and whose part is kept nevertheless, since other files of it are gone: positions in the
    /// listing, and the part.
    pub doubled: Vec<(usize, usize)>,
    /// The damaged parts, with how many of their files are read again, and how many are gone.
    pub damaged: Vec<(usize, u64, u64)>,
}

/// What became of a file since its part was made.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Became {
    Same,
    Changed(usize),
    /// It could not be read, and is to be tried again.
    Again(usize),
    Gone,
    /// It could not be read, and is gone.
    Nothing,
}

/// Decides what to read. `damaged` are positions of parts that cannot be used.
///
/// # Complexity
/// O(n log n) in files that are kept and listed.
#[must_use]
pub fn refresh(
    parts: &[StatePart],
    listing: &[SeenFile],
    damaged: &BTreeSet<usize>,
    wanted: Wants,
) -> Refresh {
    let mut at: BTreeMap<&str, usize> = BTreeMap::new();
    for (position, file) in listing.iter().enumerate() {
        at.entry(file.address.as_str()).or_insert(position);
    }
    let mut todo = Refresh::default();
    let mut pool = Pool::default();
    let mut covered: BTreeSet<usize> = BTreeSet::new();
    for (position, own) in owned(parts) {
        let part = &parts[position];
        let became: Vec<(usize, Became)> = own
            .iter()
            .map(|&file| {
                let known = &part.files[file];
                let listed = at.get(known.address.as_str()).copied();
                (
                    file,
                    match listed {
                        Some(place) if known.has_failed => Became::Again(place),
                        Some(place) => {
                            let now = &listing[place];
                            match (now.size_bytes, &now.stamp) == (known.size_bytes, &known.stamp) {
                                true => Became::Same,
                                false => Became::Changed(place),
                            }
                        }
                        None if known.has_failed => Became::Nothing,
                        None => Became::Gone,
                    },
                )
            })
            .collect();
        let place_of = |file: usize| at.get(part.files[file].address.as_str()).copied();
        covered.extend(became.iter().filter_map(|&(file, _)| place_of(file)));
        let n_gone = became
            .iter()
            .filter(|(_, one)| *one == Became::Gone)
            .count();
        let is_damaged = damaged.contains(&position);
        if part.is_forgotten {
            // Its records are wanted no more; a file that changed may hold new ones.
            for &(_, one) in &became {
                if let Became::Changed(place) = one {
                    pool.alone(place, listing);
                }
            }
            if n_gone == became.len() {
                todo.drop.push(position);
            }
            continue;
        }
        let has_moved = became
            .iter()
            .any(|(_, one)| !matches!(one, Became::Same | Became::Gone));
        let lacks_roles = wanted.roles && !part.head.roles;
        let was_cut = part
            .head
            .limit
            .is_some_and(|limit| limit < wanted.max_decoded_bytes);
        let is_stale = own.is_empty() || has_moved || lacks_roles || was_cut;
        if is_damaged || (is_stale && n_gone == 0) {
            if is_damaged {
                let n_there = (became.len() - n_gone) as u64;
                todo.damaged.push((position, n_there, n_gone as u64));
            }
            todo.drop.push(position);
            for &(file, one) in &became {
                match one {
                    // What failed once may fail each time, and is not to cost the others again.
                    Became::Changed(place) | Became::Again(place) => pool.alone(place, listing),
                    Became::Same => {
                        if let Some(place) = place_of(file) {
                            match part.head.alone {
                                true => pool.alone(place, listing),
                                false => pool.join(place, listing),
                            }
                        }
                    }
                    Became::Gone | Became::Nothing => {}
                }
            }
        } else if is_stale {
            for &(_, one) in &became {
                match one {
                    Became::Changed(place) => {
                        todo.doubled.push((place, position));
                        pool.alone(place, listing);
                    }
                    Became::Again(place) => pool.alone(place, listing),
                    Became::Same | Became::Gone | Became::Nothing => {}
                }
            }
        }
    }
    for (place, file) in listing.iter().enumerate() {
        // An address that is listed twice is one file.
        if !covered.contains(&place) && at.get(file.address.as_str()) == Some(&place) {
            pool.join(place, listing);
        }
    }
    todo.make = pool.makings(listing);
    todo.drop.sort_unstable();
    todo
}

/// The files that belong to each part, as positions in its list, the newest part first.
#[must_use]
pub fn owned(parts: &[StatePart]) -> Vec<(usize, Vec<usize>)> {
    let mut order: Vec<usize> = (0..parts.len()).collect();
    order.sort_by_key(|&position| std::cmp::Reverse(parts[position].head.number));
    let mut taken: BTreeSet<&str> = BTreeSet::new();
    order
        .into_iter()
        .map(|position| {
            let files = parts[position].files.iter().enumerate();
            let own = files.filter(|(_, file)| taken.insert(file.address.as_str()));
            (position, own.map(|(file, _)| file).collect())
        })
        .collect()
}

/// The groups of parts to join, each as positions of parts, in their order.
#[must_use]
pub fn joins(parts: &[StatePart]) -> Vec<Vec<usize>> {
    let mut groups: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (position, own) in owned(parts) {
        let part = &parts[position];
        // A part that holds an older form of a file that another one has says more than it owns.
        let is_whole = own.len() == part.files.len();
        if is_whole && !part.head.alone && !part.is_forgotten {
            groups.entry(&part.head.group).or_default().push(position);
        }
    }
    let mut joins = Vec::new();
    for mut group in groups.into_values() {
        group.sort_unstable();
        let mut n_bytes = 0_u64;
        group.retain(|&position| {
            let sum = n_bytes.saturating_add(parts[position].head.bytes);
            let fits = sum <= MOST_JOINED;
            if fits {
                n_bytes = sum;
            }
            fits
        });
        if group.len() > MOST_PARTS {
            joins.push(group);
        }
    }
    joins
}

/// Files to be read, by group.
#[derive(Default)]
struct Pool {
    joined: BTreeMap<String, BTreeSet<usize>>,
    alone: BTreeSet<(String, usize)>,
}

impl Pool {
    fn join(&mut self, place: usize, listing: &[SeenFile]) {
        let group = group(&listing[place].address);
        self.joined.entry(group).or_default().insert(place);
    }

    fn alone(&mut self, place: usize, listing: &[SeenFile]) {
        self.alone.insert((group(&listing[place].address), place));
    }

    fn makings(self, listing: &[SeenFile]) -> Vec<Making> {
        let mut makings = Vec::new();
        for (group, places) in self.joined {
            let (mut files, mut n_bytes) = (Vec::new(), 0_u64);
            for place in places {
                let size = listing[place].size_bytes;
                let is_full =
                    n_bytes.saturating_add(size) > MOST_BYTES || files.len() == MOST_FILES;
                if is_full && !files.is_empty() {
                    let full = std::mem::take(&mut files);
                    makings.push(Making {
                        group: group.clone(),
                        alone: false,
                        files: full,
                    });
                    n_bytes = 0;
                }
                n_bytes = n_bytes.saturating_add(size);
                files.push(place);
            }
            makings.push(Making {
                group,
                alone: false,
                files,
            });
        }
        makings.extend(self.alone.into_iter().map(|(group, place)| Making {
            group,
            alone: true,
            files: vec![place],
        }));
        makings
    }
}

/// The group of a file: its account and day, if its name is CloudTrail's own, or else its folder.
fn group(address: &str) -> String {
    let name = address.rsplit('/').next().unwrap_or(address);
    if let Some(log) = LogName::parse(name) {
        return format!("{} {}", log.account, log.delivered.format("%Y-%m-%d"));
    }
    let account = name.split('_').next().unwrap_or_default();
    let is_digest = name.split('_').nth(1) == Some("CloudTrail-Digest");
    match layout::digest_end(name).filter(|_| is_digest) {
        Some(end) => format!("{account} {}", end.format("%Y-%m-%d")),
        None => address
            .strip_suffix(name)
            .unwrap_or_default()
            .trim_end_matches('/')
            .to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::part::{KnownFile, PART_VERSION, PartHead};

    fn listed(address: &str, size_bytes: u64) -> SeenFile {
        SeenFile {
            address: address.to_owned(),
            size_bytes,
            stamp: ContentStamp::Modified(1),
        }
    }

    fn part(number: u64, group: &str, files: &[(&str, u64)]) -> StatePart {
        StatePart {
            head: PartHead {
                version: PART_VERSION,
                number,
                group: group.to_owned(),
                alone: false,
                files: files.len() as u64,
                records: 1,
                bytes: 1,
                sha256: String::new(),
                first: None,
                last: None,
                roles: false,
                limit: None,
            },
            files: files
                .iter()
                .map(|&(address, size_bytes)| KnownFile {
                    address: address.to_owned(),
                    size_bytes,
                    stamp: ContentStamp::Modified(1),
                    has_failed: false,
                })
                .collect(),
            is_forgotten: false,
        }
    }

    fn decide(parts: &[StatePart], listing: &[SeenFile]) -> Refresh {
        refresh(parts, listing, &BTreeSet::new(), Wants::default())
    }

    fn making(group: &str, alone: bool, files: &[usize]) -> Making {
        Making {
            group: group.to_owned(),
            alone,
            files: files.to_vec(),
        }
    }

    #[test]
    fn what_is_unchanged_is_not_read() {
        let parts = [part(1, "/d", &[("/d/a", 1), ("/d/b", 1)])];
        let listing = [listed("/d/a", 1), listed("/d/b", 1)];
        assert_eq!(decide(&parts, &listing), Refresh::default());
        assert_eq!(
            decide(&parts, &listing[..1]),
            Refresh::default(),
            "gone is kept"
        );
    }

    #[test]
    fn new_files_are_read_by_account_and_day_or_folder() {
        let log = "/t/123456789012_CloudTrail_eu-west-1_20240310T1200Z_Ab0cDeFgHiJkLmNo.json.gz";
        let digest =
            "/u/123456789012_CloudTrail-Digest_eu-west-1_t_eu-west-1_20240310T120000Z.json.gz";
        let listing = [
            listed("/d/a", 1),
            listed(log, 1),
            listed(digest, 1),
            listed("/d/a", 1),
        ];
        let make = decide(&[], &listing).make;
        let day = making("123456789012 2024-03-10", false, &[1, 2]);
        assert_eq!(make, [making("/d", false, &[0]), day]);
    }

    #[test]
    fn a_changed_file_costs_its_part_and_stands_alone_then() {
        let parts = [part(1, "/d", &[("/d/a", 1), ("/d/b", 1)])];
        let todo = decide(&parts, &[listed("/d/a", 2), listed("/d/b", 1)]);
        assert_eq!(todo.drop, [0]);
        assert_eq!(
            todo.make,
            [making("/d", false, &[1]), making("/d", true, &[0])]
        );
    }

    #[test]
    fn what_is_gone_is_never_dropped_for_what_changed() {
        let parts = [part(1, "/d", &[("/d/a", 1), ("/d/gone", 1)])];
        let listing = [listed("/d/a", 2)];
        let todo = decide(&parts, &listing);
        assert_eq!((todo.drop.len(), &*todo.doubled), (0, &[(0, 0)][..]));
        assert_eq!(todo.make, [making("/d", true, &[0])]);
        // With the new part there, nothing is left to do, and nothing is joined.
        let mut parts = vec![parts[0].clone(), part(2, "/d", &[("/d/a", 2)])];
        parts[1].head.alone = true;
        assert_eq!(decide(&parts, &listing), Refresh::default());
    }

    #[test]
    fn a_part_without_a_file_of_its_own_is_dropped() {
        let parts = [
            part(1, "/d", &[("/d/a", 1)]),
            part(2, "/d", &[("/d/a", 1), ("/d/b", 1)]),
        ];
        let todo = decide(&parts, &[listed("/d/a", 1), listed("/d/b", 1)]);
        assert_eq!((todo.make.len(), &*todo.drop), (0, &[0][..]));
    }

    #[test]
    fn what_failed_is_tried_again_until_it_is_gone() {
        let mut parts = [part(1, "/d", &[("/d/a", 1), ("/d/b", 1)])];
        parts[0].files[0].has_failed = true;
        let todo = decide(&parts, &[listed("/d/a", 1), listed("/d/b", 1)]);
        let apart = vec![making("/d", false, &[1]), making("/d", true, &[0])];
        assert_eq!((&*todo.drop, todo.make), (&[0][..], apart));
        let todo = decide(&parts, &[listed("/d/b", 1)]);
        assert_eq!(
            (&*todo.drop, todo.make),
            (&[0][..], vec![making("/d", false, &[0])])
        );
    }

    #[test]
    fn a_damaged_part_is_made_anew_from_what_is_there() {
        let parts = [part(1, "/d", &[("/d/a", 1), ("/d/gone", 1)])];
        let damaged = BTreeSet::from([0]);
        let todo = refresh(&parts, &[listed("/d/a", 1)], &damaged, Wants::default());
        assert_eq!((&*todo.drop, &*todo.damaged), (&[0][..], &[(0, 1, 1)][..]));
        assert_eq!(todo.make, [making("/d", false, &[0])]);
    }

    #[test]
    fn many_small_parts_of_a_group_are_joined() {
        let names: Vec<String> = (0..9).map(|number| format!("/d/{number}")).collect();
        let mut parts: Vec<StatePart> = (1..)
            .zip(&names)
            .map(|(n, name)| part(n, "/d", &[(name, 1)]))
            .collect();
        assert_eq!(joins(&parts), [(0..9).collect::<Vec<_>>()]);
        parts[4].head.alone = true;
        assert!(joins(&parts).is_empty());
    }
}
