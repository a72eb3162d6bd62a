"""Holds the findings of `--format ocsf` against the schema of OCSF 1.6.0, which refuses unknown fields.

In: a built program and logs. Out: a line a log, and status 1 if a line is not valid, or if the pushes are not those of
`--not-ok`. `ocsf-json-schema` carries the schema; no network is asked.
"""

import json
import subprocess
import sys
from importlib import resources

import jsonschema
import ocsf_json_schema
from ocsf_json_schema.embedded import OcsfJsonSchemaEmbedded

VERSION = "1.6.0"


def output(program, log, *options):
    typed = [program, "--quiet", "--fail-on", "never", *options, log]
    return subprocess.run(typed, check=True, capture_output=True).stdout.decode()


def main(program, logs):
    path = resources.files(ocsf_json_schema) / "ocsf" / f"{VERSION}.json"
    schema = OcsfJsonSchemaEmbedded(json.loads(path.read_text()))
    schema = schema.get_class_schema("detection_finding", ["cloud"])
    validator = jsonschema.Draft202012Validator(schema)
    n_lines, last = 0, {}
    for log in logs:
        lines = [json.loads(line) for line in output(program, log, "--format", "ocsf").split("\n") if line]
        for line in lines:
            for error in validator.iter_errors(line):
                where = "/".join(map(str, error.absolute_path))
                sys.exit(f"{log}: {where}: {error.message[:300]}")
        uids = sorted(line["finding_info"]["uid"] for line in lines)
        report = json.loads(output(program, log, "--format", "json", "--not-ok"))
        ids = sorted(push["id"] for push in report["sessions"])
        assert uids == ids, f"{log}: {len(uids)} findings, {len(ids)} pushes that did not end well"
        n_lines += len(lines)
        last = lines[-1] if lines else last
        print(f"ok   ocsf: {len(lines)} findings are valid by OCSF {VERSION}: {log}")
    # A check that saw nothing would pass.
    assert n_lines > 0
    wrong = {**last, "of_nobody": 1}
    assert not validator.is_valid(wrong), "the schema refuses unknown fields"


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
