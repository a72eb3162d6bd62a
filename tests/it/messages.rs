//! What a person is told who typed something that leads nowhere: each message in full.
//!
//! In: arguments as somebody would type them. Out: the whole text of the message.

mod paths;
mod selection;
mod timeline;
mod tips;
