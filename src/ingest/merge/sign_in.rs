//! Adds the sign-in session to all records of its key.
//!
//! Comes in: a log with all its tables, and what is known of other logs. Goes out: the log, with each event pointing at
//! the fullest form of its login. Never: a sign-in for a key that the logs show under two sign-ins.
//!
//! CloudTrail does not write `signInSessionArn` into every record of a key (observed), so a login with
//! two forms would be taken for two logins.

use crate::event::{Credential, CredentialId, EventLog, IdMap};
use crate::facts::Facts;

/// Points events whose login lacks its sign-in session at the form of that login that has it.
pub(super) fn carry(log: &mut EventLog, told: &Facts<'_>) {
    let credentials = || log.tables.credentials.iter();
    let facts = Facts::of_sign_ins(credentials().map(|(_, credential)| credential));
    let facts = facts.told(told);
    if !facts.has_sign_ins() {
        return;
    }
    let fuller: Vec<(CredentialId, Credential)> = credentials()
        .filter(|(_, credential)| credential.sign_in_session.is_none())
        .filter_map(|(id, credential)| {
            let whole = Credential {
                sign_in_session: Some(facts.sign_in(credential)?.into()),
                ..credential.clone()
            };
            Some((id, whole))
        })
        .collect();
    let table = &mut log.tables.credentials;
    let fuller = fuller
        .into_iter()
        .map(|(id, whole)| (id, table.insert(whole)));
    let fuller: IdMap<CredentialId, CredentialId> = fuller.collect();
    for event in &mut log.events {
        if let Some(&whole) = fuller.get(&event.credential) {
            event.credential = whole;
        }
    }
}
