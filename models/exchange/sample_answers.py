"""What the systems of presets answer, as their makers publish it: to try outcome rules on.

The mocks in ``workers/destinations`` say the same; a test compares them.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class SampleAnswer:
    """An answer; ``name`` is the mock's case, ``ping`` that it answers a question for a price."""

    name: str
    code: int
    body: str
    ping: bool = False

    @property
    def label(self) -> str:
        """The name as words."""
        return self.name.replace("_", " ").capitalize()


def _load() -> dict[str, tuple[SampleAnswer, ...]]:
    written = tomllib.loads(Path(__file__).with_suffix(".toml").read_text())
    return {name: tuple(SampleAnswer(**each) for each in rows) for name, rows in written.items()}


SAMPLE_ANSWERS: Mapping[str, tuple[SampleAnswer, ...]] = MappingProxyType(_load())
