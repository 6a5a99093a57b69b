"""Receivers that misbehave on their first connection, as strangers' servers do, and mend later."""

import contextlib
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from workers.mocks import Received

# Does what it likes with a connection on which a whole request has been read.
Misbehave = Callable[[socket.socket], None]
_RESET = struct.pack("ii", 1, 0)
_ANSWER = b"HTTP/1.1 204 No Content\r\n\r\n"


def says(answer: bytes) -> Misbehave:
    """Send these bytes and hang up."""
    return lambda connection: connection.sendall(answer)


def says_and_resets(answer: bytes) -> Misbehave:
    """Send these bytes, then break the connection off (RST)."""

    def misbehave(connection: socket.socket) -> None:
        if answer:
            connection.sendall(answer)
            time.sleep(0.1)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)

    return misbehave


def drips(answer: bytes, byte: bytes, pause: float) -> Misbehave:
    """Send these bytes, then one byte at a time, for ever."""

    def misbehave(connection: socket.socket) -> None:
        connection.sendall(answer)
        while True:
            time.sleep(pause)
            connection.sendall(byte)

    return misbehave


class Stranger:
    """A server on this machine; ``received`` are whole requests, ``flood`` counts bytes it sent."""

    def __init__(self, misbehave: Misbehave, tls: ssl.SSLContext | None = None) -> None:
        self._misbehave = misbehave
        self._tls = tls
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self._first = threading.Lock()
        self.port = int(self._listener.getsockname()[1])
        self.received: list[Received] = []

    def serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                threading.Thread(target=self._talk, args=(connection,), daemon=True).start()

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _talk(self, connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):
            talk = connection if self._tls is None else self._tls.wrap_socket(connection, True)
            with talk:
                while (received := _read(talk)) is not None:
                    self.received.append(received)
                    if self._first.acquire(blocking=False):
                        self._misbehave(talk)
                        return
                    talk.sendall(_ANSWER)


def _read(connection: socket.socket) -> Received | None:
    """Read a whole request; None when there is none."""
    data = b""
    while True:
        head, end, body = data.partition(b"\r\n\r\n")
        if end:
            first, *lines = head.decode().split("\r\n")
            headers = dict(line.lower().split(": ", 1) for line in lines)
            if len(body) >= int(headers["content-length"]):
                return Received(first.split(" ")[1], headers, body)
        part = connection.recv(65536)
        if not part:
            return None
        data += part


@contextmanager
def stranger(misbehave: Misbehave, tls: ssl.SSLContext | None = None) -> Iterator[Stranger]:
    """Run one while the block lasts."""
    made = Stranger(misbehave, tls)
    threading.Thread(target=made.serve, daemon=True).start()
    try:
        yield made
    finally:
        made.close()
