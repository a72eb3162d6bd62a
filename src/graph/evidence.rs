//! The table of evidence: every kind with its name, strength, relation and meaning.
//!
//! Reports show the row of a kind, and `docs/evidence.md` is made from it. No other place describes
//! a kind.

use crate::event::{DigestId, UploadId};

/// What an edge says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Relation {
    /// The source came before the target; only these order events.
    Causes,
    /// Source and target belong to one run.
    Belongs,
}

/// How strong an edge is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Strength {
    /// Consistent with one run, but also with other readings.
    Hint,
    /// The likeliest reading, by what clients were observed to do.
    Inference,
    /// Exact: shown by an identifier or a content digest.
    Proof,
}

impl Strength {
    /// The name that reports use.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Hint => "hint",
            Self::Inference => "inference",
            Self::Proof => "proof",
        }
    }
}

/// A kind of evidence with its witness. The rules of the graph find the first five. The others need
/// more than two events, and are found where sessions are put together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Evidence {
    /// Both name one `uploadId`.
    Upload(UploadId),
    /// Parts of one upload, ordered by their bytes.
    ByteOrder(UploadId),
    /// An uploaded blob that a manifest lists.
    Layer(DigestId),
    /// A manifest that an index lists.
    Child(DigestId),
    /// A manifest that another is about.
    Subject(DigestId),
    /// One manifest put more than once in a run: another tag, or a retry.
    SameManifest(DigestId),
    /// A refused manifest and the form of it that the client fell back to.
    Fallback,
    /// A check of a blob that the run uploads or lists.
    Availability(DigestId),
    /// A call tried again after it was refused.
    Retry,
    /// One login, without an idle pause between the calls.
    Credential,
    /// One principal and repository within the inactivity window.
    Window,
    /// The login that a push used.
    Authorization,
}

/// The row of a kind of evidence.
#[derive(Clone, Copy, Debug)]
pub struct About {
    /// The name that reports use.
    pub name: &'static str,
    /// How strong it is.
    pub strength: Strength,
    /// Whether it orders events or only joins them.
    pub relation: Relation,
    /// What it means and where that comes from, in Markdown.
    pub says: &'static str,
}

impl About {
    /// The first sentence of what it means.
    #[must_use]
    pub fn sentence(&self) -> &'static str {
        match self.says.find(". ") {
            Some(end) => &self.says[..=end],
            None => self.says,
        }
    }
}

impl Evidence {
    /// The name that reports use.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.about().name
    }

    /// The row of the kind.
    #[must_use]
    pub const fn about(self) -> About {
        use Relation::{Belongs, Causes};
        use Strength::{Hint, Inference, Proof};
        let (name, strength, relation, says) = match self {
            Self::Upload(_) => (
                "upload",
                Proof,
                Causes,
                "Both calls name one `uploadId` of one repository: it was begun, then ended. ECR makes \
                 the id when `InitiateLayerUpload` is granted (ECR API reference), so nothing that \
                 names it came before. An upload ends in one digest; of several that were accepted \
                 each had to come before the others, which is reported as a contradiction (inferred: \
                 an id that has ended answers with `UploadNotFoundException`).",
            ),
            Self::ByteOrder(_) => (
                "byte-order",
                Proof,
                Causes,
                "Parts of one upload arrive in the order of their bytes: ECR refuses one that does not \
                 continue the last (ECR API reference, `InvalidLayerPartException`). The begin stands \
                 before the first part, the end after the last.",
            ),
            Self::Layer(_) => (
                "layer",
                Proof,
                Causes,
                "The upload ended in the digest that the manifest lists as config or layer. A registry \
                 accepts a manifest only when its blobs exist (OCI distribution specification, \
                 \"Pushing manifests\"), so the upload came first. The digest is the witness.",
            ),
            Self::Child(_) => (
                "child-manifest",
                Proof,
                Causes,
                "The manifest put is listed by the index. A registry accepts an index only when its \
                 manifests exist (ECR API reference, `ReferencedImagesNotFoundException`), so the \
                 child came first. The digest is the witness.",
            ),
            Self::Subject(_) => (
                "subject",
                Proof,
                Causes,
                "The manifest names the other as its `subject`, as signatures, SBOMs and attestations \
                 do (OCI image specification, `manifest.md`). Clients put the subject first.",
            ),
            Self::SameManifest(_) => (
                "same-manifest",
                Proof,
                Belongs,
                "One manifest was put more than once in a run: under another tag, or again after a \
                 refusal or a lost answer.",
            ),
            Self::Fallback => (
                "fallback",
                Inference,
                Belongs,
                "A manifest was refused, and the client at once put another form of it under the same \
                 tag.",
            ),
            Self::Availability(_) => (
                "availability",
                Inference,
                Belongs,
                "The check names the digest that the run uploads or its manifest lists. Clients check \
                 before an upload, after it, twice, or never (observed), so a check joins and does \
                 not order.",
            ),
            Self::Retry => (
                "retry",
                Inference,
                Belongs,
                "A call was made again after it was refused. A refused InitiateLayerUpload names no \
                 upload, so only time and login join it to the next.",
            ),
            Self::Credential => (
                "credential",
                Inference,
                Belongs,
                "The calls show one login: one access key and one `creationDate` as far as the log \
                 shows them, and no idle pause between.",
            ),
            Self::Window => (
                "window",
                Hint,
                Belongs,
                "One principal and one repository inside the inactivity window. Used only for what \
                 nothing better joins.",
            ),
            Self::Authorization => (
                "authorization",
                Inference,
                Belongs,
                "The login that the push used: that of the second that its key was made, else the \
                 latest of the principal within twelve hours before the push (ECR API reference, \
                 `GetAuthorizationToken`). It never joins two pushes.",
            ),
        };
        About {
            name,
            strength,
            relation,
            says,
        }
    }

    /// The digest of the blob that is the witness, for evidence of content.
    #[must_use]
    pub fn witness(self) -> Option<DigestId> {
        match self {
            Self::Layer(digest) | Self::Child(digest) | Self::Subject(digest) => Some(digest),
            Self::SameManifest(digest) | Self::Availability(digest) => Some(digest),
            Self::Upload(_) | Self::ByteOrder(_) | Self::Fallback | Self::Retry => None,
            Self::Credential | Self::Window | Self::Authorization => None,
        }
    }

    /// Whether both ends name one content, and not only one login or one time.
    #[must_use]
    pub fn shares_content(self) -> bool {
        matches!(self, Self::Upload(_) | Self::ByteOrder(_)) || self.witness().is_some()
    }

    /// Whether one manifest was put again, which another run could also have done.
    #[must_use]
    pub fn repeats(self) -> bool {
        matches!(self, Self::SameManifest(_))
    }
}
