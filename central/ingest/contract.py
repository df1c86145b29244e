"""The sync call as the OpenAPI document tells it, written by hand: the wire is columnar, and no model generates it."""

from __future__ import annotations

from typing import Any

from feedback.answers import Source
from feedback.ratings import Kind

Schema = dict[str, Any]


def _object(description: str, required: list[str], properties: Schema) -> Schema:
    return {
        "type": "object",
        "description": description,
        "required": required,
        "properties": properties,
    }


def _list(items: Schema, description: str) -> Schema:
    return {"type": "array", "items": items, "description": description}


def _tuple(description: str, *items: Schema, least: int = 0) -> Schema:
    return {
        "type": "array",
        "prefixItems": list(items),
        "minItems": least or len(items),
        "maxItems": len(items),
        "description": description,
    }


WHOLE: Schema = {"type": "integer", "minimum": 0, "maximum": 2**53 - 1}
SIGNED: Schema = {"type": "integer"}
NAME: Schema = {"type": "string", "maxLength": 100}
BASE64: Schema = {
    "type": "string",
    "contentEncoding": "base64",
    "pattern": "^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$",
}
STORE = BASE64 | {"pattern": "^[A-Za-z0-9+/]{21}[AQgw]==$"}
KIND: Schema = {"enum": [kind.value for kind in Kind]}
RUNS = _list(_tuple("number, how often", WHOLE, WHOLE), "runs over a list given elsewhere")

ANSWERS = _object(
    "The answers in columns: one entry each, in order of seq, without gaps",
    ["first", "count", "response", "boot", "boot_ms", "wall", "place", "ask", "value", "source", "test"],
    {
        "first": WHOLE | {"minimum": 1, "description": "seq of the first answer"},
        "count": WHOLE | {"maximum": 20_000, "description": "answers sent; 0 is a heartbeat"},
        "response": _list(WHOLE, "distance back to the first answer of the same response"),
        "boot": RUNS,
        "boot_ms": _list(SIGNED, "boot clock, ms: the first, then differences"),
        "wall": _list(SIGNED, "wall clock minus boot clock, ms: the first, then differences"),
        "place": RUNS,
        "ask": _list(WHOLE, "index into asks"),
        "value": _list(SIGNED, "the answer itself; its kind says what it means"),
        "source": {
            "type": "string",
            "pattern": "^[" + "".join(source.value for source in Source) + "]*$",
            "description": "one letter each: t touch, b button, p panel, w web, q QR, e e-mail, s SMS",
        },
        "test": _list(WHOLE, "places of answers given by a technician on purpose"),
    },
)

REQUEST = _object(
    "Stored answers, with what is needed to place and to explain them",
    [
        "v",
        "store",
        "cursor",
        "boots",
        "anchors",
        "now",
        "places",
        "asks",
        "answers",
        "texts",
        "void",
        "closed",
        "status",
    ],
    {
        "v": {"const": 1},
        "store": STORE | {"description": "16 bytes that name the database file the answers live in"},
        "cursor": WHOLE
        | {"description": "every seq up to this has a final verdict, as far as the kiosk knows"},
        "boots": _list(NAME, "boot ids"),
        "anchors": _list(
            _tuple("boot, boot ms, UTC ms, source, error ms", WHOLE, WHOLE, WHOLE, NAME, WHOLE),
            "moments at which a boot knew the time",
        ),
        "now": {
            "anyOf": [_tuple("boot, boot ms, wall ms", WHOLE, WHOLE, WHOLE), {"type": "null"}],
            "description": "the kiosk's clocks as it sends; null in a stick's file",
        },
        "places": _list(_tuple("branch, touchpoint", NAME, NAME), "where answers were given"),
        "asks": _list(
            _tuple("survey, version, question, kind, language", NAME, WHOLE, NAME, KIND, NAME),
            "what was asked",
        ),
        "answers": ANSWERS,
        "texts": {
            "type": "object",
            "description": "seq -> [sealed text or null, keyed digest]",
            "additionalProperties": _tuple(
                "sealed, digest", {"type": ["string", "null"], "contentEncoding": "base64"}, BASE64
            ),
        },
        "void": _list(_tuple("first, last, reason", WHOLE, WHOLE, NAME), "seqs that will never come"),
        "closed": _list(_tuple("store, last seq", STORE, WHOLE), "stores that get no more rows"),
        "status": {"type": "object", "description": "how the kiosk is, as its version knows it"},
        "generation": WHOLE
        | {"description": "the last one this store's progress was acknowledged in; not there: none"},
    },
)

STATE: Schema = {"enum": ["stored", "duplicate", "rejected", "conflict", "held"]}

ACKNOWLEDGEMENT = _object(
    "A verdict for each answer sent. Counts only if its signature holds",
    ["v", "server_utc_ms", "verdicts", "accounted_upto", "missing", "limits", "documents", "commands"],
    {
        "v": {"const": 1},
        "server_utc_ms": WHOLE,
        "verdicts": _list(
            _tuple("first, last, state, reason if refused", WHOLE, WHOLE, STATE, NAME, least=3),
            "ranges, in order, together exactly what was sent",
        ),
        "accounted_upto": WHOLE | {"description": "every seq up to this is in a final state"},
        "missing": _list(_tuple("first, last", WHOLE, WHOLE), "ranges central waits for"),
        "limits": _object(
            "What central asks of the next requests",
            ["max_answers", "max_bytes", "encodings", "min_interval_s"],
            {
                "max_answers": WHOLE,
                "max_bytes": WHOLE,
                "encodings": _list({"type": "string"}, "content encodings central unpacks"),
                "min_interval_s": WHOLE,
            },
        ),
        "documents": {
            "type": "object",
            "description": "name -> [version, SHA-256]: what the kiosk should have",
            "additionalProperties": _tuple("version, SHA-256", WHOLE, NAME),
        },
        "commands": _list(NAME, "reserved"),
        "generation": _tuple(
            "of central's database, another one whenever it was restored; how far of this store what was acknowledged "
            "in the generation the request names is still there",
            WHOLE,
            WHOLE,
        ),
    },
)

REFUSAL = _object(
    "Central's signed no to a request as a whole",
    ["v", "error", "sentence"],
    {"v": {"const": 1}, "error": NAME, "sentence": {"type": "string", "maxLength": 1_000}},
)

SIGNATURE_HEADERS: list[Schema] = [
    {"name": name, "in": "header", "required": True, "schema": {"type": "string"}, "description": said}
    for name, said in (
        ("Signature-Input", "RFC 9421: what is covered, and a fresh nonce"),
        ("Signature", "RFC 9421, Ed25519, by the kiosk's key"),
    )
]
DIGEST_HEADER: Schema = {
    "name": "Content-Digest",
    "in": "header",
    "required": True,
    "schema": {"type": "string"},
    "description": "RFC 9530, SHA-256 over the raw bytes sent",
}

REFUSALS = {
    400: "Not a message of version 1",
    401: "Unknown kiosk, or a signature that does not hold",
    403: "The kiosk is not accepted yet",
    404: "No such document",
    408: "The body took over a minute",
    413: "The body is too large: send fewer answers",
    415: "Not application/json, or an encoding central does not unpack",
    500: "Central is at fault: keep, try again",
}


def content(schema: Schema) -> Schema:
    """*schema* as a JSON body."""
    return {"application/json": {"schema": schema}}


def refusals(*statuses: int) -> dict[int | str, Schema]:
    """The signed refusals with *statuses*, as a route declares them."""
    return {status: {"description": REFUSALS[status], "content": content(REFUSAL)} for status in statuses}


SYNC: Schema = {
    "responses": {
        200: {"description": "Acknowledged, signed", "content": content(ACKNOWLEDGEMENT)},
        **refusals(400, 401, 403, 408, 413, 415, 500),
    },
    "openapi_extra": {
        "parameters": [*SIGNATURE_HEADERS, DIGEST_HEADER],
        "requestBody": {"required": True, "content": content(REQUEST)},
    },
}
