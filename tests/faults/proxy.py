"""A TCP proxy on this machine that can cut its connections, hold them half-open, or be slow."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from urllib.parse import urlsplit

CHUNK_BYTES = 65_536


class Proxy:
    """Passes on what comes to `port` to the `target` port, and back."""

    def __init__(self, target: int) -> None:
        self.port = 0
        self._target = target
        self._pipes: set[asyncio.Task[None]] = set()
        self._flowing = asyncio.Event()
        self.heal()

    def heal(self) -> None:
        """Pass everything on at once."""
        self._refuses, self._delay, self._bytes_per_second = False, 0.0, 0.0
        self._flowing.set()

    def cut(self) -> None:
        """Close all connections, and each new one at once."""
        self._refuses = True
        for pipe in self._pipes:
            pipe.cancel()

    def hold(self) -> None:
        """Half-open: connections stand and new ones are taken, and nothing comes through."""
        self._flowing.clear()

    def slow(self, delay: float, bytes_per_second: float) -> None:
        """Each piece takes its time."""
        self._delay, self._bytes_per_second = delay, bytes_per_second

    @asynccontextmanager
    async def listening(self, port: int = 0) -> AsyncIterator["Proxy"]:
        """Listen while the body runs; on any free port unless one is named."""
        server = await asyncio.start_server(self._connected, "127.0.0.1", port)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()
            self.cut()
            if self._pipes:
                await asyncio.wait(self._pipes)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._refuses:
            writer.close()
            return
        try:
            there = await asyncio.open_connection("127.0.0.1", self._target)
        except OSError:
            writer.close()
            return
        for source, sink in ((reader, there[1]), (there[0], writer)):
            pipe = asyncio.create_task(self._pipe(source, sink))
            self._pipes.add(pipe)
            pipe.add_done_callback(self._pipes.discard)

    async def _pipe(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        try:
            while piece := await source.read(CHUNK_BYTES):
                await self._flowing.wait()
                if self._delay or self._bytes_per_second:
                    await asyncio.sleep(self._delay + len(piece) / self._bytes_per_second)
                sink.write(piece)
                await sink.drain()
        except OSError:
            pass
        finally:
            with suppress(OSError):
                sink.close()


def through(proxy: Proxy, mongodb_uri: str) -> str:
    """The same MongoDB, reached through the proxy."""
    parts = urlsplit(mongodb_uri)
    way = parts._replace(netloc=f"{parts.netloc.rpartition(':')[0]}:{proxy.port}")
    return way._replace(query="directConnection=true&authSource=admin").geturl()
