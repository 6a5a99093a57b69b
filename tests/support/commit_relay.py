"""A relay before PostgreSQL that swallows the answer to a COMMIT, as a network that breaks does."""

import contextlib
import shutil
import socket
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

_SOCKET = ".s.PGSQL.5432"
_COMMIT = b"COMMIT\x00"


class CommitRelay:
    """Forwards connections; ``lose`` is asked at each COMMIT whether its answer gets lost."""

    def __init__(self, server: Path, folder: Path, lose: Callable[[], bool]) -> None:
        self._server = server
        self._lose = lose
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(folder / _SOCKET))
        self._listener.listen(64)
        self.lost = 0

    def serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = socket.socket(socket.AF_UNIX)
                server.connect(str(self._server))
                losing = threading.Event()
                for source, goal, up in ((client, server, True), (server, client, False)):
                    threading.Thread(
                        target=self._forward, args=(source, goal, losing, up), daemon=True
                    ).start()

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _forward(
        self,
        source: socket.socket,
        goal: socket.socket,
        losing: threading.Event,
        up: bool,
    ) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(1 << 16):
                if up and _COMMIT in data and self._lose():
                    losing.set()
                elif not up and losing.is_set():
                    self.lost += 1
                    break  # PostgreSQL has answered: it is committed
                goal.sendall(data)
        for end in (source, goal):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            if not up:
                end.close()


@contextmanager
def commit_relay(url: str, lose: Callable[[], bool]) -> Iterator[tuple[str, CommitRelay]]:
    """Run one before the database of a URL; yield the URL that leads through it."""
    [host] = parse_qs(urlsplit(url).query)["host"]
    folder = Path(tempfile.mkdtemp(prefix="relay-", dir="/var/tmp"))
    made = CommitRelay(Path(host) / _SOCKET, folder, lose)
    threading.Thread(target=made.serve, daemon=True).start()
    try:
        yield url.replace(quote(host), str(folder)).replace(quote(host, safe=""), str(folder)), made
    finally:
        made.close()
        shutil.rmtree(folder)
