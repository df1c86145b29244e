"""The wire: what was written is what is read, and a stranger's bytes cost a sentence and no more."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback import wire
from feedback.answers import Anchor, Answer, Ask, Moment, Place, SealedText, Source
from feedback.errors import WireError
from feedback.ratings import Kind
from feedback.wire.fields import MOST_INTEGER
from tests.wire.messages import FULL, MESSAGES

names = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)
# Half of what is allowed: the difference of two of them is then a number every JSON reader takes, too.
times = st.integers(0, MOST_INTEGER // 4)
boots = st.sampled_from(["9fe6", "1b2c", "0a0b"])
moments = st.builds(Moment, boots, times, times)
digests = st.binary(min_size=16, max_size=64)


@st.composite
def asks_and_values(draw: st.DrawFn) -> tuple[Ask, int]:
    kind = draw(st.sampled_from(Kind))
    ask = Ask(draw(names), draw(st.integers(0, 9)), draw(names), kind, draw(st.sampled_from(["az", "en"])))
    return ask, draw(st.sampled_from(kind.values))


@st.composite
def requests(draw: st.DrawFn) -> wire.SyncRequest:
    first = draw(st.integers(1, MOST_INTEGER - 100))
    answers: list[Answer] = []
    texts: dict[int, SealedText | None] = {}
    for seq in range(first, first + draw(st.integers(0, 12))):
        ask, value = draw(asks_and_values())
        digest = draw(digests) if draw(st.booleans()) else b""
        if digest:
            sealed = draw(st.none() | st.binary(min_size=1, max_size=40))
            texts[seq] = SealedText(sealed, digest) if sealed else None
        answers.append(
            Answer(
                seq,
                seq - draw(st.integers(0, min(seq - 1, 5))),
                draw(st.builds(Place, names, names)),
                ask,
                value,
                draw(st.sampled_from(Source)),
                draw(moments),
                draw(st.booleans()),
                digest,
            )
        )
    spans = st.tuples(st.integers(1, 1_000), st.integers(0, 1_000))
    return wire.SyncRequest(
        store=draw(st.binary(min_size=16, max_size=16)),
        cursor=first - 1,
        first=first,
        answers=tuple(answers),
        anchors=tuple(
            draw(st.lists(st.builds(Anchor, boots, times, times, st.just("ntp"), times), max_size=4))
        ),
        now=draw(st.none() | moments),
        texts=texts,
        void=tuple(
            wire.Void(one, one + more, draw(names)) for one, more in draw(st.lists(spans, max_size=3))
        ),
        closed=tuple(wire.Closed(b"o" * 16, last) for last in draw(st.lists(times, max_size=2))),
        status=draw(
            st.dictionaries(names, names | times | st.booleans() | st.lists(times, max_size=3), max_size=5)
        ),
    )


@given(requests())
def test_a_request_is_read_as_it_was_written(request: wire.SyncRequest) -> None:
    read = wire.decode_request(wire.encode_request(request))

    assert request == read
    assert [one.content() for one in request.answers] == [one.content() for one in read.answers]


@given(st.lists(st.integers(1, 9), min_size=1, max_size=8), st.data())
def test_verdicts_cover_what_was_sent_only_if_each_answer_is_spoken_of_once(
    sizes: list[int], data: st.DataObject
) -> None:
    """
    Every partition of what was sent covers it; drop, repeat or move any range, and nothing does.
    """
    verdicts, first = [], 100
    for size in sizes:
        verdicts.append(wire.Verdict(first, first + size - 1, wire.State.STORED))
        first += size
    count = sum(sizes)
    at = data.draw(st.integers(0, len(verdicts) - 1))
    one = verdicts[at]
    moved = replace(one, first=one.first + 1, last=one.last + 1)

    assert wire.covers(verdicts, 100, count)
    assert not wire.covers([*verdicts[:at], *verdicts[at + 1 :]], 100, count)
    assert not wire.covers([*verdicts[:at], one, *verdicts[at:]], 100, count)
    assert not wire.covers([*verdicts[:at], moved, *verdicts[at + 1 :]], 100, count)
    assert not wire.covers(verdicts, 100, count + 1)
    assert not wire.covers(verdicts, 101, count)


def changed(raw: bytes, data: st.DataObject) -> bytes:
    """*raw* with some of its bytes changed, taken out or put in."""
    altered = bytearray(raw)
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, max(len(altered) - 1, 0)))
        altered[at : at + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=3))
    return bytes(altered)


@given(st.sampled_from(sorted(MESSAGES)), st.data())
def test_bytes_changed_on_the_way_are_read_or_refused_and_nothing_else(
    name: str, data: st.DataObject
) -> None:
    golden = MESSAGES[name]
    raw = changed(golden.encode(golden.meaning), data)

    try:
        meaning = golden.decode(raw)
    except WireError:
        return
    # What is let in can be written again.
    assert golden.encode(meaning)


json_values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)


def paths(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place in a JSON *value*."""
    keys = list(value) if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else []
    return [path, *(inner for key in keys for inner in paths(value[key], (*path, key)))]


@given(st.sampled_from(sorted(MESSAGES)), st.data())
def test_any_value_at_any_place_is_read_or_refused_and_nothing_else(name: str, data: st.DataObject) -> None:
    golden = MESSAGES[name]
    document = json.loads(golden.encode(golden.meaning))
    *way, last = data.draw(st.sampled_from(paths(document)[1:]))
    inside = document
    for key in way:
        inside = inside[key]
    inside[last] = data.draw(json_values)

    try:
        meaning = golden.decode(json.dumps(document).encode())
    except WireError:
        return
    assert golden.encode(meaning)


def altered(change: Callable[[dict[str, Any]], None]) -> bytes:
    document = json.loads(wire.encode_request(FULL))
    change(document)
    return json.dumps(document).encode()


@pytest.mark.parametrize(
    "change",
    [
        lambda document: document["answers"].update(boot=[[0, 2**50]]),
        lambda document: document["answers"].update(count=2**50, boot=[[0, 2**50]], place=[[0, 2**50]]),
        lambda document: document["answers"].update(count=20_001),
        lambda document: document["answers"].update(place=[[0, 1]] * 19_999),
        lambda document: document.update(store=base64.b64encode(b"s" * 10_000).decode()),
        lambda document: document.update(cursor=int("9" * 4_000)),
    ],
    ids=[
        "a run of 2**50",
        "2**50 answers",
        "one answer too many",
        "too many runs",
        "a long name",
        "a long number",
    ],
)
def test_a_few_bytes_that_ask_for_much_work_are_refused_quickly(
    change: Callable[[dict[str, Any]], None],
) -> None:
    raw = altered(change)
    began = time.process_time()

    with pytest.raises(WireError):
        wire.decode_request(raw)

    assert time.process_time() - began < 0.5


def test_a_deep_nest_is_refused() -> None:
    with pytest.raises(WireError):
        wire.decode_request(b'{"v":1,"status":' + b"[" * 100_000)


def test_an_answer_that_means_nothing_spoils_no_other() -> None:
    """
    A value, a source and a kind nobody knows: each answer concerned is unreadable by itself, and counted as sent.
    """

    def change(document: dict[str, Any]) -> None:
        document["answers"]["value"][0] = 9
        document["answers"]["source"] = "t?" + document["answers"]["source"][2:]
        document["asks"][document["answers"]["ask"][2]][3] = "telepathy"

    read = wire.decode_request(altered(change))

    assert {1_201: "value out of range", 1_202: "unknown source", 1_203: "unknown kind"} == {
        one.seq: one.reason for one in read.unreadable
    }
    assert (16, 13) == (read.count, len(read.answers))


def test_times_that_add_up_beyond_any_database_make_an_answer_unreadable() -> None:
    def change(document: dict[str, Any]) -> None:
        document["answers"]["boot_ms"] = [MOST_INTEGER] * 16

    read = wire.decode_request(altered(change))

    assert read.count == 16
    assert {"time out of range"} == {one.reason for one in read.unreadable}


def test_how_a_kiosk_is_never_blocks_its_answers() -> None:
    def change(document: dict[str, Any]) -> None:
        document["status"] = {"ok": 1, "deep": {"a": 1}, "huge": 1e999, "long": "x" * 5_000, "half": "\ud800"}

    raw = altered(change).replace(b"Infinity", b"1e999")
    read = wire.decode_request(raw)

    assert {"ok": 1} == read.status


@pytest.mark.parametrize("constant", [b"NaN", b"Infinity", b"-Infinity"])
def test_what_only_python_calls_json_is_refused(constant: bytes) -> None:
    with pytest.raises(WireError):
        wire.decode_time(b'{"v":1,"server_utc_ms":1,"more":' + constant + b"}")


def test_a_refusal_is_read_however_much_of_the_request_it_quotes() -> None:
    """Found by fuzzing: a version that was a whole document made a refusal that no kiosk could read."""
    with pytest.raises(WireError) as refused:
        wire.decode_request(json.dumps({"v": ["x" * 5_000]}).encode())
    long = wire.Refusal("not version 1", str(refused.value) * 50)

    assert len(str(refused.value)) < 200
    assert wire.decode_refusal(wire.encode_refusal(long)).sentence == long.sentence[:1_000]
