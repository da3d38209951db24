"""A TCP proxy for a PostgreSQL server that can stop forwarding, like a frozen network."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator
from threading import Event, Thread

from sqlalchemy import URL, make_url

NEVER = b"\0no such bytes\0"
READY = b"ReadyForQuery"


class FrozenServer:
    """A proxy that forwards until it sees certain bytes, and then nothing more.

    Args:
        url: The URL of the server, which listens on a Unix socket.
        trigger: What freezes the proxy when a client sends it; ``b""`` freezes it at the
            connection, ``READY`` after the handshake.
    """

    def __init__(self, url: str, trigger: bytes) -> None:
        server = make_url(url)
        self._path = f"{server.query['host']}/.s.PGSQL.{server.port or 5432}"
        self.trigger = trigger
        self.is_frozen = Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        port = self._listener.getsockname()[1]
        address = URL.create(
            "postgresql", server.username, None, "127.0.0.1", port, server.database
        )
        self.url = f"{address.render_as_string()}?sslmode=disable&gssencmode=disable"
        self._sockets: list[socket.socket] = []
        Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """Close all connections."""
        for connection in (self._listener, *self._sockets):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
            connection.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = socket.socket(socket.AF_UNIX)
                server.connect(self._path)
                self._sockets += [client, server]
                if not self.trigger:
                    self.is_frozen.set()
                for source, target, is_client in ((client, server, True), (server, client, False)):
                    Thread(
                        target=self._forward, args=(source, target, is_client), daemon=True
                    ).start()

    def _forward(self, source: socket.socket, target: socket.socket, is_client: bool) -> None:
        with contextlib.suppress(OSError):
            while block := source.recv(65_536):
                if is_client and self.trigger != READY and self.trigger in block:
                    self.is_frozen.set()
                if self.is_frozen.is_set():
                    continue  # read and lost: the client's system has its acknowledgements
                target.sendall(block)
                if not is_client and self.trigger == READY and b"Z\0\0\0\x05" in block:
                    self.is_frozen.set()
            target.shutdown(socket.SHUT_WR)


@contextlib.contextmanager
def frozen_server(url: str, trigger: bytes) -> Iterator[FrozenServer]:
    """Yield a proxy, and close it at the end."""
    server = FrozenServer(url, trigger)
    try:
        yield server
    finally:
        server.close()
