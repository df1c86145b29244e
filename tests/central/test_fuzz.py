"""Whatever knocks at the kiosks' doors: no 5xx, bounded memory, and nothing stored that was not valid."""

from __future__ import annotations

import json
from copy import deepcopy
from typing import Any

import pytest
import requests
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from central.store import tables
from feedback import wire
from feedback.ratings import Kind
from tests.central.device import DEADLINE_S, Central, Device, delivery, outcome, rating
from tests.faults.fuzz.bodies import ANYTHING, FULL, at, paths, spoiled

EXAMPLES = settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
SMALL = json.loads(wire.encode_request(delivery(rating(1), outcome(2, 1), rating(3))))


def stored_rows_are_valid(central: Central) -> bool:
    kinds = {row.id: Kind(row.kind) for row in central.rows(tables.asks)}
    return all(
        row.value in kinds[row.ask_id].values and 1 <= row.response <= row.seq
        for row in central.rows(tables.answers)
    )


@EXAMPLES
@given(body=spoiled(), packed=st.booleans())
def test_a_signed_request_with_spoiled_parts_is_acknowledged_or_refused(
    central: Central, device: Device, body: bytes, *, packed: bool
) -> None:
    reply = device.post(body, packed=packed)

    assert reply.status == 200 or 400 <= reply.status < 500
    if reply.status == 200:
        sent = wire.decode_request(body)
        assert wire.covers(reply.acknowledgement.verdicts, sent.first, sent.count)
    else:
        assert wire.decode_refusal(reply.body).sentence


@pytest.mark.parametrize("number", [-1, 2**53, 2**63, 10**30])
def test_a_number_beyond_every_bound_is_refused_wherever_it_stands(device: Device, number: int) -> None:
    """Each number of a full request in turn: what is too much for the database never gets so far."""
    ways = [path for path in paths(FULL) if type(at(FULL, path)) is int]
    for way in ways:
        message = deepcopy(FULL)
        at(message, way[:-1])[way[-1]] = number
        reply = device.post(json.dumps(message).encode())
        assert reply.status in {200, 400}, way

    assert len(ways) > 100


@EXAMPLES
@given(body=st.binary(max_size=300), packed=st.sampled_from(["", "gzip", "br", "gzip, gzip"]))
def test_signed_bytes_of_any_kind_are_refused_in_a_sentence(device: Device, body: bytes, packed: str) -> None:
    reply = device.post(body, headers={"Content-Encoding": packed} if packed else {})

    assert 400 <= reply.status < 500
    assert wire.decode_refusal(reply.body).sentence


HEADER = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=60)
DOORS = st.sampled_from(
    [
        ("POST", "/v1/kiosks/{}/sync"),
        ("GET", "/v1/kiosks/{}/documents/{}"),
        ("GET", "/v1/time?nonce={}"),
        ("POST", "/v1/enrol"),
        ("GET", "/v1/enrol"),
        ("PUT", "/v1/kiosks/{}/sync"),
    ]
)


@EXAMPLES
@given(
    door=DOORS,
    words=st.lists(st.one_of(st.just("k-1"), st.text(max_size=12)), min_size=2, max_size=2),
    body=st.one_of(st.binary(max_size=200), spoiled()),
    headers=st.dictionaries(
        st.sampled_from(
            [
                "Signature",
                "Signature-Input",
                "Content-Digest",
                "Content-Encoding",
                "Content-Type",
                "If-None-Match",
            ]
        ),
        st.one_of(HEADER, st.just('a=("@method" "@path");nonce="n"'), st.just("a=:AAAA:")),
    ),
)
def test_nobody_s_request_brings_central_down(
    central: Central, door: tuple[str, str], words: list[str], body: bytes, headers: dict[str, str]
) -> None:
    method, path = door
    quoted = [requests.utils.quote(word.encode("utf-8", "surrogatepass"), safe="") for word in words]
    url = central.url + path.format(*quoted)

    reply = requests.request(
        method, url, data=body, headers=headers, timeout=DEADLINE_S, allow_redirects=False
    )

    assert reply.status_code < 500
    assert not central.rows(tables.answers)


def test_whatever_was_acknowledged_of_spoiled_requests_is_valid_and_accounted_for(
    central: Central, device: Device
) -> None:
    """The same store again and again, each time with other values in the same places."""

    @settings(EXAMPLES, max_examples=100)
    @given(
        values=st.lists(st.one_of(st.integers(-2, 8), ANYTHING), min_size=3, max_size=3),
        backs=st.lists(st.one_of(st.integers(-1, 4), ANYTHING), min_size=3, max_size=3),
        first=st.integers(1, 40),
    )
    def posted(values: list[Any], backs: list[Any], first: int) -> None:
        changed = SMALL["answers"] | {"value": values, "response": backs, "first": first}
        reply = device.post(json.dumps(SMALL | {"answers": changed}).encode("utf-8", "surrogatepass"))
        assert reply.status in {200, 400}

    posted()

    rows = central.rows(tables.answers)
    assert rows
    assert stored_rows_are_valid(central)
    assert len({row.seq for row in rows}) == len(rows)
