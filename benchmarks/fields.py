"""How well free text finds its field, measured on phrases that nobody tuned the words to.

``tests/data/fields_phrases.csv`` lists phrases with the families that would be right, any of them.
Only its held-out part counts here: none of it is in the data, and no threshold was chosen on it.
"""

import csv
import json
import random
import statistics
import string
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from matcher.fields import FieldIndex

PHRASES = Path(__file__).parents[1] / "tests" / "data" / "fields_phrases.csv"
ARTICLE = PHRASES.with_name("fields_article.txt")
SEEDS = Path(__file__).parents[1].parent / "shared" / "seeds"
RECORDS = "51.07"  # what every seed page is about
SHORTEST_TYPO = 5
REPEATS = 3

# The twin of the seed page's list: the titles of the 17 programs of 51.07 in CIP 2020.
OFFICIAL_TITLES = (
    "Health/Health Care Administration/Management",
    "Hospital and Health Care Facilities Administration/Management",
    "Health Unit Coordinator/Ward Clerk",
    "Health Unit Manager/Ward Supervisor",
    "Medical Office Management/Administration",
    "Health Information/Medical Records Administration/Administrator",
    "Health Information/Medical Records Technology/Technician",
    "Medical Transcription/Transcriptionist",
    "Medical Office Computer Specialist/Assistant",
    "Medical Office Assistant/Specialist",
    "Medical/Health Management and Clinical Assistant/Specialist",
    "Medical Reception/Receptionist",
    "Medical Insurance Coding Specialist/Coder",
    "Medical Insurance Specialist/Medical Biller",
    "Health/Medical Claims Examiner",
    "Medical Administrative/Executive Assistant and Medical Secretary",
    "Medical Staff Services Technology/Technician",
)


@dataclass(frozen=True, slots=True)
class Listed:
    """A phrase and the families that would be right; none when it is about no field."""

    phrase: str
    right: frozenset[str]
    kind: str


def main() -> None:
    """Print what each kind of phrase scores, what went wrong, and last the result."""
    index = FieldIndex.load()
    listed = read_phrases("held_out")
    print("RESULT", json.dumps(measure(index, listed)))


def read_phrases(part: str) -> list[Listed]:
    """Read one part, ``seen`` or ``held_out``, of the list of phrases."""
    with PHRASES.open(encoding="utf-8", newline="") as file:
        return [
            Listed(row["phrase"], frozenset(row["cip"].split()), row["kind"])
            for row in csv.DictReader(file)
            if row["split"] == part
        ]


def measure(index: FieldIndex, listed: Sequence[Listed]) -> dict[str, float]:
    """Ask for every phrase, print a table and the misses, and sum them up."""
    fields = [one for one in listed if one.right]
    others = [one for one in listed if not one.right]
    answers = {one.phrase: ask(index, one.phrase) for one in listed}
    print_table(fields, answers)
    print_misses(listed, answers)
    chance = random.Random(20_26)  # noqa: S311 - typing slips, nothing secret
    slipped = [(slip(one.phrase, chance), one.right) for one in fields]
    pages, names = seed_texts()
    return {
        "top1": share([first_right(answers[one.phrase], one.right) for one in fields]),
        "top3": share([among_three(answers[one.phrase], one.right) for one in fields]),
        "refused": share([not answers[one.phrase] for one in others]),
        "typo_top3": share([among_three(ask(index, text), right) for text, right in slipped]),
        "query_ms": query_milliseconds(index, [one.phrase for one in listed]),
        "seed_pages": share([ask(index, page)[:1] == [RECORDS] for page in pages]),
        "seed_specialties": share([finds_specialty(index, name) for name in names]),
    }


def ask(index: FieldIndex, text: str) -> list[str]:
    """List the families found for a text, best first."""
    return [found.cip for found in index.find(text)]


def first_right(answer: Sequence[str], right: frozenset[str]) -> bool:
    """Tell whether the first family is a right one."""
    return bool(answer) and answer[0] in right


def among_three(answer: Sequence[str], right: frozenset[str]) -> bool:
    """Tell whether a right family is among the first three."""
    return not right.isdisjoint(answer[:3])


def finds_specialty(index: FieldIndex, name: str) -> bool:
    """Tell whether a program's name leads to records and to a specialty of it."""
    found = index.find(name)
    return bool(found) and found[0].cip == RECORDS and found[0].specialty is not None


def slip(phrase: str, chance: random.Random) -> str:
    """Put one slip of the finger into one word that is long enough to bear it."""
    words = phrase.split()
    able = [place for place, word in enumerate(words) if len(word) >= SHORTEST_TYPO]
    if able:
        place = chance.choice(able)
        words[place] = _slip_word(words[place], chance)
    return " ".join(words)


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


def query_milliseconds(index: FieldIndex, phrases: Sequence[str]) -> float:
    """Measure the median time of a question."""
    times = []
    for phrase in [*phrases] * REPEATS:
        start = time.perf_counter()
        index.find(phrase)
        times.append(time.perf_counter() - start)
    return round(statistics.median(times) * 1_000, 3)


def seed_texts() -> tuple[list[str], list[str]]:
    """Read the seed pages and the programs the first of them lists, or their twins."""
    pages = [path.read_text("utf-8") for path in sorted(SEEDS.glob("*.txt"))]
    if not pages:
        print("No ../shared/seeds: measured on the project's own article and official titles.")
        return [ARTICLE.read_text("utf-8")], list(OFFICIAL_TITLES)
    return pages, bulleted(pages[0])


def bulleted(page: str) -> list[str]:
    """List the first run of bulleted lines of a page."""
    names: list[str] = []
    for line in page.splitlines():
        if line.strip().startswith("•"):
            names.append(line.strip().removeprefix("•").strip())
        elif names and line.strip():
            break
    return names


def print_table(fields: Sequence[Listed], answers: dict[str, list[str]]) -> None:
    """Print what each kind of phrase scores."""
    by_kind: dict[str, list[Listed]] = defaultdict(list)
    for one in fields:
        by_kind[one.kind].append(one)
    print(f"{'kind':<12}{'phrases':>8}{'top1':>8}{'top3':>8}")
    for kind, group in sorted(by_kind.items()):
        first = share([first_right(answers[one.phrase], one.right) for one in group])
        three = share([among_three(answers[one.phrase], one.right) for one in group])
        print(f"{kind:<12}{len(group):>8}{first:>8.3f}{three:>8.3f}")


def print_misses(listed: Sequence[Listed], answers: dict[str, list[str]]) -> None:
    """Print the phrases whose first family was not right."""
    for one in listed:
        answer = answers[one.phrase]
        if (answer or one.right) and not first_right(answer, one.right):
            wanted = " or ".join(sorted(one.right)) or "nothing"
            print(f"{one.phrase!r}: wanted {wanted}, found {', '.join(answer[:3]) or 'nothing'}")


def share(right: Sequence[bool]) -> float:
    """Give the share of what is true."""
    return round(sum(right) / len(right), 4)


if __name__ == "__main__":
    main()
