"""The whole system, started as a person would, by one command, in a folder of its own."""

import json
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from socket import socket
from typing import Any, TypeVar

from tests.support.shared import Shared

ROOT = Path(__file__).parents[2]
READY_WITHIN = 180.0
STOPS_WITHIN = 60.0

T = TypeVar("T")


@dataclass(frozen=True)
class RunningSystem:
    """Where it answers."""

    url: str
    school_url: str
    folder: Path

    @property
    def port(self) -> int:
        """The web server's port."""
        return int(self.url.rpartition(":")[2])

    def run(self, *arguments: str) -> str:
        """Run a command in a second terminal; what it printed."""
        done = subprocess.run(
            [sys.executable, "-m", "commands", "--data", str(self.folder), *arguments],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def received(self, lead_id: str) -> list[dict[str, Any]]:
        """What the demonstration school received of a lead."""
        entries: list[dict[str, Any]] = get_json(f"{self.school_url}/received")
        return [entry for entry in entries if lead_id in entry["body"]]


@contextmanager
def started() -> Iterator[RunningSystem]:
    """Start everything in a new folder; stop it with what Ctrl-C sends, and remove the folder."""
    folder = Path(tempfile.mkdtemp(prefix="schoolmatch-journey-", dir="/var/tmp"))
    folder.chmod(0o755)
    port = _free_port()
    said = folder.with_suffix(".log")
    # Tests ask from one address, faster than any person.
    command = [
        "env",
        "RATE_PER_MINUTE=100000",
        sys.executable,
        "-m",
        "commands",
        "--data",
        str(folder / "data"),
    ]
    with said.open("w") as out:
        process = subprocess.Popen(
            [*command, "up", "--port", str(port), "--fresh", "--yes"],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        url = f"http://127.0.0.1:{port}"
        eventually(lambda: _ready(process, url, said), READY_WITHIN)
        told = eventually(lambda: re.search(r"(http://\S+)/received", said.read_text()))
        yield RunningSystem(url, told[1], folder / "data")
    finally:
        _stop(process)
        shutil.rmtree(folder, ignore_errors=True)
        said.unlink(missing_ok=True)


SYSTEM = Shared(started)


def eventually(look: Callable[[], T | None], seconds: float = 20.0) -> T:
    """Look until there is something, or fail."""
    deadline = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < deadline, f"nothing after {seconds} s"
        time.sleep(0.1)
    return found


def get_json(address: str) -> Any:
    """Read a JSON document."""
    with urllib.request.urlopen(address, timeout=10) as answer:  # noqa: S310 - our own server
        return json.load(answer)


def _ready(process: subprocess.Popen[bytes], url: str, said: Path) -> bool:
    assert process.poll() is None, said.read_text()
    with suppress(urllib.error.URLError, OSError):
        get_json(f"{url}/readyz")
        return True
    return False


def _stop(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.send_signal(signal.SIGINT)
    try:
        process.wait(STOPS_WITHIN)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _free_port() -> int:
    with socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
