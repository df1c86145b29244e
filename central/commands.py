"""What the longer sub-commands of ``central`` do."""

from __future__ import annotations

import argparse
import getpass
import os
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from feedback.errors import SettingsError

RESTART = "Restart `central serve`: until then it signs with the keys before, which kiosks believe as well."


def add_commands(commands: Any, folder: argparse.ArgumentParser) -> None:
    """Give ``central`` the sub-commands that are here."""
    add_keys(commands, folder)
    add_texts(commands, folder)
    add_pin(commands, folder)


def add_keys(commands: Any, folder: argparse.ArgumentParser) -> None:
    """Give ``central`` its sub-command ``keys``."""
    keys = commands.add_parser("keys", help="central's own keys").add_subparsers(
        required=True, metavar="COMMAND"
    )
    show = keys.add_parser("show", parents=[folder], help="which they are, and how many kiosks follow them")
    show.set_defaults(run=show_keys)
    rotate = keys.add_parser(
        "rotate", parents=[folder], help="a new signing key; kiosks follow by themselves"
    )
    rotate.add_argument("--sealing", action="store_true", help="a new sealing key instead")
    rotate.set_defaults(run=rotate_keys)
    recover = keys.add_parser(
        "recover",
        parents=[folder],
        help="after a theft or a loss: new keys by the spare, the old ones are over",
    )
    recover.add_argument(
        "--spare", type=Path, metavar="FILE", required=True, help="the spare that was moved off the machine"
    )
    recover.set_defaults(run=recover_keys)


def add_texts(commands: Any, folder: argparse.ArgumentParser) -> None:
    """Give ``central`` its sub-commands ``texts`` and ``erase``."""
    texts = commands.add_parser("texts", parents=[folder], help="what customers of a branch wrote")
    texts.add_argument("branch")
    texts.add_argument("--most", type=int, default=50, metavar="N", help="the newest so many (50)")
    texts.set_defaults(run=show_texts)
    erase = commands.add_parser(
        "erase", parents=[folder], help="erase what a customer wrote; the answer counts on"
    )
    erase.add_argument("branch")
    erase.add_argument("name", help="as `central texts` names it: KIOSK/STORE/SEQ")
    erase.set_defaults(run=erase_text)


def show_texts(asked: argparse.Namespace) -> None:
    """Print what customers of a branch wrote, a line each."""
    from central.comments import continuations
    from central.ingest.texts import written
    from central.keys import load_keys
    from central.sealing import opened_by_any
    from central.store.database import open_store, reading
    from feedback.wire import Purpose

    store, keys = open_store(asked.data), load_keys(asked.data)

    def opened(sealed: bytes, kiosk: str) -> bytes:
        return opened_by_any(sealed, keys.opening, Purpose.BY_PHONE, kiosk)

    with reading(store) as connection:
        most = max(asked.most, 0)
        found = written(connection, keys, asked.branch, most)
        by_phone = list(continuations.sent(connection, asked.branch, most, opened))
    for one in found:
        words = _plain(one.words or f"({one.trouble})")
        print(f"{_utc(one.utc_ms)}  {one.name}  {one.question}: {words}")
    for sent in by_phone:
        words = f"{sent.words.comment} {sent.words.contact}" if sent.words else f"({sent.trouble})"
        print(f"{_utc(sent.made_ms)}  {sent.name}  by phone: {_plain(words)}")
    if not (found or by_phone):
        print(f"Nobody has written anything at branch {asked.branch}.")


def _plain(words: str) -> str:
    """*words* for a terminal, which obeys what it is shown: nothing that a customer sent may steer it."""
    return "".join(sign if sign.isprintable() else " " for sign in words)


def erase_text(asked: argparse.Namespace) -> None:
    """Erase one text; its answer stays and counts."""
    from central.comments import continuations
    from central.ingest.texts import erase
    from central.store.database import open_store, scrub, writing

    store = open_store(asked.data)
    with writing(store) as connection:
        by_phone = continuations.named(asked.branch, asked.name)
        if by_phone is None or not continuations.erase(connection, by_phone):
            erase(connection, asked.branch, asked.name, _now_ms())
    scrub(store)
    print(f"Erased the words of {asked.name}. Its answer counts as before.")
    print("They are still in backups made before; after restoring one, erase them again.")


def add_pin(commands: Any, folder: argparse.ArgumentParser) -> None:
    """Give ``central`` its sub-command ``pin``."""
    pin = commands.add_parser(
        "pin", parents=[folder], help="set the PIN by which a branch's staff see its figures on the kiosk"
    )
    pin.add_argument("branch", help="the branch it is for")
    pin.add_argument("--remove", action="store_true", help="no PIN: nothing opens the figures")
    pin.set_defaults(run=set_pin)


def set_pin(asked: argparse.Namespace) -> None:
    """Publish a branch's PIN. It is asked for: an argument stands in the shell's history and the list of processes."""
    from central.fleet import branch_settings
    from central.store.database import open_store, writing

    store = open_store(asked.data)
    pin = None if asked.remove else _typed_pin(asked.branch)
    now_ms = time.time_ns() // 1_000_000
    with writing(store) as connection:
        version = branch_settings.set_pin(connection, asked.branch, pin, os.urandom(16), now_ms)
    done = "removed" if asked.remove else "set"
    print(
        f"The PIN of branch {asked.branch} is {done}, with settings version {version}: its kiosks follow it."
    )


def _typed_pin(branch: str) -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline().strip()
    pin = getpass.getpass(f"PIN for branch {branch}, 6 to 10 digits: ")
    if getpass.getpass("Once more: ") != pin:
        raise SettingsError("the PIN: the two were not the same; nothing was changed")
    return pin


def show_keys(asked: argparse.Namespace) -> None:
    """Print central's keys by their fingerprints, and how many kiosks follow them."""
    from central.fleet.holders import ahead, versions_held
    from central.keys import load_keys
    from central.store.database import open_store
    from feedback import wire

    keys = load_keys(asked.data)
    held = versions_held(open_store(asked.data))
    public = keys.public
    print(f"signing key: {keys.fingerprint}")
    print(f"spare:       {wire.fingerprint(public.spare)}")
    print(
        f"sealing key: {wire.fingerprint(public.sealing)}, {len(keys.older_sealing)} older ones open what is on its way"
    )
    print(f"changed:     {_utc(keys.version) if keys.version else 'never'}")
    if keys.version:
        following = sum(version >= keys.version for version in held.values())
        print(f"kiosks:      {following} of {len(held)} follow them")
    if sentence := ahead(held, keys.version):
        print(f"{sentence}.")


def rotate_keys(asked: argparse.Namespace) -> None:
    """Change the signing key, or the sealing key, signed by the current one."""
    from central import rotation

    keys = rotation.rotate(asked.data, _now_ms(), sealing=asked.sealing)
    if asked.sealing:
        print("Made a new sealing key. The older ones stay, to open what is on its way.")
    else:
        print(
            f"Made a new signing key, fingerprint {keys.fingerprint}; `central code` prints it from now on."
        )
        print("A kiosk.toml written before, of a kiosk not enrolled yet, needs the new fingerprint.")
    print(RESTART)
    print(
        f"Back up {asked.data} now: a backup made before holds keys that kiosks believe for another month only."
    )


def recover_keys(asked: argparse.Namespace) -> None:
    """Change every key, signed by the spare: whoever stole the old ones has nothing."""
    from central import rotation

    found = rotation.recover(asked.data, asked.spare, _now_ms())
    print(
        f"Made new keys by the spare, fingerprint {found.keys.fingerprint}; `central code` prints it from now on."
    )
    print(
        "Every key before is over: kiosks follow as soon as they reach central, however long they were away."
    )
    print("Restart `central serve` at once.")
    print(
        f"Move {found.spare_file} to a safe place off this machine, it is the new spare; destroy {asked.spare}."
    )
    print(f"Back up {asked.data} now.")


def key_notes(folder: Path) -> list[str]:
    """What the owner should know of the keys in *folder* before it is served; usually nothing."""
    from central.fleet.holders import ahead, versions_held
    from central.keys import load_keys
    from central.store.database import open_store

    store = open_store(folder)
    try:
        sentence = ahead(versions_held(store), load_keys(folder).version)
    finally:
        store.dispose()
    return [sentence] if sentence else []


def _utc(utc_ms: int) -> str:
    return datetime.fromtimestamp(utc_ms / 1000, UTC).strftime("%Y-%m-%d %H:%M UTC")


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
