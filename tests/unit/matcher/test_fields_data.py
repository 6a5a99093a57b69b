"""The packaged words are complete, well-formed, and not copied from what they are measured on."""

from itertools import chain

import pytest

from matcher.fielddata import Family
from matcher.fields import FieldIndex
from matcher.fieldwords import words
from matcher.ingest.truewise import read_programs
from matcher.learn.fieldsource import read_texts

TEXTS = read_texts()
FAMILIES = tuple(chain.from_iterable(series.families for series in TEXTS.series))


def test_every_family_of_the_source_has_a_plain_name_and_phrases() -> None:
    official = {f"{cip // 100:02d}.{cip % 100:02d}" for cip in read_programs().titles}
    assert len(official) == 421
    assert {family.cip for family in FAMILIES} == official
    for family, phrases in zip(FAMILIES, TEXTS.phrases, strict=True):
        assert 2 < len(family.name) <= 60, family.cip
        assert phrases[0].text == family.name
        assert len({phrase.text for phrase in phrases}) >= 3, family.cip


def test_plain_names_differ() -> None:
    names = [family.name.casefold() for family in FAMILIES]
    assert len(set(names)) == len(names)


def test_every_family_is_listed_once_in_its_series() -> None:
    assert len({family.cip for family in FAMILIES}) == len(FAMILIES)
    for series in TEXTS.series:
        assert all(family.cip.startswith(f"{series.code}.") for family in series.families)
        assert series.name


def test_sizes_and_specialties_are_well_formed() -> None:
    for family in FAMILIES:
        assert 0 <= family.size <= 5, family.cip
        names = [specialty.name for specialty in family.specialties]
        assert len(set(names)) == len(names), family.cip


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.cip)
def test_a_plain_name_finds_its_own_field(index: FieldIndex, family: Family) -> None:
    assert family.cip in [match.cip for match in index.find(family.name)]


@pytest.fixture(scope="module")
def index() -> FieldIndex:
    return FieldIndex.load()


def test_browsing_shows_every_field_under_a_heading(index: FieldIndex) -> None:
    shown = [family for series in index.browse() for family in series.families]
    assert tuple(family.cip for family in shown) == index.cips
    assert all(index.name(family.cip) == family.name for family in shown)


def test_no_phrase_of_the_data_is_only_filler_of_questions() -> None:
    """ "ME degree" would answer "what degree?" with mechanical engineering."""
    bare = {
        "degree",
        "school",
        "college",
        "job",
        "work",
        "worker",
        "certificate",
        "online",
        "class",
    }
    for phrases in TEXTS.phrases:
        for phrase in phrases:
            left = [word for word in words(phrase.text) if word not in {"me", "do", "un", "it"}]
            assert left, phrase.text
            assert len(left) > 1 or left[0] not in bare, phrase.text
