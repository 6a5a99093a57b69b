"""Fetches a large file through the guarded way out: whole or not at all, and resumable.

What has come stands in ``<name>.part``, beside ``<name>.part.tag`` with what the server calls that
version of the file. The next try asks for the rest only if the file is still the same one. The part
becomes the file, in one rename, when all of it has come and its checksum is right.
"""

import hashlib
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import IO
from urllib.parse import urlsplit

import pycurl

from models.domain.errors import SchoolmatchError
from models.outbound.guarded import GuardedCurl, reason_of
from models.outbound.resolving import Resolve
from models.outbound.targets import Policy

_CONNECT_SECONDS = 10.0
# A server that gives less than this for so long has stopped giving.
_SLOWEST_BYTES, _SLOWEST_SECONDS = 1_000, 30
_MOST_BYTES = 1_000_000_000
_CONTINUED, _WHOLE, _NOT_SATISFIABLE = 206, 200, 416
Progress = Callable[[int, int | None], None]


class DownloadError(SchoolmatchError):
    """The file did not come; what did is kept for the next try, unless it is wrong."""


@dataclass(frozen=True, slots=True)
class Download:
    """A file that came whole."""

    path: Path
    sha256: str
    size: int


@dataclass(slots=True)
class _Coming:
    """One answer as it comes: its head decides where the bytes go."""

    part: Path
    had: int
    tell: Progress
    asked_to_stop: Callable[[], bool]
    code: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    file: IO[bytes] | None = None
    come: int = 0
    wrong: Exception | None = None

    def take_header(self, line: bytes) -> int:
        text = line.decode("latin-1").strip()
        if text.startswith("HTTP/"):
            self.headers.clear()
            self.code = int(text.split(" ")[1])
        name, colon, value = text.partition(":")
        if colon:
            self.headers[name.lower()] = value.strip()
        return len(line)

    def take_body(self, piece: bytes) -> int:
        # libcurl would print what is raised here and go on: it is raised again after it.
        try:
            return self._take(piece)
        except (OSError, DownloadError) as error:
            self.wrong = error
            return 0

    def beat(self, *_progress: int) -> int:
        """Called at least each second; anything but 0 makes libcurl hang up."""
        return int(self.asked_to_stop())

    def _take(self, piece: bytes) -> int:
        if self.code not in {_WHOLE, _CONTINUED}:
            return len(piece)
        if self.file is None:
            self.file = self.part.open("ab" if self.code == _CONTINUED else "wb")
            self.come = self.had if self.code == _CONTINUED else 0
            self.tag.write_text(self.version, encoding="utf-8")
        self.come += len(piece)
        if self.come > _MOST_BYTES:
            raise DownloadError(f"it is larger than {_MOST_BYTES // 1_000_000:,} MB")
        self.file.write(piece)
        self.tell(self.come, self.size)
        return len(piece)

    @property
    def tag(self) -> Path:
        return self.part.with_name(f"{self.part.name}.tag")

    @property
    def version(self) -> str:
        """What the server calls this version of the file; "" when it cannot be resumed."""
        tag = self.headers.get("etag", "")
        return self.headers.get("last-modified", "") if tag.startswith("W/") or not tag else tag

    @property
    def size(self) -> int | None:
        """How large the whole file is, where the server says so."""
        length = self.headers.get("content-length", "")
        if not length.isascii() or not length.isdigit():
            return None
        return int(length) + (self.had if self.code == _CONTINUED else 0)

    def close(self) -> None:
        if self.file is not None:
            self.file.flush()
            os.fsync(self.file.fileno())
            self.file.close()


class Downloader:
    """Fetches one file at a time; for one thread."""

    def __init__(
        self,
        policy: Policy,
        resolve: Resolve,
        tell: Progress,
        asked_to_stop: Callable[[], bool] = lambda: False,
    ) -> None:
        self._guarded = GuardedCurl(policy, resolve)
        self._tell = tell
        self._asked_to_stop = asked_to_stop

    def fetch(self, url: str, folder: Path, *, sha256: str | None) -> Download:
        """Fetch a file into a folder, going on where an earlier try stopped.

        Args:
            url: its address; the file keeps the name that it has there.
            folder: where it goes; made when it is not there.
            sha256: what its checksum must be, None when nobody knows.

        Raises:
            OutboundError: when we do not connect there, or its name has no address.
            DownloadError: when it did not come whole, or is another file than was wanted.
        """
        name = PurePosixPath(urlsplit(url).path).name
        if not name or name.startswith("."):
            raise DownloadError(f"{url} names no file")
        folder.mkdir(parents=True, exist_ok=True)
        part = folder / f"{name}.part"
        coming = self._ask(url, part)
        if coming.code == _NOT_SATISFIABLE:
            # What is here is no beginning of what is there: begin anew.
            part.unlink(missing_ok=True)
            coming = self._ask(url, part)
        self._check_whole(coming)
        return self._finish(coming, folder / name, sha256)

    def close(self) -> None:
        """Close the connection."""
        self._guarded.close()

    def _ask(self, url: str, part: Path) -> _Coming:
        had = part.stat().st_size if part.exists() else 0
        coming = _Coming(part, had, self._tell, self._asked_to_stop)
        tag = coming.tag.read_text(encoding="utf-8") if coming.tag.exists() else ""
        headers = [f"Range: bytes={coming.had}-", f"If-Range: {tag}"] if coming.had and tag else []
        self._guarded.aim(url, connect_seconds=_CONNECT_SECONDS)
        for option, value in (
            (pycurl.HTTPGET, 1),
            (pycurl.HTTPHEADER, headers),
            (pycurl.HEADERFUNCTION, coming.take_header),
            (pycurl.WRITEFUNCTION, coming.take_body),
            (pycurl.NOPROGRESS, 0),
            (pycurl.XFERINFOFUNCTION, coming.beat),
            (pycurl.LOW_SPEED_LIMIT, _SLOWEST_BYTES),
            (pycurl.LOW_SPEED_TIME, _SLOWEST_SECONDS),
        ):
            self._guarded.curl.setopt(option, value)
        try:
            error = self._guarded.perform()
        finally:
            coming.close()
        if coming.wrong is not None:
            raise DownloadError(f"it cannot be kept ({coming.wrong})") from coming.wrong
        if error is not None and self._asked_to_stop():
            raise DownloadError("it was stopped")
        if error is not None:
            raise DownloadError(f"it broke off ({reason_of(error)})")
        return coming

    @staticmethod
    def _check_whole(coming: _Coming) -> None:
        if 300 <= coming.code < 400:
            there = coming.headers.get("location", "elsewhere")
            raise DownloadError(f"the file has moved to {there}: set that address")
        if coming.code not in {_WHOLE, _CONTINUED}:
            raise DownloadError(f"the server answered {coming.code}")
        if coming.size is not None and coming.come != coming.size:
            raise DownloadError(f"{coming.come:,} of {coming.size:,} bytes came")

    @staticmethod
    def _finish(coming: _Coming, path: Path, sha256: str | None) -> Download:
        if not coming.part.exists():
            raise DownloadError("the file is empty")
        with coming.part.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
        coming.tag.unlink(missing_ok=True)
        if sha256 is not None and found != sha256:
            coming.part.unlink()
            raise DownloadError(f"its checksum is {found}, not {sha256}; it was thrown away")
        coming.part.rename(path)
        return Download(path, found, path.stat().st_size)
