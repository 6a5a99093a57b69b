"""A relay before a server, that counts what clients send and does something after so many bytes."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress


class Relay:
    """Forwards connections to a port of this machine.

    Once ``stop_after`` bytes went to the server, not one more does: ``then`` is called instead.
    """

    def __init__(self, target: int) -> None:
        self._target = target
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._opened: list[socket.socket] = []
        self._lock = threading.Lock()
        self.port = int(self._listener.getsockname()[1])
        self.sent = 0
        self.stop_after: int | None = None
        self.then: Callable[[], None] = lambda: None

    def serve(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                self._opened.append(client)
                server = socket.create_connection(("127.0.0.1", self._target))
                self._opened.append(server)
                for source, goal, counted in ((client, server, True), (server, client, False)):
                    threading.Thread(
                        target=self._forward, args=(source, goal, counted), daemon=True
                    ).start()

    def close(self) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for each in self._opened:
            each.close()

    def _forward(self, source: socket.socket, goal: socket.socket, counted: bool) -> None:
        with suppress(OSError):
            while data := source.recv(4096):
                goal.sendall(self._allowed(data) if counted else data)
        for end in (source, goal):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def _allowed(self, data: bytes) -> bytes:
        with self._lock:
            if self.stop_after is None or self.sent + len(data) < self.stop_after:
                self.sent += len(data)
                return data
            kept = data[: self.stop_after - self.sent]
            self.sent = self.stop_after
        self.then()
        return kept


@contextmanager
def relay(target: int) -> Iterator[Relay]:
    made = Relay(target)
    threading.Thread(target=made.serve, daemon=True).start()
    try:
        yield made
    finally:
        made.close()
