"""Pages with the longest names of the catalog: of a school, a program, of who takes requests."""

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np

from matcher.catalog import CREDENTIALS, Catalog, open_catalog
from tests.browser.states import Step
from tests.support.chromium import ChromiumBrowser
from tests.support.running import RunningSystem

# Certificates, associate and bachelor's degrees are open to it.
_ANSWERS = "/results?education_level=high_school"


@dataclass(frozen=True)
class Named:
    """A school with a long name, and what it teaches: fields and credentials."""

    name: str
    state: str
    unitid: int
    programs: tuple[tuple[str, str], ...]

    @property
    def searches(self) -> Iterator[str]:
        """Addresses of results that may show it: one for each of its programs."""
        for cip, credential in self.programs:
            chosen = f"field={cip}&credential_level={credential}&state={self.state.upper()}"
            yield f"{_ANSWERS}&region={self.state.upper()}&{chosen}"


def longest_states(system: RunningSystem) -> Mapping[str, Step]:
    """Ways to the pages that the longest names of a system's catalog try hardest."""
    catalog = open_catalog(next((system.folder / "store" / "catalog").glob("[0-9a-f]*")))
    school = _longest(catalog, set(catalog.unitid.tolist()))
    asked = _longest(catalog, _sponsors(system))
    title = max(range(len(catalog.cips)), key=lambda row: len(catalog.field_names[row]))
    field = f"{_ANSWERS}&postal_code=10940&field={catalog.cips[title]}"
    return {
        "longest school in results": partial(_shown, school),
        "longest school": lambda student: student.open(f"/schools/{school.state}/{school.unitid}"),
        "longest title in results": lambda student: student.open(field),
        "longest title": partial(_program, catalog.cips[title]),
        "longest titles compared": partial(_compared, field),
        "longest name asked": partial(_asked, asked),
        "longest name checked": partial(_checked, asked),
        "longest name confirmed": partial(_confirmed, asked),
    }


def _sponsors(system: RunningSystem) -> Collection[int]:
    """Schools that take requests here: those of the demonstration's campaigns."""
    campaigns = json.loads(system.run("campaign", "list", "--json"))
    return {unitid for one in campaigns for unitid in one["settings"]["unitids"]}


def _longest(catalog: Catalog, unitids: Collection[int]) -> Named:
    rows = np.flatnonzero(np.isin(catalog.unitid, list(unitids))).tolist()
    row = max(rows, key=lambda row: len(catalog.school_name[row]))
    programs = np.flatnonzero(catalog.school == row)
    return Named(
        catalog.school_name[row],
        catalog.regions[catalog.region.item(row)].lower(),
        catalog.unitid.item(row),
        tuple(
            (catalog.cips[field], CREDENTIALS[credential])
            for field, credential in zip(
                catalog.field[programs].tolist(), catalog.credential[programs].tolist(), strict=True
            )
        ),
    )


def _shown(school: Named, student: ChromiumBrowser) -> None:
    """Find a page of results that shows a school."""
    for address in school.searches:
        student.open(address)
        if student.page.locator("article.card", has_text=school.name).count():
            return
    raise AssertionError(f"no results show {school.name}")


def _program(cip: str, student: ChromiumBrowser) -> None:
    student.open(f"/fields/{cip}/ny")
    for way in ("ul.entries a", f"section:has(a[href*='/fields/{cip}']) h4 a"):
        with student.page.expect_navigation():
            student.page.locator(way).first.click()


def _compared(address: str, student: ChromiumBrowser) -> None:
    student.open(address)
    for box in student.page.locator("input[name=listing_id]").all()[:4]:
        box.check()
    student.press(student.say("compare.submit"))


def _asked(school: Named, student: ChromiumBrowser) -> None:
    _shown(school, student)
    card = student.page.locator("article.card", has_text=school.name).first
    with student.page.expect_navigation():
        card.locator(".asking a").click()


def _checked(school: Named, student: ChromiumBrowser) -> None:
    _asked(school, student)
    student.fill(student.say("request.first_name"), "Maximiliana Guadalupe")
    student.fill(student.say("request.last_name"), "Wolfeschlegelsteinhausen-Fern\u00e1ndez")
    address = "maximiliana.wolfeschlegelsteinhausen-fernandez@students.example.com"
    student.fill(student.say("request.email"), address)
    student.fill(student.say("request.phone"), "404 555 0123")
    student.choose(student.say("request.yes"))
    student.press(student.say("request.continue"))


def _confirmed(school: Named, student: ChromiumBrowser) -> None:
    _checked(school, student)
    student.choose(f"{student.say('channel.email')}.")
    student.press(student.say("check.send", n=1))
