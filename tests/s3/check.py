"""Holds what is read from S3, well or badly, against what is read from disk.

In: the program, the sample and the cases. Out: a line a check, exit status 1 at the first that differs.
Never: a request that leaves this machine.
"""

import datetime
import ipaddress
import json
import os
import pathlib
import socket
import ssl
import subprocess
import sys
import time

import boto3
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from proxy import Proxy

ROOT = pathlib.Path("testdata")
BUCKET = "my-trail"
KEYS = {"AKIDTEST": "secret/of+test"}
# What a network cannot reach, so that a mistake is seen at once.
NOWHERE = "http://127.0.0.1:1"


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def start_moto():
    port = free_port()
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    moto = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    for _ in range(600):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return moto, port
        except OSError:
            time.sleep(0.1)
    raise SystemExit("moto does not start")


def fill(port):
    """Puts the logs into buckets; the number of objects."""
    client = boto3.client(
        "s3",
        endpoint_url=f"http://127.0.0.1:{port}",
        region_name="eu-west-1",
        aws_access_key_id="a",
        aws_secret_access_key="b",
    )
    client.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    count = 0
    for path in sorted(ROOT.rglob("*")):
        if path.is_file():
            client.put_object(Bucket=BUCKET, Key=str(path.relative_to(ROOT)), Body=path.read_bytes())
            count += 1
    # What a console makes where somebody asks for a folder.
    client.put_object(Bucket=BUCKET, Key="cases/", Body=b"")
    return count


def run(program, args, **environment):
    """Standard output, standard error and status, in an environment of its own."""
    base = {"PATH": os.environ["PATH"], "AWS_REGION": "eu-west-1", "AWS_ACCESS_KEY_ID": "AKIDTEST"}
    base["AWS_SECRET_ACCESS_KEY"] = KEYS["AKIDTEST"]
    base["AWS_EC2_METADATA_DISABLED"] = "true"
    done = subprocess.run(
        [program, "--fail-on", "never", *args], capture_output=True, env={**base, **environment}, timeout=600
    )
    return done.stdout, done.stderr.decode(), done.returncode


def check(holds, what, detail=""):
    if not holds:
        raise SystemExit(f"FAILED: {what}\n{detail}")
    print(f"ok: {what}", flush=True)


def same_reports(program, port, count):
    """One and many connections, without and with failures: the bytes of the local report."""
    wanted = {}
    for format_ in ("text", "json"):
        wanted[format_], _, status = run(program, ["--quiet", "--format", format_, str(ROOT)])
        assert status == 0 and wanted[format_]
    for share in (0.0, 0.2):
        for connections in (1, 32):
            # Bad luck on one connection only adds up; a smaller share is as hard on each request.
            proxy = Proxy(port, share if connections > 1 else share / 2, 7 + connections, KEYS).start()
            for format_ in ("json", "text") if connections > 1 and not share else ("json",):
                args = ["--quiet", "--format", format_, "--connections", str(connections), f"s3://{BUCKET}/"]
                began = time.monotonic()
                found, message, status = run(program, args, AWS_ENDPOINT_URL=proxy.url)
                seconds = time.monotonic() - began
                faults = ", ".join(f"{count} {name}" for name, count in sorted(proxy.faults.items()))
                check(
                    (status, message, found == wanted[format_]) == (0, "", True),
                    f"{format_}, {count} objects, {connections} connections, {seconds:.1f} s: "
                    f"equal; faults so far: {faults or 'none'}",
                    f"status {status}\n{message}",
                )
            check(proxy.bad_signatures == [], f"{len(proxy.requests)} signatures as botocore makes them",
                  "\n".join(proxy.bad_signatures[:1]))
            check(proxy.most_at_once <= connections, f"at most {proxy.most_at_once} requests at once")
            if share:
                met = set(proxy.faults)
                check(len(met) == 6, "every fault was met", str(met))
            proxy.shutdown()


def pushes(text):
    """The pushes, but for how many others of the whole log their logins served."""
    rows = [json.loads(line) for line in text.splitlines()]
    found = [row for row in rows if row["type"] == "session"]
    for row in found:
        row.pop("authorization_pushes")
    return found


def selected(program, port):
    """What the folders rule out is not asked for, and no push is missed for it."""
    case = "cases/filter-by-name/in"
    proxy = Proxy(port, 0.0, 1, KEYS).start()
    for selection in (
        ["--region", "eu-central-1"],
        ["--since", "2026-03-17", "--until", "2026-03-18"],
        ["--account", "999999999999"],
    ):
        args = ["--quiet", "--format", "jsonl", *selection]
        here, _, _ = run(program, [*args, str(ROOT / case)])
        there, message, status = run(program, [*args, f"s3://{BUCKET}/{case}"], AWS_ENDPOINT_URL=proxy.url)
        sessions = [pushes(text) for text in (here, there)]
        if selection[0] == "--account":
            check(status == 2 and "--account" in message, "an account that is not there is said to be none")
        else:
            check(sessions[0] == sessions[1], f"{' '.join(selection)}: {len(sessions[0])} pushes equal", message)
    asked = [request for request in proxy.requests if "us-" in request and "list-type" not in request]
    proxy.shutdown()
    return asked


def errors(program, port):
    """Refusals end the run with words that help."""
    url = f"http://127.0.0.1:{port}"
    for args, environment, words in (
        (["s3://no-such-bucket/"], {"AWS_ENDPOINT_URL": url}, "NoSuchBucket"),
        ([f"s3://{BUCKET}/nothing"], {"AWS_ENDPOINT_URL": url}, "no log file under"),
        ([f"s3://{BUCKET}/"], {"AWS_ENDPOINT_URL": NOWHERE}, "check the network"),
        ([f"s3://{BUCKET}/"], {"AWS_ENDPOINT_URL": url, "AWS_ACCESS_KEY_ID": ""}, "no AWS credentials"),
        (["event-history://eu-west-1"], {"AWS_ENDPOINT_URL": NOWHERE}, "check the network"),
    ):
        _, message, status = run(program, args, **environment)
        check(status == 2 and words in message, f"{args[0]}: {words}", message)


def roles(program, port):
    """STS as moto plays it gives keys for a role, by a profile and by a web identity."""
    proxy = Proxy(port, 0.0, 1, KEYS).start()
    folder = pathlib.Path("target/s3-venv")
    (folder / "config").write_text(
        "[profile role]\nrole_arn = arn:aws:iam::123456789012:role/reader\nsource_profile = base\n"
    )
    (folder / "credentials").write_text(
        "[base]\naws_access_key_id = AKIDTEST\naws_secret_access_key = secret/of+test\n"
    )
    (folder / "token").write_text("a.web.token")
    files = {
        "AWS_ENDPOINT_URL": proxy.url,
        "AWS_CONFIG_FILE": str(folder / "config"),
        "AWS_SHARED_CREDENTIALS_FILE": str(folder / "credentials"),
        "AWS_ACCESS_KEY_ID": "",
    }
    identity = {
        "AWS_WEB_IDENTITY_TOKEN_FILE": str(folder / "token"),
        "AWS_ROLE_ARN": "arn:aws:iam::123456789012:role/reader",
    }
    for name, args, environment in (
        ("role of a profile", ["--profile", "role"], files),
        ("web identity", [], {**files, **identity}),
    ):
        args = [*args, "--quiet", "--summary", f"s3://{BUCKET}/sample"]
        _, message, status = run(program, args, **environment)
        check((status, message) == (0, ""), f"{name}: read with STS's keys", message)
    check(any(request.startswith("POST /") for request in proxy.requests), "STS was asked")
    # The secrets of the roles are moto's own and not known here.
    wrong = [line for line in proxy.bad_signatures if not line.startswith("unknown key ")]
    check(wrong == [], "signatures for STS as botocore makes them", "\n".join(wrong[:1]))
    proxy.shutdown()


def certificate(folder):
    """A certificate of this machine that nobody signed but itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "loopback")])
    now = datetime.datetime.now(datetime.timezone.utc)
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False)
        .sign(key, hashes.SHA256())
    )
    path = folder / "loopback.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(built.public_bytes(serialization.Encoding.PEM) + private)
    return path


def encrypted(program, port):
    """TLS, with a certificate that AWS_CA_BUNDLE vouches for and without."""
    pem = certificate(pathlib.Path("target/s3-venv"))
    proxy = Proxy(port, 0.2, 3, KEYS)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    proxy.socket = context.wrap_socket(proxy.socket, server_side=True, do_handshake_on_connect=False)
    proxy.start()
    url = proxy.url.replace("http:", "https:")
    args = ["--quiet", "--format", "json"]
    wanted, _, _ = run(program, [*args, str(ROOT / "sample")])
    args.append(f"s3://{BUCKET}/sample")
    found, message, _ = run(program, args, AWS_ENDPOINT_URL=url, AWS_CA_BUNDLE=str(pem))
    check(found == wanted, f"TLS, {sum(proxy.faults.values())} faults: equal", message)
    _, message, status = run(program, args, AWS_ENDPOINT_URL=url)
    check(status == 2 and "certificate" in message.lower() or "UnknownIssuer" in message, "a certificate that nobody vouches for is refused", message)
    proxy.shutdown()


def main():
    program = sys.argv[1]
    moto, port = start_moto()
    try:
        count = fill(port)
        same_reports(program, port, count)
        check(selected(program, port) == [], "no object of another region was read")
        errors(program, port)
        roles(program, port)
        encrypted(program, port)
    finally:
        moto.terminate()
        moto.wait()


if __name__ == "__main__":
    main()
