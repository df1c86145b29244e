"""The documents tell the truth: what they name exists."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import kiosk
from feedback.ratings import Rating
from feedback.scores import sli
from kiosk import texts

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()
DOCUMENTS = sorted(path for path in ROOT.glob("*.md")) + sorted(ROOT.glob("kiosk/ui/fonts/*.md"))


def verbs(program: str) -> set[str]:
    """The verbs that ``--help`` of *program* lists."""
    words = [sys.executable, "-m", f"{program}.cli", "--help"]
    shown = subprocess.run(words, capture_output=True, text=True, check=True, timeout=60).stdout
    return set(re.findall(r"^    (\w+) ", shown, re.MULTILINE))


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_file_a_document_links_to_is_there(document: Path) -> None:
    links = re.findall(r"\]\((?!https?://|#)([^)#]+)", document.read_text())

    assert [] == [link for link in links if not (document.parent / link).exists()]


def test_every_place_a_document_points_to_is_a_heading() -> None:
    headings = {
        re.sub(r"[^\w -]", "", line.lstrip("# ").lower()).replace(" ", "-")
        for line in README.splitlines()
        if line.startswith("#")
    }

    assert set(re.findall(r"\]\(#([^)]+)\)", README)) <= headings


@pytest.mark.parametrize("program", ["kiosk", "central"])
def test_every_command_the_readme_names_exists(program: str) -> None:
    named = set(re.findall(rf"`{program} (?:--config \S+ |--data \S+ )?(\w+)", README))

    assert named
    assert named <= verbs(program)


def test_every_proof_is_named_and_runs() -> None:
    named = set(re.findall(r"`(tests\.[a-z.]+|benchmarks)\b", README))
    faults = [
        path for path in (ROOT / "tests" / "faults").rglob("*.py") if "parse_args()" in path.read_text()
    ]
    runnable = {".".join(path.relative_to(ROOT).with_suffix("").parts) for path in faults}

    assert {name.removesuffix(".__main__") for name in runnable} <= named
    for proof in named:
        words = [sys.executable, "-m", proof, "--help"]
        run = subprocess.run(words, capture_output=True, check=False, timeout=60, cwd=ROOT)
        assert run.returncode == 0, proof


def test_the_readmes_worked_example_is_what_the_program_computes() -> None:
    counts = [int(number) for number in re.findall(r"(\d+), (\d+), (\d+), (\d+) and (\d+) of 250", README)[0]]
    score = sli(dict(zip(sorted(Rating, reverse=True), counts, strict=True)))

    assert score is not None
    assert f"{score.value:.1f}" == re.findall(r"of 250\s+make (\d+\.\d)", README)[0]


def test_every_sentence_in_the_technicians_table_is_one_the_kiosk_says() -> None:
    said = [
        fragment.replace("\\`", "`")
        for fragment in re.findall(r"^\| (?:… )?\*([^*]+)\*", README, re.MULTILINE)
    ]
    sources = "".join(path.read_text() for path in ROOT.glob("kiosk/**/*.py"))

    assert len(said) >= 6
    assert [] == [fragment for fragment in said if fragment not in sources]


def test_the_languages_shipped_and_those_nobody_reviewed_are_the_ones_named() -> None:
    def named(sentence: str) -> list[str]:
        return re.findall(r"`([a-z]{2})`", re.findall(sentence, README, re.DOTALL)[0])

    assert named(r"The kiosk speaks ([^;]+);") == list(texts.shipped())
    unreviewed = [code for code in texts.shipped() if texts.load(code).reviewed_by is None]
    assert named(r"no native speaker has reviewed yet: ([^.]+)\.") == unreviewed


def test_the_version_is_said_once() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]

    assert kiosk.VERSION == project["version"]
    assert (
        project["version"] in (ROOT / "CHANGELOG.md").read_text()
        or "Unreleased" in (ROOT / "CHANGELOG.md").read_text()
    )
