//! The words of reports: a type for each field with a fixed set of words, and their spelling in JSON.
//!
//! Renderers match these enums exhaustively. None compares text, which would miss a new state.

use std::borrow::Cow;
use std::fmt;

use serde::{Serialize, Serializer};

use crate::event::{BlobKind, ManifestKind, Service, Stage};
use crate::finding::Severity;
use crate::graph::{Evidence, Strength};
use crate::ingest::coverage::{HoleReason, SetAside};
use crate::ingest::verify::{Basis, Signatures, Standing};
use crate::pull::{HolderService, NamedBy, PullEnd};
use crate::report::filter::Selector;
use crate::session::behind::{By, End};
use crate::session::{IncompleteKind, Status};

/// A text, borrowed or owned.
pub type Text<'a> = Cow<'a, str>;

/// Makes an enum whose values have one spelling each.
macro_rules! words {
    ($(#[$about:meta])* $name:ident { $($(#[$what:meta])* $value:ident = $word:literal,)+ }) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($(#[$what])* $value,)+ }

        impl $name {
            /// All values, in order.
            pub const ALL: [Self; [$($word),+].len()] = [$(Self::$value),+];
        }

        spelled! { $name { $($value = $word,)+ } }
    };
}

/// Gives the values of an enum of another stage their spelling.
macro_rules! spelled {
    ($name:ident { $($value:ident = $word:literal,)+ }) => {
        named! { $name { $($value = $word,)+ } }
        written! { $name by name }
    };
}

/// Names the values of an enum.
macro_rules! named {
    ($name:ident { $($value:ident = $word:literal,)+ }) => {
        impl $name {
            /// The word in reports.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$value => $word,)+ }
            }
        }
    };
}

/// Serialises the values of an enum by the spelling they already have.
macro_rules! written {
    ($name:ident by $spelling:ident) => {
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.$spelling())
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.$spelling())
            }
        }
    };
}

words! {
    /// The status of a push; those that need attention come first.
    PushStatus {
        /// The client stopped before the end.
        Incomplete = "incomplete",
        /// A call was refused and no later call made up for it.
        Failed = "failed",
        /// The log does not reach far enough to tell.
        Undetermined = "undetermined",
        /// The manifest was accepted.
        Complete = "complete",
        /// Everything was in place already.
        Unchanged = "unchanged",
    }
}

words! {
    /// The group that reports show a push in, by status; those that need attention come first. Pushes that
    /// sent nothing are `incomplete`, but no fault, and have a group of their own.
    PushGroup {
        /// [`PushStatus::Incomplete`], and something was sent.
        Incomplete = "incomplete",
        /// [`PushStatus::Failed`].
        Failed = "failed",
        /// [`PushStatus::Undetermined`].
        Undetermined = "undetermined",
        /// [`PushStatus::Complete`].
        Complete = "complete",
        /// [`PushStatus::Unchanged`].
        Unchanged = "unchanged",
        /// [`PushStatus::Incomplete`], and nothing was sent.
        NothingSent = "nothing-sent",
    }
}

impl PushGroup {
    /// The group of a verdict.
    pub(crate) fn of(verdict: &Status) -> Self {
        match verdict {
            Status::Complete => Self::Complete,
            Status::Failed { .. } => Self::Failed,
            Status::Incomplete {
                kind: IncompleteKind::NothingSent,
                ..
            } => Self::NothingSent,
            Status::Incomplete { .. } => Self::Incomplete,
            Status::Unchanged => Self::Unchanged,
            Status::Undetermined { .. } => Self::Undetermined,
        }
    }

    /// The status of its pushes.
    #[must_use]
    pub const fn status(self) -> PushStatus {
        match self {
            Self::Incomplete | Self::NothingSent => PushStatus::Incomplete,
            Self::Failed => PushStatus::Failed,
            Self::Undetermined => PushStatus::Undetermined,
            Self::Complete => PushStatus::Complete,
            Self::Unchanged => PushStatus::Unchanged,
        }
    }

    /// How bad it is.
    pub(crate) const fn weight(self) -> Weight {
        match self {
            Self::Incomplete | Self::Failed => Weight::Bad,
            Self::Undetermined => Weight::Unknown,
            Self::Complete => Weight::Good,
            Self::Unchanged | Self::NothingSent => Weight::Plain,
        }
    }

    /// What the group means, in a few words.
    pub(crate) const fn gloss(self) -> &'static str {
        match self {
            Self::Incomplete => "the client went away before the end",
            Self::Failed => "a call was refused and not made good",
            Self::Undetermined => "the log does not reach far enough to tell",
            Self::Complete => "the manifest was accepted",
            Self::Unchanged => "everything was in place already",
            Self::NothingSent => "an upload was asked for, and no more: no fault",
        }
    }
}

words! {
    /// Whether a push wants somebody's attention; what wants it most comes first.
    Attention {
        /// It did not get what it wanted: it failed or stopped, or a tag was refused, and no later run of the
        /// same principal did its work.
        Unresolved = "unresolved",
        /// The log does not reach far enough to tell.
        Undetermined = "undetermined",
        /// It failed or stopped, and a later run did its work.
        MadeGood = "made-good",
        /// Nothing of these.
        None = "none",
    }
}

impl Attention {
    /// The words for pushes of it, after their number or as a title.
    pub(crate) const fn said(self) -> &'static str {
        match self {
            Self::Unresolved => "unresolved",
            Self::Undetermined => "undetermined",
            Self::MadeGood => "made good later",
            Self::None => "the rest",
        }
    }
}

/// How bad the content of a text is; renderers choose colours and glyphs by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Weight {
    /// A plain fact.
    Plain,
    /// Something that went well.
    Good,
    /// A refusal of something that was there already.
    Harmless,
    /// Something that cannot be known.
    Unknown,
    /// Something that was refused or is missing.
    Bad,
}

words! {
    /// Why a push has its status (`docs/report.md`).
    ReasonKind {
        /// A check was refused.
        CheckFailed = "check-failed",
        /// The start of an upload was refused.
        InitiateFailed = "initiate-failed",
        /// A part was refused.
        PartFailed = "part-failed",
        /// The end of an upload was refused.
        CompleteFailed = "complete-failed",
        /// A manifest was refused.
        PutImageFailed = "put-image-failed",
        /// No manifest followed what was uploaded.
        NoPutImage = "no-put-image",
        /// An upload has no end.
        UploadAbandoned = "upload-abandoned",
        /// Images were put by digest, and no index followed.
        IndexMissing = "index-missing",
        /// An upload was requested, and nothing more came.
        NothingSent = "nothing-sent",
        /// The log begins shortly before.
        LogBegins = "log-begins",
        /// The log ends shortly after.
        LogEnds = "log-ends",
        /// The log has a hole near it.
        LogHole = "log-hole",
        /// CloudTrail left a field out.
        FieldOmitted = "field-omitted",
    }
}

impl ReasonKind {
    /// The reason in a few words, for a line of a list.
    pub(crate) const fn gloss(self) -> &'static str {
        match self {
            Self::CheckFailed => "a check was refused",
            Self::InitiateFailed => "the start of an upload was refused",
            Self::PartFailed => "a part was refused",
            Self::CompleteFailed => "the end of an upload was refused",
            Self::PutImageFailed => "the manifest was refused",
            Self::NoPutImage => "all uploads complete, no PutImage",
            Self::UploadAbandoned => "an upload was never completed",
            Self::IndexMissing => "images put, no index",
            Self::NothingSent => "an upload was asked for, nothing sent",
            Self::LogBegins => "the log begins too late",
            Self::LogEnds => "the log ends too early",
            Self::LogHole => "the log has a hole",
            Self::FieldOmitted => "CloudTrail left a field out",
        }
    }
}

words! {
    /// How a call ended.
    Outcome {
        /// It was accepted.
        Succeeded = "succeeded",
        /// It was refused, or what it was to make was there already.
        Failed = "failed",
    }
}

words! {
    /// What happened to a layer or config.
    LayerState {
        /// Sent whole, and stored.
        Uploaded = "uploaded",
        /// Listed, but not sent by this push.
        Reused = "reused",
        /// Sent whole, but it was there already.
        AlreadyExists = "already_exists",
        /// Started, but not completed.
        Unfinished = "unfinished",
        /// Refused.
        Refused = "refused",
    }
}

words! {
    /// What happened to a manifest.
    ManifestState {
        /// Put, and accepted.
        Put = "put",
        /// Listed by the index, but not put by this push.
        Reused = "reused",
        /// Refused.
        Refused = "refused",
        /// Accepted; CloudTrail left its content out.
        Omitted = "omitted",
    }
}

words! {
    /// What shows that a blob was there before.
    ShownBy {
        /// Another push of the log uploaded it.
        Upload = "upload",
        /// The client asked for it and sent nothing.
        Check = "check",
    }
}

words! {
    /// What shows the client of a push.
    ClientFrom {
        /// Its own calls.
        Call = "call",
        /// Its login.
        Authorization = "authorization",
    }
}

words! {
    /// What shows the address of a push.
    AddressBy {
        /// Its own calls.
        Call = "call",
        /// Its login, which is proven to be its own.
        Proof = "proof",
        /// Its login, which is the likeliest one.
        Inference = "inference",
        /// Its login, which only caller and time link to it.
        Hint = "hint",
    }
}

words! {
    /// How a push is related to another.
    RelatedAs {
        /// It did the other's work again.
        RetryOf = "retry_of",
        /// The other did its work again.
        SupersededBy = "superseded_by",
    }
}

words! {
    /// What starts a chain of roles.
    OriginKind {
        /// A subject that an OpenID Connect provider vouches for.
        WebIdentity = "web-identity",
        /// A subject that a SAML provider vouches for.
        Saml = "saml",
        /// The root user.
        Root = "root",
        /// An IAM user.
        User = "user",
        /// A role, if the chain ends early.
        Role = "role",
        /// A federated user.
        Federated = "federated",
        /// An account.
        Account = "account",
        /// A service of AWS.
        Service = "service",
        /// The log does not say.
        Unknown = "unknown",
    }
}

words! {
    /// What a history is of.
    HistoryTarget {
        /// A tag, whatever image it points to.
        Tag = "tag",
        /// An image, whatever tags it has.
        Image = "image",
        /// A repository.
        Repository = "repository",
    }
}

words! {
    /// What happened to a tag, an image or a repository.
    HistoryKind {
        /// It was put.
        Put = "put",
        /// The tag was moved to another image.
        Moved = "moved",
        /// It was put again.
        Again = "again",
        /// An image that was there got another tag.
        Retagged = "retagged",
        /// A signature or another artifact of it was put.
        Signed = "signed",
        /// A push that put no image.
        Push = "push",
        /// It was refused.
        Refused = "refused",
        /// It was deleted.
        Deleted = "deleted",
        /// A lifecycle policy deleted it.
        Expired = "expired",
        /// It was archived.
        Archived = "archived",
        /// It was brought back from the archive.
        Restored = "restored",
        /// Something was done to its repository.
        Repository = "repository",
        /// Who may do what was changed, by the policy of the repository or the registry.
        Policy = "policy",
        /// Scanning was set, or a scan started.
        Scanning = "scanning",
        /// Managed signing was set.
        Signing = "signing",
        /// Replication was set, or an image came by it or through a cache.
        Replication = "replication",
        /// Another setting of the registry was changed.
        Registry = "registry",
    }
}

words! {
    /// What a comparison says of something, by both of its sides.
    Change {
        /// The base does not have it.
        New = "new",
        /// The base has the program, but not this version of it.
        NewVersion = "new-version",
        /// The base may have it: it has no log of the account and region.
        Unknown = "unknown",
        /// Both sides have it.
        Continuing = "continuing",
        /// It is missing although it was due.
        Gone = "gone",
        /// It is missing, but was not due.
        NotDue = "not-due",
        /// Nobody tried again what failed.
        NotTried = "not-tried",
        /// It is missing where this side has no log beyond that of the base.
        NotCovered = "not-covered",
    }
}

words! {
    /// Where a side of a comparison is from.
    SideFrom {
        /// The logs that were read.
        Logs = "logs",
        /// An earlier report.
        Report = "report",
    }
}

words! {
    /// What a comparison measures of pushes.
    Measure {
        /// The seconds from the first call to the last.
        Duration = "duration",
        /// The bytes of the image.
        Size = "size",
    }
}

words! {
    /// What a push shows that its base may have seen before.
    Trait {
        /// Who pushed.
        Pusher = "pusher",
        /// The repository.
        Repository = "repository",
        /// The address.
        Address = "address",
        /// The program.
        Client = "client",
        /// The version of the program.
        Version = "version",
        /// How it failed.
        Failure = "failure",
    }
}

words! {
    /// What has to be borne in mind of a comparison.
    Notice {
        /// The base has no push.
        BaseEmpty = "base-empty",
        /// This side has no push.
        NowEmpty = "now-empty",
        /// The base covers much more time than this side.
        BaseLonger = "base-longer",
        /// The base covers much less time than this side.
        BaseShorter = "base-shorter",
        /// The base has no log of an account and region that this side has.
        BaseLacks = "base-lacks",
        /// This side has no log of an account and region that the base has.
        NowLacks = "now-lacks",
        /// The log of the base has holes.
        BaseHoles = "base-holes",
        /// The log of this side has holes.
        NowHoles = "now-holes",
        /// The sides were selected in different ways.
        Selection = "selection",
        /// The sides were put together with different windows.
        Window = "window",
        /// Some pushes are on both sides.
        Shared = "shared",
    }
}

words! {
    /// How a chain of digest files begins.
    ChainBegin {
        /// The first one read says that it starts the chain.
        First = "first",
        /// Another was before it.
        Continues = "continues",
    }
}

words! {
    /// What took an image away, or the last tag that stood on it.
    LossKind {
        /// Somebody deleted it.
        Deleted = "deleted",
        /// The lifecycle policy did.
        Expired = "expired",
        /// Its repository was deleted.
        RepositoryDeleted = "repository-deleted",
        /// It was moved into the archive.
        Archived = "archived",
        /// Another image was put under its tag.
        Replaced = "replaced",
    }
}

spelled! { NamedBy { Digest = "digest", Tag = "tag", Layers = "layers", } }
spelled! {
    PullEnd {
        Layers = "layers",
        Manifest = "manifest",
        Refused = "refused",
        NotThere = "not-there",
    }
}
spelled! { Basis { Verified = "verified", Unverified = "unverified", Contradicted = "contradicted", } }
spelled! { Signatures { NotAsked = "not-asked", Checked = "checked", } }
spelled! { HoleReason { DigestListsAbsentFile = "digest-lists-absent-file", Quiet = "quiet", } }
spelled! { End { Origin = "origin", NotInLog = "not-in-log", Loop = "loop", } }
spelled! { By { Key = "access-key", Created = "creation-date", Session = "session-name", } }
spelled! {
    Standing {
        Signed = "signed",
        Vouched = "vouched",
        Unchecked = "unchecked",
        UnknownKey = "unknown_key",
        Altered = "altered",
        BadSignature = "bad_signature",
    }
}
// An extract spells these in its own way.
named! {
    SetAside {
        NotCloudTrail = "not CloudTrail",
        Hidden = "hidden",
        Insight = "Insights or Lake",
        Digest = "digest",
    }
}

written! { BlobKind by name }
written! { HolderService by name }
written! { Evidence by name }
written! { ManifestKind by name }
written! { Service by name }
written! { Severity by name }
written! { Stage by call }
written! { Strength by name }
written! { Selector by option }

words! {
    /// What may help where a value selects nothing.
    HintKind {
        /// Values that the pushes of the log have and that look like it.
        Near = "near",
        /// Values that differ from it by letter case alone.
        LetterCase = "letter-case",
        /// Values that it would match with `*` before or after it.
        Star = "star",
        /// Other regions and accounts that it is in.
        Elsewhere = "elsewhere",
    }
}
