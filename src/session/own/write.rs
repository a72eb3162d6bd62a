//! Output: the assignment becomes trees of events.
//!
//! Comes in: the runs of a repository with what they own. Goes out: each event with the evidence
//! that joins it to another of its run. Never: a decision.

use std::iter;

use crate::event::EventId;
use crate::graph::Evidence;
use crate::session::own::assignment::Assignment;
use crate::session::own::doubt::Doubts;
use crate::session::own::ownership::{Owned, OwnedRun, Ownership};
use crate::session::own::party::PartyWork;
use crate::session::own::run::{Contested, Run};
use crate::session::own::unit::{PutIx, Unit};

/// Writes every run, and what other runs could own as well.
///
/// # Complexity
/// O(n) in the events.
pub(super) fn write(
    work: &PartyWork<'_>,
    assignment: &Assignment,
    contested: &[Contested],
) -> Ownership {
    let mut ownership = Ownership::default();
    let event = |put: PutIx| work.puts[put].event;
    let doubts = Doubts::new(work, assignment, contested);
    for (id, run) in assignment.runs() {
        let start = ownership.owned.len();
        for (&put, joined) in run.puts.iter().zip(&run.joined) {
            ownership.owned.push(Owned {
                event: event(put),
                link: joined.map(|(with, evidence)| (event(with), evidence)),
            });
        }
        write_units(work, run, &mut ownership);
        ownership.runs.push(OwnedRun {
            place: start..ownership.owned.len(),
            repository: work.repository,
            lacks_index: run.index_missing,
            doubt: doubts.of(work, id, run),
        });
    }
    for (unit, others) in contested {
        let row = &work.units[*unit];
        let evidence = row.digests.first();
        let evidence = evidence.map_or(Evidence::Credential, |&digest| Evidence::Layer(digest));
        let others = others.iter().map(|&other| assignment.resolve(other));
        for other in others.filter(|&other| assignment.owner(*unit) != Some(other)) {
            // Only runs with a put are considered, so there is one to name.
            let with = event(assignment.run(other).puts[0]);
            ownership
                .contested
                .push((row.calls[0].event, with, evidence));
        }
    }
    ownership
}

/// Writes the units of a run; without a put, they are joined to its first upload.
fn write_units(work: &PartyWork<'_>, run: &Run, ownership: &mut Ownership) {
    // In a run without a put, an upload represents the run rather than a check, as it shows what
    // the client wanted to push.
    let mut units = work.units_of(run);
    let anchor = units
        .clone()
        .find(|unit| unit.is_upload())
        .or_else(|| units.next());
    for claim in &run.units {
        let unit = &work.units[claim.unit];
        let link = match (claim.witness, anchor) {
            (Some((put, evidence)), _) => {
                let evidence = shown(work, unit, evidence);
                Some((work.puts[put].event, evidence))
            }
            (None, Some(anchor)) if anchor.face() != unit.face() => {
                let mut digests = unit.digests.iter().copied();
                let shared = digests.find(|digest| anchor.digests.contains(digest));
                let evidence = shared.map_or(Evidence::Credential, Evidence::Availability);
                Some((anchor.face(), shown(work, unit, evidence)))
            }
            (None, _) => None,
        };
        write_unit(unit, link, ownership);
    }
}

/// The evidence as far as the log shows logins; if it does not, principal and time remain.
fn shown(work: &PartyWork<'_>, unit: &Unit<'_>, evidence: Evidence) -> Evidence {
    match evidence == Evidence::Credential && work.lanes.is_vague(unit.lane) {
        true => Evidence::Window,
        false => evidence,
    }
}

fn write_unit(unit: &Unit<'_>, link: Option<(EventId, Evidence)>, ownership: &mut Ownership) {
    let anchor = unit.face();
    let others = unit.calls.iter().filter(|call| call.event != anchor);
    let others = others.map(|call| Owned {
        event: call.event,
        link: Some((
            anchor,
            call.upload.map_or(Evidence::Retry, Evidence::Upload),
        )),
    });
    let of_face = Owned {
        event: anchor,
        link,
    };
    ownership.owned.extend(iter::once(of_face).chain(others));
}
