//! Every number that the assignment uses, with its reason.
//!
//! The other files of the assignment name these; none has a time or a bound of its own.

use crate::event::Seconds;
use crate::graph::order::CLOCK_SKEW;

/// A pause longer than this, with nothing in flight, ends a run of one login.
///
/// Clients with no open upload act at once; observed runs of ten clients were separated best at two
/// to three seconds (0.5 s and 30 s were both worse). `eventTime` is cut to whole seconds, so two
/// means anything up to three.
pub(super) const IDLE: Seconds = Seconds(2);

/// How much later than its effect a cause may be logged before it is doubted.
pub(super) const SKEW: Seconds = CLOCK_SKEW;

/// One upload in this many must show a skew for it to be believed, and at least two, since a single
/// record may be forged.
pub(super) const SKEW_WITNESSES: usize = 200;

/// How long after its own `CompleteLayerUpload` a check of the digest belongs to the upload.
///
/// Docker checks once after every upload; up to 1.6 s later even when it was killed.
pub(super) const CHECKED_AFTER: Seconds = Seconds(2);

/// The longest that a client waits before it retries a refused or broken upload.
///
/// Docker waits 5, 10, 15 and 20 s in turn, BuildKit and crane 1, 2 and 4 s, each up to a third
/// longer or shorter (observed); the rest allows for whole seconds.
pub(in crate::session) const RETRY_WAIT: Seconds = Seconds(27);

/// The longest wait of the clients that check again before each retry: 4 s plus a third.
///
/// Within it, checks repeated before refused uploads are no sign of a new run.
pub(super) const CHECKED_RETRY: Seconds = Seconds(6);

/// The longest silence between two puts of one manifest in one run if the log has no checks, by which
/// a new run would show.
pub(super) const SILENCE: Seconds = Seconds(6);

/// The longest pause of a client that has nothing in flight and left nothing open, if the log does
/// not show that it started anew.
///
/// Clients were observed to pause for up to ten seconds between checks, uploads and the manifest, and
/// if reads are not logged several of these pauses look like one. Clients that died rarely did so
/// with every upload ended.
pub(super) const LULL: Seconds = Seconds(60);

/// How long after a manifest was put by digest, or under a refused tag, the same client puts it under
/// its tag, or the next.
///
/// Helm reads it back in between (observed: up to 5 s).
pub(super) const NAMING: Seconds = Seconds(6);

/// How long before a run its client may request an upload to learn whether it may push.
///
/// Kaniko and buildpacks do this when the build starts. This is the one exception to the inactivity
/// window.
pub(super) const PERMISSION_CHECK: Seconds = Seconds(60 * 60);

/// The most uploads that a client requests at once to learn whether it may push; one for each
/// repository was observed, and a second build may do so at the same time.
pub(in crate::session) const MOST_QUESTIONS: usize = 2;

/// How long after a manifest was accepted the same put, with nothing between, is a repetition (its
/// response was lost) and not a new push.
pub(super) const REPEATED_PUT: Seconds = Seconds(60);

/// How many of the runs that list a digest are considered for one upload or check of it.
///
/// More simultaneous runs of one login than this are not distinguished by shared digests.
pub(super) const CANDIDATES: usize = 16;

/// How many of a run's latest units, and of its latest pauses, are checked for the sign of a new run,
/// so that a client that retries all day costs no more.
pub(super) const RECENT: usize = 256;

/// How many of the latest finished uploads of a layer are checked for two that were in flight at
/// once, so that a layer that is sent all day costs no more.
pub(super) const RECENT_UPLOADS: usize = 8;
