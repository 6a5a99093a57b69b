"""A big log of simulated students, made quickly: real pages, and visits drawn by the million.

Some thousand students ask the engine, with campaigns of some large schools about, so that every
listing has the codes, the school and the place that serving gives it. Each visit then takes one of
these pages by chance and behaves as ``matcher.learn.simulate_visits`` says, with the same tastes;
visits are spread evenly over ``DAYS``. Schools answer a request after some days, so that some
answers come too late. Everything follows from ``SEED``.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from benchmarks._load import a_slate
from matcher import match
from matcher.features.declared import FEATURES, declarations_hash
from matcher.learn import simulate_truth as truth
from matcher.learn.simulate_clicks import STAY, attention
from matcher.learn.simulate_students import Population
from matcher.learn.simulate_visits import MOST_REQUESTS
from matcher.match import Engine, relevant_offers
from models.domain.log_form import EVENTS, FORM, FORM_VERSION, LISTINGS, Column
from models.domain.matching import Answers, CampaignOffer, Listing

SEED = 20261122
PAGES, SPONSORS, PRICE_CENTS = 8_000, 60, 4_000
VISITS_A_PART = 50_000
DAYS, FIRST = 90, datetime(2026, 8, 1, tzinfo=UTC)
ANSWER_DAYS = 6.0
# Every third school takes requests here.
CHANNELS = ("here", "school_site", "school_site")

Whole = NDArray[np.int64]
_DAY = 86_400_000_000
_FIRST = int(FIRST.timestamp()) * 1_000_000


@dataclass(frozen=True)
class Pages:
    """The listings of all pages, one after the other; ``first`` the row that each page begins at.

    ``wish``: how much each is wanted, tastes left out.
    """

    first: Whole
    size: Whole
    codes: NDArray[np.uint8]
    position: Whole
    organic: Whole
    program: NDArray[np.str_]
    unitid: Whole
    score: Whole
    sponsored: NDArray[np.bool_]
    wish: NDArray[np.float64]


def draw_pages(engine: Engine, count: int) -> Pages:
    """Let students ask, and keep what they are shown first."""
    catalog = engine.catalog
    fields = dict.fromkeys(catalog.cips, ())
    people = Population(catalog.regions, catalog.cips, engine.index, engine.places, fields)
    offers = tuple(_offers(engine))
    rows: list[tuple[Listing, ...]] = []
    while len(rows) < count:
        student = people.draw(np.random.default_rng([SEED, len(rows)]))
        answers = Answers(
            education_level=student.education_level,
            postal_code=student.postal_code.text if student.postal_code else None,
            region=student.region,
            fields=(student.field,) if student.field else (),
            format=student.format,
        )
        slate = a_slate(len(rows), answers, relevant_offers(engine, answers, offers))
        rows.append(match.page(engine, match.draw(engine, slate), 1).listings)
    size = np.array([len(each) for each in rows])
    shown = [listing for each in rows for listing in each]
    codes = np.array([one.codes for one in shown], np.uint8).reshape(-1, len(FEATURES))
    return Pages(
        first=np.cumsum(size) - size,
        size=size,
        codes=codes,
        position=np.array([one.position for one in shown]),
        organic=np.array([one.organic_position for one in shown]),
        program=np.array([one.program.id for one in shown]),
        unitid=np.array([one.school.unitid for one in shown]),
        score=np.array([int(one.score) for one in shown]),
        sponsored=np.array([one.campaign_version_id is not None for one in shown]),
        wish=truth.wishes(codes),
    )


def write_log(folder: Path, pages: Pages, impressions: int, ranker: str, catalog: str) -> int:
    """Write a log of about that many impressions; return how many it has."""
    visits = round(impressions / ((1 - STAY**pages.size) / (1 - STAY)).mean())
    moments = _FIRST + (np.arange(visits) * (DAYS * _DAY / visits)).astype(np.int64)
    seen = 0
    for number, begin in enumerate(range(0, visits, VISITS_A_PART)):
        some = _Visits(pages, moments[begin : begin + VISITS_A_PART], number)
        listings = some.listings(ranker, catalog)
        _write(folder / "listings" / f"part-{number:05}.parquet", listings, LISTINGS)
        _write(folder / "events" / f"part-{number:05}.parquet", some.events(), EVENTS)
        seen += some.impressions
    manifest = {"form": FORM, "version": FORM_VERSION}
    (folder / "manifest.json").write_text(json.dumps(manifest))
    return seen


class _Visits:
    """Some visits: a row for each listing of each, in order."""

    def __init__(self, pages: Pages, moments: Whole, number: int) -> None:
        self.chance = np.random.default_rng([SEED, number])
        page = self.chance.integers(0, len(pages.size), len(moments))
        size = pages.size[page]
        self.visit = np.repeat(np.arange(len(moments)), size)
        begin = np.cumsum(size) - size
        self.row = np.arange(len(self.visit)) - (begin - pages.first[page])[self.visit]
        self.pages, self.moments = pages, moments
        self.position = pages.position[self.row]
        self.unitid = pages.unitid[self.row]
        self.slate_id = _ids(moments, self.chance)
        depth = self.chance.geometric(1 - STAY, len(moments))
        self.seen = self.position <= depth[self.visit]
        self.impressions = int(self.seen.sum())
        self._behave(begin)

    def _behave(self, begin: Whole) -> None:
        tastes, chance, count = truth.Tastes(), self.chance, len(self.row)
        weight = 1 + tastes.student * chance.standard_normal(len(self.moments))
        wanted = self.pages.wish[self.row] * weight[self.visit]
        wanted += truth.school_qualities(self.unitid, tastes.school)
        wanted += tastes.listing * chance.standard_normal(count)
        looked = self.seen & (chance.random(count) < attention()[self.position - 1])
        self.clicked = looked & (chance.random(count) < truth.click_chances(wanted))
        asked = self.clicked & (self.unitid % len(CHANNELS) == 0)
        asked &= chance.random(count) < truth.request_chances(wanted)
        so_far = np.cumsum(asked)
        before = (so_far - asked)[begin]
        self.asked = asked & (so_far - before[self.visit] <= MOST_REQUESTS)
        answered = chance.random(count) < truth.acceptance_chances(self.unitid)
        self.accepted, self.rejected = self.asked & answered, self.asked & ~answered

    def listings(self, ranker: str, catalog: str) -> dict[str, pa.Array]:
        """The columns of what was served."""
        pages, row, count = self.pages, self.row, len(self.row)
        ends = pa.array(np.arange(count + 1, dtype=np.int32) * len(FEATURES))
        one = self.position * 0 + 1
        sponsor = np.where(pages.sponsored[row], 0, -1)
        return {
            "slate_id": self._slate(self.visit),
            "served_at": pa.array(self.moments[self.visit], pa.timestamp("us", tz="UTC")),
            "origin": _same("", count),
            "simulated": pa.array(one == 1),
            "catalog_version": _same(catalog, count),
            "ranker_version": _same(ranker, count),
            "features": _same(declarations_hash(), count),
            "explore_share": pa.array(one * 0.0),
            "explored": pa.array(one == 0),
            "draw_propensity": pa.array(one * 1.0),
            "page": _whole(one),
            "position": _whole(self.position),
            "organic_position": _whole(pages.organic[row]),
            "plain_position": _whole(pages.organic[row]),
            "program_id": _taken(pages.program, row),
            "campaign_version_id": pa.array([bytes(16)], pa.uuid()).take(
                pa.array(sponsor, mask=sponsor < 0)
            ),
            "score": _whole(pages.score[row]),
            "codes": pa.ListArray.from_arrays(ends, pa.array(pages.codes[row].ravel())),
            "propensity": pa.array(one * 1.0),
            "request": _taken(np.array(CHANNELS), self.unitid % len(CHANNELS)),
        }

    def events(self) -> dict[str, pa.Array]:
        """The columns of what happened."""
        answers = self.chance.exponential(ANSWER_DAYS * _DAY, len(self.row)).astype(np.int64)
        seconds = {
            "impression": self.position * 2_000_000,
            "click": self.position * 2_000_000 + 5_000_000,
            "request_started": self.position * 2_000_000 + 60_000_000,
            "request": self.position * 2_000_000 + 240_000_000,
            "accepted": answers + 240_000_000,
            "rejected": answers + 240_000_000,
        }
        rows = (self.seen, self.clicked, self.asked, self.asked, self.accepted, self.rejected)
        place = np.concatenate([np.flatnonzero(each) for each in rows])
        kind = np.repeat(np.arange(len(rows)), [int(each.sum()) for each in rows])
        later = np.stack(list(seconds.values()), axis=1)[place, kind]
        visit = self.visit[place]
        order = np.lexsort((kind, self.position[place], visit))
        # What the log's end does not know yet is not in it.
        order = order[(self.moments[visit] + later)[order] <= _FIRST + DAYS * _DAY]
        place, kind, later, visit = place[order], kind[order], later[order], visit[order]
        return {
            "slate_id": self._slate(visit),
            "position": _whole(self.position[place]),
            "kind": _taken(np.array(list(seconds)), kind),
            "at": pa.array(self.moments[visit] + later, pa.timestamp("us", tz="UTC")),
        }

    def _slate(self, visit: Whole) -> pa.Array:
        return pa.ExtensionArray.from_storage(pa.uuid(), self.slate_id.take(pa.array(visit)))


def _offers(engine: Engine) -> Iterator[CampaignOffer]:
    """A campaign of each of the schools with the most programs, for all of them, at one price."""
    known, count = np.unique(engine.catalog.unitid[engine.catalog.school], return_counts=True)
    for number, unitid in enumerate(known[np.argsort(-count, kind="stable")][:SPONSORS].tolist()):
        yield CampaignOffer(
            campaign_id=UUID(int=number),
            version_id=UUID(int=number),
            organization_id=UUID(int=number),
            price_minor=PRICE_CENTS,
            currency="USD",
            unitids=(unitid,),
        )


def _ids(moments: Whole, chance: np.random.Generator) -> pa.Array:
    """UUIDs that begin with their moments (version 7), drawn with the rest."""
    values = chance.integers(0, 256, (len(moments), 16), dtype=np.uint8)
    stamp = (moments // 1000).astype(">u8").view(np.uint8).reshape(-1, 8)
    values[:, :6] = stamp[:, 2:]
    values[:, 6] = values[:, 6] & 0x0F | 0x70
    values[:, 8] = values[:, 8] & 0x3F | 0x80
    return pa.FixedSizeBinaryArray.from_buffers(
        pa.binary(16), len(moments), [None, pa.py_buffer(values.tobytes())]
    )


def _whole(values: Whole) -> pa.Array:
    return pa.array(values.astype(np.int32))


def _same(text: str, count: int) -> pa.Array:
    return _taken(np.array([text]), np.zeros(count, np.int64))


def _taken(texts: NDArray[np.str_], rows: Whole) -> pa.Array:
    return pa.array(texts.tolist(), pa.string()).take(pa.array(rows))


def _write(path: Path, columns: dict[str, Any], declared: Sequence[Column]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    table = pa.table({column.name: columns[column.name] for column in declared})
    pq.write_table(table, path, compression="zstd", row_group_size=122_880)
