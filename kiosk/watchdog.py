"""READY, WATCHDOG and STATUS to systemd: a datagram to the socket that the unit's environment names."""

from __future__ import annotations

import logging
import os
import socket

log = logging.getLogger(__name__)


class Watchdog:
    """
    Says that this process is well, once it is, and again with each beat.

    Whoever beats has made sure of it: the screen in the thread that draws, the agent in the loop that sends. A thread
    of its own would go on beating beside a process that hangs.

    Args:
        address: Of systemd's socket; empty: nobody listens, and nothing is sent.
    """

    def __init__(self, address: str | None = None) -> None:
        named = os.environ.get("NOTIFY_SOCKET", "") if address is None else address
        # An abstract socket is written with an @.
        self._address = "\0" + named[1:] if named.startswith("@") else named
        self._said = ""
        self._is_ready = False

    def beat(self, status: str = "") -> None:
        """All is well; *status* says what is being done, for ``systemctl status``."""
        lines = [] if self._is_ready else ["READY=1"]
        lines.append("WATCHDOG=1")
        if status and status != self._said:
            lines.append(f"STATUS={status.splitlines()[0]}")
        if self._send("\n".join(lines)):
            self._is_ready, self._said = True, status

    def _send(self, text: str) -> bool:
        if not self._address:
            return False
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as out:
                out.sendto(text.encode(), self._address)
        except OSError as error:
            # The next beat is a second away; without any systemd starts this process again, and its log says why.
            log.warning("systemd is not reached (%s)", error)
            return False
        return True
