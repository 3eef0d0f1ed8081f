"""Serving the stand-in on a port until it is told to stop."""

import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from starlette.types import ASGIApp

from include.jira_sandbox.errors import StartError
from include.jira_sandbox.wire import DroppingProtocol


def open_port(host: str, port: int) -> socket.socket:
    """Return a socket bound to a port (0: any free one); raise StartError when it cannot be had."""
    try:
        family, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        listener = socket.socket(family, socket.SOCK_STREAM)
    except OSError as error:
        raise StartError(f"The address {host} cannot be used ({error.strerror}): name another --host.") from error
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(address)
    except OSError as error:
        listener.close()
        raise StartError(
            f"Port {port} of {host} cannot be had ({error.strerror}): stop what uses it or name another --port."
        ) from error
    return listener


def serve(app: ASGIApp, listener: socket.socket, greeting: str) -> None:
    """Answer requests on a bound socket until SIGTERM or SIGINT; prints the greeting once it answers."""
    config = uvicorn.Config(
        app,
        http=DroppingProtocol,
        ws="none",
        lifespan="off",
        log_level="warning",
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=5,
    )
    _Server(config, greeting).run(sockets=[listener])


class _Server(uvicorn.Server):
    """A server that says when it is ready, and for which being told to stop is a normal end."""

    def __init__(self, config: uvicorn.Config, greeting: str) -> None:
        super().__init__(config)
        self._greeting = greeting

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        print(self._greeting, flush=True)  # noqa: T201 (the one line a person waits for)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        # uvicorn would raise the signal again after its shutdown, and end with a failure status.
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self.handle_exit)
        yield
