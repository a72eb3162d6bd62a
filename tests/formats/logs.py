"""Makes a log in which ids, names and tags look like numbers, dates, truth values and formulas.

In: a folder, a number of pushes. Out: one log file there. Never: the same push twice. The ids of pushes come from their
content, so many are needed until some of them look like numbers.
"""

import json
import pathlib
import sys

VALUES = (
    "1e5 007 1.10 =1+1 +1 -1 @x TRUE true False NaN nan NA N/A n/a #N/A null NULL None <NA> 1/2 2024-01-02 5e9634004515 "
    "123456789012 0x1f 1_000 infinity Infinity inf -inf 1e400 10:30 1:2 1.2.3 jan-2024 may-24 mar-1 2-May-2024 sept2 10am "
    "1pm 2024 00 1. .5 1E-7 5% $5 (5) 5- 1,000 1'000 99999999999999999999 2024-01-02T10:00 '1 ''1 ½ １２ # none - ; v1.0 latest"
).split(" ") + ["1 1/2", " 1", "1 ", "jan 5", "march 2024", "2 pm", "1;2", "a b", 'a"b', "a,b", "a\tb", "a\\b", "\u202e1"]
ACCOUNTS = ["123456789012", "012345678901", "000000000007"]
ADDRESSES = ["203.0.113.7", "10.0.0.1", "1.2.3.4", "2001:db8::1", "::1", "1:2:3:4:5:6:7:8", "1::2"]


def record(number, action, parameters, **more):
    """A call of a push by itself."""
    value = VALUES[number % len(VALUES)]
    account = ACCOUNTS[number % len(ACCOUNTS)]
    seconds = number * 7
    return {
        "eventVersion": "1.08",
        "userIdentity": {
            "type": "AssumedRole",
            "principalId": f"AROA{number}:{value}",
            "arn": f"arn:aws:sts::{account}:assumed-role/{value}/{value}",
            "accountId": account,
            "accessKeyId": value,
        },
        "eventTime": f"2026-03-17T{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}Z",
        "eventSource": "ecr.amazonaws.com",
        "eventName": action,
        "awsRegion": "eu-central-1",
        "sourceIPAddress": ADDRESSES[number % len(ADDRESSES)],
        "userAgent": value,
        "requestParameters": {"registryId": account, "repositoryName": repository(number)} | parameters,
        "requestID": value,
        "eventID": f"{number:08x}-{number:04}-4000-8000-{number:012}" if number % 2 else f"{number}-{value}",
        "eventType": "AwsApiCall",
        "recipientAccountId": account,
    } | more


def repository(number):
    """A repository for a push by itself, which some rows name by a value and others by a number."""
    n_values = len(VALUES)
    value = VALUES[number % n_values]
    return [value, f"{number}", f"{number}e{number % 7}", f"app/{number}"][number // n_values % 4] + (
        "" if number < n_values else f".{number}" if number % 3 == 0 else ""
    )


def records(n_pushes):
    """Pushes of one call: some accepted, some refused with hostile words."""
    for number in range(n_pushes):
        value = VALUES[number % len(VALUES)]
        config = {"mediaType": "application/vnd.docker.container.image.v1+json", "digest": f"sha256:{number:064x}", "size": 7}
        manifest = {"schemaVersion": 2, "config": config, "layers": []}
        put = {"imageTag": value, "imageManifest": json.dumps(manifest)}
        refusal = {"errorCode": value, "errorMessage": value} if number % 5 == 4 else {}
        yield record(number, "PutImage", put, **refusal)


def main(folder, n_pushes):
    path = pathlib.Path(folder)
    path.mkdir(parents=True, exist_ok=True)
    log = {"Records": list(records(int(n_pushes)))}
    (path / "log.json").write_text(json.dumps(log), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
