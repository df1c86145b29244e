"""A made-up bank for the pages: weekends closed, a day with few answers, a new branch, a silent kiosk."""

from __future__ import annotations

import json
import random

from sqlalchemy import Engine, insert

from central.store import tables
from tests.central.scores.served import NOW_MS, TODAY, Counting, add_branch, add_kiosk

BRANCHES = {
    # id: name, answers a day, how the five ratings fall (best first)
    "nizami": ("Nizami street", 250, (0.72, 0.10, 0.02, 0.11, 0.05)),
    "sahil": ("Sahil", 140, (0.60, 0.20, 0.06, 0.09, 0.05)),
    "ganja": ("Ganja", 90, (0.34, 0.22, 0.10, 0.18, 0.16)),
    "airport": ("Airport <b>hall</b> & lounge", 1, (0.7, 0.3, 0.0, 0.0, 0.0)),
    "new": ("Sumgait, opened on Thursday", 4, (0.5, 0.5, 0.0, 0.0, 0.0)),
}
HOURS = {9: 6, 10: 9, 11: 12, 12: 11, 13: 9, 14: 8, 15: 9, 16: 5, 17: 4}
SURVEY = {
    "survey": "exit",
    "version": 4,
    "languages": ["en"],
    "default_language": "en",
    "questions": [
        {"id": "visit", "kind": "rating", "texts": {"en": "How was your visit today?"}},
        {
            "id": "why",
            "kind": "choice",
            "texts": {"en": "What mattered most?"},
            "choices": [
                {"number": 1, "texts": {"en": "Waiting time"}},
                {"number": 2, "texts": {"en": "Staff"}},
                {"number": 3, "texts": {"en": "Information"}},
            ],
        },
    ],
}


def fill(store: Engine) -> None:
    chance = random.Random(7)
    counting = Counting()
    for branch_id, (name, a_day, mix) in BRANCHES.items():
        add_branch(store, branch_id, name)
        for back in range(90):
            day = TODAY - back
            _day(counting, chance, branch_id, day, _answers(branch_id, a_day, day, back), mix)
    counting.write(store)
    _kiosks(store)
    with store.begin() as connection:
        body = json.dumps(SURVEY).encode()
        row = {"name": "survey", "version": 4, "body": body, "sha256": "", "made_ms": NOW_MS}
        connection.execute(insert(tables.documents).values(**row))


def _answers(branch_id: str, a_day: int, day: int, back: int) -> int:
    weekday = (day + 3) % 7  # 1970-01-01 was a Thursday; 0 is Monday
    if weekday >= 5 or (branch_id == "new" and back > 5) or (branch_id == "airport" and back > 20):
        return 0
    if back == 11 and branch_id != "sahil":
        return min(7, a_day)
    return round(a_day * (0.55 if back == 0 else 1))


def _day(
    counting: Counting, chance: random.Random, branch_id: str, day: int, n: int, mix: tuple[float, ...]
) -> None:
    hours = [hour for hour in HOURS if day < TODAY or hour <= 16]
    weights = [HOURS[hour] for hour in hours]
    for _ in range(n):
        hour = chance.choices(hours, weights)[0]
        stage, touchpoint = chance.choices([("exit", "exit-1"), ("counter", "desk-2")], [4, 1])[0]
        (value,) = chance.choices((5, 4, 3, 2, 1), mix)
        where = {"day": day, "hour": hour}
        rule = chance.choices(("", "repeat", "burst", "corrected"), (0.96, 0.025, 0.01, 0.005))[0]
        counting.put(branch_id, value, 1, **where, touchpoint=touchpoint, stage=stage, rule=rule)
        if rule:
            continue
        if chance.random() < 0.4:
            counting.put(
                branch_id,
                chance.choices((1, 2, 3), (41, 22, 11))[0],
                1,
                kind="choice",
                question="why",
                **where,
            )
        if chance.random() < 0.2:
            low = value <= 2
            counting.put(
                branch_id,
                chance.choices((9, 8, 4), (1, 2, 6) if low else (7, 2, 1))[0],
                1,
                kind="nps",
                question="recommend",
                **where,
            )
            counting.put(
                branch_id,
                chance.choices((5, 4, 2), (1, 2, 5) if low else (6, 3, 1))[0],
                1,
                kind="csat",
                question="service",
                **where,
            )
            counting.put(
                branch_id,
                chance.choices((7, 5, 2), (1, 2, 4) if low else (6, 3, 1))[0],
                1,
                kind="ces",
                question="easy",
                **where,
            )


def _kiosks(store: Engine) -> None:
    fine = json.dumps(
        {
            "pending": 0,
            "oldest_s": 0,
            "app": "26.11.0",
            "disk_free": 9 << 30,
            "held": ["survey", 4, "settings", 7],
        }
    )
    behind = json.dumps({"pending": 320, "oldest_s": 90_000, "app": "26.10.2"})
    add_kiosk(store, "nizami-exit", "nizami", NOW_MS - 40_000, fine)
    add_kiosk(
        store,
        "nizami-desk",
        "nizami",
        NOW_MS - 300_000,
        json.dumps({"pending": 14, "oldest_s": 7_200, "clock_off_s": -94_608_000, "disk_free": 120 << 20}),
    )
    add_kiosk(store, "sahil-exit", "sahil", NOW_MS - 7_200_000, fine)
    add_kiosk(store, "ganja-exit", "ganja", NOW_MS - 3 * 86_400_000, behind)
    add_kiosk(store, "airport-exit", "airport", NOW_MS - 60_000, "<script>not JSON")
    add_kiosk(store, "new-exit", "new", None)
