"""The agent's trust in central: the pins, and the key documents that change them."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from feedback.errors import LinkError, StoreError, WireError
from feedback.pins import Pins, followed, seen
from feedback.wire import decode_key_document
from kiosk.pinned import KEY_DOCUMENT, MODE, read_pins, verifies, written
from kiosk.storage.link_state import Document
from kiosk.sync.files import replace_file

NAME = "keys"
"""Under this name central hands out its key document."""
LOST = (
    "central signs with a key that this kiosk does not know, and its key document does not lead there: was central "
    "restored from an old backup? `central keys recover` there puts it right"
)

log = logging.getLogger(__name__)


class Trust:
    """
    The pins in the file at *path*, which this process alone replaces.

    Raises, when made:
        LinkError: This kiosk is not enrolled.
        StoreError: The file cannot be read.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._pins = read_pins(path)

    @property
    def pins(self) -> Pins:
        """What is believed now."""
        return self._pins

    def follow(self, body: bytes) -> bool:
        """
        Take what counts of the key document in *body*; whether that was anything.

        Raises:
            WireError: It is no key document.
            StoreError: The card refuses; the pins stay as they were.
        """
        pins = followed(self._pins, decode_key_document(body), verifies)
        if pins == self._pins:
            return False
        self._keep(pins)
        log.warning("central's keys have changed: it signs with %s now", pins.keys.current.hex()[:16])
        return True

    def seen(self, signer: bytes, utc_ms: int) -> bool:
        """
        Note that an answer signed by *signer* came at *utc_ms*: a replaced key is believed only for a while.

        Returns:
            Whether one is not believed any more.
        """
        before = self._pins
        pins = seen(before, signer, utc_ms)
        if pins != before:
            self._keep(pins)
        return pins.believed != before.believed

    def _keep(self, pins: Pins) -> None:
        # The file first: what is believed must not be forgotten by a cut.
        try:
            replace_file(self._path, written(pins), MODE)
        except OSError as error:
            raise StoreError(f"{self._path} cannot be written ({error.strerror}): check the card") from error
        self._pins = pins


def take_keys(
    document: Document, trust: Trust, fetch: Callable[[str], bytes | None], folder: Path, *, lost: bool
) -> Document:
    """
    Fetch the key document and follow it. It is believed for the signatures in it, whoever handed it over.

    Args:
        document: What is known of it.
        trust: Follows it.
        fetch: Gives it, unless it has this SHA-256.
        folder: Where it is put for others to see.
        lost: Central's answers are signed by a key that is not believed.

    Returns:
        What is held now; with ``trouble`` if something is wrong.
    """
    try:
        body = fetch(document.held_sha256)
        if body is None:
            return replace(document, trouble=LOST if lost else "")
        changed = trust.follow(body)
        version = decode_key_document(body)[-1].version
        if lost and not changed:
            return replace(document, trouble=LOST)
        replace_file(folder / KEY_DOCUMENT, body, MODE)
    except (LinkError, WireError, StoreError, OSError) as error:
        return replace(document, trouble=f"the {NAME} document is not taken: {error}")
    digest = hashlib.sha256(body).hexdigest()
    return replace(document, held_version=version, held_sha256=digest, trouble="")
