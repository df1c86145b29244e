"""
Who may read: the owner by password, programs by read key. Everything is refused that is not on the open list.

A password is kept as an argon2 hash; read keys and sessions are 32 random bytes, so SHA-256 of them is enough.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import threading
from base64 import b64decode
from binascii import Error as NotBase64
from dataclasses import dataclass, field

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError
from sqlalchemy import Connection, Engine, delete, select
from sqlalchemy.dialects.sqlite import insert

from central.store.database import reading, writing
from central.store.tables import access, sessions

OWNER = "owner"
COOKIE = "central_session"
SESSION_MS = 12 * 3_600_000
MOST_FAILURES = 10
"""Wrong passwords within FAILURES_MS, from anywhere, before all must wait: the owner is one person."""
FAILURES_MS = 60_000


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads: the owner's or a read key's name."""

    name: str


def set_password(connection: Connection) -> str:
    """A new password for the owner, shown once and kept as a hash."""
    password = "-".join(secrets.token_hex(2) for _ in range(5))
    _keep(connection, OWNER, "password", PasswordHasher().hash(password))
    return password


def add_read_key(connection: Connection, name: str) -> str:
    """A new read key called *name*, shown once and kept as a digest."""
    key = secrets.token_urlsafe(32)
    _keep(connection, name, "read_key", _digest(key).hex())
    return key


@dataclass
class Access:
    """
    Tells who a request is from.

    Attributes:
        failures: When the last wrong passwords were tried, UTC milliseconds.
    """

    store: Engine
    failures: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        # One at a time: each check takes 64 MB, and forty threads might ask at once.
        self._turn = threading.Lock()
        # What was right already needs no 50 ms again; held as a digest under a key that dies with the process.
        self._secret = secrets.token_bytes(32)
        self._right: set[bytes] = set()

    def reader(self, authorization: str, cookie: str, now_ms: int) -> Reader | None:
        """Who has these credentials; None: nobody."""
        scheme, _, rest = authorization.partition(" ")
        if scheme.lower() == "bearer":
            return self._by_key(rest.strip())
        if scheme.lower() == "basic":
            return self._by_password(_password_in(rest), now_ms)
        return self._by_session(cookie, now_ms) if cookie else None

    def log_in(self, password: str, now_ms: int) -> str | None:
        """A new session's cookie for the owner's *password*; None if it is not that."""
        if self._by_password(password, now_ms) is None:
            return None
        cookie = secrets.token_urlsafe(32)
        with writing(self.store) as connection:
            connection.execute(delete(sessions).where(sessions.c.expires_ms <= now_ms))
            connection.execute(
                insert(sessions).values(digest=_digest(cookie), expires_ms=now_ms + SESSION_MS)
            )
        return cookie

    def log_out(self, cookie: str) -> None:
        """End the session of *cookie*."""
        with writing(self.store) as connection:
            connection.execute(delete(sessions).where(sessions.c.digest == _digest(cookie)))

    def is_throttled(self, now_ms: int) -> bool:
        """Whether so many wrong passwords came lately that none is looked at."""
        self.failures = [ms for ms in self.failures if 0 <= now_ms - ms < FAILURES_MS]
        return len(self.failures) >= MOST_FAILURES

    def _by_key(self, key: str) -> Reader | None:
        with reading(self.store) as connection:
            name = connection.execute(
                select(access.c.name).where(access.c.kind == "read_key", access.c.hash == _digest(key).hex())
            ).scalar_one_or_none()
        return Reader(name) if name else None

    def _by_session(self, cookie: str, now_ms: int) -> Reader | None:
        with reading(self.store) as connection:
            ends_ms = connection.execute(
                select(sessions.c.expires_ms).where(sessions.c.digest == _digest(cookie))
            ).scalar_one_or_none()
        return Reader(OWNER) if ends_ms is not None and now_ms < ends_ms else None

    def _by_password(self, password: str, now_ms: int) -> Reader | None:
        with reading(self.store) as connection:
            kept = connection.execute(
                select(access.c.hash).where(access.c.name == OWNER, access.c.kind == "password")
            ).scalar_one_or_none()
        if kept is None:
            return None
        # With the hash: a password that was replaced is forgotten at once.
        mark = hmac.digest(self._secret, f"{kept}\n{password}".encode(), "sha256")
        if mark in self._right:
            return Reader(OWNER)
        with self._turn:
            if self.is_throttled(now_ms):
                return None
            if not _matches(kept, password):
                self.failures.append(now_ms)
                return None
        self._right = {mark}
        return Reader(OWNER)


def _keep(connection: Connection, name: str, kind: str, kept: str) -> None:
    statement = insert(access).values(name=name, kind=kind, hash=kept)
    connection.execute(
        statement.on_conflict_do_update(index_elements=["name"], set_={"kind": kind, "hash": kept})
    )


def _matches(kept: str, password: str) -> bool:
    try:
        return PasswordHasher().verify(kept, password)
    except (Argon2Error, InvalidHashError):
        return False


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()


def _password_in(basic: str) -> str:
    try:
        return b64decode(basic, validate=True).decode().partition(":")[2]
    except (NotBase64, ValueError):
        return ""
