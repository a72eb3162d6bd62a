#!/usr/bin/env python3
"""What a state costs: 90 days of three accounts, and pushes a day by the thousand.

Comes in: the sample of the repository, from which the logs are made, and a release build. Goes out: the
last section of docs/performance.md, or the same on standard output. Run with
`python3 tests/bench/state.py [--write] [--days N] [--pushes-days N] [--dir DIR]`.
"""

import argparse
import glob
import gzip
import json
import os
import re
import resource
import shutil
import subprocess
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
DOCUMENT = os.path.join(ROOT, "docs/performance.md")
PROGRAM = os.path.join(ROOT, "target/release/reconstruct")
TITLE = "With a state"
ACCOUNTS = ["111111111111", "222222222222", "333333333333"]
FILES_A_DAY = 100
# Records of other services in each file, as most of a trail is.
OTHERS = 150
DAY = "2025-03-10"
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


def day(number):
    return time.strftime("%Y-%m-%d", time.gmtime(1735689600 + 86400 * number))


def sample():
    """The records of the sample that are of ECR, in order of time."""
    records = []
    for path in sorted(glob.glob(os.path.join(ROOT, "testdata/sample/**/*.json.gz"), recursive=True)):
        if "Digest" not in path:
            records += json.load(gzip.open(path))["Records"]
    records.sort(key=lambda record: record["eventTime"])
    return [record for record in records if record["eventSource"].startswith("ecr")]


def others(account, date):
    """The head of a file: an open list of records of other services."""
    rows = []
    for number in range(OTHERS):
        minute = number * 1440 // OTHERS
        rows.append(
            {
                "eventVersion": "1.11",
                "eventTime": f"{date}T{minute // 60:02}:{minute % 60:02}:{number % 60:02}Z",
                "eventSource": "s3.amazonaws.com",
                "eventName": "GetObject",
                "awsRegion": "eu-central-1",
                "sourceIPAddress": f"198.51.100.{number % 250}",
                "userAgent": "aws-sdk-go-v2/1.30.3 os/linux lang/go#1.22.5",
                "userIdentity": {"type": "AssumedRole", "accountId": account, "principalId": f"AROA{number:012}:i-{number * 7919:017x}"},
                "requestParameters": {"bucketName": f"data-{number % 9}", "key": f"part/{number * 104729:012x}"},
                "responseElements": None,
                "requestID": f"{number * 15485863:016X}",
                "eventID": f"{number:08x}-0000-4000-8000-{number * 31:012x}",
                "eventType": "AwsApiCall",
                "recipientAccountId": account,
            }
        )
    return gzip.compress(('{"Records":[' + "".join(json.dumps(row) + "," for row in rows)).encode(), 6)


def moved(text, account, date, replica):
    """Records of another account, day and replica: with ids and repositories of their own."""
    text = text.replace(DAY, date).replace("123456789012", account)
    salt = (ACCOUNTS.index(account) if account in ACCOUNTS else 3) * 7919 + replica * 104729 + int(date.replace("-", ""))
    text = UUID.sub(lambda found: f"{int(found[0][:8], 16) ^ salt:08x}{found[0][8:]}", text)
    return text if replica == 0 else text.replace('"repositoryName": "', f'"repositoryName": "r{replica}-')


def write_day(folder, records, account, number, replicas=1, with_others=True):
    date = day(number)
    place = os.path.join(folder, "AWSLogs", account, "CloudTrail/eu-central-1", date.replace("-", "/"))
    os.makedirs(place, exist_ok=True)
    head = others(account, date) if with_others else gzip.compress(b'{"Records":[')
    per_file = -(-len(records) // FILES_A_DAY)
    for at in range(FILES_A_DAY):
        some = records[at * per_file : (at + 1) * per_file]
        rows = [moved(json.dumps(record), account, date, replica) for replica in range(replicas) for record in some]
        last = {"eventSource": "sts.amazonaws.com", "eventName": "GetCallerIdentity", "awsRegion": "eu-central-1", "eventTime": f"{date}T23:59:00Z", "recipientAccountId": account, "eventType": "AwsApiCall", "eventID": f"{at:08x}-1111-4000-8000-000000000000"}
        rows.append(json.dumps(last))
        name = f"{account}_CloudTrail_eu-central-1_{date.replace('-', '')}T{at * 14 // 60:02}{at * 14 % 60:02}Z_{number:08}{at:08}.json.gz"
        with open(os.path.join(place, name), "wb") as file:
            file.write(head + gzip.compress((",".join(rows) + "]}").encode(), 6))


def run(*words):
    """Seconds, megabytes at the peak and what was said of a run."""
    begun = time.monotonic()
    child = subprocess.Popen([PROGRAM, *words, "--fail-on", "never"], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    said = child.stderr.read()
    _, status, usage = os.wait4(child.pid, 0)
    seconds = time.monotonic() - begun
    assert os.waitstatus_to_exitcode(status) == 0, said
    return seconds, usage.ru_maxrss / 1000, said.strip().split("\n")


def size(folder):
    paths = [os.path.join(at, name) for at, _, names in os.walk(folder) for name in names]
    return len(paths), sum(os.path.getsize(path) for path in paths) / 1e6


def least(n_runs, *words):
    return min((run(*words) for _ in range(n_runs)), key=lambda one: one[0])


def main():
    options = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    options.add_argument("--write", action="store_true")
    options.add_argument("--days", type=int, default=90)
    options.add_argument("--pushes-days", type=int, default=365)
    options.add_argument("--dir", default=None)
    words = options.parse_args()
    folder = tempfile.mkdtemp(prefix="reconstruct-state-", dir=words.dir)
    load = os.getloadavg()[0]
    out = [TITLE, "", "Made by `python3 tests/bench/state.py --write`; the other sections are not.", ""]
    try:
        records = sample()
        logs, state = os.path.join(folder, "logs"), os.path.join(folder, "state")
        for number in range(words.days):
            for account in ACCOUNTS:
                write_day(logs, records, account, number)
        n_files, megabytes = size(logs)
        out += [
            f"{words.days} days, {FILES_A_DAY} files a day, {len(ACCOUNTS)} accounts: {n_files} files, {megabytes:.0f} MB compressed, "
            f"each with {OTHERS} records of other services; {os.cpu_count()} processors; load of the machine before: {load:.1f}. By the clock; "
            "runs on an unchanged trail are the least of five.",
            "",
            "| run | s | of the first | MB at the peak | said |",
            "|---|---|---|---|---|",
        ]
        common = [logs, "--state", state, "--summary"]
        plain = run(logs, "--summary")
        first = run(*common)
        second = least(5, *common)
        new = least(5, logs, "--state", state, "--new", "--format", "jsonl")
        for account in ACCOUNTS:
            write_day(logs, records, account, words.days)
        after = run(*common)
        rows = [("without a state", plain), ("first", first), ("second, unchanged", second), ("the same, `--new`, nothing new", new), ("after one more day", after)]
        for name, (seconds, peak, said) in rows:
            read = next((line for line in said if "input" in line or "read" in line), "")
            out.append(f"| {name} | {seconds:.2f} | {100 * seconds / first[0]:.1f} % | {peak:.0f} | {read.replace('reconstruct: ', '')} |")
        n_parts, kept = size(state)
        out += ["", f"The state: {n_parts} files, {kept:.1f} MB.", ""]
        shutil.rmtree(logs)
        shutil.rmtree(state)
        account, replicas = "444444444444", 40
        for number in range(words.pushes_days):
            write_day(logs, records, account, number, replicas, with_others=False)
        first = run(logs, "--state", state, "--summary", "--quiet")
        n_parts, kept = size(state)
        out += [
            f"{words.pushes_days} days of one registry with 1,000 pushes a day, {len(records) * replicas} calls a day: read in {first[0]:.0f} s; the state has "
            f"{n_parts} files, {kept:.0f} MB.",
            "",
            "| report of | s | MB at the peak |",
            "|---|---|---|",
        ]
        until = day(words.pushes_days)
        for name, more in [
            ("everything, `--summary`", ["--summary"]),
            ("everything, `--format jsonl`", ["--format", "jsonl"]),
            ("a repository, `--repository r7-shop/api`", ["--repository", "r7-shop/api", "--summary"]),
            ("the last day, `--since`", ["--since", day(words.pushes_days - 1), "--until", until, "--summary"]),
        ]:
            seconds, peak, _ = run(logs, "--state", state, "--quiet", *more)
            out.append(f"| {name} | {seconds:.2f} | {peak:.0f} |")
    finally:
        shutil.rmtree(folder)
    text = "\n".join(out) + "\n"
    if words.write:
        with open(DOCUMENT) as file:
            head = file.read().split(f"\n## {TITLE}")[0]
        with open(DOCUMENT, "w") as file:
            file.write(f"{head}\n## {text}")
    print(text)


if __name__ == "__main__":
    main()
