#!/usr/bin/env python3
"""Rebuilds the pushes of logs that are too many for one machine, on Spark; README.md beside it is the guide.

In: CloudTrail log files, in folders or buckets, and the program `reconstruct` on every node. Out: the rows of
`reconstruct --format jsonl`, as JSON Lines or Parquet, by type and day. Never: a decision about a push; those
are all the program's. What is done here is to share records out so that each process sees all it needs, and to
put together again what the groups say of what crosses them.
"""

import argparse
import collections
import datetime
import heapq
import ipaddress
import itertools
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

import pyarrow as pa
from pyspark import SparkFiles
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

# --- the program -----------------------------------------------------------------------------------------------


# The rules of this job are those of that program. A later one puts pushes together by rules that the job does not have
# yet, and their parts would not fit.
WORKS_WITH = "reconstruct 0.1.0"


class Program:
    """How to call `reconstruct` on any node."""

    def __init__(self, path, ships, version=None, window="15m", max_decoded=None):
        self.path, self.ships, self.version = path, ships, version
        self.window, self.max_decoded = window, max_decoded

    def found(self):
        """The path on this node; a file that Spark brought along may have lost its permission to run."""
        if not self.ships:
            return self.path
        path = SparkFiles.get(os.path.basename(self.path))
        if not os.access(path, os.X_OK):
            os.chmod(path, 0o755)
        return path

    def trouble(self):
        """What keeps this node from running it; nothing if it is the version that is wanted."""
        where = f"on {os.uname().nodename}"
        try:
            done = subprocess.run([self.found(), "--version"], capture_output=True, text=True, timeout=60)
        except (OSError, subprocess.SubprocessError) as error:
            return f"`{self.path}` cannot be run {where}: {error}"
        version = ", ".join(done.stdout.split("\n")).strip(", ")
        if done.returncode or not version:
            return f"`{self.path} --version` fails {where}: {done.stderr.strip()[:500]}"
        if not version.startswith(WORKS_WITH):
            return f"`{self.path}` is `{version}` {where}, and this job works with `{WORKS_WITH}` alone: run one process"
        if self.version and version != self.version:
            return f"`{self.path}` is `{version}` {where}, and `{self.version}` on the driver"
        self.version = version
        return None

    def checked(self):
        """The same as an exception: for executors that came after the first look."""
        trouble = self.trouble()
        if trouble:
            raise RuntimeError(trouble)
        return self.found()

    def extract(self, *args):
        limit = ["--max-decoded", self.max_decoded] if self.max_decoded else []
        return [self.found(), "--quiet", "--extract", "--jobs", "1", *limit, *args]

    def report(self):
        return [self.found(), "--quiet", "--fail-on", "never", "--format", "jsonl", "--jobs", "1",
                "--window", self.window, "-"]


class Failed(Exception):
    """The program ended otherwise than it should; its words are the message."""

    def __init__(self, status, words):
        super().__init__(f"status {status}: {words}")
        self.status = status


class Piped:
    """One run of the program: lines go in until the first comes out."""

    def __init__(self, command):
        self.errors = tempfile.TemporaryFile()
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.errors)

    def write(self, data):
        try:
            self.process.stdin.write(data)
        except BrokenPipeError:
            pass  # Its status tells why it stopped to listen.

    def lines(self):
        """Every line, whole; then an exception if the program failed."""
        try:
            self.process.stdin.close()
        except BrokenPipeError:
            pass
        yield from self.process.stdout
        status = self.process.wait()
        if status:
            self.errors.seek(0)
            raise Failed(status, self.errors.read(4000).decode(errors="replace").strip())

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()
        self.errors.close()


def look_at_nodes(spark, program, n_tasks):
    """Ends the job before it begins where an executor has no program, or another version of it."""

    def look(batches):
        for _ in batches:
            yield pa.RecordBatch.from_pydict({"trouble": [program.trouble() or ""]})

    found = spark.range(0, n_tasks, 1, n_tasks).mapInArrow(look, "trouble string").distinct().collect()
    troubles = sorted(row.trouble for row in found if row.trouble)
    if troubles:
        raise SystemExit("push_sessions: " + "\n".join(troubles))


# --- the files -------------------------------------------------------------------------------------------------

MOST_NAMED = 5  # Files set aside that a coverage line names, of each kind.


class Found:
    """Files by root, and what was left alone, as the program itself finds them below a directory."""

    def __init__(self):
        self.files = []  # (root, name below it, bytes)
        self.hidden = []
        self.seen = set()

    def directory(self, root):
        """Links are followed after all else, and nothing is read twice, as in `src/source/discover.rs`."""
        root = os.fsencode(root).rstrip(b"/") + b"/"
        self.is_new(os.stat(root))
        folders, links = [b""], []
        while folders or links:
            if not folders:
                links.sort(reverse=True)
                link = links.pop()
                self.entry(root, link, folders, follow=True)
                continue
            folder = folders.pop()
            try:
                entries = list(os.scandir(root + folder))
            except OSError:
                self.files.append((root, folder or b".", 0))  # The program says why it cannot be read.
                continue
            for entry in entries:
                name = folder + entry.name
                if entry.name.startswith(b"."):
                    self.hidden.append(name)
                elif entry.is_symlink():
                    links.append(name)
                else:
                    self.entry(root, name, folders, follow=False)

    def entry(self, root, name, folders, follow):
        try:
            about = os.stat(root + name, follow_symlinks=follow)
        except OSError:
            return self.files.append((root, name, 0))
        if self.is_new(about):
            if os.path.isdir(root + name):
                folders.append(name + b"/")
            else:
                self.files.append((root, name, about.st_size))

    def is_new(self, about):
        key = (about.st_dev, about.st_ino)
        return key not in self.seen and not self.seen.add(key)

    def bucket(self, address):
        """Objects below a prefix, or the object that has this very key."""
        import boto3

        bucket, _, prefix = address.removeprefix("s3://").partition("/")
        client = boto3.client("s3")  # Reads AWS_ENDPOINT_URL and AWS_REGION, as the program does.
        pages = client.get_paginator("list_objects_v2")
        if prefix and not prefix.endswith("/"):
            page = client.list_objects_v2(Bucket=bucket, Prefix=prefix, MaxKeys=1)
            one = [listed for listed in page.get("Contents", []) if listed["Key"] == prefix]
            if one:
                return self.named(f"s3://{bucket}/{prefix}", one[0]["Size"])
            prefix += "/"
        root, hidden, n_before = f"s3://{bucket}/{prefix}".encode(), set(), len(self.files)
        for page in pages.paginate(Bucket=bucket, Prefix=prefix):
            for listed in page.get("Contents", []):
                name = listed["Key"][len(prefix):]
                parts = name.split("/")
                dots = [at for at, part in enumerate(parts) if part.startswith(".")]
                if dots:
                    hidden.add("/".join(parts[: dots[0] + 1]).encode())
                elif name and not name.endswith("/"):
                    self.files.append((root, name.encode(), listed["Size"]))
        self.hidden.extend(hidden)
        if len(self.files) == n_before and not hidden:
            raise SystemExit(f"push_sessions: there is nothing below `{address}`")

    def named(self, path, size=None):
        """A file named by itself goes by the last part of its name."""
        path = os.fsencode(path)
        at = path.rfind(b"/") + 1
        if size is None:
            size = os.path.getsize(path) if os.path.isfile(path) else 0
        self.files.append((path[:at], path[at:], size))

    def any(self, path):
        if path.startswith("s3://"):
            self.bucket(path)
        elif os.path.isdir(path):
            self.directory(path)
        elif os.path.exists(path):
            self.named(path)
        else:
            raise SystemExit(f"push_sessions: there is no `{path}`")

    def coverage(self):
        """The coverage line of what no executor will be given."""
        named = [{"why": "hidden", "file": name.decode(errors="replace")} for name in sorted(self.hidden)]
        line = blank_coverage()
        line["files"]["hidden"] = len(named)
        line["set_aside"], line["set_aside_more"] = named[:MOST_NAMED], max(0, len(named) - MOST_NAMED)
        return coverage_line(line)

    def batches(self, most_files, most_bytes):
        """Lists of (root, names, bytes): of one root each, neighbours together."""
        self.files.sort()
        for root, files in itertools.groupby(self.files, lambda file: file[0]):
            names, n_bytes = [], 0
            for _, name, size in files:
                if names and (len(names) >= most_files or n_bytes + size > most_bytes):
                    yield root, b"\0".join(names), n_bytes
                    names, n_bytes = [], 0
                names.append(name)
                n_bytes += size
            yield root, b"\0".join(names), n_bytes


def blank_coverage():
    kinds = ("read without_push_events digest insight empty hidden pruned not_cloudtrail unreadable").split()
    return {
        "version": 1, "files": dict.fromkeys(kinds, 0), "set_aside": [], "set_aside_more": 0,
        "records": {"other": 0, "duplicate": 0, "malformed": 0}, "skipped": 0, "archives": False,
        "sources": [], "digests": [], "names": "", "told": "", "problems": [],
    }


def coverage_line(value):
    return json.dumps({"reconstruct.coverage": value}, separators=(",", ":")).encode() + b"\n"


# --- from files to records -------------------------------------------------------------------------------------

EXTRACTED = pa.schema([
    ("kind", pa.string()),  # record, login, coverage, or failed: what became of a batch
    ("line", pa.binary()),
    ("place", pa.string()),  # service, registry, region and repository; `[]` where none is named
    ("event_id", pa.string()),
    ("recipient", pa.string()),  # with `region` whose log it stands in
    ("region", pa.string()),
    ("time", pa.int64()),
    ("arn", pa.string()),
    ("principal", pa.string()),
    ("logins", pa.list_(pa.string())),  # a login: by what it is found; a record: what it asks for
    ("ties", pa.list_(pa.string())),  # ids that have to be unique to a place, or join it to another
    ("upload", pa.string()),
    ("stage", pa.int8()),
    ("is_read", pa.bool_()),
    ("is_push", pa.bool_()),
    ("creates", pa.bool_()),
])
STAGES = {"BatchCheckLayerAvailability": 0, "InitiateLayerUpload": 1, "UploadLayerPart": 2, "CompleteLayerUpload": 3,
          "PutImage": 4}
SERVICES = {"ecr.amazonaws.com": "ecr", "ecr-public.amazonaws.com": "ecr-public",
            "ecrpublic.amazonaws.com": "ecr-public"}
ARN = re.compile(r"arn:[^:]*:(?:ecr|ecr-public):([^:]*):([^:]*):repository/(.+)", re.DOTALL)
CANNOT_RUN = 2  # The program's status where no file is to blame: no credentials, a bucket that cannot be listed.
COVERAGE = b'{"reconstruct.coverage"'
NOWHERE = "[]"
TOKEN_SECONDS = 12 * 60 * 60  # How long a login serves.
REACH_SECONDS = 10  # More than clocks may differ and a key may be younger than its login.


def as_batches(rows, schema, most_rows=4_000, most_bytes=16 << 20):
    """Arrow batches of dictionaries; what a row does not name is null."""
    kept, n_bytes = [], 0
    for row in rows:
        kept.append(row)
        n_bytes += len(row.get("line") or b"")
        if len(kept) >= most_rows or n_bytes >= most_bytes:
            yield pa.RecordBatch.from_pylist(kept, schema)
            kept, n_bytes = [], 0
    if kept:
        yield pa.RecordBatch.from_pylist(kept, schema)


def extracted(program, root, names):
    """The rows of a batch. A process that dies is followed by two for the halves, so that one file is lost."""
    with tempfile.SpooledTemporaryFile(64 << 20) as lines, Piped(program.extract("--files-from", "-")) as run:
        run.write(b"".join(root + name + b"\0" for name in names))
        try:
            lines.writelines(run.lines())
        except Failed as failure:
            if len(names) > 1 and failure.status != CANNOT_RUN:
                half = len(names) // 2
                yield from extracted(program, root, names[:half])
                yield from extracted(program, root, names[half:])
            else:
                what = (root + names[0]).decode(errors="replace")
                if len(names) > 1:
                    what += f" and {len(names) - 1} more files"
                yield {"kind": "failed", "line": failed("extract", what, failure)}
            return
        lines.seek(0)
        for line in lines:
            yield coverage(line, root, names) if line.startswith(COVERAGE) else route(line)


def failed(stage, what, failure):
    """The row of the report that stands for what a process that failed would have said."""
    row = {"type": "failed", "stage": stage, "of": what, "message": str(failure)}
    return json.dumps(row, separators=(",", ":")).encode()


def coverage(line, root, names):
    """The coverage line of a batch, its files named as below the root: alone they go by their last part."""
    value = json.loads(line)["reconstruct.coverage"]
    named = value["set_aside"] + value["problems"]
    if named:
        short = collections.defaultdict(list)
        for name in names:
            short[name.rpartition(b"/")[2].decode(errors="replace")].append(name.decode(errors="replace"))
        whole = root.decode(errors="replace")
        for row in named:
            known = short.get(row["file"], [])
            row["file"] = known[0] if len(known) == 1 else row["file"].removeprefix(whole)
        line = coverage_line(value)
    return {"kind": "coverage", "line": line}


def text(value):
    """A text that Arrow can hold: JSON can escape halves of characters."""
    return value.encode(errors="replace").decode() if isinstance(value, str) else None


def member(value, *path):
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def first(*values):
    return next((value for value in values if value is not None), None)


def seconds(value):
    """Whole seconds since 1970 of an RFC 3339 text."""
    try:
        return int(datetime.datetime.fromisoformat(value.replace("Z", "+00:00")).timestamp() // 1)
    except (AttributeError, ValueError, OverflowError):
        return None


def route(line):
    """What sharing out needs of a record, by the rules of `src/event/parse.rs`."""
    line = line.rstrip(b"\n")
    try:
        record = json.loads(line)
    except (ValueError, RecursionError):
        record = {}  # Written to be hard to read: the program will say what it is.
    record = member(record, "reconstruct.record") or record

    def get(*path):
        return text(member(record, *path))

    service, name = SERVICES.get(get("eventSource"), "ecr"), get("eventName")
    is_service = get("eventType") == "AwsServiceEvent"
    is_login = name == "GetAuthorizationToken" and not is_service
    is_push = is_login or (name in STAGES and not is_service)
    arn, principal, account = (get("userIdentity", key) for key in ("arn", "principalId", "accountId"))
    at = seconds(member(record, "eventTime"))
    callers = {caller for caller in (arn, principal) if caller is not None} or {account or ""}
    created = seconds(member(record, "userIdentity", "sessionContext", "attributes", "creationDate"))
    half_days = {at // TOKEN_SECONDS} if at is not None else set()
    if at is not None and not is_login:
        half_days |= {at // TOKEN_SECONDS - 1, (at + REACH_SECONDS) // TOKEN_SECONDS}
    if created is not None and not is_login:
        half_days |= {(created + reach) // TOKEN_SECONDS for reach in (-REACH_SECONDS, REACH_SECONDS)}
    upload = first(get("requestParameters", "uploadId"), get("responseElements", "uploadId"))
    ids = (("e", get("eventID")), ("e", get("addendum", "originalEventID")), ("s", get("sharedEventID")), ("u", upload))
    return {
        "kind": "login" if is_login else "record",
        "line": line,
        "place": NOWHERE if is_login else place(record, service, get, account),
        "event_id": get("eventID"),
        "recipient": get("recipientAccountId") or "",
        "region": get("awsRegion") or "",
        "time": at,
        "arn": arn,
        "principal": principal,
        "logins": [f"{service} {half} {caller}" for half in sorted(half_days) for caller in sorted(callers)],
        "ties": [f"{kind} {value.lower()}" for kind, value in ids if value] if is_push else [],
        "upload": upload if name in STAGES else None,
        "stage": STAGES.get(name),
        "is_read": name in ("GetAuthorizationToken", "BatchCheckLayerAvailability"),
        "is_push": is_push,
        "creates": name == "CreateRepository" and not get("errorCode"),
    }


def place(record, service, get, account):
    """Service, registry, region and repository: the account that owns it, never the alias of a request."""
    found = None
    resources = member(record, "resources")
    for resource in resources if isinstance(resources, list) else []:
        arn = first(text(member(resource, "ARN")), text(member(resource, "arn")))
        found = found or (ARN.fullmatch(arn) if arn else None)
    name = first(
        get("requestParameters", "repositoryName"),
        get("responseElements", "repositoryName"),
        get("responseElements", "image", "repositoryName"),
        get("responseElements", "repository", "repositoryName"),
        get("serviceEventDetails", "repositoryName"),
        found and found[3],
    )
    if name is None:
        return NOWHERE
    registry = first(
        get("responseElements", "registryId"),
        get("responseElements", "image", "registryId"),
        get("responseElements", "repository", "registryId"),
        found and found[2],
        get("recipientAccountId"),
        account,
        "",
    )
    region = first(get("awsRegion"), found and found[1], "") if service == "ecr" else ""
    return json.dumps([service, registry, region, name])


def extract(spark, program, batches):
    """A frame of every push record and coverage line of the files."""
    frame = spark.createDataFrame(list(batches), "root binary, names binary, bytes long")

    def run(tables):
        program.checked()
        rows = (
            row
            for table in tables
            for batch in table.to_pylist()
            for row in extracted(program, batch["root"], batch["names"].split(b"\0"))
        )
        yield from as_batches(rows, EXTRACTED)

    # From one partition the round robin is even: a task a batch.
    return frame.coalesce(1).repartition(max(1, frame.count())).mapInArrow(run, to_spark(EXTRACTED))


def to_spark(schema):
    names = {pa.string(): "string", pa.binary(): "binary", pa.int64(): "long", pa.int8(): "tinyint",
             pa.bool_(): "boolean", pa.list_(pa.string()): "array<string>"}
    return ", ".join(f"{field.name} {names[field.type]}" for field in schema)


# --- what all groups have to know ------------------------------------------------------------------------------


class Shared:
    """Facts of the whole log that the groups are given, or that their rows are made good with."""

    def __init__(self, program, merged, told, rows):
        self.program = program
        value = json.loads(merged)["reconstruct.coverage"]
        # Of the coverage a group needs when the logs of its own accounts and regions spoke, and what was told.
        self.slim = {**blank_coverage(), "told": told, "archives": value["archives"]}
        self.sources = collections.defaultdict(lambda: ([], []))
        for at, key in enumerate(("sources", "digests")):
            for row in value[key]:
                self.sources[row["account"], row["region"]][at].append(row)
        self.sources = dict(self.sources)
        self.vague = vague_principals(rows)
        self.silent = silent_accounts(rows)
        self.uneven, self.skew = skews(rows)

    def coverage(self, sources):
        """The coverage line for a group whose records stand in the logs of `sources`."""
        line = dict(self.slim)
        known = [self.sources[source] for source in sorted(sources) if source in self.sources]
        line["sources"] = [row for heard, _ in known for row in heard]
        line["digests"] = [row for _, digests in known for row in digests]
        return coverage_line(line)


def merge_coverage(program, own, rows):
    """One coverage line of all: the program adds them up itself. It tells only of records beside it, so what was told
    of records is gathered here; a quote inside a text is escaped, so that `"told":` can only be the key.
    """
    told = []
    with Piped(program.extract("-")) as run:
        run.write(own)
        for row in rows.where("kind = 'coverage'").select("line").toLocalIterator():
            line = bytes(row.line)
            run.write(line)
            told += re.findall("[0-9a-f]{16}", re.search(rb'"told":"([0-9a-f]*)"', line)[1].decode())
        return b"".join(run.lines()), "".join(sorted(told))


def vague_principals(rows):
    """Principal ids that stand without an ARN somewhere, and elsewhere with one: the first and last ARN of each.

    The program takes such an id for the principal of its one ARN, whatever record of the log shows it.
    """
    of_principal = rows.where("principal is not null").groupBy("principal")
    found = of_principal.agg(F.min("arn").alias("low"), F.max("arn").alias("high"), F.max(F.isnull("arn")).alias("bare"))
    return {row.principal: (row.low, row.high) for row in found.where("bare and low is not null").collect()}


def silent_accounts(rows):
    """Accounts in whose logs there is not one login or check."""
    of_account = rows.where("is_push").groupBy("recipient").agg(F.max("is_read").alias("reads"))
    return {row.recipient for row in of_account.where("not reads").collect()}


SKEW, SKEW_WITNESSES = 5, 200  # As in `src/session/own/thresholds.rs`.


def skews(rows):
    """How far the clocks of the log differ, and the uploads of each group that would conclude otherwise by itself."""
    at = lambda stage: F.when(F.col("stage") == stage, F.col("time"))
    uploads = rows.where("upload is not null").groupBy("comp", "place", F.lower("upload")).agg(
        F.min(at(1)).alias("begun"), F.min(at(2)).alias("part"), F.max(at(2)).alias("last"), F.max(at(3)).alias("ended"))
    late = F.greatest(F.expr("begun - part"), F.expr("last - ended"), F.expr("begun - ended"))
    late = F.least(F.greatest(F.coalesce(late, F.lit(0)), F.lit(0)), F.lit(SKEW))
    of_group = uploads.withColumn("late", late).groupBy("comp").agg(
        *(F.count(F.when(F.col("late") == seconds, 1)).alias(f"late_{seconds}") for seconds in range(SKEW + 1)))
    counts = [f"late_{seconds}" for seconds in range(SKEW + 1)]
    whole = of_group.agg(*(F.sum(count).alias(count) for count in counts)).first()
    skew = skew_of([whole[count] or 0 for count in counts])
    some = of_group if skew else of_group.where(" + ".join(counts[1:]) + " > 0")
    found = ((row.comp, [row[count] for count in counts]) for row in some.toLocalIterator())
    return {comp: late for comp, late in found if skew_of(late) != skew}, skew


def skew_of(late):
    """The seconds that enough uploads bear witness of; `src/session/own/skew.rs`."""
    enough = max(2, sum(late) // SKEW_WITNESSES)
    return next((seconds for seconds in range(SKEW, 0, -1) if sum(late[seconds:]) >= enough), 0)


def witnesses(late, skew):
    """How many even uploads, and how many that are late by `skew`, have to stand by to let a group conclude it."""
    n_even = max(0, SKEW_WITNESSES * (sum(late[skew + 1:]) + 1) - sum(late)) if skew < SKEW else 0
    if not any(late[skew + 1:]):
        n_even = 0
    n_late = 0
    while skew and sum(late[skew:]) + n_late < max(2, (sum(late) + n_even + n_late) // SKEW_WITNESSES):
        n_late += 1
    return n_even, n_late


def components(rows):
    """Places that share an id: conflicting records, twins, uploads in two repositories. Each with the place that
    stands for all of them; what shares nothing, nearly all, is not in it.
    """
    ties = rows.where("kind = 'record'").select("place", F.explode("ties").alias("tie")).distinct()
    shared = ties.groupBy("tie").agg(F.collect_set("place").alias("places")).where(F.size("places") > 1)
    return united(row.places for row in shared.select("places").distinct().toLocalIterator())


def united(sets):
    """The least member of all that hang together, by member."""
    leads = {}

    def lead(member):
        leads.setdefault(member, member)
        while leads[member] != member:
            leads[member] = member = leads[leads[member]]
        return member

    for members in sets:
        low = min(lead(member) for member in members)
        for member in members:
            leads[lead(member)] = low
    return {member: lead(member) for member in leads}


def with_group(spark, rows):
    """The rows with `comp`, the group that each belongs to; logins have one of their own."""
    united_places = components(rows)
    tied = rows.where("kind = 'login' and size(ties) > 1").select("ties")
    united_logins = united(row.ties for row in tied.toLocalIterator())
    joined = {**united_places, **united_logins}
    key = F.when(F.col("kind") == "login", F.concat(F.lit("e "), F.lower("event_id"))).otherwise(F.col("place"))
    rows = rows.withColumn("key", key)
    if joined:
        table = spark.createDataFrame(list(joined.items()), "key string, lead string")
        rows = rows.join(F.broadcast(table), "key", "left").withColumn("key", F.coalesce("lead", "key")).drop("lead")
    bucket = F.concat(F.lit("logins "), F.pmod(F.crc32(F.col("key")), F.lit(N_LOGIN_GROUPS)).cast("string"))
    return rows.withColumn("comp", F.when(F.col("kind") == "login", bucket).otherwise(F.col("key"))).drop("key")


N_LOGIN_GROUPS = 64


# --- from records to pushes ------------------------------------------------------------------------------------

LOGIN, OWN, ELSEWHERE = 0, 1, 2  # The rank of a row in a group; records of other places come last.
GIVEN = "seat, comp, rank, line, event_id, recipient, region, principal, place"
REPORTED = pa.schema([
    ("comp", pa.string()),
    ("type", pa.string()),
    ("line", pa.binary()),
    ("day", pa.string()),
    ("id", pa.string()),
    ("status", pa.string()),
    ("service", pa.string()),
    ("registry", pa.string()),
    ("region", pa.string()),
    ("repository", pa.string()),
    ("whole_id", pa.string()),  # all sixteen digits of it, by which pushes of one second are sorted
    ("first", pa.string()),
    ("event_id", pa.string()),
    ("login", pa.string()),  # the login that a push used, with how many pushes of its group it served
    ("served", pa.int64()),
    ("who", pa.string()),
    ("ip", pa.string()),
    ("program", pa.string()),
    ("shown_by", pa.string()),
    ("note", pa.string()),  # the message of a new-client finding
    ("recorded_by", pa.string()),  # whose log it stands in, if that is one of the silent accounts
    ("unseen", pa.list_(pa.string())),  # blobs that the log of the group does not explain
    ("counts", pa.string()),
])


class Seats:
    """Which task each group goes to: large ones one by one to where least is, the rest to tasks that still have room.

    `repartition` hashes what it is given, so a task goes by a number whose hash falls to it.
    """

    def __init__(self, spark, rows, n_tasks):
        sizes = rows.groupBy("comp").agg(F.sum(F.length("line")).alias("size"))
        self.n_tasks, total = n_tasks, sizes.agg(F.sum("size")).first()[0] or 0
        loads, self.large = [(0, task) for task in range(n_tasks)], {}
        large = sizes.where(F.col("size") > total / (4 * n_tasks))
        for row in large.orderBy(F.desc("size"), "comp").collect():
            load, task = heapq.heappop(loads)
            self.large[row.comp] = task
            heapq.heappush(loads, (load + row.size, task))
        self.roomy = sorted(task for load, task in loads if load <= total / n_tasks)
        ids = spark.range(20 * n_tasks + 100).select(F.col("id").cast("int"))
        of_task = ids.groupBy(F.pmod(F.hash("id"), F.lit(n_tasks)).alias("task")).agg(F.min("id").alias("number"))
        numbers = {row.task: row.number for row in of_task.collect()}
        # A task without a number, which is most unlikely, shares with another.
        self.number = [numbers.get(task, task) for task in range(n_tasks)]

    def take(self, spark, rows):
        """The rows of each task by group, logins first."""
        numbers = F.array(*(F.lit(self.number[task]) for task in self.roomy))
        at = F.pmod(F.crc32(F.col("comp").cast("binary")), F.lit(len(self.roomy))).cast("int")
        seat = F.element_at(numbers, at + 1)
        if self.large:
            large = [(comp, self.number[task]) for comp, task in self.large.items()]
            rows = rows.join(F.broadcast(spark.createDataFrame(large, "comp string, large int")), "comp", "left")
            seat = F.coalesce("large", seat)
        rows = rows.withColumn("seat", seat).selectExpr(*GIVEN.split(", "))
        return rows.repartition(self.n_tasks, "seat").sortWithinPartitions("comp", "rank")


def reports(spark, rows, shared, seats):
    """What the program says of each group."""

    def run(tables):
        shared.program.checked()
        rows = (row for table in tables for row in table.to_pylist())
        groups = itertools.groupby(rows, lambda row: row["comp"])
        yield from as_batches((said for comp, group in groups for said in report(shared, comp, group)), REPORTED)

    return seats.take(spark, rows).mapInArrow(run, to_spark(REPORTED))


def report(shared, comp, rows):
    """The rows of one group. Its records stream through; what is kept is small, or seldom there."""
    given = Given(shared, comp)
    with Piped(shared.program.report()) as run:
        for row in rows:
            run.write(row["line"] + b"\n")
            given.note(row)
        run.write(given.aside())
        try:
            for line in run.lines():
                said = given.said(line)
                if said:
                    yield said
        except Failed as failure:
            yield {"comp": comp, "type": "failed", "line": failed("report", comp, failure)}


class Given:
    """What a group was given beside its own records, and so has to be taken off what it says."""

    def __init__(self, shared, comp):
        self.shared, self.comp = shared, comp
        self.sources, self.vague, self.places = set(), set(), set()
        self.n_logins = self.n_seen_elsewhere = self.n_padding = self.n_told = 0
        self.recorded_by = {}
        self.logins = set()

    def note(self, row):
        self.sources.add((row["recipient"], row["region"]))
        if row["principal"] in self.shared.vague:
            self.vague.add(row["principal"])
        if row["rank"] == LOGIN:
            self.n_logins += 1
            self.logins.add(row["event_id"])
        elif row["rank"] == OWN:
            self.places.add(row["place"])
        elif row["rank"] == ELSEWHERE:
            self.n_seen_elsewhere += 1
        if row["recipient"] in self.shared.silent:
            self.recorded_by[row["event_id"]] = row["recipient"]

    def aside(self):
        """The lines that are no records of the log: what the program has to know of the rest."""
        lines = [self.shared.coverage(self.sources)]
        for principal in sorted(self.vague):
            lines.extend(seen_with(principal, arn) for arn in self.shared.vague[principal])
        late = self.shared.uneven.get(self.comp)
        if late:
            n_even, n_late = witnesses(late, self.shared.skew)
            lines.extend(upload_of_nobody(number, self.shared.skew if number < n_late else 0)
                         for number in range(n_even + n_late))
            self.n_padding = 2 * (n_even + n_late)
        return b"".join(lines)

    def said(self, line):
        """A line of the report with what is needed of it; nothing for what others say."""
        row = json.loads(line)
        kind = row["type"]
        said = {"comp": self.comp, "type": kind, "line": line.rstrip(b"\n")}
        if kind == "session":
            return self.session(row, said)
        if kind == "coverage":
            return {**said, "line": None, "counts": json.dumps(self.counts(row))}
        if kind == "unplaced":
            if not self.comp.startswith("logins "):
                return None  # Of a login only all groups together can say that nobody used it.
            return {**said, "day": row["time"][:10], "event_id": row["event_id"], "login": login_of(row)}
        if kind == "problem" and any(f"`{login}`" in row["message"] for login in self.logins if login):
            self.n_told += 1
            return None  # The logins have a group of their own, which told it.
        return said if kind == "problem" else None

    def counts(self, row):
        counts = dict(row["records"])
        counts["push"] -= self.n_logins + self.n_seen_elsewhere + self.n_padding
        counts["other"] -= 2 * len(self.vague)
        counts["seen"] -= self.n_logins + self.n_seen_elsewhere + self.n_padding + 2 * len(self.vague)
        return {**counts, "problems": row["summary"]["problems"] - self.n_told}

    def session(self, row, said):
        key = [row["service"], row["registry"] or "", row["region"] if row["service"] == "ecr" else "",
               row["repository"]]
        at = NOWHERE if row["repository"] is None else json.dumps(key)
        if (self.n_seen_elsewhere or self.n_padding) and at not in self.places:
            return None
        own = [event for event in row["events"] if not event["shared"]]
        client, login = row["client"], row["authorization"]
        shown = None
        if client:
            direct = (event["event_id"] for event in own if is_address(event["source_ip"]))
            shown = login["event_id"] if client["from"] == "authorization" else next(direct, None)
        notes = [finding["message"] for finding in row["findings"] if finding["code"] == "new-client"]
        unseen = any(finding["code"] == "unseen-layer" for finding in row["findings"])
        return {
            **said,
            **{name: row[name] for name in ("id", "status", "service", "registry", "region", "repository")},
            "day": row["first"][:10],
            "whole_id": whole_id(row, own),
            "first": row["first"],
            "login": login and login_of(row["events"][0]),
            "served": row["authorization_pushes"],
            "who": self.who(row["identity"]),
            "ip": client and (client["source_ip"] or ""),
            "program": client and re.split("[ /]", client["user_agent"] or "")[0],
            "shown_by": shown,
            "note": notes[0] if notes else None,
            "recorded_by": self.recorded_by.get(own[0]["event_id"]) if own else None,
            "unseen": [layer["digest"] for layer in row["layers"] if layer["state"] == "reused"] if unseen else None,
        }

    def who(self, identity):
        """The principal, as `src/session/own/lane.rs` names it."""
        principal = identity["principal_id"]
        low, high = self.shared.vague.get(principal, (None, None))
        return first(identity["arn"], low if low == high else None, principal, identity["account"], "")


def login_of(event):
    """What tells a login from another, even where two claim one `eventID`."""
    return json.dumps([event[name] for name in ("event_id", "time", "request_id", "source_ip", "user_agent",
                                                "access_key_id", "error_code")])


def is_address(value):
    try:
        return "%" not in value and bool(ipaddress.ip_address(value))
    except (TypeError, ValueError):
        return False


def whole_id(row, own):
    """The id with the digits that a report leaves out, made as `src/session/assemble.rs` makes it."""
    parts = ["", "", "", ""]
    if row["repository"] is not None:
        parts = [row["service"], row["registry"] or "", row["region"] if row["service"] == "ecr" else "",
                 row["repository"]]
    begin = fnv1a(0xCBF29CE484222325, parts)
    for event in sorted(own, key=lambda event: (event["time"], event["event_id"])):
        found = f"{fnv1a(begin, [event['event_id']]):016x}"
        if found.endswith(row["id"]):
            return found
    return row["id"]


def fnv1a(value, parts):
    for part in parts:
        for byte in part.encode() + b"\xff":
            value = (value ^ byte) * 0x100000001B3 & 0xFFFFFFFFFFFFFFFF
    return value


def made_up(name, time, identity=None, **members):
    """A record of nobody, that no report shows."""
    record = {"eventSource": "ecr.amazonaws.com", "eventName": name, "eventTime": time, "userIdentity": identity or {},
              "awsRegion": "-", "recipientAccountId": "-", **members}
    return json.dumps(record, separators=(",", ":")).encode() + b"\n"


def seen_with(principal, arn):
    """A call beside all pushes that shows a principal id with an ARN."""
    return made_up("DeleteRepositoryPolicy", "1970-01-01T00:00:00Z", {"principalId": principal, "arn": arn},
                   eventID=f"{principal} {arn}")


def upload_of_nobody(number, late):
    """An upload whose end was logged `late` seconds before its begin."""
    request = {"repositoryName": "-", "uploadId": f"- {number}"}
    begun = made_up("InitiateLayerUpload", f"1970-01-01T00:00:0{late}Z", eventID=f"- {number} begun",
                    requestParameters=request, responseElements={"uploadId": request["uploadId"]})
    return begun + made_up("CompleteLayerUpload", "1970-01-01T00:00:00Z", eventID=f"- {number} ended",
                           requestParameters=request)


def kept_logins(logins, said):
    """The logins without copies and twins, which are counted where they are; more than one of an `eventID` only where
    they are in conflict.
    """
    kept = said.where("type = 'unplaced'").groupBy("event_id").agg(F.count("*").alias("versions"))
    version = F.when(F.col("versions") > 1, F.col("line"))
    return logins.join(kept, "event_id").withColumn("version", version).dropDuplicates(["event_id", "version"])


def logins_of_groups(records, logins):
    """The logins that each group needs: those that a push in it can have used, and one of each account and region
    that records logins at all.
    """
    asked = records.select("comp", F.explode("logins").alias("asked")).distinct()
    offered = logins.select(F.explode("logins").alias("asked"), "line", "event_id", "recipient", "region", "principal")
    found = asked.join(offered, "asked").drop("asked")
    any_of = logins.groupBy("recipient", "region").agg(
        F.min_by(F.struct("line", "event_id", "principal"), "event_id").alias("any"))
    heard = records.select("comp", "recipient", "region").distinct().join(any_of, ["recipient", "region"])
    heard = heard.select("comp", "any.line", "any.event_id", "recipient", "region", "any.principal")
    found = found.select(heard.columns).unionByName(heard).dropDuplicates(["comp", "event_id", "line"])
    return found.withColumn("rank", F.lit(LOGIN)).withColumn("place", F.lit(NOWHERE))


def seen_elsewhere(spark, rows, said):
    """For pushes with layers that their group cannot explain: uploads of these to other repositories of the registry,
    and manifests of repositories that were there before the log, which list them. The groups are to be asked again
    with them (`src/finding/checks/unseen_layer.rs`).
    """
    wanted = collections.defaultdict(lambda: collections.defaultdict(set))
    for row in said.where("unseen is not null").select("comp", "service", "registry", "region", "unseen").collect():
        for digest in row.unseen:
            wanted[row.registry or "", row.region if row.service == "ecr" else ""][digest].add(row.comp)
    if not wanted:
        return None
    wanted = {registry: dict(digests) for registry, digests in wanted.items()}
    created = {row.place for row in rows.where("creates").select("place").distinct().collect()}
    schema = pa.schema([("comp", pa.string()), ("digest", pa.string()),
                        *(field for field in EXTRACTED if field.name in GIVEN.split(", "))])

    def run(tables):
        yield from as_batches((found for table in tables for row in table.to_pylist() for found in look(row)), schema)

    def look(row):
        if row["place"] == NOWHERE or (row["stage"] == STAGES["PutImage"] and row["place"] in created):
            return
        _, registry, region, _ = json.loads(row["place"])
        digests = wanted.get((registry, region), {})
        line = row["line"].decode(errors="replace")
        if row["stage"] == STAGES["CompleteLayerUpload"]:
            record = json.loads(line)
            error = member(record.get("reconstruct.record", record), "errorCode")
            if error not in (None, "LayerAlreadyExistsException"):
                return
        for digest in set(re.findall("sha256:[0-9a-f]{64}", line)) & digests.keys():
            for comp in digests[digest] - {row["comp"]}:
                yield {**{name: row[name] for name in schema.names if name in row}, "comp": comp, "digest": digest}

    calls = rows.where(F.col("stage").isin(STAGES["CompleteLayerUpload"], STAGES["PutImage"]))
    found = calls.mapInArrow(run, to_spark(schema)).dropDuplicates(["comp", "digest", "recipient"])
    return found.drop("digest").dropDuplicates(["comp", "event_id"]).withColumn("rank", F.lit(ELSEWHERE))


# --- what crosses the groups -----------------------------------------------------------------------------------

HABIT, MOST_KNOWN = 5, 8  # As in `src/finding/checks/new_client.rs`.
AFTER_NEW_CLIENT = {  # Findings that stand behind a new-client in a push: the order of docs/findings.md.
    "byte-hole", "part-overlap", "part-resent", "size-mismatch", "upload-shared", "manifest-altered", "unseen-layer",
    "manifest-omitted", "parameters-omitted", "clock-skew", "contradiction", "hole-in-push",
}
LEAST_PUSHES = 3  # As in `src/finding/checks/reads_missing.rs`.


def habits(pushes):
    """Messages of new-client findings for the pushes of one principal, in order of time; nothing for most."""
    addresses, programs = [], []

    def is_news(known, value, n_pushes):
        if not value or value in known or len(known) > MOST_KNOWN:
            return False
        is_habit = bool(known) and n_pushes >= HABIT * len(known)
        known.append(value)
        return is_habit

    for n_pushes, push in enumerate(pushes):
        new = [value for known, value in ((addresses, push["ip"]), (programs, push["program"]))
               if is_news(known, value, n_pushes)]
        note = f"the {n_pushes:,} pushes before in this log never came from {' with '.join(new)}" if new else None
        yield push, note


CHANGED = pa.schema([("comp", pa.string()), ("id", pa.string()), ("new_note", pa.string())])


def new_notes(sessions):
    """Pushes whose new-client finding is another, or none, when a principal's pushes to all repositories are seen."""

    def run(tables):
        rows = (row for table in tables for row in table.to_pylist())
        notes = (said for _, pushes in itertools.groupby(rows, lambda row: row["who"]) for said in habits(pushes))
        changed = ({**push, "new_note": note or ""} for push, note in notes if note != push["note"])
        yield from as_batches(({name: row[name] for name in CHANGED.names} for row in changed), CHANGED)

    shown = sessions.where("ip is not null").select("who", "first", "whole_id", "comp", "id", "ip", "program", "note")
    return shown.repartition("who").sortWithinPartitions("who", "first", "whole_id").mapInArrow(run, to_spark(CHANGED))


def made_good(sessions):
    """The sessions with what only all groups together can say: how many pushes a login served, and new clients."""
    of_login = ["login", "who", "service"]  # Principals tell logins apart that claim one `eventID`.
    served = sessions.where("login is not null").groupBy(of_login).agg(F.count("*").alias("all_served"))
    other = sessions.select("comp", "id", "served", *of_login).join(served, of_login).where("served <> all_served")
    changed = other.select("comp", "id", "all_served").join(new_notes(sessions), ["comp", "id"], "full")
    schema = pa.schema([field for field in REPORTED if field.name in FINAL])

    def run(tables):
        rows = (row for table in tables for row in table.to_pylist())
        yield from as_batches(
            ({**{name: row[name] for name in schema.names}, "line": rewritten(row)} for row in rows), schema)

    return sessions.join(changed, ["comp", "id"], "left").mapInArrow(run, to_spark(schema))


FINAL = ("type", "day", "id", "status", "service", "registry", "region", "repository", "first", "line")


def rewritten(row):
    """The line of a push with both made good; all else of it is left as it was written.

    A quote inside a text is escaped, so that `"findings":[` can only be the key.
    """
    line = row["line"]
    if row["all_served"] is not None:
        line = re.sub(rb'"authorization_pushes":\d+', b'"authorization_pushes":%d' % row["all_served"], line, count=1)
    if row["new_note"] is not None:
        key = b'"findings":['
        begin = line.rindex(key) + len(key)
        findings = [text for code, text in members(line[begin:].decode()) if code != "new-client"]
        if row["new_note"]:
            note = {"code": "new-client", "severity": "note", "session": row["id"], "message": row["new_note"],
                    "label": "", "help": None, "events": [row["shown_by"]]}
            codes = [json.loads(text)["code"] for text in findings]
            at = next((at for at, code in enumerate(codes) if code in AFTER_NEW_CLIENT), len(codes))
            findings.insert(at, json.dumps(note, separators=(",", ":"), ensure_ascii=False))
        line = line[:begin] + ",".join(findings).encode() + b"]}"
    return line


def members(text):
    """The codes and texts of the findings of a list that is open."""
    decoder = json.JSONDecoder()
    while text.startswith(("{", ",")):
        text = text.removeprefix(",")
        finding, end = decoder.raw_decode(text)
        yield finding["code"], text[:end]
        text = text[end:]


def whole_log(shared, merged, sessions, said, unplaced):
    """The rows that are of the log and of no push, the last of them the coverage."""
    with Piped(shared.program.report()) as run:
        run.write(merged)
        lines = [line.rstrip(b"\n") for line in run.lines()]
    rows = [(json.loads(line)["type"], line) for line in lines[:-1]]
    last = json.loads(lines[-1])
    summary = last["summary"]
    for status, count in sessions.groupBy("status").count().collect():
        summary[status] += count
        summary["pushes"] += count
        summary["in_log"] += count
    summary["unplaced"] = unplaced.count()
    for counted in said.where("counts is not null").select("counts").toLocalIterator():
        counts = json.loads(counted.counts)
        summary["problems"] += counts.pop("problems")
        for name, count in counts.items():
            last["records"][name] += count
    rows.extend(("finding", line) for line in reads_missing(sessions))
    rows.append(("coverage", json.dumps(last, separators=(",", ":"), ensure_ascii=False).encode()))
    return rows, last


def reads_missing(sessions):
    of_account = sessions.where("recorded_by is not null").groupBy("recorded_by").count()
    for account, count in sorted(map(tuple, of_account.where(F.col("count") >= LEAST_PUSHES).collect())):
        yield json.dumps({
            "type": "finding", "code": "reads-missing", "severity": "note", "session": None,
            "message": f"the log of `{account}` holds {count} pushes and not one login or check: its trail seems to "
                       "record writes only",
            "label": "", "help": "set the trail to record read events as well, then logins name addresses",
            "events": [],
        }, separators=(",", ":"), ensure_ascii=False).encode()


# --- the job ---------------------------------------------------------------------------------------------------


def options(words):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add = parser.add_argument
    add("paths", nargs="*", metavar="PATH", help="folder, file, or s3://BUCKET/PREFIX")
    add("--files-from", metavar="FILE", help="names of files, one a line, with s3://BUCKET/KEY among them")
    add("--out", required=True, help="folder that is made; any address that Spark can write")
    add("--format", choices=("jsonl", "parquet"), default="jsonl")
    add("--work", help="folder for what is between the stages, on storage that all nodes share; else beside --out")
    add("--keep-work", action="store_true", help="do not remove it at the end")
    add("--program", default="reconstruct", help="path of the program, the same on every node")
    add("--ship", action="store_true", help="let Spark bring the driver's program to the executors")
    add("--partitions", type=int, help="how many tasks read groups; else one for 64 MiB of records, and all cores")
    add("--batch-files", type=int, default=1000, help="most files a process is given")
    add("--batch-mib", type=int, default=128, help="most MiB of files, as they are stored, a process is given")
    add("--window", default="15m", help="as of the program")
    add("--max-decoded", help="as of the program")
    return parser.parse_args(words)


def rows_between(spark, path, frame):
    """What a stage made, on storage: a task that is tried again writes again, and its results count once."""
    frame.write.parquet(path)
    return spark.read.parquet(path)


class Clock:
    """Seconds by stage, told as they pass."""

    def __init__(self):
        self.seconds, self.since = {}, time.monotonic()

    def stage(self, name):
        now = time.monotonic()
        self.seconds[name], self.since = now - self.since, now
        print(f"push_sessions: {name}: {self.seconds[name]:.1f} s", file=sys.stderr, flush=True)


def run(spark, args):
    """The whole job: the coverage row, how many processes failed, and the seconds of each stage."""
    clock = Clock()
    work = args.work or args.out.rstrip("/") + "-work"
    for path in (args.out, work):
        hadoop, files = on_storage(spark, path)
        if files.exists(hadoop):
            raise SystemExit(f"push_sessions: `{path}` exists; name another folder, or remove it")
    # Lines of pushes are long, and Python holds a batch of them.
    spark.conf.set("spark.sql.execution.arrow.maxRecordsPerBatch", "1000")
    path = shutil.which(args.program) or args.program
    program = Program(path, False, None, args.window, args.max_decoded)
    trouble = program.trouble()
    if trouble:
        raise SystemExit(f"push_sessions: {trouble}")
    if args.ship:
        spark.sparkContext.addFile(os.path.abspath(path))
    everywhere = Program(path if args.ship else args.program, args.ship, program.version, args.window, args.max_decoded)
    n_cores = spark.sparkContext.defaultParallelism
    look_at_nodes(spark, everywhere, 2 * n_cores)
    clock.stage("start of workers")

    found = Found()
    for path in args.paths:
        found.any(path)
    for path in open(args.files_from, "rb").read().splitlines() if args.files_from else []:
        path = os.fsdecode(path)
        found.bucket(path) if path.startswith("s3://") else found.named(path)
    batches = list(found.batches(args.batch_files, args.batch_mib << 20))
    if not batches:
        raise SystemExit("push_sessions: there is no file to read")

    clock.stage("list files")
    between = lambda name, frame: rows_between(spark, f"{work}/{name}", frame)
    extracted = between("extracted", extract(spark, everywhere, batches))
    clock.stage("extract")
    merged, told = merge_coverage(program, found.coverage(), extracted)
    rows = with_group(spark, extracted.where("kind in ('record', 'login')")).withColumn("rank", F.lit(OWN))
    shared = Shared(everywhere, merged, told, rows)

    clock.stage("what all groups have to know")
    records, logins = rows.where("kind = 'record'"), rows.where("kind = 'login'")
    n_tasks = args.partitions
    if not n_tasks:
        n_tasks = max(n_cores, (rows.agg(F.sum(F.length("line"))).first()[0] or 0) >> 26)
    seats = Seats(spark, rows, n_tasks)
    said_logins = between("logins", reports(spark, logins, shared, seats))
    clock.stage("logins")
    of_groups = logins_of_groups(records, kept_logins(logins, said_logins))
    given = records.select(of_groups.columns).unionByName(of_groups)
    said = between("groups", reports(spark, given, shared, seats))
    clock.stage("groups")
    elsewhere = seen_elsewhere(spark, rows, said)
    if elsewhere is not None:
        again = said.where("unseen is not null").select("comp").distinct()
        asked = given.unionByName(elsewhere.select(given.columns)).join(F.broadcast(again), "comp", "left_semi")
        said_again = between("again", reports(spark, asked, shared, seats))
        said = said.join(F.broadcast(again), "comp", "left_anti").unionByName(said_again)

    clock.stage("layers of other repositories")
    result, last, n_failed = conclude(spark, shared, merged, extracted, said, said_logins)
    write(result, args)
    clock.stage("write")
    if not args.keep_work:
        hadoop, files = on_storage(spark, work)
        files.delete(hadoop, True)
    return last, n_failed, clock.seconds


def conclude(spark, shared, merged, extracted, said, said_logins):
    """All rows of the report, the coverage row again, and how many processes failed."""
    sessions = said.where("type = 'session'")
    said_all = said.unionByName(said_logins)
    used = sessions.where("login is not null").select("login").distinct()
    unplaced = said_logins.where("type = 'unplaced'").join(used, "login", "left_anti")
    failures = extracted.where("kind = 'failed'").select(F.lit("failed").alias("type"), "line")
    failures = failures.unionByName(said_all.where("type = 'failed'").select("type", "line"))
    of_log, last = whole_log(shared, merged, sessions, said_all, unplaced)
    of_log = spark.createDataFrame(of_log, "type string, line binary")
    problems = said_all.where("type = 'problem'").select("type", "line")
    result = made_good(sessions)
    for frame in (unplaced.select("type", "line", "day"), of_log, problems, failures):
        result = result.unionByName(frame, allowMissingColumns=True)
    return result, last, failures.count()


def write(result, args):
    """By type and day; each day in a few files, however many tasks had a part in it."""
    result = result.withColumn("line", F.col("line").cast("string")).hint("rebalance", "type", "day")
    if args.format == "parquet":
        result.write.partitionBy("type", "day").parquet(args.out)
    else:
        result.select("type", "day", F.col("line").alias("value")).write.partitionBy("type", "day").text(args.out)


def on_storage(spark, path):
    """A path as Hadoop knows it, and the file system that it is on."""
    hadoop = spark._jvm.org.apache.hadoop.fs.Path(path)
    return hadoop, hadoop.getFileSystem(spark._jsc.hadoopConfiguration())


def main():
    args = options(sys.argv[1:])
    spark = SparkSession.builder.appName("push sessions").getOrCreate()
    try:
        last, n_failed, _ = run(spark, args)
    finally:
        spark.stop()
    summary = last["summary"]
    print(f"push_sessions: {summary['pushes']} pushes, {last['files']['found']} files, {summary['problems']} problems, "
          f"{n_failed} processes failed; {args.out}", file=sys.stderr)
    sys.exit(3 if n_failed else 0)


if __name__ == "__main__":
    main()
