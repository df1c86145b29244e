"""The calls of the fleet as the OpenAPI document tells them."""

from __future__ import annotations

from typing import Any

from feedback import wire

Schema = dict[str, Any]
NAME: Schema = {"type": "string", "maxLength": 100}
BASE64: Schema = {"type": "string", "contentEncoding": "base64"}
WHOLE: Schema = {"type": "integer", "minimum": 0}


def _object(description: str, **properties: Schema) -> Schema:
    return {
        "type": "object",
        "description": description,
        "required": ["v", *properties],
        "properties": {"v": {"const": 1}, **properties},
    }


def _said(description: str, schema: Schema) -> Schema:
    return {"description": description, "content": {"application/json": {"schema": schema}}}


KEYS: Schema = {
    "type": "object",
    "required": ["current", "spare", "sealing"],
    "properties": {"current": BASE64, "spare": BASE64, "sealing": BASE64},
}

REFUSAL = _object("Central's signed no", error=NAME, sentence={"type": "string", "maxLength": 1_000})

CHALLENGE: Schema = {
    "responses": {
        200: _said(
            "A nonce, signed", _object("A challenge", nonce=BASE64 | {"description": "32 bytes"}, keys=KEYS)
        )
    }
}

ENROL: Schema = {
    "responses": {
        200: _said(
            "Accepted or pending, signed with the challenge as nonce",
            _object(
                "Who the kiosk is, and central's keys",
                state={"enum": ["accepted", "pending"]},
                kiosk=NAME,
                branch=NAME,
                touchpoint=NAME,
                keys=KEYS,
                server_utc_ms=WHOLE,
            ),
        ),
        400: _said("Not a message of version 1", REFUSAL),
        401: _said("The challenge is over, or the proof is not by that key", REFUSAL),
        403: _said("The code is unknown, used or too old", REFUSAL),
        408: _said("The body took over a minute", REFUSAL),
        413: _said("The body is too large", REFUSAL),
        500: _said("Central is at fault: try again later", REFUSAL),
    },
    "openapi_extra": {
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {
                    "schema": _object(
                        "A kiosk asks for its identity",
                        code=NAME,
                        public_key=BASE64 | {"description": "Ed25519, 32 bytes"},
                        nonce=BASE64 | {"description": "from the challenge"},
                        proof=BASE64
                        | {"description": "signature over 'afterword enrol v1\\n' nonce key code"},
                        model=NAME,
                        serial=NAME,
                        app=NAME,
                        self_test=NAME,
                    )
                    | {
                        "description": "With screen_secret, 32 bytes sealed to central, from kiosks that have one"
                    }
                }
            },
        }
    },
}

DOCUMENT: Schema = {
    "responses": {
        200: {
            "description": "The newest version as published; reply and document are signed",
            "headers": {
                "ETag": {"schema": {"type": "string"}, "description": "SHA-256 of the body, hex, in quotes"},
                wire.VERSION_HEADER: {"schema": WHOLE, "description": "Grows with every change"},
                wire.SIGNATURE_HEADER: {
                    "schema": BASE64,
                    "description": "Ed25519 over 'afterword document v1\\n' name '\\n' version '\\n' SHA-256",
                },
            },
            "content": {"application/json": {"schema": {"type": "object"}}},
        },
        304: {"description": "The one named by If-None-Match is the newest"},
        401: _said("Unknown kiosk, or a signature that does not hold", REFUSAL),
        403: _said("The kiosk is not accepted yet", REFUSAL),
        404: _said("There is no such document", REFUSAL),
        500: _said("Central is at fault: try again later", REFUSAL),
    },
    "openapi_extra": {
        "parameters": [
            {
                "name": "Signature-Input",
                "in": "header",
                "required": True,
                "schema": {"type": "string"},
                "description": "RFC 9421 over @method and @path, with a fresh nonce",
            },
            {"name": "Signature", "in": "header", "required": True, "schema": {"type": "string"}},
            {"name": "If-None-Match", "in": "header", "required": False, "schema": {"type": "string"}},
        ]
    },
}

TIME: Schema = {
    "responses": {
        200: _said("UTC at central, signed with the nonce", _object("The time", server_utc_ms=WHOLE)),
        422: _said("No nonce, or not one", REFUSAL),
    }
}
