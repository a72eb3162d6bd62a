//! `--follow`: what is new, again and again.
//!
//! Comes in: what was typed, and a state. Goes out: a line for each push as it settles, until a signal comes. Never: an end
//! because a round failed, but for the first, nor anything held from one round to the next but what is in the state.

use std::time::{Duration, SystemTime};

use chrono::DateTime;

use crate::cli::args::Args;
use crate::cli::exit::ExitStatus;
use crate::cli::interrupt::Unfinished;
use crate::cli::plan::{self, Keeping, Plan, Tells};
use crate::cli::stop::Stop;
use crate::cli::surroundings::Streams;
use crate::cli::tell::{As, round};

/// Makes rounds until a signal ends them.
///
/// # Errors
/// Those of the first round.
pub(super) fn run(
    first: &Plan,
    kept: &Keeping,
    args: &Args,
    unfinished: &Unfinished,
    streams: &mut Streams<'_>,
) -> Result<ExitStatus, Stop> {
    let every = match kept.tell {
        Tells::Follow(every) => every,
        Tells::All | Tells::New => Duration::ZERO,
    };
    unfinished.begin_rounds();
    round(first, kept, As::Lines, unfinished, streams)?;
    while unfinished.wait_for_round(every) {
        // Ages such as `--since 7d` count back from each round.
        let mut surroundings = streams.surroundings.clone();
        surroundings.now = DateTime::from(SystemTime::now());
        let plan = plan::plan(args.clone(), first.told.weakened.clone(), &surroundings)?;
        if let Err(stop) = round(&plan, kept, As::Lines, unfinished, streams) {
            stop.tell(plan.names, streams);
        }
    }
    Ok(ExitStatus::Success)
}
