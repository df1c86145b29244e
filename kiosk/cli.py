"""The ``kiosk`` command: joins the parts, prints for people, and is the only place that ends the program."""

from __future__ import annotations

import argparse
import logging
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import kiosk
from feedback.errors import AfterwordError
from kiosk import commands

CONFIG = Path("/etc/afterword/kiosk.toml")
WRONG = 2
"""Exit code for what a person can put right: one sentence was said, and nothing was changed."""

CUT_SHORT, STOPPED = 141, 130
"""As a shell says it of a program that a closed pipe or Ctrl-C has ended."""


def main(words: Sequence[str] | None = None) -> int:
    """Runs one command. Returns its exit code: 0 done, 2 a plain sentence says what to put right."""
    options = _parser().parse_args(words)
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    try:
        code: int = options.run(options)
    except AfterwordError as error:
        print(f"kiosk: {error}", file=sys.stderr)
        return WRONG
    except BrokenPipeError:
        # Whoever read what is printed has had enough. What is still to be flushed must not raise again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return CUT_SHORT
    except KeyboardInterrupt:
        return STOPPED
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="kiosk", description="A customer-feedback kiosk: it records presses, and sends them when it can."
    )
    parser.add_argument("--config", type=Path, default=CONFIG, help=f"the kiosk's settings ({CONFIG})")
    parser.add_argument("--version", action="version", version=f"afterword {kiosk.VERSION}")
    verbs = parser.add_subparsers(required=True, metavar="COMMAND")

    prepare = verbs.add_parser("prepare", help="make or check the database of one process")
    prepare.add_argument(
        "--own", choices=("answers", "sync"), required=True, help="whose: the screen's or the agent's"
    )
    prepare.set_defaults(run=commands.prepare)

    verbs.add_parser("ui", help="the screen and the buttons").set_defaults(run=commands.ui)

    sync = verbs.add_parser("sync", help="the agent that sends answers when a network is there")
    sync.add_argument("--splay", type=int, metavar="SECONDS", help="wait up to this long after a start (120)")
    sync.set_defaults(run=commands.sync)

    enrol = verbs.add_parser("enrol", help="get this kiosk's identity from central")
    enrol.add_argument("code", help="the enrolment code that central printed")
    enrol.add_argument(
        "--stick", type=Path, metavar="FOLDER", help="with no network: put the request on the stick there"
    )
    enrol.set_defaults(run=commands.enrol)

    status = verbs.add_parser("status", help="what is stored, what is waiting, what central last said")
    status.add_argument("--json", action="store_true", help="for programs")
    status.set_defaults(run=commands.status)

    doctor = verbs.add_parser(
        "doctor", help="check this kiosk's files, a line for each check, with what to do"
    )
    doctor.set_defaults(run=commands.doctor)

    export = verbs.add_parser(
        "export",
        help="every answer on this kiosk, a line each, to standard output; or to a stick, for central",
    )
    form = export.add_mutually_exclusive_group(required=True)
    form.add_argument("--csv", action="store_true", help="as CSV with a line of names")
    form.add_argument("--json", action="store_true", help="as a JSON object on each line")
    form.add_argument(
        "--stick", type=Path, metavar="FOLDER", help="what central has not, sealed to it, on the stick there"
    )
    export.set_defaults(run=commands.export)

    take = verbs.add_parser("import", help="take central's answers from a stick")
    take.add_argument("--stick", type=Path, required=True, metavar="FOLDER", help="where it is mounted")
    take.set_defaults(run=commands.take)

    stick = verbs.add_parser("stick", help="import from a stick, then export to it")
    stick.add_argument("folder", type=Path, help="where it is mounted")
    stick.set_defaults(run=commands.stick)

    summary = verbs.add_parser("summary", help="what was pressed in a day, and the score, for branch staff")
    summary.add_argument("--date", metavar="YYYY-MM-DD", help="another day than today")
    summary.add_argument("--json", action="store_true", help="for programs")
    summary.add_argument(
        "--all", action="store_true", help="for technicians: exact, and without --date of every day"
    )
    summary.set_defaults(run=commands.summary)

    demo = verbs.add_parser("demo", help="the same kiosk, played from a script on standard input")
    demo.add_argument("--earlier-days", type=int, metavar="DAYS", help="record so many earlier days, and end")
    demo.add_argument("--zone", default="UTC", help="the branch's time zone, for earlier days")
    demo.add_argument("--pictures", type=Path, default=Path("build/pictures"), help="where pictures go")
    demo.add_argument("--closable", action="store_true", help="the window may be closed, and that ends it")
    demo.set_defaults(run=commands.demo)
    return parser


if __name__ == "__main__":
    sys.exit(main())
