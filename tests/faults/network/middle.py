"""What stands between kiosk and central: reads one request at a time, and lets a fault decide what becomes of it."""

from __future__ import annotations

import asyncio
import gzip
import random
import threading
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from central.keys import Keys
from central.signing import claimed_nonce, signed_headers
from feedback import wire
from feedback.errors import WireError

KEPT = 40
"""Requests and replies kept to be played again."""
LINE_END = b"\r\n"
HEAD_END = b"\r\n\r\n"
SOON_S = 10.0


@dataclass(frozen=True, slots=True)
class Whole:
    """A request or a reply: its first line and header as they came, its body."""

    head: bytes
    body: bytes

    @property
    def raw(self) -> bytes:
        return self.head + self.body

    @property
    def first(self) -> list[str]:
        return self.head.split(LINE_END, 1)[0].decode("latin-1").split(" ")

    @property
    def status(self) -> int:
        return int(self.first[1])

    @property
    def fields(self) -> dict[str, str]:
        lines = self.head.decode("latin-1").split("\r\n")[1:]
        pairs = (line.partition(":") for line in lines if line)
        return {name.strip().lower(): value.strip() for name, _, value in pairs}


def reply(status: int, body: bytes = b"", headers: Mapping[str, str] | None = None) -> Whole:
    """A reply made up by somebody in between."""
    fields = {"Content-Length": str(len(body)), **(headers or {})}
    lines = [f"HTTP/1.1 {status} So", *(f"{name}: {value}" for name, value in fields.items())]
    return Whole("\r\n".join(lines).encode("latin-1") + HEAD_END, body)


@dataclass
class Exchange:
    """One request, and what can be done with it."""

    middle: Middle
    request: Whole
    writer: asyncio.StreamWriter

    @property
    def chance(self) -> random.Random:
        return self.middle.chance

    @property
    def nonce(self) -> str:
        return claimed_nonce(list(self.request.fields.items()))

    @property
    def sync(self) -> wire.SyncRequest | None:
        """What the request hands over; None if it hands over nothing."""
        if self.request.first[0] != "POST":
            return None
        body = self.request.body
        with suppress(WireError, OSError):
            packed = "content-encoding" in self.request.fields
            return wire.decode_request(gzip.decompress(body) if packed else body)
        return None

    async def ask(self, raw: bytes | None = None) -> Whole:
        """Central's reply to this request, or to the bytes *raw* of another."""
        return await self.middle.ask(self.request.raw if raw is None else raw)

    def give(self, whole: Whole, *, last: bool = True) -> None:
        """Send *whole* back; the connection then is no more, unless it is not the *last*."""
        self.middle.note(self.sync, whole)
        self.writer.write(whole.raw)
        if last:
            self.writer.close()

    def cut(self) -> None:
        """End the connection in the middle of whatever is said."""
        self.writer.transport.abort()

    def signed(self, status: int, body: bytes, nonce: str | None = None, keys: Keys | None = None) -> Whole:
        """A reply as central itself signs it, or whoever has *keys*."""
        own = signed_headers(keys or self.middle.keys, status, body, self.nonce if nonce is None else nonce)
        return reply(status, body, own)

    def refused(self, status: int) -> Whole:
        return self.signed(status, wire.encode_refusal(wire.Refusal("no", "not like this")))

    def acknowledged(self) -> bytes:
        """An acknowledgement that claims everything sent is stored."""
        sync = self.sync
        if sync is None:
            return b"{}"
        last = sync.first + sync.count - 1
        verdicts = (wire.Verdict(sync.first, last, wire.State.STORED),) if sync.count else ()
        upto = max(last, sync.cursor)
        return wire.encode_acknowledgement(wire.Acknowledgement(1_790_000_000_000, verdicts, upto))


Fault = Callable[[Exchange], Awaitable[None]]


@dataclass
class Middle:
    """
    The proxy.

    Attributes:
        keys: Central's own, so that refusals can be signed.
        others: Another central's.
        port: Of the central that is reached; 0: none runs.
        fault: Decides what becomes of a request; None: it passes.
        too_slow: Called when a reply drips: the kiosk's own deadline, which is not waited for.
        poison: Asked whether central cannot bear an answer.
        asked: Requests seen.
        alone: Store and seq of each answer that was refused by itself, signed: these may be void.
    """

    keys: Keys
    others: Keys
    chance: random.Random
    port: int = 0
    fault: Callable[[Exchange], Fault | None] = lambda _: None
    too_slow: Callable[[], None] = lambda: None
    poison: Callable[[wire.SyncRequest], bool] = lambda _: False
    asked: int = 0
    alone: set[tuple[bytes, int]] = field(default_factory=set)
    requests: list[Whole] = field(default_factory=list)
    replies: list[Whole] = field(default_factory=list)
    statuses: set[str] = field(default_factory=set)
    late: list[Whole] = field(default_factory=list)
    turns: dict[str, int] = field(default_factory=dict)
    kill_agent: Callable[[str], None] = lambda _: None
    kill_central: Callable[[], None] = lambda: None
    done: dict[str, int] = field(default_factory=dict)

    def start(self) -> int:
        """Listen; the port."""
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="middle", daemon=True)
        self._thread.start()
        return asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result(SOON_S)

    def stop(self) -> None:
        asyncio.run_coroutine_threadsafe(self._shut(), self._loop).result(SOON_S)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(SOON_S)
        self._loop.close()

    async def ask(self, raw: bytes) -> Whole:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            writer.write(raw)
            whole = await read(reader)
        finally:
            writer.close()
        if whole is None:
            raise ConnectionResetError
        return whole

    def turn(self, name: str, of: int) -> int:
        """The next of the *of* variants called *name*, from any one on: so that none is left out."""
        at = self.turns.get(name)
        self.turns[name] = self.chance.randrange(of) if at is None else (at + 1) % of
        return self.turns[name]

    def note(self, sync: wire.SyncRequest | None, whole: Whole) -> None:
        """Remember which answers were refused by themselves under central's signature."""
        if sync is not None and sync.count == 1 and "signature" in whole.fields and whole.status in REFUSALS:
            self.alone.add((sync.store, sync.first))

    async def _listen(self) -> int:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, limit=1 << 22)
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    async def _shut(self) -> None:
        self._server.close()
        # A connection just accepted becomes a task of ours first: cancelled before, its socket would stay open.
        await asyncio.sleep(0.01)
        under_way = asyncio.all_tasks() - {asyncio.current_task()}
        for task in under_way:
            task.cancel()
        await asyncio.gather(*under_way, return_exceptions=True)
        # Sockets are closed in the loop's next turn.
        await asyncio.sleep(0.01)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            # A broken connection is what this program is for.
            with suppress(OSError, asyncio.IncompleteReadError):
                while (request := await read(reader)) is not None:
                    self.asked += 1
                    await self._answer(Exchange(self, request, writer))
                    await writer.drain()
        except asyncio.CancelledError:
            # Nobody waits for the rest any more.
            writer.transport.abort()
            raise
        writer.close()

    async def _answer(self, exchange: Exchange) -> None:
        fault = self.fault(exchange)
        if fault is not None:
            name = getattr(fault, "__name__", "?")
            self.done[name] = self.done.get(name, 0) + 1
            try:
                await fault(exchange)
            except (OSError, asyncio.IncompleteReadError):
                exchange.cut()
            return
        sync = exchange.sync
        if sync is not None and self.poison(sync):
            exchange.give(exchange.refused(self.chance.choice((400, 422))))
            return
        try:
            whole = await exchange.ask()
        except OSError:
            exchange.cut()
            return
        self.keep(exchange.request, whole)
        exchange.give(whole, last=False)

    def keep(self, request: Whole, whole: Whole) -> None:
        """To be played again some day."""
        for kept, one in ((self.requests, request), (self.replies, whole)):
            if len(kept) < KEPT:
                kept.append(one)
            else:
                kept[self.chance.randrange(KEPT)] = one


REFUSALS = (400, 413, 422)


async def read(reader: asyncio.StreamReader) -> Whole | None:
    """The next request or reply; None if there is none."""
    try:
        head = await reader.readuntil(HEAD_END)
    except asyncio.IncompleteReadError:
        return None
    length = int(Whole(head, b"").fields.get("content-length", "0"))
    return Whole(head, await reader.readexactly(length))
