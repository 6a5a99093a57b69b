"""Reads the lines of a guide; everything that README.md of this folder does not name is refused."""

import re
from dataclasses import dataclass
from typing import Literal

Form = Literal["section", "part", "text", "points", "steps", "terms"]
_LABEL = r"[A-Z][A-Za-z]*-(?:19|20)[0-9]{2}"
_CITED = re.compile(rf"(?P<text>.*?)(?P<sources>(?: ?\[\^{_LABEL}\])+)")
_SOURCE = re.compile(
    rf"\[\^(?P<label>{_LABEL})\]: (?P<words>.+?)(?: <(?P<url>https?://[^\s<>]+)>)?"
)
_TERM = re.compile(r"\*\*(?P<term>[^*]+):\*\* (?P<text>.+)")
# What other Markdown would mean something by.
_MARKUP = re.compile(r"[*_`<>\[\]|#\\]|https?:|!\[")


class GuideError(Exception):
    """A guide is not as README.md says; ``line`` counts from 1."""

    def __init__(self, line: int, what: str) -> None:
        super().__init__(f"line {line}: {what}")


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a guide: a heading with its ``id``, or a statement (term, text, labels)."""

    number: int
    form: Form
    text: str = ""
    id: str = ""
    statement: tuple[str, str, tuple[str, ...]] = ("", "", ())


@dataclass(slots=True)
class _Reading:
    title: str
    lines: list[Line]
    sources: dict[str, tuple[str, str, str, str]]


def read_lines(text: str) -> tuple[str, list[Line], dict[str, tuple[str, str, str, str]]]:
    """Read a guide's title, lines and sources: label to (label in words, year, words, address).

    Raises:
        GuideError: naming the first line that is wrong.
    """
    numbered = [(number, line) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
    if not numbered or not numbered[0][1].startswith("# "):
        raise GuideError(1, "is no title; a guide begins with “# ”")
    reading = _Reading(_plain(1, numbered[0][1][2:]), [], {})
    for number, line in numbered[1:]:
        _read(reading, number, line)
    _check_sources(reading)
    return reading.title, reading.lines, reading.sources


def _read(reading: _Reading, number: int, line: str) -> None:
    if line.startswith("[^"):
        _add_source(reading, number, line)
    elif line.startswith("## "):
        heading = _plain(number, line[3:])
        reading.lines.append(Line(number, "section", heading, _id(heading)))
    elif line.startswith("### "):
        reading.lines.append(Line(number, "part", _plain(number, line[4:])))
    else:
        reading.lines.append(_statement(number, line))


def _statement(number: int, line: str) -> Line:
    form: Form = "text"
    if line.startswith("- "):
        form, line = "points", line[2:]
    elif step := re.match(r"[1-9][0-9]?\. ", line):
        form, line = "steps", line[step.end() :]
    cited = _CITED.fullmatch(line)
    if cited is None:
        raise GuideError(number, "names no source; end it with one, such as [^BLS-2018]")
    term, text = "", cited["text"]
    if form == "points" and (named := _TERM.fullmatch(text)):
        form, term, text = "terms", named["term"], named["text"]
    labels = tuple(re.findall(_LABEL, cited["sources"]))
    said = (_plain(number, term), _plain(number, text), labels)
    return Line(number, form, statement=said)


def _add_source(reading: _Reading, number: int, line: str) -> None:
    found = _SOURCE.fullmatch(line)
    if found is None:
        raise GuideError(number, "is no source; write [^BLS-2018]: who, what, and the year 2018.")
    label, words = found["label"], found["words"]
    name, _, year = label.rpartition("-")
    if year not in words:
        raise GuideError(number, f"does not say the year {year} of its label")
    if label in reading.sources:
        raise GuideError(number, f"{label} stands twice")
    reading.sources[label] = (name, year, _plain(number, words), found["url"] or "")


def _check_sources(reading: _Reading) -> None:
    used = {label: line.number for line in reading.lines for label in line.statement[2]}
    for label, number in used.items():
        if label not in reading.sources:
            raise GuideError(number, f"names {label}, which is not among the sources")
    for label in reading.sources:
        if label not in used:
            raise GuideError(1, f"{label} is among the sources, and nothing is said from it")


def _plain(number: int, text: str) -> str:
    if _MARKUP.search(text):
        raise GuideError(number, "has markup that guides do not use")
    return text.strip()


def _id(heading: str) -> str:
    return "-".join(re.findall("[a-z0-9]+", heading.lower()))
