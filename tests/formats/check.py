"""Holds each format, as other programs read it, against the JSON report.

In: the program and folders of logs. Out: a line a format and folder, exit status 1 at the first that
differs. A folder whose name is `numbers` holds the log of logs.py. Never: an expectation of its own; what is so, the JSON report says.
"""

import collections
import csv
import io
import json
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree

import logs as made
import tables

try:
    import pm4py
except ImportError:
    pm4py = None

ESCAPES = {"\\\\": "\\", "\\n": "\n", "\\r": "\r", "\\t": "\t"}


def report(program, format_, logs, *more):
    """The report of some logs in a format."""
    command = [program, "--format", format_, "--quiet", "--fail-on", "never", logs, *more]
    run = subprocess.run(command, capture_output=True, check=True)
    return run.stdout.decode("utf-8")


def unguarded(cell):
    """Undoes the guard against formulas, by the rule of docs/report.md."""
    cell = cell.removeprefix("'")

    def letter(match):
        code = match.group(1)
        return chr(int(code, 16)) if code else ESCAPES[match.group(0)]

    return re.sub(r"\\u\{([0-9a-f]+)\}|\\[\\nrt]", letter, cell)


def cell_of(value):
    """A value of the JSON report as a cell has it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return " ".join(value)
    return str(value)


def marked(mark, value):
    """A value with what keeps it text before it."""
    return value if value is None else mark + value


def expected_rows(whole):
    """The rows that the table must have, as far as a column is a field of the push or the event."""
    for push in whole["sessions"]:
        for position, event in enumerate(push["events"]):
            yield push, position, event
    for event in whole["unplaced"]:
        yield None, None, event


def check_csv(program, logs, whole):
    """Python's csv reads the table, and reads it equal."""
    csv.field_size_limit(1 << 30)
    rows = list(csv.DictReader(io.StringIO(report(program, "csv", logs), newline=""), strict=True))
    expected = list(expected_rows(whole))
    assert len(rows) == len(expected), (len(rows), len(expected))
    compared = 0
    for row, (push, position, event) in zip(rows, expected):
        assert None not in row and None not in row.values(), "as many cells as columns"
        fields = {name: event[name] for name in row if name in event}
        fields |= {name: event["at"][name] for name in ("file", "record")}
        fields["position"] = position
        of_push = ("status", "confidence", "service", "region", "repository")
        fields |= {name: push and push[name] for name in of_push}
        fields["identity"] = push and push["identity"]["name"]
        fields["push"] = marked("p", push and push["id"])
        fields["registry"] = marked("aws-", push and push["registry"])
        fields["account"] = marked("aws-", (push or event)["identity"]["account"])
        fields["tag"] = marked(f"{push and push['repository'] or ''}:", event["tag"])
        fields["alternatives"] = [marked("p", other["session"]) for other in event["alternatives"]]
        for name, value in fields.items():
            assert unguarded(row[name]) == cell_of(value), (name, row[name][:200])
            compared += 1
    return f"{len(rows)} rows, {compared} cells equal"


def check_pushes(program, logs, whole):
    """Python's csv reads the table of pushes, and reads it equal to the objects of the brief JSON report."""
    brief = json.loads(report(program, "json", logs, "--summary"))
    by_id = {marked("p", push["id"]): push for push in brief["pushes"]}
    of_id = {push["id"]: push for push in whole["sessions"]}
    rows = list(csv.DictReader(io.StringIO(report(program, "csv", logs, "--summary"), newline=""), strict=True))
    assert sorted(row["push"] for row in rows) == sorted(by_id)
    compared = 0
    for row in rows:
        push = by_id[row["push"]]
        whole_push = of_id[push["id"]]
        tags = {key: [f"{push['repository'] or ''}:{tag}" for tag in push[key]] for key in ("tags", "refused_tags")}
        fields = {name: push[name] for name in row if name in push} | {
            "made_good_by": marked("p", push["made_good_by"]),
            "registry": marked("aws-", push["registry"]),
            "account": marked("aws-", push["account"]),
            "image": tags["tags"] or tags["refused_tags"],
            "refused_tags": tags["refused_tags"],
            "user_agent": (whole_push["client"] or {}).get("user_agent"),
            "explanation": whole_push["explanation"],
        }
        assert set(fields) | {"push"} == set(row), set(row) ^ set(fields)
        for name, value in fields.items():
            assert unguarded(row[name]) == cell_of(value), (name, row[name][:200])
            compared += 1
    return f"{len(rows)} rows, {compared} cells equal"


def check_tables(read, control):
    """A check that a program reads both tables as text; of values made for it, it must convert some without the marks."""

    def check(program, logs, whole):
        said = [read(report(program, "csv", logs, *more)) for more in ([], ["--summary"])]
        if said[0] is None:
            return None
        if logs.endswith("/numbers"):
            bare = ([push["id"] for push in whole["sessions"]], made.ACCOUNTS, made.VALUES)
            converted = [control(values) for values in bare]
            assert all(converted), converted
            counts = [f"{n} of {len(values)}" for n, values in zip(converted, bare)]
            said.append("without marks it converts {} ids, {} accounts, {} names".format(*counts))
        return ", ".join(said)

    return check


def check_dot(program, logs, whole):
    """Graphviz draws the graph without a word, every call and every push in it."""
    if shutil.which("dot") is None:
        return None
    graph = report(program, "dot", logs).encode("utf-8")
    run = subprocess.run(["dot", "-Tsvg"], input=graph, capture_output=True, check=True, timeout=600)
    assert not run.stderr, run.stderr[:500]
    classes = collections.Counter()
    for element in xml.etree.ElementTree.fromstring(run.stdout).iter():
        assert not element.tag.endswith("}script"), element.tag
        assert not any(name.lower().startswith("on") for name in element.attrib), element.attrib
        classes[element.get("class")] += 1
    n_calls = sum(not event["shared"] for _, _, event in expected_rows(whole))
    assert classes["cluster"] == len(whole["sessions"]), classes
    assert classes["node"] >= n_calls + len(whole["sessions"]), classes
    return f"{classes['cluster']} clusters, {classes['node']} nodes, {classes['edge']} edges drawn"


def check_ocel(program, logs, whole):
    """pm4py reads the log and counts what the JSON report counts."""
    if pm4py is None:
        return None
    path = "target/formats.jsonocel"
    with open(path, "w", encoding="utf-8") as file:
        file.write(report(program, "ocel", logs))
    log = pm4py.read_ocel2_json(path)
    pushes = whole["sessions"]
    logins = {e["event_id"] for p in pushes for e in p["events"] if e["shared"]}
    n_calls = sum(not event["shared"] for _, _, event in expected_rows(whole))
    assert len(log.events) == n_calls + len(logins), (len(log.events), n_calls, len(logins))
    by_action = collections.Counter(e["action"] for _, _, e in expected_rows(whole) if not e["shared"])
    by_action["GetAuthorizationToken"] += len(logins)
    counted = collections.Counter(log.events["ocel:activity"])
    assert counted == +by_action, (counted, by_action)
    digests = {
        kind: {row["digest"] for p in pushes for row in p[rows] if row["digest"] is not None}
        for kind, rows in (("layer", "layers"), ("image", "manifests"))
    }
    place = ("service", "registry", "region", "repository")
    expected = {
        "push": len(pushes),
        "upload": sum(layer["upload_id"] is not None for p in pushes for layer in p["layers"]),
        "layer": len(digests["layer"]),
        "image": len(digests["image"]),
        "repository": len({tuple(p[k] for k in place) for p in pushes if p["repository"] is not None}),
        "identity": len({json.dumps(p["identity"]) for p in pushes}),
    }
    objects = collections.Counter(log.objects["ocel:type"])
    assert objects == +collections.Counter(expected), (objects, expected)
    return f"{len(log.events)} events, {len(log.objects)} objects, {len(log.o2o)} relations counted"


def check_timesketch(program, logs, whole):
    """Every line is an object with the fields that Timesketch asks for."""
    lines = report(program, "timesketch", logs).splitlines()
    for line in lines:
        fields = json.loads(line)
        assert all(fields[name] for name in ("message", "datetime", "timestamp_desc")), line[:200]
        assert isinstance(fields["timestamp"], int), line[:200]
    assert len(lines) == sum(1 for _ in expected_rows(whole)) + len(whole["sessions"])
    return f"{len(lines)} lines"


def check_trace(program, logs, whole):
    """Python's json reads the trace; its rules are held in tests/it/formats/trace.rs."""
    trace = json.loads(report(program, "trace", logs))
    slices = sum(event["ph"] == "X" and event["cat"] == "push" for event in trace["traceEvents"])
    assert slices == len(whole["sessions"]), slices
    return f"{len(trace['traceEvents'])} events"


CHECKS = {
    "csv": check_csv,
    "pushes": check_pushes,
    "pandas": check_tables(tables.check_pandas, tables.converted_by_pandas),
    "office": check_tables(tables.check_office, tables.converted_by_office),
    "timesketch": check_timesketch,
    "dot": check_dot,
    "trace": check_trace,
    "ocel": check_ocel,
}


TABLES = ("csv", "pushes", "pandas", "office")


def applies(name, logs):
    """Whether some logs are for a check: those of logs.py are many for a graph, and LibreOffice is slow for every case."""
    if logs.endswith("/numbers"):
        return name in TABLES
    return name != "office" or "/cases/" not in logs


def main(program, *folders):
    for logs in folders:
        whole = json.loads(report(program, "json", logs))
        assert whole["sessions"], f"{logs} holds a push"
        for name, check in CHECKS.items():
            if not applies(name, logs):
                continue
            said = check(program, logs, whole)
            print(f"{name:<10} {logs}: {said or 'SKIPPED'}", flush=True)


main(*sys.argv[1:])
