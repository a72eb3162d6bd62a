//! Principals: which identities are forms of the same principal.
//!
//! Comes in: the identities of the log. Goes out: a number for the principal of each. Never: a comparison
//! of whole `userIdentity` objects, since one principal appears in several forms.

use crate::event::intern::id_type;
use crate::event::{EventLog, Id, IdMap, IdentityId};
use crate::facts::Facts;

id_type! {
    /// A principal: account, and ARN or principal id.
    pub PrincipalId
}

/// The principal of every identity in the log.
#[derive(Clone, Debug, Default)]
pub struct Principals {
    of_identity: Vec<PrincipalId>,
    n_principals: usize,
}

impl Principals {
    /// Finds which identities are forms of one principal: those that the facts give one name.
    #[must_use]
    pub fn new(log: &EventLog, facts: &Facts<'_>) -> Self {
        let identities = &log.tables.identities;
        let mut numbers: IdMap<&str, PrincipalId> = IdMap::default();
        numbers.reserve(identities.len());
        let ids = identities.iter().map(|(_, identity)| {
            let next = PrincipalId::from_index(numbers.len());
            *numbers.entry(facts.name(identity)).or_insert(next)
        });
        Self {
            of_identity: ids.collect(),
            n_principals: numbers.len(),
        }
    }

    /// The principal of an identity.
    #[must_use]
    pub fn of(&self, identity: IdentityId) -> PrincipalId {
        self.of_identity[identity.index()]
    }

    /// The number of principals.
    #[must_use]
    pub fn count(&self) -> usize {
        self.n_principals
    }
}
