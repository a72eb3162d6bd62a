//! The integration tests, one binary.

mod oracle; // What is fast must read what is slow.
mod simulator; // The judge must be sound before it judges.
mod support;
