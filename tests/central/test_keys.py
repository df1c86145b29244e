"""`central keys`: the owner changes central's keys, and is told what follows from it."""

from __future__ import annotations

import re
import shutil
import stat
from functools import partial
from pathlib import Path

import pytest

from central.cli import main
from central.keys import DOCUMENT, SIGNING, SPARE, SPARE_PUBLIC, load_keys, make_keys
from central.rotation import recover, rotate, verifies
from feedback import wire
from feedback.pins import Pins, followed
from tests.central.device import NOON_MS, delivery, serving
from tests.faults.tracing import killed


def said(capsys: pytest.CaptureFixture[str], *words: str, code: int = 0) -> str:
    assert code == main(list(words))
    captured = capsys.readouterr()
    return captured.out if code == 0 else captured.err


@pytest.fixture
def keys(folder: Path) -> list[str]:
    """The beginning of every command."""
    return ["--data", str(folder), "keys"]


def test_the_owner_sees_the_keys_by_their_fingerprints(
    folder: Path, keys: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    shown = said(capsys, *keys, "show")

    assert f"signing key: {load_keys(folder).fingerprint}\n" in shown
    assert re.search(r"changed: +never\n", shown)


def test_a_rotation_names_the_new_fingerprint_which_new_kiosks_get(
    folder: Path, keys: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    before = load_keys(folder).fingerprint

    told = said(capsys, *keys, "rotate")

    after = load_keys(folder).fingerprint
    assert before != after
    assert after in told
    assert "Restart `central serve`" in told
    toml = said(capsys, "--data", str(folder), "code", "b12", "--touchpoint", "exit-1")
    assert f'fingerprint = "{after}"' in toml
    assert "0 of 0 follow them" in said(capsys, *keys, "show")


def test_the_replaced_signing_key_leaves_the_folder_and_the_sealing_keys_stay(
    folder: Path, keys: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    said(capsys, *keys, "rotate")
    said(capsys, *keys, "rotate", "--sealing")
    said(capsys, *keys, "rotate")

    assert 1 == len(list(folder.glob("signing-key*.pem")))
    assert not (folder / SIGNING).exists()
    assert 2 == len(load_keys(folder).opening)
    assert {0o600} == {stat.S_IMODE(path.stat().st_mode) for path in folder.glob("*.pem")}
    assert "1 older ones" in said(capsys, *keys, "show")


def test_a_recovery_says_where_the_new_spare_is_and_ends_every_old_key(
    folder: Path, keys: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    safe = tmp_path / "safe.pem"
    shutil.move(folder / SPARE, safe)
    before = load_keys(folder).public

    told = said(capsys, *keys, "recover", "--spare", str(safe))

    after = load_keys(folder).public
    assert not {before.current, before.spare, before.sealing} & {after.current, after.spare, after.sealing}
    (spare,) = (path for path in folder.glob("spare-signing-key-*.pem") if path.name != SPARE_PUBLIC)
    assert f"Move {spare} to a safe place" in told


def test_a_lost_signing_key_is_replaced_by_the_spare(
    folder: Path, keys: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / SIGNING).unlink()
    assert "put it back from a backup" in said(capsys, *keys, "show", code=2)

    said(capsys, *keys, "recover", "--spare", str(folder / SPARE))

    assert load_keys(folder).version


def test_another_central_s_spare_is_refused_and_nothing_changes(
    folder: Path, keys: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "other").mkdir()
    make_keys(tmp_path / "other")
    before = sorted(path.name for path in folder.iterdir())

    for file, words in [
        (tmp_path / "other" / SPARE, "is not the spare of this central"),
        (folder / "sealing-key.pem", "is not a signing key"),
        (folder / "nowhere.pem", "cannot be read"),
    ]:
        refused = said(capsys, *keys, "recover", "--spare", str(file), code=2)
        assert words in refused
        assert 1 == refused.count("\n")
    assert before == sorted(path.name for path in folder.iterdir())


def test_a_used_spare_is_refused(folder: Path, keys: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    said(capsys, *keys, "recover", "--spare", str(folder / SPARE))

    assert "is not the spare" in said(capsys, *keys, "recover", "--spare", str(folder / SPARE), code=2)


def test_a_damaged_key_document_is_one_sentence(
    folder: Path, keys: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    said(capsys, *keys, "rotate")
    (folder / DOCUMENT).write_bytes(b"{")

    for words in (["show"], ["rotate"], ["recover", "--spare", str(folder / SPARE)]):
        refused = said(capsys, *keys, *words, code=2)
        assert "put it back from a backup" in refused
        assert 1 == refused.count("\n")


def test_the_key_document_is_named_in_each_acknowledgement_and_handed_out(folder: Path) -> None:
    with serving(folder) as central:
        device = central.enrolled()
        assert 404 == device.document("keys").status
    rotate(folder, NOON_MS)

    with serving(folder) as central:
        device.central = central
        named = wire.decode_acknowledgement(device.sync(delivery()).body).documents["keys"]
        got = device.document("keys")

    assert central.keys.named["keys"] == named
    assert central.keys.changes == wire.decode_key_document(got.body)


@pytest.mark.strace
@pytest.mark.parametrize("verb", ["rotate", "recover"])
def test_a_cut_at_any_step_leaves_keys_that_kiosks_follow(folder: Path, tmp_path: Path, verb: str) -> None:
    """
    Killed at each of its system calls: central has the old keys or the new ones, and the next attempt goes through.
    """
    spare = tmp_path / "safe.pem"
    shutil.move(folder / SPARE, spare)
    pinned = Pins(load_keys(folder).public)

    def change(of: Path) -> None:
        rotate(of, NOON_MS) if verb == "rotate" else recover(of, spare, NOON_MS)

    seen = set()
    for call in ("openat", "write", "fsync", "rename", "unlink"):
        number = 0
        is_killed = True
        while is_killed:
            number += 1
            copy = tmp_path / f"{call}-{number}"
            shutil.copytree(folder, copy)
            is_killed = killed(partial(change, copy), call, number)
            keys = load_keys(copy)
            assert keys.public == followed(pinned, keys.changes, verifies).keys
            seen.add((is_killed, bool(keys.changes)))
            if is_killed and not keys.changes:
                change(copy)
                assert load_keys(copy).version == NOON_MS
            shutil.rmtree(copy)
    assert {(True, False), (True, True), (False, True)} == seen
