"""What each verb of ``kiosk`` does. Each gives back its exit code, or leaves by ``leave`` (see ``kiosk.storage``)."""

from __future__ import annotations

import argparse
import json
import logging
import sys
import threading
from pathlib import Path
from typing import NoReturn
from zoneinfo import ZoneInfo

from feedback.errors import SettingsError
from feedback.timeline import slot
from kiosk import settings as settings_file
from kiosk import sheet as sheets
from kiosk import status as statuses
from kiosk.clock import KernelClock
from kiosk.ending import Ending
from kiosk.storage.checkup import Verdict, checkup
from kiosk.storage.closed import stores
from kiosk.storage.database import leave
from kiosk.storage.export import export_csv, export_json
from kiosk.storage.machine import MACHINE
from kiosk.storage.prepare import prepare_answers
from kiosk.storage.reading import AnswersReader
from kiosk.watchdog import Watchdog

log = logging.getLogger(__name__)

FAILED = 1
"""Exit code of a process that is to be started again, on a failed disk or for a new store, and of a failed check."""


def prepare(options: argparse.Namespace) -> int:
    """Makes or checks the database of one process."""
    settings = settings_file.load(options.config)
    if options.own == "answers":
        prepared = prepare_answers(settings, MACHINE)
        for note in prepared.notes:
            log.warning("%s", note)
        _keep_screen_pins(settings)
        print(f"answers: ready, {prepared.last_seq} stored")
    else:
        _prepare_sync(settings)
    leave()


def _keep_screen_pins(settings: settings_file.Settings) -> None:
    """The screen's own pins follow central's keys at each start, before anybody else could choose them."""
    from kiosk.pinned import MODE, screen_pinned_path, screen_pins, written
    from kiosk.sync.files import replace_file

    pins, path = screen_pins(settings), screen_pinned_path(settings)
    if pins is None or (path.exists() and path.read_bytes() == written(pins)):
        return
    try:
        replace_file(path, written(pins), MODE)
    except OSError as error:
        log.warning("%s cannot be written (%s): at the next start", path, error.strerror)


def _prepare_sync(settings: settings_file.Settings) -> None:
    from kiosk.storage.link import prepare_link

    link, note = prepare_link(settings.sync_db)
    if note:
        log.warning("%s", note)
    print(f"sync: ready, {sum(progress.cursor for progress in link.stores)} handed over")


def ui(options: argparse.Namespace) -> int:
    """The screen and the buttons, until the kiosk is switched off."""
    from kiosk.front import open_front

    front = open_front(settings_file.load(options.config), KernelClock())
    front.run()
    leave(FAILED if front.starts_again else 0)


def sync(options: argparse.Namespace) -> int:
    """The agent, until it is told to stop."""
    from kiosk.sync import agent

    stop = threading.Event()
    ending = Ending(stop.set)
    splay_ms = None if options.splay is None else 1_000 * options.splay
    settings = settings_file.load(options.config)
    try:
        agent.serve(settings, KernelClock(), stop, Watchdog().beat, splay_ms=splay_ms)
    finally:
        ending.close()
    return 0


def enrol(options: argparse.Namespace) -> int:
    """Gets this kiosk its identity from central."""
    from kiosk.sync import enrolment

    if options.stick is not None:
        _enrol_by_stick(options)
    enrolled = enrolment.enrol(settings_file.load(options.config), options.code)
    if enrolled.without_secret:
        log.warning("%s", enrolled.without_secret)
    if enrolled.pending:
        print("enrolment is waiting for somebody at central to agree: run the same command again later")
    else:
        print(f"enrolled: kiosk {enrolled.kiosk} at {enrolled.touchpoint} of branch {enrolled.branch}")
    return 0


def status(options: argparse.Namespace) -> int:
    """What is stored, what is waiting, what still fits, what central last said, what happened to the files."""
    settings = settings_file.load(options.config)
    found = statuses.status(settings, KernelClock())
    if options.json:
        print(json.dumps(statuses.as_json(found)))
    else:
        print("\n".join(statuses.sentences(found)))
    return 0


def doctor(options: argparse.Namespace) -> int:
    """Checks the kiosk's files, one line for each check; 1 if one of them failed."""
    from kiosk.screen_check import screen_checks

    settings = settings_file.load(options.config)
    checks = [*checkup(settings), *screen_checks(settings)]
    for check in checks:
        print(f"{check.verdict.value:<8} {check.name}: {check.sentence}")
    return FAILED if any(check.verdict is Verdict.FAILURE for check in checks) else 0


def export(options: argparse.Namespace) -> int:
    """Every answer on this kiosk, a line each, to standard output; or what central has not, sealed, to a stick."""
    if options.stick is not None:
        _with_stick(options, options.stick, take=False, export=True)
    settings = settings_file.load(options.config)
    write = export_csv if options.csv else export_json
    # The csv module ends its lines itself.
    with open(sys.stdout.fileno(), "w", newline="", encoding="utf-8", closefd=False) as out:
        count = write(stores(settings.answers_folder), out)
    log.info("%d answers", count)
    return 0


def take(options: argparse.Namespace) -> int:
    """Takes what central answered from a stick."""
    return _with_stick(options, options.stick, take=True, export=False)


def stick(options: argparse.Namespace) -> int:
    """Both, as a kiosk does by itself with a stick that carries its label."""
    return _with_stick(options, options.folder, take=True, export=True)


def _enrol_by_stick(options: argparse.Namespace) -> NoReturn:
    from feedback.sticks import StickFolder
    from kiosk.sync import stick_enrolment

    settings = settings_file.load(options.config)
    with StickFolder(options.stick) as folder:
        for sentence in stick_enrolment.ask(settings, options.code, folder):
            print(sentence)
    leave()


def _with_stick(options: argparse.Namespace, folder: Path, *, take: bool, export: bool) -> NoReturn:
    from kiosk.sync import stick

    settings = settings_file.load(options.config)
    for line in stick.run(settings, KernelClock(), folder, take=take, export=export):
        print(line, flush=True)
    leave()


def summary(options: argparse.Namespace) -> int:
    """What was pressed in a day, and its score: as staff may see it, or exactly."""
    day = None if options.date is None else sheets.day_named(options.date)
    settings = settings_file.load(options.config)
    found = sheets.sheet(settings, KernelClock(), day, exact=options.all)
    if options.json:
        print(json.dumps(sheets.as_json(found), ensure_ascii=False))
    else:
        print("\n".join(sheets.sentences(found)))
    return 0


def demo(options: argparse.Namespace) -> int:
    """The same kiosk, played from a script; or earlier days recorded, as fast as the disk can take them."""
    settings = settings_file.load(options.config)
    if options.earlier_days is not None:
        _record_earlier_days(settings, options.earlier_days, options.zone)
        leave()
    from kiosk.demo import live
    from kiosk.front import open_front

    front = open_front(settings, KernelClock(), closable=options.closable)
    live.run(front, options.pictures)
    leave(FAILED if front.starts_again else 0)


def _record_earlier_days(settings: settings_file.Settings, days: int, zone: str) -> None:
    from kiosk.demo.earlier import EarlierDays
    from kiosk.demo.live import say_thanked
    from kiosk.front import standing

    branch_zone = _zone(zone)
    store = AnswersReader(settings.answers_db).store_id()
    now_ms = KernelClock().moment().wall_ms
    earlier = EarlierDays(standing(settings), settings.answers_db, branch_zone)
    earlier.thanked.append(lambda answers: say_thanked(store, answers))
    today = slot(now_ms, branch_zone).day
    for day in range(today - days, today + 1):
        pressed = earlier.record(day, now_ms)
        print(f"day {day - today + days} of {days}: {pressed} presses", flush=True)


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise SettingsError(f"--zone {name}: expected a time zone such as Asia/Baku") from None
