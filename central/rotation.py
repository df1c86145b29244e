"""
Changing central's keys so that no kiosk is lost on the way.

Each step leaves a folder that works: new private keys are on the disk first, then the key document is renamed into
place, which is the moment of the change, and only then are old private keys removed. A cut leaves at most a file that
nobody needs.
"""

from __future__ import annotations

import base64
import binascii
import fcntl
import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from central.keys import (
    SEALING,
    SIGNING,
    SPARE,
    Keys,
    first_spare,
    flush,
    key_files,
    later_name,
    load_changes,
    load_keys,
    pem,
    replace_document,
    unwritable,
    write_key,
)
from feedback import wire
from feedback.errors import SettingsError, StoreError, WireError
from feedback.pins import Pins, followed
from feedback.wire.enrolment import KEY_BYTES

CARRIED = "The key document that leads to this key, for a central restored from an older backup: "
"""Stands behind the key in a spare's file."""


@dataclass(frozen=True, slots=True)
class Recovered:
    """What a use of the spare came to: the keys now, and the file of the new spare, which has to leave the machine."""

    keys: Keys
    spare_file: Path


def rotate(folder: Path, now_ms: int, *, sealing: bool = False) -> Keys:
    """
    A new signing key in *folder*, or with *sealing* a new sealing key; signed by the current key.

    Raises:
        StoreError: The folder's keys cannot be read or written.
    """
    with _alone(folder):
        keys = load_keys(folder)
        public = keys.public
        if sealing:
            fresh = X25519PrivateKey.generate()
            new = wire.CentralKeys(public.current, public.spare, fresh.public_key().public_bytes_raw())
            write_key(folder / later_name(SEALING, new.sealing), pem(fresh))
        else:
            signing = Ed25519PrivateKey.generate()
            new = wire.CentralKeys(signing.public_key().public_bytes_raw(), public.spare, public.sealing)
            write_key(folder / later_name(SIGNING, new.current), pem(signing))
        _commit(folder, [*keys.changes, _signed(keys.signing, keys.version, new, now_ms)])
        return load_keys(folder)


def recover(folder: Path, spare_file: Path, now_ms: int) -> Recovered:
    """
    New keys of every kind in *folder*, signed by the spare in *spare_file*: whoever has the old ones has nothing.

    Works also where the signing key is lost, and in a folder restored from a backup made before the spare.

    Raises:
        SettingsError: The file holds no key, or another than the spare that kiosks know.
        StoreError: The folder cannot be read or written.
    """
    spare, carried = _spare(spare_file)
    with _alone(folder):
        changes = _leading_to(spare, folder, carried, spare_file)
        signing, sealing = Ed25519PrivateKey.generate(), X25519PrivateKey.generate()
        next_spare = Ed25519PrivateKey.generate()
        new = wire.CentralKeys(
            *(key.public_key().public_bytes_raw() for key in (signing, next_spare, sealing))
        )
        before = changes[-1].version if changes else 0
        # What an earlier current key signed is outranked from here on: kiosks need only what the spares have signed.
        chain = [*_by_spares(changes, folder), _signed(spare, before, new, now_ms)]
        path = folder / later_name(SPARE, new.spare)
        write_key(path, pem(next_spare) + _carrying(chain))
        write_key(folder / later_name(SEALING, new.sealing), pem(sealing))
        write_key(folder / later_name(SIGNING, new.current), pem(signing))
        _commit(folder, chain)
        return Recovered(load_keys(folder), path)


def _signed(key: Ed25519PrivateKey, before: int, new: wire.CentralKeys, now_ms: int) -> wire.KeyChange:
    version = max(before + 1, now_ms)
    signer = key.public_key().public_bytes_raw()
    return wire.KeyChange(version, new, signer, key.sign(wire.change_text(version, new)))


def _commit(folder: Path, changes: Sequence[wire.KeyChange]) -> None:
    """Make *changes* the folder's key document, then remove the signing keys that nobody needs any more."""
    current = changes[-1].keys.current
    try:
        replace_document(folder, wire.encode_key_document(changes))
        for path in key_files(folder, SIGNING):
            if not _holds(path, current):
                path.unlink()
        flush(folder)
    except OSError as error:
        raise unwritable(folder, error) from None


def _holds(path: Path, public: bytes) -> bool:
    """Whether *path* holds the signing key with this *public* part: the first one's file says nothing of it."""
    key = load_pem_private_key(path.read_bytes(), None)
    return isinstance(key, Ed25519PrivateKey) and key.public_key().public_bytes_raw() == public


def _leading_to(
    spare: Ed25519PrivateKey, folder: Path, carried: tuple[wire.KeyChange, ...], file: Path
) -> tuple[wire.KeyChange, ...]:
    """
    The changes after which *spare* is the one that kiosks know: the folder's own, or those its file carries.

    The latter in a folder restored from a backup made before: by a kiosk's own rules they must lead on from it.
    """
    changes = load_changes(folder)
    public = spare.public_key().public_bytes_raw()
    known = changes[-1].keys.spare if changes else first_spare(folder).public_bytes_raw()
    if public == known:
        return changes
    nobody = bytes(KEY_BYTES)
    led = followed(Pins(wire.CentralKeys(nobody, known, nobody)), carried, verifies)
    if public == led.keys.spare:
        return carried
    raise SettingsError(
        f"{file}: is not the spare of this central: its fingerprint is {wire.fingerprint(public)[:12]}, expected "
        f"{wire.fingerprint(known)[:12]}"
    )


def _by_spares(changes: Sequence[wire.KeyChange], folder: Path) -> Iterator[wire.KeyChange]:
    """Those of *changes* that a spare has signed: each of them, and no other, brought a new spare."""
    spare = first_spare(folder).public_bytes_raw()
    for change in changes:
        if change.keys.spare != spare:
            yield change
        spare = change.keys.spare


def _spare(path: Path) -> tuple[Ed25519PrivateKey, tuple[wire.KeyChange, ...]]:
    """The key in the file at *path*, and the changes it carries."""
    try:
        content = path.read_bytes()
        key = load_pem_private_key(content, None)
    except OSError as error:
        raise SettingsError(
            f"{path}: cannot be read ({error.strerror}); expected the spare signing key"
        ) from None
    except (ValueError, TypeError):
        key = None
    if not isinstance(key, Ed25519PrivateKey):
        raise SettingsError(
            f"{path}: is not a signing key; expected the spare that was moved off this machine"
        )
    found = re.search(re.escape(CARRIED).encode() + rb"([A-Za-z0-9+/=]+)", content)
    try:
        return key, wire.decode_key_document(base64.b64decode(found[1], validate=True)) if found else ()
    except (WireError, binascii.Error):
        raise SettingsError(f"{path}: is damaged; use another copy of it") from None


def _carrying(changes: Sequence[wire.KeyChange]) -> bytes:
    return f"{CARRIED}{base64.b64encode(wire.encode_key_document(changes)).decode()}\n".encode()


def verifies(key: bytes, signature: bytes, text: bytes) -> bool:
    """Whether *signature* is one over *text* by the Ed25519 *key*."""
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, text)
    except (InvalidSignature, ValueError):
        return False
    return True


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Two that change the keys at once would leave one of them with keys nobody believes."""
    try:
        descriptor = os.open(folder, os.O_RDONLY)
    except OSError as error:
        raise StoreError(f"{folder}: cannot be read ({error.strerror}); name central's data folder") from None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
