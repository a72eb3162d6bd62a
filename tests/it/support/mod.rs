//! What several tests share.

pub(crate) mod bucket;
pub(crate) mod company;
pub(crate) mod deliveries;
pub(crate) mod folder;
pub(crate) mod forger;
pub(crate) mod logs;
pub(crate) mod measure;
#[path = "../../../src/numbers.rs"]
pub(crate) mod numbers;
pub(crate) mod places;
pub(crate) mod run;
#[cfg(feature = "aws")]
pub(crate) mod s3_server;
pub(crate) mod script;
pub(crate) mod simulate;
pub(crate) mod torture;
pub(crate) mod twin;
