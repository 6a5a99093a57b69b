"""Pictures of every page, from a system started for them.

    python -m tests.browser.pictures [FOLDER]

Draws docs/pictures anew: results.png, which README.md shows, a sheet of each page (a phone and a
desk, light and dark, in English, Spanish and French) and the README.md that names them. With a
folder the whole pages go into it too, one a file, to be looked at closely.
"""

import base64
import re
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser as Chromium
from typing_extensions import override

from tests.browser.furnishing import furnish, log_in
from tests.browser.longest import longest_states
from tests.browser.prepared import prepare
from tests.browser.room_states import ADMIN, OPERATOR, PAGES
from tests.browser.states import RESULTS, STATES, Step
from tests.support import once
from tests.support.chromium import ChromiumBrowser, chromium
from tests.support.running import ROOT, RunningSystem, started

PICTURES = ROOT / "docs" / "pictures"
README_HEIGHT = 1200
# A sheet shows the first of a page; its size and sharpness keep all of them within 5 MB.
SHEET_HEIGHT, GAP, SCALE, QUALITY = 1100, 24, 0.5, 15
_HEAD = """# Pictures

Each sheet shows one page as it came from a running system: on a phone (320 px) in English (light),
Spanish (dark) and French (light), then at a desk (1280 px) in English (light) and Spanish (dark).
Rooms of staff speak English: on a phone (light), then at a desk (dark). A sheet shows the first
{height} px of a page. `make pictures` draws them anew; `make pictures ARGS=FOLDER` keeps the whole
pages in a folder too.
"""


@dataclass(frozen=True)
class Look:
    """How a page is looked at."""

    width: int
    scheme: str
    speaks: str = "en"

    @override
    def __str__(self) -> str:
        return f"{self.width}-{self.scheme}-{self.speaks}"


LOOKS = (
    Look(320, "light"),
    Look(320, "dark", "es"),
    Look(320, "light", "fr"),
    Look(1280, "light"),
    Look(1280, "dark", "es"),
)
ROOM_LOOKS = (Look(320, "light"), Look(1280, "dark"))


@contextmanager
def somebody(browser: Chromium, root: str, speaks: str = "en") -> Iterator[ChromiumBrowser]:
    """A person with a browser of their own."""
    person = ChromiumBrowser(browser, root, speaks=speaks, viewport={"width": 320, "height": 900})
    yield person
    person.close()


def draw(person: ChromiumBrowser, looks: Iterable[Look], folder: Path) -> None:
    """Draw the page at hand, whole, in each of those looks."""
    for look in looks:
        scheme: Literal["dark", "light"] = "dark" if look.scheme == "dark" else "light"
        # Nothing is drawn on its way from one colour to the other.
        person.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        person.page.set_viewport_size({"width": look.width, "height": 900})
        person.page.screenshot(path=folder / f"{look}.png", full_page=True)


def draw_pages(
    browser: Chromium, root: str, states: Mapping[str, Step], folder: Path
) -> Iterator[tuple[str, str]]:
    """Draw students' pages, each into a folder of its own; their names and headings."""
    for name, go in states.items():
        its = folder / file_name(name)
        its.mkdir()
        heading = ""
        for speaks in dict.fromkeys(look.speaks for look in LOOKS):
            with somebody(browser, root, speaks) as student:
                go(student)
                heading = heading or student.heading
                draw(student, [look for look in LOOKS if look.speaks == speaks], its)
        yield name, heading


def draw_rooms(browser: Chromium, system: RunningSystem, folder: Path) -> Iterator[tuple[str, str]]:
    """Draw the rooms of those who work here, furnished; their names and headings."""
    insiders = {email: log_in(browser, system, email) for email in PAGES}
    made = furnish(system, insiders[ADMIN], insiders[OPERATOR])
    for email, whose in ((ADMIN, "school room"), (OPERATOR, "console")):
        for path in PAGES[email]:
            if "?" in path:  # the same page again
                continue
            name = f"{whose} {re.sub('[{}]', '', path)}"
            its = folder / file_name(name)
            its.mkdir()
            person = insiders[email].open(path.format(**made))
            draw(person, ROOM_LOOKS, its)
            yield name, person.heading
        insiders[email].person.close()


def file_name(name: str) -> str:
    """What a page's files are called."""
    return name.replace(" ", "-").replace("/", "-")


def draw_sheet(browser: Chromium, folder: Path, looks: Iterable[Look]) -> bytes:
    """Put a page's pictures side by side; WebP."""
    shown = [(look, folder / f"{look}.png") for look in looks]
    width = sum(look.width + GAP for look, _ in shown) + GAP
    boxes = "".join(
        f'<div style="flex:none;width:{look.width}px;max-height:{SHEET_HEIGHT}px;overflow:hidden">'
        f'<img src="data:image/png;base64,{base64.b64encode(file.read_bytes()).decode()}"'
        ' style="display:block"></div>'
        for look, file in shown
    )
    page = browser.new_page(viewport={"width": width, "height": 900})
    page.set_content(
        f'<!doctype html><body style="margin:0;padding:{GAP}px;box-sizing:border-box;'
        f'width:{width}px;display:flex;gap:{GAP}px;align-items:start;background:#8a9499">{boxes}</body>'
    )
    height = page.evaluate("document.body.offsetHeight")
    clip = {"x": 0, "y": 0, "width": width, "height": height, "scale": SCALE}
    told = page.context.new_cdp_session(page).send(
        "Page.captureScreenshot",
        {"format": "webp", "quality": QUALITY, "clip": clip, "captureBeyondViewport": True},
    )
    page.close()
    return base64.b64decode(told["data"])


def draw_for_readme(browser: Chromium, root: str) -> None:
    """Draw the results as README.md shows them: the first screens of the page."""
    with somebody(browser, root) as student:
        student.page.set_viewport_size({"width": 1280, "height": README_HEIGHT})
        student.open(RESULTS)
        student.page.screenshot(path=PICTURES / "results.png")


def write_index(drawn: Iterable[tuple[str, str]]) -> None:
    """Name every sheet and what it shows."""
    parts = [_HEAD.format(height=f"{SHEET_HEIGHT:,}")]
    for name, heading in drawn:
        title = name[0].upper() + name[1:]
        parts.append(f"## {title}\n\n“{heading}”\n\n![{title}]({file_name(name)}.webp)\n")
    (PICTURES / "README.md").write_text("\n".join(parts), encoding="utf-8")


@contextmanager
def run_of_its_own() -> Iterator[None]:
    """What a test run makes once, for a run that is none."""
    folder = once.begin()
    try:
        yield
    finally:
        if folder:
            once.end(folder)


def main(arguments: list[str]) -> None:
    """Draw everything."""
    with (
        run_of_its_own(),
        started() as system,
        chromium() as browser,
        tempfile.TemporaryDirectory() as spare,
    ):
        folder = Path(arguments[0] if arguments else spare)
        folder.mkdir(parents=True, exist_ok=True)
        prepare(system)
        draw_for_readme(browser, system.url)
        students: dict[str, Step] = {name: go for name, (go, _) in STATES.items()}
        students.update(longest_states(system))
        pages = draw_pages(browser, system.url, students, folder)
        drawn = [*pages, *draw_rooms(browser, system, folder)]
        for old in PICTURES.glob("*.webp"):
            old.unlink()
        for name, _ in drawn:
            looks = LOOKS if name in students else ROOM_LOOKS
            sheet = draw_sheet(browser, folder / file_name(name), looks)
            (PICTURES / f"{file_name(name)}.webp").write_bytes(sheet)
        write_index(drawn)


if __name__ == "__main__":
    main(sys.argv[1:])
