"""How well free text finds its field, measured on phrases that nobody tuned the classifier to.

``tests/data/fields/README.md`` tells where the phrases come from. Held-out ones are read here and
nowhere else, and only their totals are printed, so that nobody can learn from single misses;
``python -m benchmarks.fields dev`` measures the development part and prints what went wrong there.
Some held-out phrases stand in the packaged words too, by chance: two people thought of them. Their
share is told, and the figures without them.
"""

import csv
import json
import random
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from matcher.fields import FieldIndex
from matcher.fieldwords import words
from matcher.learn.fieldexamples import slip
from matcher.learn.fieldsource import read_texts

DATA = Path(__file__).parents[1] / "tests" / "data"
LABELS = DATA / "fields"
ARTICLE = DATA / "fields_article.txt"
SEEDS = Path(__file__).parents[1].parent / "shared" / "seeds"
RECORDS = "51.07"  # what every seed page is about
RESAMPLES = 1_000

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
    lang: str
    style: str


Answers = dict[str, list[str]]
Judge = Callable[[Listed], bool]


def main() -> None:
    """Measure the held-out phrases, or with ``dev`` the others, and last print the result."""
    index = FieldIndex.load()
    if sys.argv[1:] == ["dev"]:
        fields, others = read("dev.csv"), read("no_field_unlearned.csv")
        chance = random.Random(20_26)  # noqa: S311 - typing slips, nothing secret
        slipped = [Listed(slip(one.phrase, chance), one.right, "", "") for one in fields]
    else:
        fields, others = read("held_out.csv"), read("no_field_held_out.csv")
        slipped = read("typos.csv")
    times, answers = ask_all(index, [*fields, *others, *slipped])
    result = measure(index, fields, others, slipped, answers)
    if sys.argv[1:] == ["dev"]:
        print_misses(fields + others, answers)
    print("RESULT", json.dumps(result | times))


def read(name: str) -> list[Listed]:
    """Read one file of labelled phrases; the one of texts about no field has no labels."""
    with (LABELS / name).open(encoding="utf-8", newline="") as file:
        return [
            Listed(
                row["phrase"],
                frozenset(f"{row.get('cip', '')} {row.get('also', '')}".split()),
                row.get("lang", ""),
                row.get("style") or row.get("kind", ""),
            )
            for row in csv.DictReader(file)
        ]


def ask_all(index: FieldIndex, listed: Sequence[Listed]) -> tuple[dict[str, float], Answers]:
    """Ask for every phrase once: milliseconds a question, and the families found, best first."""
    seconds, answers = [], {}
    for one in listed:
        start = time.perf_counter()
        found = index.find(one.phrase)
        seconds.append(time.perf_counter() - start)
        answers[one.phrase] = [match.cip for match in found]
    middle, slow = np.quantile(seconds, (0.5, 0.99)) * 1_000
    return {"query_ms": round(float(middle), 3), "query_p99_ms": round(float(slow), 3)}, answers


def measure(
    index: FieldIndex,
    fields: Sequence[Listed],
    others: Sequence[Listed],
    slipped: Sequence[Listed],
    answers: Answers,
) -> dict[str, float]:
    """Print tables, and sum everything up."""

    def first(one: Listed) -> bool:
        return bool(answers[one.phrase]) and answers[one.phrase][0] in one.right

    def three(one: Listed) -> bool:
        return not one.right.isdisjoint(answers[one.phrase][:3])

    def refused(one: Listed) -> bool:
        return not answers[one.phrase]

    print_groups("style", fields, first, three)
    print_groups("lang", fields, first, three)
    figures = {
        "top1": [first(one) for one in fields],
        "top3": [three(one) for one in fields],
        "refused": [refused(one) for one in others],
        "typo_top3": [three(one) for one in slipped],
    }
    print_intervals(figures)
    result = {name: share(right) for name, right in figures.items()}
    known = known_phrases()
    new = [one for one in fields if tuple(words(one.phrase)) not in known]
    unheard = [one for one in others if tuple(words(one.phrase)) not in known]
    pages, names = seed_texts()
    return result | {
        "top1_unlisted": share([first(one) for one in new]),
        "top3_unlisted": share([three(one) for one in new]),
        "refused_unlisted": share([refused(one) for one in unheard]),
        "listed": round(1.0 - len(new) / len(fields), 4),
        "articles": share([ask(index, text)[:1] == [cip] for cip, text in articles()]),
        "seed_pages": share([ask(index, page)[:1] == [RECORDS] for page in pages]),
        "seed_specialties": share([finds_specialty(index, name) for name in names]),
    }


def known_phrases() -> set[tuple[str, ...]]:
    """List the packaged phrases, of fields and of talk, as plain words."""
    texts = read_texts()
    said = [phrase.text for phrases in texts.phrases for phrase in phrases]
    return {tuple(words(text)) for text in (*said, *texts.talk)}


def articles() -> list[tuple[str, str]]:
    """Read the labelled articles: the family that each is named after, and its text."""
    paths = sorted((LABELS / "articles").glob("*.txt"))
    return [(path.name.partition("-")[0], path.read_text("utf-8")) for path in paths]


def ask(index: FieldIndex, text: str) -> list[str]:
    """List the families found for a text, best first."""
    return [found.cip for found in index.find(text)]


def finds_specialty(index: FieldIndex, name: str) -> bool:
    """Tell whether a program's name leads to records and to a specialty of it."""
    found = index.find(name)
    return bool(found) and found[0].cip == RECORDS and found[0].specialty is not None


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


def print_groups(key: str, fields: Sequence[Listed], first: Judge, three: Judge) -> None:
    """Print what the phrases of each style or language score."""
    print(f"{key:<14}{'phrases':>8}{'top1':>8}{'top3':>8}")
    for value in sorted({getattr(one, key) for one in fields}):
        group = [one for one in fields if getattr(one, key) == value]
        one, two = share([first(one) for one in group]), share([three(one) for one in group])
        print(f"{value:<14}{len(group):>8}{one:>8.3f}{two:>8.3f}")


def print_intervals(figures: dict[str, list[bool]]) -> None:
    """Print how far each figure could be off by the luck of which phrases were written down."""
    chance = np.random.default_rng(2026)
    for name, right in figures.items():
        drawn = chance.choice(np.array(right), (RESAMPLES, len(right))).mean(axis=1)
        low, high = np.quantile(drawn, (0.025, 0.975))
        print(f"{name:<10}{share(right):>8.4f}  95 % between {low:.3f} and {high:.3f}")


def print_misses(listed: Sequence[Listed], answers: Answers) -> None:
    """Print the phrases whose first family was not right."""
    for one in listed:
        answer = answers[one.phrase]
        if (answer or one.right) and (not answer or answer[0] not in one.right):
            wanted = " or ".join(sorted(one.right)) or "nothing"
            print(f"{one.phrase!r}: wanted {wanted}, found {', '.join(answer[:3]) or 'nothing'}")


def share(right: Sequence[bool]) -> float:
    """Give the share of what is true."""
    return round(sum(right) / len(right), 4) if right else 0.0


if __name__ == "__main__":
    main()
