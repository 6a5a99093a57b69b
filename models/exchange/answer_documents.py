"""An answer's body as a document that paths can be read from: JSON or XML, by what it is.

What a stranger sends is read with care: numbers stay as typed, XML with a document type is refused
(so no entity is ever expanded), and nesting is limited.
"""

import json
from typing import Any
from xml.parsers import expat

_DEEPEST = 64


def read_document(body: bytes) -> Any:
    """Read a body; None when it is neither JSON nor XML that we take.

    An XML element is its text, or a document of its attributes (``@name``), its text (``#text``)
    and its children by their local names, in a list where there are several of a name.
    """
    start = body.lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    try:
        return _xml(body) if start == b"<" else _json(body)
    except (ValueError, RecursionError, expat.ExpatError):
        return None


def _json(body: bytes) -> Any:
    text = body.decode("utf-8-sig")
    return json.loads(text, parse_int=str, parse_float=str, parse_constant=str)


class _Tree:
    """Collects elements as expat names them."""

    def __init__(self) -> None:
        self.open: list[tuple[str, dict[str, Any], list[str]]] = []
        self.root: dict[str, Any] = {}

    def begin(self, name: str, attributes: dict[str, str]) -> None:
        if len(self.open) >= _DEEPEST:
            raise ValueError("nested too deep")
        marked: dict[str, Any] = {f"@{_local(key)}": value for key, value in attributes.items()}
        self.open.append((_local(name), marked, []))

    def take(self, text: str) -> None:
        if self.open:
            self.open[-1][2].append(text)

    def end(self, _name: str) -> None:
        name, found, texts = self.open.pop()
        text = "".join(texts).strip()
        if found and text:
            found["#text"] = text
        value: Any = found or text
        parent = self.open[-1][1] if self.open else self.root
        if name not in parent:
            parent[name] = value
        elif isinstance(parent[name], list):
            parent[name].append(value)
        else:
            parent[name] = [parent[name], value]


def _xml(body: bytes) -> dict[str, Any]:
    tree = _Tree()
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = _refuse
    parser.EntityDeclHandler = _refuse
    parser.ExternalEntityRefHandler = _refuse
    parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
    parser.StartElementHandler = tree.begin
    parser.EndElementHandler = tree.end
    parser.CharacterDataHandler = tree.take
    parser.Parse(body, True)  # noqa: FBT003 - expat's own signature
    return tree.root


def _refuse(*_: object) -> int:
    raise ValueError("a document type is not taken")


def _local(name: str) -> str:
    return name.rpartition(":")[2]
