"""Pictures of the journey's pages from a system started for them.

    python -m tests.browser.pictures [FOLDER] [URL]

Without a folder only docs/pictures/results.png is made anew, which README.md shows. With one,
every page at 320 and 1280 px goes into it, to be looked at. With an address, the system that
answers there is drawn instead of one of its own.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser as Chromium

from tests.browser.states import RESULTS, STATES
from tests.support.chromium import ChromiumBrowser, chromium
from tests.support.running import ROOT, started

WIDTHS = (320, 1280)
README_PICTURE = ROOT / "docs" / "pictures" / "results.png"
README_HEIGHT = 1200


def draw_all(browser: Chromium, root: str, folder: Path) -> None:
    """Draw every state of every page, whole, at both widths."""
    for name, (go, _) in STATES.items():
        for width in WIDTHS:
            student = ChromiumBrowser(browser, root, viewport={"width": width, "height": 900})
            go(student)
            file = folder / f"{name.replace(' ', '-')}-{width}.png"
            student.page.screenshot(path=file, full_page=True)
            student.close()


def draw_for_readme(browser: Chromium, root: str) -> None:
    """Draw the results as README.md shows them: the first screens of the page."""
    viewport = {"width": 1280, "height": README_HEIGHT}
    student = ChromiumBrowser(browser, root, viewport=viewport)
    student.open(RESULTS)
    README_PICTURE.parent.mkdir(parents=True, exist_ok=True)
    student.page.screenshot(path=README_PICTURE)
    student.close()


@contextmanager
def system(arguments: list[str]) -> Iterator[str]:
    """The address given, or that of a system started for the pictures."""
    if len(arguments) > 1:
        yield arguments[1]
        return
    with started() as running:
        yield running.url


def main(arguments: list[str]) -> None:
    """Draw what was asked for."""
    with system(arguments) as root, chromium() as browser:
        if not arguments:
            draw_for_readme(browser, root)
            return
        folder = Path(arguments[0])
        folder.mkdir(parents=True, exist_ok=True)
        draw_all(browser, root, folder)


if __name__ == "__main__":
    main(sys.argv[1:])
