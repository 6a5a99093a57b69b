"""How hard a text is to read: by a formula made for its own language.

- English, Flesch and Kincaid's grade: Kincaid, Fishburne, Rogers and Chissom, "Derivation of New
  Readability Formulas for Navy Enlisted Personnel" (Research Branch Report 8-75, 1975).
- Spanish, Szigriszt and Pazos' perspicuity: F. Szigriszt Pazos, "Sistemas predictivos de
  legibilidad del mensaje escrito" (Universidad Complutense de Madrid, 1993), on the scale INFLESZ:
  I. M. Barrio-Cantalejo et al., Anales del Sistema Sanitario de Navarra 31(2), 2008.
- French, Kandel and Moles' reading ease: L. Kandel and A. Moles, "Application de l'indice de Flesch
  a la langue francaise", Cahiers Etudes de Radio-Television 19, 1958; Flesch's scale.

As Flesch counts, what a colon or semicolon ends is a sentence too.
"""

import re
from collections.abc import Callable, Iterable

_LETTERS = r"[^\W\d_]"


def grade(texts: Iterable[str]) -> float:
    """The grade of English texts together: years of school; each is at least one sentence."""
    a_sentence, a_word = _lengths(texts, _english)
    return 0.39 * a_sentence + 11.8 * a_word - 15.59


def ease_of_spanish(texts: Iterable[str]) -> float:
    """How easy Spanish texts are: 55 to 65 is normal, as the daily press; more is easier."""
    a_sentence, a_word = _lengths(texts, syllables_of_spanish)
    return 206.835 - a_sentence - 62.3 * a_word


def ease_of_french(texts: Iterable[str]) -> float:
    """How easy French texts are: 60 to 70 is standard, eight years of school; more is easier."""
    a_sentence, a_word = _lengths(texts, syllables_of_french)
    return 207 - 1.015 * a_sentence - 73.6 * a_word


def _lengths(texts: Iterable[str], syllables: Callable[[str], int]) -> tuple[float, float]:
    """Words a sentence and syllables a word."""
    words = sentences = spoken = 0
    for text in texts:
        plain = re.sub(r"(\d)[.,\s](\d)", r"\1\2", text).replace("\u2019", "'")
        ends = [part for part in re.split(r"[.!?:;]+(?:\s|$)", plain) if part.strip()]
        found = re.findall(rf"(?:{_LETTERS}|')+", plain)
        sentences += max(1, len(ends))
        words += len(found)
        spoken += sum(syllables(word.lower()) for word in found)
    return words / sentences, spoken / words


def _english(word: str) -> int:
    """Groups of vowels less a silent e."""
    letters = re.sub("[^a-z]", "", word)
    count = len(re.findall("[aeiouy]+", letters))
    silent = letters.endswith("e") and not letters.endswith("le") and count > 1
    return max(1, count - silent)


def syllables_of_spanish(word: str) -> int:
    """Count vowels, two of which make one when one is weak and without its accent."""
    heard = re.sub("(?<=q)u|(?<=g)u(?=[eéií])", "", re.sub("y$", "i", word))
    return max(1, len(re.findall("[iuü]?[aeoáéó](?:[iuü](?![aeoáéó]))?|[íú]|[iuü]+", heard)))


def syllables_of_french(word: str) -> int:
    """Count groups of vowels, é apart from what follows it, less a silent e at the end."""
    heard = re.sub("^.*'|(?<=q)u|(?<=g)u(?=[eéèêiî])|(?<=é)e(?=s?$)", "", word)
    heard = re.sub("(?<=[aou])y(?=[aeéèo])", "i-", heard)
    count = len(re.findall("é|[aàâeèêëiîïoôuùûüyœæ]+", heard))
    return max(1, count - bool(re.search("es?$", heard) and count > 1))
