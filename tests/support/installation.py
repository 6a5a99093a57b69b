"""A whole installation as a process of its own, for tests that start, stop and kill it."""

import http.client
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar

import psutil

from tests.support import once
from tests.support.asking import Asker
from tests.support.ports import lasting_port

ROOT = Path(__file__).parents[2]
# Under root a place that the user PostgreSQL runs as can reach, see commands/place.py.
DATA_PARENT = Path("/var/tmp")  # noqa: S108 - a folder of random name is made in it
_SECONDS = 180

T = TypeVar("T")


class Installation:
    """One data folder and the `up` that runs on it."""

    def __init__(self, data: Path, port: int, settings: Mapping[str, str] | None = None) -> None:
        self.data, self.port, self._settings = data, port, settings or {}
        self.process: subprocess.Popen[str] | None = None
        self._output = data.with_name(f"{data.name}.output")

    def run(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """Run a command of the installation to its end."""
        return subprocess.run(
            [sys.executable, "-m", "commands", *arguments],
            cwd=ROOT,
            env=self._environment(),
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=False,
        )

    def start(self, *arguments: str) -> None:
        """Start `up` and wait until it serves."""
        process = self.launch(*arguments)
        deadline = time.monotonic() + _SECONDS
        while "schoolmatch is ready" not in self.output:
            assert process.poll() is None, self.output
            assert time.monotonic() < deadline, self.output
            time.sleep(0.1)

    def launch(self, *arguments: str) -> "subprocess.Popen[str]":
        """Start `up` and wait for nothing."""
        with self._output.open("w") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "commands", "up", *arguments],
                cwd=ROOT,
                env=self._environment(),
                stdout=output,
                stderr=output,
                text=True,
                start_new_session=True,
            )
        return self.process

    def interrupt(self) -> int:
        """Press Ctrl-C and wait for the end; return the exit code."""
        assert self.process is not None
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(60)

    def kill(self) -> None:
        """SIGKILL the supervisor alone."""
        assert self.process is not None
        self.process.kill()
        self.process.wait(10)

    @property
    def output(self) -> str:
        """What it printed since its start."""
        return self._output.read_text()

    def child(self, name: str) -> int:
        """The pid of a child."""
        run = json.loads((self.data / "run.json").read_text())
        return int(run["children"][name]["pid"])

    def processes(self, name: str) -> list[int]:
        """The pid of a child and of every process below it."""
        child = psutil.Process(self.child(name))
        return [child.pid, *(each.pid for each in child.children(recursive=True))]

    def received(self) -> list[dict[str, Any]]:
        """What the demonstration school received: one record for each webhook's id."""
        records: list[dict[str, Any]] = Asker(self.school_port).ask("GET", "/received")
        return records

    @property
    def school_port(self) -> int:
        """The demonstration school's port, as it was printed."""
        found = re.search(r"http://127\.0\.0\.1:([0-9]+)/received", self.output)
        assert found is not None, self.output
        return int(found[1])

    def get(self, path: str) -> tuple[int, Any]:
        """Ask the web server; 0 when it does not answer."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())
        except OSError:
            return 0, None
        finally:
            connection.close()

    def alive(self) -> list[str]:
        """Command lines of all processes that belong to it."""
        return [" ".join(process.cmdline())[:120] for process in self._processes()]

    def end(self) -> None:
        """End whatever is left."""
        for process in self._processes():
            with suppress(psutil.Error):
                process.kill()

    def _processes(self) -> list[psutil.Process]:
        found = []
        for process in psutil.process_iter():
            with suppress(psutil.Error, OSError):
                ours = process.environ().get("SCHOOLMATCH_DATA") == str(self.data)
                if ours and process.status() != psutil.STATUS_ZOMBIE:
                    found.append(process)
        return found

    def _environment(self) -> dict[str, str]:
        ours = os.environ  # noqa: TID251 - a process of its own starts from our environment
        kept = {n: v for n, v in ours.items() if n not in {"DATABASE_URL", "REDIS_URL"}}
        place = {"SCHOOLMATCH_DATA": str(self.data), "PORT": str(self.port)}
        return {**kept, **self._settings, **place}


@contextmanager
def unmade_installation(settings: Mapping[str, str] | None = None) -> Iterator[Installation]:
    """An installation that was never started, in a folder of its own; both go at the end."""
    folder = Path(tempfile.mkdtemp(prefix="schoolmatch-installation-", dir=DATA_PARENT))
    folder.chmod(0o755)
    installation = Installation(folder / "data", lasting_port(), settings)
    try:
        yield installation
    finally:
        installation.end()
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def made_installation(settings: Mapping[str, str] | None = None) -> Iterator[Installation]:
    """An installation after a first start and a Ctrl-C: a copy of the run's one."""
    first = once.made_once("installation", _start_first)
    with unmade_installation(settings) as installation:
        once.copy(first / "data", installation.data)
        yield installation


def _start_first(folder: Path) -> None:
    with unmade_installation() as installation:
        start_once(installation)
        once.copy(installation.data, folder / "data")


def start_once(installation: Installation) -> None:
    """Start an installation, see it ready and press Ctrl-C."""
    installation.start()
    assert installation.get("/readyz")[0] == 200
    assert installation.interrupt() == 0


def eventually(look: Callable[[], T | None], seconds: float = 30.0) -> T:
    """Look until there is something, or fail."""
    deadline = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < deadline, f"nothing after {seconds} s"
        time.sleep(0.1)
    return found
