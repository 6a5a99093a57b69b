"""Reads a page as a test wants to: by elements, text and attributes; standard library only."""

from __future__ import annotations

from collections.abc import Iterator
from html.parser import HTMLParser

from typing_extensions import override

_VOID = frozenset({"meta", "link", "input", "br", "hr", "img"})


class Element:
    """An element with its attributes and what is in it."""

    def __init__(self, tag: str, attributes: dict[str, str]) -> None:
        self.tag, self.attributes = tag, attributes
        self.children: list[Element | str] = []

    def __getitem__(self, name: str) -> str:
        return self.attributes[name]

    def get(self, name: str, default: str = "") -> str:
        return self.attributes.get(name, default)

    def has(self, name: str) -> bool:
        return name in self.attributes

    @property
    def text(self) -> str:
        """All words inside, with single spaces."""
        parts = (child if isinstance(child, str) else child.text for child in self.children)
        return " ".join(" ".join(parts).split())

    def walk(self) -> Iterator[Element]:
        """Every element inside, in the order of the page."""
        for child in self.children:
            if isinstance(child, Element):
                yield child
                yield from child.walk()

    def all(self, tag: str = "", **attributes: str) -> list[Element]:
        """Elements by tag and attributes; ``class_`` matches one of the classes."""
        return [found for found in self.walk() if found.is_a(tag, attributes)]

    def one(self, tag: str = "", **attributes: str) -> Element:
        """The only such element."""
        found = self.all(tag, **attributes)
        assert len(found) == 1, f"{len(found)} of <{tag} {attributes}>"
        return found[0]

    def is_a(self, tag: str, attributes: dict[str, str]) -> bool:
        if tag and self.tag != tag:
            return False
        wanted = dict(attributes)
        classes = wanted.pop("class_", None)
        if classes is not None and classes not in self.get("class").split():
            return False
        return all(self.get(name) == value for name, value in wanted.items())

    def with_text(self, tag: str, text: str) -> Element:
        """The only element of that kind that says so."""
        found = [element for element in self.all(tag) if text in element.text]
        assert len(found) == 1, f"{len(found)} of <{tag}> saying {text!r}"
        return found[0]


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Element("", {})
        self.stack = [self.root]

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "wbr":  # a place where a word may break is no place between words
            return
        element = Element(tag, {name: value or "" for name, value in attrs})
        self.stack[-1].children.append(element)
        if tag not in _VOID:
            self.stack.append(element)

    @override
    def handle_endtag(self, tag: str) -> None:
        if tag not in _VOID and any(element.tag == tag for element in self.stack):
            while self.stack.pop().tag != tag:
                pass

    @override
    def handle_data(self, data: str) -> None:
        children = self.stack[-1].children
        if children and isinstance(last := children[-1], str):
            children[-1] = last + data
        else:
            children.append(data)


def read_page(html: str) -> Element:
    """Read a page."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.root
