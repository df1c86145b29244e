"""Beats, over a real datagram socket in systemd's place."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.watchdog import Watchdog


@pytest.fixture
def systemd(tmp_path: Path) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(str(tmp_path / "notify"))
        listening.setblocking(False)
        yield listening


def heard(systemd: socket.socket) -> list[str]:
    return systemd.recv(4_096).decode().split("\n")


def test_it_is_ready_with_the_first_beat_and_says_what_is_new(systemd: socket.socket) -> None:
    watchdog = Watchdog(systemd.getsockname())
    for status in ("just started", "just started", "everything sent\nand more"):
        watchdog.beat(status)

    assert ["READY=1", "WATCHDOG=1", "STATUS=just started"] == heard(systemd)
    assert ["WATCHDOG=1"] == heard(systemd)
    assert ["WATCHDOG=1", "STATUS=everything sent"] == heard(systemd)


def test_without_systemd_nothing_is_sent_and_nothing_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    Watchdog().beat("well")


def test_who_does_not_hear_it_the_first_time_hears_ready_later(tmp_path: Path) -> None:
    path = tmp_path / "notify"
    watchdog = Watchdog(str(path))
    watchdog.beat()
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(str(path))
        watchdog.beat()
        assert b"READY=1\nWATCHDOG=1" == listening.recv(100)


def test_an_abstract_socket_is_found_too() -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind("\0afterword-test-watchdog")
        Watchdog("@afterword-test-watchdog").beat()
        assert b"READY=1\nWATCHDOG=1" == listening.recv(100)
