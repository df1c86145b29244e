"""``python -m tests.faults.fuzz``: see the package."""

from __future__ import annotations

import argparse
import math
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode

from tests.faults.fuzz import bodies
from tests.faults.fuzz.callers import Callers
from tests.faults.fuzz.door import KIOSK, Door, opened
from tests.faults.fuzz.judge import judge
from tests.faults.fuzz.wrong import WRONG
from tests.faults.report import Report

MOST_MB = 500
"""Of central's whole process: 1 MB is the most it reads of a body, 8 MB the most it unfolds, and JSON takes more."""
CONTROL_REQUESTS = 80
CONTROL_ROUNDS = 4
ROUND = 1_200
T = TypeVar("T")
HEADER = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=60)
HEADERS = st.dictionaries(
    st.sampled_from(
        [
            "Signature",
            "Signature-Input",
            "Content-Digest",
            "Content-Encoding",
            "Content-Type",
            "If-None-Match",
            "Authorization",
            "Cookie",
            "Range",
        ]
    ),
    HEADER
    | st.sampled_from(['a=("@method" "@path");nonce="n"', "a=:AAAA:", "Basic eDp5", "session=x", "gzip"]),
    max_size=4,
)
WORD = st.text(max_size=20) | st.sampled_from(
    [KIOSK, "b12", "survey", "settings", "media", "keys", "..", "\0"]
)
DOORS = (
    "/v1/kiosks/{}/sync",
    "/v1/kiosks/{}/documents/{}",
    "/v1/time?nonce={}",
    "/v1/enrol",
    "/v1/branches/{}/scores?from={}",
    "/?branch={}&days={}",
    "/static/{}",
    "/{}",
    "/openapi.json",
)


def each(strategy: st.SearchStrategy[T], count: int, number: int, do: Callable[[T], None]) -> None:
    """Let Hypothesis make about *count* of *strategy*, never the same twice, and *do* each."""

    @seed(number)
    @settings(
        max_examples=max(count, 1),
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def done(drawn: T) -> None:
        do(drawn)

    with suppress(Unsatisfiable):  # what takes nothing cannot be called wrongly
        done()


@st.composite
def knocks(draw: st.DrawFn) -> tuple[str, str, dict[str, str], bytes]:
    """What anybody might ask for."""
    words = [requests.utils.quote(draw(WORD).encode("utf-8", "surrogatepass"), safe="") for _ in range(2)]
    method = draw(st.sampled_from(["GET", "GET", "POST", "PUT", "DELETE", "HEAD"]))
    body = draw(st.binary(max_size=100) | st.just(b"")) if method in ("POST", "PUT") else b""
    return method, draw(st.sampled_from(DOORS)).format(*words), draw(HEADERS), body


def a_round(callers: Callers, operations: list[Any], count: int, number: int) -> Iterator[None]:
    """About *count* requests of every kind, a few at a time."""
    share = max(count // 20, 1)
    for stranger, part in ((False, 7), (True, 1)):
        each(
            bodies.of_a_kiosk() | bodies.spoiled(),
            part * share,
            number,
            lambda body, stranger=stranger: callers.kiosk(body, stranger=stranger),  # type: ignore[misc]
        )
        yield
    encodings = st.sampled_from(["", "gzip", "br", "gzip, gzip", "identity"])
    each(st.tuples(st.binary(max_size=300), encodings), share, number, lambda drawn: callers.kiosk(*drawn))
    yield
    each(knocks(), 3 * share, number, lambda drawn: callers.anybody(*drawn))
    yield
    per_operation = max(8 * share // (2 * len(operations) or 1), 1)
    for operation in operations:
        for mode in GenerationMode:
            known = {"kiosk_id": KIOSK} if "{kiosk_id}" in operation.path else {}
            if "{branch_id}" in operation.path:
                known = {"branch_id": "b12"}
            # Hand-made ones go deeper where the answers are; these say whether the document is true.
            fewer = (
                per_operation // 4
                if operation.path.endswith("/sync") and mode is GenerationMode.POSITIVE
                else per_operation
            )
            strategy = operation.as_strategy(mode, path_parameters=known or None)
            each(strategy, fewer, number, lambda case: callers.case(case, proves=number % 2 == 0))
            yield


def fuzzed(
    door: Door,
    wanted: int,
    until: float,
    number: int,
    tell: Callable[[int], None],
    *,
    by_document: bool = True,
) -> Callers:
    """Everybody knocks at *door*; those who go by the OpenAPI document only if *by_document*."""
    callers = Callers(door)
    operations = published(callers.documented.document) if by_document else []
    for heavy in bodies.HEAVY:
        callers.kiosk(bodies.folded(*heavy), "folded")
    while callers.tried < wanted and time.monotonic() < until:
        for _ in a_round(callers, operations, min(ROUND, wanted - callers.tried), number):
            tell(callers.tried)
            if callers.tried >= wanted or time.monotonic() > until:
                break
        number += 1
    callers.close()
    return callers


def published(document: Mapping[str, Any]) -> list[Any]:
    """Whatever central's OpenAPI document names."""
    return [found.ok() for found in schemathesis.openapi.from_dict(document).get_all_operations()]


def is_caught(name: str, folder: Path, number: int) -> bool:
    """Whether the central that is wrong as *name* says is found out, in a few rounds: one may miss it by chance."""
    return any(_is_caught(name, folder / f"{at}", number + at) for at in range(CONTROL_ROUNDS))


def _is_caught(name: str, folder: Path, number: int) -> bool:
    report = Report("control", CONTROL_REQUESTS)
    with opened(folder, name) as door:
        callers = fuzzed(door, CONTROL_REQUESTS, math.inf, number, lambda _: None, by_document=False)
        peak_mb = door.peak_mb
    report.tried = callers.tried
    judge(door.store, KIOSK, callers.told, report)
    return bool(callers.wrong) or peak_mb > MOST_MB or not report.passed


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.faults.fuzz", description=__doc__)
    parser.add_argument("--requests", type=int, default=1_500, help="requests to try (1500)")
    parser.add_argument(
        "--minutes", type=float, default=math.inf, help="try no longer than this, then report"
    )
    parser.add_argument("--seed", type=int, default=random.randrange(2**31))
    asked = parser.parse_args()
    report = Report("fuzz", asked.requests)

    def tell(tried: int) -> None:
        report.tried = tried
        report.progress()

    with tempfile.TemporaryDirectory(prefix="fuzz") as name:
        folder = Path(name)
        for control in WRONG:
            report.controls[control] = is_caught(control, folder / control.replace(" ", "-"), asked.seed)
            report.progress(f"control: {control}", always=True)
        with opened(folder / "central") as door:
            until = time.monotonic() + 60 * asked.minutes
            callers = fuzzed(door, asked.requests, until, asked.seed, tell)
            report.tried, peak_mb = callers.tried, door.peak_mb
        judge(door.store, KIOSK, callers.told, report)
        log = door.log.read_text()
    report.wrong += [
        f"{n} times: {what}; such as {callers.examples[what]}" for what, n in callers.wrong.items()
    ]
    if peak_mb > MOST_MB:
        report.wrong.append(f"central took {peak_mb} MB: expected at most {MOST_MB}")
    if not callers.told.stored:
        report.wrong.append("nothing was ever stored: the requests are not what they should be")
    report.more = {
        "answers": len(callers.told.stored),
        "peak_mb": peak_mb,
        "server_errors": sum(n for status, n in callers.statuses.items() if status >= 500),
        "faults_logged": log.count(" failed: "),
        "statuses": dict(sorted(callers.statuses.items())),
        "seed": asked.seed,
    }
    return report.end()


if __name__ == "__main__":
    sys.exit(main())
