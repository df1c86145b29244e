"""Out of service: said plainly, with one line for staff."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kivy.properties import StringProperty

from kiosk import texts
from kiosk.reception import Reception
from kiosk.ui.lettering import Lettering
from kiosk.ui.screen import CustomerScreen, rules
from kiosk.ui.signs import Pause
from kiosk.ui.two_tone import TwoTone

__all__ = ["Lettering", "OutOfOrder", "Pause", "TwoTone"]  # the .kv file finds them once imported

rules(__file__)


class OutOfOrder(CustomerScreen):
    """
    What customers see while nothing can be stored.

    Attributes:
        for_staff: Whom the line below the rule is for.
        staff_line: Which kiosk, why, what is known of the stored answers, and whom to call; in the branch's language.
    """

    for_staff = StringProperty("")
    staff_line = StringProperty("")

    def __init__(
        self,
        reception: Reception,
        kiosk_id: str,
        answers_are_safe: Callable[[], bool],
        support: str = "",
        **properties: Any,
    ) -> None:
        self._kiosk_id = kiosk_id
        self._support = support
        self._answers_are_safe = answers_are_safe
        super().__init__(reception, **properties)

    def shown(self, reception: Reception) -> dict[str, Any]:
        """The visit, and the line for staff."""
        words = texts.load(reception.standing.survey.default_language)
        parts = [self._kiosk_id] if self._kiosk_id else []
        if reception.trouble is not None:
            parts.append(words.cannot_store)
        if self._answers_are_safe():
            parts.append(words.stored_answers_are_safe)
        if self._support:
            # Before what may be cut off where a line is long.
            parts.insert(1 if self._kiosk_id else 0, self._support)
        return {
            **super().shown(reception),
            "for_staff": words.for_staff if parts else "",
            "staff_line": " \u00a0·\u00a0 ".join(parts),
        }
