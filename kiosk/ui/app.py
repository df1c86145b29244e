"""The customer's screen as a Kivy app: joins a reception to the window. ``prepare_window`` comes first."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from kivy.app import App
from kivy.clock import Clock
from kivy.graphics import PopMatrix, PushMatrix, Translate
from kivy.uix.widget import Widget

from kiosk import texts
from kiosk.ending import Ending
from kiosk.idle import shift
from kiosk.panel import Panel, panel
from kiosk.reception import Reception
from kiosk.ui.glass import read_fingers
from kiosk.ui.inputs import DEVICES, Inputs
from kiosk.ui.layout import Layout, layout
from kiosk.ui.logo import texture
from kiosk.ui.screen import CustomerScreen
from kiosk.ui.stage import Stage
from kiosk.ui.theme import THEMES, Theme
from kiosk.ui.window import (
    BLIND_PER_SECOND,
    FRAMES_PER_SECOND,
    IDLE_PER_SECOND,
    needs_redraws,
    set_pace,
    soon,
)
from kiosk.visit import Screen, Visit

Worn = Callable[[], tuple[Layout, Theme, str]]
"""What the customers' screens wear now: layout, theme, language."""
HEARTBEAT_SECONDS = 1.0
RESTLESS_MS = 3_000
"""So long after a finger another one is likely."""
MOST_STAGES = 4
"""So many are kept: by day and by night, and as those who need another one wanted it last."""


def _nothing() -> None:
    pass


def _swallowed(*_: Any, **__: Any) -> bool:
    return True  # taken: Kivy goes no further


class KioskApp(App):
    """
    Shows *reception*'s visits and gives it what fingers do.

    Args:
        reception: What is shown; its ``later`` is ``kiosk.ui.window.soon``.
        branch_name: At the top of the screen.
        organisation: Before it.
        theme: ``paper``, ``night``, ``brand`` or ``high_contrast``.
        panel: The glass, with its millimetres; None: as glass of the window's pixels measures.
        faces_stay: The faces stand above their buttons, whatever the language.
        kiosk_id: For staff, when out of order.
        answers_are_safe: Asked when out of order: has somebody checked that what was stored is still there?
        every_second: Called once a second in the window's thread, once frames are drawn: a watchdog learns that the
            screen lives. Where it is drawn every second, only if it was.
        support: Whom staff call when it is out of order.
        over: Makes what lies over the customers' screens; asked what these wear now: layout, theme, language.
        closable: The window may be closed, and that ends the app: on a desk, never in a branch.
        inputs: Where the devices are that a finger moves.
        plugged: Called when a headphone is plugged in, from any thread.
        logo: The organisation's, shown in place of its name.
        redraws: Draws once a second though nothing has changed; None: where the window needs it.
    """

    title = "Afterword"
    use_kivy_settings = False

    def __init__(
        self,
        reception: Reception,
        branch_name: str,
        organisation: str = "",
        theme: str = "paper",
        *,
        panel: Panel | None = None,
        faces_stay: bool = False,
        kiosk_id: str = "",
        answers_are_safe: Callable[[], bool] = lambda: False,
        every_second: Callable[[], None] = _nothing,
        support: str = "",
        over: Callable[[Worn], Widget] | None = None,
        closable: bool = False,
        inputs: Path = DEVICES,
        plugged: Callable[[], None] = _nothing,
        logo: bytes = b"",
        redraws: bool | None = None,
    ) -> None:
        super().__init__()
        self._reception = reception
        self._branch_name = branch_name
        self._organisation = organisation
        self._theme = theme
        self._panel = panel
        self._faces_stay = faces_stay
        self._kiosk_id = kiosk_id
        self._answers_are_safe = answers_are_safe
        self._every_second = every_second
        self._support = support
        self._over = over(self._now_worn) if over else None
        self._due: Any = None
        self._stage: Stage | None = None
        self._stages: dict[tuple[Layout, str], Stage] = {}
        self._wearing = theme
        self._begun_ms = 0
        self._inputs = inputs
        self._plugged = plugged
        self._logo, self._drawn_logo = logo, texture(logo)
        self._watch: Inputs | None = None
        self._redraws = needs_redraws() if redraws is None else redraws
        self._ending: Ending | None = None
        self._frames = self._frames_told = 0
        # A keyboard plugged into a kiosk does nothing, and nobody closes its window.
        self._bound = {
            "on_keyboard": _swallowed,
            "on_key_down": _swallowed,
            "on_resize": self._resized,
            "on_flip": self._flipped,
        }
        if not closable:
            self._bound["on_request_close"] = _swallowed

    def build(self) -> Stage:
        """Make the screens, lock the window, follow the visits, begin to beat."""
        # Not in on_start: whoever binds that and returns something true would leave the screen dead.
        self._stage = self._staged()
        self._begun_ms = self._reception.clock.moment().boot_ms
        self._lock_window()
        read_fingers()
        self._watch = Inputs(self._woken, self._inputs, plugged=self._plugged)
        self._draw_off_screen()
        self._ending = Ending(self.stop_soon)
        self._reception.watchers.append(self._visit_changed)
        self._beat = Clock.schedule_interval(self._heartbeat, HEARTBEAT_SECONDS)
        self._wait(self._reception.visit)
        # Once the stage itself is in the window.
        Clock.schedule_once(self._lay_over, -1)
        return self._stage

    def renew(self) -> None:
        """Show the reception as it is now; to be called when its standing has changed, in the window's thread."""
        if self._stage is None:
            return
        is_other = not self._stages and self._reception.visit.screen is Screen.WELCOME
        if is_other or self._worn != self._wearing or self._stage.front.layout != self.layout:
            self._change()  # another language may be read from the other side
        self._stage.render()

    def show_logo(self, logo: bytes) -> None:
        """Show *logo* from the next welcome on; to be called in the window's thread."""
        if logo == self._logo:
            return
        self._logo, self._drawn_logo = logo, texture(logo)
        self._stages.clear()
        self.renew()

    def on_stop(self) -> None:
        """Let go; Kivy may call this twice."""
        if self._visit_changed in self._reception.watchers:
            self._reception.watchers.remove(self._visit_changed)
        self._beat.cancel()
        if self._watch is not None:
            self._watch.stop()
            self._watch = None
        self._unlock_window()
        if self._ending is not None:
            self._ending.close()
        if self._due is not None:
            self._due.cancel()

    @property
    def layout(self) -> Layout:
        """Where everything is on the screen now."""
        from kivy.core.window import Window

        return self._layout(Window.width, Window.height)

    def stop_soon(self) -> None:
        """End the app, from any thread."""
        soon(self.stop)

    def open_settings(self, *_: Any) -> bool:
        """F1 opens Kivy's own settings; not here."""
        return False

    def _layout(self, width: int, height: int) -> Layout:
        glass = self._panel.showing(width, height) if self._panel else panel(width, height)
        mirrored = texts.right_to_left(self._reception.language)
        large = self._reception.visit.large
        return layout(glass, mirrored=mirrored, faces_stay=self._faces_stay, large=large)

    @property
    def _worn(self) -> str:
        """The theme to be worn now. It changes between visits only: nobody's screen turns dark under the finger."""
        if self._stage is not None and self._reception.visit.screen is not Screen.WELCOME:
            return self._wearing
        if self._reception.visit.contrast:
            return "high_contrast"
        dark = self._reception.outlook.night or self._reception.outlook.quiet
        return "night" if dark and not THEMES[self._theme].outlined else self._theme

    def _staged(self) -> Stage:
        """The stage for this window, language and theme; kept, because a theme comes back every evening."""
        from kivy.core.window import Window

        theme, arranged = THEMES[self._worn], self.layout
        self._wearing = self._worn
        key = (arranged, self._wearing)
        if key not in self._stages:
            if len(self._stages) >= MOST_STAGES:
                self._stages.pop(next(iter(self._stages)))
            self._stages[key] = self._set(arranged, theme)
        Window.clearcolor = theme.ground  # beside a picture that has moved a pixel
        return self._stages[key]

    def _change(self) -> None:
        """Put another stage before the customers."""
        from kivy.core.window import Window

        Window.remove_widget(self._stage)
        self._stage = self.root = self._staged()
        Window.add_widget(self._stage)
        self._lay_over()

    def _lay_over(self, *_: Any) -> None:
        """Put what lies over the stage before it, again after every other stage."""
        from kivy.core.window import Window

        if self._over is not None:
            Window.remove_widget(self._over)
            Window.add_widget(self._over)

    def _now_worn(self) -> tuple[Layout, Theme, str]:
        return self.layout, THEMES[self._wearing], self._reception.language

    def _set(self, arranged: Layout, theme: Theme) -> Stage:
        from kiosk.ui.more_time import MoreTime
        from kiosk.ui.out_of_order import OutOfOrder
        from kiosk.ui.quiet import Quiet
        from kiosk.ui.screens import Screens
        from kiosk.ui.thanks import Thanks
        from kiosk.ui.welcome import Welcome

        common = {
            "layout": arranged,
            "theme": theme,
            "organisation": self._organisation,
            "logo": self._drawn_logo,
            "branch": self._branch_name,
        }
        reception = self._reception

        def welcome() -> CustomerScreen:
            return Welcome(reception, **common)

        fixed: dict[Screen, Callable[[], CustomerScreen]] = {
            Screen.WELCOME: welcome,
            Screen.PRESSED: welcome,
            Screen.MORE_TIME: lambda: MoreTime(reception, **common),
            Screen.THANKS: lambda: Thanks(reception, **common),
            Screen.OUT_OF_ORDER: lambda: OutOfOrder(
                reception, self._kiosk_id, self._answers_are_safe, self._support, **common
            ),
            Screen.QUIET: lambda: Quiet(reception, **common),
        }
        stage = Stage(
            reception,
            Screens(reception, fixed, **common),
            moving=not theme.outlined,
            size=(arranged.width, arranged.height),
            size_hint=(None, None),
        )
        with stage.canvas.before:
            PushMatrix()
            stage.moved = Translate(0, 0, 0)
        with stage.canvas.after:
            PopMatrix()
        return stage

    def _visit_changed(self, visit: Visit) -> None:
        self._set_pace()
        self.renew()
        self._wait(visit)

    def _wait(self, visit: Visit) -> None:
        """One clock event for the visit's own deadline; none while only a finger can change anything."""
        if self._due is not None:
            self._due.cancel()
            self._due = None
        if visit.until_ms is not None:
            left_ms = visit.until_ms - self._reception.clock.moment().boot_ms
            self._due = Clock.schedule_once(self._came_due, max(0, left_ms) / 1000)

    def _came_due(self, _: float) -> None:
        before = self._reception.visit
        self._reception.tick()
        # Kivy's clock and the boot clock may differ by a millisecond: then it is not due yet.
        if self._reception.visit is before:
            self._wait(before)

    def _heartbeat(self, _: float) -> None:
        from kivy.core.window import Window

        self._reception.tick()
        self._move()
        self._set_pace()
        if self._redraws:
            Window.canvas.ask_update()
        if self._frames and (self._frames != self._frames_told or not self._redraws):
            self._every_second()
        self._frames_told = self._frames

    def _set_pace(self) -> None:
        """Quick while somebody is there, slow while nobody is."""
        noticed_ms, now_ms = self._reception.noticed_ms, self._reception.clock.moment().boot_ms
        alone = noticed_ms is None or now_ms - noticed_ms >= RESTLESS_MS
        if not alone or self._reception.visit.screen is not Screen.WELCOME:
            set_pace(FRAMES_PER_SECOND)
        else:
            set_pace(BLIND_PER_SECOND if self._watch and self._watch.blind else IDLE_PER_SECOND)

    def _woken(self) -> None:
        """A device has something to say, in a thread of its own: the frame that reads it is the next one."""
        soon(lambda: set_pace(FRAMES_PER_SECOND))

    def _move(self) -> None:
        """Keep a picture that nobody has touched for long from burning into the panel."""
        noticed_ms = self._reception.noticed_ms or self._begun_ms
        right, down = shift(self._reception.clock.moment().boot_ms - noticed_ms)
        if self._stage is not None and self._stage.moved.xy != (right, -down):
            self._stage.moved.xy = (right, -down)

    def _lock_window(self) -> None:
        from kivy.core.window import Window

        Window.bind(**self._bound)

    def _unlock_window(self) -> None:
        from kivy.core.window import Window

        Window.unbind(**self._bound)

    def _draw_off_screen(self) -> None:
        from kivy.core.window import Window

        if os.environ.get("SDL_VIDEODRIVER") == "offscreen":
            # Nothing is swapped to a screen that is not there, so nothing ends a frame: Mesa keeps what each one
            # drew, 20 MB a press. On x11 and KMSDRM the swap ends it. Not Kivy's own glFinish: that keeps Python's
            # lock while the processor draws, and every commit waits for it.
            finish = ctypes.CDLL("libGL.so.1").glFinish
            # Or whatever a register holds is taken for "handled", and the flip itself is left out.
            finish.restype = None
            Window.bind(on_flip=lambda *_: finish())

    def _flipped(self, *_: Any) -> None:
        self._frames += 1

    def _resized(self, window: Any, width: int, height: int) -> None:
        if self._stage is not None and tuple(self._stage.size) != (width, height):
            self._change()
