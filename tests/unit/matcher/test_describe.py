import dataclasses
from typing import Any

import numpy as np
import pytest

from matcher.catalog import CREDENTIALS, LEVELS, VERDICTS, Catalog, pack_key
from matcher.describe import facts, program, row_of, school, warnings
from models.domain.levels import CredentialLevel


def some_rows(catalog: Catalog, count: int) -> list[int]:
    chosen = np.random.default_rng(1).choice(len(catalog.school), count, replace=False)
    return [int(row) for row in chosen]


def with_column(catalog: Catalog, row: int, **values: float) -> Catalog:
    """A catalog of which some figures of one row are changed."""
    columns: dict[str, Any] = {}
    for name, value in values.items():
        column = np.array(getattr(catalog, name))
        column[row] = value
        columns[name] = column
    return dataclasses.replace(catalog, **columns)


def test_ids_find_their_rows_in_every_version(catalog: Catalog) -> None:
    for row in some_rows(catalog, 500):
        assert row_of(catalog, program(catalog, row).id) == row
    known = "prog_194240.5107.2.-.-"
    assert program(catalog, row_of(catalog, known) or 0).id == known


@pytest.mark.parametrize(
    "text",
    [
        "",
        "prog_194240.5107.2.-",
        "prog_194240.5107.2.-.-\n",
        "prog_194240.5107.2.-.1",
        "prog_194240.5107.3.-.-",
        "prog_999999.5107.2.-.-",
        "prog_١٩٤٢٤٠.5107.2.-.-",
        "prog_0194240.5107.2.-.-",
        "prog_194240.5107.02.-.-",
        "prog_194240.5107.2.-.0",
        "x" * 100_000,
    ],
)
def test_what_is_no_program_here_is_none(catalog: Catalog, text: str) -> None:
    assert row_of(catalog, text) is None


def test_keys_of_different_programs_differ_at_their_limits() -> None:
    limits = [(99_999_999, 1), (9999, 0), (99, 1), (3, 0), (8191, 0)]
    keys = set()
    for mask in range(32):
        parts = [pair[mask >> n & 1] for n, pair in enumerate(limits)]
        keys.add(pack_key(*parts))
    assert len(keys) == 32
    assert max(keys) < 2**63


def test_every_fact_names_source_and_year_and_a_gap_is_none_invariant_12(catalog: Catalog) -> None:
    for row in some_rows(catalog, 300):
        by_name = {fact.name.split("_")[0]: fact for fact in facts(catalog, row).each()}
        assert set(by_name) == {"earnings", "debt", "net", "completion", "completers"}
        for fact in by_name.values():
            assert fact.source.startswith("U.S. Department of Education, College Scorecard")
            assert fact.year
        for name in ("earnings", "debt", "completers"):
            stored = float(getattr(catalog, name)[row])
            value = by_name[name].value
            assert value is None if np.isnan(stored) else value == stored
        assert by_name["net"].value is None
        assert by_name["completion"].value is None


def test_a_figure_of_zero_is_shown_as_zero_invariant_12(catalog: Catalog) -> None:
    row = int(np.flatnonzero(catalog.completers == 0)[0])
    values = {fact.name: fact.value for fact in facts(catalog, row).each()}
    assert values["completers"] == 0


@pytest.mark.parametrize(("horizon", "name"), [(1, "earnings_1yr"), (2, "earnings_4yr")])
def test_earnings_say_how_long_after_completion(catalog: Catalog, horizon: int, name: str) -> None:
    row = int(np.flatnonzero(catalog.horizon == horizon)[0])
    assert facts(catalog, row).each()[0].name == name
    assert facts(catalog, row).each()[0].value == float(catalog.earnings[row])


def test_low_earnings_are_always_warned_of_with_their_figures_invariant_13(
    catalog: Catalog,
) -> None:
    below = np.flatnonzero(catalog.verdict == VERDICTS.index("below"))
    for row in below[:: len(below) // 200]:
        note = warnings(catalog, int(row))[0]
        assert note.code == "below_high_school_earnings"
        assert note.values["earnings"] == float(catalog.earnings[row])
        assert float(note.values["earnings"]) < float(note.values["threshold"])
        assert note.values["region"] == school(catalog, int(catalog.school[row])).state
        assert note.values["years"] in {1, 4}


def test_programs_judged_above_or_not_judged_carry_no_earnings_warning_invariant_13(
    catalog: Catalog,
) -> None:
    others = np.flatnonzero(catalog.verdict != VERDICTS.index("below"))
    codes = {note.code for row in others[::500] for note in warnings(catalog, int(row))}
    assert "below_high_school_earnings" not in codes


def test_a_graduate_program_says_that_it_is_judged_against_high_school_graduates(
    catalog: Catalog,
) -> None:
    master = CREDENTIALS.index(CredentialLevel.MASTER)
    judged = (catalog.verdict == VERDICTS.index("below")) & (catalog.credential == master)
    values = warnings(catalog, int(np.flatnonzero(judged)[0]))[0].values
    assert values["graduate"] == 1
    assert values["judged_against"] == "high_school_graduates"


def test_no_completers_is_said_only_where_none_are_reported_invariant_13(catalog: Catalog) -> None:
    for value, warned in ((0, True), (1, False), (float("nan"), False)):
        changed = with_column(catalog, 5, completers=value)
        codes = [note.code for note in warnings(changed, 5)]
        assert ("no_completers_reported" in codes) is warned


def test_a_school_the_official_list_lacks_is_said_to_be_so(catalog: Catalog) -> None:
    row = int(np.flatnonzero(catalog.region[catalog.school] == -1)[0])
    assert school(catalog, int(catalog.school[row])).state is None
    assert "school_not_in_official_list" in {note.code for note in warnings(catalog, row)}


def test_figures_are_said_to_be_missing_for_canadian_schools(catalog: Catalog) -> None:
    row = 0
    at = int(catalog.school[row])
    changed = with_column(catalog, at, region=catalog.regions.index("ON"))
    assert "figures_not_for_canada" in {note.code for note in warnings(changed, row)}


def test_a_title_of_the_schools_own_comes_first(catalog: Catalog) -> None:
    shown = program(catalog, 0)
    assert shown.title == catalog.field_names[int(catalog.field[0])]
    assert not shown.title.endswith(".")
    assert shown.format is None
    assert LEVELS == (1, 2, 3, 4, 5, 6, 7, 8, 99)
