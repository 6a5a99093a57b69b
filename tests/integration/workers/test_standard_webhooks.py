"""Our webhooks before the npm package: an implementation of Standard Webhooks that is not ours."""

import base64
import json
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from models.domain.clock import SystemClock
from models.domain.delivery import DeliveryStatus, Purpose
from models.domain.ids import new_id
from models.domain.sending import Parcel
from models.outbound.http import HttpClient
from models.outbound.resolving import Resolver
from models.outbound.targets import Policy
from tests.support.leads import SIGNING_KEY
from tests.support.npm import installed
from workers.destinations.webhook.client import WebhookClient

OLD_KEY = "whsec_" + base64.b64encode(b"the key before this one, 32 b...").decode()
OTHER_KEY = "whsec_" + base64.b64encode(b"a key of somebody else's, 32 b..").decode()
BODY = '{"type":"lead.created","data":{"student":{"first_name":"Zoë","note":"a\\u2028b"}}}'.encode()


@dataclass(frozen=True)
class Seen:
    """A request as bytes off the socket: its headers by name, and its body."""

    headers: dict[str, str]
    body: bytes

    def with_header(self, name: str, value: str) -> "Seen":
        return replace(self, headers={**self.headers, name: value})


@dataclass(frozen=True)
class ShiftedClock:
    """The machine's clock, set wrong."""

    by: timedelta = timedelta(0)

    def now(self) -> datetime:
        return SystemClock().now() + self.by


@pytest.fixture(scope="session")
def package() -> Path:
    """The verifier with its package, installed by npm from the committed lock."""
    return installed("standardwebhooks")


Verify = Callable[..., str]


@pytest.fixture(scope="session")
def verify(package: Path) -> Iterator[Verify]:
    """Ask the package about a request."""
    with subprocess.Popen(
        ["node", "verify.js"], cwd=package, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as node:

        def ask(seen: Seen, key: str = SIGNING_KEY) -> str:
            body = base64.b64encode(seen.body).decode()
            case = {"key": key, "body": body, "headers": seen.headers}
            assert node.stdin is not None
            assert node.stdout is not None
            node.stdin.write(json.dumps(case) + "\n")
            node.stdin.flush()
            return node.stdout.readline().strip()

        yield ask
        assert node.stdin is not None
        node.stdin.close()


@contextmanager
def _socket() -> Iterator[tuple[str, list[bytes]]]:
    """Take one request as bytes, whatever they are, and answer 204."""
    taken: list[bytes] = []
    listener = socket.create_server(("127.0.0.1", 0))

    def take() -> None:
        connection, _ = listener.accept()
        with connection:
            data = b""
            while b"\r\n\r\n" not in data or len(data) < _whole(data):
                data += connection.recv(65536)
            taken.append(data)
            connection.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")

    thread = threading.Thread(target=take, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}/hooks", taken
    thread.join(30)
    listener.close()


def _whole(data: bytes) -> int:
    head, _, _ = data.partition(b"\r\n\r\n")
    [length] = [
        int(line.split(b":")[1])
        for line in head.split(b"\r\n")
        if line[:15].lower() == b"content-length:"
    ]
    return len(head) + 4 + length


def _send(*keys: str, clock: ShiftedClock = ShiftedClock()) -> Seen:
    """Send with our client; return what arrived."""
    resolver = Resolver()
    http = HttpClient(Policy(ports=None, allow_loopback=True), resolver)
    with _socket() as (url, taken):
        parcel = Parcel(
            new_id(clock.now()), Purpose.LEAD, BODY, {"url": url}, {"signing_keys": list(keys)}
        )
        outcome = WebhookClient(http, clock).send(parcel)
    http.close()
    resolver.close()
    assert outcome.status is DeliveryStatus.DELIVERED
    head, _, body = taken[0].partition(b"\r\n\r\n")
    pairs = (line.decode().partition(": ") for line in head.split(b"\r\n")[1:])
    return Seen({name.lower(): value for name, _, value in pairs}, body)


def test_the_package_accepts_the_bytes_off_the_socket(verify: Verify) -> None:
    seen = _send(SIGNING_KEY)
    assert seen.body == BODY
    assert verify(seen) == "accepted"
    assert verify(seen, OTHER_KEY) == "No matching signature found"


def test_it_accepts_either_key_while_they_change(verify: Verify) -> None:
    seen = _send(SIGNING_KEY, OLD_KEY)
    assert verify(seen, SIGNING_KEY) == verify(seen, OLD_KEY) == "accepted"
    assert verify(seen, OTHER_KEY) == "No matching signature found"


@pytest.mark.parametrize("place", [0, len(BODY) // 2, len(BODY) - 1])
def test_it_refuses_a_flipped_byte_of_the_body(verify: Verify, place: int) -> None:
    seen = _send(SIGNING_KEY)
    flipped = bytearray(seen.body)
    flipped[place] ^= 1
    assert verify(replace(seen, body=bytes(flipped))) == "No matching signature found"


@pytest.mark.parametrize("change", [b" ", b"\n", b"\x00"])
def test_it_refuses_a_body_with_a_byte_more(verify: Verify, change: bytes) -> None:
    seen = _send(SIGNING_KEY)
    assert verify(replace(seen, body=seen.body + change)) == "No matching signature found"


@pytest.mark.parametrize("name", ["webhook-id", "webhook-timestamp", "webhook-signature"])
def test_it_refuses_another_or_no_value_of_each_header(verify: Verify, name: str) -> None:
    seen = _send(SIGNING_KEY)
    value = seen.headers[name]
    last = "1" if value.endswith("0") else "0"
    flipped = f"{value[:-2]}A{value[-1]}" if name == "webhook-signature" else value[:-1] + last
    flipped = flipped if flipped != value else f"{value[:-2]}B{value[-1]}"
    assert verify(seen.with_header(name, flipped)) == "No matching signature found"
    left = {other: value for other, value in seen.headers.items() if other != name}
    assert verify(replace(seen, headers=left)) == "Missing required headers"


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (-290, "accepted"),
        (290, "accepted"),
        (-302, "Message timestamp too old"),
        (330, "Message timestamp too new"),
    ],
)
def test_it_refuses_what_was_signed_more_than_five_minutes_from_now(
    verify: Verify, seconds: int, said: str
) -> None:
    seen = _send(SIGNING_KEY, clock=ShiftedClock(timedelta(seconds=seconds)))
    assert verify(seen) == said
