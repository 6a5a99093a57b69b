"""How many years of school our English texts for students ask for: eight at most.

Judged is a screen or a mail at a time, by its sentences: what ends with no sign of one is a label
or a name. Not ours to make simpler are legal wordings (``consent_texts.py``) and what credentials
are called, so a level's line of them is left out.
"""

import re
import tomllib
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

import pytest

from models.exchange import letters
from service import messages
from tests.support.reading import grade

BAR = 8
ROOMS = {"console", "operator", "school", "staff"}
ENGLISH = Path(messages.__file__).with_name("en")
LETTERS = Path(letters.__file__).with_name("letters.toml")
NAMES_OF_CREDENTIALS = re.compile(r"education_level\.[a-z_]+\.opens")
SENTENCE = re.compile(r"[A-Za-z][^.!?]*[.!?][\s”)]*$")


def _texts(table: Mapping[str, object], before: str = "") -> dict[str, str]:
    found: dict[str, str] = {}
    for key, value in table.items():
        if isinstance(value, Mapping):
            found |= _texts(value, f"{before}{key}.")
        else:
            found[f"{before}{key}"] = str(value)
    return found


def _screens() -> dict[str, dict[str, str]]:
    """Texts by screen: the tables of a catalogue's file, and each mail by itself."""
    said: dict[str, dict[str, str]] = defaultdict(dict)
    for file in ENGLISH.glob("*.toml"):
        if file.stem.partition("_")[0] not in ROOMS:
            for key, text in _texts(tomllib.loads(file.read_text("utf-8"))).items():
                said[f"{file.stem}: {key.partition('.')[0]}"][key] = text
    for name, mail in tomllib.loads(LETTERS.read_text("utf-8"))["en"].items():
        said[f"mail: {name}"] = {
            f"{key}.{n}": line
            for key, text in _texts(mail).items()
            for n, line in enumerate(text.splitlines())
        }
    return {name: judged for name, texts in said.items() if (judged := _sentences(texts))}


def _sentences(texts: Mapping[str, str]) -> dict[str, str]:
    plain = {key: re.sub(r"\{[^}]*\}", "Example", text) for key, text in texts.items()}
    return {
        key: text
        for key, text in plain.items()
        if SENTENCE.search(text) and not NAMES_OF_CREDENTIALS.fullmatch(key)
    }


SCREENS = _screens()


@pytest.mark.parametrize("screen", sorted(SCREENS))
def test_a_screen_asks_for_eight_years_of_school_at_most(screen: str) -> None:
    texts = SCREENS[screen]
    hardest = sorted(texts, key=lambda key: -grade([texts[key]]))[:3]
    told = [(round(grade([texts[key]]), 1), key, texts[key]) for key in hardest]
    assert grade(texts.values()) <= BAR, f"the hardest of {screen}: {told}"


def test_every_screen_of_students_is_judged() -> None:
    names = {screen.partition(":")[0] for screen in SCREENS}
    short = {"search"}  # nothing but labels
    files = {file.stem for file in ENGLISH.glob("*.toml")} - ROOMS
    assert files - names <= short
    assert len(SCREENS) > 30
