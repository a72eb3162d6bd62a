//! The integration tests, one binary.

mod cases; // What users see must stay what somebody read and found right.
mod house; // What the architecture promises must stay true.
mod laws; // What must hold of every log is tried on many.
mod simulator; // The judge must be sound before it judges.
mod support; // What the tests share is kept in one place.
