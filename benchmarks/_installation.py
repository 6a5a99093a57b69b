"""A whole installation in a folder of its own, and web servers beside it, for benchmarks."""

import base64
import http.client
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
from dotenv import dotenv_values

from matcher.signature import public_key

ROOT = Path(__file__).parents[1]
READY_SECONDS = 180.0
# What `up` starts its web server with (commands/up/services.py).
OPTIONS = ("--interface", "wsgi", "--factory", "--workers", "1", "--blocking-threads", "8")


@dataclass(frozen=True)
class Installation:
    """A running ``up``: its data folder and the settings of its programs."""

    folder: Path
    environment: Mapping[str, str]

    def only(self, kind: str) -> Path:
        """The one version of a kind in its store."""
        [found] = [p for p in (self.folder / "store" / kind).iterdir() if p.name[0] != "."]
        return found

    @property
    def ranker_key(self) -> bytes:
        """The public key that its rankers are signed with."""
        return public_key(base64.b64decode(self.environment["RANKER_KEY"]))


@dataclass(frozen=True)
class Server:
    """A web server: where it listens, its process, and how long its first answer took."""

    port: int
    process: "subprocess.Popen[bytes]"
    started_s: float

    def uss_mib(self) -> float:
        """Memory that is its workers' alone."""
        workers = psutil.Process(self.process.pid).children(recursive=True)
        return float(max(worker.memory_full_info().uss for worker in workers)) / 2**20


@contextmanager
def installation() -> Iterator[Installation]:
    """Start everything with the demonstration's campaigns; end it and remove it afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="schoolmatch-bench-", dir="/var/tmp"))
    folder.chmod(0o755)
    data, port = folder / "data", free_port()
    command = [sys.executable, "-m", "commands", "--data", str(data), "up", "--port", str(port)]
    ours = {"RATE_PER_MINUTE": "1000000", "LOG_LEVEL": "INFO"}
    inherited = {n: v for n, v in os.environ.items() if n not in {"DATABASE_URL", "REDIS_URL"}}  # noqa: TID251 - a process of its own
    with (folder / "up.log").open("w") as log:
        process = subprocess.Popen(
            [*command, "--fresh", "--yes"],
            cwd=ROOT,
            env={**inherited, **ours},
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        wait_for(process, port, "/readyz")
        settings = {n: v or "" for n, v in dotenv_values(data / "settings.env").items()}
        yield Installation(data, {**inherited, **settings, **ours})
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(60)
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def server(factory: str, environment: Mapping[str, str], path: str) -> Iterator[Server]:
    """Start a web server as ``up`` does, until it answers ``path``."""
    port = free_port()
    address = ("--host", "127.0.0.1", "--port", str(port), "--no-ws", "--log-level", "warning")
    began = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "granian", *OPTIONS, *address, factory],
        cwd=ROOT,
        env={**environment, "PORT": str(port)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_for(process, port, path)
        yield Server(port, process, time.perf_counter() - began)
    finally:
        process.terminate()
        process.wait(20)


def wait_for(process: "subprocess.Popen[bytes]", port: int, path: str) -> None:
    """Wait until an address answers with 200."""
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("GET", path)
            if connection.getresponse().status == http.HTTPStatus.OK:
                return
        except OSError:
            pass
        finally:
            connection.close()
        time.sleep(0.02)
    raise RuntimeError(f"no answer to {path}; the process ended with {process.poll()}")


def free_port() -> int:
    """Find a port that nobody has."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
