"""The import rules hold, and a deliberate break of each is noticed."""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("feedback", "kiosk", "central")


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy of the packages and their rules, to break."""
    for package in PACKAGES:
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / ".importlinter", tmp_path)
    return tmp_path


def lint(tree: Path) -> subprocess.CompletedProcess[str]:
    program = Path(sys.executable).with_name("lint-imports")
    plain = os.environ | {"NO_COLOR": "1", "COLUMNS": "200"}
    command = [program, "--no-cache", "--no-logo"]
    return subprocess.run(command, cwd=tree, env=plain, capture_output=True, text=True, check=False)


def test_the_rules_hold(tree: Path) -> None:
    run = lint(tree)

    assert run.returncode == 0, run.stdout + run.stderr
    assert "0 broken" in run.stdout


@pytest.mark.parametrize(
    ("module", "illegal", "contract"),
    [
        ("feedback/ratings.py", "import central", "Feedback imports nothing of ours"),
        ("feedback/ratings.py", "import cryptography", "Feedback needs only the standard library"),
        ("feedback/scores.py", "import time", "What decides touches no network, clock, file or pin"),
        ("kiosk/visit.py", "import sqlite3", "What decides touches no network, clock, file or pin"),
        ("kiosk/sync/plan.py", "import time", "What decides touches no network, clock, file or pin"),
        ("kiosk/ui/__init__.py", "import kiosk.sync", "The kiosk's parts form a stack"),
        ("kiosk/storage/__init__.py", "import kiosk.ui", "The kiosk's parts form a stack"),
        ("kiosk/newcomer.py", "", "The kiosk's parts form a stack"),
        ("kiosk/sync/__init__.py", "def late():\n    import kivy", "Only the screen loads Kivy"),
        ("kiosk/sync/__init__.py", "import central", "Kiosk and central never know each other"),
        ("central/store/__init__.py", "import kiosk.clock", "Kiosk and central never know each other"),
        ("central/store/__init__.py", "import central.ingest", "Central's parts form a stack"),
        ("central/scores/__init__.py", "import time", "Scores take the time as an argument"),
    ],
)
def test_an_illegal_import_breaks_its_rule(tree: Path, module: str, illegal: str, contract: str) -> None:
    with (tree / module).open("a") as source:
        source.write(f"\n\n{illegal}\n")

    run = lint(tree)

    assert run.returncode != 0
    assert f"{contract} BROKEN" in run.stdout


def test_feedback_imports_only_itself_and_the_standard_library() -> None:
    known = sys.stdlib_module_names | {"feedback"}
    imported = {
        name.partition(".")[0]
        for path in (ROOT / "feedback").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        for name in imported_names(node)
    }

    assert imported - known == set()


def imported_names(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
        return [node.module]
    return []
