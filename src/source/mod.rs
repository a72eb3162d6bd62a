//! PATHS -> BYTES.
//!
//! Comes in: what the user named. Goes out: the sorted list of files, and the decoded bytes of
//! each, as far as they could be decoded. Never: a look at the meaning of the bytes, except to
//! distinguish logs from other files.

pub mod archive;
pub mod decode;
mod decode_error;
pub mod digest_file;
pub mod discover;
mod file;
mod gzip;
mod handed;
mod inflate;
pub mod inquiry;
pub mod layout;
mod listing;
mod percent;
mod prune;
pub mod reach;
pub mod seal;
pub mod store;
mod stream;
mod zstd;

pub use decode::{Decoded, Decoder};
pub use digest_file::{DigestFile, file_name};
pub use discover::{discover, is_same};
pub use file::{ContentStamp, Found, Input, Origin, SourceFile};
pub use handed::Handed;
pub use inquiry::Inquiry;
pub use layout::{FileKind, LogName};
pub use percent::unescaped;
pub use prune::Purpose;
pub use reach::{Reach, Side};
pub use seal::{ContentHash, PublicKeys};
pub use store::{Bucket, ObjectStore, Prefix, Scope, StoredObject, Waits};
