"""A real browser in front of the whole system; skipped, with the reason, where there is none."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page

from tests.browser.prepared import prepare
from tests.support.chromium import CHROMIUM, ChromiumBrowser
from tests.support.nu import NU, Checker
from tests.support.running import SYSTEM, RunningSystem


@pytest.fixture(scope="session")
def browser() -> Iterator[Chromium]:
    with CHROMIUM.use() as started_browser:
        yield started_browser


@pytest.fixture(scope="session")
def running_system(browser: Chromium) -> Iterator[RunningSystem]:  # noqa: ARG001 - skips first
    with SYSTEM.use() as system:
        yield system


@pytest.fixture(scope="session")
def prepared_system(running_system: RunningSystem) -> RunningSystem:
    """The system with what only some pages need."""
    prepare(running_system)
    return running_system


@pytest.fixture(scope="session")
def nu() -> Iterator[Checker]:
    """The Nu HTML checker."""
    with NU.use() as started_checker:
        yield started_checker


@pytest.fixture(params=[False, True], ids=["plain", "script"])
def keyboard(
    browser: Chromium, running_system: RunningSystem, request: pytest.FixtureRequest
) -> Iterator[Page]:
    """A page for somebody without a mouse, without JavaScript and with it."""
    student = ChromiumBrowser(browser, running_system.url, java_script_enabled=request.param)
    yield student.page
    student.close()
