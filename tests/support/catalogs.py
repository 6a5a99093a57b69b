"""Makes small invented catalogs, engines, answers and campaigns for tests of the matcher."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from matcher.catalog import (
    CONTROLS,
    CREDENTIALS,
    FORMATS,
    HORIZONS,
    LEVELS,
    PRECISIONS,
    VERDICTS,
    Catalog,
    open_catalog,
    pack_key,
)
from matcher.geography import unit_vectors
from matcher.ingest.snapshot import text_column, write_snapshot
from matcher.match import Engine, draw, open_engine, page, relevant_offers
from matcher.regions import REGION_CODES, REGION_ROWS
from models.domain.matching import Answers, CampaignOffer, MatchPage, Slate
from tests.support.keys import RANKER_KEY
from tests.support.stores import prior_ranker

CIPS = ("11.01", "22.01", "32.01", "51.07", "51.38", "52.02", "53.02")
STATES = ("NY", "NJ", "PA", "CA")
# A postal code and the middle of each state's schools.
POSTAL = {
    "10940": ("NY", 41.45, -74.42),
    "07003": ("NJ", 40.81, -74.19),
    "90210": ("CA", 34.09, -118.41),
    "K1A": ("ON", 45.42, -75.70),
}
_MIDDLES = {"NY": (41.4, -74.4), "NJ": (40.8, -74.2), "PA": (40.3, -76.9), "CA": (34.1, -118.4)}
_MOMENT = datetime(2026, 11, 22, 12, tzinfo=UTC)


def write_catalog(
    store: Path,
    *,
    seed: int = 7,
    schools: int = 60,
    programs: int = 1800,
    said: Mapping[str, list[str]] | None = None,
    sources: Iterable[Mapping[str, str]] = (),
) -> Path:
    """Write a catalog of invented schools in four states; all kinds of values are missing here
    and there, formats and places too.

    Args:
        store: where to.
        seed: of what is invented.
        schools: how many.
        programs: at most.
        said: text columns in place of the invented ones, or beside them.
        sources: beside the invented one.

    Returns:
        The snapshot's folder.
    """
    chance = np.random.default_rng(seed)
    school_columns = _schools(chance, schools)
    program_columns = _programs(chance, school_columns, programs)
    columns = {**program_columns, **school_columns}
    texts = {
        "title": [""] * len(program_columns["school"]),
        "school_name": [f"Invented College {unitid}" for unitid in school_columns["unitid"]],
        "school_city": [""] * schools,
        "school_url": [""] * schools,
        **(said or {}),
    }
    arrays = {**columns, **_postal()}
    for name, values in texts.items():
        arrays[f"{name}.blob"], arrays[f"{name}.offsets"] = text_column(values)
    manifest = {
        "format": 1,
        "columns": sorted(columns),
        "text_columns": sorted(texts),
        "regions": list(REGION_CODES),
        "cips": list(CIPS),
        "field_names": [f"Field {cip}" for cip in CIPS],
        "counts": {},
        "sources": [
            {"key": "programs", "name": "an invented source", "year": "2026"},
            *(dict(source) for source in sources),
        ],
    }
    return store / "catalog" / write_snapshot(store / "catalog", arrays, manifest)


def small_engine(store: Path, **shape: Any) -> Engine:
    """An engine on an invented catalog and the prior ranker, fitted here where it is not yet."""
    catalog = write_catalog(store, **shape)
    return open_engine(catalog, prior_ranker(store), RANKER_KEY)


def a_slate(engine: Engine, answers: Answers, offers: Iterable[CampaignOffer] = ()) -> Slate:
    """A slate for answers, keeping the offers that could stand on it, as the service would."""
    return Slate(
        id=UUID(int=1),
        search_id=UUID(int=2),
        created_at=_MOMENT,
        answers=answers,
        locale="en",
        jurisdiction="US-NY",
        catalog_version=engine.catalog.version,
        ranker_version=engine.ranker.version,
        seed=1,
        offers=relevant_offers(engine, answers, tuple(offers)),
    )


def match_page(
    engine: Engine, answers: Answers, offers: Iterable[CampaignOffer] = (), number: int = 1
) -> MatchPage:
    """Draw a slate and show one page of it."""
    return page(engine, draw(engine, a_slate(engine, answers, offers)), number)


def an_offer(number: int, unitids: Iterable[int], **changes: Any) -> CampaignOffer:
    """An open campaign of 45 dollars a lead; ``changes`` replace its fields."""
    offer = CampaignOffer(
        campaign_id=UUID(int=1000 + number),
        version_id=UUID(int=2000 + number),
        organization_id=UUID(int=3000 + number),
        price_minor=4500,
        currency="USD",
        unitids=tuple(unitids),
    )
    return replace(offer, **changes)


def catalog_of(folder: Path) -> Catalog:
    """Open a written catalog."""
    return open_catalog(folder)


def _schools(chance: np.random.Generator, count: int) -> dict[str, NDArray[Any]]:
    states = chance.choice(STATES, count, p=(0.4, 0.2, 0.2, 0.2))
    region = np.array([REGION_ROWS[state] for state in states], np.int16)
    precision = chance.choice(len(PRECISIONS), count, p=(0.4, 0.2, 0.3, 0.1)).astype(np.uint8)
    region[precision == PRECISIONS.index("unknown")] = -1
    spread = chance.normal(0, 0.7, (count, 2))
    middles = np.array([_MIDDLES[state] for state in states]) + spread
    xyz = unit_vectors(middles[:, 0], middles[:, 1]).astype(np.float32)
    xyz[precision >= PRECISIONS.index("state")] = np.nan
    return {
        "unitid": np.arange(100_000, 100_000 + count, dtype=np.int32),
        "region": region,
        "control": chance.choice(len(CONTROLS), count).astype(np.uint8),
        "place_precision": precision,
        "xyz": xyz,
        "net_price": _some(chance, chance.uniform(4_000, 40_000, count)),
        "completion": _some(chance, chance.uniform(0.1, 0.9, count)),
        "enrolment": _some(chance, chance.uniform(50, 30_000, count)),
    }


def _programs(
    chance: np.random.Generator, schools: Mapping[str, NDArray[Any]], count: int
) -> dict[str, NDArray[Any]]:
    drawn = np.stack(
        [
            chance.integers(0, len(CIPS), count),
            chance.integers(0, len(CREDENTIALS), count),
            chance.integers(0, len(schools["unitid"]), count),
            chance.choice(len(FORMATS), count, p=(0.6, 0.2, 0.15, 0.05)),
        ],
        axis=1,
    )
    field, credential, school, format_code = np.unique(drawn, axis=0).T
    order = np.lexsort((school, schools["region"][school], credential, field))
    field, credential, school = field[order], credential[order], school[order]
    format_code, size = format_code[order], len(order)
    key = pack_key(
        schools["unitid"][school].astype(np.int64),
        np.array([int(cip.replace(".", "")) for cip in CIPS], np.int64)[field],
        np.array(LEVELS, np.int64)[credential],
        format_code.astype(np.int64),
        np.zeros(size, np.int64),
    )
    by_key = np.argsort(key)
    earnings = _some(chance, chance.normal(45_000, 15_000, size).clip(8_000))
    threshold = np.full(size, 36_000, np.float32)
    verdict = np.where(np.isnan(earnings), 0, np.where(earnings < threshold, 2, 1))
    flat = field.astype(np.int64) * len(CREDENTIALS) + credential
    starts = np.searchsorted(flat, np.arange(len(CIPS) * len(CREDENTIALS) + 1))
    rows = np.arange(len(CIPS))[:, None] * len(CREDENTIALS) + np.arange(len(CREDENTIALS) + 1)
    assert VERDICTS == ("not_judged", "above", "below")
    return {
        "school": school.astype(np.int32),
        "field": field.astype(np.int16),
        "credential": credential.astype(np.uint8),
        "format": format_code.astype(np.uint8),
        "campus": np.zeros(size, np.int16),
        "verdict": verdict.astype(np.uint8),
        "horizon": np.where(np.isnan(earnings), 0, HORIZONS.index("4yr")).astype(np.uint8),
        "completers": _some(chance, chance.geometric(0.02, size) - 1),
        "earnings": earnings,
        "threshold": threshold,
        "debt": _some(chance, chance.normal(20_000, 8_000, size).clip(1_000)),
        "key": key[by_key],
        "key_row": by_key.astype(np.int32),
        "slices": starts[rows].astype(np.int64),
    }


def _some(chance: np.random.Generator, values: NDArray[Any]) -> NDArray[np.float32]:
    """Leave a third of the values unpublished."""
    kept = np.round(values).astype(np.float32) if values.max() > 1 else values.astype(np.float32)
    kept[chance.random(len(kept)) < 1 / 3] = np.nan
    return kept


def _postal() -> dict[str, NDArray[Any]]:
    codes = sorted(POSTAL)
    point = np.array([POSTAL[code][1:] for code in codes], np.float64)
    return {
        "postal_code": np.array([code.encode() for code in codes], "S5"),
        "postal_region": np.array([REGION_ROWS[POSTAL[code][0]] for code in codes], np.int16),
        "postal_point": point,
        "postal_xyz": unit_vectors(point[:, 0], point[:, 1]),
    }
