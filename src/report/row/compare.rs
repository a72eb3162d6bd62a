//! Rows of a comparison: what is selected, held against a base.

use serde::Serialize;

use crate::event::{Service, Stage};
use crate::report::row::summary::GroupCounts;
use crate::report::row::word::{Change, Measure, Notice, PushStatus, ReasonKind, SideFrom, Trait};

/// What is selected, held against a base.
#[derive(Clone, Debug)]
pub struct ComparisonRow {
    /// What it is held against.
    pub base: SideRow,
    /// What is selected.
    pub now: SideRow,
    /// The pushes of this side that an earlier report has, too.
    pub shared: u64,
    /// What limits the comparison.
    pub notices: Vec<NoticeRow>,
    /// From which numbers on something is told.
    pub rules: RulesRow,
    /// What the base knows of each selected push, where few are selected.
    pub pushes: Vec<FamiliarRow>,
    /// Who pushed on one side alone.
    pub pushers: Vec<EntityRow<PusherName>>,
    /// The addresses of one side alone.
    pub addresses: Vec<EntityRow<AddressName>>,
    /// The programs of one side alone, and those with versions that the base does not have.
    pub clients: Vec<EntityRow<ProgramName>>,
    /// The repositories of one side alone.
    pub repositories: Vec<EntityRow<PlaceName>>,
    /// How pushes came to nothing, on either side.
    pub failures: Vec<FailureRow>,
    /// Repositories whose usual duration or size changed much.
    pub medians: Vec<MedianRow>,
}

/// One side of a comparison.
#[derive(Clone, Debug, Serialize)]
pub struct SideRow {
    /// `logs` or `report`.
    pub from: SideFrom,
    /// The first instant of its period; `None` for no begin.
    pub since: Option<String>,
    /// The first instant after its period; `None` for no end.
    pub until: Option<String>,
    /// Its pushes.
    pub pushes: u64,
    /// Its pushes by status.
    #[serde(flatten)]
    pub groups: GroupCounts,
    /// The options that selected them, apart from the period.
    pub selection: Vec<AskedRow>,
    /// The inactivity window, in seconds; `None` if the report does not say.
    pub window_s: Option<u64>,
    /// Seconds of its period that the log of any account and region covers.
    pub covered_s: u64,
    /// What is covered of each account and region.
    pub spans: Vec<ExtentRow>,
}

/// An option that selected pushes, with its values.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct AskedRow {
    /// As `--repository`.
    pub option: String,
    /// Its values, sorted.
    pub values: Vec<String>,
}

impl AskedRow {
    /// The row of an option; the order in which values were typed says nothing.
    pub(crate) fn new(option: &str, mut values: Vec<String>) -> Self {
        values.sort_unstable();
        let option = option.to_owned();
        Self { option, values }
    }

    /// Whether it chooses pushes of one side alone: by their ids.
    pub(crate) fn is_of_one_side(&self) -> bool {
        self.option == "--push"
    }
}

/// What one side covers of an account and region.
#[derive(Clone, Debug, Serialize)]
pub struct ExtentRow {
    /// The account.
    pub account: String,
    /// The region.
    pub region: String,
    /// The seconds covered, without holes.
    pub covered_s: u64,
    /// The seconds that are missing in between.
    pub holes_s: u64,
    /// The pushes of the side into registries of this account and region.
    pub pushes: u64,
}

/// Something to bear in mind.
#[derive(Clone, Debug, Serialize)]
pub struct NoticeRow {
    /// As `base-longer`.
    pub kind: Notice,
    /// The same in words.
    pub message: String,
}

/// The numbers by which something is told or not.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct RulesRow {
    /// Something missing is `gone` if, at the rate of the base, at least so many pushes were due.
    pub due_pushes: u64,
    /// Medians are told where both sides have at least so many completed pushes to a repository,
    pub median_pushes: u64,
    /// where one median is at least so many times the other,
    pub median_factor: u64,
    /// and where they differ by at least so many seconds,
    pub median_seconds: u64,
    /// or bytes.
    pub median_bytes: u64,
    /// An address changes all the time if the pusher came from at least so many in the base,
    pub roaming_addresses: u64,
    /// with fewer pushes than this for each.
    pub roaming_pushes: u64,
}

/// How often and when one side has something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SeenRow {
    /// The pushes that show it.
    pub pushes: u64,
    /// When the first of them began.
    pub first: String,
    /// The id of the first.
    pub first_push: String,
    /// When the last of them began.
    pub last: String,
    /// The id of the last.
    pub last_push: String,
}

/// Something that one side alone has.
#[derive(Clone, Debug, Serialize)]
pub struct EntityRow<T> {
    /// As `new`, or `gone`.
    pub change: Change,
    /// What it is.
    #[serde(flatten)]
    pub what: T,
    /// How often the base has it.
    pub base: Option<SeenRow>,
    /// How often this side has it.
    pub now: Option<SeenRow>,
}

/// A pusher: a user, a role or a service of an account, or a person who signed in by IAM Identity Center.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct PusherName {
    /// For people: `user dana`, `role ci-push`.
    pub pusher: String,
    /// The account; `None` for a person, who may have several.
    pub account: Option<String>,
}

/// A repository.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct PlaceName {
    /// Its name.
    pub repository: Option<String>,
    /// The account that owns the registry.
    pub registry: Option<String>,
    /// The region.
    pub region: Option<String>,
    /// `ecr` or `ecr-public`.
    pub service: Service,
}

/// An address.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct AddressName {
    /// The address.
    pub address: String,
    /// The VPC endpoint, since two networks may use one address.
    pub vpc_endpoint_id: Option<String>,
    /// Whether it was used by pushers alone whose address changes all the time.
    pub roaming: bool,
    /// Who used it.
    pub pushers: Vec<PusherName>,
}

/// A program.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct ProgramName {
    /// Its name, as `docker`.
    pub program: String,
    /// The versions that the base does not have; of a program that is gone, its versions there.
    pub versions: Vec<String>,
    /// The versions in the base, if both sides have the program.
    pub versions_before: Vec<String>,
}

/// One cause by which pushes of one pusher to one repository came to nothing.
#[derive(Clone, Debug, Serialize)]
pub struct FailureRow {
    /// `new`, `unknown`, `continuing`, `gone`, `not-due`, `not-tried` or `not-covered`.
    pub change: Change,
    /// The error code, or else the kind of the reason.
    pub cause: String,
    /// The kind of the reason.
    pub kind: ReasonKind,
    /// The call that was refused, if one was.
    pub call: Option<Stage>,
    /// Whose pushes.
    pub by: PusherName,
    /// Where to.
    pub to: PlaceName,
    /// How many of those of this side no later run made good.
    pub unresolved: u64,
    /// The pushes of this pusher to this repository on this side, whatever became of them.
    pub tried: u64,
    /// Those that completed, or found everything in place.
    pub came_through: u64,
    /// How often the base has it.
    pub base: Option<SeenRow>,
    /// How often this side has it.
    pub now: Option<SeenRow>,
}

/// A repository whose median changed much.
#[derive(Clone, Debug, Serialize)]
pub struct MedianRow {
    /// `duration` in seconds or `size` in bytes.
    pub measure: Measure,
    /// The repository.
    pub to: PlaceName,
    /// In the base.
    pub base: MiddleRow,
    /// On this side.
    pub now: MiddleRow,
}

/// The middle of a measure over the completed pushes to a repository.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MiddleRow {
    /// How many have it.
    pub pushes: u64,
    /// The median; of two in the middle the lower.
    pub median: u64,
    /// The least.
    pub least: u64,
    /// The most.
    pub most: u64,
    /// The id of a push with the median.
    pub push: String,
}

/// What the base knows of a push.
#[derive(Clone, Debug, Serialize)]
pub struct FamiliarRow {
    /// The id of the push.
    pub push: String,
    /// Its status.
    pub status: PushStatus,
    /// When it began.
    pub first: String,
    /// Repository and tags.
    pub reference: String,
    /// What it shows, and how often the base has that.
    pub traits: Vec<TraitRow>,
    /// What it measures, beside the completed pushes to its repository in the base.
    pub measures: Vec<UsualRow>,
}

/// Something that a push shows.
#[derive(Clone, Debug, Serialize)]
pub struct TraitRow {
    /// `new`, `unknown` or `continuing`.
    pub change: Change,
    /// As `address`.
    pub kind: Trait,
    /// What it is, for people.
    pub what: String,
    /// How often the base has it; `None` for never.
    pub base: Option<SeenRow>,
    /// How many of those pushes are of the same pusher.
    pub by_pusher: u64,
    /// Of an address: whether the pusher's address changes all the time.
    pub roaming: bool,
}

/// A measure of a push beside what is usual.
#[derive(Clone, Debug, Serialize)]
pub struct UsualRow {
    /// `duration` in seconds or `size` in bytes.
    pub measure: Measure,
    /// That of the push.
    pub value: u64,
    /// That of the base; `None` without a completed push to the repository.
    pub base: Option<MiddleRow>,
}
