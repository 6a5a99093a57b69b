"""The operator's console: rankers side by side, shadow and canary, training, traffic, why."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from matcher.match import Engine as Matcher
from matcher.match import draw, page
from models.domain.ids import Prefix, new_id, show
from models.domain.levels import EducationLevel
from models.domain.matching import Answers
from models.domain.slates import page_record
from models.domain.training import AttentionFrom, RunState, Step, Wishes
from models.domain.watch import RankerWatch, WatchFigure
from tests.support.browser import PlainBrowser
from tests.support.catalogs import a_slate
from tests.support.staff import Person, Rooms, press

ORDER = {
    "ndcg_5": 0.31,
    "ndcg_5_interval": [0.28, 0.34],
    "ndcg_10": 0.42,
    "ndcg_10_interval": [0.39, 0.45],
    "mrr": 0.2,
    "mrr_interval": [0.18, 0.22],
}
CARD = {
    "gate": {
        "passed": False,
        "champion": "ranker-1",
        "catalog": "catalog-1",
        "conditions": [
            {"name": "evidence", "passed": True, "figure": "400", "limit": "at least 100"},
            {"name": "segments", "passed": False, "figure": "NY: -0.2", "limit": "none worse"},
        ],
    },
    "metrics": {
        "searches_with_a_gain": 400,
        "compared_with": "champion",
        "orders": dict.fromkeys(("new", "champion", "random", "served"), ORDER),
        "ndcg_by_depth": {name: [0.2, 0.3, 0.4] for name in ("new", "champion", "random")},
        "contributions": {"distance": 0.81, "earnings": 0.4},
        "segments": [
            {
                "kind": "control",
                "name": "public",
                "searches": 300,
                "ndcg_10": 0.4,
                "apart": -0.01,
                "apart_interval": [-0.03, 0.02],
                "ndcg_10_other": 0.41,
            },
            {"kind": "state", "name": "WY", "searches": 3, "too_small": True},
        ],
        "reliability": {
            "ece": 0.01,
            "base_rate": 0.05,
            "bins": [
                {"chance": 0.02, "happened": 0.01, "listings": 50},
                {"chance": 0.08, "happened": 0.09, "listings": 50},
            ],
        },
        "exposure": {"control": {"public": {"new": 0.6, "earned": 0.55, "champion": 0.5}}},
        "drift": {"from_fitting_to_judging": {"distance": 0.31, "state": 0.02}},
    },
}


@pytest.fixture
def office(rooms: Rooms, operator: Person) -> PlainBrowser:
    now = rooms.clock.now()
    with rooms.unit_of_work() as work:
        work.publications.add_catalog("catalog-1", {}, now)
        work.publications.publish("catalog", "catalog-1", "test", "first", now)
        for version, card in (("ranker-1", {}), ("ranker-2", CARD), ("ranker-3", CARD)):
            work.publications.add_ranker(version, "prior", card, now)
        work.publications.publish("ranker", "ranker-1", "test", "first", now)
    return rooms.log_in(operator)


def rates(office: PlainBrowser, key: str) -> list[list[str]]:
    """The table under a chart."""
    figure = office.page.one("figure", id=key)
    return [
        [cell.text for cell in row.walk() if cell.tag in {"th", "td"}] for row in figure.all("tr")
    ]


def test_a_ranker_says_its_figures_in_pictures_with_a_table_under_each(
    office: PlainBrowser,
) -> None:
    office.open("/staff/operator/rankers")
    office.follow("ranker-2")
    assert office.heading == "Ranker ranker-2"
    keys = [figure["id"] for figure in office.page.all("figure")]
    assert keys == [
        *("metrics", "depth", "calibration", "segments", "contributions", "exposure", "drift")
    ]
    for figure in office.page.all("figure"):
        (picture,) = [svg for svg in figure.all("svg") if svg.get("role") == "img"]
        title = office.page.one("title", id=picture["aria-labelledby"]).text
        assert len(title) > 20
        assert "style" not in figure.text
        assert rates(office, figure["id"])[1:]
    assert rates(office, "metrics")[1][1:] == [
        *("this ranker", "0.310 (0.280 to 0.340)", "0.420 (0.390 to 0.450)"),
        "0.200 (0.180 to 0.220)",
    ]
    assert rates(office, "segments")[2][2:4] == ["3", "too few searches"]
    assert rates(office, "drift")[1] == ["distance", "0.310"]
    assert "0.01" in office.page.one("figure", id="calibration").text
    assert "NY: -0.2" in office.text


def test_rankers_stand_side_by_side(office: PlainBrowser) -> None:
    office.open("/staff/operator/rankers")
    for box in office.page.all("input", type="checkbox", name="version"):
        assert office.page.one("form", id=box["form"])["action"].endswith("/rankers/compare")
    office.open("/staff/operator/rankers/compare?version=ranker-2&version=ranker-3")
    assert [row[0] for row in rates(office, "metrics")[1:]] == ["ranker-2"] * 4 + ["ranker-3"] * 4
    assert rates(office, "contributions")[0] == ["Feature", "ranker-2", "ranker-3"]
    assert office.text.count("NY: -0.2") == 2
    office.open("/staff/operator/rankers/compare?version=nobody")
    assert office.reply.status == 404
    office.open("/staff/operator/rankers/compare")
    assert "Choose rankers" in office.text
    office.open("/staff/operator/rankers/nobody")
    assert office.reply.status == 404


def test_shadow_canary_and_stop_each_with_a_reason_and_an_audit_row(
    rooms: Rooms, office: PlainBrowser
) -> None:
    def stage() -> tuple[str, str, float]:
        with rooms.unit_of_work() as work:
            now = work.publications.challenge()
        return (now.version, now.stage, now.share) if now else ("", "", 0.0)

    office.open("/staff/operator/rankers/ranker-2")
    office.press("Put in shadow")
    assert "Say why" in office.text
    assert stage() == ("", "", 0.0)
    office.typed[id(office.page.one("input", id="reason-shadow"))] = "to see it open"
    office.press("Put in shadow")
    assert stage() == ("ranker-2", "shadow", 0.0)
    assert "nobody is shown" in office.text
    office.typed[id(office.page.one("input", id="reason-canary"))] = "a little"
    office.fill("Per cent of new slates", "99")
    office.press("Make it the canary")
    assert "at most 50" in office.text
    assert stage()[1] == "shadow"
    office.typed[id(office.page.one("input", id="reason-canary"))] = "a little"
    office.fill("Per cent of new slates", "10")
    office.press("Make it the canary")
    assert stage() == ("ranker-2", "canary", 10.0)
    office.open("/staff/operator/rankers/ranker-3")
    assert "Put in shadow" not in office.text
    office.open("/staff/operator/rankers")
    assert "draws 10 % of new slates" in office.text
    office.typed[id(office.page.one("input", id="reason-stop"))] = "enough"
    office.press("Stop the challenge")
    assert stage() == ("ranker-2", "candidate", 0.0)
    audit = [(row.action, row.detail.get("reason")) for row in rooms.rows("audit")]
    assert audit[-3:] == [
        ("ranker.shadow", "to see it open"),
        ("ranker.canary", "a little"),
        ("ranker.stop", "enough"),
    ]


def test_a_run_is_asked_for_followed_and_cancelled(rooms: Rooms, office: PlainBrowser) -> None:
    office.open("/staff/operator/training")
    office.press("Start training")
    assert "Say why" in office.text
    office.fill("What a click is worth", "much")
    office.fill("Why", "new data")
    office.press("Start training")
    assert "Enter a number" in office.text
    for label, wrong, said in (
        ("Leave out what was served or known after", "yesterday", "Enter a moment like"),
        ("Seed of every choice", "-1", "Enter a whole number"),
        ("How likely each place is looked at", "1, 0.5", "Enter 20 numbers"),
    ):
        office.fill(label, wrong)
        office.fill("Why", "new data")
        office.press("Start training")
        assert said in office.text
    office.fill("What a request is worth", "5")
    office.fill("Leave out searches before", "2026-01-02")
    office.fill("Leave out what was served or known after", "2026-03-04 05:06")
    office.fill("Seed of every choice", "7")
    office.choose("Read attention off listings that changed places")
    office.choose("Leave out simulated searches")
    office.fill("Why", "new data")
    office.press("Start training")
    assert "Waits for the training worker" in office.text
    # Who follows has the page loaded anew, by the browser and without a script.
    assert office.reply.header("Refresh") == "5"
    office.follow("Stop that")
    assert "refresh" not in office.reply.headers
    with rooms.unit_of_work() as work:
        run = work.training_runs.open()
        assert run is not None
        assert run.wishes == Wishes(
            since=datetime(2026, 1, 2, tzinfo=UTC),
            real_only=True,
            request_gain=5.0,
            seed=7,
            until=datetime(2026, 3, 4, 5, 6, tzinfo=UTC),
            attention_from=AttentionFrom.SWAPS,
        )
        taken = run.taken(rooms.clock.now()).at_step(Step.READING, rooms.clock.now())
        work.training_runs.save(run, taken)
        work.training_runs.save(taken, taken.at_step(Step.FITTING, rooms.clock.now()))
    office.reload()
    assert "1 of 5 steps done" in office.text
    assert "Fitting: now" in office.text
    assert office.page.one("progress")["value"] == "1"
    rooms.pass_time(minutes=2)
    office.reload()
    assert "Nothing was heard of its worker" in office.text
    office.fill("Why", "the worker is gone")
    press(office, "Cancel the run")
    with rooms.unit_of_work() as work:
        assert work.training_runs.get(run.id).state == RunState.CANCELLED
    assert "Cancelled" in office.text
    assert [row.action for row in rooms.rows("audit")][-2:] == ["training.ask", "training.cancel"]


def test_an_alarm_stands_on_the_console_and_in_metrics(rooms: Rooms, office: PlainBrowser) -> None:
    office.open("/staff/operator/traffic")
    assert "Nobody has looked" in office.text
    figures = (
        WatchFigure("students", 0.4, 0.0, 0.25, alarm=True, about="education_level"),
        WatchFigure("requests", None, None, 1.5, alarm=False),
    )
    now = rooms.clock.now()
    with rooms.unit_of_work() as work:
        work.ranker_watch.keep(RankerWatch("ranker-1", now, now - timedelta(1), 900, figures))
    office.open("/staff/operator/rankers")
    assert "1 alarm" in office.text
    office.follow("See the figures")
    assert "education level" in office.text
    assert "too little to tell" in office.text
    metrics = rooms.client.get("/metrics").text
    assert 'schoolmatch_ranker_alarm{figure="students"} 1.0' in metrics
    assert 'schoolmatch_ranker_alarm{figure="requests"} 0.0' in metrics


def test_traffic_is_counted_by_day_and_a_slate_says_why(
    rooms: Rooms, office: PlainBrowser, small: Matcher
) -> None:
    plain = a_slate(small, Answers(EducationLevel.HIGH_SCHOOL, postal_code="10940"))
    at = rooms.clock.now()
    slate = replace(plain, id=new_id(at), search_id=new_id(at), created_at=at)
    record = page_record(page(small, draw(small, slate), 1), demonstration=False)
    with rooms.unit_of_work() as work:
        work.slates.add([(slate, record)])
        work.ranker_watch.count_day(at.date(), at)
        (day,) = work.ranker_watch.days(at.date())
    assert (day.searches, day.organic.seen, day.organic.requests) == (1, len(record.listings), 0)
    office.open("/staff/operator/traffic")
    assert rates(office, "searches")[1:] == [[at.date().isoformat(), "1"]]
    assert [figure["id"] for figure in office.page.all("figure")] == [
        *("searches", "steering", "requests")
    ]
    office.open("/staff/operator/slates")
    office.fill("Slate, like", show(Prefix.SLATE, slate.id))
    office.press("Search")
    office.follow("Why 1")
    assert "identical" in office.text
    assert "distance" in office.text
    for typed, said in (("nonsense", "slt_"), (show(Prefix.SLATE, new_id(at)), "no such slate")):
        office.open(f"/staff/operator/slates?slate={typed}")
        assert said in office.text
        assert office.reply.status == 422
