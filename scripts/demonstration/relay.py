"""The network between kiosk and central: a relay on loopback that can be cut and mended."""

from __future__ import annotations

import asyncio
import threading
from contextlib import suppress

CHUNK_BYTES = 65_536


class Relay:
    """Carries bytes both ways between a port of its own and central's, until it is cut."""

    def __init__(self, to_port: int) -> None:
        self._to_port = to_port
        self._whole = True
        self._open: set[asyncio.StreamWriter] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="relay", daemon=True)
        self._thread.start()
        self.port: int = asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result(10)

    def cut(self) -> None:
        """From now on nothing passes; what is under way breaks off."""
        self._whole = False
        self._loop.call_soon_threadsafe(self._drop)

    def mend(self) -> None:
        """The network is back."""
        self._whole = True

    def close(self) -> None:
        """No relay any more."""
        self._whole = False
        asyncio.run_coroutine_threadsafe(self._shut(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    def carried(self, chunk: bytes, *, up: bool) -> None:
        """Called with all that passes: *up* to central, or down from it. For those who count."""

    async def _listen(self) -> int:
        self._server = await asyncio.start_server(self._carry, "127.0.0.1", 0)
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    async def _shut(self) -> None:
        self._server.close()
        self._drop()
        under_way = asyncio.all_tasks() - {asyncio.current_task()}
        await asyncio.gather(*under_way, return_exceptions=True)

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if not self._whole:
            writer.transport.abort()
            return
        try:
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._to_port)
        except OSError:
            writer.transport.abort()
            return
        ends = {writer, far_writer}
        self._open |= ends
        await asyncio.gather(
            self._pass_on(reader, far_writer, up=True), self._pass_on(far_reader, writer, up=False)
        )
        self._open -= ends
        for end in ends:
            with suppress(OSError):
                await end.wait_closed()

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, up: bool) -> None:
        # A broken connection is what a relay that can be cut is for: the other end is told by closing.
        with suppress(OSError):
            while chunk := await reader.read(CHUNK_BYTES):
                self.carried(chunk, up=up)
                writer.write(chunk)
                await writer.drain()
        writer.close()

    def _drop(self) -> None:
        for writer in self._open:
            writer.transport.abort()
        self._open.clear()
