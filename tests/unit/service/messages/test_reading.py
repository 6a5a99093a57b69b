"""How many years of school our texts for students ask for: eight at most, in each language.

Judged is a screen or a mail at a time, by its sentences: what ends with no sign of one is a label
or a name. Not ours to make simpler are legal wordings (``consent_texts.py``) and what credentials
are called, so a level's line of them is left out. English has a formula that tells years of school;
those of Spanish and French tell how easy a text is, and eight years of school is "normal" on both.
"""

import re
import tomllib
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import pytest

from models.exchange import letters
from service import messages
from tests.support.reading import (
    ease_of_french,
    ease_of_spanish,
    grade,
    syllables_of_french,
    syllables_of_spanish,
)

MOST_YEARS = 8
# The least of Szigriszt and Pazos' "normal" (scale INFLESZ) and of Kandel and Moles' "standard".
LEAST_EASE = {"es": 55, "fr": 60}
EASE: Mapping[str, Callable[[Iterable[str]], float]] = {
    "es": ease_of_spanish,
    "fr": ease_of_french,
}
ROOMS = {"console", "operator", "school", "staff"}
CATALOGUES = Path(messages.__file__).parent
LETTERS = Path(letters.__file__).with_name("letters.toml")
NAMES_OF_CREDENTIALS = re.compile(r"education_level\.[a-z_]+\.opens")
SENTENCE = re.compile(r"[^\W\d_][^.!?]*[.!?][\s”»)]*$")


def _texts(table: Mapping[str, object], before: str = "") -> dict[str, str]:
    found: dict[str, str] = {}
    for key, value in table.items():
        if isinstance(value, Mapping):
            found |= _texts(value, f"{before}{key}.")
        else:
            found[f"{before}{key}"] = str(value)
    return found


def _screens(language: str) -> dict[str, dict[str, str]]:
    """Texts by screen: the tables of a catalogue's file, and each mail by itself."""
    said: dict[str, dict[str, str]] = defaultdict(dict)
    for file in (CATALOGUES / language).glob("*.toml"):
        if file.stem.partition("_")[0] not in ROOMS:
            for key, text in _texts(tomllib.loads(file.read_text("utf-8"))).items():
                said[f"{file.stem}: {key.partition('.')[0]}"][key] = text
    for name, mail in tomllib.loads(LETTERS.read_text("utf-8"))[language].items():
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


SCREENS = {
    (language, screen): texts
    for language in ("en", *EASE)
    for screen, texts in _screens(language).items()
}


@pytest.mark.parametrize("screen", sorted(name for language, name in SCREENS if language == "en"))
def test_a_screen_asks_for_eight_years_of_school_at_most(screen: str) -> None:
    texts = SCREENS["en", screen]
    hardest = sorted(texts, key=lambda key: -grade([texts[key]]))[:3]
    told = [(round(grade([texts[key]]), 1), key, texts[key]) for key in hardest]
    assert grade(texts.values()) <= MOST_YEARS, f"the hardest of {screen}: {told}"


@pytest.mark.parametrize(
    ("language", "screen"), sorted(name for name in SCREENS if name[0] in EASE)
)
def test_a_screen_is_as_easy_in_spanish_and_french(language: str, screen: str) -> None:
    texts, ease = SCREENS[language, screen], EASE[language]
    hardest = sorted(texts, key=lambda key: ease([texts[key]]))[:3]
    told = [(round(ease([texts[key]]), 1), key, texts[key]) for key in hardest]
    assert ease(texts.values()) >= LEAST_EASE[language], f"the hardest of {screen}: {told}"


def test_every_screen_of_students_is_judged() -> None:
    screens = {language: [of for of, _ in SCREENS].count(language) for language in ("en", *EASE)}
    names = {screen.partition(":")[0] for _, screen in SCREENS}
    short = {"search"}  # nothing but labels
    files = {file.stem for file in (CATALOGUES / "en").glob("*.toml")}
    files = {name for name in files if name.partition("_")[0] not in ROOMS}
    assert files - names <= short
    assert len(set(screens.values())) == 1
    assert screens["en"] > 30


@pytest.mark.parametrize(
    ("syllables", "said"),
    [
        (
            syllables_of_spanish,
            "es-cue-la guí-a e-du-ca-ción a-ún pa-í-ses le-er que u-ni-ver-si-ta-rio",
        ),
        (
            syllables_of_spanish,
            "ley muy y yo re-ú-ne ver-güen-za cons-tru-ye ciu-dad so-li-ci-tud",
        ),
        (
            syllables_of_french,
            "é-cole de-mande pro-grammes que an-née cré-a-tion lieu qui en-voy-er pu-bli-ci-té",
        ),
        (syllables_of_french, "ré-us-site u-ni-ver-si-té di-plôme guide vous l'é-cole"),
    ],
)
def test_syllables_are_counted_as_they_are_spoken(
    syllables: Callable[[str], int], said: str
) -> None:
    for word in said.split():
        assert syllables(word.replace("-", "")) == word.count("-") + 1, word
