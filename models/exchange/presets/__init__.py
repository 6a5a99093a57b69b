"""Presets: systems that schools use, as data beside the kinds they are made for.

A preset is a kind, what a school is asked (``ask``), and settings in which ``{name}`` stands for an
answer. Setting one up copies it into the destination's own settings: a preset that changes later
changes no destination that is in use.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from models.domain.errors import InvalidInputError
from models.exchange.kinds import KINDS

_HERE = Path(__file__).parent
_PLACE = re.compile(r"\{([a-z_]+)\}")


@dataclass(frozen=True, slots=True)
class Asked:
    """What a school is asked for a preset; a secret is one of its kind's, by the same name."""

    name: str
    label: str
    help: str
    pattern: str
    example: str
    secret: bool = False


@dataclass(frozen=True, slots=True)
class OwnField:
    """Where a school adds our ``lead_id`` to its system: a field's name, and how it gets there."""

    to: str
    help: str


@dataclass(frozen=True, slots=True)
class Preset:
    """A system that schools use; ``lead_id``: None where its contract has no place for one."""

    name: str
    label: str
    about: str
    kind: str
    ask: tuple[Asked, ...]
    settings: Mapping[str, Any]
    lead_id: OwnField | None = None

    @property
    def examples(self) -> dict[str, str]:
        """Answers that are made up, to try a preset with."""
        return {asked.name: asked.example for asked in self.ask}

    def expand(self, given: Mapping[str, str]) -> tuple[dict[str, Any], dict[str, Any]]:
        """Make a destination's settings and secrets of what a school answered.

        Raises:
            InvalidInputError: with a message for each value to mend.
        """
        problems = {
            name: ["is nothing that this preset asks."] for name in given.keys() - _names(self)
        }
        for asked in self.ask:
            if not re.fullmatch(asked.pattern, given.get(asked.name, "")):
                problems[asked.name] = [
                    f"Enter {asked.label}, such as {asked.example}. {asked.help}"
                ]
        if problems:
            raise InvalidInputError(problems)
        plain = {asked.name: given[asked.name] for asked in self.ask if not asked.secret}
        secrets = {asked.name: given[asked.name] for asked in self.ask if asked.secret}
        settings = {**_put(self.settings, plain), "preset": self.name}
        KINDS[self.kind].check(settings, secrets)
        return settings, secrets


def _names(preset: Preset) -> set[str]:
    return {asked.name for asked in preset.ask}


def _put(value: Any, answers: Mapping[str, str]) -> Any:
    """Put answers where their names stand, in every text of a document."""
    if isinstance(value, Mapping):
        return {_put(key, answers): _put(each, answers) for key, each in value.items()}
    if isinstance(value, list):
        return [_put(each, answers) for each in value]
    if isinstance(value, str):
        return _PLACE.sub(lambda found: answers.get(found[1], found[0]), value)
    return value


def _find() -> dict[str, Preset]:
    return {path.stem: _load(path) for path in sorted(_HERE.glob("*.toml"))}


def _load(path: Path) -> Preset:
    """Read a preset and set it up with its own examples: one that cannot work is never shown.

    Raises:
        TypeError: when it names what no preset has.
        InvalidInputError: when its settings cannot work.
    """
    written = tomllib.loads(path.read_text())
    ask = tuple(Asked(**each) for each in written.pop("ask", ()))
    place = written.pop("lead_id", None)
    lead_id = None if place is None else OwnField(**place)
    preset = Preset(name=path.stem, ask=ask, lead_id=lead_id, **written)
    preset.expand(preset.examples)
    return preset


PRESETS: Mapping[str, Preset] = MappingProxyType(_find())
