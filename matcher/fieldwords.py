"""How words about a field of study are read: cleaned, folded to stems, freed of filler.

Phrases of the data and questions of students go through the same functions, so that
"Welders", "welding" and "WELDING" meet. Folding is light on purpose: two words that share a
stem here must be able to stand for each other ("accountant", "accounting"), and must not where
that would be wrong ("physician", "physics").
"""

import re
import tomllib
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from itertools import pairwise

from models.domain.levels import CredentialLevel

# Longer texts are cut: an article says what it is about long before.
MOST_LETTERS = 24_000

IT_WORD = "infotech"  # "IT", so that the pronoun stays a stop word

_WORD = re.compile(r"[a-z0-9]{1,40}")
_ELISION = re.compile(r"\b(?:l|d|j|n|s|c|m|t|qu)['’](?=\w{3})")  # noqa: RUF001 - French apostrophe
_DOTTED = re.compile(r"\b(?:[a-z]\.){2,}[a-z]?\b|\b(?:[a-z]\.){2,}")
_UPPER_IT = re.compile(r"\bI\.?T\b\.?")
_PRONOUN_AFTER_IT = frozenset(
    {"is", "was", "s", "does", "doesnt", "depends", "would", "will", "can", "has"}
)
_SPELLED = (("c++", " cplusplus "), ("c#", " csharp "), (".net", " dotnet "), ("&", " and "))

_LISTS = tomllib.loads((files("matcher") / "data" / "fields" / "words.toml").read_text("utf-8"))
GRAMMAR = frozenset(_LISTS["grammar"].split())
FILLER = frozenset(_LISTS["filler"].split())
_FILLER_PAIRS = frozenset(_LISTS["filler_pairs"].split())
# The level of a word, or of two words in a row written "graduate+certificate".
_LEVEL_OF = {
    word: CredentialLevel(level)
    for level, listed in _LISTS["levels"].items()
    for word in listed.split()
}
_LEVEL_WORDS = frozenset(word for written in _LEVEL_OF for word in written.split("+"))
# Words that never speak for a field unless a whole phrase was said.
COMMON = frozenset(_LISTS["everyday"].split()) | FILLER | GRAMMAR | _LEVEL_WORDS
_IRREGULAR: dict[str, str] = {
    word: one for one, listed in _LISTS["stems"].items() for word in listed.split()
}
_SUFFIXES = (
    "ational", "ional", "ment", "ion", "ive", "ing", "ist", "ism", "ant", "or", "er", "ed",
)  # fmt: skip
_KEPT = {"ational": "at"}


def words(text: str) -> list[str]:
    """Split a text into plain words; a leading or final "it" of a short text is IT."""
    return _split(_plain(text[:MOST_LETTERS], MOST_LETTERS))


def words_of_each(phrases: Iterable[str]) -> list[list[str]]:
    """Split many one-line phrases as ``words`` does, folding all of them at once to be quick."""
    return [_split(line) for line in _plain("\n".join(phrases)).split("\n")]


def _plain(text: str, most: int | None = None) -> str:
    """Fold a text to lower-case letters without accents; ``most``: one letter may become many."""
    text = _UPPER_IT.sub(f" {IT_WORD} ", text)
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)[:most].casefold()
        parts = unicodedata.normalize("NFKD", text)
        text = "".join(letter for letter in parts if not unicodedata.combining(letter))
    text = text.lower()
    if "'" in text or "’" in text:  # noqa: RUF001 - typographic apostrophe
        text = _ELISION.sub(" ", text).replace("'", "").replace("’", "")  # noqa: RUF001
    for written, spelled in _SPELLED:
        if written in text:
            text = text.replace(written, spelled)
    if "." in text:
        text = _DOTTED.sub(lambda dotted: dotted.group().replace(".", "") + " ", text)
    return text


def _split(folded: str) -> list[str]:
    found = _WORD.findall(folded)
    if "it" in found and len(found) <= 5:
        if found[0] == "it" and not (len(found) > 1 and found[1] in _PRONOUN_AFTER_IT):
            found[0] = IT_WORD
        elif found[-2:] == ["in", "it"]:
            found[-1] = IT_WORD
    return found


@lru_cache(maxsize=20_000)
def stem(word: str) -> str:
    """Fold a plain word to what it shares with its relatives ("welders", "welding": "weld")."""
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if len(word) < 4:
        return word
    word = _singular(word)
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    word = _without_suffix(_without_suffix(word))
    while len(word) > 4 and word[-1] in "aeiouy":
        word = word[:-1]
    if word.endswith("ll") and len(word) > 4:
        word = word[:-1]
    return word


def _singular(word: str) -> str:
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("ches", "shes", "sses", "xes", "zes")):
        return word[:-2]
    if word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


def _without_suffix(word: str) -> str:
    if word in _IRREGULAR or word.endswith("ician"):
        return _IRREGULAR.get(word, word)
    if word.endswith("ian") and len(word) > 6:
        return word[:-3]
    if word.endswith("ological"):
        return word[:-4]
    for suffix in _SUFFIXES:
        if word.endswith(suffix) and len(word) - len(suffix) >= 4:
            return word[: -len(suffix)] + _KEPT.get(suffix, "")
    return word


def _translated() -> dict[str, str]:
    """Give the stem of the English word that each Spanish or French word stands for."""
    text = (files("matcher") / "data" / "fieldglossary.toml").read_text("utf-8")
    return {
        word: stem(english)
        for table in tomllib.loads(text).values()
        for english, listed in table.items()
        for word in listed.split()
    }


_IRREGULAR.update(_translated())


@dataclass(frozen=True, slots=True)
class Question:
    """A text read as a question about a field.

    ``whole`` are its plain words without grammar; ``telling`` those of them that say something,
    ``filler`` the others; ``level`` is the credential that the text asks for.
    """

    whole: tuple[str, ...]
    telling: tuple[str, ...]
    filler: tuple[str, ...]
    level: CredentialLevel | None


def content(found: list[str]) -> list[str]:
    """Leave out grammar; when nothing else was said, everything stays."""
    return [word for word in found if word not in GRAMMAR] or found


def read_question(text: str) -> Question:
    """Split a text into what tells of a field, what is filler, and the level it asks for.

    A text of nothing but filler is all telling: "education" is a field.
    """
    whole = content(words(text))
    paired = _paired(whole)
    filler = [word for word in whole if word in FILLER or word in _LEVEL_WORDS or word in paired]
    telling = [word for word in whole if word not in filler]
    if not telling:
        telling, filler = [word for word in whole if word not in paired or word in COMMON], []
    return Question(tuple(whole), tuple(telling), tuple(filler), _level(whole))


def _paired(whole: list[str]) -> set[str]:
    """List the words that are filler beside their neighbour ("community college")."""
    pairs = (two for two in pairwise(whole) if "+".join(two) in _FILLER_PAIRS)
    return {word for two in pairs for word in two}


def _level(whole: list[str]) -> CredentialLevel | None:
    """Read the level a text asks for: two words that name one together, else the first alone."""
    pairs = (f"{one}+{other}" for one, other in pairwise(whole))
    return next((_LEVEL_OF[said] for said in (*pairs, *whole) if said in _LEVEL_OF), None)
