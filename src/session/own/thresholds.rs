//! Every number that the assignment goes by, with its reason.
//!
//! Comes in: nothing. Goes out: constants. Never: a number
//! elsewhere in the assignment.

use crate::event::Seconds;
use crate::graph::order::CLOCK_SKEW;

/// A pause longer than this, with nothing in flight, ends a run of one login.
///
/// Clients with no open upload act at once; observed runs of ten clients were told apart best at
/// two to three seconds (0.5 s and 30 s were both worse). `eventTime` is cut to whole seconds, so
/// two means anything up to three.
pub(super) const IDLE: Seconds = Seconds(2);

/// How much later than its effect a cause may be logged before the cause is doubted.
pub(super) const SKEW: Seconds = CLOCK_SKEW;

/// One upload in so many must show a skew for it to be believed, and two at the least: a single
/// record may be forged.
pub(super) const SKEW_WITNESSES: usize = 200;

/// How long after its own `CompleteLayerUpload` a check of the digest belongs to the upload.
///
/// Docker asks once after every upload; up to 1.6 s later even when it was killed.
pub(super) const CHECKED_AFTER: Seconds = Seconds(2);

/// The longest wait of a client before it tries a refused or broken upload again.
///
/// Docker waits 5, 10, 15 and 20 s in turn, BuildKit and crane 1, 2 and 4 s, each up to a third
/// longer or shorter (observed); the rest is for whole seconds.
pub(in crate::session) const RETRY_WAIT: Seconds = Seconds(27);

/// The longest wait of the clients that check again before each try: 4 s and a third.
///
/// Within it checks that are repeated before refused uploads are no sign of a new run.
pub(super) const CHECKED_RETRY: Seconds = Seconds(6);

/// Where the log shows no checks, by which a new run would be known, the longest silence between
/// two puts of one manifest in one run.
pub(super) const SILENCE: Seconds = Seconds(6);

/// The longest pause of a client that has nothing in flight and left nothing open, where the log does
/// not show that it began anew.
///
/// Clients were seen to pause for up to ten seconds between checks, uploads and the manifest, and
/// where reads are not logged several of these pauses look like one. A client that died seldom did
/// so with every upload ended.
pub(super) const LULL: Seconds = Seconds(60);

/// How long after a manifest was put by digest, or under a tag that was refused, the same client puts
/// it under its tag, or the next.
///
/// Helm reads it back in between (observed: up to 5 s).
pub(super) const NAMING: Seconds = Seconds(6);

/// How long before a run its client may ask for an upload to learn whether it may push.
///
/// Kaniko and buildpacks ask when the build starts. The one exception to the inactivity window.
pub(super) const PERMISSION_CHECK: Seconds = Seconds(60 * 60);

/// The most uploads that a client asks for at once to learn whether it may push; one a repository was
/// seen, and a second build may ask beside it.
pub(in crate::session) const MOST_QUESTIONS: usize = 2;

/// How long after a manifest was accepted the same put, with nothing between, is a repetition
/// (its answer was lost) and not a new push.
pub(super) const REPEATED_PUT: Seconds = Seconds(60);

/// How many of the runs that list a digest are weighed for one upload or check of it.
///
/// More than this many runs of one login in the air at once are not told apart by shared digests.
pub(super) const CANDIDATES: usize = 16;

/// How many of a run's latest units, and of its latest pauses, are looked at for the sign of a new
/// run; a client that retries all day costs no more for it.
pub(super) const RECENT: usize = 256;

/// How many of the latest finished uploads of a layer are looked at for two that were in flight at
/// once; a layer that is sent all day costs no more for it.
pub(super) const RECENT_UPLOADS: usize = 8;
