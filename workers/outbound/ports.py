"""What clients of all kinds need of the way out, so that tests can pass a way of their own."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol


class Answer(Protocol):
    """What a client reads of an answer."""

    @property
    def code(self) -> int:
        """The HTTP status."""
        ...

    @property
    def headers(self) -> Mapping[str, str]:
        """Headers, by name in small letters."""
        ...

    @property
    def body(self) -> bytes:
        """What was read of the body."""
        ...


@dataclass(frozen=True, slots=True)
class MailAnswer:
    """The reply of a mail server that ended a try: its code (RFC 5321) and its words.

    ``about_us`` says that it refused who we are, not the message or whom it is for.
    """

    code: int
    said: bytes
    about_us: bool = False


class Mail(Protocol):
    """The way out for mail: a relay, or a mailbox on this machine."""

    def send(self, key: str, recipient: str, message: bytes) -> MailAnswer:
        """Hand a message over.

        Args:
            key: names the message, the same at every try.
            recipient: the address alone.
            message: all of it but who it is from.

        Raises:
            DeliveryError: when no answer came.
        """
        ...


@dataclass(frozen=True, slots=True, repr=False)
class FilePlace:
    """A folder of a stranger's server, and who may write there: by password or by private key.

    ``host_keys`` are fingerprints, ``SHA256:…``, of the keys that the server may show.
    """

    host: str
    port: int
    folder: str
    host_keys: tuple[str, ...]
    user: str
    password: str = ""
    private_key: str = ""


class Files(Protocol):
    """The way out for files."""

    def put(self, place: FilePlace, name: str, data: bytes) -> None:
        """Put a file into a folder, whole or not at all; one of that name is replaced.

        Raises:
            DeliveryError: when it is not certain that the file stands there.
        """
        ...


class Http(Protocol):
    """The way out."""

    @property
    def total_seconds(self) -> float:
        """How long one request may take, unless it is given less."""
        ...

    def post(
        self, url: str, headers: Mapping[str, str], body: bytes, seconds: float | None = None
    ) -> Answer:
        """POST bytes and read the answer.

        Raises:
            DeliveryError: when no answer came.
        """
        ...
