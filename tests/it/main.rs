//! The integration tests, one binary.

mod accuracy; // What is recovered must stay what was played.
mod cases; // What users see must stay what somebody read and found right.
mod cli; // Arguments, streams and exit status are promises.
mod documents; // What the documents say must be what the program does.
mod fixture; // Every format is tried on the same pushes.
mod house; // What the architecture promises must stay true.
mod laws; // What must hold of every log is tried on many.
mod oracle; // What is fast must read what is slow.
mod renderers; // Every format, on the same pushes.
mod simulator; // The judge must be sound before it judges.
mod support; // What the tests share is kept in one place.
mod verify; // What was altered must be told, and nothing else.
