"""What the screen vouches for with its secret: addresses that a phone carries away."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from feedback import continuation, day_counts
from feedback.answers import Answer
from feedback.continuation import Continuation
from feedback.day_counts import DayCounts
from feedback.vouching import SECRET_BYTES
from kiosk.settings import Settings

Link = Callable[[Answer, str], str]


def links(settings: Settings, store: Callable[[], bytes]) -> Link:
    """
    Makes the address at which a customer adds words to the response that an answer opened, in a language.

    *store*: the one answers go to. Without a secret the address is empty: an address nobody vouches for leads nowhere.
    """

    def link(opening: Answer, language: str) -> str:
        secret = _secret(settings.screen_secret)
        if not secret:
            return ""
        named = Continuation(opening.place.branch, settings.kiosk.id, store(), opening.seq)
        return f"{settings.central.url}/c/{continuation.encoded(named, secret)}?lang={language}"

    return link


def handing_in(settings: Settings, counts: DayCounts) -> str:
    """The address that hands a day's *counts* in; empty: the screen has no secret to vouch with."""
    secret = _secret(settings.screen_secret)
    return f"{settings.central.url}/d/{day_counts.encoded(counts, secret)}" if secret else ""


def _secret(path: Path) -> bytes:
    try:
        secret = bytes.fromhex(path.read_text(encoding="ascii"))
    except (OSError, ValueError):
        return b""
    return secret if len(secret) == SECRET_BYTES else b""
