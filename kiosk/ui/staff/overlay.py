"""The staff's screens before the customers': a corner that is held, the PIN pad, the day."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kivy.clock import Clock
from kivy.input import MotionEvent
from kivy.uix.widget import Widget

from kiosk.panel import KEY_MM
from kiosk.staff import View
from kiosk.staff_desk import StaffDesk
from kiosk.texts import staff_texts
from kiosk.texts.staff_texts import StaffTexts
from kiosk.ui.app import Worn
from kiosk.ui.staff.day import Shown, StaffDay
from kiosk.ui.staff.pad import CLOSE, Pad
from kiosk.ui.staff.places import ERASE, OPEN, Key
from kiosk.ui.staff.said import StaffSheet, said


class StaffOverlay(Widget):
    """
    Lies over the customers' screens and lets every touch through while no staff are there.

    Args:
        desk: The staff's side of the kiosk.
        worn: Layout, theme and language, asked as staff come.
        branch: The branch's id, for whoever is to set a PIN.
        save: Saves a picture of the screen as it is; its name, or nothing if it could not be written.
    """

    def __init__(
        self,
        desk: StaffDesk[StaffSheet],
        worn: Worn,
        branch: str,
        save: Callable[[StaffSheet], str],
        **properties: Any,
    ) -> None:
        super().__init__(size_hint=(None, None), **properties)
        self._desk, self._worn, self._branch, self._save = desk, worn, branch, save
        self._shown: Pad | StaffDay | None = None
        self._texts: StaffTexts = staff_texts.load("en")
        self._by_phone = False
        self._note = ""
        self._resting: Any = None
        self._due: Any = None
        desk.watchers.append(self._changed)

    @property
    def is_open(self) -> bool:
        """Whether staff are there."""
        return self._desk.staff.view is not View.CLOSED

    @property
    def shown(self) -> Pad | StaffDay | None:
        """What staff see."""
        return self._shown

    def on_touch_down(self, touch: MotionEvent) -> bool:
        """Staff's own while they are there; else only watched for a finger that rests on the corner."""
        if touch.button not in (None, "left"):
            return self.is_open
        if not self.is_open:
            if self._on_corner(touch):
                self._resting = touch.uid
                self._desk.rest()
            return False
        self._touched(touch)
        return True

    def on_touch_move(self, touch: MotionEvent) -> bool:
        """A finger that slides off the corner is no hold."""
        if touch.uid == self._resting and not self._on_corner(touch):
            self._lift()
        return self.is_open

    def on_touch_up(self, touch: MotionEvent) -> bool:
        """Lifted."""
        if touch.uid == self._resting:
            self._lift()
        return self.is_open

    def close(self) -> None:
        """A customer pressed a button: nobody's press waits for staff."""
        self._desk.close()

    def _lift(self) -> None:
        self._resting = None
        self._desk.lift()

    def _on_corner(self, touch: MotionEvent) -> bool:
        """The upper corner at the end of the line, where nothing else can be touched."""
        layout, _, _ = self._worn()
        wide, high = layout.panel.across(KEY_MM), layout.panel.down(KEY_MM)
        x, y = touch.x, layout.height - touch.y
        return y < high and (x < wide if layout.mirrored else x >= layout.width - wide)

    def _touched(self, touch: MotionEvent) -> None:
        shown = self._shown
        if shown is None:
            return
        x, y = touch.x, shown.layout.height - touch.y
        if isinstance(shown, Pad):
            self._pad_touched(shown.sign_at(x, y))
        else:
            self._day_touched(shown.key_at(x, y))

    def _pad_touched(self, sign: str | None) -> None:
        desk = self._desk
        if sign is None:
            desk.touch()
        elif sign == CLOSE:
            desk.close()
        elif sign == ERASE:
            desk.erase()
        elif sign == OPEN:
            desk.enter()
        else:
            desk.type(sign)

    def _day_touched(self, key: Key | None) -> None:
        self._note = ""
        if key is Key.CLOSE:
            self._desk.close()
            return
        if key in {Key.EARLIER, Key.LATER}:
            self._by_phone = False
            self._desk.leaf(1 if key is Key.EARLIER else -1)
            return
        if key is Key.BY_PHONE:
            self._by_phone = not self._by_phone
        if key is Key.SAVE:
            name = self._save(self._desk.day) if self._desk.day else ""
            self._note = self._texts.saved.format(name=name) if name else self._texts.not_saved
        self._desk.touch()
        self._render()

    def _changed(self) -> None:
        self._wait()
        self._render()

    def _render(self) -> None:
        view = self._desk.staff.view
        if view is View.CLOSED:
            self._put(None)
            self._by_phone, self._note = False, ""
        elif view is View.DAY:
            self._render_day()
        else:
            layout, theme, language = self._worn()
            self._texts = staff_texts.load(language)
            if not isinstance(self._shown, Pad):
                self._put(Pad(layout, theme, self._branch))
            now_ms = self._desk.clock.moment().boot_ms
            if isinstance(self._shown, Pad):
                self._shown.show(self._desk.staff, now_ms, self._texts)

    def _render_day(self) -> None:
        layout, theme, language = self._worn()
        self._texts = staff_texts.load(language)
        if not isinstance(self._shown, StaffDay):
            self._put(StaffDay(layout, theme))
        day = self._desk.day
        address = day.by_phone if day is not None else ""
        shown = Shown(
            said=None if day is None else said(day, self._texts),
            trouble=day is None and bool(self._desk.trouble),
            by_phone=address if self._by_phone else "",
            can_go_by_phone=bool(address),
            can_go_later=self._desk.staff.days_back > 0,
            note=self._note,
        )
        if isinstance(self._shown, StaffDay):
            self._shown.show(shown, self._texts)

    def _put(self, board: Pad | StaffDay | None) -> None:
        self.clear_widgets()
        self._shown = board
        if board is not None:
            self.size = board.size
            self.add_widget(board)

    def _wait(self) -> None:
        """One clock event for the staff's own deadline; none while only a finger can change anything."""
        if self._due is not None:
            self._due.cancel()
            self._due = None
        due_ms = self._desk.staff.due_ms
        if due_ms is not None:
            left_ms = due_ms - self._desk.clock.moment().boot_ms
            self._due = Clock.schedule_once(self._came_due, max(0, left_ms) / 1000)

    def _came_due(self, _: float) -> None:
        before = self._desk.staff
        self._desk.tick()
        if self._desk.staff is before:
            self._wait()
