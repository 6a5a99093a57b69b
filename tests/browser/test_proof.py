"""The script that does the work a form asks for, in a browser, under the policy of our pages."""

from datetime import UTC, datetime
from importlib.resources import files

import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Route, expect

from models.domain.guarding import answers, make_mark
from service.defences import CSP_OF_STUDENTS

SITE = "http://match.example"
PAGE = (
    '<!doctype html><form data-proof-bits="{bits}"><input type="hidden" name="mark" value="{mark}">'
    '<input type="hidden" name="proof" value=""><script src="/assets/proof.js" defer></script>'
    "</form>"
)


@pytest.mark.parametrize("bits", [1, 12, 15])
def test_the_work_is_done_in_the_background_and_what_it_finds_is_taken(
    browser: Chromium, bits: int
) -> None:
    mark = make_mark(b"s" * 32, "k" * 32, datetime(2026, 11, 22, tzinfo=UTC), b"r" * 8)
    script = files("service.web").joinpath("proof.js").read_text()

    def serve(route: Route) -> None:
        headers = {"Content-Security-Policy": CSP_OF_STUDENTS}
        if route.request.url.endswith(".js"):
            route.fulfill(body=script, content_type="text/javascript", headers=headers)
        else:
            shown = PAGE.format(bits=bits, mark=mark)
            route.fulfill(body=shown, content_type="text/html", headers=headers)

    context = browser.new_context()
    try:
        page = context.new_page()
        refused: list[str] = []
        page.on("console", lambda said: refused.append(said.text))
        context.route("**/*", serve)
        page.goto(f"{SITE}/request/check")
        expect(page.locator("[name=proof]")).not_to_have_value("", timeout=30_000)
        assert answers(mark, page.locator("[name=proof]").input_value(), bits)
        assert refused == [], "the policy lets the worker run"
    finally:
        context.close()
