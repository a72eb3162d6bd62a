//! Files that failed the check against digest files, in words.
//!
//! Comes in: what is wrong. Goes out: a sentence on it, and what can be done. Never: a name too long
//! to be shown; longer ones are cut.

use crate::problem::Follows;
use crate::problem::Integrity;

/// What is wrong.
pub(super) fn message(defect: &Integrity) -> String {
    match defect {
        Integrity::AlteredLog { digest_file } => {
            format!("the content is not what the digest file `{digest_file}` lists")
        }
        Integrity::TrailingData => {
            "something follows the content that a digest file lists".to_owned()
        }
        Integrity::AbsentLog { name } => {
            format!("this digest file lists the log file `{name}`, which is not here")
        }
        Integrity::UnlistedLog => {
            "no digest file lists the log file, though there are some for its time".to_owned()
        }
        Integrity::AlteredDigest { next } => {
            format!("the content is not what the digest file after it, `{next}`, says")
        }
        Integrity::BadSignature => "the signature does not fit this digest file".to_owned(),
        Integrity::UnknownKey { fingerprint } => {
            format!("the key `{fingerprint}` that signed this digest file is not among those given")
        }
        Integrity::BrokenChain { follows, before } => match follows {
            Follows::Nothing => {
                format!("the digest file begins a chain, though `{before}` is before it")
            }
            Follows::Absent { name } => {
                format!("the digest file follows `{name}`, which is not here, and not `{before}`")
            }
            Follows::Another { name } => {
                format!("the digest file follows `{name}`, and `{before}` lies between")
            }
        },
    }
}

/// What can be done.
pub(super) fn help(defect: &Integrity) -> &'static str {
    match defect {
        Integrity::AlteredLog { .. } => {
            "fetch the file from the bucket again; if it still differs, it was altered after \
             delivery: look who wrote to the bucket, and at older versions of the object. Its \
             records were used"
        }
        Integrity::TrailingData => {
            "what a digest file lists is whole and was used, the rest was not; keep the file as it \
             is and look who wrote to it"
        }
        Integrity::AbsentLog { .. } => {
            "fetch it from the bucket; if it is not there, it was deleted: look at older versions \
             of the object and who deleted it"
        }
        Integrity::UnlistedLog => {
            "look whether a trail without log file validation delivers to the same place; if none \
             does, the file is not of CloudTrail's making. Its records were used"
        }
        Integrity::AlteredDigest { .. } => {
            "fetch both from the bucket again; if they still disagree, one of them was altered. \
             Nothing that this one lists was taken as proof"
        }
        Integrity::BadSignature => {
            "fetch the digest file, the one after it and the keys again; if it still does not fit, \
             the file was altered. Nothing that it lists was taken as proof"
        }
        Integrity::UnknownKey { .. } => {
            "add what `aws cloudtrail list-public-keys` prints for the region and time of the digest \
             file to the file of `--public-keys`"
        }
        Integrity::BrokenChain { follows, .. } => match follows {
            Follows::Nothing => {
                "look whether log file validation was off for a while; log files of that time are \
                 vouched for by nothing"
            }
            Follows::Absent { .. } => {
                "fetch it from the bucket; if it is not there, it was deleted, and so may be log \
                 files that only it lists"
            }
            Follows::Another { .. } => {
                "look where the one between came from: CloudTrail makes one chain a trail and region"
            }
        },
    }
}
