import hashlib
import random
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from models.outbound.errors import ForbiddenTargetError
from models.outbound.resolving import Resolver
from models.outbound.targets import Policy
from tests.support.fileserver import FileServer, serving_file
from workers.outbound.download import Downloader, DownloadError

CONTENT = random.Random("file").randbytes(1_000_003)  # noqa: S311 - seeded
SHA256 = hashlib.sha256(CONTENT).hexdigest()
OPEN = Policy(ports=None, allow_loopback=True)


@pytest.fixture
def server() -> Iterator[FileServer]:
    with serving_file(CONTENT) as state:
        yield state


@pytest.fixture
def told() -> list[tuple[int, int | None]]:
    return []


@pytest.fixture
def downloader(told: list[tuple[int, int | None]]) -> Iterator[Downloader]:
    resolver = Resolver()
    made = Downloader(OPEN, resolver, lambda come, of: told.append((come, of)))
    yield made
    made.close()
    resolver.close()


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_file_comes_whole_with_progress(
    server: FileServer,
    downloader: Downloader,
    told: list[tuple[int, int | None]],
    tmp_path: Path,
) -> None:
    found = downloader.fetch(f"{server.url}/a.zip", tmp_path / "new", sha256=SHA256)
    assert found.path == tmp_path / "new" / "a.zip"
    assert found.path.read_bytes() == CONTENT
    assert (found.sha256, found.size) == (SHA256, len(CONTENT))
    assert names(tmp_path / "new") == ["a.zip"]
    assert told[-1] == (len(CONTENT), len(CONTENT))
    assert [come for come, _ in told] == sorted({come for come, _ in told})


def test_a_fetch_that_broke_goes_on_where_it_stopped(
    server: FileServer, downloader: Downloader, tmp_path: Path
) -> None:
    server.cut_after = 300_000
    with pytest.raises(DownloadError, match="broke off"):
        downloader.fetch(f"{server.url}/a.zip", tmp_path, sha256=SHA256)
    assert names(tmp_path) == ["a.zip.part", "a.zip.part.tag"]
    had = (tmp_path / "a.zip.part").stat().st_size
    assert 0 < had < len(CONTENT)
    server.cut_after = None
    found = downloader.fetch(f"{server.url}/a.zip", tmp_path, sha256=SHA256)
    assert found.path.read_bytes() == CONTENT
    assert server.asked == [None, f"bytes={had}-"]
    assert names(tmp_path) == ["a.zip"]


def test_a_file_that_changed_meanwhile_is_fetched_anew(
    server: FileServer, downloader: Downloader, tmp_path: Path
) -> None:
    server.cut_after = 300_000
    with pytest.raises(DownloadError):
        downloader.fetch(f"{server.url}/a.zip", tmp_path, sha256=None)
    server.cut_after, server.etag, server.content = None, '"two"', CONTENT[::-1]
    found = downloader.fetch(f"{server.url}/a.zip", tmp_path, sha256=None)
    assert found.path.read_bytes() == CONTENT[::-1]


@pytest.mark.parametrize("change", ["no ranges", "no tag", "weak tag"])
def test_a_server_that_cannot_resume_is_asked_for_all(
    server: FileServer, downloader: Downloader, tmp_path: Path, change: str
) -> None:
    server.ranges = change != "no ranges"
    server.etag = {"no tag": "", "weak tag": 'W/"one"'}.get(change, server.etag)
    server.cut_after = 300_000
    with pytest.raises(DownloadError):
        downloader.fetch(f"{server.url}/a.zip", tmp_path, sha256=SHA256)
    server.cut_after = None
    assert downloader.fetch(f"{server.url}/a.zip", tmp_path, sha256=SHA256).size == len(CONTENT)


def test_a_part_longer_than_the_file_is_begun_anew(
    server: FileServer, downloader: Downloader, tmp_path: Path
) -> None:
    (tmp_path / "a.zip.part").write_bytes(CONTENT + b"more")
    (tmp_path / "a.zip.part.tag").write_text(server.etag)
    assert downloader.fetch(f"{server.url}/a.zip", tmp_path, sha256=SHA256).sha256 == SHA256


def test_another_file_than_was_wanted_is_thrown_away(
    server: FileServer, downloader: Downloader, tmp_path: Path
) -> None:
    (tmp_path / "a.zip").write_bytes(b"the last good one")
    with pytest.raises(DownloadError, match="its checksum is"):
        downloader.fetch(f"{server.url}/a.zip", tmp_path, sha256="0" * 64)
    assert names(tmp_path) == ["a.zip"]
    assert (tmp_path / "a.zip").read_bytes() == b"the last good one"


@pytest.mark.parametrize(
    ("status", "said"), [(404, "answered 404"), (503, "answered 503"), (302, "moved to https://x")]
)
def test_an_answer_without_the_file_is_said_and_spoils_nothing(
    server: FileServer, downloader: Downloader, tmp_path: Path, status: int, said: str
) -> None:
    server.cut_after = 300_000
    with pytest.raises(DownloadError):
        downloader.fetch(f"{server.url}/a.zip", tmp_path, sha256=SHA256)
    before = (tmp_path / "a.zip.part").read_bytes()
    server.status, server.location = status, "https://x"
    with pytest.raises(DownloadError, match=said):
        downloader.fetch(f"{server.url}/a.zip", tmp_path, sha256=SHA256)
    assert (tmp_path / "a.zip.part").read_bytes() == before


def test_a_stop_is_heard_while_nothing_comes(server: FileServer, tmp_path: Path) -> None:
    server.pause_seconds = 30
    resolver = Resolver()
    downloader = Downloader(OPEN, resolver, lambda *_: None, lambda: True)
    began = time.monotonic()
    with pytest.raises(DownloadError, match="it was stopped"):
        downloader.fetch(f"{server.url}/a.zip", tmp_path, sha256=SHA256)
    assert time.monotonic() - began < 20  # a server that gives nothing is left after 30
    downloader.close()
    resolver.close()


def test_an_address_within_this_machine_is_refused_unless_allowed(
    server: FileServer, tmp_path: Path
) -> None:
    downloader = Downloader(Policy(ports=None), Resolver(), lambda *_: None)
    with pytest.raises(ForbiddenTargetError):
        downloader.fetch(f"{server.url}/a.zip", tmp_path, sha256=None)
    downloader.close()
    assert server.asked == []


@pytest.mark.parametrize("path", ["/", "/.hidden"])
def test_an_address_that_names_no_file_is_refused(
    downloader: Downloader, tmp_path: Path, path: str
) -> None:
    with pytest.raises(DownloadError, match="names no file"):
        downloader.fetch(f"http://127.0.0.1:9{path}", tmp_path, sha256=None)
