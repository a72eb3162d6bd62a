//! Adds the sign-in session to all records of its key.
//!
//! Comes in: a log with all its tables. Goes out: the log, with each event pointing at the fullest form
//! of its login. Never: a sign-in for a key that the log shows under two sign-ins.
//!
//! CloudTrail does not write `signInSessionArn` into every record of a key (observed), so a login with
//! two forms would be taken for two logins.

use std::collections::BTreeMap;

use crate::event::{CredentialId, EventLog};

/// Points events whose login lacks its sign-in session at the form of that login that has it.
pub(super) fn carry(log: &mut EventLog) {
    let credentials = &log.tables.credentials;
    let mut of_key: BTreeMap<_, Option<CredentialId>> = BTreeMap::new();
    for (id, credential) in credentials.iter() {
        if let (Some(key), Some(_)) = (&credential.access_key_id, &credential.sign_in_session) {
            let of_key = of_key.entry((key, credential.created));
            of_key.and_modify(|known| *known = None).or_insert(Some(id));
        }
    }
    if of_key.is_empty() {
        return;
    }
    for event in &mut log.events {
        let credential = credentials.get(event.credential);
        if let (Some(key), None) = (&credential.access_key_id, &credential.sign_in_session)
            && let Some(Some(fuller)) = of_key.get(&(key, credential.created))
        {
            event.credential = *fuller;
        }
    }
}
