//! What several tests share.

pub(crate) mod company;
pub(crate) mod logs;
pub(crate) mod measure;
pub(crate) mod run;
pub(crate) mod script;
pub(crate) mod simulate;
