//! stub

/// stub
#[derive(Debug)]
pub struct Parts;
/// stub
#[derive(Debug)]
pub struct Report;
