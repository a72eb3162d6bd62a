//! The ways of a trail: what records show and leave out.
//!
//! In: chance, or a scenario's wish. Out: the settings by which `record.rs` writes.

use super::clock::Millis;
use super::random::Random;

/// What varies between the years in which logs were written, and between accounts.
#[derive(Clone, Copy)]
pub(crate) struct Ways {
    pub(crate) event_version: &'static str,
    /// What stands for caller, client and invoker on calls that the registry's front makes.
    pub(crate) marker: &'static str,
    pub(crate) public_marker: &'static str,
    /// Clocks of the hosts that stamp events differ by at most this.
    pub(crate) jitter: Millis,
    /// So many percent of the records of proxied calls show no `accessKeyId`.
    pub(crate) hidden_keys: u64,
    /// A manifest too large for the request field is too large for the response field too.
    pub(crate) omits_large_responses: bool,
    /// So many percent of Initiate responses are omitted, uploadId included.
    pub(crate) lost_responses: u64,
    /// The caller's account keeps a trail beside the owner's: cross-account calls are recorded twice.
    pub(crate) records_twins: bool,
    /// So many percent of the calls are recorded once more, as network activity of a VPC endpoint.
    pub(crate) network_activity: u64,
}

impl Default for Ways {
    fn default() -> Self {
        Ways {
            event_version: "1.11",
            marker: "ecr.amazonaws.com",
            public_marker: "ecr-public.amazonaws.com",
            jitter: 0,
            hidden_keys: 0,
            omits_large_responses: true,
            lost_responses: 0,
            records_twins: true,
            network_activity: 0,
        }
    }
}

impl Ways {
    /// The ways of some year from 2018 to 2025.
    pub(crate) fn of_some_year(random: &mut Random) -> Self {
        let (event_version, marker) = *random.pick(&[
            ("1.05", "prod.frontend.ecr.aws.internal"),
            ("1.05", "AWS Internal"),
            ("1.08", "AWS Internal"),
            ("1.08", "AWS Internal/#"),
            ("1.11", "ecr.amazonaws.com"),
            ("1.11", "ecr.amazonaws.com"),
        ]);
        Ways {
            event_version,
            marker,
            ..Ways::default()
        }
    }

    /// Records have the fields that came in after version 1.05.
    pub(crate) fn is_recent(&self) -> bool {
        self.event_version >= "1.08"
    }
}
