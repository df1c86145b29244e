"""sync.db: everything the agent knows, kept in one transaction, readable by others at any time."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from feedback.answers import Anchor
from feedback.errors import StoreError
from kiosk.storage.link import LinkFile, new_link_file, prepare_link, read_anchors, read_link
from kiosk.storage.link_state import Document, Fate, Link, Progress, Span

numbers = st.integers(0, 2**53 - 1)
words = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)
spans = st.lists(
    st.builds(Span, numbers, numbers, st.sampled_from(Fate), words),
    max_size=4,
    unique_by=lambda span: span.first,
)
progresses = st.builds(
    Progress,
    st.binary(min_size=16, max_size=16),
    numbers,
    numbers,
    spans.map(lambda found: tuple(sorted(found))),
    st.lists(st.tuples(numbers, numbers), max_size=3, unique_by=lambda one: one[0]).map(
        lambda one: tuple(sorted(one))
    ),
    st.none() | st.tuples(numbers, numbers),
    numbers,
    st.booleans(),
    numbers,
)
links = st.builds(
    Link,
    words,
    numbers,
    st.none() | numbers,
    numbers,
    words,
    numbers,
    numbers,
    numbers,
    numbers,
    st.booleans(),
    st.booleans(),
    numbers,
    words,
    numbers,
    st.lists(
        st.builds(Document, words, numbers, words, numbers, words, words),
        max_size=3,
        unique_by=lambda one: one.name,
    ).map(tuple),
    st.lists(progresses, max_size=3, unique_by=lambda one: one.store).map(tuple),
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    new_link_file(tmp_path / "sync" / "sync.db")
    return tmp_path / "sync" / "sync.db"


def as_sets(link: Link) -> tuple[object, ...]:
    """What *link* says, whatever the order of its stores and documents."""
    bare = replace(link, stores=(), documents=())
    return (
        bare,
        set(link.documents),
        set(link.stores),
        {(span.first, span.fate, span.reason) for one in link.stores for span in one.spans},
    )


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(first=links, second=links)
def test_what_is_saved_is_what_is_read(tmp_path: Path, first: Link, second: Link) -> None:
    """
    Also over what was there before, by the writer itself and by a reader beside it.
    """
    path = tmp_path / uuid4().hex / "sync.db"
    new_link_file(path)
    file = LinkFile(path)
    file.save(first)
    both = replace(
        second,
        stores=tuple({one.store: one for one in (*file.link.stores, *second.stores)}.values()),
        documents=tuple({one.name: one for one in (*file.link.documents, *second.documents)}.values()),
    )
    file.save(both)
    file.leave_open()

    assert as_sets(both) == as_sets(read_link(path))
    again = LinkFile(path)
    assert as_sets(both) == as_sets(again.link)
    again.leave_open()


def test_a_store_keeps_its_place_in_the_order(path: Path) -> None:
    """
    The one in use is the last.
    """
    file = LinkFile(path)
    stores = tuple(Progress(bytes([number]) * 16, number) for number in (3, 1, 2))
    file.save(Link(stores=stores))
    file.save(Link(stores=(replace(stores[0], delivered=9), *stores[1:])))

    assert [3, 1, 2] == [one.store[0] for one in read_link(path).stores]
    file.leave_open()


def test_anchors_are_kept_and_told_once(path: Path) -> None:
    one, other = Anchor("b", 1, 2, "central", 3), Anchor("b", 5, 6, "ntp", 7)
    file = LinkFile(path)

    file.save(Link(failures=1), learned=[one, one], told=[other])
    assert ({one, other}, {other}) == (set(file.anchors()), file.told())
    file.save(Link(failures=2), learned=[other], told=[one])
    assert {one, other} == file.told()
    file.save(Link(failures=3), tell_again=True)
    assert frozenset() == file.told()
    assert {one, other} == set(read_anchors(path))
    file.leave_open()


def test_nothing_new_is_not_written(path: Path) -> None:
    file = LinkFile(path)
    file.save(Link(failures=1))
    wal = path.with_name("sync.db-wal")
    before = wal.read_bytes()

    file.save(Link(failures=1))

    assert before == wal.read_bytes()
    file.leave_open()


def test_a_thousand_saves_do_not_grow_the_file(path: Path) -> None:
    file = LinkFile(path)
    for number in range(1_000):
        file.save(Link(failures=number).advanced(Progress(b"s" * 16, number)))

    assert path.with_name("sync.db-wal").stat().st_size <= 1_100_000
    assert path.stat().st_size < 100_000
    file.leave_open()


def test_prepare_makes_keeps_and_moves_aside(tmp_path: Path) -> None:
    path = tmp_path / "sync" / "sync.db"
    assert (Link(), "") == prepare_link(path)
    file = LinkFile(path)
    file.save(Link(failures=7))
    file.leave_open()
    assert (Link(failures=7), "") == prepare_link(path)

    path.write_bytes(b"garbage" * 1_000)
    link, note = prepare_link(path)

    assert Link() == link
    assert "was damaged" in note
    assert "offered to central again" in note
    assert "\n" not in note


def test_a_file_for_a_newer_program_is_left_alone(path: Path) -> None:
    with closing(sqlite3.connect(path)) as file, file:
        file.execute("UPDATE about SET value = 3")

    with pytest.raises(StoreError, match="install a newer afterword-kiosk"):
        prepare_link(path)
    assert not list(path.parent.glob("damaged-*"))


def test_the_file_of_an_older_release_is_read_as_it_is_and_grows_when_it_is_written(path: Path) -> None:
    with closing(sqlite3.connect(path)) as file, file:
        file.execute("ALTER TABLE stores DROP COLUMN generation")
        file.execute("UPDATE about SET value = 1 WHERE name = 'schema'")
        file.execute("INSERT INTO stores VALUES (1, ?, 9, 9, 9, NULL, NULL, 0, 0)", (b"s" * 16,))
    before = Progress(b"s" * 16, 9, 9)

    assert (before,) == read_link(path).stores
    assert (before,) == prepare_link(path)[0].stores
    file = LinkFile(path)
    file.save(file.link.advanced(replace(before, generation=7)))
    file.leave_open()

    assert (replace(before, generation=7),) == read_link(path).stores


def test_a_release_rolled_back_opens_what_a_newer_one_wrote(path: Path) -> None:
    """
    Only ``usable_from`` refuses: columns and tables added later are passed over.
    """
    with closing(sqlite3.connect(path)) as file, file:
        file.execute("UPDATE about SET value = 3 WHERE name = 'schema'")
        for table in ("link", "stores", "spans", "missing", "documents", "anchors"):
            file.execute(f"ALTER TABLE {table} ADD COLUMN later TEXT")
        file.execute("CREATE TABLE later (later TEXT)")
    file = LinkFile(path)
    progress = Progress(b"s" * 16, 9, 9, (Span(3, 4, Fate.HELD),), ((1, 2),))
    link = Link(failures=2).advanced(progress).documented(Document("survey", 3))

    file.save(link, learned=[Anchor("b", 1, 2, "central", 3)])

    assert link == read_link(path)
    assert 1 == len(read_anchors(path))
    file.leave_open()


def test_a_missing_file_is_said_so(tmp_path: Path) -> None:
    for look in (read_link, read_anchors, LinkFile):
        with pytest.raises(StoreError, match=r"sync\.db"):
            look(tmp_path / "sync.db")
