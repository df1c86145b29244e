"""Whatever happens while a document is put in place: the old one or the new one, whole, and never a half."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any


def ran(what: str, folder: Path) -> list[Any]:
    command = [sys.executable, "-m", "tests.kiosk.sync.cut_documents", what, str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_a_process_that_ends_at_any_step_leaves_the_old_document_or_the_new_one(tmp_path: Path) -> None:
    """And what is there counts as held, although sync.db was never told."""
    found = ran("cut", tmp_path / "documents")

    assert len(found) >= 4
    for _, version, there, held in found:
        assert there in (version - 1, version)
        assert there == held
    assert {0, 1} == {version - there for _, version, there, _ in found}  # both were seen


def test_a_full_card_keeps_the_old_document_and_no_half_of_a_new_one(tmp_path: Path) -> None:
    (found,) = ran("full", tmp_path / "documents")

    trouble, there, left = found
    assert trouble.startswith("the card does not take the survey (")
    assert (4, ["survey.kdoc"]) == (there, left)
