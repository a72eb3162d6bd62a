//! ALL STEPS, ONE AFTER THE OTHER, IN ONE PROCESS AND IN BOUNDED MEMORY.
//!
//! Comes in: files, and a folder for what is between the steps. Goes out: the lines of `--format jsonl`, in their order.
//! Never: more than a part of the records in memory. Groups are put together until a part is full, for a group may always
//! be larger than it has to be; a repository that is larger than a part is a part by itself.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};

use crate::ingest::{Progress, coverage_of, extract, telling, untold};
use crate::parts::conclude::Concluded;
use crate::parts::{GroupStep, PartOptions, Routed, Router, conclude, coverage, cross, group, key};
use crate::report::row::OptionsRow;
use crate::source::SourceFile;

/// Files that keys are spread over.
const SHELVES: usize = 64;

/// How many keys are held to be written once each.
const HELD: usize = 1 << 18;

/// The least bytes of records in a part.
const LEAST_BYTES: u64 = 1 << 10;

/// Bytes of the limit that no part can have: the program, its buffers, and what is known of groups.
const APART: u64 = 160 << 20;

/// Writes a report of files in the memory that a `limit` allows, in bytes; returns what decides the exit status.
///
/// # Errors
/// Those of `work`, which must be an empty folder, and of `out`.
pub fn bounded(
    files: &[SourceFile],
    options: &PartOptions,
    limit: u64,
    work: &Path,
    told: &OptionsRow,
    out: &mut dyn Write,
) -> io::Result<Concluded> {
    let folder = WorkFolder(work.to_path_buf());
    let mut sorting = Sorting::new(&folder, options)?;
    extract(files, &options.ingest, &Progress::default(), &mut sorting)?;
    let (groups, last) = sorting.finish()?;
    let (line, of_records) = untold(&last)?;
    let mut sums = Vec::new();
    coverage(&mut io::Cursor::new(line), options, &mut sums)?;
    // A record takes a third of its bytes in memory, and what is made of it as much again.
    let capacity = (limit.saturating_sub(APART)).max(LEAST_BYTES);
    let parts = Packed::new(&folder, groups, capacity)?;
    parts.distribute(&folder, &sums, &telling(of_records)?)?;
    let mut concluding = folder.create("concluding")?;
    for line in String::from_utf8_lossy(&sums).lines() {
        if let Some(sum) = line.strip_prefix('\t') {
            writeln!(concluding, "{sum}")?;
        }
    }
    for step in [GroupStep::Facts, GroupStep::Pushes] {
        let mut said = Shelves::new(&folder, "said")?;
        for part in 0..parts.n_parts {
            let mut lines = Vec::new();
            group(step, parts.input(&folder, step, part)?, options, &mut lines)?;
            for line in String::from_utf8_lossy(&lines).lines() {
                match line.split_once('\t') {
                    Some(("", line)) => writeln!(concluding, "{line}")?,
                    Some((key, line)) => {
                        let shelf = u64::from_str_radix(key, 16).unwrap_or_default();
                        said.write(shelf, &format!("{key}\t{part}\t{line}"))?;
                    }
                    None => {}
                }
            }
        }
        said.flush()?;
        // Facts about all are those of clocks, which are in one shelf as they have one key.
        for shelf in 0..SHELVES {
            let text = fs::read_to_string(folder.path(&format!("said-{shelf}")))?;
            let mut lines: Vec<&str> = text.lines().collect();
            lines.sort_unstable();
            let mut answers = Vec::new();
            cross(&mut io::Cursor::new(lines.join("\n")), &mut answers)?;
            for line in String::from_utf8_lossy(&answers).lines() {
                if let Some((part, line)) = line.split_once('\t') {
                    let mut told = folder.append(&format!("told-{part}"))?;
                    writeln!(told, "!{line}")?;
                }
            }
        }
    }
    for part in 0..parts.n_parts {
        let mut rows = folder.create(&format!("rows-{part}"))?;
        group(
            GroupStep::Rows,
            parts.input(&folder, GroupStep::Rows, part)?,
            options,
            &mut rows,
        )?;
        rows.flush()?;
        for line in BufReader::new(File::open(folder.path(&format!("rows-{part}")))?).lines() {
            if let Some(counts) = line?.strip_prefix("\t\t\t") {
                writeln!(concluding, "{counts}")?;
            }
        }
    }
    concluding.flush()?;
    let mut rows = folder.create(&format!("rows-{}", parts.n_parts))?;
    let mut concluding = BufReader::new(File::open(folder.path("concluding"))?);
    let concluded = conclude(&mut concluding, options, told, &mut rows)?;
    rows.flush()?;
    merge(&folder, parts.n_parts + 1, out)?;
    Ok(concluded)
}

/// The folder for what is between the steps.
struct WorkFolder(PathBuf);

impl WorkFolder {
    fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    fn create(&self, name: &str) -> io::Result<BufWriter<File>> {
        Ok(BufWriter::new(File::create(self.path(name))?))
    }

    fn append(&self, name: &str) -> io::Result<BufWriter<File>> {
        let file = File::options()
            .create(true)
            .append(true)
            .open(self.path(name))?;
        Ok(BufWriter::new(file))
    }
}

/// Files that lines are spread over by a number.
struct Shelves(Vec<BufWriter<File>>);

impl Shelves {
    fn new(folder: &WorkFolder, name: &str) -> io::Result<Self> {
        let files = (0..SHELVES).map(|shelf| folder.create(&format!("{name}-{shelf}")));
        files.collect::<io::Result<_>>().map(Self)
    }

    fn write(&mut self, number: u64, line: &str) -> io::Result<()> {
        let shelf = (number % SHELVES as u64) as usize;
        match self.0.get_mut(shelf) {
            Some(file) => writeln!(file, "{line}"),
            None => Ok(()),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.iter_mut().try_for_each(Write::flush)
    }
}

/// Takes an extract as it is written, and sorts it away.
struct Sorting {
    router: Router,
    /// The end of the line that is being written.
    line: Vec<u8>,
    lines: BufWriter<File>,
    ties: Shelves,
    asks: Shelves,
    offers: Shelves,
    /// Keys with the groups that tie or ask by them, each to be written once.
    held: [HashSet<(u64, u64)>; 2],
    /// The bytes of each group.
    groups: BTreeMap<u64, u64>,
    coverage: String,
}

impl Sorting {
    fn new(folder: &WorkFolder, options: &PartOptions) -> io::Result<Self> {
        Ok(Self {
            router: Router::new(options),
            line: Vec::new(),
            lines: folder.create("lines")?,
            ties: Shelves::new(folder, "ties")?,
            asks: Shelves::new(folder, "asks")?,
            offers: Shelves::new(folder, "offers")?,
            held: [HashSet::new(), HashSet::new()],
            groups: BTreeMap::new(),
            coverage: String::new(),
        })
    }

    fn line(&mut self, line: &str) -> io::Result<()> {
        if coverage_of(line).is_some() {
            self.coverage = line.to_owned();
            return Ok(());
        }
        let Routed {
            group,
            ties,
            asks,
            offers,
        } = self.router.of(line);
        *self.groups.entry(group).or_default() += line.len() as u64;
        writeln!(self.lines, "{}\t{line}", key(group))?;
        let [held_ties, held_asks] = &mut self.held;
        hold(&mut self.ties, held_ties, ties, group)?;
        hold(&mut self.asks, held_asks, asks.iter().copied(), group)?;
        let asks: Vec<String> = asks.into_iter().map(key).collect();
        for offer in offers {
            let fields = [&key(offer), &key(group), &asks.join(" "), line];
            self.offers
                .write(offer, &fields.map(ToOwned::to_owned).join("\t"))?;
        }
        Ok(())
    }

    fn finish(mut self) -> io::Result<(BTreeMap<u64, u64>, String)> {
        self.lines.flush()?;
        for shelves in [&mut self.ties, &mut self.asks, &mut self.offers] {
            shelves.flush()?;
        }
        Ok((self.groups, self.coverage))
    }
}

fn hold(
    shelves: &mut Shelves,
    held: &mut HashSet<(u64, u64)>,
    keys: impl IntoIterator<Item = u64>,
    group: u64,
) -> io::Result<()> {
    for number in keys {
        if held.insert((number, group)) {
            shelves.write(number, &format!("{}\t{}", key(number), key(group)))?;
        }
    }
    if held.len() > HELD {
        held.clear();
    }
    Ok(())
}

impl Write for Sorting {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        for piece in bytes.split_inclusive(|byte| *byte == b'\n') {
            self.line.extend_from_slice(piece);
            if self.line.ends_with(b"\n") {
                let line = std::mem::take(&mut self.line);
                let line = std::str::from_utf8(&line).map_err(io::Error::other)?;
                self.line(line.trim_end_matches('\n'))?;
            }
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The pairs of a shelf: keys and groups.
fn pairs(folder: &WorkFolder, name: &str, shelf: usize) -> io::Result<BTreeSet<(u64, u64)>> {
    let lines = BufReader::new(File::open(folder.path(&format!("{name}-{shelf}")))?).lines();
    let mut pairs = BTreeSet::new();
    for line in lines {
        let line = line?;
        let number =
            |field: Option<&str>| field.and_then(|text| u64::from_str_radix(text, 16).ok());
        let mut fields = line.split('\t');
        pairs.extend(number(fields.next()).zip(number(fields.next())));
    }
    Ok(pairs)
}

/// Which part each group is in.
struct Packed {
    part_of: HashMap<u64, usize>,
    n_parts: usize,
}

impl Packed {
    /// Unites groups that have to be one, and fills parts with them, the largest first.
    fn new(folder: &WorkFolder, groups: BTreeMap<u64, u64>, capacity: u64) -> io::Result<Self> {
        let mut leads: HashMap<u64, u64> = HashMap::new();
        for shelf in 0..SHELVES {
            let ties = pairs(folder, "ties", shelf)?;
            let mut of_key: BTreeMap<u64, Vec<u64>> = BTreeMap::new();
            for (number, group) in ties {
                of_key.entry(number).or_default().push(group);
            }
            for (number, group) in pairs(folder, "asks", shelf)? {
                of_key.entry(number).and_modify(|groups| groups.push(group));
            }
            for groups in of_key.into_values().filter(|groups| groups.len() > 1) {
                let low = groups.iter().map(|group| lead(&leads, *group)).min();
                for group in groups {
                    let own = lead(&leads, group);
                    leads.extend(low.filter(|low| *low != own).map(|low| (own, low)));
                }
            }
        }
        let mut sizes: BTreeMap<u64, u64> = BTreeMap::new();
        for (group, bytes) in &groups {
            *sizes.entry(lead(&leads, *group)).or_default() += bytes;
        }
        let mut sizes: Vec<(u64, u64)> = sizes.into_iter().collect();
        sizes.sort_unstable_by_key(|(group, bytes)| (std::cmp::Reverse(*bytes), *group));
        let (mut packed, mut n_parts, mut filled) = (HashMap::new(), 0, u64::MAX);
        for (group, bytes) in sizes {
            if filled.saturating_add(bytes) > capacity {
                (n_parts, filled) = (n_parts + 1, 0);
            }
            filled += bytes;
            packed.insert(group, n_parts - 1);
        }
        let part_of = groups.into_keys().filter_map(|group| {
            let part = packed.get(&lead(&leads, group))?;
            Some((group, *part))
        });
        Ok(Self {
            part_of: part_of.collect(),
            n_parts,
        })
    }

    /// Gives each part its lines, and those of others that it asks for.
    fn distribute(&self, folder: &WorkFolder, sums: &[u8], telling: &str) -> io::Result<()> {
        let files = |name: &str| {
            let files = (0..self.n_parts).map(|part| folder.create(&format!("{name}-{part}")));
            files.collect::<io::Result<Vec<_>>>()
        };
        let (mut own, mut others) = (files("own")?, files("others")?);
        for line in BufReader::new(File::open(folder.path("lines"))?).lines() {
            let line = line?;
            if let Some((group, line)) = line.split_once('\t')
                && let Some(file) = self.part(group).and_then(|part| own.get_mut(part))
            {
                writeln!(file, "={line}")?;
            }
        }
        for file in &mut others {
            writeln!(file, "+{telling}")?;
        }
        let sums = String::from_utf8_lossy(sums).into_owned();
        let sums = sums.lines().filter_map(|line| line.split_once('\t'));
        let mut of_sources: BTreeMap<u64, Vec<&str>> = BTreeMap::new();
        for (number, line) in sums {
            if let Ok(number) = u64::from_str_radix(number, 16) {
                of_sources.entry(number).or_default().push(line);
            }
        }
        // What is given may ask for more, until nothing new is asked for.
        let mut more: BTreeSet<(u64, usize)> = BTreeSet::new();
        let mut seen: BTreeSet<(u64, usize)> = BTreeSet::new();
        for round in 0.. {
            let mut next = BTreeSet::new();
            for shelf in 0..SHELVES {
                let asked: BTreeSet<(u64, usize)> = match round {
                    0 => {
                        let asks = pairs(folder, "asks", shelf)?.into_iter();
                        asks.filter_map(|(number, group)| {
                            Some((number, *self.part_of.get(&group)?))
                        })
                        .collect()
                    }
                    _ => {
                        let here = more.iter().copied();
                        here.filter(|(number, _)| (number % SHELVES as u64) as usize == shelf)
                            .collect()
                    }
                };
                for &(number, part) in &asked {
                    for line in of_sources.get(&number).into_iter().flatten() {
                        if let Some(file) = others.get_mut(part) {
                            writeln!(file, "+{line}")?;
                        }
                    }
                }
                let offers = File::open(folder.path(&format!("offers-{shelf}")))?;
                for line in BufReader::new(offers).lines() {
                    let line = line?;
                    let mut fields = line.splitn(4, '\t');
                    let (Some(offer), Some(owner), Some(asks), Some(line)) =
                        (fields.next(), fields.next(), fields.next(), fields.next())
                    else {
                        continue;
                    };
                    let (owner, number) = (self.part(owner), u64::from_str_radix(offer, 16));
                    let Ok(number) = number else { continue };
                    for &(_, part) in asked.range((number, 0)..=(number, usize::MAX)) {
                        let Some(file) = others.get_mut(part).filter(|_| owner != Some(part))
                        else {
                            continue;
                        };
                        writeln!(file, "+{line}")?;
                        let asks = asks.split_whitespace();
                        let asks = asks.filter_map(|ask| u64::from_str_radix(ask, 16).ok());
                        next.extend(asks.map(|ask| (ask, part)));
                    }
                }
            }
            more = next.difference(&seen).copied().collect();
            seen.extend(&more);
            if more.is_empty() {
                break;
            }
        }
        own.iter_mut().chain(&mut others).try_for_each(Write::flush)
    }

    fn part(&self, group: &str) -> Option<usize> {
        let group = u64::from_str_radix(group, 16).ok()?;
        self.part_of.get(&group).copied()
    }

    /// The input of a step for a part.
    fn input(
        &self,
        folder: &WorkFolder,
        step: GroupStep,
        part: usize,
    ) -> io::Result<Box<dyn BufRead + Send>> {
        let own = BufReader::new(File::open(folder.path(&format!("own-{part}")))?);
        if step == GroupStep::Facts {
            return Ok(Box::new(own));
        }
        let mut told = Vec::new();
        for who in ["*".to_owned(), part.to_string()] {
            match fs::read(folder.path(&format!("told-{who}"))) {
                Ok(lines) => told.extend(lines),
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
        let others = BufReader::new(File::open(folder.path(&format!("others-{part}")))?);
        let all = io::Read::chain(io::Cursor::new(told), io::Read::chain(others, own));
        Ok(Box::new(BufReader::new(all)))
    }
}

/// The group that stands for all that a group hangs together with.
fn lead(leads: &HashMap<u64, u64>, mut group: u64) -> u64 {
    while let Some(&next) = leads.get(&group) {
        group = next;
    }
    group
}

/// The order in which a report has its rows.
const ORDER: [&str; 5] = ["session", "unplaced", "finding", "problem", "coverage"];

/// Writes the rows of all parts, each of which has them in order, in one order.
fn merge(folder: &WorkFolder, n_files: usize, out: &mut dyn Write) -> io::Result<()> {
    let files = (0..n_files).map(|part| File::open(folder.path(&format!("rows-{part}"))));
    let files = files.collect::<io::Result<Vec<_>>>()?;
    let mut files: Vec<_> = files
        .into_iter()
        .map(|file| BufReader::new(file).lines())
        .collect();
    let next = |at: usize, lines: &mut io::Lines<BufReader<File>>| {
        for line in lines {
            let line = line?;
            let mut fields = line.splitn(4, '\t');
            let (kind, _, order) = (fields.next(), fields.next(), fields.next());
            let place = kind.and_then(|kind| ORDER.iter().position(|one| *one == kind));
            if let (Some(place), Some(order), Some(row)) = (place, order, fields.next()) {
                return Ok(Some(((place, order.to_owned(), at), row.to_owned())));
            }
        }
        io::Result::Ok(None)
    };
    let mut heads = BTreeMap::new();
    for (at, lines) in files.iter_mut().enumerate() {
        heads.extend(next(at, lines)?);
    }
    while let Some(((.., at), row)) = heads.pop_first() {
        writeln!(out, "{row}")?;
        if let Some(lines) = files.get_mut(at) {
            heads.extend(next(at, lines)?);
        }
    }
    Ok(())
}
