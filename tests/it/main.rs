//! The integration tests, one binary.

mod simulator; // The judge must be sound before it judges.
mod support;
