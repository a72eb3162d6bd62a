//! The integration tests, one binary.

mod cli; // Arguments, streams and exit status are promises.
mod fixture;
mod oracle; // What is fast must read what is slow.
mod renderers; // Every format, on the same pushes.
mod simulator; // The judge must be sound before it judges.
mod support;
