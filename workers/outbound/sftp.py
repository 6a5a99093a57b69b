"""Files out by SFTP: to servers whose host key is known, and by the same guard as all else.

A file is written as ``NAME.part``, its size is read back, and only then it gets its name. Each
step can be done again after a death at any point: the same bytes under the same name.
"""

import base64
import contextlib
import hashlib
import os
import time
from collections.abc import Callable, Iterator
from io import BytesIO
from urllib.parse import quote

import pycurl

from models.outbound.errors import ForbiddenTargetError, NoAnswerError
from models.outbound.guarded import GuardedCurl, reason_of
from models.outbound.http import Limits
from models.outbound.resolving import Resolve
from models.outbound.targets import Policy
from workers.outbound.ports import FilePlace

_TAKEN, _REFUSED = 0, 1
# What the server refused, in words for the attempt's row.
_REASONS = {
    pycurl.E_LOGIN_DENIED: "login_refused",
    pycurl.E_REMOTE_FILE_NOT_FOUND: "folder_not_found",
    pycurl.E_UPLOAD_FAILED: "upload_refused",
    pycurl.E_QUOTE_ERROR: "rename_refused",
    pycurl.E_PEER_FAILED_VERIFICATION: "host_key_differs",
    pycurl.E_SSH: "ssh_failed",
}


class SftpClient:
    """Puts one file at a time, each over a connection of its own; for one thread."""

    def __init__(
        self,
        policy: Policy,
        resolve: Resolve,
        *,
        limits: Limits | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._policy = policy
        self._resolve = resolve
        self._limits = limits or Limits()
        self._monotonic = monotonic

    def put(self, place: FilePlace, name: str, data: bytes) -> None:
        """Put a file into a folder, whole or not at all; one of that name is replaced.

        Raises:
            OutboundError: when it is not certain that the file stands there.
        """
        with contextlib.ExitStack() as stack:
            guarded = GuardedCurl(self._policy, self._resolve)
            stack.callback(guarded.close)
            trip = _Trip(guarded, place, self._limits, self._monotonic, stack)
            part = f"{name}.part"
            trip.upload(part, data)
            if trip.size(part) != len(data):
                raise NoAnswerError("size_differs")
            trip.rename(part, name)


class _Trip:
    """The steps of one file, over one connection and within one deadline."""

    def __init__(
        self,
        guarded: GuardedCurl,
        place: FilePlace,
        limits: Limits,
        monotonic: Callable[[], float],
        stack: contextlib.ExitStack,
    ) -> None:
        self._guarded = guarded
        self._place = place
        self._limits = limits
        self._monotonic = monotonic
        self._until = monotonic() + limits.total_seconds
        self._key = stack.enter_context(_key_file(place.private_key))
        self._folder = place.folder.rstrip("/")

    def upload(self, name: str, data: bytes) -> None:
        """Write a file, over whatever is there."""
        self._aim(name)
        for option, value in (
            (pycurl.UPLOAD, 1),
            (pycurl.READFUNCTION, BytesIO(data).read),
            (pycurl.INFILESIZE_LARGE, len(data)),
        ):
            self._guarded.curl.setopt(option, value)
        self._perform()

    def size(self, name: str) -> int:
        """Ask how many bytes stand there."""
        self._aim(name)
        self._guarded.curl.setopt(pycurl.NOBODY, 1)
        self._perform()
        return int(self._guarded.curl.getinfo(pycurl.CONTENT_LENGTH_DOWNLOAD_T))

    def rename(self, old: str, new: str) -> None:
        """Give a file its name; many servers rename over nothing, so that is made way for."""
        self._aim("")
        # Commands know no "/~/": what does not begin with "/" is in the user's own folder.
        at_home = f"{self._folder}/".startswith("/~/")
        there = f"{self._folder}/".removeprefix("/~/") if at_home else f"{self._folder}/"
        steps = [f'*rm "{there}{new}"', f'rename "{there}{old}" "{there}{new}"']
        self._guarded.curl.setopt(pycurl.NOBODY, 1)
        self._guarded.curl.setopt(pycurl.QUOTE, steps)
        self._perform()

    def _aim(self, name: str) -> None:
        place, curl = self._place, self._guarded.curl
        url = f"sftp://{place.host}:{place.port}{quote(self._folder, safe='/~')}/{quote(name)}"
        self._guarded.aim_files(url, connect_seconds=self._limits.connect_seconds)
        left = self._until - self._monotonic()
        if left <= 0:
            raise NoAnswerError("timeout")
        way = pycurl.SSH_AUTH_PUBLICKEY if self._key else pycurl.SSH_AUTH_PASSWORD
        for option, value in (
            (pycurl.TIMEOUT_MS, max(1, int(left * 1000))),
            (pycurl.USERNAME, place.user),
            (pycurl.SSH_AUTH_TYPES, way),
            (pycurl.SSH_HOSTKEYFUNCTION, self._known),
            (pycurl.WRITEFUNCTION, len),
        ):
            curl.setopt(option, value)
        if self._key:
            curl.setopt(pycurl.SSH_PRIVATE_KEYFILE, self._key)
            curl.setopt(pycurl.SSH_PUBLIC_KEYFILE, "")  # it is made from the private one
        else:
            curl.setopt(pycurl.PASSWORD, place.password)

    def _known(self, _kind: int, key: bytes) -> int:
        """Tell libcurl whether the server's key is one of those that the school named."""
        digest = base64.b64encode(hashlib.sha256(key).digest()).decode().rstrip("=")
        return _TAKEN if f"SHA256:{digest}" in self._place.host_keys else _REFUSED

    def _perform(self) -> None:
        error = self._guarded.perform()
        if error is None:
            return
        reason = _REASONS.get(error.args[0]) or reason_of(error)
        if reason == "host_key_differs":
            # Somebody else may stand there, or the school has a new key to tell us.
            raise ForbiddenTargetError(reason, retryable=True)
        raise NoAnswerError(reason)


@contextlib.contextmanager
def _key_file(private_key: str) -> Iterator[str]:
    """Lend a private key as a file that is on no disk; libcurl takes keys by name only."""
    if not private_key:
        yield ""
        return
    descriptor = os.memfd_create("key", os.MFD_CLOEXEC)
    try:
        os.write(descriptor, private_key.strip().encode() + b"\n")
        yield f"/proc/self/fd/{descriptor}"
    finally:
        os.close(descriptor)
