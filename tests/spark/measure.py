"""Measures one process against Spark with one and two executors' cores, on logs of two sizes, and prints the tables of
docs/scale-out/README.md.

In: the program. Out: Markdown. Never: a figure that is not of this run.
"""

import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import time

import check

SIZES = (200, 800)  # MB of decoded logs, two records in a hundred of pushes
CORPORA = check.ROOT / "target/spark-corpus"


def corpus(size):
    folder = CORPORA / str(size)
    if not folder.exists():
        maker = ["cargo", "bench", "-q", "--bench", "corpus", "--", "write", folder, "two-percent", str(size)]
        subprocess.run(maker, check=True, cwd=check.ROOT, stdout=subprocess.DEVNULL)
    return folder


def of_processor(session):
    """Seconds of processor that the living processes of a session have used, those of their dead children included."""
    ticks = 0
    for process in pathlib.Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = process.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[3]) == session:
            ticks += sum(map(int, fields[11:15]))
    return ticks / os.sysconf("SC_CLK_TCK")


def run(command, **options):
    """Seconds on the clock, seconds of processor, and what was written."""
    begun, most = time.monotonic(), 0
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        started = subprocess.Popen(list(map(str, command)), stdout=out, stderr=err, start_new_session=True, **options)
        while started.poll() is None:
            most = max(most, of_processor(started.pid))
            time.sleep(0.1)
        seconds = time.monotonic() - begun
        out.seek(0), err.seek(0)
        if started.returncode:
            raise SystemExit(f"FAILED: {command}\n{err.read().decode()[-3000:]}")
        return seconds, most, out.read(), err.read().decode()


def process(program, folder, n_jobs):
    """Seconds, those of processor, and the coverage row."""
    command = [program, "--quiet", "--fail-on", "never", "--format", "jsonl", "--jobs", n_jobs, folder]
    seconds, used, out, _ = run(command)
    return seconds, used, json.loads(out.splitlines()[-1])


def spark(program, folder, n_cores):
    """Seconds of processor, and seconds by stage, what the stages do not account for first."""
    out = check.PLACE / "measured"
    for path in (out, pathlib.Path(f"{out}-work")):
        shutil.rmtree(path, ignore_errors=True)
    config = [word for key, value in check.CONFIG.items() for word in ("--conf", f"{key}={value}")]
    command = [check.VENV / "spark-submit", "--master", f"local[{n_cores}]", *config, check.JOB, folder, "--program",
               program, "--batch-mib", "8", "--out", out]
    seconds, used, told, _ = run(command, env={**os.environ, "PATH": f"{check.VENV}:{os.environ['PATH']}"})
    # spark-submit passes both streams of a Python program to its own standard output.
    said = re.findall(r"^push_sessions: (.+): ([\d.]+) s$", told.decode(), re.M)
    stages = {name: float(spent) for name, spent in said}
    wanted = check.single(program, folder)
    if check.written(out) != wanted:
        raise SystemExit("FAILED: the reports differ")
    return used, {"start of the JVM and of Spark, and their end": seconds - sum(stages.values()), **stages}


def table(program):
    print("| logs, decoded | files | records | of pushes | one process, 1 thread | 2 threads | Spark, 1 core | 2 cores |")
    print("|---:|---:|---:|---:|---:|---:|---:|---:|")
    spent = {}
    for size in SIZES:
        folder, cells = corpus(size), []
        for n_jobs in (1, 2):
            seconds, used, last = process(program, folder, n_jobs)
            cells.append(f"{seconds:.1f} s ({used:.1f})")
        for n_cores in (1, 2):
            used, spent[size, n_cores] = spark(program, folder, n_cores)
            cells.append(f"{sum(spent[size, n_cores].values()):.0f} s ({used:.0f})")
        records, files = last["records"], last["files"]["found"]
        print(f"| {size} MB | {files:,} | {records['seen']:,} | {records['push']:,} | {' | '.join(cells)} |", flush=True)
    print("\nIn parentheses: seconds of processor.\n")
    print("| seconds of Spark | " + " | ".join(f"{size} MB, {n} core{'s'[:n - 1]}" for size, n in spent) + " |")
    print("|---|" + "---:|" * len(spent))
    for stage in spent[SIZES[0], 1]:
        print(f"| {stage} | " + " | ".join(f"{seconds[stage]:.1f}" for seconds in spent.values()) + " |")
    load = os.getloadavg()
    print(f"\nload of the machine in the last quarter of an hour: {load[2]:.1f} on {os.cpu_count()} cores")
