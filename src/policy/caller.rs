//! The names of a caller that a policy can allow.
//!
//! Comes in: an identity. Goes out: its ARN, its unique id, and the kind and name of its principal. Never: the name of a
//! role session by itself, which whoever assumes the role chooses.

use crate::event::{Identity, Principal};

/// The names that mean this caller wherever it is from: `arn:…`, the unique id, `service/NAME`, `account/NUMBER`.
#[must_use]
pub fn caller_names(identity: &Identity) -> Vec<String> {
    let own = [&identity.arn, &identity.principal_id];
    let mut names: Vec<String> = own.into_iter().flatten().map(ToString::to_string).collect();
    match &identity.principal {
        Principal::AwsAccount { account } => names.push(format!("account/{account}")),
        Principal::AwsService { name } => names.push(format!("service/{name}")),
        Principal::Root
        | Principal::IamUser { .. }
        | Principal::AssumedRole { .. }
        | Principal::FederatedUser { .. }
        | Principal::Unknown => {}
    }
    names
}

/// The names that mean this caller among those of one account: `role/NAME`, `user/NAME`, `federated/NAME`, `root`.
/// Anybody can give these names in an account of his own.
#[must_use]
pub fn name_in_account(identity: &Identity) -> Option<String> {
    match &identity.principal {
        Principal::Root => Some("root".to_owned()),
        Principal::IamUser { name } => Some(format!("user/{name}")),
        Principal::AssumedRole { role, .. } => Some(format!("role/{role}")),
        Principal::FederatedUser { name } => Some(format!("federated/{name}")),
        Principal::AwsAccount { .. } | Principal::AwsService { .. } | Principal::Unknown => None,
    }
}
