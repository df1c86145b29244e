"""
Central's own keys: made once, kept in the data folder, readable by its owner alone.

Three: the current signing key, a spare signing key whose private part leaves the machine, and the key that texts are
sealed to.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from feedback import wire
from feedback.errors import StoreError

SIGNING = "signing-key.pem"
SEALING = "sealing-key.pem"
SPARE_PUBLIC = "spare-signing-key-public.pem"
SPARE = "spare-signing-key.pem"
"""The file that ``central init`` says to move off the machine; ``serve`` never reads it."""

FILES = (SIGNING, SEALING, SPARE_PUBLIC, SPARE)


@dataclass(frozen=True, slots=True)
class Keys:
    """
    What central signs with and opens with.

    Attributes:
        signing: Signs every answer to a kiosk.
        sealing: Opens what customers wrote.
        spare: Public part of the key that replaces *signing* if that is ever lost or stolen.
    """

    signing: Ed25519PrivateKey
    sealing: X25519PrivateKey
    spare: Ed25519PublicKey

    @property
    def public(self) -> wire.CentralKeys:
        """The public parts, as a kiosk pins them."""
        return wire.CentralKeys(
            current=self.signing.public_key().public_bytes_raw(),
            spare=self.spare.public_bytes_raw(),
            sealing=self.sealing.public_key().public_bytes_raw(),
        )

    @property
    def fingerprint(self) -> str:
        """The fingerprint of the current signing key, as ``kiosk.toml`` carries it."""
        return wire.fingerprint(self.public.current)


def make_keys(folder: Path) -> Keys:
    """
    New keys in *folder*, one file each, mode 0600.

    Raises:
        StoreError: A file is there already, or the folder cannot be written.
    """
    signing, spare, sealing = (
        Ed25519PrivateKey.generate(),
        Ed25519PrivateKey.generate(),
        X25519PrivateKey.generate(),
    )
    public = spare.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    _write(folder / SIGNING, _pem(signing))
    _write(folder / SEALING, _pem(sealing))
    _write(folder / SPARE_PUBLIC, public)
    _write(folder / SPARE, _pem(spare))
    return Keys(signing, sealing, spare.public_key())


def load_keys(folder: Path) -> Keys:
    """
    The keys in *folder*.

    Raises:
        StoreError: A file is missing or is not such a key.
    """
    signing = _loaded(folder / SIGNING)
    sealing = _loaded(folder / SEALING)
    spare = _loaded(folder / SPARE_PUBLIC)
    if not isinstance(signing, Ed25519PrivateKey):
        raise _wrong(folder / SIGNING)
    if not isinstance(sealing, X25519PrivateKey):
        raise _wrong(folder / SEALING)
    if not isinstance(spare, Ed25519PublicKey):
        raise _wrong(folder / SPARE_PUBLIC)
    return Keys(signing, sealing, spare)


def _pem(key: Ed25519PrivateKey | X25519PrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _write(path: Path, pem: bytes) -> None:
    try:
        # The mode is given as the file is made: there is no moment at which others can read it.
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(pem)
            file.flush()
            os.fsync(file.fileno())
    except FileExistsError:
        raise StoreError(f"{path}: there is a key already; choose another folder for new ones") from None
    except OSError as error:
        raise StoreError(
            f"{path}: cannot be written ({error.strerror}); name a folder this user may write"
        ) from None


def _loaded(path: Path) -> object:
    try:
        pem = path.read_bytes()
        return load_pem_public_key(pem) if path.name == SPARE_PUBLIC else load_pem_private_key(pem, None)
    except OSError as error:
        raise StoreError(
            f"{path}: cannot be read ({error.strerror}); expected the key that `central init` made: "
            "put it back from a backup"
        ) from None
    except (ValueError, TypeError):
        raise _wrong(path) from None


def _wrong(path: Path) -> StoreError:
    return StoreError(f"{path}: is not the key that `central init` made; put it back from a backup")
