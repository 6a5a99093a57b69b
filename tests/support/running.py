"""The whole system, started as a person would, by one command, in a folder of its own."""

import json
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, text

from tests.support import installation
from tests.support.shared import Shared

RATE_PER_MINUTE = 100_000
ROOT, eventually = installation.ROOT, installation.eventually


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

    def run(self, *arguments: str, status: int | None = 0) -> str:
        """Run a command in a second terminal; what it printed. ``status`` None: any will do."""
        done = subprocess.run(
            [sys.executable, "-m", "commands", "--data", str(self.folder), *arguments],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=180,
            check=False,
        )
        assert status in {None, done.returncode}, done.stderr
        return done.stdout

    def ask_database(self, sql: str, **values: Any) -> Any:
        """Run a statement in the system's own database; the first thing that it returns."""
        address = self.setting("DATABASE_URL")
        engine = create_engine(address.replace("postgresql:", "postgresql+psycopg:"))
        with engine.begin() as connection:
            found = connection.execute(text(sql), values).scalar()
        engine.dispose()
        return found

    def setting(self, name: str) -> str:
        """What the system itself set."""
        [value] = [
            line.partition("=")[2].strip("'")
            for line in (self.folder / "settings.env").read_text().splitlines()
            if line.startswith(f"{name}=")
        ]
        return value

    def received(self, lead_id: str) -> list[dict[str, Any]]:
        """What the demonstration school received of a lead."""
        entries: list[dict[str, Any]] = get_json(f"{self.school_url}/received")
        return [entry for entry in entries if lead_id in entry["body"]]


@contextmanager
def started() -> Iterator[RunningSystem]:
    """Start everything in a folder of its own; stop it with what Ctrl-C sends."""
    # Tests ask from one address, faster than any person, all as the same student.
    free = {"RATE_PER_MINUTE": str(RATE_PER_MINUTE), "SENDING_LIMITS": "", "FORM_SECONDS": "0"}
    # Who names an address of their own is counted by it.
    free["TRUSTED_PROXIES"] = "1"
    with installation.made_installation(free) as made:
        made.start()
        url, school = (f"http://127.0.0.1:{port}" for port in (made.port, made.school_port))
        yield RunningSystem(url, school, made.data)
        made.interrupt()


SYSTEM = Shared(started)


def get_json(address: str) -> Any:
    """Read a JSON document."""
    with urllib.request.urlopen(address, timeout=10) as answer:  # noqa: S310 - our own server
        return json.load(answer)
