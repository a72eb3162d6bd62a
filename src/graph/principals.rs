//! Principals: which identities are forms of the same principal.
//!
//! Comes in: the identities of the log. Goes out: a number for the principal of each. Never: a comparison
//! of whole `userIdentity` objects, since one principal appears in several forms.

use crate::event::intern::id_type;
use crate::event::{EventLog, Id, IdMap, IdentityId};

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
    /// Finds which identities are forms of one principal: those with the same ARN, and those without an
    /// ARN whose principal id occurs with exactly one ARN.
    ///
    /// The principal id alone is not enough: it may be masked, and then many share it.
    #[must_use]
    pub fn new(log: &EventLog) -> Self {
        let identities = &log.tables.identities;
        let mut numbers: IdMap<&str, PrincipalId> = IdMap::default();
        numbers.reserve(identities.len());
        let mut arns_of_id: IdMap<&str, Option<&str>> = IdMap::default();
        for (_, identity) in identities.iter() {
            if let (Some(id), Some(arn)) = (&identity.principal_id, &identity.arn) {
                let entry = arns_of_id.entry(id).or_insert(Some(arn));
                if *entry != Some(arn) {
                    *entry = None;
                }
            }
        }
        let ids = identities.iter().map(|(_, identity)| {
            let by_id = || {
                arns_of_id
                    .get(identity.principal_id.as_deref()?)
                    .copied()
                    .flatten()
            };
            let name = (identity.arn.as_deref().or_else(by_id))
                .or(identity.principal_id.as_deref())
                .or(identity.account.as_deref())
                .unwrap_or_default();
            let next = PrincipalId::from_index(numbers.len());
            *numbers.entry(name).or_insert(next)
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
