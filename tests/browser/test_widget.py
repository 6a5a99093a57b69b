"""Our questions in a publisher's page that does all it can against them."""

import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Frame, Page
from typing_extensions import override

from service.messages import LOCALES
from tests.browser.looking import Log, axe_violations, scrolls_sideways
from tests.support.chromium import ChromiumBrowser
from tests.support.installation import eventually
from tests.support.nu import Checker
from tests.support.running import RunningSystem

ARTICLE = (Path(__file__).parents[1] / "data/fields_article.txt").read_text("utf-8")
# What old libraries did to everybody's objects, and styles that want to reach everything.
HOSTILE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>About records</title>
<style>* {{ color: red !important; font: 40px serif !important }}
iframe, div {{ display: none !important; height: 3px !important; width: 10px !important }}</style>
<script>
Array.prototype.toJSON = function () {{ return "broken"; }};
Object.prototype.extra = 1;
Function.prototype.bind = function () {{ return function () {{}}; }};
window.$ = window.jQuery = function () {{ throw new Error("old"); }};
window.secret = "the page's own";
</script></head>
<body><article id="text"><h1>About records</h1><p>{article}</p></article>
{snippet}
<p id="after">After it.</p></body></html>"""


class Site:
    """A publisher's site with one page, whatever its address."""

    def __init__(self) -> None:
        self.page, self.policy = "", ""
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = site.page.encode()
                self.send_response(200)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.send_header("Content-Security-Policy", site.policy)
                self.end_headers()
                self.wfile.write(body)

            @override
            def log_message(self, *_: object) -> None:
                return

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    @contextmanager
    def open(self) -> Iterator["Site"]:
        thread = Thread(target=self.server.serve_forever, daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self.server.shutdown()
            self.server.server_close()
            thread.join()


@pytest.fixture
def site(running_system: RunningSystem) -> Iterator[Site]:
    with Site().open() as site:
        added = running_system.run("publisher", "add", site.url, site.url)
        publisher = added.split()[0]
        attributes = 'data-article="#text" data-accent="#7a1f5c" data-creative="end"'
        script = f"{running_system.url}/widget.js"
        site.page = HOSTILE.format(
            article=ARTICLE,
            snippet=f'<script async src="{script}" data-publisher="{publisher}" {attributes}>'
            f'</script><noscript><a href="{running_system.url}/?publisher_id={publisher}'
            '&amp;field=51.07&amp;creative=end">Find college programs</a></noscript>',
        )
        eventually(lambda: in_service(f"{running_system.url}/widget?publisher_id={publisher}"))
        site.policy = (
            "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline' "
            f"{running_system.url}; frame-src {running_system.url}"
        )
        yield site


def in_service(address: str) -> bool:
    """Whether the frame asks its questions: the web hears of a publisher within a second."""
    try:
        with urllib.request.urlopen(address, timeout=10):  # noqa: S310 - our own server
            return True
    except urllib.error.HTTPError:
        return False


def the_frame(page: Page) -> Frame:
    """The frame, once it has taken the field from the article."""
    with page.expect_event("framenavigated", lambda frame: "field=51.07" in frame.url):
        page.goto("/about?who=zoe")
    page.evaluate("scrollTo(0, document.body.scrollHeight)")
    return next(frame for frame in page.frames if "/widget?" in frame.url)


@pytest.mark.parametrize("width", [320, pytest.param(1280, marks=pytest.mark.slow)])
def test_it_stands_in_a_hostile_page_and_leads_to_results(
    browser: Chromium, site: Site, width: int
) -> None:
    student = ChromiumBrowser(
        browser, site.url, java_script_enabled=True, viewport={"width": width, "height": 900}
    )
    page, wrong = student.page, list[str]()
    page.on("pageerror", lambda error: wrong.append(str(error)))
    frame = the_frame(page)
    assert "landing_page=" + site.url.replace(":", "%3A").replace("/", "%2F") in frame.url
    assert "zoe" not in frame.url
    assert "Health and medical administration" in frame.locator("main").inner_text()
    assert frame.locator("h1").evaluate("e => getComputedStyle(e).color") == "rgb(27, 34, 38)"
    button = frame.get_by_role("button", name="Continue")
    assert button.evaluate("e => getComputedStyle(e).backgroundColor") == "rgb(122, 31, 92)"
    told = "e => e.scrollWidth <= e.clientWidth && e.scrollHeight <= innerHeight + 1"
    frame.wait_for_function(f"({told})(document.documentElement)")
    frame.get_by_label("High school diploma or GED").check()
    frame.get_by_label("ZIP or postal code").fill("10940")
    button.click()
    frame.get_by_role("heading", name="What is open to you").wait_for()
    with page.expect_popup() as opened:
        frame.get_by_role("link", name="See programs").click()
    opened.value.wait_for_load_state()
    assert opened.value.locator("h1").inner_text() == "Programs for you"
    assert page.locator("#after").inner_text() == "After it."
    assert page.evaluate("Object.keys(window).filter(k => /schoolmatch/i.test(k)).length") == 0
    assert wrong == []
    student.close()


def test_the_frame_can_neither_read_the_page_nor_lead_it_away(
    browser: Chromium, site: Site
) -> None:
    student = ChromiumBrowser(browser, site.url, java_script_enabled=True)
    frame = the_frame(student.page)
    tried = "() => { try { return String(parent.secret) } catch (e) { return e.name } }"
    assert frame.evaluate(tried) == "SecurityError"
    lead = "() => { try { top.location = 'https://evil.example/' } catch (e) { return e.name } }"
    assert frame.evaluate(lead) == "SecurityError"
    student.close()


def test_without_javascript_a_plain_link_does_the_same(browser: Chromium, site: Site) -> None:
    student = ChromiumBrowser(browser, site.url)
    student.open("/about")
    with student.page.expect_navigation():
        student.page.get_by_role("link", name="Find college programs").evaluate("e => e.click()")
    student.choose("High school diploma or GED")
    student.fill("ZIP or postal code", "10940")
    assert "Health and medical administration" in student.text
    student.press("Show programs")
    assert student.heading == "Programs for you"
    assert "publisher_id=pub_" in student.address
    student.close()


# Clean, with errors, answered, and a publisher that we do not know.
FRAMES = {
    "clean": "",
    "errors": "&sent=1",
    "answered": "&sent=1&education_level=some_college&postal_code=10940",
    "closed": "&publisher_id=",
}


@pytest.mark.parametrize(
    "speaks",
    ["en", *(pytest.param(one, marks=pytest.mark.slow) for one in LOCALES if one != "en")],
)
def test_the_frame_is_for_all_to_use_and_valid(
    browser: Chromium, running_system: RunningSystem, site: Site, nu: Checker, speaks: str
) -> None:
    publisher = site.page.partition('data-publisher="')[2].partition('"')[0]
    for name, more in FRAMES.items():
        student = ChromiumBrowser(
            browser, running_system.url, speaks=speaks, java_script_enabled=True
        )
        log = Log(student.page)
        for theme, width in (("light", 320), ("dark", 1280)):
            student.page.set_viewport_size({"width": width, "height": 900})
            known = more if name == "closed" else f"&publisher_id={publisher}{more}"
            student.open(f"/widget?theme={theme}{known}")
            assert axe_violations(student.page) == [], f"{name}, {theme}"
            assert not scrolls_sideways(student.page, width)
        assert nu.errors(log.html) == []
        assert log.complaints == []
        student.close()
