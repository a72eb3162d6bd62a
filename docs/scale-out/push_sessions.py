#!/usr/bin/env python3
"""Rebuilds the pushes of logs that are too many for one machine, on Spark; README.md beside it is the guide.

In: log files, in folders or buckets, and the program `reconstruct` on every node. Out: the rows of `reconstruct
--format jsonl`, as JSON Lines or Parquet, by type and day. Never: a look at a record or a row. The program does every
step; this moves lines between them, by keys that mean nothing here.
"""

import argparse
import contextlib
import heapq
import itertools
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time

import pyarrow as pa
from pyspark import SparkFiles
from pyspark.sql import SparkSession
from pyspark.sql import functions as F

TEXT, KEYS = ("part", "key", "day", "sort"), ("ties", "asks", "offers")
ROW = pa.schema([*((name, pa.string()) for name in TEXT), *((name, pa.list_(pa.string())) for name in KEYS),
                 ("line", pa.binary()), ("failed", pa.bool_())])
FRAME = ", ".join([*(f"{name} string" for name in TEXT), *(f"{name} array<string>" for name in KEYS),
                   "line binary", "failed boolean"])
STEPS = ("facts", "pushes", "rows")  # What is done with each group; but for the last, groups are answered.
TOLD, OTHER, OWN = b"!", b"+", b"="  # The marks of a group's lines, in the order in which they come.
ALL = "*"  # The group that stands for all.
NOTHING_TO_BLAME = 2  # The program's status where no file is at fault: no credentials, no such bucket.


class Failed(Exception):
    """The program ended otherwise than it should; its status, and its words."""

    def row(self, stage, what):
        """The row that stands for what the process would have said."""
        row = {"type": "failed", "stage": stage, "of": what, "message": "status {}: {}".format(*self.args)}
        return json.dumps(row, separators=(",", ":")).encode()


class Program:
    """How to call `reconstruct` on any node."""

    def __init__(self, path, ships, options, version=None):
        self.path, self.ships, self.options, self.version = path, ships, options, version
        self.is_known = False

    def found(self):
        """The path on this node; a file that Spark brought along may have lost its permission to run."""
        path = SparkFiles.get(os.path.basename(self.path)) if self.ships else self.path
        if self.ships and not os.access(path, os.X_OK):
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
        if self.version and version != self.version:
            return f"`{self.path}` is `{version}` {where}, and `{self.version}` on the driver"
        self.version, self.is_known = version, True
        return ""

    def step(self, name, lines, *more):
        """The lines that a step makes of lines; an exception and no line if it fails."""
        if not self.is_known and self.trouble():
            raise RuntimeError(self.trouble())  # An executor that came after the first look.
        command = [self.found(), "--quiet", "--jobs", "1", "--part", name, *self.options, *more]
        with tempfile.TemporaryFile() as errors, tempfile.TemporaryFile() as said:
            process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=said, stderr=errors)
            with contextlib.suppress(BrokenPipeError):  # Its status tells why it stopped to listen.
                process.stdin.writelines(line + b"\n" for line in lines)
                process.stdin.close()
            status = process.wait()
            errors.seek(0), said.seek(0)
            if status:
                raise Failed(status, errors.read(4000).decode(errors="replace").strip())
            yield from (line.rstrip(b"\n") for line in said)


def as_batches(rows, most_rows=4_000, most_bytes=16 << 20):
    """Arrow batches of dictionaries; what a row does not name is null."""
    kept, n_bytes = [], 0
    for row in itertools.chain(rows, [None]):
        if kept and (row is None or len(kept) >= most_rows or n_bytes >= most_bytes):
            yield pa.RecordBatch.from_pylist(kept, ROW)
            kept, n_bytes = [], 0
        if row is not None:
            kept.append(row)
            n_bytes += len(row["line"])


def rows_of(tables):
    return (row for table in tables for row in table.to_pylist())


def extracted(program, files):
    """The lines of a batch of files. A process that dies is followed by two for the halves, so that one file is lost."""
    try:
        for line in program.step("extract", files):
            part, *keys, line = line.split(b"\t", 4)
            keys = {name: text.decode().split() for name, text in zip(KEYS, keys)}
            yield {"part": part.decode(), "line": line, **keys}
    except Failed as failure:
        if len(files) > 1 and failure.args[0] != NOTHING_TO_BLAME:
            yield from extracted(program, files[: len(files) // 2])
            yield from extracted(program, files[len(files) // 2:])
        else:
            what = json.loads(files[0])[0] + (f" and {len(files) - 1} more files" if len(files) > 1 else "")
            yield {"part": "", "line": failure.row("extract", what), "failed": True}


def batches(files, most_files, most_bytes):
    """Lists of files, neighbours together."""
    batch, n_bytes = [], 0
    for size, file in [*files, (0, None)]:
        if batch and (file is None or len(batch) >= most_files or n_bytes + size > most_bytes):
            yield b"\n".join(batch), n_bytes
            batch, n_bytes = [], 0
        batch.append(file)
        n_bytes += size


def extract(spark, program, files):
    """A frame of every line of the extracts, with its routes."""
    frame = spark.createDataFrame(list(files), "files binary, bytes long")

    def run(tables):
        yield from as_batches(line for row in rows_of(tables) for line in extracted(program, row["files"].split(b"\n")))

    # From one partition the round robin is even: a task a batch.
    return frame.coalesce(1).repartition(max(1, frame.count())).mapInArrow(run, FRAME)


def in_groups(spark, lines):
    """The lines by group: parts that share a tie are one group, and one that asks for a tie is in it."""
    ties = lines.select(F.explode("ties").alias("key"), "part").distinct()
    asks = lines.select(F.explode("asks").alias("key"), "part").distinct().join(ties.select("key"), "key", "left_semi")
    shared = ties.union(asks).groupBy("key").agg(F.collect_set("part").alias("parts")).where("size(parts) > 1")
    leads = {}

    def lead(part):
        while leads.setdefault(part, part) != part:
            leads[part] = part = leads[leads[part]]
        return part

    for row in shared.select("parts").distinct().toLocalIterator():
        low = min(map(lead, row.parts))
        leads.update((lead(part), low) for part in row.parts)
    table = [(part, lead(part)) for part in list(leads)]
    table = F.broadcast(spark.createDataFrame(table, "part string, lead string"))
    return lines.join(table, "part", "left").withColumn("part", F.coalesce("lead", "part")).drop("lead")


def given(lines, coverage):
    """The lines of others that each group asks for, and those that these ask for."""
    offers = lines.select(F.explode("offers").alias("key"), F.col("part").alias("owner"), "line", "asks")
    offers = offers.unionByName(coverage).persist()
    asked = seen = lines.select("part", F.explode("asks").alias("key")).distinct()
    found = None
    while True:
        more = asked.join(offers, "key").where("part <> owner")
        found = more if found is None else found.unionByName(more)
        asked = more.select("part", F.explode("asks").alias("key")).distinct().join(seen, ["part", "key"], "left_anti")
        asked = asked.localCheckpoint()
        if asked.isEmpty():
            return found.select("part", "line").distinct()
        seen = seen.union(asked)


class Seats:
    """Which task each group goes to: large ones one by one to where least is, the rest to tasks that still have room.

    `repartition` hashes what it is given, so a task goes by a number whose hash falls to it.
    """

    def __init__(self, spark, lines, n_tasks):
        sizes = lines.groupBy("part").agg(F.sum(F.length("line")).alias("size"))
        self.n_tasks, total = n_tasks, sizes.agg(F.sum("size")).first()[0] or 0
        ids = spark.range(20 * n_tasks + 100).select(F.col("id").cast("int"))
        of_task = ids.groupBy(F.pmod(F.hash("id"), F.lit(n_tasks)).alias("task")).agg(F.min("id").alias("number"))
        loads, self.large = [(0, task, number) for task, number in sorted(map(tuple, of_task.collect()))], []
        for row in sizes.where(F.col("size") > total / (4 * n_tasks)).orderBy(F.desc("size"), "part").collect():
            load, task, number = loads[0]
            self.large.append((row.part, number))
            heapq.heapreplace(loads, (load + row.size, task, number))
        self.roomy = [number for load, _, number in loads if load <= total / n_tasks]

    def take(self, spark, rows):
        """The rows of each task by group, in the order of their marks."""
        at = F.pmod(F.crc32(F.col("part").cast("binary")), F.lit(len(self.roomy))).cast("int")
        seat = F.element_at(F.array(*map(F.lit, self.roomy)), at + 1)
        large = F.broadcast(spark.createDataFrame(self.large, "part string, large int"))
        rows = rows.join(large, "part", "left").withColumn("seat", F.coalesce("large", seat)).drop("large")
        return rows.repartition(self.n_tasks, "seat").sortWithinPartitions("part", "mark")


def step(spark, program, name, seats, rows, everybody):
    """What a step makes of each group: a process for each. It fails alone."""

    def group(part, rows):
        try:
            lines = itertools.chain((TOLD + line for line in everybody), (row["mark"] + row["line"] for row in rows))
            for line in program.step(name, lines):
                *fields, line = line.split(b"\t", 3 if name == STEPS[-1] else 1)
                yield {"part": part, "line": line, **{key: text.decode() for key, text in zip(TEXT[1:], fields)}}
        except Failed as failure:
            yield {"part": part, "key": "failed", "line": failure.row(name, part), "failed": True}

    def run(tables):
        groups = itertools.groupby(rows_of(tables), lambda row: row["part"])
        yield from as_batches(said for part, rows in groups for said in group(part, rows))

    return seats.take(spark, rows).mapInArrow(run, FRAME)


def cross(program, said):
    """What groups are told, by what others say under the same keys."""

    def run(tables):
        lines = (b"\t".join((row["key"].encode(), row["part"].encode(), row["line"])) for row in rows_of(tables))
        told = (line.split(b"\t", 1) for line in program.step("cross", lines))
        yield from as_batches({"part": part.decode(), "line": line} for part, line in told)

    keyed = said.where("key <> '' and failed is null")
    return keyed.repartition("key").sortWithinPartitions("key").mapInArrow(run, FRAME)


def options(words):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add = parser.add_argument
    add("paths", nargs="*", metavar="PATH", help="folder, file, or s3://BUCKET/PREFIX")
    add("--files-from", metavar="FILE", help="names of files, one a line")
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
    add("--max-decoded", default="4GiB", help="as of the program")
    add("--trace-roles", action="store_true", help="as of the program")
    return parser.parse_args(words)


def run(spark, args):
    """The whole job: the last row, how many processes failed, and the seconds of each stage."""
    since, seconds = time.monotonic(), {}
    work = args.work or args.out.rstrip("/") + "-work"
    for path in map(spark._jvm.org.apache.hadoop.fs.Path, (args.out, work)):
        storage = path.getFileSystem(spark._jsc.hadoopConfiguration())
        if storage.exists(path):
            raise SystemExit(f"push_sessions: `{path}` exists; name another folder, or remove it")
    spark.conf.set("spark.sql.execution.arrow.maxRecordsPerBatch", "1000")  # Python holds a batch of lines.
    path = shutil.which(args.program) or args.program
    common = ["--fail-on", "never", "--window", args.window, "--max-decoded", args.max_decoded]
    common += ["--trace-roles"] * args.trace_roles
    here = Program(path, False, common)
    if here.trouble():
        raise SystemExit(f"push_sessions: {here.trouble()}")
    if args.ship:
        spark.sparkContext.addFile(os.path.abspath(path))
    program = Program(path if args.ship else args.program, args.ship, common, here.version)
    n_cores = spark.sparkContext.defaultParallelism
    look = lambda tables: as_batches({"line": program.trouble().encode()} for _ in tables)
    found = spark.range(0, 2 * n_cores, 1, 2 * n_cores).mapInArrow(look, FRAME).select("line").distinct().collect()
    troubles = sorted(row.line.decode() for row in found if row.line)
    if troubles:
        raise SystemExit("push_sessions: " + "\n".join(troubles))
    held = lambda frame: (bytes(row.line) for row in frame.select("line").toLocalIterator())

    def between(name, frame):
        """What a stage made, on storage: a task that is tried again writes again, and its results count once."""
        nonlocal since
        frame.write.parquet(f"{work}/{name}")
        seconds[name], since = time.monotonic() - since, time.monotonic()
        print(f"push_sessions: {name}: {seconds[name]:.1f} s", file=sys.stderr, flush=True)
        return spark.read.parquet(f"{work}/{name}")

    listed = ["--files-from", args.files_from] if args.files_from else []
    listed = [line.split(b"\t", 1) for line in here.step("list", [], *listed, *args.paths)]
    listed, sums = [(int(size), file) for size, file in listed if size], [line for size, line in listed if not size]
    lines = between("extract", extract(spark, program, batches(listed, args.batch_files, args.batch_mib << 20)))
    sums = itertools.chain(sums, held(lines.where("part = '' and failed is null")))
    sums = [line.split(b"\t", 1) for line in here.step("coverage", sums)]
    offered = [(key.decode(), "", line, []) for key, line in sums if key]
    coverage = spark.createDataFrame(offered, "key string, owner string, line binary, asks array<string>")
    failed, ends, everybody = list(held(lines.where("failed"))), [line for key, line in sums if not key], []
    lines = in_groups(spark, lines.where("part <> ''"))
    n_bytes = lines.agg(F.sum(F.length("line"))).first()[0] or 0
    seats = Seats(spark, lines, args.partitions or max(n_cores, n_bytes >> 26))
    marked = lambda frame, mark: frame.select("part", F.lit(mark).alias("mark"), "line")
    own = rows = marked(lines, OWN)
    rest = own.unionByName(marked(between("given", given(lines, coverage)), OTHER))
    for name in STEPS:
        said = between(name, step(spark, program, name, seats, rows, everybody))
        failed += held(said.where("failed"))
        ends = itertools.chain(ends, held(said.where("key = ''")))
        if name != STEPS[-1]:
            told = between(f"after-{name}", cross(program, said))
            everybody += held(told.where(F.col("part") == ALL))
            rows = rest = rest.unionByName(marked(told.where(F.col("part") != ALL), TOLD))
    last = [line.decode().split("\t", 3) for line in here.step("conclude", ends)]
    whole = [*last, *(("failed", "", "", line.decode()) for line in failed)]
    whole = spark.createDataFrame(whole, "type string, day string, sort string, line string")
    rows = said.where("key <> '' and failed is null").selectExpr("key type", "day", "sort", "cast(line as string) line")
    result = rows.unionByName(whole).withColumn("day", F.nullif("day", F.lit(""))).hint("rebalance", "type", "day")
    is_text = args.format == "jsonl"
    result = result.selectExpr("type", "day", "line value") if is_text else result
    result.write.partitionBy("type", "day").save(args.out, format="text" if is_text else "parquet")
    seconds["write"] = time.monotonic() - since
    if not args.keep_work:
        storage.delete(spark._jvm.org.apache.hadoop.fs.Path(work), True)
    return json.loads(last[-1][3]), len(failed), seconds


def main():
    args = options(sys.argv[1:])
    spark = SparkSession.builder.appName("push sessions").getOrCreate()
    try:
        last, n_failed, _ = run(spark, args)
    except Failed as failure:
        raise SystemExit("push_sessions: status {}: {}".format(*failure.args))
    finally:
        spark.stop()
    print(f"push_sessions: {last['summary']['pushes']} pushes, {n_failed} processes failed; {args.out}", file=sys.stderr)
    sys.exit(3 if n_failed else 0)


if __name__ == "__main__":
    main()
