"""The door for Prometheus: HTTP on a loopback port, or on a unix socket of the owner's alone.

Threads of their own, few of them, and none waits long for a scraper. Who serves calls never waits
for any of them.
"""

from __future__ import annotations

import contextlib
import ipaddress
import os
import socket
import socketserver
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from threading import BoundedSemaphore, Thread

from ipam.agent.listening import listen
from model.errors import ConfigurationError

PATH = "/metrics"
MOST_SCRAPERS = 4  # at once; others are sent away
PATIENCE_SECONDS = 5.0  # for each read and write
UNIX = "unix:"


class MetricsServer:
    """Answers scrapes until it is closed. `text` may be called from any thread."""

    def __init__(self, where: str, text: Callable[[], bytes], content_type: str) -> None:
        """Listens at `where`: `127.0.0.1:9464`, `[::1]:9464` or `unix:/run/metrics.sock`.

        `ConfigurationError` for a place that others than this machine could reach, that makes no
        sense, or that cannot be had.
        """
        self._unix = where.removeprefix(UNIX) if where.startswith(UNIX) else ""
        listener = (
            listen(self._unix, "--metrics unix:PATH") if self._unix else _listen_on_loopback(where)
        )
        self._server = _Server(listener, text, content_type)
        self.address = listener.getsockname()
        self._thread = Thread(target=self._server.serve_forever, name="metrics", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Answer nobody any more."""
        self._server.shutdown()
        self._server.server_close()
        if self._unix:
            Path(self._unix).unlink(missing_ok=True)


def _listen_on_loopback(where: str) -> socket.socket:
    host, port = _host_and_port(where)
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(MOST_SCRAPERS)
    except OSError as error:
        listener.close()
        raise ConfigurationError(
            f"cannot serve metrics on `{where}`: {os.strerror(error.errno or 0)}",
            "name another port with `--metrics`",
            code="agent-socket",
        ) from None
    return listener


def _host_and_port(where: str) -> tuple[str, int]:
    host, _, port = where.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    host = "127.0.0.1" if host == "localhost" else host
    if not (port.isascii() and port.isdigit() and int(port) < 1 << 16):
        raise _no_place(where)
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        raise _no_place(where) from None
    if not address.is_loopback:
        raise ConfigurationError(
            f"metrics are not served on `{host}`: it is no loopback address, and others could read "
            "which Pods run here",
            "use `127.0.0.1:9464` or `unix:PATH`, with a proxy before it that knows its clients",
            code="invalid-argument",
        )
    return host, int(port)


def _no_place(where: str) -> ConfigurationError:
    return ConfigurationError(
        f"`{where}` is no place for metrics",
        "write `127.0.0.1:9464`, `[::1]:9464` or `unix:/run/poolweaver/metrics.sock`",
        code="invalid-argument",
    )


class _Server(socketserver.ThreadingMixIn, socketserver.BaseServer):
    """The accepting thread, and one for each scraper."""

    daemon_threads = True
    block_on_close = False

    def __init__(
        self, listener: socket.socket, text: Callable[[], bytes], content_type: str
    ) -> None:
        super().__init__(listener.getsockname(), _Scrape)
        self.socket = listener
        self.text = text
        self.content_type = content_type
        self._room = BoundedSemaphore(MOST_SCRAPERS)

    def fileno(self) -> int:
        return self.socket.fileno()

    def get_request(self) -> tuple[socket.socket, object]:
        return self.socket.accept()

    def verify_request(self, request: object, client_address: object) -> bool:  # noqa: ARG002
        """Whether there is room for one more scraper."""
        return self._room.acquire(blocking=False)

    def process_request_thread(self, request: socket.socket, client_address: object) -> None:  # type: ignore[override]
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._room.release()

    def shutdown_request(self, request: socket.socket) -> None:  # type: ignore[override]
        with contextlib.suppress(OSError):
            request.shutdown(socket.SHUT_WR)
        request.close()

    def server_close(self) -> None:
        self.socket.close()

    def handle_error(self, request: object, client_address: object) -> None:
        """A scraper that went away, or was too slow, is no error of the agent's."""


class _Scrape(BaseHTTPRequestHandler):
    """One scraper's request."""

    server: _Server
    timeout = PATIENCE_SECONDS
    server_version = "poolweaver"
    sys_version = ""

    def do_GET(self) -> None:
        """Answer a scrape."""
        self._answer(with_body=True)

    def do_HEAD(self) -> None:
        """Say what a scrape would be answered."""
        self._answer(with_body=False)

    def _answer(self, *, with_body: bool) -> None:
        if self.path.partition("?")[0] != PATH:
            self.send_error(404, f"metrics are at {PATH}")
            return
        body = self.server.text()
        self.send_response(200)
        self.send_header("Content-Type", self.server.content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if with_body:
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """A no-op: scrapes are not logged."""

    def address_string(self) -> str:
        """Who asks; a unix socket does not say."""
        return "-"
