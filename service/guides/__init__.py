"""Guides to fields: what one learns, becomes and needs, each statement with its source and year.

A guide is ``<locale>/<cip>.md`` in this folder, in a small and strict part of Markdown that
README.md describes. What is not in it is not said: a field without a guide has none on its page.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Literal

from service.guides.reading import GuideError, read_lines

DEFAULT_LOCALE = "en"
# Guides that stay read, at some 30 KB each.
_KEPT = 8

Kind = Literal["text", "points", "steps", "terms"]


@dataclass(frozen=True, slots=True)
class Source:
    """Who said something, and when; ``label`` is what stands beside each statement."""

    label: str
    year: str
    words: str
    url: str


@dataclass(frozen=True, slots=True)
class Statement:
    """One thing that is said; ``term`` is what it is about, "" outside a list of terms."""

    term: str
    text: str
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Block:
    """Statements of one form: a paragraph, points, steps in order, or terms."""

    kind: Kind
    statements: tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """Blocks under a heading of their own; "" before the first."""

    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """A chapter of a guide; ``id`` is its place in an address."""

    id: str
    title: str
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Guide:
    """A guide to a field; ``sources`` by label, in the order of the file."""

    locale: str
    title: str
    sections: tuple[Section, ...]
    sources: Mapping[str, Source]


@lru_cache(_KEPT)
def find_guide(locale: str, cip: str) -> Guide | None:
    """Find the guide to a field in a language, else in English; None: there is none.

    Args:
        locale: such as ``en``.
        cip: such as ``51.07``; checked by who asks, as it becomes part of a path.

    Raises:
        GuideError: when the file is not as README.md says.
    """
    for language in dict.fromkeys((locale, DEFAULT_LOCALE)):
        file = files(__name__).joinpath(language, f"{cip}.md")
        if file.is_file():
            return read_guide(language, file.read_text("utf-8"))
    return None


def read_guide(locale: str, text: str) -> Guide:
    """Read a guide.

    Raises:
        GuideError: naming the line that is not as README.md says, a statement without a source, or
            a source without a year.
    """
    title, lines, sources = read_lines(text)
    sections: list[Section] = []
    for line in lines:
        if line.form == "section":
            if line.id in {section.id for section in sections}:
                raise GuideError(line.number, f"“{line.text}” stands twice")
            sections.append(Section(line.id, line.text, ()))
            continue
        if not sections:
            raise GuideError(line.number, "stands before the first section")
        last = sections[-1]
        if line.form == "part":
            parts = (*last.parts, Part(line.text, ()))
        else:
            parts = _with(last.parts or (Part("", ()),), line.form, line.statement)
        sections[-1] = Section(last.id, last.title, parts)
    shown = {label: Source(*said) for label, said in sources.items()}
    return Guide(locale, title, tuple(sections), shown)


def _with(
    parts: tuple[Part, ...], kind: Kind, said: tuple[str, str, tuple[str, ...]]
) -> tuple[Part, ...]:
    """Put a statement at the end: into the last block where that has the same form."""
    last, statement = parts[-1], Statement(*said)
    blocks = last.blocks
    if kind != "text" and blocks and blocks[-1].kind == kind:
        blocks = (*blocks[:-1], Block(kind, (*blocks[-1].statements, statement)))
    else:
        blocks = (*blocks, Block(kind, (statement,)))
    return (*parts[:-1], Part(last.title, blocks))
