"""What central's OpenAPI document says of an answer's body."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jsonschema_rs import Draft202012Validator


class Documented:
    """
    The document, asked about one answer after the other.

    By itself: schemathesis 4.32 rewrites ``prefixItems`` of an answer's schema as an older draft has it, and then
    takes the schema for invalid.
    """

    def __init__(self, document: Mapping[str, Any]) -> None:
        self.document = document
        self._validators: dict[tuple[str, str, str], Draft202012Validator | None] = {}

    def fault(self, method: str, path: str, status: int, body: Any) -> str:
        """
        What is wrong with the JSON *body* of an answer to *path*, as the document writes it; empty: nothing.

        Whether the status is one that the document names is asked elsewhere.
        """
        key = (method.lower(), path, str(status))
        if key not in self._validators:
            self._validators[key] = self._validator(*key)
        validator = self._validators[key]
        first = next(validator.iter_errors(body), None) if validator else None
        return str(first.message) if first else ""

    def _validator(self, method: str, path: str, status: str) -> Draft202012Validator | None:
        answers = self.document["paths"].get(path, {}).get(method, {}).get("responses", {})
        content = answers.get(status, answers.get("default", {})).get("content", {})
        schema = content.get("application/json", {}).get("schema")
        if schema is None:
            return None
        # For what the schema refers to.
        return Draft202012Validator({**schema, "components": self.document.get("components", {})})
