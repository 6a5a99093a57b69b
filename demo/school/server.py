"""The school's web server: webhooks in, a page and a JSON list of what came out."""

import base64
import json
import logging
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from standardwebhooks import Webhook, WebhookVerificationError
from typing_extensions import override

from demo.school.answering import Answerer
from demo.school.config import Config, Receiver
from demo.school.ledger import Ledger
from demo.school.mail import Message, read_mailbox
from demo.school.page import mail_page, page

_log = logging.getLogger(__name__)
_LONGEST = 1 << 20


class SchoolServer(ThreadingHTTPServer):
    """Serves on this machine only."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, config: Config, ledger: Ledger, answerer: Answerer, port: int) -> None:
        self.config = config
        self.ledger = ledger
        self.answerer = answerer
        super().__init__(("127.0.0.1", port), _Handler)


def verify(receiver: Receiver, headers: Mapping[str, str], body: bytes) -> bool:
    """Check a webhook's signature with any of the receiver's keys, by the public library."""
    for secret in receiver.secrets:
        try:
            Webhook(secret).verify(body, dict(headers))
        # The library raises ValueErrors (and UnicodeDecodeError, one of them) on rubbish.
        except (WebhookVerificationError, ValueError):
            continue
        return True
    return False


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "demonstration-school"
    disable_nagle_algorithm = True
    wbufsize = -1
    timeout = 30
    server: SchoolServer

    def do_GET(self) -> None:
        """Show what was received."""
        pages: dict[str, Callable[[], tuple[str, bytes]]] = {
            "/": lambda: ("text/html; charset=utf-8", page(self.server.ledger.all()).encode()),
            "/received": lambda: (
                "application/json",
                json.dumps(self.server.ledger.all(), ensure_ascii=False).encode(),
            ),
            "/mail": lambda: ("text/html; charset=utf-8", mail_page(self._mail()).encode()),
        }
        show = pages.get(self.path)
        if show is None:
            self._reply(404)
        else:
            kind, body = show()
            self._reply(200, body, kind)

    def do_POST(self) -> None:
        """Take a webhook: kept on disk first, answered then."""
        body = self._body()
        if body is None:
            return
        receiver = self.server.config.receivers.get(self.path)
        if receiver is None:
            self._reply(404)
            return
        headers = {name.lower(): value for name, value in self.headers.items()}
        record = _record(receiver, headers, body)
        first = self.server.ledger.receive(record)
        if not record["verified"]:
            _log.warning("a webhook at %s could not be verified", self.path)
            self._reply(401)
            return
        if first:
            _log.info("received %s for %s", record["id"], receiver.organization)
            self.server.answerer.add(record)
        self._reply(204)

    def _mail(self) -> list[Message]:
        mailbox = self.server.config.mailbox
        return read_mailbox(mailbox) if mailbox is not None else []

    def _body(self) -> bytes | None:
        length = self.headers.get("content-length", "")
        if not (length.isascii() and length.isdigit()) or int(length) > _LONGEST:
            self.close_connection = True
            self._reply(413 if length.isdigit() else 411)
            return None
        return self.rfile.read(int(length))

    def _reply(self, code: int, body: bytes = b"", kind: str = "text/plain") -> None:
        self.send_response(code)
        if code != 204:
            self.send_header("content-type", kind)
            self.send_header("content-length", str(len(body)))
            self.send_header("x-content-type-options", "nosniff")
            self.send_header(
                "content-security-policy", "default-src 'none'; style-src 'unsafe-inline'"
            )
        self.end_headers()
        self.wfile.write(body)

    @override
    def log_message(self, format: str, *args: object) -> None:
        """Our own log says what matters."""


def _record(receiver: Receiver, headers: Mapping[str, str], body: bytes) -> dict[str, Any]:
    return {
        "id": headers.get("webhook-id", ""),
        "received_at": datetime.now(UTC).isoformat(),  # noqa: TID251 - a program of its own
        "path": receiver.path,
        "organization": receiver.organization,
        "verified": verify(receiver, headers, body),
        "headers": dict(headers),
        "body": body.decode("utf-8", "replace"),
        "body_base64": base64.b64encode(body).decode(),
        "disposition": None,
    }
