"""Results on paper: what is paid for says so, folded words are open, nothing to click is left."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page

from tests.browser.states import RESULTS
from tests.support.chromium import ChromiumBrowser
from tests.support.running import RunningSystem


@pytest.fixture
def paper(browser: Chromium, running_system: RunningSystem) -> Iterator[Page]:
    student = ChromiumBrowser(browser, running_system.url)
    student.page.emulate_media(media="print")
    yield student.page
    student.close()


@pytest.mark.slow
def test_invariant_2_printed_results_say_what_is_sponsored(paper: Page) -> None:
    paper.goto(RESULTS)
    labels = paper.locator(".label.ad")
    assert labels.count() > 0
    assert all(label.is_visible() for label in labels.all())
    assert paper.locator(".card .source").first.is_visible()


@pytest.mark.slow
def test_what_can_only_be_clicked_is_left_out_and_what_is_folded_is_open(paper: Page) -> None:
    paper.goto(RESULTS)
    for selector in (".site-search", ".button", ".refine", ".pick", "#compare"):
        assert not any(one.is_visible() for one in paper.locator(selector).all()), selector
    assert paper.locator("details p").first.is_visible()
    paper.goto("/fields/51.07")
    assert not paper.locator("form.asks").first.is_visible()
    assert paper.locator("#quick-facts").is_visible()
    assert paper.locator(".guide-sources").is_visible()
