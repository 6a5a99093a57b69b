"""The OpenAPI document is true: schemathesis makes requests from it and checks every answer."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from werkzeug.serving import make_server

from models.domain.organization import Scope, make_api_key
from tests.support.sponsors import unitid_of
from tests.support.world import World

ROOT = Path(__file__).parents[3]


@dataclass(frozen=True)
class Listening:
    address: str
    api_key: str


@pytest.fixture
def listening(world: World) -> Iterator[Listening]:
    """A service that listens, with a school that takes requests and has a key of every scope."""
    organization = world.takes_requests(unitid_of(world.search()["results"][0]))
    key = make_api_key("test", list(Scope))
    with world.work() as work:
        work.organizations.add_api_key(organization, key, world.clock.now())
    server = make_server("127.0.0.1", 0, world.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield Listening(f"http://127.0.0.1:{server.server_port}", key.presented)
    server.shutdown()
    thread.join()
    server.server_close()


def check(at: Listening, examples: int, *options: str) -> None:
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "schemathesis.cli",
            "run",
            f"{at.address}/api/v1/openapi.json",
            "--checks=all",
            f"--max-examples={examples}",
            *([f"--header=Authorization: Bearer {at.api_key}"] if at.api_key else []),
            "--seed=7",
            "--no-color",
            "--continue-on-failure",
            "--suppress-health-check=all",
            *options,
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=1800,
        check=False,
    )
    # A line may hold an article; what else was found must still be seen.
    said = "\n".join(line[:600] for line in done.stdout.splitlines())
    assert done.returncode == 0, said[-12_000:] + done.stderr[-2000:]


def test_what_the_document_says_is_what_is_answered(listening: Listening) -> None:
    check(listening, 3, "--phases=fuzzing")
