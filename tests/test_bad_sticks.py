"""Sticks and files that are not as they should be: one plain sentence each, nothing moved, nothing counted twice."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from central.keys import Keys, make_keys
from central.signing import signed_headers
from feedback import wire
from feedback.errors import StickError
from feedback.sticks import StickFolder, shown
from kiosk.sync import stick
from tests.carrying import KIOSK, Carrier

SENTENCE = 250
JUNK = 10_000


@pytest.fixture
def carrier(tmp_path: Path) -> Iterator[Carrier]:
    """Twenty customers' answers, exported."""
    made = Carrier(tmp_path)
    made.press(20)
    made.export()
    yield made
    made.close()


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-7])


def cut_in_its_first_line(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:20])


def empty(path: Path) -> None:
    path.write_bytes(b"")


def altered(path: Path) -> None:
    raw = bytearray(path.read_bytes())
    raw[len(raw) // 2] ^= 1
    path.write_bytes(raw)


def longer(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b"more")


def something_else(path: Path) -> None:
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(500))


def huge(path: Path) -> None:
    path.unlink()
    with path.open("wb") as file:
        file.truncate(1 << 40)


def a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def a_link_out_of_the_stick(path: Path) -> None:
    """To the true file, even: what is not on the stick is not read."""
    kept = path.parent.parent / "kept"
    path.rename(kept)
    path.symlink_to(kept)


def a_pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def altered_with_its_digest(path: Path) -> None:
    """By somebody who knows the form: whatever is in it, it is sealed and signed."""
    file = wire.decode_stick_file(path.read_bytes())
    content = bytearray(file.content)
    content[-1] ^= 1
    path.write_bytes(
        wire.encode_stick_file(wire.StickFile(file.kind, file.kiosk, bytes(content), file.nonce))
    )


WRONGS = [
    cut, cut_in_its_first_line, empty, altered, longer, something_else, huge, a_folder, a_link_out_of_the_stick,
    a_pipe, altered_with_its_digest,
]  # fmt: skip


@pytest.mark.parametrize("wrong", WRONGS)
def test_central_takes_nothing_of_a_bad_file(carrier: Carrier, wrong: Callable[[Path], None]) -> None:
    (file,) = carrier.files()
    wrong(file)

    (outcome,) = carrier.central()

    assert not outcome.done
    assert outcome.sentence.startswith(f"{file.name}: not taken: ")
    assert len(outcome.sentence) < SENTENCE
    assert [] == carrier.stored()
    assert [] == carrier.files(".kack")


@pytest.mark.parametrize("wrong", WRONGS)
def test_the_kiosk_believes_nothing_of_a_bad_file(carrier: Carrier, wrong: Callable[[Path], None]) -> None:
    carrier.central()
    (file,) = carrier.files(".kack")
    before = carrier.link
    wrong(file)

    (said,) = carrier.take()

    assert said.startswith(f"{file.name}: ")
    assert len(said) < SENTENCE
    assert before == carrier.link


def test_a_bad_file_keeps_no_good_one_from_being_taken(carrier: Carrier) -> None:
    (good,) = carrier.files()
    (good.parent / "a-bad-one.kexp").write_bytes(b"{}\n")
    (good.parent / "z-bad-one.kexp").write_bytes(good.read_bytes()[:-1])

    outcomes = carrier.central()

    assert [False, True, False] == [one.done for one in outcomes]
    assert carrier.reader.last_seq() == len(carrier.stored())


def acknowledgement(keys: Keys, nonce: str, last: int) -> bytes:
    """Everything is stored, says whoever has *keys*."""
    verdicts = (wire.Verdict(1, last, wire.State.STORED),)
    body = wire.encode_acknowledgement(wire.Acknowledgement(1_900_000_000_000, verdicts, last))
    headers = signed_headers(keys, 200, body, nonce)
    content = wire.encode_message(wire.Message(tuple(headers.items()), body, 200))
    return wire.encode_stick_file(wire.StickFile(wire.StickKind.ACKNOWLEDGEMENT, KIOSK, content, nonce))


def test_another_centrals_acknowledgement_is_not_believed(carrier: Carrier, tmp_path: Path) -> None:
    """It has the right nonce, and says all that one could wish for."""
    carrier.central()
    (file,) = carrier.files(".kack")
    nonce = wire.decode_stick_file(file.read_bytes()).nonce
    other = tmp_path / "other"
    other.mkdir()
    file.write_bytes(acknowledgement(make_keys(other), nonce, carrier.reader.last_seq()))

    (said,) = carrier.take()

    assert "does not carry central's signature" in said
    assert carrier.progress.delivered == 0


def test_an_acknowledgement_of_something_else_is_not_believed(carrier: Carrier) -> None:
    """Central's own signature, under a nonce that this kiosk never gave; or about more than left."""
    (file,) = carrier.files()
    carrier.central()
    (answer,) = carrier.files(".kack")
    nonce = wire.decode_stick_file(answer.read_bytes()).nonce
    last = carrier.reader.last_seq()
    answer.write_bytes(acknowledgement(carrier.keys, "0" * 32, last))
    file.with_name("another.kack").write_bytes(acknowledgement(carrier.keys, nonce, last + 1))

    said = carrier.take()

    assert any("does not remember" in one for one in said)
    assert any("does not speak of what was sent" in one for one in said)
    assert carrier.progress.delivered == 0


def test_an_answer_under_another_requests_nonce_is_not_believed(carrier: Carrier) -> None:
    """A true acknowledgement, presented as the one to an older request that is remembered."""
    carrier.export()
    carrier.central()
    (answer,) = carrier.files(".kack")
    file = wire.decode_stick_file(answer.read_bytes())
    carrier.export()
    (newer,) = carrier.files(".kexp")
    with carrier.desk() as desk:
        stems = desk.names()
    assert newer.stem == stems[-1]
    carrier.central()
    other = wire.decode_stick_file(next(iter(carrier.files(f"{newer.stem}.kack"))).read_bytes())
    for one in carrier.files(".kack"):
        one.unlink()
    mixed = wire.StickFile(file.kind, file.kiosk, file.content, other.nonce)
    answer.write_bytes(wire.encode_stick_file(mixed))

    (said,) = carrier.take()

    assert "belongs to another request" in said
    assert carrier.progress.delivered == 0


def test_a_file_sealed_to_another_central_is_refused(carrier: Carrier, tmp_path: Path) -> None:
    other = Carrier(tmp_path / "other")
    other.stick = carrier.stick

    (outcome,) = other.central()

    assert "was not sealed to this central by kiosk k-1" in outcome.sentence
    assert [] == carrier.files(".kack")
    other.close()


def test_another_kiosks_name_on_a_file_does_not_open_it(carrier: Carrier) -> None:
    carrier.kiosk("k-2")
    (path,) = carrier.files()
    file = wire.decode_stick_file(path.read_bytes())
    path.write_bytes(wire.encode_stick_file(wire.StickFile(file.kind, "k-2", file.content)))

    (outcome,) = carrier.central()

    assert "was not sealed to this central by kiosk k-2" in outcome.sentence
    assert [] == carrier.stored("k-2")


def test_ten_thousand_files_are_a_few_sentences(carrier: Carrier) -> None:
    for at in range(JUNK):
        (carrier.stick / f"junk-{at}.kack").write_bytes(b"?")
    carrier.central()

    said = carrier.take()

    assert len(said) == stick.MOST_LINES + 1
    assert "more like these" in said[-1]
    assert carrier.reader.last_seq() == carrier.progress.delivered


def test_a_name_that_could_play_with_a_terminal_is_shown_harmlessly(carrier: Carrier) -> None:
    name = "\x1b[2J\n\u202e" + "x" * 150 + ".kexp"
    (carrier.stick / name).write_bytes(b"?")
    os.close(os.open(os.fsencode(carrier.stick) + b"/\xff\xfe.kexp", os.O_CREAT | os.O_WRONLY))

    outcomes = carrier.central()

    assert all(one.sentence.isprintable() and len(one.sentence) < SENTENCE for one in outcomes)
    assert "???" in shown(name) or "?[2J?" in shown(name)


class Failing(StickFolder):
    """A stick that fails at the *at*-th file with *number*, having taken half of it."""

    at, number = 0, errno.ENOSPC

    def _stage(self, name: str, content: bytes) -> None:
        if self.at == 0:
            (self.path / name).write_bytes(content[: len(content) // 2])
            raise OSError(self.number, os.strerror(self.number))
        self.at -= 1
        super()._stage(name, content)


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.ENOSPC, "full"),
        (errno.EROFS, "read-only"),
        (errno.EIO, "is it still in"),
        (errno.EACCES, "may not"),
    ],
)
def test_a_stick_that_takes_only_some_of_it_takes_nothing(
    carrier: Carrier, monkeypatch: pytest.MonkeyPatch, number: int, words: str
) -> None:
    """Neither half a file nor one of two is left; what was there before still is."""
    monkeypatch.setattr("kiosk.sync.desk.LIMITS", wire.Limits(max_answers=10))
    there = carrier.files()
    with carrier.desk() as desk, Failing(carrier.stick) as folder:
        folder.at, folder.number = 2, number
        with pytest.raises(StickError) as error:
            stick.export_to(desk, folder)

    assert words in str(error.value)
    assert there == carrier.files()
    assert carrier.progress.delivered == 0


class Small(StickFolder):
    """A stick with hardly any room."""

    def _room(self) -> tuple[int, int]:
        return 70_000, 4_096


def test_room_is_looked_for_before_anything_is_written(carrier: Carrier) -> None:
    there = carrier.files()
    carrier.press(3_000)
    with carrier.desk() as desk, Small(carrier.stick) as folder, pytest.raises(StickError) as error:
        stick.export_to(desk, folder)

    assert "bytes free, and" in str(error.value)
    assert there == carrier.files()


def test_an_acknowledgement_that_cannot_be_written_is_said_and_the_answers_are_stored(
    carrier: Carrier, tmp_path: Path
) -> None:
    """As with a stick whose switch says read-only; the import is done once more, to another place."""
    (outcome,) = carrier.central(answers=tmp_path / "nowhere")
    assert not outcome.done
    assert "import it again with --answers" in outcome.sentence
    assert carrier.reader.last_seq() == len(carrier.stored())

    (again,) = carrier.central()
    carrier.take()

    assert again.done
    assert carrier.reader.last_seq() == carrier.progress.delivered


def test_a_stick_that_is_not_there_is_one_sentence(carrier: Carrier, tmp_path: Path) -> None:
    carrier.stick = tmp_path / "gone"

    with pytest.raises(StickError, match="name the folder where the stick is mounted"):
        carrier.export()
    (outcome,) = carrier.central()
    assert not outcome.done


def test_no_file_that_is_written_can_be_run(carrier: Carrier) -> None:
    carrier.central()

    assert [] == [path for path in carrier.files() if path.stat().st_mode & (stat.S_IXUSR | stat.S_IXOTH)]


def test_a_link_in_the_place_of_an_acknowledgement_is_replaced_and_not_written_through(
    carrier: Carrier, tmp_path: Path
) -> None:
    """Somebody prepared the stick so that central's answer would go elsewhere."""
    victim = tmp_path / "victim"
    victim.write_text("untouched")
    (file,) = carrier.files()
    file.with_suffix(".kack").symlink_to(victim)
    file.with_suffix(".kack.new").symlink_to(victim)

    carrier.central()

    assert victim.read_text() == "untouched"
    carrier.take()
    assert carrier.reader.last_seq() == carrier.progress.delivered
