"""Texts to fit the field classifier to: phrases of the data as people would type them.

People put words around a phrase ("how to become a …"), slip on the keyboard and leave accents
out. Chance is an input, so the same seed gives the same texts.
"""

import random
import string
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

SHORTEST_SLIP = 5
FRAMED = 0.4  # share of texts with words around the phrase
SLIPPED = 0.25
FLATTENED = 0.3

FRAMES = (
    "what degree do you need to become a {}", "which program should I take for {}",
    "is there a course where i can learn {}", "do i need a license for {}",
    "what do you study to be a {}", "how hard is it to become a {}",
    "I'm good with people and i want {}", "as a mom i would like to do {}",
    "something with {} but not too hard", "is it possible to study {} at night",
    "my teacher says i should try {}", "i enjoy {} and want to make it my job",
    "how much do you make in {}", "what is the difference in {}",
    "ever since i was little i dreamed of {}", "can you work from home in {}", "{} now hiring",
    "experienced {} wanted", "part time {} needed", "{} assistant", "{} ii",
    "lead {} - night shift", "i passed the {}", "how to get my {}", "qué se necesita para ser {}",
    "cuánto tiempo se tarda en ser {}", "me encanta {} y quiero trabajar en eso",
    "qué tengo que estudiar para ser {}", "quelles études faut-il faire pour être {}",
    "combien de temps pour devenir {}", "est-ce que je peux apprendre {} le soir",
    "j'aimerais travailler en {}", "quel programme pour {}", "i want to be a {}",
    "I'd like to become a {} one day", "how do i become a {}", "{} degree", "{} classes",
    "study {}", "{} school near me", "{} online", "jobs in {}", "{} certificate", "learn {}",
    "i like {}", "bachelor of {}", "{} training", "{} program", "looking for {} courses",
    "what do i need to study to work in {}", "i want a career in {}", "{} for beginners",
    "thinking about {} but not sure", "where can i study {}", "need school for {}", "get into {}",
    "my son wants to do {}", "i have always loved {}", "can i do {} with an associate degree",
    "how long does it take to study {}", "entry level {} full time", "senior {}", "certified {}",
    "{} license", "{} exam", "licensed {}", "is there a program for {}", "masters in {}",
    "estudiar {}", "quiero ser {}", "carrera de {}", "curso de {}", "quiero estudiar {}",
    "me gusta {}", "cómo puedo ser {}", "licenciatura en {}", "trabajar en {}", "técnico en {}",
    "dónde puedo estudiar {}", "busco una escuela de {}", "me gustaría trabajar de {}",
    "devenir {}", "formation en {}", "cours de {}", "je veux étudier {}", "diplôme en {}",
    "je voudrais devenir {}", "comment devenir {}", "j'aime {}", "études en {}", "métier de {}",
    "où étudier {}", "je cherche une formation de {}", "dec en {}", "baccalauréat en {}",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Example:
    """A text and the rows of the families it is about; none when it is talk."""

    text: str
    right: frozenset[int]
    weight: float


def draw(
    texts: Mapping[str, frozenset[int]], weight: float, chance: random.Random
) -> list[Example]:
    """Let people type each text in their own way."""
    return [Example(_typed(text, chance), right, weight) for text, right in texts.items()]


def slip(phrase: str, chance: random.Random) -> str:
    """Put one slip of the finger into one word that is long enough to bear it."""
    words = phrase.split()
    able = [place for place, word in enumerate(words) if len(word) >= SHORTEST_SLIP]
    if able:
        place = chance.choice(able)
        words[place] = _slip_word(words[place], chance)
    return " ".join(words)


def _typed(text: str, chance: random.Random) -> str:
    if chance.random() < FRAMED:
        text = chance.choice(FRAMES).format(text)
    if chance.random() < FLATTENED:
        text = _flat(text)
    return slip(text, chance) if chance.random() < SLIPPED else text


def _flat(text: str) -> str:
    parts = unicodedata.normalize("NFKD", text.lower())
    return "".join(letter for letter in parts if not unicodedata.combining(letter))


def _slip_word(word: str, chance: random.Random) -> str:
    at = chance.randrange(len(word) - 1)
    other = chance.choice(string.ascii_lowercase)
    return chance.choice(
        (
            word[:at] + word[at + 1 :],
            word[:at] + other + word[at:],
            word[:at] + other + word[at + 1 :],
            word[:at] + word[at + 1] + word[at] + word[at + 2 :],
        )
    )


def parts_of(texts: Sequence[str], count: int, chance: random.Random) -> list[list[str]]:
    """Deal texts into parts of about equal size."""
    dealt = sorted(texts)
    chance.shuffle(dealt)
    return [dealt[part::count] for part in range(count)]
