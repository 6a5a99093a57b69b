"""Every state of every page of a student, in every language, in a real browser.

Each is walked to once in a language and then looked at from all sides. ``make test`` looks at the
pages that every request goes through, in English; ``make browser`` at all.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser as Chromium

from service import web
from service.messages import LOCALES
from tests.browser.looking import Log, Measured, axe_violations, measured, scrolls_sideways
from tests.browser.states import PREPARED, SHOWN_BY, STATES
from tests.support.chromium import ChromiumBrowser
from tests.support.nu import Checker
from tests.support.running import RunningSystem

KIB = 1024
Scheme = Literal["light", "dark"]
QUICK = {"results", "request with errors"}
# What others stand in: frames, not pages.
FRAMES = {"base.html", "step.html"}
# Colours are looked at with words of other lengths: each scheme at each width in some language.
SCHEMES: Mapping[str, tuple[Scheme, Scheme]] = {
    "en": ("light", "dark"),
    "es": ("dark", "light"),
    "fr": ("light", "dark"),
}
WIDTHS = (320, 1280)  # 320 px is also what 1280 px at 400 % come to


@dataclass(frozen=True)
class Seen:
    """A page as it stands before a student who walked there."""

    speaks: str
    student: ChromiumBrowser
    log: Log
    html: str
    measured: Measured


def _states() -> list[object]:
    return [
        pytest.param(
            (name, speaks),
            id=f"{name}-{speaks}",
            marks=() if name in QUICK and speaks == "en" else pytest.mark.slow,
        )
        for name in STATES
        for speaks in LOCALES
    ]


@pytest.fixture(scope="module", params=_states())
def seen(request: pytest.FixtureRequest, browser: Chromium) -> Iterator[Seen]:
    """Walk to a state at 320 px."""
    name, speaks = request.param
    needs = "prepared_system" if name in PREPARED else "running_system"
    system: RunningSystem = request.getfixturevalue(needs)
    go, heading = STATES[name]
    student = ChromiumBrowser(
        browser,
        system.url,
        speaks=speaks,
        java_script_enabled=True,  # axe is a script
        viewport={"width": WIDTHS[0], "height": 900},
        color_scheme=SCHEMES[speaks][0],
    )
    log = Log(student.page)
    go(student)
    student.page.wait_for_load_state("load")
    if speaks == "en":
        assert heading in student.heading
    assert student.page.locator("html").get_attribute("lang") == speaks
    yield Seen(speaks, student, log, log.html, measured(student.page))
    student.close()


def test_axe_finds_nothing_and_nothing_scrolls_sideways(seen: Seen) -> None:
    page = seen.student.page
    for width, scheme in zip(WIDTHS, SCHEMES[seen.speaks], strict=True):
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=scheme)
        assert axe_violations(page) == [], f"{width} px, {scheme}"
        assert not scrolls_sideways(page, width)


def test_the_html_is_valid(seen: Seen, nu: Checker) -> None:
    assert nu.errors(seen.html) == []


def test_the_page_is_small_stands_still_and_asks_only_this_site(seen: Seen) -> None:
    first_view = seen.measured
    assert first_view.shift <= 0.02
    assert first_view.requests <= 8
    assert 0 < first_view.bytes <= 60 * KIB
    assert 0 < first_view.styles <= 15 * KIB
    assert first_view.scripts <= 15 * KIB
    root = seen.student.page.evaluate("location.origin")
    assert [address for address in seen.log.asked if not address.startswith(f"{root}/")] == []
    assert seen.log.complaints == []


def test_every_template_of_a_page_has_its_states() -> None:
    templates = Path(web.__file__).with_name("templates").glob("*.html")
    assert {one.name for one in templates} - FRAMES == set(SHOWN_BY)
    assert sorted(state for states in SHOWN_BY.values() for state in states) == sorted(STATES)
