"""docker-compose.yml as data: what would run, with which command."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml  # type: ignore[import-untyped]

FILE = Path(__file__).parents[2] / "docker-compose.yml"
_VARIABLE = re.compile(r"\$\{(?P<name>[A-Z_]+)(?::(?P<kind>[-?])(?P<rest>[^}]*))?\}")


def services(values: Mapping[str, str]) -> dict[str, Any]:
    """The services with variables put in; one that is required and not given is a KeyError."""

    def put_in(found: re.Match[str]) -> str:
        name, kind, rest = found["name"], found["kind"], found["rest"]
        return values.get(name, rest) if kind == "-" else values[name]

    return dict(document(_VARIABLE.sub(put_in, FILE.read_text()))["services"])


def document(text: str | None = None) -> dict[str, Any]:
    """The whole file."""
    return dict(yaml.safe_load(FILE.read_text() if text is None else text))


def required() -> set[str]:
    """The variables without which nothing starts."""
    return {found["name"] for found in _VARIABLE.finditer(FILE.read_text()) if found["kind"] == "?"}
