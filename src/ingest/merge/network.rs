//! Network activity events: a VPC endpoint's records of the calls that pass through it.
//!
//! Comes in: the push events of all shards. Goes out: which of them are dropped because the service recorded
//! the same call. Never: a dropped refusal that nobody else recorded.
//!
//! CloudTrail user guide, "Logging network activity events": the endpoint's record has the `requestID` of the
//! call, an `eventID` of its own and, in the guide's examples, no parameters. A call that the endpoint's
//! policy denies never reaches the service, so this is its only record.

use crate::event::{Category, Event, IdMap, Service, Stage};
use crate::ingest::merge::{MAX_APART, MAX_CALLS, ShardEvents};

/// How many network activity events were dropped.
#[derive(Default)]
pub(super) struct Network {
    /// Dropped because the service recorded the call, too.
    pub(super) n_repeated: u64,
    /// Dropped because the service did not, and the event names no repository and no refusal, so it shows
    /// nothing.
    pub(super) n_blank: u64,
}

/// The fields that the two records of a call share.
type CallKey = (String, Service, Stage);

impl ShardEvents<'_> {
    /// Marks network activity events that are not needed.
    ///
    /// Only calls that an endpoint recorded go into the table: most logs have none, and the others few.
    pub(super) fn drop_network_activity(&self, dropped: &mut [bool]) -> Network {
        let is_network = |event: &Event| event.category == Category::NetworkActivity;
        let mut network = Network::default();
        if !self.events.iter().any(is_network) {
            return network;
        }
        let left = || {
            let events = self.events.iter().enumerate();
            events.filter(|&(rank, _)| !dropped[rank])
        };
        let mut recorded: IdMap<CallKey, Vec<usize>> = IdMap::default();
        for (_, event) in left().filter(|(_, event)| is_network(event)) {
            recorded.extend(self.call(event).map(|call| (call, Vec::new())));
        }
        for (rank, event) in left().filter(|(_, event)| !is_network(event)) {
            let ranks = self.call(event).and_then(|call| recorded.get_mut(&call));
            if let Some(ranks) = ranks.filter(|ranks| ranks.len() < MAX_CALLS) {
                ranks.push(rank);
            }
        }
        let mut unneeded = Vec::new();
        for (rank, event) in left().filter(|(_, event)| is_network(event)) {
            let twins = self.call(event).and_then(|call| recorded.get(&call));
            let is_repeated = twins.into_iter().flatten().any(|&twin| {
                let twin = &self.events[twin];
                (event.time - twin.time).abs() <= MAX_APART
                    && self.may_be_one_call(event, twin)
                    && self.may_replace(twin, event)
            });
            let is_blank = event.succeeded()
                && event.repository.is_none()
                && event.action.stage() != Stage::Authorization;
            match (is_repeated, is_blank) {
                (true, _) => network.n_repeated += 1,
                (false, true) => network.n_blank += 1,
                (false, false) => continue,
            }
            unneeded.push(rank);
        }
        for rank in unneeded {
            dropped[rank] = true;
        }
        network
    }

    fn call(&self, event: &Event) -> Option<CallKey> {
        let request = event.request_id?.text(self.texts(event)).into_owned();
        Some((request, event.service, event.action.stage()))
    }
}
