"""The kiosk as it stands before customers: window, buttons, lamps, reception and recorder, joined."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from gpiozero.pins import Factory

from feedback import surveys
from feedback.answers import Anchor, Place
from feedback.errors import StoreError
from feedback.surveys import Survey
from kiosk import documents, media
from kiosk.arrivals import SURVEY, Arrivals
from kiosk.branch import BranchFile
from kiosk.by_phone import links
from kiosk.clock import Clock
from kiosk.hardware import pins
from kiosk.hardware.buttons import Buttons
from kiosk.hardware.buzzer import Buzzer
from kiosk.hardware.lamps import Lamps
from kiosk.hardware.speech import SpeechKey, Voice
from kiosk.lookout import Lookout
from kiosk.reception import Reception, Standing
from kiosk.renewal import Renewal
from kiosk.settings import Settings
from kiosk.speech import Narrator
from kiosk.staffing import Staffing
from kiosk.storage.link import read_anchors, read_link
from kiosk.storage.opening import open_recorder
from kiosk.storage.reading import AnswersReader
from kiosk.storage.recorder import Recorder
from kiosk.visit import Screen, Visit
from kiosk.watchdog import Watchdog
from kiosk.written import Writing

if TYPE_CHECKING:
    from kiosk.ui.app import KioskApp

log = logging.getLogger(__name__)

OUT_OF_ORDER_S = 5.0
"""How long the screen says that it is out of order before the process ends and is started again."""


@dataclass(frozen=True)
class Front:
    """
    One kiosk, ready for its first customer.

    Attributes:
        reception: Takes presses.
        recorder: Stores them.
        app: The window; ``app.run()`` shows it until the kiosk is switched off.
        buttons: Below the screen.
        lamps: Beside them.
        buzzer: Sounds at every press.
        factory: The pins they are on.
        renewal: Ends the screen when a new store is to begin.
        lookout: Tells the reception of the branch's hours and settings.
        arrivals: Shows a new survey between two visits.
        staffing: What branch staff see behind their PIN.
        speech_key: Asks for speech.
        voice: Says what is to be said; None: nobody can ask for it.
    """

    reception: Reception
    recorder: Recorder
    app: KioskApp
    buttons: Buttons
    lamps: Lamps
    buzzer: Buzzer
    factory: Factory
    renewal: Renewal
    lookout: Lookout
    arrivals: Arrivals
    staffing: Staffing
    speech_key: SpeechKey
    voice: Voice | None

    @property
    def starts_again(self) -> bool:
        """Whether the process is to be started again: it is out of order, or a new store is to begin."""
        return self.reception.trouble is not None or self.renewal.done

    def run(self) -> None:
        """
        Shows the kiosk until it is switched off; then everything put is stored and the pins are let go.

        A kiosk that is out of order says so for a moment and ends, to be started again: only a new start
        verifies what is on the card.
        """
        self.reception.watchers.append(self._end_when_out_of_order)
        self.app.run()
        self.close()

    def close(self) -> None:
        """Lets everything go; what was put is stored first."""
        self.renewal.stop()
        self.lookout.stop()
        self.arrivals.stop()
        self.staffing.close()
        self.recorder.stop()
        self.buttons.close()
        self.lamps.close()
        self.buzzer.close()
        self.speech_key.close()
        if self.voice is not None:
            self.voice.hush()

    def _end_when_out_of_order(self, visit: Visit) -> None:
        if visit.screen is Screen.OUT_OF_ORDER:
            log.error("out of order: %s", self.reception.trouble)
            ending = threading.Timer(OUT_OF_ORDER_S, self.app.stop_soon)
            ending.daemon = True
            ending.start()


def open_front(
    settings: Settings, clock: Clock, *, closable: bool = False, inputs: Path = Path("/dev/input")
) -> Front:
    """
    The kiosk that *settings* describe, with its window open; *inputs*: where its touch panel's device is.

    Raises:
        SettingsError: The pins are not as the settings say.
        StoreError: The answers cannot be written.
    """
    recorder = open_recorder(
        settings,
        clock,
        # Also when nobody presses: a card that fails at night is known before the first customer comes.
        broke=lambda error: reception.break_down(error),  # noqa: PLW0108  it exists only a few lines below
    )
    soon = _prepared_window(settings)
    reception = Reception(standing(settings), recorder, clock, soon)
    branch = BranchFile(settings)
    reception.link_of = links(settings, lambda: recorder.store)
    writing = Writing(settings, settings.screen.panel)
    reception.kinds_of, reception.seal = writing.kinds, writing.seal
    lookout = Lookout(reception, clock, branch.now, lambda: _anchors_of_this_boot(settings, clock))
    factory = pins.factory(settings.pins.factory)
    lamps = Lamps(settings.lamps, factory)
    lamps.show(reception.screen)
    reception.watchers.append(lambda _: lamps.show(reception.screen))
    buzzer = Buzzer(settings.buzzer, factory)
    reception.accepted.append(lambda *_: buzzer.sound() if reception.outlook.sound else None)
    speech_key = SpeechKey(settings.speech_key, reception.speech, factory)
    voice = Voice() if settings.is_spoken else None
    if voice is not None:
        reception.watchers.append(Narrator(reception, voice.say, by_buttons=bool(settings.buttons)).tell)
    buttons = Buttons(settings.buttons, reception.press, factory, reception.held)
    staffing = Staffing(settings, clock, soon, branch)
    # Nobody's press waits for staff: a button below the screen closes what they look at.
    reception.accepted.append(lambda *_: staffing.desk.close())
    # Kivy opens the window when it is imported, so not before the window has been prepared.
    from kiosk.ui.app import KioskApp  # noqa: PLC0415
    from kiosk.ui.staff.overlay import StaffOverlay  # noqa: PLC0415
    from kiosk.ui.staff.saving import save_day  # noqa: PLC0415

    watchdog = Watchdog()
    app = KioskApp(
        reception,
        settings.kiosk.name,
        settings.kiosk.organisation,
        settings.screen.theme,
        panel=settings.screen.panel,
        faces_stay=bool(settings.buttons),
        kiosk_id=settings.kiosk.id,
        answers_are_safe=lambda: _readable(settings.answers_db),
        support=settings.support,
        closable=closable,
        over=lambda worn: StaffOverlay(
            staffing.desk, worn, settings.kiosk.branch, lambda day: save_day(settings.pictures, day)
        ),
        inputs=inputs,
        every_second=lambda: _beat(watchdog, recorder, reception),
        plugged=reception.speech if settings.headphone else _nothing,
        logo=media.logo(settings),
    )
    renewal = Renewal(
        reception, lambda: read_link(settings.sync_db).progress(recorder.store).new_store, app.stop
    )
    arrivals = Arrivals(settings, reception, app.renew, app.show_logo)
    return Front(
        reception,
        recorder,
        app,
        buttons,
        lamps,
        buzzer,
        factory,
        renewal,
        lookout,
        arrivals,
        staffing,
        speech_key,
        voice,
    )


def standing(settings: Settings) -> Standing:
    """Where this kiosk stands, and what it asks there."""
    return Standing(Place(settings.kiosk.branch, settings.kiosk.touchpoint), current_survey(settings))


def current_survey(settings: Settings) -> Survey:
    """
    The newest survey of central's that this kiosk has; the shipped one until there is one.

    A file that is spoiled must not leave the branch with a dark screen: the shipped question is asked and the log says
    why.
    """
    found = documents.newest(settings, SURVEY, surveys.parse)
    return found[1] if found else surveys.load(documents.SHIPPED_SURVEY)


def _beat(watchdog: Watchdog, recorder: Recorder, reception: Reception) -> None:
    """The screen has been drawn; the rest of the kiosk is well only if presses are stored."""
    if recorder.is_alive and reception.trouble is None:
        watchdog.beat("customers are welcome")


def _nothing() -> None:
    pass


def _prepared_window(settings: Settings) -> Callable[[Callable[[], None]], None]:
    from kiosk.ui.window import prepare_window, soon  # noqa: PLC0415  as above

    screen = settings.screen
    if os.environ.get("SDL_VIDEODRIVER") == "offscreen":
        screen = replace(screen, fullscreen=False)  # a full screen that is nowhere is 1024x768
    prepare_window(screen, settings.answers_folder / "window")
    return soon


def _anchors_of_this_boot(settings: Settings, clock: Clock) -> list[Anchor]:
    """What the agent has learned of the time, or what the clock chip was believed to know."""
    boot = clock.moment().boot
    told = [anchor for anchor in read_anchors(settings.sync_db) if anchor.boot == boot]
    return told or [anchor for anchor in AnswersReader(settings.answers_db).anchors() if anchor.boot == boot]


def _readable(answers_db: Path) -> bool:
    """Whether what was stored can be read back now: only then may the screen say that it is safe."""
    try:
        AnswersReader(answers_db).last_seq()
    except StoreError:
        return False
    return True
