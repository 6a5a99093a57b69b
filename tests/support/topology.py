"""The processes of docker-compose.yml, started plainly on this machine."""

import base64
import os
import re
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO

from tests.support.asking import Asker
from tests.support.compose import required, services
from tests.support.ports import lasting_port

_KEY = base64.b64encode(b"k" * 32).decode()
ROOT = Path(__file__).parents[2]
# What a machine says that containers would each be told by their own network.
_HERE = {
    "ENVIRONMENT": "development",
    "HOST": "127.0.0.1",
    "ALLOW_LOOPBACK": "true",
    "DESTINATION_PORTS": "any",
    "RATE_PER_MINUTE": "1000000",
    "SECRET_KEY": _KEY,
    "MASTER_KEYS": f"k1:{_KEY}",
    "INDEX_KEY": _KEY,
    "TOKEN_KEY": _KEY,
    "RANKER_KEY": _KEY,
    "CHAIN_KEYS": f"c1:{_KEY}",
}


class Topology:
    """Runs services by the commands that the compose file gives them."""

    def __init__(self, folder: Path, port: int, servers: Mapping[str, str]) -> None:
        given = dict.fromkeys(required(), "given") | {"WEB_WORKERS": "2"}
        self.services = services(given)
        self.port = port
        self._folder = folder
        self._store = {"STORE": str(folder / "store"), "PORT": str(port), **servers}
        self._figures: dict[str, int] = {}
        self._processes: dict[str, subprocess.Popen[bytes]] = {}

    def run(self, service: str, *arguments: str) -> None:
        """Run a service that ends."""
        with self._log(service) as log:
            done = subprocess.run(
                [*self._command(service), *arguments],
                cwd=ROOT,
                env=self._environment(service),
                stdout=log,
                stderr=log,
                timeout=120,
                check=False,
            )
        assert done.returncode == 0, self.said(service)

    def start(self, name: str, service: str = "", command: tuple[str, ...] = ()) -> int:
        """Start a process: a service's own or, for what is no service of ours, the one given."""
        environment = self._environment(service or "web")
        if "WORKER_METRICS_PORT" in environment:
            # Containers have a network each; processes of one machine need ports of their own.
            self._figures[name] = lasting_port()
            environment["WORKER_METRICS_PORT"] = str(self._figures[name])
        with self._log(name) as log:
            process = subprocess.Popen(
                command or self._command(service or name),
                cwd=ROOT,
                env=environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self._processes[name] = process
        return process.pid

    def start_school(self, config: Path, port: int) -> None:
        """Start the demonstration school, which no deployment has."""
        arguments = ("--config", str(config), "--port", str(port))
        self.start("school", command=(sys.executable, "-m", "demo.school", *arguments))
        self._school = Asker(port)

    def received(self) -> list[Any]:
        """What the demonstration school received."""
        records: list[Any] = self._school.ask("GET", "/received")
        return records

    def healthy(self, name: str, service: str = "") -> bool:
        """Ask as Docker does, by the healthcheck's own command."""
        _, first, *rest = self.services[service or name]["healthcheck"]["test"]
        assert first == "python"
        ports = {"8000": self.port, "9100": self._figures.get(name, 0)}
        here = [
            re.sub(r"(?<=127\.0\.0\.1:)[0-9]+", lambda found: str(ports[found[0]]), word)
            for word in rest
        ]
        done = subprocess.run([sys.executable, *here], capture_output=True, check=False)
        return done.returncode == 0

    def pid(self, name: str) -> int:
        """A process's number."""
        return self._processes[name].pid

    def stop(self) -> dict[str, int]:
        """Stop everything as Docker would, with SIGTERM; the exit codes."""
        for process in reversed(self._processes.values()):
            process.send_signal(signal.SIGTERM)
        return {name: process.wait(40) for name, process in self._processes.items()}

    def kill(self) -> None:
        """End whatever a test left, sessions and all."""
        for process in self._processes.values():
            try:
                os.killpg(process.pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
            process.wait()

    def said(self, name: str) -> str:
        """What a process printed."""
        return (self._folder / f"{name}.log").read_text()

    def _log(self, name: str) -> BinaryIO:
        return (self._folder / f"{name}.log").open("ab")

    def _command(self, service: str) -> list[str]:
        """A container's command, on this machine's Python, address and port."""
        first, *rest = self.services[service]["command"]
        program = [sys.executable] if first == "python" else [sys.executable, "-m", first]
        here = {"0.0.0.0": "127.0.0.1", "8000": str(self.port)}  # noqa: S104 - replaced
        return [*program, *(here.get(word, word) for word in rest)]

    def _environment(self, service: str) -> dict[str, str]:
        declared = {n: str(v) for n, v in self.services[service]["environment"].items()}
        path = os.environ["PATH"]  # noqa: TID251 - a process of its own finds programs there
        return {**declared, **_HERE, **self._store, "PUBLIC_URL": "", "PATH": path}
