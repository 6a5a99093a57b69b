"""Debian's Chromium for tests, with JavaScript off unless a test needs it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page, sync_playwright

from service.messages import text
from tests.support.shared import Shared

EXECUTABLE = Path("/usr/bin/chromium")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@contextmanager
def chromium() -> Iterator[Chromium]:
    """Start it; where it is not installed, skip by name and reason."""
    if not EXECUTABLE.exists():
        pytest.skip(f"Chromium is not installed at {EXECUTABLE}")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=EXECUTABLE, args=list(FLAGS))
        yield browser
        browser.close()


CHROMIUM = Shared(chromium)


class ChromiumBrowser:
    """A real browser, driven as a person would; see ``tests.support.browser.Browser``."""

    def __init__(self, browser: Chromium, root: str, *, speaks: str = "en", **context: Any) -> None:
        self.speaks = speaks
        settings = {"java_script_enabled": False, "base_url": root, **context}
        self._context = browser.new_context(**settings)
        self._context.set_default_timeout(10_000)
        self.page: Page = self._context.new_page()

    def close(self) -> None:
        self._context.close()

    @property
    def address(self) -> str:
        return self.page.url

    @property
    def heading(self) -> str:
        return self.page.locator("h1").inner_text()

    @property
    def text(self) -> str:
        return self.page.locator("main").inner_text()

    def say(self, key: str, **values: str | float) -> str:
        """What the pages call something in the language of whoever sits here."""
        return text(self.speaks, key, **values)

    def open(self, address: str) -> None:
        asks = f"{'&' if '?' in address else '?'}lang={self.speaks}"
        self.page.goto(address if self.speaks == "en" else f"{address}{asks}")

    def reload(self) -> None:
        self.page.reload()

    def follow(self, words: str) -> None:
        with self.page.expect_navigation():
            self.page.get_by_role("link", name=words).first.click()

    def fill(self, label: str, text: str) -> None:
        self.page.get_by_label(label).first.fill(text)

    def choose(self, label: str) -> None:
        self.page.get_by_label(label).first.click()

    def press(self, name: str) -> None:
        with self.page.expect_navigation():
            about = self.page.locator("main").get_by_role("button", name=name)
            anywhere = self.page.get_by_role("button", name=name)
            (about if about.count() else anywhere).click()
