"""A peer on the loopback interface: it notes what it is sent, and answers as a test wants."""

from __future__ import annotations

import contextlib
import json
import select
import socket
import struct
import threading
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import BinaryIO, cast
from urllib.parse import parse_qsl

Answer = Callable[[socket.socket], None]


@dataclass(frozen=True)
class Received:
    """One request as it came; names of headers in lower case."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes

    @property
    def form(self) -> dict[str, str]:
        pairs = parse_qsl(self.body.decode(), keep_blank_values=True, strict_parsing=True)
        assert len(dict(pairs)) == len(pairs)
        return dict(pairs)


class Peer:
    """Serves one request for each connection, then closes it.

    :param answer: writes the reply to the socket, or does worse.
    :param reads: False to answer before anything was read.
    """

    def __init__(self, answer: Answer, *, reads: bool = True) -> None:
        self.received: list[Received] = []
        self.closed = threading.Semaphore(0)
        self._answer = answer
        self._reads = reads
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.endpoint = f"127.0.0.1:{self._listener.getsockname()[1]}"

    def __enter__(self) -> Peer:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        # To close alone would leave the thread in its accept.
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                threading.Thread(target=self._serve, args=[connection], daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError), connection:
            if self._reads:
                with connection.makefile("rb") as stream:
                    self.received.append(_read(cast(BinaryIO, stream)))
            self._answer(connection)
        self.closed.release()


def _read(stream: BinaryIO) -> Received:
    method, target, _ = stream.readline().decode().split(" ")
    headers: dict[str, str] = {}
    while line := stream.readline().decode("latin-1").strip():
        name, _, value = line.partition(":")
        headers[name.lower()] = value.strip()
    return Received(method, target, headers, stream.read(int(headers.get("content-length", 0))))


def reply(
    body: object, status: str = "200 OK", headers: str = "", *, length: int | None = None
) -> Answer:
    """Sends a whole reply: text as it is, anything else as JSON."""
    content = (body if isinstance(body, str) else json.dumps(body)).encode()
    size = len(content) if length is None else length
    # A client that is not told would keep the connection, and may use it while it is closed.
    head = f"HTTP/1.1 {status}\r\nContent-Length: {size}\r\nConnection: close\r\n{headers}\r\n"
    return lambda connection: connection.sendall(head.encode() + content)


def close(connection: socket.socket) -> None:
    """Sends nothing."""


def reset(connection: socket.socket) -> None:
    """Makes the kernel answer with RST when the socket is closed."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def hang(connection: socket.socket) -> None:
    """Says nothing until the other side has gone."""
    while connection.recv(4096):
        pass


def drip(*, chunked: bool) -> Answer:
    """Sends a good reply byte by byte, over some seconds."""
    body = json.dumps({"Success": True, "RequestId": "x" * 300}).encode()
    kind = "Transfer-Encoding: chunked" if chunked else f"Content-Length: {len(body)}"

    def answer(connection: socket.socket) -> None:
        connection.sendall(f"HTTP/1.1 200 OK\r\n{kind}\r\nConnection: close\r\n\r\n".encode())
        for byte in body:
            connection.sendall(b"1\r\n%c\r\n" % byte if chunked else b"%c" % byte)
            if select.select([connection], [], [], 0.02)[0]:
                return
        if chunked:
            connection.sendall(b"0\r\n\r\n")

    return answer
