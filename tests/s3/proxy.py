"""A network that fails, between the program and moto.

In: requests, of which a share meets a fault. Out: moto's answers, or what the fault makes of them. Never: a
request let through whose signature is not what botocore, an implementation of its own, makes of it.
"""

import collections
import http.client
import http.server
import random
import socket
import socketserver
import struct
import threading

import botocore.auth
import botocore.awsrequest
import botocore.credentials

FAULTS = ["slow-down", "internal-error", "reset", "truncate", "reset-in-body", "half-page"]


class Proxy(socketserver.ThreadingMixIn, http.server.HTTPServer):
    """Forwards to moto."""

    daemon_threads = True
    request_queue_size = 256

    def __init__(self, port, share, seed, secrets):
        super().__init__(("127.0.0.1", 0), Handler)
        self.upstream = port
        self.share = share
        self.random = random.Random(seed)
        self.secrets = secrets
        self.lock = threading.Lock()
        self.faults = collections.Counter()
        self.requests = []
        self.at_once = 0
        self.most_at_once = 0
        self.bad_signatures = []

    def handle_error(self, request, client_address):
        """Says nothing: clients that go away are part of the play."""

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_address[1]}"

    def fault(self):
        """The fault that the next request meets, or None."""
        with self.lock:
            return self.random.choice(FAULTS) if self.random.random() < self.share else None

    def start(self):
        threading.Thread(target=self.serve_forever, daemon=True).start()
        return self


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_GET(self):
        self.forward()

    def do_POST(self):
        self.forward()

    def forward(self):
        with self.server.lock:
            self.server.requests.append(f"{self.command} {self.path}")
            self.server.at_once += 1
            self.server.most_at_once = max(self.server.most_at_once, self.server.at_once)
        self.is_under_way = True
        try:
            self.answer()
        finally:
            self.end()

    def end(self):
        """Counts the request as answered. The client may send its next one as soon as it has the last byte."""
        if self.is_under_way:
            self.is_under_way = False
            with self.server.lock:
                self.server.at_once -= 1

    def answer(self):
        length = int(self.headers.get("content-length") or 0)
        body = self.rfile.read(length)
        self.check_signature(body)
        fault = self.server.fault()
        is_list = "list-type=2" in self.path
        if fault == "half-page" and not is_list:
            fault = None
        if fault:
            self.server.faults[fault] += 1
        if fault == "slow-down":
            return self.error(503, "SlowDown", "Please reduce your request rate.")
        if fault == "internal-error":
            return self.error(500, "InternalError", "We encountered an internal error.")
        if fault == "reset":
            return self.reset()
        upstream = http.client.HTTPConnection("127.0.0.1", self.server.upstream)
        headers = {name: value for name, value in self.headers.items() if name.lower() != "host"}
        upstream.request(self.command, self.path, body, headers)
        response = upstream.getresponse()
        content = response.read()
        upstream.close()
        if fault == "half-page":
            content = content[: len(content) // 2]
        self.send_response(response.status)
        for name, value in response.getheaders():
            if name.lower() not in ("content-length", "connection", "transfer-encoding", "server", "date"):
                self.send_header(name, value)
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        if fault in ("truncate", "reset-in-body"):
            with self.server.lock:
                cut = self.server.random.randrange(max(len(content), 1))
            self.end()
            self.wfile.write(content[:cut])
            self.wfile.flush()
            if fault == "reset-in-body":
                return self.reset()
            self.close_connection = True
            return None
        self.wfile.write(content[:-1])
        self.wfile.flush()
        self.end()
        self.wfile.write(content[-1:])
        return None

    def error(self, status, code, message):
        content = f"<Error><Code>{code}</Code><Message>{message}</Message></Error>".encode()
        self.send_response(status)
        self.send_header("content-length", str(len(content)))
        self.end()
        self.end_headers()
        self.wfile.write(content)

    def reset(self):
        """Ends the connection with a reset instead of an end."""
        self.end()
        linger = struct.pack("ii", 1, 0)
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self.close_connection = True
        self.wfile.close()
        self.rfile.close()
        self.connection.close()

    def check_signature(self, body):
        """Signs the request anew and compares."""
        authorization = self.headers.get("authorization")
        if authorization is None:
            return
        fields = dict(
            part.strip().split("=", 1)
            for part in authorization.removeprefix("AWS4-HMAC-SHA256 ").split(",")
        )
        key, _, region, service, _ = fields["Credential"].split("/")
        headers = {name: self.headers[name] for name in fields["SignedHeaders"].split(";")}
        headers.pop("host")
        request = botocore.awsrequest.AWSRequest(
            self.command, f"http://{self.headers['host']}{self.path}", headers, body
        )
        request.context["timestamp"] = self.headers["x-amz-date"]
        request.context["client_config"] = None
        secret = self.server.secrets.get(key)
        if secret is None:
            self.server.bad_signatures.append(f"unknown key {key}")
            return
        credentials = botocore.credentials.Credentials(key, secret, self.headers.get("x-amz-security-token"))
        kind = botocore.auth.S3SigV4Auth if service == "s3" else botocore.auth.SigV4Auth
        signer = kind(credentials, service, region)
        canonical = signer.canonical_request(request)
        signature = signer.signature(signer.string_to_sign(request, canonical), request)
        if signature != fields["Signature"]:
            self.server.bad_signatures.append(f"{self.command} {self.path}\n{canonical}")
