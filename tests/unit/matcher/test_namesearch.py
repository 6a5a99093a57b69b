"""Names by words: slips, accents, missing words and abbreviations are forgiven."""

import random

import pytest

from matcher.catalog import Catalog
from matcher.namesearch import NameTable, fold, school_names

NAMES = [
    "Universit\u00e9 du Qu\u00e9bec \u00e0 Rimouski",
    "Massachusetts Institute of Technology",
    "Summit Salon Academy",
    "St. John's College",
    "University of California-Berkeley",
    "Berklee College of Music",
    "Middlesex Community College",
    "Middle Georgia State University",
    "\u5317\u4eac\u5927\u5b66",
]


@pytest.fixture(scope="module")
def table() -> NameTable:
    return NameTable(NAMES)


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("universite du quebec a rimouski", 0),
        ("UNIVERSIT\u00c9 DU QU\u00c9BEC", 0),
        ("rimouski", 0),
        ("massachusets institute", 1),
        ("MIT", 1),
        ("st johns", 3),
        ("Saint  St.  John\u2019s", 3),
        ("Univeristy of Califronia", 4),
        ("berkley california", 4),
        ("middlesex comunity colege", 6),
        ("college, community middlesex", 6),
    ],
)
def test_a_name_is_found_however_it_is_typed(table: NameTable, words: str, name: int) -> None:
    assert table.find(words, 3)[0].row == name


@pytest.mark.parametrize(
    "words", ["", "a", "zzqqxx", "\u00bf?!", "\u4e2d\u56fd\u5927\u5b78", "\ufffe"]
)
def test_what_names_nothing_finds_nothing(table: NameTable, words: str) -> None:
    assert table.find(words, 3) == []


def test_what_fits_better_comes_first_and_scores_are_at_most_one(table: NameTable) -> None:
    found = table.find("Middlesex Community College", 9)
    scores = [one.score for one in found]
    assert found[0].row == 6
    assert scores == sorted(scores, reverse=True)
    assert 0.9 < scores[0] <= 1
    assert len(table.find("college", 2)) == 2


def test_an_empty_table_finds_nothing() -> None:
    assert NameTable([]).find("college", 3) == []


def test_folding_leaves_letters_and_digits() -> None:
    assert fold("  St. John\u2019s-UNIVERSIT\u00c9, 2 ") == "st johns universite 2"


def test_schools_of_the_catalog_are_found_in_spite_of_one_slip(catalog: Catalog) -> None:
    chance = random.Random(3)  # noqa: S311 - a sample, not a secret
    table = school_names(catalog)
    rows = chance.sample(range(len(catalog.unitid)), 150)
    found = 0
    for row in rows:
        name = catalog.school_name[row]
        names = [catalog.school_name[one.row] for one in table.find(_slip(chance, name), 3)]
        found += name in names
    assert found >= 0.97 * len(rows)


def test_two_slips_in_common_words_do_not_hide_a_name(catalog: Catalog) -> None:
    found = school_names(catalog).find("Univeristy of Califronia", 3)
    names = [catalog.school_name[one.row] for one in found]
    assert len(names) == 3
    assert all(name.startswith("University of California") for name in names)


def _slip(chance: random.Random, name: str) -> str:
    """Leave a letter out, double it, change it, or let it change places with the next."""
    at = chance.randrange(1, len(name) - 1)
    return chance.choice(
        (
            name[:at] + name[at + 1 :],
            name[:at] + name[at] + name[at:],
            name[:at] + chance.choice("abcdefghijklmnopqrstuvwxyz") + name[at + 1 :],
            name[:at] + name[at + 1] + name[at] + name[at + 2 :],
        )
    )
