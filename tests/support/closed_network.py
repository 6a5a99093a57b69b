"""A network of its own, in which every address is this machine and every packet is seen.

unshare --net --mount python -m tests.support.closed_network

Each way out is asked to go to each forbidden address: by literal, by other spellings, by redirect,
and by names whose answers change. What left is printed as JSON, by what was tried.
"""

import contextlib
import json
import os
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from ipaddress import ip_address, ip_network

from models.domain.errors import DeliveryError
from models.outbound.http import HttpClient, Limits
from models.outbound.resolving import Resolver
from models.outbound.targets import Policy
from tests.support.forbidden import FORBIDDEN
from workers.mocks import MockReceiver, Received, Reply
from workers.outbound.mail import SmtpClient, read_relay
from workers.outbound.ports import FilePlace
from workers.outbound.sftp import SftpClient

PUBLIC, NAMESERVER = "93.184.216.34", "127.0.0.53"
INSIDE = "169.254.169.254"
SPELLINGS = ("2130706433", "0x7f000001", "0177.0.0.1", "127.1", "[::ffff:7f00:1]")
LIMITS = Limits(total_seconds=2, connect_seconds=1)
OPEN = Policy(ports=None, file_ports=None)
_OUTGOING, _TCP, _UDP, _SERVER = 4, 6, 17, 9
_ANSWERS: dict[str, list[str]] = {"turns": [PUBLIC, INSIDE], "both": [PUBLIC], "six": []}


def make_network() -> None:
    """Make every address this machine's own, and let names be looked up at ours."""
    for command in (
        "ip link set lo up",
        "ip route add local 0.0.0.0/0 dev lo",
        "ip -6 route add local ::/0 dev lo",
    ):
        subprocess.run(command.split(), check=True)
    with tempfile.NamedTemporaryFile("w", prefix="resolv-") as file:
        file.write(f"nameserver {NAMESERVER}\noptions timeout:1 attempts:1\n")
        file.flush()
        subprocess.run(["mount", "--bind", file.name, "/etc/resolv.conf"], check=True)


class Packets:
    """Sees every packet that leaves."""

    def __init__(self) -> None:
        self._socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.ntohs(3))
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 24)

    def left(self) -> set[tuple[str, int]]:
        """Where packets went since the last look: address and port; name servers aside."""
        time.sleep(0.2)
        found: set[tuple[str, int]] = set()
        while True:
            try:
                frame, (_, _, kind, *_) = self._socket.recvfrom(65_535, socket.MSG_DONTWAIT)
            except BlockingIOError:
                return found
            seen = _destination(frame[14:]) if kind == _OUTGOING else None
            if seen is not None:
                found.add(seen)


def _destination(packet: bytes) -> tuple[str, int] | None:
    if packet[0] >> 4 == 4:
        protocol, source, target = packet[9], packet[12:16], packet[16:20]
        rest = packet[(packet[0] & 15) * 4 :]
    else:
        protocol, source, target, rest = packet[6], packet[8:24], packet[24:40], packet[40:]
    ports = struct.unpack("!HH", rest[:4]) if protocol in (_TCP, _UDP) else (0, 0)
    if protocol == _UDP and str(ip_address(source)).startswith("127.") and 53 in ports:
        return None
    answer = protocol == _TCP and rest[13] & 0x10 and ports[0] < ports[1]
    return None if answer else (str(ip_address(target)), ports[1])


def _try(send: Callable[[], object]) -> str:
    try:
        send()
    except DeliveryError as error:
        return error.reason
    return "left"


def _literal(address: str) -> str:
    return f"[{address}]" if ":" in address else address


def unguarded() -> None:
    """Go there without a guard, as anybody would: what the watch must see."""
    for address in FORBIDDEN:
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        with socket.socket(family) as plain, contextlib.suppress(OSError):
            plain.settimeout(0.2)
            plain.connect((address, 443))


def literals() -> list[str]:
    """Every way out, to every address."""
    said, resolver = [], Resolver()
    http, files = HttpClient(OPEN, resolver, limits=LIMITS), SftpClient(OPEN, resolver)
    for address in (*map(_literal, FORBIDDEN), *SPELLINGS):
        urls = (f"{scheme}://{address}:443/" for scheme in ("https", "http"))
        said += [_try(partial(http.post, url, {}, b"{}")) for url in urls]
        place = FilePlace(address, 22, "/in", ("SHA256:" + "a" * 43,), "user", "password")
        said.append(_try(partial(files.put, place, "a", b"a")))
    for address in FORBIDDEN:
        # A relay is the operator's: it may stand on this machine and in a private network.
        if not _operators(address):
            relay = read_relay(f"smtps://{_literal(address)}", "a@example.org")
            smtp = SmtpClient(relay, resolver, limits=LIMITS)
            said.append(_try(partial(smtp.send, "k", "b@example.org", b"")))
            smtp.close()
    http.close()
    return said


def _operators(address: str) -> bool:
    read = ip_address(address)
    networks = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7", "127.0.0.0/8")
    return address == "::1" or any(read in ip_network(network) for network in networks)


def redirects() -> list[str]:
    """A receiver that may be sent to, and that sends on to each address."""
    targets = iter([f"http://{_literal(each)}:{_SERVER}/" for each in FORBIDDEN] * 3)
    kinds = iter([301, 302, 303, 307, 308] * len(FORBIDDEN))

    def answer(_received: Received) -> Reply:
        return Reply(next(kinds), {"location": next(targets)})

    allowed = Policy(ports=None, allow_loopback=True)
    with MockReceiver(answer) as receiver:
        http = HttpClient(allowed, Resolver(), limits=LIMITS)
        tries = range(3 * len(FORBIDDEN))
        codes = [str(http.post(receiver.url, {}, b"{}").code) for _ in tries]
        http.close()
    return codes


@contextlib.contextmanager
def name_server() -> Iterator[None]:
    """Answer ``turns`` with another address each time, ``both`` and ``six`` with bad ones."""
    turns: dict[str, int] = {}
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind((NAMESERVER, 53))

        def serve() -> None:
            with contextlib.suppress(OSError):
                while True:
                    question, asker = server.recvfrom(512)
                    server.sendto(_answer(question, turns), asker)

        threading.Thread(target=serve, daemon=True).start()
        yield


def _answer(question: bytes, turns: dict[str, int]) -> bytes:
    length = question[12]
    name = question[13 : 13 + length].decode()
    end = question.index(b"\0", 12) + 5
    (kind,) = struct.unpack("!H", question[end - 4 : end - 2])
    found: list[str] = []
    if kind == 1 and name == "turns":
        turn = turns[name] = turns.get(name, -1) + 1
        found = [_ANSWERS[name][turn % 2]]
    elif kind == 1 and name == "both":
        found = [PUBLIC, INSIDE]
    elif kind == 28 and name == "six":
        found = ["fd12::1"]
    records = b"".join(
        b"\xc0\x0c"
        + struct.pack("!HHIH", kind, 1, 0, len(ip_address(each).packed))
        + ip_address(each).packed
        for each in found
    )
    head = struct.pack("!HHHHH", 0x8180, 1, len(found), 0, 0)
    return question[:2] + head + question[12:end] + records


def rebinding() -> list[str]:
    """Names that are good when they are looked at, and bad when they are used."""
    said = []
    for name in ("turns", "turns", "turns", "turns", "both", "six"):
        # Each time with nothing remembered, as after five seconds.
        http = HttpClient(OPEN, Resolver(), limits=LIMITS)
        post = partial(http.post, f"https://{name}.example/", {}, b"{}")
        said += [_try(post), _try(post)]
        http.close()
    return said


def main() -> None:
    """Try all of it; print what was said and what left."""
    make_network()
    packets = Packets()
    told: dict[str, object] = {}
    with name_server():
        for attempt in (unguarded, literals, redirects, rebinding):
            said = attempt()
            told[attempt.__name__] = {"said": said, "left": sorted(packets.left())}
    os.write(1, json.dumps(told).encode())
    sys.exit(0)


if __name__ == "__main__":
    main()
