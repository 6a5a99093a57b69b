"""Examples come from organic places, as they were kept; what does not fit is counted aside."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np
import pyarrow.parquet as pq
import pytest

from matcher.features.declared import FEATURES
from matcher.learn.dataset import Dataset, UnusableLogError
from matcher.learn.dataset_build import Rules, build_dataset
from matcher.learn.dataset_parts import Desk
from tests.support.logs import Happened, Served, bytes_of, dataset_of, write_down
from tests.support.traffic import Log

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
SOON = NOW + timedelta(seconds=30)
CODES = [1] * len(FEATURES)


def a_listing(position: int, **changes: Any) -> dict[str, Any]:
    listing = {
        "position": position,
        "organic_position": position,
        "program_id": f"prog_{position}",
        "campaign_version_id": None,
        "score": 10,
        "codes": CODES,
        "propensity": 1.0,
        "request": "here",
    }
    return {**listing, **changes}


def a_page(slate: int, *listings: dict[str, Any], **changes: Any) -> Served:
    return replace(Served(UUID(int=slate), NOW, listings), **changes)


def events(slate: int, at: datetime = SOON, **kinds: Iterable[int]) -> list[Happened]:
    return [
        Happened(UUID(int=slate), kind, position, at)
        for kind, positions in kinds.items()
        for position in positions
    ]


Build = Callable[..., Dataset]


@pytest.fixture
def build(tmp_path: Path) -> Build:
    """Writes a log down and reads it, a day later if nothing else is said."""
    numbers = count()

    def built(
        pages: Iterable[Served],
        happened: Iterable[Happened] = (),
        after: timedelta = timedelta(days=1),
        **rules: Any,
    ) -> Dataset:
        folder = tmp_path / str(next(numbers))
        return dataset_of(folder, pages, happened, Rules(NOW + after, **rules))

    return built


def test_sponsored_places_teach_nothing(build: Build) -> None:
    """Invariant 1: the organic ranker learns from organic places only."""
    paid = a_listing(2, campaign_version_id=UUID(int=7).hex, codes=[2] * len(FEATURES))
    data = build(
        [a_page(1, a_listing(1), paid, a_listing(3))],
        events(1, impression=(1, 2, 3), click=(2,), request=(2,)),
    )
    assert data.examples.codes.tolist() == [CODES, CODES]
    assert not data.examples.clicked.any()
    assert data.counts["sponsored_places_left_out"] == 1
    # What it costs to be asked may learn from it.
    assert data.priced.sponsored.tolist() == data.priced.requested.tolist() == [False, True, False]


def test_an_acceptance_is_no_label(build: Build) -> None:
    """Invariant 1: acceptances train pricing only."""
    page = a_page(1, a_listing(1), a_listing(2))
    without = build([page], events(1, impression=(1, 2), click=(1,), request=(1,)))
    accepted = build([page], events(1, impression=(1, 2), click=(1,), request=(1,), accepted=(1,)))
    assert (accepted.priced.accepted.sum(), without.priced.accepted.sum()) == (1, 0)
    for name in accepted.examples.__slots__:
        ours, theirs = getattr(accepted.examples, name), getattr(without.examples, name)
        assert (ours == theirs).all(), name


def test_codes_are_those_kept_at_serving_time(build: Build) -> None:
    """Invariant 9: nothing is computed again, no catalog is opened."""
    kept = [feature.size - 1 for feature in FEATURES]
    data = build([a_page(1, a_listing(1, codes=kept))])
    assert data.examples.codes.tolist() == [kept]


def test_what_was_not_on_the_screen_is_no_example(build: Build) -> None:
    data = build(
        [a_page(1, *map(a_listing, range(1, 6)))], events(1, impression=(1, 2), click=(2,))
    )
    assert data.examples.bucket.tolist() == [0, 1]
    assert data.examples.clicked.tolist() == [False, True]


def test_a_page_that_tells_no_impressions_was_seen_and_has_places_of_its_own(build: Build) -> None:
    data = build([a_page(1, a_listing(1), a_listing(21))], events(1, click=(21,)))
    assert data.examples.bucket.tolist() == [20, 20]
    assert data.examples.clicked.tolist() == [False, True]


def test_a_request_counts_as_a_click_and_says_that_it_could_be_made(build: Build) -> None:
    data = build(
        [a_page(1, a_listing(1, request="school_site"), a_listing(2, request="none"))],
        events(1, request=(1,)),
    )
    assert data.examples.clicked.tolist() == data.examples.could_ask.tolist() == [True, False]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"codes": CODES[:-1]}, "codes_missing"),
        ({"codes": None}, "codes_missing"),
        ({"codes": [*CODES[:-1], 99]}, "codes_out_of_range"),
        ({"features": "others"}, "other_features"),
        ({"propensity": 0.0}, "propensity_out_of_range"),
        ({"propensity": 1.5}, "propensity_out_of_range"),
        ({"propensity": None}, "propensity_out_of_range"),
    ],
)
def test_what_does_not_fit_is_set_aside_with_its_reason(
    build: Build, changes: dict[str, Any], reason: str
) -> None:
    good = [a_listing(position) for position in range(2, 12)]
    data = build([a_page(1, a_listing(1, **changes), *good)])
    assert data.set_aside == {reason: 1}
    assert len(data.examples) == 10


def test_events_that_belong_to_nothing_are_set_aside(build: Build) -> None:
    pages = [a_page(1, *map(a_listing, range(1, 21)))]
    happened = [*events(1, impression=range(1, 11), click=(15,)), *events(2, click=(1,))]
    assert build(pages, happened).set_aside == {
        "click_or_request_without_impression": 1,
        "event_of_a_listing_not_served": 1,
    }


def test_a_spoiled_log_is_refused_and_says_what_is_wrong(build: Build) -> None:
    stale = a_page(2, *(a_listing(place, features="old") for place in range(1, 21)))
    with pytest.raises(UnusableLogError, match=r"20 of 40 rows.*20 other_features"):
        build([a_page(1, *map(a_listing, range(1, 21))), stale])


def test_an_empty_log_is_refused(build: Build) -> None:
    with pytest.raises(UnusableLogError, match="Nobody has searched yet"):
        build([])


def test_one_simulated_search_is_counted(build: Build) -> None:
    later = NOW + timedelta(hours=1)
    data = build([a_page(1, a_listing(1)), a_page(2, a_listing(1), simulated=True, at=later)])
    assert (data.simulated, len(data.slates)) == (1, 2)
    assert (data.first, data.last) == (NOW, later)


def test_the_fingerprint_follows_the_log(build: Build) -> None:
    page = a_page(1, a_listing(1), a_listing(2))
    assert build([page]).fingerprint == build([page]).fingerprint
    assert build([page]).fingerprint != build([page], events(1, click=(1,))).fingerprint


def a_minute_apart(searches: int) -> list[Served]:
    """Pages of three listings, a minute after each other; of five the last judges."""
    return [
        a_page(n, *map(a_listing, range(1, 4)), at=NOW + n * timedelta(minutes=1))
        for n in range(searches)
    ]


def test_the_newest_fifth_judges(build: Build) -> None:
    data = build(a_minute_apart(10))
    assert data.judges.tolist() == [False] * 8 + [True] * 2
    assert data.moments[8] == NOW + timedelta(minutes=8)


def test_a_label_that_came_after_the_judging_began_does_not_teach(build: Build) -> None:
    pages, line = a_minute_apart(5), NOW + timedelta(minutes=4)
    just_in_time = events(0, at=line - timedelta(seconds=1), click=(2,))
    too_late = events(0, at=line, click=(3,))
    of_judging = events(4, at=line + timedelta(hours=1), click=(1,))
    data = build(pages, [*just_in_time, *too_late, *of_judging])
    clicked = data.examples.clicked
    assert clicked[data.examples.query == 0].tolist() == [False, True, False]
    assert clicked[data.examples.query == 4].tolist() == [True, False, False]
    assert data.counts["after_the_cut"] == 1


def test_an_impression_told_late_still_says_what_was_seen(build: Build) -> None:
    seen = events(0, at=NOW + timedelta(hours=1), impression=(1, 2))
    data = build(a_minute_apart(5), seen)
    assert (data.examples.query == 0).sum() == 2


def test_what_comes_after_the_cut_counts_another_day(build: Build) -> None:
    pages = [*a_minute_apart(2), a_page(7, a_listing(1), at=NOW + timedelta(hours=3))]
    late = events(0, at=NOW + timedelta(hours=2), click=(1,))
    before = build(pages, late, until=NOW + timedelta(hours=1))
    after = build(pages, late)
    assert (len(before.slates), before.examples.clicked.sum()) == (2, 0)
    assert before.counts["after_the_cut"] == 1
    assert (len(after.slates), after.examples.clicked.sum()) == (3, 1)
    assert not before.set_aside


def test_nothing_is_put_down_to_a_page_of_long_ago(build: Build) -> None:
    day = timedelta(days=1)
    happened = [*events(1, NOW + day, click=(1,)), *events(1, NOW + 3 * day, click=(2,))]
    pages = [a_page(1, a_listing(1), a_listing(2))]
    data = build(pages, happened, 9 * day, window=2 * day)
    assert data.examples.clicked.tolist() == [True, False]
    assert data.counts["after_the_window"] == 1


@pytest.mark.parametrize("simulated", [False, True])
def test_a_request_is_settled_by_an_answer_or_by_the_end_of_the_window(
    build: Build, *, simulated: bool
) -> None:
    day = timedelta(days=1)
    pages = [a_page(1, *map(a_listing, range(1, 4)), simulated=simulated)]
    asked = events(1, request=(1, 2, 3))
    answers = [*events(1, NOW + day, accepted=(1,)), *events(1, NOW + day, rejected=(2,))]
    soon = build(pages, [*asked, *answers], 2 * day, window=10 * day)
    assert soon.priced.accepted.tolist() == [True, False, False]
    assert soon.priced.settled.tolist() == [True, True, False]
    assert soon.priced.accepted.sum() == 1
    later = build(pages, [*asked, *answers], 10 * day, window=10 * day)
    assert later.priced.settled.tolist() == [True, True, True]
    assert later.priced.accepted.sum() == 1


def test_clocks_that_differ_and_rows_that_come_twice_are_set_aside(build: Build) -> None:
    good = [a_listing(position) for position in range(2, 30)]
    future = a_page(2, a_listing(1), a_listing(2), at=NOW + timedelta(days=2))
    happened = [
        *events(1, NOW - timedelta(minutes=2), click=(2,)),
        *events(1, NOW - timedelta(seconds=30), click=(3,)),
        *events(1, NOW + timedelta(days=2), click=(4,)),
    ]
    twice = [a_listing(1), a_listing(1, score=11), good[0]]
    data = build([a_page(1, *twice, *good), future], happened)
    assert data.set_aside == {
        "duplicate_listing": 3,
        "event_before_its_page": 1,
        "label_from_the_future": 1,
        "served_in_the_future": 2,
    }
    assert data.examples.organic.tolist() == list(range(2, 30))
    assert data.examples.clicked.sum() == 1


def test_a_file_without_a_column_is_refused_and_the_column_named(tmp_path: Path) -> None:
    log = write_down(tmp_path / "log", [a_page(1, a_listing(1))], [])
    path = log / "listings" / "part-00000.parquet"
    pq.write_table(pq.read_table(path).drop_columns(["propensity", "codes"]), path)
    with pytest.raises(UnusableLogError, match="codes is missing; propensity is missing"):
        build_dataset([log], Rules(NOW), Desk(tmp_path / "desk"))
    (log / "manifest.json").unlink()
    with pytest.raises(UnusableLogError, match="not whole"):
        build_dataset([log], Rules(NOW), Desk(tmp_path / "desk"))


def test_a_slate_in_two_logs_is_refused(tmp_path: Path) -> None:
    log = write_down(tmp_path / "log", [a_page(1, a_listing(1))], [])
    with pytest.raises(UnusableLogError, match="in two logs"):
        build_dataset([log, log], Rules(NOW), Desk(tmp_path / "desk"))


def test_searches_that_led_nowhere_are_thinned_where_they_teach_and_stand_for_the_rest(
    build: Build,
) -> None:
    second = timedelta(seconds=1)
    pages = [a_page(n, a_listing(1), a_listing(2), at=NOW + n * second) for n in range(600)]
    clicks = [e for n in range(0, 600, 4) for e in events(n, NOW + n * second, click=(2,))]
    whole, thin = build(pages, clicks), build(pages, clicks, most_led_nowhere=240)
    assert whole.examples.weight.tolist() == [1] * 1_200
    examples = thin.examples
    stands = (examples.query % 4 != 0) & ~thin.judges[examples.query]
    assert stands.sum() == pytest.approx(240, rel=0.25)
    assert examples.weight[stands] == pytest.approx(3)
    assert (examples.weight[~stands] == 1).all()
    # Whole searches, all of those with a click, all that judge.
    assert (np.unique(examples.query, return_counts=True)[1] == 2).all()
    assert examples.clicked.sum() == whole.examples.clicked.sum() == 150
    assert thin.judges.sum() == len(set(examples.query[thin.judges[examples.query]])) == 120
    assert examples.weight.sum() == pytest.approx(1_200, rel=0.15)
    assert thin.counts["led_nowhere_left_out"] == 1_200 - len(examples)
    assert thin.counts["searches"] == 600


def test_of_many_searches_that_judge_a_fair_sample_does(build: Build) -> None:
    pages = [a_page(n, a_listing(1), at=NOW + n * timedelta(seconds=1)) for n in range(600)]
    clicks = [e for n in range(600) for e in events(n, pages[n].at, click=(1,)[: n % 2])]
    data = build(pages, clicks, most_judging=60)
    judges = data.judges[data.examples.query]
    assert data.judges.sum() == 120
    assert judges.sum() == pytest.approx(60, rel=0.3)
    assert data.examples.clicked[judges].mean() == pytest.approx(0.5, abs=0.2)
    assert (~judges).sum() == 480
    assert data.counts["judging_left_out"] == 120 - judges.sum()


def test_the_order_and_the_parts_of_the_files_change_nothing(log: Log, tmp_path: Path) -> None:
    """The same data set, byte for byte."""
    pages, chance = log.pages[:200], np.random.default_rng(3)
    known = {page.slate_id for page in pages}
    happened = [event for event in log.events if event.slate_id in known]
    rules = Rules(pages[-1].at + timedelta(days=1), most_led_nowhere=20)
    write_down(tmp_path / "whole", pages, happened)
    write_down(tmp_path / "parts", pages, happened, parts=7)
    for path in (tmp_path / "parts").glob("*/*.parquet"):
        rows = pq.read_table(path)
        pq.write_table(rows.take(chance.permutation(len(rows))), path, row_group_size=100)
    whole, parts = (
        build_dataset([tmp_path / name], rules, Desk(tmp_path / f"{name}-desk", threads=threads))
        for name, threads in (("whole", 1), ("parts", 2))
    )
    assert bytes_of(whole) == bytes_of(parts)
    assert whole.examples.weight.max() > 1


def test_some_searches_can_be_left_out(build: Build) -> None:
    pages = [replace(page, simulated=n == 1) for n, page in enumerate(a_minute_apart(3))]
    assert len(build(pages, real_only=True).slates) == 2
    assert len(build(pages, since=NOW + timedelta(seconds=1)).slates) == 2
