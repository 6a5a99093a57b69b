"""How many years of school a text asks for: Flesch and Kincaid's grade, English only.

The formula is that of Kincaid, Fishburne, Rogers and Chissom, "Derivation of New Readability
Formulas for Navy Enlisted Personnel" (Research Branch Report 8-75, 1975). As Flesch counts, what a
colon or semicolon ends is a sentence too. Syllables are groups of vowels less a silent e.
"""

import re
from collections.abc import Iterable


def grade(texts: Iterable[str]) -> float:
    """The grade of texts together; each is at least one sentence."""
    words = sentences = syllables = 0
    for text in texts:
        plain = re.sub(r"(\d)[.,](\d)", r"\1\2", text)
        ends = [part for part in re.split(r"[.!?:;]+(?:\s|$)", plain) if part.strip()]
        spoken = re.findall(r"[A-Za-z\u2019']+", plain)
        sentences += max(1, len(ends))
        words += len(spoken)
        syllables += sum(_syllables(word) for word in spoken)
    return 0.39 * words / sentences + 11.8 * syllables / words - 15.59


def _syllables(word: str) -> int:
    letters = re.sub("[^a-z]", "", word.lower())
    count = len(re.findall("[aeiouy]+", letters))
    silent = letters.endswith("e") and not letters.endswith("le") and count > 1
    return max(1, count - silent)
