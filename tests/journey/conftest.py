"""The whole system, and a student in front of it: with a real browser, and without one."""

from collections.abc import Iterator

import pytest

from tests.support.browser import Browser, PlainBrowser, over_http
from tests.support.chromium import CHROMIUM, ChromiumBrowser
from tests.support.running import SYSTEM, RunningSystem


@pytest.fixture(scope="session")
def running_system() -> Iterator[RunningSystem]:
    """Everything, started by one command."""
    with SYSTEM.use() as system:
        yield system


@pytest.fixture(params=["plain", "chromium"])
def student(request: pytest.FixtureRequest, running_system: RunningSystem) -> Iterator[Browser]:
    """A student's browser; JavaScript is off."""
    if request.param == "plain":
        yield PlainBrowser(over_http(running_system.url))
        return
    with CHROMIUM.use() as browser:
        opened = ChromiumBrowser(browser, running_system.url)
        yield opened
        opened.close()
