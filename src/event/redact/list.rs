//! The words that may stay, each in its place.
//!
//! Comes in: a word and the list that it should be on. Goes out: yes or no. Never: a rule that admits a
//! word that is not listed.

use std::collections::HashSet;

/// The kinds of words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum WordList {
    /// Calls of the API, without the service in front.
    Action,
    /// Error codes, without `Exception`.
    Code,
    /// Members of records and parameters of calls.
    Member,
    /// The words of media types.
    MediaType,
    /// The words of messages, in lower case.
    Message,
    /// The words of platforms.
    Platform,
    /// The words of user agents, in lower case.
    Program,
    /// AWS's services, and the other labels of their host names.
    Service,
    /// Other texts that only AWS chooses.
    Term,
}

const LISTS: [(WordList, &str); 9] = [
    (WordList::Action, ACTIONS),
    (WordList::Code, CODES),
    (WordList::Member, MEMBERS),
    (WordList::MediaType, MEDIA_TYPES),
    (WordList::Message, MESSAGES),
    (WordList::Platform, PLATFORMS),
    (WordList::Program, PROGRAMS),
    (WordList::Service, include_str!("services.txt")),
    (WordList::Term, TERMS),
];

/// All lists.
#[derive(Debug)]
pub(super) struct Lists(HashSet<(WordList, &'static str)>);

impl Default for Lists {
    fn default() -> Self {
        let words = |(list, words): (WordList, &'static str)| {
            let words = words.split_ascii_whitespace();
            words.map(move |word| (list, word))
        };
        Self(LISTS.into_iter().flat_map(words).collect())
    }
}

impl Lists {
    /// Whether a list has a word.
    pub(super) fn has(&self, list: WordList, word: &str) -> bool {
        self.0.contains(&(list, word))
    }
}

/// The actions of ECR and ECR Public (service authorization reference), and those of other services
/// that come with them.
const ACTIONS: &str = "\
    AssumeRole AssumeRoleWithSAML AssumeRoleWithWebIdentity BatchCheckLayerAvailability \
    BatchDeleteImage BatchGetImage BatchImportUpstreamImage CompleteLayerUpload CreateGrant \
    CreatePullThroughCacheRule CreateRepository CreateRepositoryCreationTemplate Decrypt \
    DeleteLifecyclePolicy DeletePullThroughCacheRule DeleteRegistryPolicy DeleteRepository \
    DeleteRepositoryCreationTemplate DeleteRepositoryPolicy DeleteSigningConfiguration \
    DescribeImages DescribeKey DescribeRegistries DescribeRegistry DescribeRepositories \
    GenerateDataKey GetAuthorizationToken GetCallerIdentity GetDownloadUrlForLayer \
    GetLifecyclePolicy GetObject GetRegistryPolicy GetRepositoryPolicy GetServiceBearerToken \
    InitiateLayerUpload ListBucket ListImageReferrers ListImages ListTagsForResource \
    PolicyExecutionEvent PutAccountSetting PutImage PutImageScanningConfiguration \
    PutImageTagMutability PutLifecyclePolicy PutRegistryPolicy \
    PutRegistryScanningConfiguration PutReplicationConfiguration PutSigningConfiguration \
    ReplicateImage RetireGrant SetRepositoryPolicy StartImageScan StartReplicationBackfill \
    TagResource TagSession UntagResource UpdateImageStorageClass UpdatePullThroughCacheRule \
    UpdateRepositoryCreationTemplate UploadLayerPart";

/// Error codes (ECR and ECR Public API references, "Errors" of each call, "Common error types"; S3 API
/// reference, "Error responses"), and those of images in responses.
const CODES: &str = "\
    AccessDenied AuthFailure BlockedByOrganizationPolicy EmptyUpload ExpiredToken Forbidden \
    ImageAlreadyExists ImageArchived ImageDigestDoesNotMatch ImageInaccessible ImageNotFound \
    ImageReferencedByManifestList ImageStorageClassUpdateNotSupported ImageTagAlreadyExists \
    ImageTagDoesNotMatchDigest IncompleteSignature InternalError InternalFailure InternalServer \
    InternalServerError InvalidAccessKeyId InvalidAction InvalidClientTokenId InvalidImageDigest \
    InvalidImageTag InvalidLayer InvalidLayerDigest InvalidLayerPart InvalidParameter \
    InvalidParameterCombination InvalidParameterValue InvalidQueryParameter InvalidRequest \
    InvalidSignature InvalidTagParameter InvalidToken Kms KmsError LayerAlreadyExists \
    LayerInaccessible LayerPartTooSmall LayersNotFound LifecyclePolicyNotFound \
    LifecyclePolicyPreviewInProgress LifecyclePolicyPreviewNotFound LimitExceeded \
    MalformedQueryString MissingAction MissingAuthenticationToken MissingDigestAndTag \
    MissingLayerDigest MissingParameter NoSuchBucket NoSuchKey NotAuthorized OperationNotPermitted \
    OptInRequired ReferencedImagesNotFound RegistryNotFound RegistryPolicyNotFound \
    RepositoryAlreadyExists RepositoryNotEmpty RepositoryNotFound RepositoryPolicyNotFound \
    RequestExpired RequestLimitExceeded RequestTimeTooSkewed RequestTimeout ResourceNotFound Server \
    ServerInternal ServiceFailure ServiceUnavailable SignatureDoesNotMatch SlowDown \
    TemplateAlreadyExists TemplateNotFound Throttled Throttling TooManyRequests TooManyTags \
    UnableToGetUpstreamImage UnableToGetUpstreamLayer UnauthorizedOperation UnrecognizedClient \
    UnsupportedCommand UnsupportedImageType UploadNotFound UpstreamAccessDenied \
    UpstreamTooManyRequests UpstreamUnavailable Validation ValidationError VpceAccessDenied";

/// Members of records (CloudTrail user guide, "CloudTrail record contents"), parameters (ECR API
/// reference), and words that this program's own messages quote.
const MEMBERS: &str = "\
    AWS_ENDPOINT_URL ImageManifest Records YYYY-MM-DDTHH:MM:SSZ addendum attributes awsRegion \
    blobSum config creationDate digests errorCode errorMessage eventCategory eventID eventName \
    eventSource eventTime eventType eventVersion expected field file files gzip heard id image \
    imageDigest imageId imageIds imageManifest imageManifestMediaType imageTag imageTagMutability \
    lastByteReceived layerDigest layerDigests layerPart layerPartBlob layers manifests mediaType \
    names null omitted partFirstByte partLastByte partSize problem problems readOnly reason \
    recipientAccountId records registryId registryIds repositoryName repositoryNames requestID \
    requestParameters resources responseElements serviceEventDetails sessionContext set_aside \
    set_aside_more sha256: sharedEventID skipped sourceIPAddress sources tlsDetails told uploadId \
    userAgent userIdentity version zip zstd";

/// The words of common media types (OCI image specification, "media-types.md"; Docker registry,
/// "manifest-v2-2.md"; the types of Helm, Sigstore, in-toto, CycloneDX, SPDX and BuildKit).
const MEDIA_TYPES: &str = "\
    0 1 2 3 4 5 6 7 application artifact att attestation bom buildkit bundle cacheconfig chart cncf \
    config container content cosign cyclonedx dev diff distribution docker dsse empty envelope \
    example foreign gzip helm image in in-toto index json layer list manifest nondistributable \
    notary oci octet payload plugin predicate protobuf provenance public rekor rootfs sbom sig \
    signature sigstore simplesigning slsa spdx statement stream tar text toto v0 v1 v2 v3 v4 \
    verificationmaterial vex vnd wasm xml yaml zstd";

/// Go's `GOOS` and `GOARCH`, and the variants of the OCI image index.
const PLATFORMS: &str = "\
    386 aix amd64 android arm arm64 darwin dragonfly freebsd illumos ios js linux loong64 mips \
    mips64 mips64le mipsle netbsd openbsd plan9 ppc64 ppc64le riscv64 s390x solaris unknown v1 v2 v3 \
    v4 v5 v6 v7 v8 v9 wasi wasip1 wasm windows";

/// The words of user agents that say nothing about who uses them.
const PROGRAMS: &str = "\
    aarch64 adaptive amazonlinux amd64 amzn amzn2 amzn2023 api app applewebkit arch arm64 aws \
    aws-cli aws-internal aws-sdk-cpp aws-sdk-go aws-sdk-go-v2 aws-sdk-java aws-sdk-js aws-sdk-nodejs \
    aws-sdk-php aws-sdk-ruby aws-sdk-rust aws-toolkit aws_ecs_fargate aws_lambda awscrt \
    awspowershell bash beta boto boto3 botocore buildah buildkit buildx c cd ce cfg chrome cli \
    client cloudfront cloudshell codebuild command containerd containers cosign cpu cpython crane \
    cri-o curl darwin deb debian distribution docker docker-client docker-credential-ecr-login ecr \
    ecr-login ecr-public ecr.get-login ecr.get-login-password ecr.put-image edg exe exec-env fargate \
    firefox gecko generic ggcr git-commit github-actions github.com go go-containerregistry \
    go-http-client go1 goarch google goos helm http image installer intel java jib json kaniko \
    kernel khtml lang legacy libcurl libpod like linux linux-gnu mac macintosh macos md microsoft \
    mingw64_nt moby mozilla nerdctl nodejs notation nt oci-client off on openjdk openssl opensuse \
    oras os os-version pip pkg podman powershell prompt pyimpl python python-dxf python-requests rc \
    regclient regctl registry retry-mode rhel ruby rust safari skopeo source standard terraform tls \
    ua ubuntu ubuntu1 upstreamclient urllib3 v2 version win64 windows wsl2 x x11 x64 x86 x86_64 zlib";

/// The types of identities, resources and similar (CloudTrail user guide, "CloudTrail userIdentity
/// element"; ECR API reference), versions of TLS, partitions of ARNs.
const TERMS: &str = "\
    ARCHIVE AWS::EC2::Instance AWS::ECS::Task AWS::EKS::Cluster AWS::Lambda::Function \
    AWS::SageMaker::Domain AWS::SageMaker::NotebookInstance AWSAccount AWSService AWS_NATIVE \
    AssumedRole BASIC BASIC_SCAN_TYPE_VERSION BLOB_MOUNTING CLAIR DISABLED Directory ENABLED \
    ENHANCED FederatedUser IAMUser IMMUTABLE IMMUTABLE_WITH_EXCLUSION IdentityCenterUser MUTABLE \
    MUTABLE_WITH_EXCLUSION REGISTRY_POLICY_SCOPE Role Root SAMLUser STANDARD TLSv1 TLSv1.0 TLSv1.1 \
    TLSv1.2 TLSv1.3 Unknown V1 V2 WebIdentityUser aws aws-cn aws-eusc aws-iso aws-iso-b aws-iso-e \
    aws-iso-f aws-us-gov false true";

/// The words of messages: of ECR, IAM, KMS, S3, the operating system, the JSON parser and this program.
const MESSAGES: &str = "\
    --force a able abort aborted about access action actions adding address addresses after again \
    against alias aliases all allow allowed allows already amazon an and another answer any anything \
    api archived are argument arguments array as assume at attached attempt attempted authorisation \
    authorization authorized aws b backtick bad be because been before begin begins being belong \
    belongs between bit bits blob blobs block body boundaries boundary breaks broken bucket buffer \
    burst but by byte bytes cache call called caller calls can cannot cell cells certificate change \
    changed character check checksum chunk claims client closed closing cloudtrail code column \
    columns comes comma command complete completed compressed condition config connection constraint \
    contact contain contains control copied copy corrupt could count counted create created creation \
    credentials cut data date decode decoded decompressed deep default defect deflate delete deleted \
    deletion denied denies deny descriptors device did digest digests digit digits directory \
    disabled disk dns do does doesn don due duplicate during each ecr either element empty enable \
    enabled encrypt encrypted encryption end ended endpoint endpoints ends entity eof equal error \
    escape event eventids events every exceed exceeded exceeds exception excerpt exclusion \
    exclusions exist existing exists expected expired explicit explicitly expression fail failed \
    fails failure field fifo file file-system files filesystem fill filter filters find first fit \
    float folder folders follow following footer for forbidden force format found from full function \
    gb get gib given global got grant grants greater group gzip had half handshake has hash have he \
    header held hex hexadecimal holds host hosts how http http/1.1 iam id identity identity-based \
    ids if image images immutability immutable in include included includes incomplete index input \
    inside integer internal interrupted into invalid io is isn it items its json kb kept key keys \
    kib kms label larger last layer layers leading least left length less level lifecycle limit line \
    link list listed listing lists log logs lone long longer look lookup loop lower made malformed \
    manifest manifests many map maximum may mb member memory message method mib minimum missing more \
    most multiple must mutability name named names need needs negative neither nested nesting \
    network new newer no none nor not nothing null number numbers object objects occurred oci of \
    offset older on one only open operation or order ordered organization organizations os other out \
    outside overwritten pair parameter parameters parsing part parts peer pending per per-call \
    perform performed permission permissions permitted pipe please point policies policy position \
    prefix previous previously principal prior problem process profile proxy public pull \
    pull-through pulled push pushed pushes pushing put query quota range rate reached read reading \
    reason reauthenticate receive received record records recursion reference referenced refers \
    refused regexp region registries registry regular rejected replace replaced replaces report \
    repositories repository repository-scoped request requested requests required requires reserved \
    reset resource resource-based resources response restore restored result retry rfc role row rows \
    rule rules s s3 satisfy scan scanned scheme scp sec second seconds secret security sent sequence \
    server service service-linked services session several shards share shared should signature \
    signed size skipped smaller so socket some sort sorted source space special stage standard start \
    state statement status still storage store stored stream stretch string sts such surrogate \
    symbolic system t table tag tagged tags take taken tar task template temporary text than that \
    the their them then there these they this throttled throttling through throughput time timed \
    timeout times timestamp tls to token tokens too trailer trailing trial try tuple type u64 unable \
    unauthorized unavailable under unexpected unicode unit unknown unsupported untagged until up \
    upload uploaded uploads upstream uri url use used user users using utf-8 utf8 valid validate \
    validation value values variant version very vpc vpce was way ways were what when where which \
    while who whole why will with within without words work would wrapper wraps write written wrong \
    xml yet you your zero zip";
