"""Addresses of what can be browsed: states, schools and programs, each with its name in it."""

import re
import unicodedata

from flask import url_for
from werkzeug.exceptions import NotFound

from matcher.regions import REGIONS
from models.domain.matching import Program, School
from models.domain.place import Region
from service.messages.names import region_name
from service.web.pages import locale, t

# Where schools stand whose state no source tells.
ELSEWHERE = "not-published"
_SCHOOL = re.compile(r"([1-9][0-9]{0,8})(-[a-z0-9-]*)?")
_LONGEST_SLUG = 60


def school_url(shown: School) -> str:
    """A school's address here: its state, its id and its name."""
    state, name = _parts(shown)
    return url_for("web.school", state=state, name=name)


def program_url(school: School, program: Program) -> str:
    """A program's address here: its school's, then what its id says beside the school."""
    state, name = _parts(school)
    tail = program.id.partition(".")[2]
    return url_for("web.program", state=state, name=name, program=tail)


def read_school(state: str, name: str) -> tuple[int, str | None]:
    """A school's id and region as an address gives them; what cannot be one is not found."""
    read = _SCHOOL.fullmatch(name)
    if read is None:
        raise NotFound
    return int(read[1]), region_code(state)


def region_code(asked: str) -> str | None:
    """The region that an address names; None: schools whose state is not published."""
    if asked == ELSEWHERE:
        return None
    code = asked.upper()
    if code not in REGIONS or len(asked) > 2:
        raise NotFound
    return code


def slug_of(region: Region | None) -> str:
    """A state or province in an address."""
    return region.code.lower() if region else ELSEWHERE


def place_name(region: Region | None) -> str:
    """A state or province in words, or that it is not published."""
    return region_name(locale(), region.code) if region else t("browse.not_published")


def place_of(school: School) -> str:
    """The state or province of a school in words."""
    return place_name(REGIONS[school.state] if school.state else None)


def slug(words: str) -> str:
    """Write a name for an address: ``St. John's`` is ``st-johns``."""
    plain = unicodedata.normalize("NFKD", words).encode("ascii", "ignore").decode().lower()
    parts = re.findall("[a-z0-9]+", plain.replace("'", ""))
    return "-".join(parts)[:_LONGEST_SLUG].strip("-")


def _parts(shown: School) -> tuple[str, str]:
    """State and name, as they stand in the address of a school and of its programs."""
    region = REGIONS[shown.state] if shown.state else None
    return slug_of(region), f"{shown.unitid}-{slug(shown.name)}"
