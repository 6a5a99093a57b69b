"""A mail server that is played: takes messages, or refuses them in the ways that real ones do."""

import socketserver
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from typing_extensions import override

from workers.mocks import Listening

GOOD = "good"
# Takes the message and hangs up before it says so.
ANSWER_LOST = "answer_lost"
# What each case answers, and to which command; everything else is taken.
CASES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        GOOD: ("", ""),
        ANSWER_LOST: ("", ""),
        "unknown_address": ("RCPT", "550 5.1.1 No such user here"),
        "greylisted": ("RCPT", "451 4.7.1 Greylisted, try again later"),
        "mailbox_full": (".", "452 4.2.2 Mailbox full"),
        "looks_like_spam": (".", "554 5.7.1 Message refused by content"),
        "sender_refused": ("MAIL", "553 5.1.8 Sender address rejected"),
        "closing": ("220", "421 4.3.2 Service not available"),
    }
)


@dataclass(frozen=True, slots=True)
class Mailed:
    """A message as it came, with whom it was for."""

    sender: str
    recipients: tuple[str, ...]
    message: bytes


class MockMailServer(Listening):
    """A mail server on a free port of this machine, while its block lasts."""

    def __init__(self, case: str = GOOD) -> None:
        self.case = case
        self.received: list[Mailed] = []
        server = _Server(self)
        super().__init__(server)
        self._port = int(server.server_address[1])

    @property
    def port(self) -> int:
        """Where it listens, on 127.0.0.1."""
        return self._port


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, mock: MockMailServer) -> None:
        self.mock = mock
        super().__init__(("127.0.0.1", 0), _Handler)


class _Handler(socketserver.StreamRequestHandler):
    server: _Server
    timeout = 30

    @override
    def handle(self) -> None:
        """Talk until the other side has enough."""
        self._sender, self._recipients = "", list[str]()
        refused, how = CASES[self.server.mock.case]
        self._say(how if refused == "220" else "220 mail.example.edu ESMTP")
        while line := self.rfile.readline(2048):
            command = line.decode("latin-1").strip()
            if not self._obey(command.partition(" ")[0].upper(), command):
                return

    def _obey(self, word: str, command: str) -> bool:
        """Answer a command; False ends the conversation."""
        if word == "DATA":
            self._say("354 End data with <CR><LF>.<CR><LF>")
            return self._take(self._message())
        if word == "MAIL":
            self._sender = _address(command)
        elif word == "RCPT":
            self._recipients.append(_address(command))
        refused, how = CASES[self.server.mock.case]
        self._say(how if word == refused else "250 OK")
        return word != "QUIT"

    def _take(self, message: bytes) -> bool:
        mock = self.server.mock
        refused, how = CASES[mock.case]
        if refused == ".":
            self._say(how)
            return True
        mock.received.append(Mailed(self._sender, tuple(self._recipients), message))
        if mock.case == ANSWER_LOST:
            return False
        self._say(f"250 2.0.0 Ok: queued as {len(mock.received):08X}")
        return True

    def _message(self) -> bytes:
        lines: list[bytes] = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        return b"".join(lines)

    def _say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())


def _address(command: str) -> str:
    return command.partition("<")[2].partition(">")[0]
