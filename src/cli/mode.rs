//! What a run does.
//!
//! Comes in: arguments and surroundings. Goes out: one mode with everything it needs, or why there is
//! none. Never: a file touched.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::Parser as _;
use clap_complete::Shell;

use crate::cli::against::Against;
use crate::cli::args::{Args, PartStep};
use crate::cli::plan::{self, Keeping, Names, Plan, Tells};
use crate::cli::stop::Stop;
use crate::cli::surroundings::Streams;
use crate::cli::{defaults, explain};
use crate::render::paragraphs;

/// The narrowest and the widest page of a code.
const PAGE_WIDTHS: (usize, usize) = (40, 100);

/// What a run does.
#[derive(Debug)]
pub(super) enum Mode {
    /// Prints completions for a shell.
    Completions(Shell),
    /// Prints the manual page.
    Man,
    /// Prints the page of a code.
    Page(String),
    /// Says why the event with an id is in its push, or why the events of a push are in it.
    Why(Plan, String),
    /// Writes a report.
    Report(Plan),
    /// Writes how the selected pushes differ from a base.
    Compare(Plan, Against),
    /// Tells the pushes that a state has not told before.
    Tell(Plan, Keeping),
    /// Does so again and again, by a new plan each time.
    Follow(Plan, Keeping, Box<Args>),
    /// Writes the records that a report is based on.
    Extract(Plan),
    /// Lists the log files that are missing.
    Missing(Plan),
    /// Writes a report in bounded memory: so many bytes, through a folder.
    Bounded(Plan, u64, PathBuf),
    /// Does a step of a report that many processes make.
    Part(Plan, PartStep),
    /// Writes a first policy.
    PolicyFrom(Plan),
}

impl Mode {
    /// Works out what the arguments ask for, and warns about defaults that weaken the exit status.
    ///
    /// # Errors
    /// Usage, help and version, and an unknown code.
    pub(super) fn of(args: &[OsString], streams: &mut Streams<'_>) -> Result<Self, Stop> {
        // Without the user's defaults, on which completions and the manual page do not depend.
        let typed = Args::try_parse_from(args).map_err(Stop::Usage)?;
        if let Some(shell) = typed.completions {
            return Ok(Self::Completions(shell));
        }
        if typed.man {
            return Ok(Self::Man);
        }
        let (args, weakened) = defaults::parse(args, &streams.surroundings.settings)?;
        for row in &weakened {
            streams.tell(&format!("reconstruct: {}", defaults::warning(row)));
        }
        let (wanted, is_extract) = (args.explain.clone(), args.extract);
        let (is_list, part) = (args.list_missing, args.part);
        let is_policy = !args.policy_from.is_empty();
        let bounds = plan::bounds(&args)?;
        match wanted.as_deref().map(explain::explain) {
            Some(Ok(page)) => {
                let (least, most) = PAGE_WIDTHS;
                let width = streams.surroundings.columns().clamp(least, most);
                return Ok(Self::Page(paragraphs(&page, width)));
            }
            Some(Err(message)) if args.paths.is_empty() && args.files_from.is_none() => {
                let hint = explain::NAME_THE_LOGS;
                return Err(Stop::Message(format!("{message}\n  help: {hint}")));
            }
            // An id, which is looked up in the logs.
            Some(Err(_)) | None => {}
        }
        let typed = args.follow.is_some().then(|| Box::new(args.clone()));
        let plan = plan::plan(args, weakened, &streams.surroundings)?;
        match (plan.state.clone(), typed) {
            (Some(kept), Some(args)) => return Ok(Self::Follow(plan, kept, args)),
            (Some(kept), None) if kept.tell == Tells::New => return Ok(Self::Tell(plan, kept)),
            (Some(_) | None, _) => {}
        }
        Ok(match wanted {
            Some(id) => Self::Why(plan, id),
            None if is_extract => Self::Extract(plan),
            None if is_list => Self::Missing(plan),
            None if is_policy => Self::PolicyFrom(plan),
            None => match (part, bounds, plan.against.clone()) {
                (Some(step), ..) => Self::Part(plan, step),
                (None, Some((limit, work)), _) => Self::Bounded(plan, limit, work),
                (None, None, Some(against)) => Self::Compare(plan, against),
                (None, None, None) => Self::Report(plan),
            },
        })
    }

    /// Which names its messages show.
    pub(super) fn names(&self) -> Names {
        match self {
            Self::Completions(_) | Self::Man | Self::Page(_) => Names::True,
            Self::Why(plan, _)
            | Self::Report(plan)
            | Self::Compare(plan, _)
            | Self::Tell(plan, _)
            | Self::Follow(plan, ..)
            | Self::Extract(plan)
            | Self::Missing(plan)
            | Self::Bounded(plan, ..)
            | Self::Part(plan, _)
            | Self::PolicyFrom(plan) => plan.names,
        }
    }
}
