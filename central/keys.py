"""
Central's own keys: kept in the data folder, readable by its owner alone.

Three: the current signing key, a spare signing key whose private part leaves the machine, and the key that texts are
sealed to. The key document says which they are once one was changed; see ``central.rotation``.
"""

from __future__ import annotations

import hashlib
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
from feedback.errors import StoreError, WireError

SIGNING = "signing-key.pem"
SEALING = "sealing-key.pem"
SPARE_PUBLIC = "spare-signing-key-public.pem"
SPARE = "spare-signing-key.pem"
"""The file that ``central init`` says to move off the machine; ``serve`` never reads it."""

NAME = "keys"
"""Of the document that kiosks are handed."""
DOCUMENT = "key-document.json"
"""Its rename is the moment at which new keys are central's."""

FILES = (SIGNING, SEALING, SPARE_PUBLIC, SPARE)


@dataclass(frozen=True, slots=True)
class Keys:
    """
    What central signs with and opens with.

    Attributes:
        signing: Signs every answer to a kiosk.
        sealing: Opens what customers wrote.
        spare: Public part of the key that replaces *signing* if that is ever lost or stolen.
        changes: How they became what they are, for kiosks that know earlier ones; empty: they are the first.
        older_sealing: Open what was sealed before the sealing key was changed.
    """

    signing: Ed25519PrivateKey
    sealing: X25519PrivateKey
    spare: Ed25519PublicKey
    changes: tuple[wire.KeyChange, ...] = ()
    older_sealing: tuple[X25519PrivateKey, ...] = ()

    @property
    def opening(self) -> tuple[X25519PrivateKey, ...]:
        """Every key that something may be sealed to, the newest first."""
        return (self.sealing, *self.older_sealing)

    @property
    def document(self) -> bytes:
        """The key document that kiosks are handed; empty: there was no change yet."""
        return wire.encode_key_document(self.changes) if self.changes else b""

    @property
    def version(self) -> int:
        """When they last changed, UTC milliseconds; 0: never."""
        return self.changes[-1].version if self.changes else 0

    @property
    def named(self) -> dict[str, tuple[int, str]]:
        """Version and SHA-256 of the key document under the name that kiosks know, if there is one."""
        return {NAME: (self.version, hashlib.sha256(self.document).hexdigest())} if self.changes else {}

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
    write_key(folder / SIGNING, pem(signing))
    write_key(folder / SEALING, pem(sealing))
    write_key(folder / SPARE_PUBLIC, public)
    write_key(folder / SPARE, pem(spare))
    return Keys(signing, sealing, spare.public_key())


def load_keys(folder: Path) -> Keys:
    """
    The keys in *folder*.

    Raises:
        StoreError: A file is missing or is not such a key.
    """
    changes = load_changes(folder)
    public = changes[-1].keys if changes else None
    signing = _in_use(folder, SIGNING, public.current if public else None)
    sealing = _in_use(folder, SEALING, public.sealing if public else None)
    if not isinstance(signing, Ed25519PrivateKey):
        raise _wrong(folder / SIGNING)
    if not isinstance(sealing, X25519PrivateKey):
        raise _wrong(folder / SEALING)
    older = (key for path in key_files(folder, SEALING) if isinstance(key := _loaded(path), X25519PrivateKey))
    return Keys(
        signing,
        sealing,
        Ed25519PublicKey.from_public_bytes(public.spare) if public else first_spare(folder),
        changes,
        tuple(key for key in older if _public(key) != _public(sealing)),
    )


def load_changes(folder: Path) -> tuple[wire.KeyChange, ...]:
    """
    The changes in *folder*'s key document; none if it has none.

    Raises:
        StoreError: It is damaged.
    """
    path = folder / DOCUMENT
    try:
        return wire.decode_key_document(path.read_bytes())
    except FileNotFoundError:
        return ()
    except (OSError, WireError) as error:
        raise StoreError(f"{path}: cannot be used ({error}); put it back from a backup") from None


def first_spare(folder: Path) -> Ed25519PublicKey:
    """The spare of a folder whose keys were never changed. Raises StoreError."""
    spare = _loaded(folder / SPARE_PUBLIC)
    if not isinstance(spare, Ed25519PublicKey):
        raise _wrong(folder / SPARE_PUBLIC)
    return spare


def key_files(folder: Path, first: str) -> list[Path]:
    """The files of one kind of key in *folder*: the one named *first* and those made later."""
    return sorted(folder.glob(f"{first.removesuffix('.pem')}*.pem"))


def _in_use(folder: Path, first: str, public: bytes | None) -> object:
    """The private key of one kind with this *public* part; None: the *first*, as none was ever changed."""
    if public is None:
        return _loaded(folder / first)
    for path in key_files(folder, first):
        key = _loaded(path)
        if _public(key) == public:
            return key
    raise StoreError(
        f"{folder / later_name(first, public)}: the key in use is missing; put it back from a backup, or run "
        "`central keys recover`"
    )


def later_name(first: str, public: bytes) -> str:
    """The file name of a key that came after the *first* of its kind."""
    return f"{first.removesuffix('.pem')}-{wire.fingerprint(public)[:12]}.pem"


def _public(key: object) -> bytes:
    """The public part of a private *key*; empty if it is none."""
    return (
        key.public_key().public_bytes_raw() if isinstance(key, Ed25519PrivateKey | X25519PrivateKey) else b""
    )


def pem(key: Ed25519PrivateKey | X25519PrivateKey) -> bytes:
    """*key* as its file holds it."""
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def write_key(path: Path, content: bytes) -> None:
    """
    Make the file at *path* with *content*, readable by its owner alone: whole, or not at all.

    Raises:
        StoreError: It is there already, or cannot be written.
    """
    staged = path.with_name(path.name + ".new")
    try:
        _stage(staged, content)
        try:
            # A link fails where a rename would replace.
            path.hardlink_to(staged)
        finally:
            staged.unlink()
        flush(path.parent)
    except FileExistsError:
        raise StoreError(f"{path}: there is a key already; choose another folder for new ones") from None
    except OSError as error:
        raise unwritable(path, error) from None


def replace_document(folder: Path, document: bytes) -> None:
    """Put *document* in place of *folder*'s key document: a cut leaves the old one or the new one. Raises OSError."""
    path = folder / DOCUMENT
    staged = path.with_name(path.name + ".new")
    _stage(staged, document)
    staged.rename(path)
    flush(folder)


def unwritable(path: Path, error: OSError) -> StoreError:
    """What to say of a *path* that the disk refuses."""
    return StoreError(f"{path}: cannot be written ({error.strerror}); name a folder this user may write")


def _stage(path: Path, content: bytes) -> None:
    path.unlink(missing_ok=True)
    # The mode is given as the file is made: there is no moment at which others can read it.
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def flush(folder: Path) -> None:
    """Wait until the names in *folder* are on the disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _loaded(path: Path) -> object:
    try:
        content = path.read_bytes()
        return (
            load_pem_public_key(content) if path.name == SPARE_PUBLIC else load_pem_private_key(content, None)
        )
    except OSError as error:
        raise StoreError(
            f"{path}: cannot be read ({error.strerror}); expected the key that `central init` made: "
            "put it back from a backup"
        ) from None
    except (ValueError, TypeError):
        raise _wrong(path) from None


def _wrong(path: Path) -> StoreError:
    return StoreError(f"{path}: is not the key that `central init` made; put it back from a backup")
