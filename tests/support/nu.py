"""The Nu HTML checker (W3C's), one Java process for all pages of a run."""

import json
import shutil
import subprocess
import tempfile
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest

from tests.support.installation import eventually
from tests.support.npm import installed
from tests.support.ports import lasting_port
from tests.support.shared import Shared

_JAR = "node_modules/vnu-jar/build/dist/vnu.jar"
_START_SECONDS = 120.0


@dataclass(frozen=True)
class Checker:
    """Says what is wrong with a page's HTML."""

    url: str

    def errors(self, html: str) -> list[str]:
        """Each error: the line, what is wrong, and the piece of the page."""
        page = html.encode()
        headers = {"Content-Type": "text/html; charset=utf-8"}
        request = urllib.request.Request(  # noqa: S310 - our own server
            f"{self.url}/?out=json&level=error", page, headers
        )
        with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310 - our own server
            messages = json.load(answer)["messages"]
        return [
            f"line {one.get('lastLine')}: {one['message']} {one.get('extract', '')}"
            for one in messages
        ]

    def answers(self) -> bool:
        """Whether it has started."""
        try:
            with urllib.request.urlopen(self.url, timeout=5):  # noqa: S310 - our own server
                return True
        except urllib.error.HTTPError:
            return True
        except OSError:
            return False


@contextmanager
def checker() -> Iterator[Checker]:
    """Start it; where there is no Java, skip by name and reason."""
    java = shutil.which("java")
    if java is None:
        pytest.skip("java is not here: no page's HTML is checked")
    jar, port = installed("nu") / _JAR, lasting_port()
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(
            [
                java,
                "-Xmx256m",
                "-Dnu.validator.servlet.bind-address=127.0.0.1",
                "-cp",
                str(jar),
                "nu.validator.servlet.Main",
                str(port),
            ],
            stdout=said,
            stderr=said,
        )
        try:
            started = Checker(f"http://127.0.0.1:{port}")
            eventually(lambda: process.poll() is not None or started.answers(), _START_SECONDS)
            assert process.poll() is None, "the Nu checker ended at once"
            yield started
        finally:
            process.terminate()
            process.wait(30)


NU = Shared(checker)
