"""Holds the reports of the Spark job against those of one process on the same logs.

In: the program, some cases, the logs of `logs.py`, and which parts to try (`--bucket`; all by default). Out: a line a
check, exit status 1 at the first that differs; with `--measure` a table. Never: a request that leaves this machine.
"""

import json
import os
import pathlib
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
JOB = ROOT / "docs/scale-out/push_sessions.py"
PLACE = ROOT / "target/spark"
VENV = pathlib.Path(sys.executable).parent
os.environ["PYSPARK_PYTHON"] = sys.executable
os.environ["SPARK_LOCAL_IP"] = "127.0.0.1"
sys.path.insert(0, str(JOB.parent))

import logs  # noqa: E402
import push_sessions  # noqa: E402

CONFIG = {
    "spark.ui.enabled": "false", "spark.ui.showConsoleProgress": "false", "spark.driver.memory": "1g",
    "spark.driver.host": "127.0.0.1", "spark.driver.bindAddress": "127.0.0.1", "spark.log.level": "FATAL",
    "spark.sql.shuffle.partitions": "2",
}


def check(holds, what, detail=""):
    if not holds:
        raise SystemExit(f"FAILED: {what}\n{detail}")
    print(f"ok: {what}", flush=True)


def told(line):
    """A line without the places that records were read from: of an extract they are another's."""
    row = json.loads(line)
    for event in [row, *row.get("events", [])]:
        if isinstance(event, dict) and "at" in event:
            event["at"] = None
    if row.get("code") == "conflicting-duplicate":
        row.update(file=None, record=None, byte=None, help=None)
    return json.dumps(row)


def single(program, *args, **environment):
    """What one process says, sorted."""
    command = [program, "--quiet", "--fail-on", "never", "--format", "jsonl", *map(str, args)]
    done = subprocess.run(command, capture_output=True, env={**os.environ, **environment}, check=True)
    return sorted(map(told, done.stdout.splitlines()))


def written(out):
    """What the job wrote as text, sorted."""
    files = sorted(out.glob("type=*/day=*/part-*"))
    return sorted(told(line) for file in files for line in file.read_bytes().splitlines())


def difference(wanted, found):
    missing, more = sorted(set(wanted) - set(found)), sorted(set(found) - set(wanted))
    head = [f"{len(wanted)} rows wanted, {len(found)} found; {len(missing)} are missing, {len(more)} more or others"]
    return "\n".join([*head, *(f"- {line[:2000]}" for line in missing[:3]), *(f"+ {line[:2000]}" for line in more[:3])])


class Cluster:
    """One Spark in this process, for job after job."""

    def __init__(self, cores=2):
        from pyspark.sql import SparkSession

        builder = SparkSession.builder.master(f"local[{cores}]")
        for key, value in CONFIG.items():
            builder = builder.config(key, value)
        self.spark = builder.getOrCreate()  # The one that is there, from the second time on.
        self.spark.sparkContext.addPyFile(str(JOB))

    def run(self, name, *words):
        """Where the job wrote, with its coverage row, failed processes and seconds by stage."""
        out = PLACE / name
        for path in (out, PLACE / f"{name}-work"):
            shutil.rmtree(path, ignore_errors=True)
        return out, *push_sessions.run(self.spark, push_sessions.options([*map(str, words), "--out", str(out)]))


CASES = """altered-records conflicting-event-id damaged-files denied-after-success ecr-public hole-inside-push log-hole
multi-architecture omitted-manifest reads-not-logged refused-uploads shared-upload token-of-iam-user two-hosts
roles-in-a-ring roles-traced twins-and-duplicates unseen-layers""".split()


def prepare():
    """One tree with all that is tried."""
    shutil.rmtree(PLACE, ignore_errors=True)
    whole = PLACE / "logs"
    for case in CASES:
        shutil.copytree(ROOT / "testdata/cases" / case / "in", whole / case)
    logs.crossing(whole / "crossing")
    logs.hot(whole / "hot")
    (whole / ".hidden").mkdir()
    (whole / ".hidden/log.json").write_text("{}")
    (whole / "crossing/nowhere.json.gz").symlink_to("not-there")
    (whole / "crossing/empty.json").touch()
    logs.skewed(PLACE / "skewed")
    return whole


def same_reports(cluster, program, whole):
    """1, 2 and 7 partitions, files and batches in any order, one repository with most of the pushes."""
    wanted = single(program, whole)
    codes = {json.loads(line).get("code") for line in wanted}
    check(len(wanted) > 150 and {"unreadable", "empty-file", "undecodable", "conflicting-duplicate"} <= codes,
          f"one process: {len(wanted)} rows, damaged, empty and unreadable files among the problems", str(codes))
    for n_partitions, n_files in ((1, 1000), (2, 100), (7, 40)):
        out, _, n_failed, seconds = cluster.run("out", whole, "--program", program, "--partitions", n_partitions,
                                                "--batch-files", n_files)
        found = written(out)
        check((found, n_failed) == (wanted, 0), f"{n_partitions} partitions, batches of {n_files} files, "
              f"{sum(seconds.values()):.0f} s: every row equal, none twice", difference(wanted, found))
    wanted_roles = single(program, whole, "--trace-roles")
    check(wanted_roles != wanted, "roles are traced")
    out, *_ = cluster.run("out", whole, "--program", program, "--partitions", 2, "--trace-roles")
    found = written(out)
    check(found == wanted_roles, "--trace-roles: every row equal", difference(wanted_roles, found))
    in_order = push_sessions.batches

    def shuffled(files, *limits):
        random.Random(5).shuffle(files)
        batches = list(in_order(files, *limits))
        random.Random(5).shuffle(batches)
        return batches

    push_sessions.batches = shuffled
    out, *_ = cluster.run("out", whole, "--program", program, "--partitions", 2, "--batch-files", 100,
                          "--format", "parquet")
    push_sessions.batches = in_order
    rows = cluster.spark.read.parquet(str(out))
    found = sorted(told(row.line) for row in rows.select("line").collect())
    check(found == wanted, "batches and files shuffled, Parquet: every row equal", difference(wanted, found))
    days = {(row.type, str(row.day)) for row in rows.select("type", "day").distinct().collect()}
    check(("session", "2026-03-17") in days, f"{len(days)} folders by type and day", str(sorted(days)))

    wanted = single(program, PLACE / "skewed")
    out, *_ = cluster.run("out", PLACE / "skewed", "--program", program, "--partitions", 2, "--ship")
    check(written(out) == wanted, "clocks that differ; the program brought along by Spark",
          difference(wanted, written(out)))


def recipes(program, below):
    """The commands of the guide for one large machine do what it says, and make no report where a process fails."""
    text = (JOB.parent / "README.md").read_text()
    found = [block.split("```")[0] for block in text.split("```sh\n")[1:] if "find /logs" in block.split("```")[0]]
    check(len(found) == 2, "the guide has two recipes")
    wanted = single(program, below)
    bins = {"good": f'exec {program} "$@"', "bad": "exit 1"}
    for name, extracts in bins.items():
        script = PLACE / name / "reconstruct"
        script.parent.mkdir()
        script.write_text(f'#!/bin/sh\ncase "$*" in *--extract*) {extracts} ;; esac\n{program} --fail-on never "$@"\n')
        script.chmod(0o755)
    for recipe in found:
        tool = "parallel" if "parallel" in recipe else "xargs"
        if not shutil.which(tool):
            print(f"\n!! SKIPPED: there is no {tool}: its recipe is not tried")
            continue
        for name in bins:
            folder = PLACE / f"{tool}-{name}"
            folder.mkdir()
            command = recipe.replace("/logs", str(below)).replace("-n 500", "-n 2")
            done = subprocess.run(["sh", "-c", command], cwd=folder, capture_output=True, text=True,
                                  env={**os.environ, "PATH": f"{PLACE / name}:{os.environ['PATH']}"})
            report = folder / "report.jsonl"
            if name == "bad":
                check(done.returncode != 0 and not report.exists(), f"{tool}: no report where a process fails", done.stderr)
                continue
            lines = sorted(map(told, report.read_bytes().splitlines())) if report.exists() else []
            check(done.returncode == 0 and lines == wanted, f"{tool}: the parts give the report of the logs",
                  done.stderr + difference(wanted, lines))


def driver_knows_nothing():
    """The driver moves lines: no call, no field of a record and no number of the program is named in it."""
    text = JOB.read_text()
    words = re.findall(r"[A-Za-z]+(?:Layer|Image|Token|Repository|ID|Identity|Account)[A-Za-z]*|arn|ecr|aws\w*|sha256", text)
    check(not words, "the driver names no call and no field", str(words))


def seats(cluster, program):
    """The large repository is alone in its task."""
    rows = cluster.spark.createDataFrame(
        [("hot", b"x" * 1000)] * 90 + [(f"cold {number}", b"x" * 1000) for number in range(30)], "part string, line binary")
    rows = rows.selectExpr("*", "cast('=' as binary) as mark")
    seats = push_sessions.Seats(cluster.spark, rows, 4)
    tasks = seats.take(cluster.spark, rows).selectExpr("spark_partition_id() task", "part").distinct()
    of_hot = {row.task for row in tasks.where("part = 'hot'").collect()}
    with_hot = tasks.where(f"task = {min(of_hot)}").count() - 1
    n_tasks = tasks.select("task").distinct().count()
    check((len(of_hot), with_hot, n_tasks) == (1, 0, 4), "a repository with most of the records has a task of its own",
          f"{of_hot} {with_hot} {n_tasks}")


def wrapper(name, body):
    """A program before the program."""
    path = PLACE / name
    path.write_text(f"#!{sys.executable}\nimport os, signal, subprocess, sys\n{body}")
    path.chmod(0o755)
    return path


def failures(cluster, program):
    """A process that dies costs its file and says so; a program that is not there, or another, ends the job at once."""
    below = PLACE / "poisoned"
    logs.hot(below, n_pushes=20, n_files=6)
    poison = sorted(below.rglob("*.gz"))[2]
    killed = wrapper("killed", f"""
paths = sys.stdin.buffer.read() if "extract" in sys.argv else None
if paths and {poison.name.encode()!r} in paths:
    os.kill(os.getpid(), signal.SIGKILL)
done = subprocess.run([{program!r}, *sys.argv[1:]], input=paths)
sys.exit(done.returncode)
""")
    out, last, n_failed, _ = cluster.run("out", below, "--program", killed, "--partitions", 2, "--batch-files", 4)
    found = written(out)
    failed = [json.loads(line) for line in found if json.loads(line)["type"] == "failed"]
    check(n_failed == 1 and [row["of"] for row in failed] == [str(poison)] and "-9" in failed[0]["message"],
          f"a file that kills its process: {failed[0]['message']!r}", str(failed))
    poison.unlink()
    wanted = single(program, below)
    found = [line for line in found if json.loads(line)["type"] != "failed"]
    check(found == wanted, "the other five files of its batches are all read", difference(wanted, found))

    other = wrapper("other", f"""
if sys.argv[1:] == ["--version"] and "userFiles" in sys.argv[0]:
    print("reconstruct 0.0.9")
else:
    os.execv({program!r}, [{program!r}, *sys.argv[1:]])
""")
    for words, said in (
        (("--program", PLACE / "nowhere"), "cannot be run"),
        (("--program", other, "--ship"), "is `reconstruct 0.0.9` on"),
        (("--program", "/bin/false"), "fails on"),
    ):
        try:
            cluster.run("out", below, *words)
            message = "it ran"
        except SystemExit as end:
            message = str(end)
        check(said in message, message)


def name_bucket():
    """Where S3 will be: to be known before Spark starts, as its workers have the environment of that moment."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    os.environ.update({
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}", "AWS_REGION": "eu-west-1", "AWS_DEFAULT_REGION": "eu-west-1",
        "AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b", "AWS_EC2_METADATA_DISABLED": "true",
    })
    return port


def bucket(cluster, port, program, whole):
    """The same logs as objects, from an S3 that is moto's."""
    import boto3

    moto = subprocess.Popen([sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)], stdout=subprocess.DEVNULL,
                            stderr=subprocess.DEVNULL)
    try:
        for _ in range(600):
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                time.sleep(0.1)
        client = boto3.client("s3")
        client.create_bucket(Bucket="my-trail", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
        paths = [path for path in sorted(whole.rglob("*")) if path.is_file()]
        for path in paths:
            client.put_object(Bucket="my-trail", Key=f"logs/{path.relative_to(whole)}", Body=path.read_bytes())
        wanted = single(program, "s3://my-trail/logs/")
        out, last, n_failed, _ = cluster.run("out", "s3://my-trail/logs", "--program", program, "--partitions", 2,
                                             "--batch-files", 10)
        found = written(out)
        check((found, n_failed) == (wanted, 0) and last["files"]["found"] == len(paths),
              f"{len(paths)} objects of a bucket: every row equal", difference(wanted, found))
    finally:
        moto.kill()
        moto.wait()


def killed_executors(program, whole):
    """An executor dies while it extracts, and one while it reports; their tasks are made again elsewhere."""
    marks = PLACE / "marks"
    marks.mkdir()
    deadly = wrapper("deadly", f"""
stage = "extract" if "extract" in sys.argv else "report" if "rows" in sys.argv else None
pid, executor = os.getpid(), None
while stage and pid > 1:
    name = open(f"/proc/{{pid}}/cmdline").read()
    executor = pid if "ExecutorBackend" in name and "java" in name else executor
    pid = int(open(f"/proc/{{pid}}/stat").read().rpartition(")")[2].split()[1])
if executor:
    try:
        os.mkdir({str(marks)!r} + "/" + stage)
        os.kill(executor, signal.SIGKILL)
    except FileExistsError:
        pass
os.execv({program!r}, [{program!r}, *sys.argv[1:]])
""")
    wanted = single(program, whole)
    out = PLACE / "killed-out"
    config = [word for key, value in CONFIG.items() for word in ("--conf", f"{key}={value}")]
    command = [VENV / "spark-submit", "--master", "local-cluster[2,1,1024]", *config, JOB, whole, "--program", deadly,
               "--partitions", "5", "--batch-files", "40", "--out", out]
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, timeout=1800,
                          env={**os.environ, "PATH": f"{VENV}:{os.environ['PATH']}"})
    met = sorted(path.name for path in marks.iterdir())
    check(done.returncode == 0 and met == ["extract", "report"], "two executors of a cluster were killed, and it went on",
          f"{met}\n{done.stderr[-5000:]}")
    found = written(out)
    check(found == wanted, "after that: every row equal, none twice, none lost", difference(wanted, found))


def main():
    program, *words = sys.argv[1:]
    if words == ["--measure"]:
        import measure

        return measure.table(program)
    parts = {
        "recipes": lambda whole: recipes(program, whole / "hot"),
        "reports": lambda whole: same_reports(Cluster(), program, whole),
        "driver": lambda whole: driver_knows_nothing(),
        "seats": lambda whole: seats(Cluster(), program),
        "failures": lambda whole: failures(Cluster(), program),
        "bucket": lambda whole: bucket(Cluster(), port, program, whole / "crossing"),
        "killed": lambda whole: killed_executors(program, whole / "crossing"),
    }
    wanted = [word.removeprefix("--") for word in words] or list(parts)
    port = name_bucket()
    global PLACE
    PLACE = PLACE / "-".join(words or ["all"])
    whole = prepare()
    for part in wanted:
        parts[part](whole)


if __name__ == "__main__":
    main()
