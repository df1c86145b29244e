"""Kiosks and centrals that are wrong on purpose, one rule each: every one of them has to be caught."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any
from unittest.mock import patch

from sqlalchemy import Engine

from central.ingest import sync
from central.signing import signed_headers
from feedback import wire
from feedback.errors import LinkError
from kiosk.sync import desk, signatures
from kiosk.sync.line import Reply
from tests.carrying import KIOSK, Carrier


@dataclass(frozen=True, slots=True)
class Request:
    """One request of the kiosk's on a stick, as whoever answers it needs to know it."""

    stem: str
    nonce: str
    first: int
    count: int


@contextmanager
def right() -> Iterator[None]:
    """Nothing is wrong with the parts themselves."""
    yield


@dataclass(frozen=True, slots=True)
class Control:
    """
    Attributes:
        wrong: Makes this process's kiosk or central wrong, while it lasts.
        after_export, after_import: Done by it, in addition; the latter with the names of files not taken.
    """

    wrong: Callable[[], Any] = right
    after_export: Callable[[Carrier], None] | None = None
    after_import: Callable[[Carrier, set[str]], None] | None = None


def move_at_export(carrier: Carrier) -> None:
    """What is on the stick counts as sent."""
    with carrier.file() as file:
        progress = file.link.progress(carrier.reader.store_id())
        file.save(file.link.advanced(replace(progress, delivered=carrier.reader.last_seq())))


def take_torn(carrier: Carrier, torn: set[str]) -> None:
    """Central answers what it could not read: by its name, it should be this and that."""
    remembered = carrier.remembered()
    for name in torn:
        one = remembered.get(name.removesuffix(".kexp"))
        if one is None or not one.count:
            continue
        last = one.first + one.count - 1
        verdicts = (wire.Verdict(one.first, last, wire.State.STORED),)
        body = wire.encode_acknowledgement(wire.Acknowledgement(carrier.now_ms, verdicts, last))
        headers = signed_headers(carrier.keys, 200, body, one.nonce)
        content = wire.encode_message(wire.Message(tuple(headers.items()), body, 200))
        file = wire.StickFile(wire.StickKind.ACKNOWLEDGEMENT, KIOSK, content, one.nonce)
        (carrier.stick / name).with_suffix(".kack").write_bytes(wire.encode_stick_file(file))


@contextmanager
def no_signature() -> Iterator[None]:
    """Looks at the nonce and at nobody's key."""

    def wrong(reply: Reply, nonce: str, _: Sequence[bytes]) -> None:
        if f'nonce="{nonce}"' not in reply.headers.get("Signature-Input", ""):
            raise LinkError("the answer belongs to another request")

    with patch.object(desk, "believe", wrong):
        yield


@contextmanager
def no_nonce() -> Iterator[None]:
    """Looks at the signature and at nobody's nonce."""

    def wrong(reply: Reply, _: str, keys: Sequence[bytes]) -> None:
        if all(signatures._verified_nonce(reply, key) is None for key in keys):
            raise LinkError("the answer does not carry central's signature")

    with patch.object(desk, "believe", wrong):
        yield


@contextmanager
def old_word_is_the_newest() -> Iterator[None]:
    """What central said weeks ago is how it is now."""

    def wrong(believed: Sequence[Any], _: int) -> list[Any]:
        return list(believed)

    with patch.object(desk, "_newest", wrong):
        yield


@contextmanager
def answered_before_it_is_stored() -> Iterator[None]:
    """Central writes the acknowledgement, and then finds that the transaction cannot be committed."""
    right = sync.acknowledged
    turn = [0]

    def wrong(store: Engine, *what: Any) -> wire.Acknowledgement:
        turn[0] += 1
        request: wire.SyncRequest = what[2]
        if turn[0] % 3 or not request.count:
            return right(store, *what)
        last = request.first + request.count - 1
        return wire.Acknowledgement(what[3], (wire.Verdict(request.first, last, wire.State.STORED),), last)

    with patch.object(sync, "acknowledged", wrong):
        yield


@contextmanager
def every_stick_is_a_store() -> Iterator[None]:
    """Central takes what comes on a stick for something new each time."""
    right = sync.acknowledged

    def wrong(store: Engine, *what: Any) -> wire.Acknowledgement:
        changed = replace(what[2], store=secrets.token_bytes(16))
        return right(store, what[0], what[1], changed, what[3])

    with patch.object(sync, "acknowledged", wrong):
        yield


CONTROLS: dict[str, Control] = {
    "cursor moved at export": Control(after_export=move_at_export),
    "signature not checked": Control(no_signature),
    "nonce not checked": Control(no_nonce),
    "torn file taken": Control(after_import=take_torn),
    "an old word is the newest": Control(old_word_is_the_newest),
    "answered before it is stored": Control(answered_before_it_is_stored),
    "every stick is a store": Control(every_stick_is_a_store),
}
