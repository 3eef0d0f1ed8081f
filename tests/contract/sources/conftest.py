"""A local server that other systems are played by: each test says what it answers."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """One answer. ``broken_after`` bytes of the body the connection is cut, though all of it was announced."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    broken_after: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What was asked: path without parameters, parameters by name, and headers."""

    path: str
    parameters: dict[str, str]
    headers: dict[str, str]


@dataclass
class Server:
    """The server, what it answers, what it was asked, and how long it was waited for."""

    url: str
    answer: Callable[[Request], Reply] = field(default=lambda _: Reply(status=404))
    asked: list[Request] = field(default_factory=list)
    waits: list[float] = field(default_factory=list)

    def script(self, *replies: Reply) -> None:
        """Answer with one after the other, with the last for ever."""
        left = list(replies)
        self.answer = lambda _: left.pop(0) if len(left) > 1 else left[0]


@pytest.fixture(name="server")
def _server() -> Iterator[Server]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            parameters = {name: values[-1] for name, values in parse_qs(parts.query).items()}
            request = Request(path=parts.path, parameters=parameters, headers=dict(self.headers))
            server.asked.append(request)
            reply = server.answer(request)
            self.send_response_only(reply.status)
            for name, value in {"Content-Length": str(len(reply.body)), **reply.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(reply.body[: reply.broken_after])
            self.close_connection = True

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    listening = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server = Server(url=f"http://127.0.0.1:{listening.server_port}")
    thread = threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    listening.shutdown()
    thread.join()
    listening.server_close()
