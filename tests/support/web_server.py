"""A local web server with configurable answers, including invalid ones."""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit


@dataclass(frozen=True)
class WebRequest:
    """A request as the server received it."""

    method: str
    path: str
    query: dict[str, str]
    body: Any
    headers: Mapping[str, str]


@dataclass(frozen=True)
class Answer:
    """An answer of the server."""

    body: Any = None
    """JSON; bytes are sent as they are."""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    cut_after: int | None = None
    """The number of bytes of the body after which the connection is closed."""


Handler = Callable[[WebRequest], Answer]


class WebServer:
    """A server with a handler that can be replaced. It records the requests."""

    def __init__(self, handler: Handler) -> None:
        self.handler = handler
        self.requests: list[WebRequest] = []
        self.faults: list[Answer] = []
        """Answers that are given before the handler is called, one per request."""
        server = self

        class _Requests(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                self._answer()

            def do_POST(self) -> None:
                self._answer()

            def log_message(self, *arguments: object) -> None:
                pass

            def _answer(self) -> None:
                size = int(self.headers.get("Content-Length") or 0)
                content = self.rfile.read(size)
                parts = urlsplit(self.path)
                query = {key: values[0] for key, values in parse_qs(parts.query).items()}
                body = json.loads(content) if content else None
                request = WebRequest(self.command, parts.path, query, body, dict(self.headers))
                server.requests.append(request)
                answer = server.faults.pop(0) if server.faults else server.handler(request)
                self._send(answer)

            def _send(self, answer: Answer) -> None:
                content = answer.body
                if not isinstance(content, bytes):
                    content = json.dumps(content).encode()
                self.send_response(answer.status)
                for key, value in answer.headers.items():
                    self.send_header(key, value)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content[: answer.cut_after])
                if answer.cut_after is not None:
                    self.close_connection = True

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _Requests)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()

    def close(self) -> None:
        """Stop the server."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@contextlib.contextmanager
def web_server(handler: Handler) -> Iterator[WebServer]:
    """Yield a server, and stop it at the end."""
    server = WebServer(handler)
    try:
        yield server
    finally:
        server.close()
