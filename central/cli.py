"""The command `central`: makes the data folder, says what kiosks and branches there are, and serves."""

from __future__ import annotations

import argparse
import logging
import logging.config
import os
import re
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn
from zoneinfo import ZoneInfo

from central import commands as more
from feedback.errors import AfterwordError, SettingsError

NAME = re.compile(r"[a-z0-9][a-z0-9_.-]{0,39}")
STAGE = "exit"
URL = "http://127.0.0.1:8000"

log = logging.getLogger("central")

KIOSK_TOML = """\
# kiosk.toml: what belongs to this place.
[kiosk]
id = "{kiosk}"
branch = "{branch}"
touchpoint = "{touchpoint}"
name = {name}
[central]
url = {url}
fingerprint = "{fingerprint}"
sealing = "{sealing}"
[files]
folder = "/var/lib/afterword"

# [screen]
# width_px = 1280
# height_px = 800
# fullscreen = true
# theme = "paper"

# Numbers of the GPIO pins, as the Raspberry Pi's own names have them (GPIO17 is 17).
# [buttons]
# excellent = 5
# good = 6
# neutral = 13
# bad = 19
# unacceptable = 26

# [lamps]
# excellent = 12
# good = 16
# neutral = 20
# bad = 21
# unacceptable = 25

# [pins]
# factory = "lgpio"
"""


class UsageError(SettingsError):
    """The command was called in a way that cannot be meant."""


class Parser(argparse.ArgumentParser):
    """Says what is wrong in one sentence, and nothing else."""

    def error(self, message: str) -> NoReturn:
        """Raise instead of printing the usage."""
        raise UsageError(f"{self.prog}: {message}; `{self.prog} --help` shows how it is called")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; 0, or 2 after one sentence on stderr."""
    try:
        asked = parser().parse_args(arguments)
        asked.run(asked)
    except AfterwordError as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    return 0


def parser() -> Parser:
    """Every command with its arguments."""
    top = Parser(prog="central", description="The central scoring server of Afterword.")
    told = "the data folder (default: $CENTRAL_DATA, or central-data here)"
    usual = Path(os.environ.get("CENTRAL_DATA", "central-data"))
    top.add_argument("--data", type=Path, metavar="FOLDER", default=usual, help=told)
    commands = top.add_subparsers(required=True, metavar="COMMAND")
    # Before or behind the command; SUPPRESS, or the one behind would put its default over the one before.
    folder = Parser(add_help=False)
    folder.add_argument("--data", type=Path, metavar="FOLDER", default=argparse.SUPPRESS, help=told)

    init = commands.add_parser("init", parents=[folder], help="make a new data folder with its keys")
    init.set_defaults(run=_init)

    branch = commands.add_parser("branch", help="branches").add_subparsers(required=True, metavar="COMMAND")
    add = branch.add_parser("add", parents=[folder], help="add a branch")
    add.add_argument("id", help="its short name, such as b12")
    add.add_argument("--name", required=True, help="its name for people")
    add.add_argument("--zone", required=True, help="its time zone, such as Asia/Baku")
    add.set_defaults(run=_branch_add)

    code = commands.add_parser(
        "code", parents=[folder], help="expect a kiosk: its enrolment code and kiosk.toml"
    )
    code.add_argument("branch", help="the branch it stands at")
    code.add_argument("--touchpoint", required=True, help="where in the branch, such as exit-1")
    code.add_argument("--stage", help=f"where on the customer's way (default: {STAGE})")
    code.add_argument("--kiosk", help="the kiosk's id (default: a new one)")
    code.add_argument("--url", default=URL, help=f"how kiosks reach central (default: {URL})")
    code.add_argument(
        "--write", type=Path, metavar="FILE", help="write kiosk.toml here instead of printing it"
    )
    code.set_defaults(run=_code)

    survey = commands.add_parser("survey", parents=[folder], help="publish a survey to the kiosks")
    survey.add_argument("file", type=Path)
    survey.set_defaults(run=_survey)

    settings = commands.add_parser(
        "settings", parents=[folder], help="publish a branch's settings to its kiosks: its service hours"
    )
    settings.add_argument("branch", help="the branch they hold for")
    settings.add_argument("file", type=Path, nargs="?", help='JSON, such as {"hours": [...]}')
    settings.add_argument("--show", action="store_true", help="print what is published")
    settings.set_defaults(run=_settings)

    media = commands.add_parser(
        "media", parents=[folder], help="publish a branch's pictures and sounds to its kiosks"
    )
    media.add_argument("branch", help="the branch whose kiosks get it")
    media.add_argument("name", nargs="?", help="what it is called where it is used, such as logo")
    media.add_argument("file", type=Path, nargs="?", help="PNG, JPEG or WAV, at most 512 KiB")
    media.add_argument("--remove", action="store_true", help="take NAME away")
    media.add_argument("--show", action="store_true", help="print what is published")
    media.set_defaults(run=_media)

    serve = commands.add_parser("serve", parents=[folder], help="serve kiosks and readers")
    serve.add_argument("--host", default="127.0.0.1")
    serve.add_argument("--port", type=int, default=8000)
    serve.set_defaults(run=_serve)

    carried = commands.add_parser(
        "import", parents=[folder], help="take kiosks' answers from a stick, and write the acknowledgements"
    )
    carried.add_argument("paths", type=Path, nargs="+", metavar="PATH", help="the stick's folder, or files")
    carried.add_argument(
        "--answers", type=Path, metavar="FOLDER", help="where acknowledgements go (default: beside the files)"
    )
    carried.set_defaults(run=_import)
    more.add_commands(commands, folder)

    rebuild = commands.add_parser(
        "rebuild", parents=[folder], help="compute everything again from raw answers"
    )
    rebuild.set_defaults(run=_rebuild)
    return top


def _init(asked: argparse.Namespace) -> None:
    from central.access import add_read_key, set_password
    from central.keys import FILES, SPARE, make_keys
    from central.store import generations
    from central.store.database import FILE, make_store, writing

    folder: Path = asked.data
    for name in (FILE, *FILES):
        if (folder / name).exists():
            raise UsageError(f"{folder / name}: is there already; choose another folder for a new central")
    store = make_store(folder)
    keys = make_keys(folder)
    generations.begun(store, folder, _now_ms)
    with writing(store) as connection:
        password = set_password(connection)
        read_key = add_read_key(connection, "first")
    store.dispose()
    print(f"Made {folder}. What follows is shown this once:")
    print(f"  owner's password: {password}")
    print(f"  read key:         {read_key}")
    print(f"  key fingerprint:  {keys.fingerprint}")
    print(
        f"Move {folder / SPARE} to a safe place off this machine: it replaces the signing key if that is lost."
    )


def _branch_add(asked: argparse.Namespace) -> None:
    from sqlalchemy import insert, select

    from central.fleet import branch_settings
    from central.store.database import open_store, writing
    from central.store.tables import branches

    _check_name("ID", asked.id)
    _check_zone(asked.zone)
    if not asked.name.strip() or len(asked.name) > 100 or not asked.name.isprintable():
        raise UsageError("--name: expected a name of 1 to 100 letters")
    with writing(open_store(asked.data)) as connection:
        if connection.execute(select(branches.c.id).where(branches.c.id == asked.id)).first():
            raise UsageError(f"branch {asked.id}: is there already; give the new one another id")
        connection.execute(insert(branches).values(id=asked.id, name=asked.name.strip(), zone=asked.zone))
        branch_settings.begin(connection, asked.id, _now_ms())
    print(f"Added branch {asked.id}.")


def _code(asked: argparse.Namespace) -> None:
    from central.fleet import branch_media, branch_settings, codes
    from central.ingest.rebuilding import stage_again
    from central.keys import load_keys
    from central.store.database import open_store, writing

    _check_name("--touchpoint", asked.touchpoint)
    kiosk = asked.kiosk or codes.new_kiosk_id()
    _check_name("--kiosk", kiosk)
    if not re.fullmatch(r"https?://[A-Za-z0-9.:\[\]-]+(/[A-Za-z0-9._~/-]*)?", asked.url):
        raise UsageError(f"--url {asked.url}: expected an address such as {URL}")
    store = open_store(asked.data)
    keys = load_keys(asked.data)
    with writing(store) as connection:
        name = codes.branch_name(connection, asked.branch)
        stage = codes.stage_of(connection, asked.branch, asked.touchpoint, asked.stage, STAGE)
        branch_settings.follow(connection, kiosk, asked.branch, _now_ms())
        branch_media.follow(connection, kiosk, asked.branch, _now_ms())
        code = codes.expect(connection, kiosk, asked.branch, asked.touchpoint, stage, _now_ms())
        stage_again(connection, asked.branch, asked.touchpoint, stage)
        toml = KIOSK_TOML.format(
            kiosk=kiosk,
            branch=asked.branch,
            touchpoint=asked.touchpoint,
            name=_quoted(name),
            url=_quoted(asked.url),
            fingerprint=keys.fingerprint,
            sealing=keys.public.sealing.hex(),
        )
        if asked.write:
            # Inside the transaction: a file that cannot be written leaves no kiosk expected.
            _write(asked.write, toml)
    print(f"Enrolment code for {kiosk}, good for 7 days and one kiosk: {code}")
    print(f"Wrote {asked.write}." if asked.write else f"\n{toml}", end="\n" if asked.write else "")


def _survey(asked: argparse.Namespace) -> None:
    from central.fleet.publishing import publish_survey
    from central.store.database import open_store, writing
    from feedback import surveys

    survey = surveys.load(asked.file)
    body = asked.file.read_bytes()
    with writing(open_store(asked.data)) as connection:
        is_new = publish_survey(connection, survey, body, str(asked.file), _now_ms())
    print(f"{'Published' if is_new else 'Already published:'} survey {survey.id}, version {survey.version}.")


def _settings(asked: argparse.Namespace) -> None:
    from central.fleet import branch_settings
    from central.ingest.judging import judge_again
    from central.store.database import open_store, reading, writing

    branch, file = asked.branch, asked.file
    if (file is None) is not asked.show:
        raise UsageError(
            f"settings {branch}: expected a file to publish, or --show to print what is published"
        )
    store = open_store(asked.data)
    if asked.show:
        with reading(store) as connection:
            print(branch_settings.show(connection, branch))
        return
    raw = _read(file)
    with writing(store) as connection:
        before = branch_settings.version_of(connection, branch)
        version, since = branch_settings.publish(connection, branch, raw, str(file), _now_ms())
        # In the same transaction: whoever reads the counts sees the old hours or the new, never half of each.
        changed = 0 if since is None else judge_again(connection, branch, since)
    said = "Already published:" if version == before else "Published"
    print(
        f"{said} settings of branch {branch}, version {version}. Stored answers judged otherwise: {changed}."
    )


def _media(asked: argparse.Namespace) -> None:
    from central.fleet import branch_media
    from central.store.database import open_store, reading, writing

    branch, name, file = asked.branch, asked.name, asked.file
    meant = (file is not None, asked.remove, asked.show)
    if meant.count(True) != 1 or (name is None) is not asked.show:
        raise UsageError(f"media {branch}: expected NAME FILE to publish, NAME --remove, or --show")
    store = open_store(asked.data)
    if asked.show:
        with reading(store) as connection:
            lines = branch_media.show(connection, branch)
        print("\n".join(lines) or f"Branch {branch} has no pictures and no sounds.")
        return
    content = _read(file, "a PNG, JPEG or WAV file") if file else b""
    with writing(store) as connection:
        if asked.remove:
            version: int | None = branch_media.remove(connection, branch, name, _now_ms())
        else:
            version = branch_media.publish(connection, branch, name, content, str(file), _now_ms())
    said = "Already published:" if version is None else "Removed" if asked.remove else "Published"
    print(
        f"{said} {name} of branch {branch}."
        + ("" if version is None else f" Its media are at version {version}.")
    )


def _serve(asked: argparse.Namespace) -> None:
    from central.app import create_app, store_of
    from central.ingest.rebuilding import renew
    from central.serving import LOGS, address, listening, run

    if not 0 <= asked.port <= 65_535:
        raise UsageError(f"--port {asked.port}: expected a number from 0 to 65535")
    app = create_app(asked.data)
    for sentence in more.key_notes(asked.data):
        logging.config.dictConfig(LOGS)
        log.warning("%s", sentence)
    # Before anybody is listened to: a request that waited for it would be dated by the end of the wait.
    if rebuilt := renew(store_of(app)):
        logging.config.dictConfig(LOGS)
        log.info("The rules have changed. %s.", rebuilt)
    with listening(asked.host, asked.port) as door:
        # Printed once somebody who knocks is heard: scripts wait for this line.
        print(f"serving on {address(door)}", flush=True)
        run(app, door)


def _import(asked: argparse.Namespace) -> None:
    from central.keys import load_keys
    from central.stick.importing import Importer
    from central.store import generations
    from central.store.database import open_store

    store = open_store(asked.data)
    keys = load_keys(asked.data)
    mark, _ = generations.begun(store, asked.data, _now_ms)
    failed = 0
    for outcome in Importer(store, keys, mark, _now_ms, asked.answers).run(asked.paths):
        print(outcome.sentence, flush=True)
        failed += not outcome.done
    store.dispose()
    if failed:
        raise UsageError(f"{failed} {'file' if failed == 1 else 'files'} could not be dealt with; see above")


def _rebuild(asked: argparse.Namespace) -> None:
    from central.ingest.rebuilding import renew
    from central.store.database import open_store

    print(f"{renew(open_store(asked.data), anyway=True)}.")


def _check_name(which: str, name: str) -> None:
    if not NAME.fullmatch(name):
        raise UsageError(
            f"{which} {name}: expected 1 to 40 small letters, digits, dots, dashes or underscores"
        )


def _check_zone(zone: str) -> None:
    try:
        ZoneInfo(zone)
    except (KeyError, ValueError, OSError):
        raise UsageError(f"--zone {zone}: expected a time zone's name, such as Asia/Baku") from None


def _read(path: Path, expected: str = "a settings document") -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path}: cannot be read ({error.strerror}); expected {expected}") from None


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text)
    except OSError as error:
        raise UsageError(
            f"{path}: cannot be written ({error.strerror}); name a file this user may write"
        ) from None


def _quoted(text: str) -> str:
    """*text* as a TOML string."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _now_ms() -> int:
    return time.time_ns() // 1_000_000


if __name__ == "__main__":
    sys.exit(main())
