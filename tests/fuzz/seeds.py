"""Makes the seeds of the fuzz targets: seeds.py TESTDATA SEEDS.

Comes in: the logs of the tests. Goes out: a folder of seeds for each target, a few hundred files. Nothing of it is kept
in the repository, for testdata says all of it already.
"""

import gzip
import json
import sys
from pathlib import Path

MAX_BYTES = 20_000


def main(testdata: Path, seeds: Path) -> None:
    counts: dict[str, int] = {}

    def seed(target: str, content: bytes) -> None:
        if 0 < len(content) <= MAX_BYTES:
            counts[target] = counts.get(target, 0) + 1
            folder = seeds / target
            folder.mkdir(parents=True, exist_ok=True)
            (folder / f"{counts[target]:04}").write_bytes(content)

    for path in sorted((testdata / "wrappers").iterdir()):
        content = path.read_bytes()
        for target in ("wrappers", "split", "pipeline"):
            seed(target, content)
        for line in content.splitlines():
            seed("wrappers", line)
    for path in sorted(testdata.glob("cases/*/in/**/*.json.gz"))[::7]:
        packed = path.read_bytes()
        seed("decode", packed)
        seed("pipeline", packed)
        try:
            records = json.loads(gzip.decompress(packed))["Records"]
        except (OSError, EOFError, ValueError, KeyError):
            continue
        records = [one for one in records if str(one["eventSource"]).startswith("ecr")]
        text = json.dumps({"Records": records}, separators=(",", ":")).encode()
        seed("split", text)
        seed("pipeline", text)
        for record in records:
            seed("event", json.dumps(record, separators=(",", ":")).encode())
            manifest = (record.get("requestParameters") or {}).get("imageManifest")
            if isinstance(manifest, str):
                seed("manifest", manifest.encode())
    for word in (
        "window=15m", "since=7d", "until=2026-03-17T10:00:00Z", "since=2026-03-17", "max-decoded=4GiB",
        "image=123456789012.dkr.ecr.eu-west-1.amazonaws.com/team/app:v1", "repository=team/*",
        "image=public.ecr.aws/a1b2c3/app@sha256:" + "a" * 64, "status=failed", "width=80", "tag=v*",
    ):
        seed("words", word.encode())


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
