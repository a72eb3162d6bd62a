//! The clients: what each does that another does not.
//!
//! Every row was observed on the real client against a real registry. A client is only its row: the same
//! engine (`push.rs`) runs them all.

use super::clock::{Millis, SECOND};
use super::content::{Dialect, MIB};

/// What a client asks about a blob before it uploads it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Checks {
    /// Nothing: it uploads whatever there is.
    Never,
    /// Only of blobs that this machine has pushed there before, and of configs.
    Known,
    /// Once if the blob is there, so many times if it is not.
    Each { if_missing: usize },
    /// Of the digest before compression, which is found nowhere; of the real one where it is known from an
    /// earlier push.
    Uncompressed,
    /// Once of every blob, all at the start.
    Burst,
    /// One call of the API for up to a hundred digests.
    Batch,
}

/// When the config is uploaded.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum ConfigOrder {
    /// Alone, after every layer.
    Alone,
    /// As one blob among the others.
    Among,
}

/// How a tree of manifests is walked.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum TreeOrder {
    /// Each child with its blobs, then the next.
    ChildWhole,
    /// The blobs of all platforms together, then the manifests bottom up.
    BlobsFirst,
}

/// What a client does with an image that is already there under that tag.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unchanged {
    /// Puts the manifest again.
    PutsAgain,
    /// Checks the blobs and puts nothing.
    ChecksOnly,
    /// Reads the manifest and does nothing else.
    ReadsOnly,
}

/// What a second name for the same image costs.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum SecondName {
    PutOnly,
    ConfigCheck,
    AllChecks,
}

/// One client.
pub(crate) struct Habits {
    pub(crate) name: &'static str,
    /// What its login is seen to use.
    pub(crate) user_agent: &'static str,
    pub(crate) dialect: Dialect,
    pub(crate) checks: Checks,
    /// One check more of a blob right after its upload.
    pub(crate) checks_after: bool,
    pub(crate) n_workers: usize,
    /// The same over an index.
    pub(crate) n_workers_of_index: usize,
    /// Bytes in one part.
    pub(crate) part_bytes: u64,
    pub(crate) config: ConfigOrder,
    pub(crate) tree: TreeOrder,
    pub(crate) unchanged: Unchanged,
    pub(crate) second_name: SecondName,
    /// The pauses before each further attempt at a blob.
    pub(crate) blob_retries: &'static [Millis],
    /// The same at a manifest.
    pub(crate) put_retries: &'static [Millis],
    /// Uploads one more blob after one was refused for good.
    pub(crate) goes_on_after_refusal: bool,
    /// How long small uploads in flight outlive a kill.
    pub(crate) kill_grace: Millis,
    /// Calls the API itself: no registry front stands between, and the calls show the caller's address.
    pub(crate) is_direct: bool,
    /// Puts the root by its digest first, reads it, then puts it by tag.
    pub(crate) puts_digest_first: bool,
    /// Is a service of AWS, and reads nothing before it puts.
    pub(crate) is_service: bool,
    /// What its own requests call it.
    pub(crate) agent: &'static str,
}

const AWS_CLI: &str = "aws-cli/2.15.30 Python/3.11.8 Linux/6.5.0-1016-aws exe/x86_64.ubuntu.22 prompt/off command/ecr.get-login-password";

/// Docker 20.10.
pub(crate) const DOCKER: Habits = Habits {
    name: "docker",
    user_agent: AWS_CLI,
    dialect: Dialect::Docker,
    checks: Checks::Known,
    checks_after: true,
    n_workers: 5,
    n_workers_of_index: 5,
    part_bytes: 20_971_520,
    config: ConfigOrder::Alone,
    tree: TreeOrder::ChildWhole,
    unchanged: Unchanged::PutsAgain,
    second_name: SecondName::ConfigCheck,
    blob_retries: &[5 * SECOND, 10 * SECOND, 15 * SECOND, 20 * SECOND],
    put_retries: &[],
    goes_on_after_refusal: false,
    kill_grace: 1_600,
    is_direct: false,
    puts_digest_first: false,
    is_service: false,
    agent: "docker/20.10.24 go/go1.19.7 git-commit/5d6db84 kernel/6.1.0-18-amd64 os/linux arch/amd64 UpstreamClient(Docker-Client/20.10.24 \\(linux\\))",
};

/// Skopeo 1.9.
pub(crate) const SKOPEO: Habits = Habits {
    name: "skopeo",
    user_agent: AWS_CLI,
    dialect: Dialect::Oci,
    checks: Checks::Each { if_missing: 2 },
    checks_after: false,
    n_workers: 1,
    n_workers_of_index: 1,
    part_bytes: 10 * MIB,
    config: ConfigOrder::Alone,
    tree: TreeOrder::ChildWhole,
    unchanged: Unchanged::PutsAgain,
    second_name: SecondName::PutOnly,
    blob_retries: &[],
    put_retries: &[],
    goes_on_after_refusal: true,
    kill_grace: 0,
    is_direct: false,
    puts_digest_first: false,
    is_service: false,
    agent: "skopeo/1.9.3",
};

/// Podman 4.3 and Buildah 1.28.
pub(crate) const PODMAN: Habits = Habits {
    name: "podman",
    checks: Checks::Uncompressed,
    n_workers: 4,
    n_workers_of_index: 4,
    part_bytes: 20_971_520,
    goes_on_after_refusal: false,
    agent: "containers/5.23.1 (github.com/containers/image)",
    ..SKOPEO
};

/// Crane 0.21, and what is built on the same library: ko, cosign, kaniko.
pub(crate) const CRANE: Habits = Habits {
    name: "crane",
    user_agent: "aws-sdk-go-v2/1.24.0 os/linux lang/go#1.21.5 md/GOOS#linux md/GOARCH#amd64 api/ecr#1.24.5",
    dialect: Dialect::Docker,
    checks: Checks::Each { if_missing: 1 },
    checks_after: false,
    n_workers: 4,
    n_workers_of_index: 12,
    part_bytes: 10 * MIB,
    config: ConfigOrder::Among,
    tree: TreeOrder::BlobsFirst,
    unchanged: Unchanged::ReadsOnly,
    second_name: SecondName::PutOnly,
    blob_retries: &[SECOND, 3 * SECOND],
    put_retries: &[SECOND, 3 * SECOND],
    goes_on_after_refusal: false,
    kill_grace: 0,
    is_direct: false,
    puts_digest_first: false,
    is_service: false,
    agent: "go-containerregistry/v0.21.0",
};

/// BuildKit and ctr.
pub(crate) const BUILDKIT: Habits = Habits {
    name: "buildkit",
    user_agent: "docker-credential-ecr-login/0.7.1 aws-sdk-go-v2/1.21.0 os/linux lang/go#1.20.7",
    dialect: Dialect::Oci,
    checks: Checks::Burst,
    n_workers: 5,
    part_bytes: 20_971_520,
    unchanged: Unchanged::ChecksOnly,
    second_name: SecondName::AllChecks,
    blob_retries: &[SECOND, SECOND],
    put_retries: &[SECOND, SECOND],
    agent: "buildkit/v0.12",
    ..CRANE
};

/// The Rust crate oci-client 0.15.
pub(crate) const OCI_CLIENT: Habits = Habits {
    name: "oci-client",
    dialect: Dialect::Oci,
    checks: Checks::Never,
    n_workers: 4,
    n_workers_of_index: 4,
    part_bytes: 4 * MIB,
    config: ConfigOrder::Alone,
    unchanged: Unchanged::PutsAgain,
    blob_retries: &[],
    put_retries: &[],
    agent: "oci-distribution/0.15",
    ..CRANE
};

/// oras-py.
pub(crate) const ORAS: Habits = Habits {
    name: "oras-py",
    user_agent: "Boto3/1.34.51 md/Botocore#1.34.51 ua/2.0 os/linux#6.1.0 lang/python#3.11.8",
    checks: Checks::Each { if_missing: 1 },
    n_workers: 1,
    n_workers_of_index: 1,
    part_bytes: 20_971_520,
    tree: TreeOrder::ChildWhole,
    agent: "python-requests/2.31.0",
    ..OCI_CLIENT
};

/// python-dxf.
pub(crate) const DXF: Habits = Habits {
    name: "python-dxf",
    checks_after: true,
    part_bytes: 5 * MIB,
    ..ORAS
};

/// A program that calls the ECR API itself.
pub(crate) const SDK: Habits = Habits {
    name: "sdk",
    user_agent: "Boto3/1.28.17 md/Botocore#1.31.17 ua/2.0 os/linux#5.15.0 lang/python#3.10.12",
    checks: Checks::Batch,
    n_workers: 2,
    n_workers_of_index: 2,
    part_bytes: 10 * MIB,
    blob_retries: &[SECOND],
    is_direct: true,
    ..OCI_CLIENT
};

/// Every client, in the order of the facts they come from.
pub(crate) const ALL: [&Habits; 9] = [
    &DOCKER,
    &SKOPEO,
    &PODMAN,
    &CRANE,
    &BUILDKIT,
    &OCI_CLIENT,
    &ORAS,
    &DXF,
    &SDK,
];

/// Docker 27 with containerd's image store.
pub(crate) const DOCKER_CONTAINERD: Habits = Habits {
    name: "docker-containerd",
    user_agent: AWS_CLI,
    n_workers_of_index: 5,
    blob_retries: &[],
    put_retries: &[],
    agent: "docker/27.3.1 go/go1.22.7 git-commit/41ca978 kernel/6.8.0 os/linux arch/amd64 containerd-client/1.7.21",
    ..BUILDKIT
};

/// Kaniko: pushes by crane's library, after it has seen at the start of the build that it may.
pub(crate) const KANIKO: Habits = Habits {
    name: "kaniko",
    user_agent: "kaniko/v1.23.2 aws-sdk-go-v2/1.24.0 os/linux lang/go#1.22.5",
    part_bytes: 20_971_520,
    agent: "kaniko/v1.23.2",
    ..CRANE
};

/// The lifecycle of Cloud Native Buildpacks, which asks for permission, too.
pub(crate) const BUILDPACKS: Habits = Habits {
    name: "buildpacks",
    agent: "cnb-lifecycle/0.19",
    ..KANIKO
};

/// Helm 3, by oras-go.
pub(crate) const HELM: Habits = Habits {
    name: "helm",
    user_agent: AWS_CLI,
    checks: Checks::Each { if_missing: 1 },
    n_workers: 3,
    config: ConfigOrder::Among,
    puts_digest_first: true,
    agent: "Helm/3.14.2",
    ..OCI_CLIENT
};

/// Cosign, which signs what another client pushed.
pub(crate) const COSIGN: Habits = Habits {
    name: "cosign",
    user_agent: "ecr-login/0.8.0 aws-sdk-go-v2/1.30.3 os/linux lang/go#1.22.6",
    dialect: Dialect::Oci,
    unchanged: Unchanged::PutsAgain,
    agent: "cosign/v3.0.2 (linux; amd64)",
    ..CRANE
};

/// Regclient's regctl.
pub(crate) const REGCLIENT: Habits = Habits {
    name: "regctl",
    user_agent: AWS_CLI,
    checks: Checks::Each { if_missing: 1 },
    n_workers: 3,
    blob_retries: &[SECOND, 2 * SECOND],
    config: ConfigOrder::Among,
    agent: "regclient/regctl (v0.7.1)",
    ..OCI_CLIENT
};

/// Jib for Gradle and Maven: all layers at once, then the config.
pub(crate) const JIB: Habits = Habits {
    name: "jib",
    user_agent: "ecr-login/0.6.0 aws-sdk-go/1.44.0 (go1.18; linux; amd64)",
    dialect: Dialect::Docker,
    checks: Checks::Each { if_missing: 1 },
    n_workers: 8,
    agent: "jib 3.4.1 jib-gradle-plugin Google-HTTP-Java-Client/1.42.2 (gzip)",
    ..OCI_CLIENT
};

/// The containers of the .NET SDK.
pub(crate) const DOTNET: Habits = Habits {
    name: "dotnet-sdk",
    user_agent: AWS_CLI,
    dialect: Dialect::Docker,
    checks: Checks::Each { if_missing: 1 },
    n_workers: 6,
    part_bytes: 5 * MIB,
    agent: ".NET Container Library",
    ..OCI_CLIENT
};

/// Skopeo 1.16 and Buildah 1.37: several layers at once.
pub(crate) const SKOPEO_PARALLEL: Habits = Habits {
    name: "skopeo-parallel",
    n_workers: 6,
    n_workers_of_index: 6,
    checks: Checks::Each { if_missing: 1 },
    goes_on_after_refusal: false,
    agent: "skopeo/1.16.1",
    ..SKOPEO
};

/// The AWS CLI's own `ecr` commands, one after another.
pub(crate) const CLI: Habits = Habits {
    name: "aws-cli",
    user_agent: "aws-cli/2.15.30 Python/3.11.8 Linux/6.5.0-1016-aws exe/x86_64.ubuntu.22 prompt/off command/ecr.put-image",
    n_workers: 1,
    checks: Checks::Never,
    blob_retries: &[],
    ..SDK
};

/// What ECR does by itself: replication, pull-through, signing.
pub(crate) const SERVICE: Habits = Habits {
    name: "service",
    user_agent: "ecr.amazonaws.com",
    checks: Checks::Never,
    n_workers: 1,
    blob_retries: &[],
    is_service: true,
    ..SDK
};

/// The same through the registry's front, where the calls show its marker.
pub(crate) const SIGNER: Habits = Habits {
    name: "signer",
    is_direct: false,
    ..SERVICE
};

/// The clients that came in later: [`ALL`] stays as it is, for worlds are drawn from it.
pub(crate) const NEWER: [&Habits; 9] = [
    &DOCKER_CONTAINERD,
    &KANIKO,
    &BUILDPACKS,
    &HELM,
    &COSIGN,
    &REGCLIENT,
    &JIB,
    &DOTNET,
    &SKOPEO_PARALLEL,
];
