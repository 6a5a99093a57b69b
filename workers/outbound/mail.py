"""Mail out: through the operator's relay, guarded as all else is, or into a folder.

A relay's address is the operator's, not a school's: it may stand on this machine or in a network
of the operator's own. Everything else that no delivery connects to is refused to it as well.
"""

import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from io import BytesIO
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pycurl

from models.outbound.errors import NoAnswerError
from models.outbound.guarded import GuardedCurl, reason_of
from models.outbound.http import Limits
from models.outbound.resolving import Resolve
from models.outbound.targets import Policy
from workers.outbound.ports import Mail, MailAnswer

_REFUSED = 400
# pycurl knows it by an older name of its own.
_WEIRD_REPLY = pycurl.E_FTP_WEIRD_SERVER_REPLY
# How libcurl tells that the server answered, and with a refusal: to MAIL or RCPT, to the login, to
# the message.
_REFUSALS = frozenset({pycurl.E_SEND_ERROR, pycurl.E_LOGIN_DENIED, _WEIRD_REPLY})


@dataclass(frozen=True, slots=True, repr=False)
class Relay:
    """The mail server that takes our mail, and who that mail is from.

    ``plain`` says that TLS is not asked for: on this machine only.
    """

    url: str
    sender: str
    user: str = ""
    password: str = ""
    plain: bool = False

    @property
    def domain(self) -> str:
        """How we greet the relay: by the domain that our mail is from."""
        return self.sender.rpartition("@")[2]


def read_relay(url: str, sender: str) -> Relay:
    """Take SMTP_URL apart: ``smtps://`` is TLS from the start, ``smtp://`` must offer STARTTLS.

    Args:
        url: such as ``smtps://user:password@mail.example.org``; checked by the settings.
        sender: the address that mail is from.
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    place = f"[{host}]" if ":" in host else host
    port = f":{parts.port}" if parts.port else ""
    return Relay(
        f"{parts.scheme}://{place}{port}",
        sender,
        unquote(parts.username or ""),
        unquote(parts.password or ""),
        plain=parts.scheme == "smtp" and _on_this_machine(host),
    )


def _on_this_machine(host: str) -> bool:
    with suppress(ValueError):
        return ip_address(host).is_loopback
    return host == "localhost"


class SmtpClient:
    """Sends one message at a time, each over a connection of its own; for one thread."""

    def __init__(
        self,
        relay: Relay,
        resolve: Resolve,
        *,
        limits: Limits | None = None,
        ca_file: str | None = None,
    ) -> None:
        self._relay = relay
        self._limits = limits or Limits()
        policy = Policy(ports=None, allow_loopback=True, allow_private=True, ca_file=ca_file)
        self._guarded = GuardedCurl(policy, resolve)

    def send(self, key: str, recipient: str, message: bytes) -> MailAnswer:
        """Hand a message over; a connection lost before the last answer is no answer.

        Raises:
            OutboundError: when no answer came.
        """
        del key  # it is in the message
        started = time.monotonic()
        limits, relay = self._limits, self._relay
        url = f"{relay.url}/{relay.domain}"
        self._guarded.aim_mail(url, connect_seconds=limits.connect_seconds)
        left = limits.total_seconds - (time.monotonic() - started)
        said: list[bytes] = []
        self._prepare(recipient, _whole(relay.sender, message), said, left)
        error = self._guarded.perform()
        code = int(self._guarded.curl.getinfo(pycurl.RESPONSE_CODE))
        if error is None:
            return MailAnswer(code, _last(said))
        # libcurl stops at a refusal; 2xx and 3xx are answers to what came before the connection
        # was lost.
        if code < _REFUSED or error.args[0] not in _REFUSALS:
            raise NoAnswerError(reason_of(error))
        return MailAnswer(code, _last(said), about_us=not _about_message(error, said))

    def close(self) -> None:
        """Close what is open."""
        self._guarded.close()

    def _prepare(self, recipient: str, message: bytes, said: list[bytes], seconds: float) -> None:
        relay = self._relay
        tls = pycurl.USESSL_NONE if relay.plain else pycurl.USESSL_ALL
        for option, value in (
            (pycurl.TIMEOUT_MS, max(1, int(seconds * 1000))),
            (pycurl.USE_SSL, tls),
            (pycurl.MAIL_FROM, f"<{relay.sender}>"),
            (pycurl.MAIL_RCPT, [f"<{recipient}>"]),
            (pycurl.UPLOAD, 1),
            (pycurl.INFILESIZE_LARGE, len(message)),
            (pycurl.READFUNCTION, BytesIO(message).read),
            (pycurl.HEADERFUNCTION, said.append),
            (pycurl.FRESH_CONNECT, 1),
            (pycurl.FORBID_REUSE, 1),
        ):
            self._guarded.curl.setopt(option, value)
        if relay.user:
            self._guarded.curl.setopt(pycurl.USERNAME, relay.user)
            self._guarded.curl.setopt(pycurl.PASSWORD, relay.password)


def _last(said: list[bytes]) -> bytes:
    return said[-1].strip() if said else b""


def _about_message(error: pycurl.error, said: list[bytes]) -> bool:
    """Tell whether the recipient or the message was refused; else it was who we are."""
    asked_for_it = any(line.startswith(b"354") for line in said)
    return asked_for_it or str(error.args[1]).startswith(("RCPT", "DATA"))


def _whole(sender: str, message: bytes) -> bytes:
    return b"From: schoolmatch <%s>\r\n%s" % (sender.encode("ascii"), message)


@dataclass(frozen=True, slots=True)
class Mailbox:
    """A folder that keeps mail instead of sending it: a file for each message.

    A message that comes again replaces itself, so a repeat is no second message.
    """

    folder: Path
    sender: str

    def send(self, key: str, recipient: str, message: bytes) -> MailAnswer:
        """Keep a message, on the disk before it counts as taken.

        Raises:
            NoAnswerError: when the folder does not take it.
        """
        del recipient  # it is in the message
        try:
            self._keep(f"{key}.eml", _whole(self.sender, message))
        except OSError as error:
            raise NoAnswerError("mailbox_unusable") from error
        return MailAnswer(250, b"250 kept in the mailbox")

    def _keep(self, name: str, data: bytes) -> None:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor, unfinished = tempfile.mkstemp(prefix=name, suffix=".part", dir=self.folder)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(descriptor)
        Path(unfinished).replace(self.folder / name)


@dataclass(frozen=True, slots=True)
class MailOut:
    """How mail leaves, as the operator set it up: a relay, else a mailbox, else not at all."""

    relay: Relay | None = None
    mailbox: Mailbox | None = None

    @contextmanager
    def opened(self, resolve: Resolve, limits: Limits | None) -> Iterator[Mail | None]:
        """Open the way out of one sender thread."""
        if self.relay is None:
            yield self.mailbox
            return
        client = SmtpClient(self.relay, resolve, limits=limits)
        try:
            yield client
        finally:
            client.close()
