"""The settings document of a branch: written by the owner, completed and numbered here, fetched by its kiosks."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import Connection, select

from central.fleet import codes
from central.store import documents
from central.store.tables import branches, kiosks
from feedback import settings_document, staff_pin
from feedback.errors import SettingsError
from feedback.hours import Hours

OWN = ("version", "zone")
"""Keys that central fills in: they may stand in a file that was made from what is published."""
PIN = "pin"
"""Set by a command of its own: a file of hours that does not speak of it leaves it as it is."""


def show(connection: Connection, branch: str) -> str:
    """
    What is published for *branch*, as text to read and to edit.

    Raises:
        SettingsError: There is no such branch, or nothing is published for it.
    """
    zone_of(connection, branch)
    found = documents.newest(connection, documents.settings_of(branch))
    if found is None:
        raise SettingsError(
            f"branch {branch}: has no settings yet; publish them with `central settings {branch} FILE`"
        )
    return json.dumps(json.loads(found.body), ensure_ascii=False, indent=2)


def publish(
    connection: Connection, branch: str, raw: bytes, where: str, now_ms: int
) -> tuple[int, int | None]:
    """
    Publish the settings written as JSON in *raw* for *branch*, unless they are published already.

    Returns:
        The version published, and the first civil day that the new hours may judge otherwise; None: no day.

    Raises:
        SettingsError: With one sentence; *where* names the origin of *raw*.
    """
    zone = zone_of(connection, branch)
    decided = _decided(raw, where, zone)
    found = documents.newest(connection, documents.settings_of(branch))
    before = json.loads(found.body) if found else {}
    if PIN in before:
        decided.setdefault(PIN, before[PIN])
    # Read as a kiosk will read it, before any kiosk does.
    new = settings_document.parse(_body(1, zone, decided), where, strict=True)
    if found and {key: value for key, value in before.items() if key not in OWN} == decided:
        return found.version, None
    old = settings_document.parse(found.body, branch).hours if found else Hours()
    return _add(connection, branch, zone, decided, now_ms), new.hours.first_difference(old)


def set_pin(connection: Connection, branch: str, pin: str | None, salt: bytes, now_ms: int) -> int:
    """
    Publish *pin* as what opens the figures to the staff of *branch*, None that nothing does; the version.

    Raises:
        SettingsError: There is no such branch, or it is no PIN.
    """
    zone = zone_of(connection, branch)
    found = documents.newest(connection, documents.settings_of(branch))
    decided = {key: value for key, value in json.loads(found.body).items() if key not in OWN} if found else {}
    decided[PIN] = "" if pin is None else staff_pin.hashed(pin, salt)
    return _add(connection, branch, zone, decided, now_ms)


def version_of(connection: Connection, branch: str) -> int:
    """The version published for *branch*; 0: none."""
    found = documents.newest(connection, documents.settings_of(branch))
    return found.version if found else 0


def begin(connection: Connection, branch: str, now_ms: int) -> int:
    """Publish the first settings of *branch*: its zone, and no hours. A kiosk learns from them what its days are."""
    return _add(connection, branch, zone_of(connection, branch), {}, now_ms)


def follow(connection: Connection, kiosk: str, branch: str, now_ms: int) -> None:
    """
    See to it that *kiosk*, about to be expected at *branch*, takes that branch's settings.

    Kiosks take nothing but a higher version than they hold. One that comes from another branch may hold a higher one,
    so the same settings are published again under the next.
    """
    found = documents.newest(connection, documents.settings_of(branch))
    before = connection.execute(select(kiosks.c.branch_id).where(kiosks.c.id == kiosk)).scalar_one_or_none()
    if found is None:
        begin(connection, branch, now_ms)
    elif before not in (None, branch):
        decided = {key: value for key, value in json.loads(found.body).items() if key not in OWN}
        _add(connection, branch, zone_of(connection, branch), decided, now_ms)


def zone_of(connection: Connection, branch: str) -> str:
    """
    The time zone of *branch*.

    Raises:
        SettingsError: There is no such branch.
    """
    codes.branch_name(connection, branch)
    return str(connection.execute(select(branches.c.zone).where(branches.c.id == branch)).scalar_one())


def _decided(raw: bytes, where: str, zone: str) -> dict[str, Any]:
    """What the owner decided: the document in *raw* less what central fills in."""
    try:
        document = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise SettingsError(f"{where}: is not JSON ({error}); expected a settings document") from None
    if not isinstance(document, dict):
        raise SettingsError(f'{where}: the document: expected an object such as {{"hours": [...]}}')
    if document.get("zone", zone) != zone:
        raise SettingsError(
            f"{where}: zone = {document['zone']!r}: expected {zone!r}, the branch's own, or no zone at all"
        )
    return {key: value for key, value in document.items() if key not in OWN}


def _add(connection: Connection, branch: str, zone: str, decided: dict[str, Any], now_ms: int) -> int:
    # One counter for all branches: a version then never means two things to a kiosk that moves, and a kiosk that
    # comes from any branch takes whatever is published after it came.
    version = documents.newest_of_all_settings(connection) + 1
    documents.add(connection, documents.settings_of(branch), version, _body(version, zone, decided), now_ms)
    return version


def _body(version: int, zone: str, decided: dict[str, Any]) -> bytes:
    return json.dumps({"version": version, "zone": zone, **decided}, ensure_ascii=False).encode()
