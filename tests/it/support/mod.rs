//! What several tests share.

pub(crate) mod measure;
pub(crate) mod simulate;
