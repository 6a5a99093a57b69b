"""A receiver to try deliveries against: keeps what came, answers what it is told to.

The mocks of kinds that are posted to are made of it.
"""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import BaseServer
from types import TracebackType
from typing import Self

from typing_extensions import override

from workers.outbound.outside import Outside

_LONGEST = 1 << 20


@dataclass(frozen=True, slots=True)
class Received:
    """A request as it came off the socket."""

    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def id(self) -> str:
        """The delivery's id, the same over all tries."""
        return self.headers.get("webhook-id") or self.headers.get("idempotency-key", "")


@dataclass(frozen=True, slots=True)
class Reply:
    """What to answer."""

    code: int = 204
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


Answering = Callable[[Received], Reply]


def always(reply: Reply) -> Answering:
    """Answer every request alike."""
    return lambda _received: reply


def in_turn(*replies: Reply) -> Answering:
    """Answer with one after the other, then with the last for ever."""
    left = list(replies)
    lock = threading.Lock()

    def answer(_received: Received) -> Reply:
        with lock:
            return left.pop(0) if len(left) > 1 else left[0]

    return answer


class Listening:
    """Answers in a thread of its own while its block lasts."""

    def __init__(self, server: BaseServer) -> None:
        self._server = server
        self._thread = threading.Thread(target=server.serve_forever, daemon=True)

    def __enter__(self) -> Self:
        """Begin to listen."""
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()


class MockReceiver(Listening):
    """A receiver on a free port of this machine, while its block lasts."""

    def __init__(self, answering: Answering | None = None) -> None:
        self.received: list[Received] = []
        self.replied: list[Reply] = []
        self.answering = answering or always(Reply())
        self._arrived = threading.Condition()
        server = _Server(self)
        super().__init__(server)
        self._port = server.server_port

    @property
    def host(self) -> str:
        """Where it listens: scheme, address and port."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def url(self) -> str:
        """An address on it."""
        return f"{self.host}/hooks"

    def take(self, received: Received) -> Reply:
        """Keep a request and decide on its answer."""
        with self._arrived:
            self.received.append(received)
            self._arrived.notify_all()
        reply = self.answering(received)
        with self._arrived:
            self.replied.append(reply)
        return reply

    def ways(self, outside: Outside) -> Outside:
        """Say by which ways a client reaches this: the real ones."""
        return outside

    def wait_for(self, count: int, seconds: float = 10.0) -> bool:
        """Wait until that many requests came; False when they did not."""
        with self._arrived:
            return self._arrived.wait_for(lambda: len(self.received) >= count, seconds)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, mock: MockReceiver) -> None:
        self.mock = mock
        super().__init__(("127.0.0.1", 0), _Handler)

    @override
    def handle_error(self, request: object, client_address: object) -> None:
        """A sender that hangs up is part of what is tried out."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    server: _Server

    def do_POST(self) -> None:
        length = min(int(self.headers.get("content-length", 0)), _LONGEST)
        body = self.rfile.read(length)
        headers = {name.lower(): value for name, value in self.headers.items()}
        reply = self.server.mock.take(Received(self.path, headers, body))
        self.send_response(reply.code)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        if reply.code != 204:
            self.send_header("content-length", str(len(reply.body)))
        self.end_headers()
        self.wfile.write(reply.body)

    @override
    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""
