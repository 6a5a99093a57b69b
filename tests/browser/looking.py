"""Looks at a page as the bars of the student's pages ask: with axe, at its sizes, at what moves."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import ConsoleMessage, Page, Request, Response

_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

# What loading moved, and what was loaded: bytes as they came over the wire, without headers.
_MEASURE = """async () => {
  const shifts = await new Promise(done => {
    const seen = [];
    const watcher = new PerformanceObserver(list => seen.push(...list.getEntries()));
    watcher.observe({type: 'layout-shift', buffered: true});
    requestAnimationFrame(() => setTimeout(() => { watcher.disconnect(); done(seen); }, 50));
  });
  const [page] = performance.getEntriesByType('navigation');
  const files = performance.getEntriesByType('resource');
  const weight = entries => entries.reduce((sum, one) => sum + one.encodedBodySize, 0);
  const ending = name => files.filter(one => new URL(one.name).pathname.endsWith(name));
  return {
    shift: shifts.filter(one => !one.hadRecentInput).reduce((sum, one) => sum + one.value, 0),
    requests: 1 + files.length,
    bytes: weight([page, ...files]),
    styles: weight(ending('.css')),
    scripts: weight(ending('.js')),
  };
}"""


@dataclass(frozen=True)
class Measured:
    """A page's first view.

    Attributes:
        shift: the sum of all layout shifts.
        requests: the page and what it loads.
        bytes: of the page and what it loads, as sent; styles and scripts also by themselves.
    """

    shift: float
    requests: int
    bytes: int
    styles: int
    scripts: int


class Log:
    """What a page asks for and what it complains of, from its first request on."""

    def __init__(self, page: Page) -> None:
        self.asked: list[str] = []
        self.complaints: list[str] = []
        self._documents: list[Response] = []
        page.on("request", self._note_request)
        page.on("response", self._note_response)
        page.on("console", self._note_message)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))

    @property
    def html(self) -> str:
        """The last page as it was sent."""
        return self._documents[-1].text()

    def _note_request(self, request: Request) -> None:
        self.asked.append(request.url)

    def _note_message(self, message: ConsoleMessage) -> None:
        if not message.text.startswith("Failed to load resource"):  # see _note_response
            self.complaints.append(message.text)

    def _note_response(self, response: Response) -> None:
        # A page may say that it is an error; what it is made of may not be missing.
        if response.status >= 400 and not response.request.is_navigation_request():
            self.complaints.append(f"{response.status} {response.url}")
        if response.request.is_navigation_request() and not 300 <= response.status < 400:
            self._documents.append(response)


def measured(page: Page) -> Measured:
    """Measure a page that has just been loaded."""
    return Measured(**page.evaluate(_MEASURE))


def axe_violations(page: Page) -> Sequence[tuple[Any, ...]]:
    """What axe finds: rule, piece of the page; everything that is folded is open."""
    page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true })")
    page.evaluate("Promise.all(document.getAnimations().map(one => one.finished))")
    # Of what passes only the rules are wanted: to describe each element takes longer than to look.
    options = {"runOnly": _RULES, "resultTypes": ["violations"]}
    found = Axe().run(page, options=options).response
    ran = {rule["id"] for kind in found.values() if isinstance(kind, list) for rule in kind}
    assert {"target-size", "color-contrast", "region"} <= ran, "axe did not run its rules"
    return [(one["id"], one["nodes"][0]["html"]) for one in found["violations"]]


def scrolls_sideways(page: Page, width: int) -> bool:
    """Whether a page is wider than its window."""
    return int(page.evaluate("document.documentElement.scrollWidth")) > width
