"""A small web server for files: ranges, validators, and ways to misbehave."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from typing_extensions import override

_PIECE = 65_536


@dataclass
class FileServer:
    """What is served under every path, and how; ``asked`` keeps the Range of each request."""

    url: str = ""
    content: bytes = b""
    etag: str = '"one"'
    ranges: bool = True
    # Hang up after so many bytes of an answer; wait so long after each piece.
    cut_after: int | None = None
    pause_seconds: float = 0.0
    status: int | None = None
    location: str = ""
    # Other files by their name.
    files: dict[str, bytes] = field(default_factory=dict)
    asked: list[str | None] = field(default_factory=list)


@contextmanager
def serving_file(content: bytes) -> Iterator[FileServer]:
    """Serve a file on this machine."""
    state = FileServer(content=content)
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"state": state}))
    server.handle_error = lambda *_: None  # type: ignore[method-assign]  # clients hang up here
    state.url = f"http://127.0.0.1:{server.server_port}/files"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield state
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    state: FileServer

    def do_GET(self) -> None:
        state, asked = self.state, self.headers["Range"]
        state.asked.append(asked)
        if state.status is not None:
            self._head(state.status, b"", {"Location": state.location})
            return
        content = state.files.get(self.path.rpartition("/")[2], state.content)
        same = self.headers["If-Range"] in {None, state.etag}
        start = int(asked[len("bytes=") : -1]) if asked and state.ranges and same else 0
        if start > len(content):
            self._head(416, b"", {})
            return
        self._head(206 if start else 200, content[start:], {"ETag": state.etag})
        self._body(content[start:])

    def _head(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            if value:
                self.send_header(name, value)
        self.end_headers()

    def _body(self, body: bytes) -> None:
        for sent in range(0, len(body), _PIECE):
            if self.state.cut_after is not None and sent >= self.state.cut_after:
                self.close_connection = True
                return
            self.wfile.write(body[sent : sent + _PIECE])
            time.sleep(self.state.pause_seconds)

    @override
    def log_message(self, *_: Any) -> None:
        pass
