"""
Writing a small file so that a power cut leaves the old one or the new one, never half of either.

A file belongs to whoever owns its folder, also when root writes it: the unit that owns the folder has to read it.
"""

from __future__ import annotations

import os
from pathlib import Path

from kiosk.storage.database import flush, make_folder


def replace_file(path: Path, content: bytes, mode: int) -> None:
    """Put *content* in place of the file at *path*."""
    make_folder(path.parent)
    staged = path.with_name(path.name + ".new")
    staged.unlink(missing_ok=True)
    _write(staged, content, mode)
    staged.rename(path)
    flush(path.parent)


def create_file(path: Path, content: bytes, mode: int) -> None:
    """
    Make the file at *path* with *content*, which must not exist.

    Raises:
        FileExistsError: It does; it is left as it is.
    """
    make_folder(path.parent)
    staged = path.with_name(f"{path.name}.{os.getpid()}.new")
    staged.unlink(missing_ok=True)
    _write(staged, content, mode)
    try:
        # A link fails where a rename would replace, and the name appears with all of its content.
        path.hardlink_to(staged)
    finally:
        staged.unlink()
    flush(path.parent)


def _write(path: Path, content: bytes, mode: int) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, mode)
    try:
        with os.fdopen(descriptor, "wb") as file:
            if os.geteuid() == 0:
                owner = path.parent.stat()
                os.fchown(descriptor, owner.st_uid, owner.st_gid)
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except OSError:
        # On a full card half a file would keep what room there is from the answers.
        path.unlink(missing_ok=True)
        raise
