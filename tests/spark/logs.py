"""Logs in which pushes depend on what happened in other repositories: what sharing records out could lose.

In: a folder and a number of files. Out: CloudTrail log files, the same bytes for the same words. Never: a record that
says which push it belongs to.
"""

import datetime
import gzip
import hashlib
import json
import random
import uuid

DAY = datetime.datetime(2026, 3, 17, tzinfo=datetime.timezone.utc)
OTHER = {"eventSource": "s3.amazonaws.com", "eventName": "ListBuckets", "requestParameters": None}


def digest(text):
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()


class Log:
    """Records of some accounts, to be shuffled over files."""

    def __init__(self, seed):
        self.random, self.records = random.Random(seed), []
        self.account, self.region = "123456789012", "eu-central-1"

    def uuid(self):
        return str(uuid.UUID(int=self.random.getrandbits(128), version=4))

    def add(self, at, who, name, request=None, response=None, front=True, **members):
        """One call; `at` in seconds of the day."""
        time = DAY + datetime.timedelta(seconds=at)
        self.records.append({**{
            "eventVersion": "1.08", "userIdentity": who, "eventTime": time.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "eventSource": "ecr.amazonaws.com", "eventName": name, "awsRegion": self.region,
            "sourceIPAddress": "ecr.amazonaws.com" if front else "198.51.100.7",
            "userAgent": "ecr.amazonaws.com" if front else "aws-cli/2.15 Python/3.11",
            "requestParameters": request, "responseElements": response, "requestID": self.uuid(), "eventID": self.uuid(),
            "eventType": "AwsApiCall", "recipientAccountId": self.account,
        }, **members})
        return self.records[-1]

    def role(self, name, session, begun, **members):
        created = (DAY + datetime.timedelta(seconds=begun)).strftime("%Y-%m-%dT%H:%M:%SZ")
        return {
            "type": "AssumedRole", "principalId": f"AROA{name.upper()}:{session}",
            "arn": f"arn:aws:sts::{self.account}:assumed-role/{name}/{session}", "accountId": self.account,
            "accessKeyId": "ASIA" + hashlib.sha256(f"{name}{session}{begun}".encode()).hexdigest()[:16].upper(),
            "sessionContext": {"attributes": {"creationDate": created}}, **members,
        }

    def login(self, at, who, **members):
        return self.add(at, who, "GetAuthorizationToken", front=False, **members)

    def upload(self, at, who, repository, layer, ends=True, late=0, **members):
        """Begin, part and end of one upload; `late` seconds by which the end is logged too early."""
        name = {"registryId": self.account, "repositoryName": repository}
        own = {**name, "uploadId": members.pop("upload_id", None) or self.uuid()}
        self.add(at, who, "InitiateLayerUpload", name, {**own, "partSize": 20971520}, **members)
        part = {"partFirstByte": 0, "partLastByte": 999}
        self.add(at, who, "UploadLayerPart", {**own, **part}, {**own, "lastByteReceived": 999}, **members)
        if ends:
            self.add(at - late, who, "CompleteLayerUpload", {**own, "layerDigests": [layer]},
                     {**own, "layerDigest": layer}, **members)

    def put(self, at, who, repository, tag, layers, **members):
        blobs = [{"mediaType": "application/vnd.oci.image.layer.v1.tar+gzip", "digest": layer, "size": 1000}
                 for layer in layers]
        manifest = json.dumps({"schemaVersion": 2, "config": blobs[0], "layers": blobs[1:]})
        request = {"registryId": self.account, "repositoryName": repository, "imageManifest": manifest, "imageTag": tag,
                   "imageManifestMediaType": "application/vnd.oci.image.manifest.v1+json"}
        image = {"registryId": self.account, "repositoryName": repository,
                 "imageId": {"imageDigest": digest(manifest), "imageTag": tag}, "imageManifest": manifest}
        self.add(at, who, "PutImage", request, {"image": image}, **members)

    def push(self, at, who, repository, tag, n_layers=2, ends=True, late=0, **members):
        """A push of an image of its own."""
        layers = [digest(f"{repository} {tag} {number}") for number in range(n_layers + 1)]
        for layer in layers:
            self.upload(at, who, repository, layer, late=late, **members)
        if ends:
            self.put(at + 2, who, repository, tag, layers, **members)
        return layers

    def noise(self, from_, to, step):
        """Other services' records, which tell that the log goes on."""
        for at in range(from_, to, step):
            self.add(at, {"type": "AWSService"}, "", front=False, **OTHER)

    def write(self, folder, n_files):
        shuffled = self.records[:]
        self.random.shuffle(shuffled)
        for number in range(n_files):
            records = shuffled[number::n_files]
            below = folder / f"AWSLogs/{self.account}/CloudTrail/{self.region}/2026/03/{17 + number % 2}"
            below.mkdir(parents=True, exist_ok=True)
            name = f"{self.account}_CloudTrail_{self.region}_202603171{number % 10}00Z_{number:016}.json.gz"
            data = json.dumps({"Records": records}, separators=(",", ":")).encode()
            (below / name).write_bytes(gzip.compress(data, mtime=0))


def crossing(folder, n_files=12):
    """One of everything that crosses repositories."""
    log = Log(1)
    log.noise(0, 24 * 3600, 60)
    # One login serves pushes to many repositories, on both sides of midday; several could have.
    ci = log.role("ci", "build", 3600)
    log.login(3600, ci)
    log.login(3660, ci)
    for number in range(9):
        log.push(3700 + 1200 * number, ci, f"team/app-{number}", "v1")
    # A login that nobody used, one given twice, and one in conflict with itself.
    log.login(50000, log.role("idle", "nobody", 50000))
    log.records.append(dict(log.login(3601, ci)))
    log.records.append({**log.login(3602, ci), "sourceIPAddress": "203.0.113.9"})
    # A habit that only all repositories show, and its end.
    for number in range(8):
        who = log.role("deploy", "x", 20000 + 600 * number)
        address = "198.51.100.20" if number < 7 else "203.0.113.66"
        program = "docker/27.0" if number < 7 else "curl/8.0"
        log.login(20000 + 600 * number, who, sourceIPAddress=address, userAgent=program)
        log.push(20010 + 600 * number, who, f"deploy/{number % 4}", f"v{number}")
        # In the same second, by the same login, to another repository.
        log.push(20010 + 600 * number, who, f"deploy/twin-{number % 4}", f"v{number}")
    # Nobody's login, where others' are recorded.
    log.push(60000, log.role("ghost", "y", 59990), "team/app-0", "v7")
    log.push(60100, log.role("ghost", "y", 59990), "lonely/one", "v7")
    # A principal that shows itself by id alone in one repository, whole in another.
    whole = log.role("vague", "z", 61000)
    bare = {key: value for key, value in whole.items() if key not in ("arn",)}
    log.login(61000, whole)
    log.push(61010, bare, "vague/one", "v1")
    log.push(61020, whole, "vague/two", "v1")
    # One uploadId in two repositories; one eventID in two; twins, of which one names no repository.
    log.upload(62000, ci, "shared/one", digest("shared"), upload_id="11111111-2222-4333-8444-555555555555")
    log.upload(62100, ci, "shared/two", digest("shared"), upload_id="11111111-2222-4333-8444-555555555555")
    log.push(63000, ci, "conflict/one", "v1")
    log.push(63100, ci, "conflict/two", "v1")
    log.records[-1]["eventID"] = log.records[-11]["eventID"]
    log.push(64000, ci, "twin/one", "v1", sharedEventID=None)
    kept = log.records[-1]
    kept["sharedEventID"] = "77777777-2222-4333-8444-555555555555"
    stranger = {"type": "AWSAccount", "accountId": log.account, "principalId": "AIDAX"}
    log.records.append({**kept, "eventID": log.uuid(), "userIdentity": stranger, "recipientAccountId": "210987654321",
                        "requestParameters": None, "responseElements": None})
    # Layers that were uploaded to another repository of the registry, and one that nobody uploaded.
    log.add(65000, ci, "CreateRepository", {"repositoryName": "mounted/new"},
            {"repository": {"registryId": log.account, "repositoryName": "mounted/new"}}, front=False)
    base = log.push(65010, ci, "mounted/base", "v1")
    log.put(65100, ci, "mounted/new", "v1", [*base, digest("nobody's")])
    log.put(65200, ci, "mounted/new", "v2", base)
    # Refused, without any repository; by two accounts.
    for at, account in ((66000, log.account), (66010, "210987654321")):
        log.add(at, {**ci, "accountId": account}, "InitiateLayerUpload", None, None, errorCode="AccessDenied",
                errorMessage="no", recipientAccountId=account)
    # Written to be hard to read.
    for odd in ({"resources": 5}, {"resources": [3, {"ARN": []}], "additionalEventData": {"x": "\ud800"}},
                {"userIdentity": [1]}, {"eventTime": 7}, {"requestParameters": {"repositoryName": "x\ud800"}}):
        log.add(67000, ci, "BatchCheckLayerAvailability", {"repositoryName": "odd/one"}, **odd)
    # A push that the log ends in, and one beside nothing.
    log.push(24 * 3600 - 90, ci, "team/late", "v1", ends=False)
    log.push(70000, ci, "team/gone", "v1", ends=False)
    log.write(folder / "a", n_files)
    # An account whose trail records no reads: three pushes, to three repositories.
    silent = Log(2)
    silent.account = "345678901234"
    silent.noise(0, 24 * 3600, 120)
    user = {"type": "IAMUser", "arn": f"arn:aws:iam::{silent.account}:user/dev", "principalId": "AIDADEV",
            "accountId": silent.account, "accessKeyId": "AKIAX", "userName": "dev"}
    for number in range(3):
        silent.push(40000 + 3600 * number, user, f"quiet/{number}", "v1")
    silent.write(folder / "b", 3)


def skewed(folder, n_files=5):
    """Clocks that differ by two seconds in many uploads: all of it shows that, some repositories by themselves do not,
    and one shows more.
    """
    log = Log(3)
    log.noise(0, 24 * 3600, 300)
    ci = log.role("ci", "build", 3600)
    log.login(3600, ci)
    for number in range(12):
        late = 2 if number % 3 else 0
        log.push(4000 + 500 * number, ci, f"clock/{number % 6}", f"v{number}", late=late if number < 9 else 4)
    log.write(folder, n_files)


def hot(folder, n_pushes=150, n_files=8):
    """One repository with nearly all of the pushes, and twenty others."""
    log = Log(4)
    log.noise(0, 24 * 3600, 300)
    for number in range(n_pushes):
        ci = log.role("ci", f"build-{number}", 3600 + 400 * number)
        log.login(3600 + 400 * number, ci)
        log.push(3610 + 400 * number, ci, f"cold/{number}" if number < 20 else "hot/app", f"v{number}",
                 ends=bool(number % 5))
    log.write(folder, n_files)
