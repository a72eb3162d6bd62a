//! The integration tests, one binary.

mod cases; // What users see must stay what somebody read and found right.
mod simulator; // The judge must be sound before it judges.
mod support; // What the tests share is kept in one place.
