"""The receiver, a process of its own: as little work a request as Python can do.

python -m benchmarks._delivery.receiver        prints its port, then answers until it is ended

POST /fast answers at once, /slow after 100 ms, /hole never. GET /report tells what came.
"""

import asyncio
import json
import sys
import time
from collections import Counter

from typing_extensions import override

ANSWER = b"HTTP/1.1 204 No Content\r\n\r\n"
SLOW_SECONDS = 0.1


class Kept:
    """What came: how often each path was asked, and when each id first was."""

    def __init__(self) -> None:
        self.requests: Counter[str] = Counter()
        self.first: dict[str, float] = {}
        self.last_body = b""

    def report(self) -> bytes:
        """Write it as JSON, and forget it."""
        document = {
            "requests": dict(self.requests),
            "first": self.first,
            "last_body": self.last_body.decode(),
        }
        self.requests, self.first = Counter(), {}
        return json.dumps(document).encode()


class Connection(asyncio.Protocol):
    """One keep-alive connection."""

    def __init__(self, kept: Kept) -> None:
        self.kept = kept
        self.read = bytearray()

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way back."""
        self.transport = transport

    @override
    def data_received(self, data: bytes) -> None:
        """Answer every request that is whole."""
        self.read += data
        while (end := self.read.find(b"\r\n\r\n")) >= 0:
            head = bytes(self.read[:end]).lower()
            length = _header(head, b"content-length")
            whole = end + 4 + int(length or 0)
            if len(self.read) < whole:
                return
            body = bytes(self.read[end + 4 : whole])
            del self.read[:whole]
            self._answer(head, body)

    def _answer(self, head: bytes, body: bytes) -> None:
        method, path, _ = head.split(b"\r\n", 1)[0].decode().split(" ")
        if method == "get":
            report = self.kept.report()
            self._write(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n" % len(report) + report)
            return
        self.kept.requests[path] += 1
        self.kept.first.setdefault(_header(head, b"webhook-id").decode(), time.monotonic())
        self.kept.last_body = body
        if path == "/slow":
            asyncio.get_running_loop().call_later(SLOW_SECONDS, self._write, ANSWER)
        elif path != "/hole":
            self._write(ANSWER)

    def _write(self, answer: bytes) -> None:
        if isinstance(self.transport, asyncio.Transport) and not self.transport.is_closing():
            self.transport.write(answer)


def _header(head: bytes, name: bytes) -> bytes:
    start = head.find(b"\r\n" + name + b":")
    if start < 0:
        return b""
    start += len(name) + 3
    end = head.find(b"\r\n", start)
    return head[start : end if end >= 0 else len(head)].strip()


async def serve() -> None:
    """Answer until the process is ended."""
    kept = Kept()
    server = await asyncio.get_running_loop().create_server(
        lambda: Connection(kept), "127.0.0.1", 0, backlog=512
    )
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve())
