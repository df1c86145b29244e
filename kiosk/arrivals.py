"""Documents that arrive while the kiosk runs: shown between two visits, and kept where nobody else can spoil them."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from feedback import settings_document, surveys
from feedback.errors import AfterwordError, DocumentError
from feedback.surveys import Survey
from feedback.wire import encode_document
from kiosk import documents, media
from kiosk.reception import Reception
from kiosk.renewal import QUIET_MS, is_between_visits
from kiosk.settings import Settings
from kiosk.sync.files import replace_file

LOOK_S = 5.0
"""How often it looks whether a file is another: no file is read for that."""
SURVEY = "survey"
FOLLOWED: Mapping[str, Callable[[bytes, str], Any]] = {
    SURVEY: surveys.parse,
    "settings": settings_document.parse,
}
"""What the screen follows, and how each is read."""
MODE = 0o640

log = logging.getLogger(__name__)


class Arrivals:
    """
    Looks, in a thread of its own, for documents newer than those followed.

    A visit goes on with the survey it began with; the next customer is asked the new one.

    Args:
        renew: Draws the screen as the reception is now, in the thread in which visits change.
        show_logo: Shows a logo, in the same thread.
    """

    def __init__(
        self,
        settings: Settings,
        reception: Reception,
        renew: Callable[[], None],
        show_logo: Callable[[bytes], None] = lambda _: None,
        *,
        look_s: float = LOOK_S,
        quiet_ms: int = QUIET_MS,
    ) -> None:
        self._settings = settings
        self._reception = reception
        self._renew = renew
        self._show_logo = show_logo
        self._quiet_ms = quiet_ms
        self._look_s = look_s
        self._seen: dict[str, tuple[int, int, int]] = {}
        self._newest: Survey | None = None
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="arrivals", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Look no more."""
        self._stopping.set()
        self._thread.join(1.0)

    def _run(self) -> None:
        while True:
            for name in FOLLOWED:
                self._look(name)
            self._look_at_logo()
            if self._newest is not None and self._newest != self._reception.standing.survey:
                self._reception.later(self._show_between_visits)
            if self._stopping.wait(self._look_s):
                return

    def _look(self, name: str) -> None:
        seen = documents.seen(documents.file_of(self._settings.documents, name))
        if seen == self._seen.get(name):
            return
        self._seen[name] = seen
        keep(self._settings, name)
        if name == SURVEY:
            found = documents.newest(self._settings, SURVEY, surveys.parse)
            self._newest = found[1] if found else None

    def _look_at_logo(self) -> None:
        """The files lie there before the list that names them: another list is all there is to wait for."""
        seen = documents.seen(documents.file_of(self._settings.documents, media.NAME))
        if seen == self._seen.get(media.NAME):
            return
        self._seen[media.NAME] = seen
        content = media.logo(self._settings)
        self._reception.later(lambda: self._show_logo(content))

    def _show_between_visits(self) -> None:
        """In the thread in which visits change: no press comes between the look and the change."""
        survey, standing = self._newest, self._reception.standing
        if survey is None or survey == standing.survey:
            return
        if is_between_visits(self._reception, self._quiet_ms):
            self._reception.standing = replace(standing, survey=survey)
            log.info("asking version %d of survey %s from now on", survey.version, survey.id)
            self._renew()


def keep(settings: Settings, name: str) -> None:
    """
    Keep a copy of the document *name* in the screen's own folder, if it is central's, can be followed and is newer.

    So the last good one stays, whatever becomes of the agent's file, and an older one never takes its place.
    """
    is_trusted, own = documents.trusted(settings), documents.own_folder(settings)
    try:
        new = documents.opened(settings.documents, name, is_trusted)
        if new is None:
            return
        FOLLOWED[name](new.body, str(documents.file_of(settings.documents, name)))
    except AfterwordError as error:
        log.warning("%s; the last good one stays", error)
        return
    try:
        held = documents.opened(own, name, is_trusted)
    except DocumentError as error:
        log.warning("%s; it is written anew", error)
        held = None
    if held is not None and held.version >= new.version:
        return
    try:
        replace_file(documents.file_of(own, name), encode_document(new), MODE)
    except OSError as error:
        log.warning("the %s is followed and no copy of it can be kept: %s", name, error.strerror)
