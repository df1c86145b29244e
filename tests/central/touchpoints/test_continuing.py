"""Going on by phone: one answer, one comment, whoever scans the code, and whenever the answer arrives."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from central.cli import main
from central.comments.continuations import Words
from central.sealing import opened
from central.store import tables
from central.touchpoints import wording
from feedback import continuation
from feedback.continuation import Continuation
from feedback.wire import Purpose
from tests.central.device import STORE, Central, Device, delivery, rating, serving

DEADLINE_S = 20
SECRET = bytes(range(32))
NAMED = Continuation("b12", "k-1", STORE, 1)
WORDS = "Növbə çox uzun idi; xanım Əliyeva isə çox kömək etdi."


class Phone(requests.Session):
    """One customer's phone: its own cookies, its own language."""

    def __init__(self, central: Central, language: str = "en") -> None:
        super().__init__()
        self._central = central
        self.headers["Accept-Language"] = language

    def scan(self, code: str, status: int = 200) -> str:
        return self._read(self.get(f"{self._central.url}/c/{code}", timeout=DEADLINE_S), status)

    def write(self, code: str, comment: str, contact: str = "", status: int = 200) -> str:
        form = {"comment": comment, "contact": contact, "language": ""}
        return self._read(self.post(f"{self._central.url}/c/{code}", form, timeout=DEADLINE_S), status)

    def _read(self, reply: requests.Response, status: int) -> str:
        assert reply.status_code == status, reply.text
        assert "script" not in reply.text
        assert reply.headers["Cache-Control"] == "no-store"
        return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", reply.text))


@pytest.fixture
def central(folder: Path) -> Iterator[Central]:
    with serving(folder) as central:
        yield central


@pytest.fixture
def kiosk(central: Central) -> Device:
    return central.enrolled(secret=SECRET)


@pytest.fixture
def code(kiosk: Device) -> str:
    return continuation.encoded(NAMED, kiosk.screen_secret)


@pytest.fixture
def phone(central: Central) -> Iterator[Phone]:
    with Phone(central) as phone:
        yield phone


def kept(central: Central) -> list[Words]:
    rows = central.rows(tables.continuations)
    return [
        Words.unpacked(opened(row.sealed, central.keys.sealing, Purpose.BY_PHONE, row.kiosk_id))
        for row in rows
    ]


def test_a_comment_sent_before_its_answer_arrives_is_there_when_it_does(
    central: Central, kiosk: Device, phone: Phone, code: str
) -> None:
    phone.write(code, WORDS, "anar@example.com")
    kiosk.sync(delivery(rating(1)))

    assert kept(central) == [Words(WORDS, "anar@example.com", "en")]
    assert len(central.rows(tables.answers)) == 1


def test_a_comment_sent_after_its_answer_has_arrived_changes_no_count(
    central: Central, kiosk: Device, phone: Phone, code: str
) -> None:
    kiosk.sync(delivery(rating(1)))
    before = central.counts()

    phone.write(code, WORDS)

    assert kept(central) == [Words(WORDS, "", "en")]
    assert central.counts() == before


def test_whoever_sends_first_has_the_code_and_the_next_one_gets_a_sentence(
    central: Central, phone: Phone, code: str
) -> None:
    with Phone(central) as other:
        assert "Would you like to add a word?" in other.scan(code)
        assert "Your words have arrived." in phone.write(code, WORDS)
        assert "Somebody has already sent a comment" in other.write(code, "and mine", status=409)
        assert "Somebody has already sent a comment" in other.scan(code, status=409)

    assert kept(central) == [Words(WORDS, "", "en")]


def test_the_same_phone_that_sends_twice_or_looks_again_is_thanked(
    central: Central, phone: Phone, code: str
) -> None:
    phone.write(code, WORDS)

    assert "Your words have arrived." in phone.write(code, "something else")
    assert "Your words have arrived." in phone.scan(code)
    assert kept(central) == [Words(WORDS, "", "en")]


def test_looking_binds_nothing_for_cameras_look_by_themselves(
    central: Central, phone: Phone, code: str
) -> None:
    phone.scan(code)
    with Phone(central) as other:
        other.write(code, WORDS)

    assert kept(central) == [Words(WORDS, "", "en")]


@pytest.mark.parametrize("at", [0, 5, 20, 40, -1])
def test_an_altered_code_is_refused_in_one_sentence_and_nothing_is_kept(
    central: Central, phone: Phone, code: str, at: int
) -> None:
    altered = code[:at] + ("A" if code[at] != "A" else "B") + (code[at + 1 :] if at != -1 else "")

    assert "This code is not complete" in phone.scan(altered, status=404)
    assert "This code is not complete" in phone.write(altered, WORDS, status=404)
    assert not kept(central)


def test_a_code_of_another_kiosks_screen_or_another_branch_is_refused(
    central: Central, kiosk: Device, phone: Phone
) -> None:
    for named in (Continuation("b12", "k-9", STORE, 1), Continuation("b13", "k-1", STORE, 1)):
        phone.scan(continuation.encoded(named, kiosk.screen_secret), status=404)
    phone.scan(continuation.encoded(NAMED, bytes(32)), status=404)


def test_nothing_but_spaces_is_asked_for_again(central: Central, phone: Phone, code: str) -> None:
    assert "Please write a comment" in phone.write(code, " \r\n ", status=422)
    assert "Please write a comment" in phone.write(code, "x" * 1_001, status=422)
    assert not kept(central)

    assert "Your words have arrived." in phone.write(code, "x" * 1_000)


def test_a_form_without_end_is_refused(central: Central, phone: Phone, code: str) -> None:
    phone.write(code, "x" * 20_000, status=404)

    assert not kept(central)


def test_no_word_is_in_clear_in_any_file_of_central(central: Central, phone: Phone, code: str) -> None:
    phone.write(code, WORDS, "anar@example.com")

    for path in central.folder.rglob("*"):
        if path.is_file():
            raw = path.read_bytes()
            assert "Əliyeva".encode() not in raw, path
            assert b"anar@example.com" not in raw, path


def test_managers_read_it_by_a_command_and_erase_it_for_good(
    central: Central, kiosk: Device, phone: Phone, code: str, capsys: pytest.CaptureFixture[str]
) -> None:
    kiosk.sync(delivery(rating(1)))
    before = central.counts()
    phone.write(code, WORDS + "\x1b[2J", "anar@example.com")
    name = f"k-1/{STORE.hex()}/1"

    assert main(["--data", str(central.folder), "texts", "b12"]) == 0
    said = capsys.readouterr().out
    assert f"{name}  by phone: {WORDS} [2J anar@example.com" in said

    assert main(["--data", str(central.folder), "erase", "b12", name]) == 0
    capsys.readouterr()
    main(["--data", str(central.folder), "texts", "b12"])
    assert f"{name}  by phone: (erased)" in capsys.readouterr().out
    assert "Somebody has already sent" in Phone(central).write(code, WORDS, status=409)
    assert central.counts() == before
    assert [row.sealed for row in central.rows(tables.continuations)] == [None]


@pytest.mark.parametrize("language", wording.shipped())
def test_each_language_of_a_kiosk_has_its_page(central: Central, code: str, language: str) -> None:
    with Phone(central, language) as phone:
        assert wording.load(language).add_title in phone.scan(code)


def test_a_comment_cannot_put_anything_into_a_page(central: Central, phone: Phone, code: str) -> None:
    reply = requests.get(
        f"{central.url}/c/{code}",
        params={"lang": "<script>"},
        headers={"Accept-Language": "<b>"},
        timeout=DEADLINE_S,
    )

    assert reply.status_code == 200
    assert "script-src" not in reply.headers["Content-Security-Policy"]
    assert "<b>" not in reply.text
