"""Sync with no network at all: what a technician carries between a real kiosk and a real central."""

from __future__ import annotations

import random
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from central.store import tables
from central.store.database import writing
from feedback import wire
from kiosk.documents import opened
from kiosk.pinned import pinned_path, read_pins
from kiosk.sync import stick
from kiosk.sync.agent import Agent
from tests.carrying import KIOSK, Carrier, online
from tests.central.device import DEADLINE_S
from tests.central.test_documents import survey


@pytest.fixture
def carrier(tmp_path: Path) -> Iterator[Carrier]:
    made = Carrier(tmp_path)
    yield made
    made.close()


def everything(carrier: Carrier) -> list[tuple[bytes, int]]:
    """Every answer on the kiosk, by store and seq."""
    return [(carrier.reader.store_id(), seq) for seq in range(1, carrier.reader.last_seq() + 1)]


def test_answers_go_to_central_and_the_acknowledgement_comes_back(carrier: Carrier) -> None:
    carrier.press(40)

    said = carrier.export()
    assert carrier.progress.delivered == 0
    taken = carrier.central()
    back = carrier.take()

    assert "written to" in said[0]
    assert [True] == [one.done for one in taken]
    assert everything(carrier) == carrier.stored()
    assert "stored" in back[0]
    assert carrier.reader.last_seq() == carrier.progress.delivered == carrier.progress.accounted_upto


def test_a_stick_that_has_been_dealt_with_is_left_clean(carrier: Carrier) -> None:
    carrier.press(3)
    carrier.export()
    carrier.central()
    carrier.take()

    assert [] == carrier.files()


def test_a_second_round_trip_carries_only_what_is_new(carrier: Carrier) -> None:
    for presses in (5, 7):
        carrier.press(presses)
        carrier.export()
        (outcome,) = carrier.central()
        carrier.take()

    assert f"of kiosk {KIOSK}" in outcome.sentence
    assert "duplicate" not in outcome.sentence
    assert everything(carrier) == carrier.stored()


def test_what_is_imported_twice_is_counted_once(carrier: Carrier) -> None:
    carrier.press(9)
    carrier.export()
    carrier.central()
    (again,) = carrier.central()

    assert "duplicate" in again.sentence
    assert again.done
    assert everything(carrier) == carrier.stored()
    carrier.take()
    assert carrier.reader.last_seq() == carrier.progress.delivered


def test_a_stick_that_was_lost_costs_nothing(carrier: Carrier) -> None:
    """What was exported goes once more with the next stick, under a fresh nonce."""
    carrier.press(4)
    carrier.export()
    for file in carrier.files():
        file.unlink()
    carrier.press(4)
    carrier.export()
    carrier.central()
    carrier.take()

    assert everything(carrier) == carrier.stored()
    assert carrier.reader.last_seq() == carrier.progress.delivered


def test_a_newer_export_takes_the_place_of_the_one_before_it(carrier: Carrier) -> None:
    carrier.press(4)
    carrier.export()
    (before,) = carrier.files()
    carrier.press(4)
    carrier.export()

    (after,) = carrier.files()
    assert before.name < after.name


def test_an_acknowledgement_that_was_taken_moves_nothing_again(carrier: Carrier) -> None:
    carrier.press(4)
    carrier.export()
    carrier.central()
    (file,) = carrier.files(".kack")
    kept = file.read_bytes()
    carrier.take()
    before = carrier.link
    file.write_bytes(kept)

    (said,) = carrier.take()

    assert "taken before" in said
    assert before == carrier.link


def test_another_kiosks_files_are_left_alone(carrier: Carrier) -> None:
    carrier.press(4)
    other = carrier.kiosk("k-2")
    carrier.export(other)
    carrier.export()
    carrier.central()

    said = carrier.take()

    assert any("1 file for other kiosks: left alone" in one for one in said)
    assert ["k-2"] == sorted({file.name[:3] for file in carrier.files()})
    assert "heard" in carrier.take(other)[0]


def test_a_kiosk_with_nothing_to_hand_over_still_asks_for_documents(carrier: Carrier) -> None:
    carrier.export()
    (outcome,) = carrier.central()

    assert "nothing to hand over" in outcome.sentence
    assert "central has heard this kiosk" in carrier.take()[0]


def test_a_newer_survey_comes_with_the_acknowledgement(carrier: Carrier) -> None:
    carrier.publish(survey(7))
    carrier.export()
    carrier.central()
    said = carrier.take()

    held = opened(carrier.settings.documents, "survey", lambda key: key == carrier.keys.public.current)
    assert held is not None
    assert survey(7) == held.body
    assert any("the document survey is now version 7" in one for one in said)
    assert (7, 7) == (carrier.link.document("survey").version, carrier.link.document("survey").held_version)
    assert ["nothing new from central is on it"] == [one.split(": ")[1] for one in carrier.take()]


@pytest.mark.parametrize("sealing", [False, True])
def test_a_kiosk_without_any_network_follows_centrals_keys(carrier: Carrier, *, sealing: bool) -> None:
    """The acknowledgement is signed by a key that only the key document beside it leads to."""
    carrier.press(3)
    carrier.export()
    carrier.rotate(sealing=sealing)
    carrier.central()
    said = carrier.take()

    assert any("central's keys have changed" in one for one in said)
    assert carrier.reader.last_seq() == carrier.progress.delivered
    assert carrier.keys.public == read_pins(pinned_path(carrier.settings)).keys
    carrier.press(2)
    carrier.export()
    assert [True] == [one.done for one in carrier.central()]
    assert everything(carrier) == carrier.stored()


def test_a_document_that_central_did_not_name_to_this_kiosk_is_left_alone(carrier: Carrier) -> None:
    """Central signs every branch's settings, and this kiosk follows one branch's; an older survey is no news either."""
    carrier.publish(survey(7))
    carrier.export()
    carrier.central()
    kept = {path.name: path.read_bytes() for path in carrier.files(".kdoc")}
    carrier.publish(survey(8))
    carrier.export()
    carrier.central()
    carrier.take()
    for path in carrier.files(".kdoc"):
        path.unlink()
    for name, raw in kept.items():
        (carrier.stick / name).write_bytes(raw)

    carrier.take()

    assert carrier.link.document("survey").held_version == 8


@pytest.mark.parametrize("spoiled", [lambda raw: raw[:-5], lambda raw: raw.replace(b"visit?", b"lunch?")])
def test_a_document_that_was_altered_on_the_way_is_not_taken(
    carrier: Carrier, spoiled: Callable[[bytes], bytes]
) -> None:
    carrier.publish(survey(7))
    carrier.export()
    carrier.central()
    (file,) = carrier.files(".kdoc")
    file.write_bytes(spoiled(file.read_bytes()))

    said = carrier.take()

    assert any(f"{file.name}: not believed" in one for one in said)
    assert carrier.link.document("survey").held_version == 0


def test_what_a_stick_says_of_the_kiosks_clock_and_state_never_counts(carrier: Carrier) -> None:
    """It was true when it was written, and a stick may be brought again any day."""
    carrier.press(2)
    carrier.export()
    carrier.central()

    with carrier.store.connect() as connection:
        row = connection.execute(tables.kiosks.select()).one()
    assert (None, "{}") == (row.contact_ms, row.status)


def test_answers_that_went_by_network_meanwhile_are_duplicates_and_nothing_goes_back(tmp_path: Path) -> None:
    """Exported, then a network comes up and is used; the stick's older word arrives last of all."""
    with online(tmp_path) as carrier:
        carrier.press(6)
        carrier.export()
        carrier.central()
        carrier.press(6)
        carrier.hand_over()
        before = carrier.progress
        assert carrier.reader.last_seq() == before.delivered == before.accounted_upto

        said = carrier.take()

        assert "central has" in said[0]
        assert before == carrier.progress
        assert everything(carrier) == carrier.stored()


def test_a_restored_central_is_found_out_by_stick_too(carrier: Carrier) -> None:
    """It says how far it has come, which is less than it said before: all from there on goes once more."""
    for presses in (10, 10):
        carrier.press(presses)
        carrier.export()
        carrier.central()
        carrier.take()
        if presses == 10 and not (carrier.folder / "backup.db").exists():
            carrier.back_up()
    carrier.restore()
    carrier.press(5)
    for _ in range(2):
        carrier.export()
        carrier.central()
        carrier.take()

    assert everything(carrier) == carrier.stored()
    assert carrier.reader.last_seq() == carrier.progress.delivered


def test_a_running_agent_does_the_work_itself(tmp_path: Path) -> None:
    """It owns sync.db; the command only holds the stick."""
    with online(tmp_path) as carrier:
        carrier.press(6)
        agent = Agent(carrier.settings, carrier.clock, splay_ms=60_000)
        stop = threading.Event()
        thread = threading.Thread(target=agent.run, args=(stop,))
        thread.start()
        try:
            carrier.export()
            carrier.central()
            assert "stored" in carrier.take()[0]
        finally:
            stop.set()
            thread.join(DEADLINE_S)
            agent.close()

        assert carrier.reader.last_seq() == carrier.progress.delivered


def test_central_refuses_by_stick_as_it_does_by_network(carrier: Carrier) -> None:
    carrier.press(3)
    carrier.export()
    with writing(carrier.store) as connection:
        connection.execute(tables.kiosks.update().values(state="expected"))

    (outcome,) = carrier.central()
    (said,) = carrier.take()

    assert not outcome.done
    assert "has not enrolled" in outcome.sentence
    assert "central refused (403)" in said
    assert carrier.progress.delivered == 0


def test_acknowledgements_may_go_back_on_another_stick(carrier: Carrier, tmp_path: Path) -> None:
    carrier.press(3)
    carrier.export()
    other = tmp_path / "other"
    other.mkdir()
    carrier.central(answers=other)
    assert [] == carrier.files(".kack")

    carrier.stick = other
    carrier.take()

    assert carrier.reader.last_seq() == carrier.progress.delivered


def test_many_files_come_back_in_any_order(carrier: Carrier, monkeypatch: pytest.MonkeyPatch) -> None:
    small = wire.Limits(max_answers=10)
    monkeypatch.setattr("kiosk.sync.desk.LIMITS", small)
    carrier.press(40)
    carrier.export()
    files = carrier.files()
    assert len(files) > 5
    for file in random.Random(1).sample(files, len(files)):
        carrier.central(file)

    carrier.take()

    assert everything(carrier) == carrier.stored()
    assert carrier.reader.last_seq() == carrier.progress.delivered


def test_the_commands_do_it(carrier: Carrier, tmp_path: Path) -> None:
    """As a technician types them, in processes of their own."""
    carrier.press(3)
    toml = tmp_path / "kiosk.toml"
    toml.write_text(
        f'[kiosk]\nid = "{KIOSK}"\nbranch = "b12"\ntouchpoint = "exit-1"\nname = "Exit"\n'
        f'[central]\nurl = "http://127.0.0.1:9"\nfingerprint = "{carrier.keys.fingerprint}"\n'
        f'[files]\nfolder = "{carrier.settings.files.folder}"\n'
    )

    def run(*words: str) -> str:
        done = subprocess.run(
            (sys.executable, "-m", *words), capture_output=True, text=True, timeout=60, check=True
        )
        return done.stdout

    kiosk = ("kiosk.cli", "--config", str(toml))
    exported = run(*kiosk, "export", "--stick", str(carrier.stick))
    imported = run("central.cli", "--data", str(tmp_path / "central"), "import", str(carrier.stick))
    taken = run(*kiosk, "import", "--stick", str(carrier.stick))
    both = run(*kiosk, "stick", str(carrier.stick))

    assert "answers in 1 file written to" in exported
    assert "stored" in imported
    assert "central has" in taken
    assert "0 answers in 1 file" in both
    assert everything(carrier) == carrier.stored()


def test_only_a_stick_that_carries_the_label_is_touched_unasked() -> None:
    names = ["a.kack", "b.kexp"]

    assert () == stick.what_to_do("BACKUP", names, enrolled=True)
    assert () == stick.what_to_do("", names, enrolled=True)
    assert () == stick.what_to_do(stick.LABEL, names, enrolled=False)
    assert (stick.Do.EXPORT,) == stick.what_to_do(stick.LABEL, ["b.kexp"], enrolled=True)
    assert (stick.Do.TAKE_ANSWERS, stick.Do.EXPORT) == stick.what_to_do("afterword", names, enrolled=True)
