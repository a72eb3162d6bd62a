//! stub

use crate::ingest::Options;
use crate::source::SourceFile;

/// stub
#[must_use]
pub fn map_files(files: &[SourceFile], options: &Options) -> Vec<()> {
    let _ = (files, options);
    Vec::new()
}
