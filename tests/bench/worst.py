#!/usr/bin/env python3
"""Shows the memory and time that the worst single files cost.

In: a built program (target/release/reconstruct, or the first argument). Out: a table for docs/reliability.md.
Each file is made below target/worst, is a few megabytes compressed, and is read by two threads.
"""
import gzip
import os
import pathlib
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
RECORD = (b'{"eventSource":"ecr.amazonaws.com","eventName":"PutImage","eventTime":"2026-03-17T10:00:00Z",'
          b'"eventID":"%d"}')


def zeros():
    yield b'{"Records":['
    for _ in range(300):
        yield bytes(1 << 24)


def brackets():
    yield b'{"Records":[' + b"[" * 200_000_000


def text():
    yield b'{"Records":[{"eventSource":"ecr.amazonaws.com","eventName":"PutImage","x":"'
    yield b"ecr.amazonaws.com PutImage " * 9_000_000 + b'"}]}'


def pushes():
    yield b'{"Records":['
    yield b",".join(RECORD % number for number in range(500_000))
    yield b"]}"


WORST = [
    ("5.0 GB of zeros, beyond `--max-decoded`", zeros),
    ("200 million brackets in each other", brackets),
    ("one record with a text of 243 MB", text),
    ("500,000 calls that each are a push of its own", pushes),
]


def main():
    program = sys.argv[1] if len(sys.argv) > 1 else str(ROOT / "target/release/reconstruct")
    folder = ROOT / "target/worst"
    folder.mkdir(parents=True, exist_ok=True)
    print("| one file | compressed MB | seconds | peak MB |\n|---|--:|--:|--:|")
    for name, content in WORST:
        path = folder / f"{content.__name__}.json.gz"
        with gzip.open(path, "wb", compresslevel=6) as file:
            for part in content():
                file.write(part)
        start = time.monotonic()
        command = [program, "--jobs", "2", "--quiet", "--summary", "--fail-on", "never", str(path)]
        child = subprocess.Popen(command, stdout=subprocess.DEVNULL, env={"XDG_CONFIG_HOME": "/nonexistent"})
        _, status, usage = os.wait4(child.pid, 0)
        took = time.monotonic() - start
        if os.waitstatus_to_exitcode(status) != 0:
            sys.exit(f"{name}: status {status}")
        size = path.stat().st_size / 1e6
        print(f"| {name} | {size:.1f} | {took:.1f} | {usage.ru_maxrss / 1e3:.0f} |")


if __name__ == "__main__":
    main()
