"""What every fault program says: how far it is, on stderr, and one line of JSON at its end, on stdout."""

from __future__ import annotations

import json
import sys
import time
from dataclasses import dataclass, field

EVERY_S = 2.0


@dataclass
class Report:
    """
    The verdict on one fault.

    Attributes:
        fault: Its name.
        of: How many cases are to be tried.
        tried: Cases judged so far.
        lost: Cases in which a thanked answer was not there, or not as it was thanked for.
        invented: Cases with an answer that nobody pressed.
        duplicated: Cases with an answer that is there twice.
        corrupt: Cases in which the database could not be used.
        controls: Each deliberately wrong recorder by name, and whether it was caught losing.
        more: Further figures for the last line.
        wrong: What else makes the program fail, in a sentence each.
    """

    fault: str
    of: int
    tried: int = 0
    lost: int = 0
    invented: int = 0
    duplicated: int = 0
    corrupt: int = 0
    controls: dict[str, bool] = field(default_factory=dict)
    more: dict[str, object] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)
    _began: float = field(default_factory=time.monotonic)
    _told: float = 0.0

    @property
    def seconds(self) -> float:
        return time.monotonic() - self._began

    @property
    def passed(self) -> bool:
        """Nothing lost, invented, duplicated or corrupt, something tried, and every control caught."""
        counts = self.lost + self.invented + self.duplicated + self.corrupt
        return not counts and not self.wrong and self.tried > 0 and all(self.controls.values())

    def progress(self, doing: str = "", *, always: bool = False) -> None:
        """One line on stderr, at most every EVERY_S."""
        now = time.monotonic()
        if not always and now - self._told < EVERY_S:
            return
        self._told = now
        counts = f"lost {self.lost}, invented {self.invented}, duplicated {self.duplicated}, corrupt {self.corrupt}"
        print(
            f"{self.fault}: {self.tried:,} of {self.of:,}, {self.tried / (self.seconds or 1):,.0f}/s, {counts} {doing}",
            file=sys.stderr,
            flush=True,
        )

    def end(self) -> int:
        """Print the last line; the exit code: 0 only if all is well."""
        self.progress("done" if self.passed else "FAILED", always=True)
        for sentence in self.wrong:
            print(f"{self.fault}: {sentence}", file=sys.stderr)
        seconds = self.seconds
        line = {
            "fault": self.fault,
            "tried": self.tried,
            "lost": self.lost,
            "invented": self.invented,
            "duplicated": self.duplicated,
            "corrupt": self.corrupt,
            "controls": len(self.controls),
            "controls_caught": sum(self.controls.values()),
            "uncaught": [name for name, caught in self.controls.items() if not caught],
            "seconds": round(seconds, 1),
            "rate_per_s": round(self.tried / seconds, 1) if seconds else 0.0,
            **self.more,
        }
        print(json.dumps(line), flush=True)
        return 0 if self.passed else 1
