"""A document being put in place, in processes that end at each of its steps, or whose disk takes no more."""

from __future__ import annotations

import json
import os
import resource
import signal
import sys
from pathlib import Path
from typing import Any

from feedback.wire import SignedDocument, fingerprint
from kiosk.documents import opened
from kiosk.storage.link_state import Document, Link
from kiosk.sync.documents import present, take
from tests.kiosk.signed import FINGERPRINT, signed

ENDED = 9
STEPS = {"open", "os.rename", "os.remove", "os.mkdir", "os.chmod"}
"""What Python tells of before it asks the system for it."""
SMALL_BYTES = 300


def survey(version: int) -> SignedDocument:
    question = {"id": "visit", "kind": "rating", "texts": {"en": f"How was it, {version}?"}}
    document = {
        "survey": "exit",
        "version": version,
        "languages": ["en"],
        "default_language": "en",
        "questions": [question],
    }
    return signed("survey", json.dumps(document).encode())


def is_central(key: bytes) -> bool:
    return fingerprint(key) == FINGERPRINT


def named(version: int) -> Document:
    return Document("survey", version, survey(version).sha256)


def put(folder: Path, version: int) -> Document:
    return take(named(version), lambda *_: survey(version), folder)


def end_at(step: int) -> None:
    """End this process at its *step*-th step, with no word to anybody."""
    steps = 0

    def count(event: str, _: Any) -> None:
        nonlocal steps
        steps += event in STEPS
        if steps == step:
            os._exit(ENDED)

    sys.addaudithook(count)


def cut(folder: Path) -> None:
    """Put version after version in place, each time ending one step later; say what was there after each."""
    step, version = 0, 4
    put(folder, version)
    while True:
        step, version = step + 1, version + 1
        child = os.fork()
        if not child:
            end_at(step)
            put(folder, version)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        there = opened(folder, "survey", is_central)
        known = present(Link().documented(named(version)), folder, is_central).document("survey")
        print(json.dumps([step, version, there.version if there else 0, known.held_version]), flush=True)
        if os.waitstatus_to_exitcode(status) == 0:
            return
        assert not put(folder, version).trouble or known.held_version == version


def full(folder: Path) -> None:
    """The disk takes 300 bytes of a file and no more."""
    put(folder, 4)
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (SMALL_BYTES, SMALL_BYTES))
    taken = put(folder, 5)
    there = opened(folder, "survey", is_central)
    left = sorted(path.name for path in folder.iterdir())
    print(json.dumps([taken.trouble, there.version if there else 0, left]), flush=True)


if __name__ == "__main__":
    {"cut": cut, "full": full}[sys.argv[1]](Path(sys.argv[2]))
