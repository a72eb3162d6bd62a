#!/usr/bin/env python3
"""This program against decompression alone and against other ways to read the same logs.

Comes in: nothing but the tools on the path. Goes out: docs/performance.md, or the same on standard
output. It builds the programs, writes the logs, runs everything in turn several times, and sets the
least time of each against the least of decompression. A peer that is not there is named as not
measured. Run with `python3 tests/bench/peers.py [--write] [--only PART] [--runs N] [--dir DIR]`.
"""

import argparse
import glob
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
DOCUMENT = os.path.join(ROOT, "docs/performance.md")
KEPT = "With a state"
# Peers that take minutes for what others do in a second read this many files, and are set against
# decompression of the same files.
FEW = 4
SOURCE = '"eventSource":"ecr.amazonaws.com"'
KINDS = [
    ("none", "no ECR in the logs"),
    ("two-percent", "2 % ECR in every file"),
    ("registry", "100 % ECR, nine pulls to a push event"),
    ("all", "nothing but push events"),
]
PYTHON = """
import gzip, json, sys
n = 0
for path in sys.argv[1:]:
    for record in json.load(gzip.open(path))["Records"]:
        n += record["eventSource"] == "ecr.amazonaws.com"
print(n)
"""
DUCKDB = """
import duckdb, sys
db = duckdb.connect()
db.execute("SET threads TO 1")
print(db.execute(
    "SELECT r->>'eventName', count(*) FROM (SELECT unnest(Records) AS r FROM "
    "read_json(?, columns={Records: 'JSON[]'}, maximum_object_size=1000000000)) "
    "WHERE r->>'eventSource' = 'ecr.amazonaws.com' GROUP BY 1 ORDER BY 1", [sys.argv[1:]]
).fetchall())
"""


def build():
    """Builds what is measured; the paths of the program and of the benches."""
    def run(*words):
        done = subprocess.run(["cargo", *words], cwd=ROOT, stderr=subprocess.PIPE, text=True)
        if done.returncode != 0:
            sys.exit(done.stderr)
        return done.stderr
    run("build", "--release")
    told = run("bench", "--no-run", "--bench", "corpus", "--bench", "inflate", "--bench", "scale")
    found = dict(re.findall(r"tests/bench/(\w+)\.rs \(([^)]*)\)", told))
    return {
        "reconstruct": os.path.join(ROOT, "target/release/reconstruct"),
        **{name: os.path.join(ROOT, path) for name, path in found.items()},
    }


def tell(what):
    """Says on standard error what is being done; the whole takes minutes."""
    print(f"{time.strftime('%H:%M:%S')} {what}", file=sys.stderr, flush=True)


def once(command):
    """Runs a command; clock and processor seconds, and the peak memory of it and its children in MB."""
    null = subprocess.DEVNULL
    begin = time.monotonic()
    child = subprocess.Popen(command, stdout=null, stderr=null)
    _, status, usage = os.wait4(child.pid, 0)
    clock = time.monotonic() - begin
    if os.waitstatus_to_exitcode(status) not in (0, 1):
        return None
    return clock, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1000


def measure(commands, runs):
    """Runs commands in turn; the least clock and processor seconds and the memory of each."""
    least = {}
    for _ in range(runs):
        for name, command in commands.items():
            got = once(command)
            if got is None:
                continue
            old = least.get(name, got)
            least[name] = (min(old[0], got[0]), min(old[1], got[1]), max(old[2], got[2]))
    return least


def files_of(folder):
    return sorted(glob.glob(os.path.join(folder, "**", "*.json.gz"), recursive=True))


def corpus(programs, root, kind, size):
    """The folder of a corpus, written unless it is there."""
    folder = os.path.join(root, f"{kind}-{size}")
    if not os.path.exists(folder + ".done"):
        tell(f"writing {folder}")
        shutil.rmtree(folder, ignore_errors=True)
        subprocess.run([programs["corpus"], "write", folder, kind, str(size)], check=True,
                       stdout=subprocess.DEVNULL)
        open(folder + ".done", "w").close()
    return folder


def few_of(folder):
    """A folder with the first files of another."""
    few = folder + "-few"
    os.makedirs(few, exist_ok=True)
    for path in files_of(folder)[:FEW]:
        shutil.copy(path, few)
    return few


def decoded_mb(folder):
    """MB of JSON in a folder, by the size field of each trailer."""
    total = 0
    for path in files_of(folder):
        with open(path, "rb") as file:
            file.seek(-4, os.SEEK_END)
            total += int.from_bytes(file.read(4), "little")
    return total / 1e6


def slow_peers(few):
    """The commands of peers that read few files, and those that are not there."""
    paths, commands, absent = files_of(few), {}, []
    if shutil.which("jq"):
        query = ".Records[]|select(.eventSource==\"ecr.amazonaws.com\")|.eventName"
        script = f"gzip -dc {' '.join(paths)} | jq -r '{query}'"
        commands["jq"] = ["sh", "-c", script]
    else:
        absent.append("jq")
    has_duckdb = subprocess.run([sys.executable, "-c", "import duckdb"], stderr=subprocess.DEVNULL)
    if has_duckdb.returncode == 0:
        commands["DuckDB read_json"] = [sys.executable, "-c", DUCKDB, *paths]
    else:
        absent.append("DuckDB")
    commands["Python gzip + json"] = [sys.executable, "-c", PYTHON, *paths]
    return commands, absent


def instructions(command):
    """Instructions that a command takes, by callgrind; None where valgrind is not there."""
    if not shutil.which("valgrind"):
        return None
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            ["valgrind", "--tool=callgrind", f"--callgrind-out-file={folder}/out", *command],
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    found = re.search(r"Collected : (\d+)", done.stderr)
    return int(found[1]) if found else None


def this(programs, folder, jobs, *more):
    return [programs["reconstruct"], folder, "--jobs", str(jobs), "--fail-on", "never", "--quiet",
            *(more or ("--summary",))]


def ratios(programs, folders, runs, few_runs, out):
    absent, gains = set(), {}
    if not shutil.which("rg"):
        absent.add("ripgrep")
    out.append("| logs | tool | threads | MB/s | × decompression | peak MB |")
    out.append("|---|---|---|---|---|---|")
    for kind, title in KINDS:
        folder = folders[kind]
        tell(f"reading {folder}")
        for jobs in (1, 2):
            commands = {
                "decompression alone": [programs["inflate"], folder, str(jobs)],
                "this program, `--summary`": this(programs, folder, jobs),
            }
            if kind == "all":
                commands["this program, text"] = this(programs, folder, jobs, "--width", "100")
                commands["this program, `--format jsonl`"] = this(
                    programs, folder, jobs, "--format", "jsonl")
            least = measure(commands, runs)
            if shutil.which("rg"):
                search = ["rg", "-z", "-j", str(jobs), "--count-matches", "--fixed-strings", SOURCE,
                          folder]
                least.update(measure({"`rg -z`": search}, few_runs))
            rows(least, decoded_mb(folder), title, jobs, out, gains, kind)
        few = few_of(folder)
        commands, missing = slow_peers(few)
        absent.update(missing)
        commands = {"decompression alone": [programs["inflate"], few, "1"], **commands}
        least = measure(commands, few_runs)
        rows(least, decoded_mb(few), f"{title}, {FEW} files", 1, out, {}, kind)
    out.append("")
    out.append("Not measured: " + (", ".join(sorted(absent)) or "none; every peer was there") + ".")
    out.append("")
    for kind, title in KINDS:
        alone, own = (gains[(kind, name, 1)] / gains[(kind, name, 2)]
                      for name in ("decompression alone", "this program, `--summary`"))
        out.append(f"The second thread, {title}: decompression {alone:.2f} times as fast, "
                   f"this program {own:.2f} times.")
        out.append("")


def rows(least, mb, title, jobs, out, gains, kind):
    # One thread by the processor's time, which other programs on the machine disturb least.
    which = 1 if jobs == 1 else 0
    base = least["decompression alone"][which]
    for name, got in least.items():
        gains[(kind, name, jobs)] = got[0]
        out.append(f"| {title} | {name} | {jobs} | {mb / got[which]:.0f} | "
                   f"{got[which] / base:.2f} | {got[2]:.0f} |")


def memory(programs, folders, out):
    few = few_of(folders["none"])
    small, large = once(this(programs, few, 1)), once(this(programs, folders["none"], 1))
    out.append(f"Logs without ECR: {small[2]:.1f} MB for {decoded_mb(few):.0f} MB of JSON, "
               f"{large[2]:.1f} MB for {decoded_mb(folders['none']):.0f} MB.")
    out.append("")


def growth(programs, root, pushes, hard, runs, few_runs, out):
    """Time and memory an event for ordinary and hard logs, small and large.

    The median: of short runs and long ones, the short find a calm moment of the machine sooner.
    """
    kinds = [("mix", pushes // 10, runs), ("mix", pushes, runs), ("mix", pushes * 10, 1),
             *((kind, hard, few_runs) for kind in ("hot", "token", "digest", "worst")),
             ("endless", pushes * 20, 1)]
    folders = [(kind, corpus(programs, root, kind, size), times) for kind, size, times in kinds]
    seconds = {}
    for number in range(runs):
        for _, folder, times in folders:
            if number >= times:
                continue
            tell(f"correlating {folder}, run {number + 1}")
            told = subprocess.run([programs["scale"], folder], capture_output=True, text=True)
            n_events = int(re.search(r": (\d+) events", told.stdout)[1])
            took = float(re.search(r"correlate +([\d.]+) s", told.stdout)[1])
            seconds.setdefault(folder, []).append((took, n_events))
    out.append("| logs | push events | runs | correlate, s | ns an event | peak bytes an event |")
    out.append("|---|---|---|---|---|---|")
    for kind, folder, times in folders:
        took, n_events = statistics.median_low(seconds[folder])
        # What is drawn of one push grows with its calls; of many pushes it does not.
        drawn = ("--format", "text") if kind == "endless" else ()
        peak = once(this(programs, folder, 1, *drawn))[2]
        out.append(f"| {kind} | {n_events} | {times} | {took:.3f} | {took * 1e9 / n_events:.0f} | "
                   f"{peak * 1e6 / n_events:.0f} |")
    out.append("")


def counted(programs, root, out):
    out.append("| logs | this program, million instructions a decoded MB | decompression alone |")
    out.append("|---|---|---|")
    for kind, title in KINDS:
        folder = corpus(programs, root, kind, 10)
        tell(f"counting instructions, {folder}")
        mb = decoded_mb(folder)
        own = instructions(this(programs, folder, 1))
        alone = instructions([programs["inflate"], folder, "1"])
        if own is None or alone is None:
            out.append(f"| {title} | not measured | not measured |")
            continue
        out.append(f"| {title} | {own / mb / 1e6:.2f} | {alone / mb / 1e6:.2f} |")
    out.append("")


HEAD = """# Performance

Made by `python3 tests/bench/peers.py --write`; do not edit by hand.

Reading logs costs what unpacking them costs, and little more. The tables show by how much. Read the
ratios, not the speeds: all figures of a table come from one run on one machine, each tool in turn,
and each figure is the least of several, or the median where that is said. With one thread they are
the processor's seconds, with two the clock's, which other work on the machine disturbs more.
*Decompression alone* is a program that unpacks the same files with libdeflate into a reused buffer
and looks at nothing. *This program* means all of it, the report included; the peers only look for
records of ECR. The logs are made by `cargo bench --bench corpus`; they pack as real ones do, about
7.5 times where other services fill them. Few logs hold what the last kind does: each of its records
is a push event, to be read to the last field, joined and reported, and a record unpacks in well
under a microsecond.
"""


def against_others(programs, folders, words, out):
    out += [f"Least of {words.runs} runs, of peers {words.few_runs}; {os.cpu_count()} processors; "
            f"load of the machine before the first run: {os.getloadavg()[0]:.1f}.", ""]
    ratios(programs, folders, words.runs, words.few_runs, out)


def growing(programs, _, words, out):
    out += ["Correlating means linking, assembling and examining, on one thread; the median of the runs. "
            "`mix` is ordinary: a tenth of a day, a day and ten days of one busy registry. `hot` is one "
            "repository in a day, `token` one token, `digest` one layer uploaded by many, `worst` the "
            "same by one login in one repository, `endless` one push that never ends, drawn as text where the others are summarised. An event takes longer where the log is larger than "
            "the processor's caches: it is waited for.", ""]
    growth(programs, words.dir, words.pushes, words.hard, words.runs, words.few_runs, out)


def counting(programs, _, words, out):
    out += ["Counted by `valgrind --tool=callgrind`, the same on a noisy machine; a rise is a "
            "regression.", ""]
    counted(programs, words.dir, out)


# The parts of the document, in order.
PARTS = {
    "Against others": against_others,
    "Memory": lambda programs, folders, _, out: memory(programs, folders, out),
    "Growth": growing,
    "Instructions": counting,
}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--write", action="store_true", help="write docs/performance.md")
    parser.add_argument("--only", choices=PARTS, help="measure one part; the others stay as written")
    parser.add_argument("--runs", type=int, default=9, help="of decompression and this program")
    parser.add_argument("--few-runs", type=int, default=3, help="of what takes long")
    parser.add_argument("--size", type=int, default=500, help="MB of each log")
    parser.add_argument("--pushes", type=int, default=52_000, help="pushes of a day")
    parser.add_argument("--hard", type=int, default=20_000, help="pushes of each hard log")
    parser.add_argument("--dir", default=os.path.join(tempfile.gettempdir(), "reconstruct-peers"))
    words = parser.parse_args()
    os.makedirs(words.dir, exist_ok=True)
    programs = build()
    folders = {kind: corpus(programs, words.dir, kind, words.size) for kind, _ in KINDS}
    parts = {name: part for name, part in PARTS.items() if words.only in (None, name)}
    written = {}
    if words.only:
        with open(DOCUMENT) as file:
            _, *old = file.read().split("\n## ")
        written = {text.split("\n")[0]: text for text in old}
    for name, part in parts.items():
        out = [name, ""]
        part(programs, folders, words, out)
        written[name] = "\n".join(out).rstrip() + "\n"
    # The part that tests/bench/state.py writes is the last, and stays.
    with open(DOCUMENT) as file:
        kept = [f"{KEPT}{text}" for text in file.read().split(f"\n## {KEPT}")[1:]]
    text = "\n## ".join([HEAD, *(written[name] for name in PARTS), *kept])
    if words.write:
        with open(DOCUMENT, "w") as file:
            file.write(text)
    print(text)


if __name__ == "__main__":
    main()
