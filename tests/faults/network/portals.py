"""Thirty ways to be answered by somebody who is not central: hotels, airports, proxies, providers."""

from __future__ import annotations

import gzip
import json

from tests.faults.network.middle import Whole, reply

HTML, JSON = "text/html; charset=utf-8", "application/json"
PAGE = b"<!doctype html><title>Wi-Fi</title><form action='/login'>Please accept the terms</form>"
ACKNOWLEDGED = json.dumps(
    {
        "v": 1,
        "server_utc_ms": 1_790_000_000_000,
        "verdicts": [[1, 100_000, "stored"]],
        "accounted_upto": 100_000,
        "missing": [],
        "limits": {"max_answers": 5000, "max_bytes": 262_144, "encodings": ["gzip"], "min_interval_s": 0},
        "documents": {},
        "commands": [],
    }
).encode()
FAKE = {
    "Signature-Input": 'central=("@status" "content-type" "content-digest");created=1;keyid="c";nonce="0"',
    "Signature": "central=:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==:",
    "Content-Digest": "sha-256=:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=:",
}


def _said(status: int, kind: str, body: bytes = PAGE, **more: str) -> Whole:
    return reply(
        status, body, {"Content-Type": kind, **{name.replace("_", "-"): more[name] for name in more}}
    )


PORTALS: tuple[Whole, ...] = (
    _said(200, HTML),
    _said(200, HTML, b""),
    _said(200, JSON, PAGE),
    _said(200, JSON, b""),
    _said(200, JSON, b"{}"),
    _said(200, JSON, b"[]"),
    _said(200, JSON, b"null"),
    _said(200, JSON, b"true"),
    _said(200, JSON, b'"ok"'),
    _said(200, JSON, b"[" * 50_000),
    _said(200, JSON, b'{"v": 1e999}'),
    _said(200, JSON, b'{"error": "login required", "login": "http://10.0.0.1/"}'),
    _said(200, JSON, ACKNOWLEDGED),
    _said(200, "application/json; charset=utf-8", ACKNOWLEDGED),
    _said(200, "text/json", ACKNOWLEDGED),
    reply(200, ACKNOWLEDGED, {"Content-Type": JSON, **FAKE}),
    reply(200, ACKNOWLEDGED, {"Content-Type": JSON, "Signature": "x", "Signature-Input": "x"}),
    _said(200, "application/captive+json", b'{"captive": true}'),
    _said(200, HTML, PAGE, Refresh="0; url=http://10.0.0.1/login"),
    _said(200, "text/plain", b"success\n"),
    _said(200, "application/octet-stream", bytes(range(256)) * 9),
    reply(200, gzip.compress(ACKNOWLEDGED), {"Content-Type": JSON, "Content-Encoding": "gzip"}),
    reply(204),
    _said(302, HTML, PAGE, Location="http://10.0.0.1/login"),
    _said(302, HTML, PAGE, Location="https://wifi.example/?from=central", Set_Cookie="seen=1; Path=/"),
    _said(303, HTML, b"", Location="/login"),
    _said(307, JSON, b"{}", Location="http://10.0.0.1/login"),
    _said(403, HTML, b"<h1>Blocked by your provider</h1>"),
    _said(503, HTML, b"<h1>Try later</h1>", Retry_After="120"),
    _said(511, HTML, PAGE),
)
