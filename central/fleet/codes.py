"""Enrolment codes: short enough to read aloud, used once, kept only as a digest."""

from __future__ import annotations

import hashlib
import secrets

from sqlalchemy import Connection, select
from sqlalchemy.dialects.sqlite import insert

from central.store.tables import assignments, branches, codes, kiosks, touchpoints
from feedback.errors import SettingsError
from feedback.surveys import NAME

LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
"""No 0, 1, I, L, O, U: nothing that is mistaken for another when read aloud or from paper."""
GROUPS, GROUP = 4, 5
"""20 letters of 30: 98 bits."""
LIFE_MS = 7 * 86_400_000


def new_code() -> str:
    """A code such as ``7KQ2M-XR4TD-9WHPA-C3EFN``."""
    return "-".join("".join(secrets.choice(LETTERS) for _ in range(GROUP)) for _ in range(GROUPS))


def digest(code: str) -> bytes:
    """What is kept of *code*, however it was typed: case, spaces and dashes do not matter."""
    plain = "".join(letter for letter in code.upper() if letter.isalnum())
    return hashlib.sha256(plain.encode()).digest()


def new_kiosk_id() -> str:
    """A name for a kiosk that has none, such as ``k-3f9a2c``."""
    return f"k-{secrets.token_hex(3)}"


def expect(connection: Connection, kiosk: str, branch: str, touchpoint: str, stage: str, now_ms: int) -> str:
    """
    Expect *kiosk* at *touchpoint* of *branch*; the code it enrols with.

    A kiosk known already keeps its key until the code is used, and its answers keep the places they were given at.
    """
    connection.execute(
        insert(touchpoints).values(branch_id=branch, id=touchpoint, stage=stage).on_conflict_do_nothing()
    )
    place = {"branch_id": branch, "touchpoint_id": touchpoint}
    connection.execute(
        insert(kiosks)
        .values(id=kiosk, state="expected", **place)
        .on_conflict_do_update(index_elements=["id"], set_=place)
    )
    connection.execute(
        insert(assignments).values(kiosk_id=kiosk, branch_id=branch, since_ms=now_ms).on_conflict_do_nothing()
    )
    code = new_code()
    connection.execute(insert(codes).values(digest=digest(code), kiosk_id=kiosk, expires_ms=now_ms + LIFE_MS))
    return code


def branch_name(connection: Connection, branch: str) -> str:
    """
    The name for people of *branch*.

    Raises:
        SettingsError: There is no such branch.
    """
    name = connection.execute(select(branches.c.name).where(branches.c.id == branch)).scalar_one_or_none()
    if name is None:
        raise SettingsError(
            f"branch {branch}: there is no such branch; add it with `central branch add {branch} --name … --zone …`"
        )
    return str(name)


def stage_of(connection: Connection, branch: str, touchpoint: str, asked: str | None, default: str) -> str:
    """
    The stage *touchpoint* has, or gets: as *asked*, else *default*.

    Raises:
        SettingsError: It has another one already, which its answers are counted under.
    """
    found = connection.execute(
        select(touchpoints.c.stage).where(touchpoints.c.branch_id == branch, touchpoints.c.id == touchpoint)
    ).scalar_one_or_none()
    if found is not None and asked not in (None, found):
        raise SettingsError(
            f"touchpoint {touchpoint} of branch {branch}: is at stage {found} already; leave out --stage, or "
            "name another touchpoint"
        )
    stage = found or asked or default
    if not NAME.fullmatch(stage):
        raise SettingsError(
            f"--stage {stage}: expected 1 to 40 small letters, digits, dots, dashes or underscores"
        )
    return str(stage)
