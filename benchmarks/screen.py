"""What the screen costs while nobody is there, and how soon it answers: beside a kiosk page in Chromium."""

from __future__ import annotations

import http.server
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from benchmarks.worker import OFF_SCREEN, ROOT
from scripts.demonstration.stage import staged

STARTS, PRESSES = 5, 12
IDLE_S = 60.0
SETTLE_S = 8.0
"""After a start or a press: thank-you, fade and the quick clock are over by then."""
WIDTH, HEIGHT = 1280, 800
FOLDER = ROOT / "build" / "benchmarks" / "screen"
TICKS = os.sysconf("SC_CLK_TCK")
FACES = "".join(
    f'<g transform="translate({161 + 240 * at},430)"><circle r="97" fill="{colour}"/>'
    '<circle cx="-32" cy="-18" r="11"/><circle cx="32" cy="-18" r="11"/>'
    '<path d="M-40 30 Q0 60 40 30" fill="none" stroke="#16202A" stroke-width="10"/></g>'
    for at, colour in enumerate(("#2A97AE", "#82CBBA", "#F6DA80", "#EE9350", "#D6564C"))
)
PAGE = f"""<!doctype html><meta charset="utf-8"><title>kiosk</title>
<body style="margin:0;background:#F6F4EF;font:600 60px sans-serif;text-align:center">
<svg width="{WIDTH}" height="{HEIGHT}">
<text x="640" y="212" text-anchor="middle">How was your visit today?</text>{FACES}</svg>
<script>requestAnimationFrame(() => requestAnimationFrame(() => fetch("/frame")))</script>"""


@dataclass
class Line:
    """One line of the table: what shows the kiosk, and what was measured of it."""

    name: str
    starts_s: list[float] = field(default_factory=list)
    pss_mib: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)


def main() -> int:
    """Prints the table; 0, whatever it says: times and sizes are for people."""
    browser = shutil.which("chromium") or shutil.which("chromium-browser")
    ours, agent, theirs = (
        Line("Afterword, kiosk ui"),
        Line("Afterword, kiosk sync"),
        Line("Chromium, one page of faces"),
    )
    touches: list[float] = []
    presses: list[float] = []
    with staged(FOLDER, OFF_SCREEN) as stage:
        toml = stage.settings.read_text()
        assert f"width_px = {WIDTH}" in toml or "width_px" not in toml  # noqa: S101  what is compared is of one size
        for turn in range(STARTS):
            last = turn == STARTS - 1
            with _afterword(stage.settings) as (process, took):
                ours.starts_s.append(took)
                if last:
                    _idle(ours, process.pid)
                    for word, found in (("touch", touches), ("pin", presses)):
                        found += [_pressed(process, word) for _ in range(PRESSES)]
            if browser:
                with _chromium(browser) as (process, took):
                    theirs.starts_s.append(took)
                    if last:
                        _idle(theirs, process.pid)
            print(f"screen: start {turn + 1} of {STARTS}", file=sys.stderr)
        syncing = stage.kiosk("agent", "sync", "--splay", "0")
        time.sleep(SETTLE_S)
        _idle(agent, syncing.pid)
        syncing.end()
    _print(ours, agent, theirs if browser else None, touches, presses)
    return 0


@contextmanager
def _afterword(toml: Path) -> Iterator[tuple[subprocess.Popen[str], float]]:
    """The kiosk's window, and the seconds until its first frame."""
    with tempfile.TemporaryDirectory(prefix="afterword-screen-") as folder:
        began = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.screen_worker", str(toml), folder],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=os.environ | OFF_SCREEN | {"PYTHONPATH": str(ROOT)},
            cwd=ROOT,
            text=True,
        )
        assert process.stdout  # noqa: S101  it is a pipe
        if process.stdout.readline() != "frame\n":
            raise RuntimeError("the kiosk ended before its first frame")
        try:
            yield process, time.perf_counter() - began
        finally:
            process.communicate(timeout=60)


@contextmanager
def _chromium(browser: str) -> Iterator[tuple[subprocess.Popen[str], float]]:
    """A page with five faces, full screen, nothing else, and the seconds until its first frame."""
    drawn = threading.Event()

    class Page(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path == "/frame":
                drawn.set()
            body = PAGE.encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with tempfile.TemporaryDirectory(prefix="afterword-screen-", ignore_cleanup_errors=True) as profile:
        words = [
            browser, "--headless=new", "--kiosk", "--no-first-run", "--no-sandbox", "--disable-extensions",
            "--disable-background-networking", "--disable-component-update", "--use-angle=swiftshader",
            f"--window-size={WIDTH},{HEIGHT}", f"--user-data-dir={profile}", f"http://127.0.0.1:{server.server_port}/",
        ]  # fmt: skip
        began = time.perf_counter()
        process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, text=True)
        try:
            if not drawn.wait(60):
                raise RuntimeError("Chromium drew no frame within a minute")
            yield process, time.perf_counter() - began
        finally:
            process.terminate()
            process.wait(30)
            server.shutdown()
            server.server_close()


def _idle(line: Line, pid: int) -> None:
    """Memory and processor time of *pid* and all below it, while nobody comes."""
    time.sleep(SETTLE_S)
    family = _family(pid)
    before, began = _ticks(family), time.monotonic()
    time.sleep(IDLE_S)
    line.cpu.append(100 * (_ticks(family) - before) / TICKS / (time.monotonic() - began))
    line.pss_mib.append(sum(_pss_kib(one) for one in family) / 1024)


def _pressed(process: subprocess.Popen[str], word: str) -> float:
    """Seconds from a touch or a pin's fall to the frame with the ring."""
    assert process.stdin  # noqa: S101  it is a pipe
    assert process.stdout  # noqa: S101  it is a pipe
    time.sleep(SETTLE_S)
    process.stdin.write(f"{word}\n")
    process.stdin.flush()
    return float(process.stdout.readline())


def _family(pid: int) -> list[int]:
    """*pid* and every process below it."""
    parents: dict[int, int] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            parents[int(path.parent.name)] = int(path.read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue  # it has ended meanwhile
    family = [pid]
    for one in family:
        family += [child for child, parent in parents.items() if parent == one]
    return family


def _of_all(family: list[int], read: Callable[[int], float]) -> float:
    return sum(read(pid) for pid in family if Path(f"/proc/{pid}").exists())


def _ticks(family: list[int]) -> float:
    def used(pid: int) -> float:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return int(fields[11]) + int(fields[12])

    return _of_all(family, used)


def _pss_kib(pid: int) -> int:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("Pss:")).split()[1])


def _print(ours: Line, agent: Line, theirs: Line | None, touches: list[float], presses: list[float]) -> None:
    print(f"{WIDTH}x{HEIGHT}, drawn by the processor; first frame: median of {STARTS} starts in turns\n")
    print(f"{'':<30}{'first frame s':>14}{'PSS MiB':>9}{'idle CPU %':>12}")
    for line in filter(None, (ours, agent, theirs)):
        frame = f"{median(line.starts_s):>14.2f}" if line.starts_s else f"{'-':>14}"
        print(f"{line.name:<30}{frame}{line.pss_mib[0]:>9.0f}{line.cpu[0]:>12.2f}")
    print(
        f"\ntouch -> face: median {1e3 * median(touches):.1f} ms, longest {1e3 * max(touches):.1f} ms of {len(touches)}"
    )
    print(
        f"pin -> face:   median {1e3 * median(presses):.1f} ms, longest {1e3 * max(presses):.1f} ms of {len(presses)}"
    )
    if theirs is None:
        print("\nChromium is not installed here (scripts/set-up --browser): nothing to compare with")
        return
    start = median(mine / its for mine, its in zip(ours.starts_s, theirs.starts_s, strict=True))
    memory = theirs.pss_mib[0] / (ours.pss_mib[0] + agent.pss_mib[0])
    print(f"\nfirst frame: {start:.2f} x Chromium's (wanted: < 0.5)")
    print(f"memory: both processes together {memory:.2f} times below Chromium's (wanted: >= 2.3)")
    print(f"idle CPU: {ours.cpu[0]:.2f} % of a core, Chromium {theirs.cpu[0]:.2f} % (wanted: not above)")
