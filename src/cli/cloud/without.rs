//! A program without network code.
//!
//! Comes in: what the arguments name in AWS. Goes out: how to get a program that reads it. Never: a request.

use std::sync::Arc;

use crate::cli::cloud::{CloudInputs, CloudNames};
use crate::cli::plan::Plan;
use crate::problem::StoreError;
use crate::source::Inquiry;

/// Says how to get the other program.
///
/// # Errors
/// Always; it is only asked if something is named.
pub(in crate::cli) fn reach(
    wanted: &CloudNames<'_>,
    _plan: &Plan,
    _inquiry: &Arc<Inquiry>,
) -> Result<CloudInputs, String> {
    let (what, tip) = match wanted.buckets.is_empty() {
        true => (
            "event histories",
            "or save one with `aws cloudtrail lookup-events` and read the file",
        ),
        false => (
            "buckets of S3",
            "or copy the logs with `aws s3 sync` and read the folder",
        ),
    };
    Err(format!(
        "this program was built without network code, so it reads no {what}\n\n  help: build it with \
         `cargo install --path . --features aws` (docs/install.md), {tip}"
    ))
}

/// Nothing that is read without a network has help of its own.
pub(in crate::cli) fn help(_error: &StoreError) -> Option<String> {
    None
}
