"""What an operator sees: lines, ids, figures, and answers to whether it lives and is ready."""

import io
import json
import logging
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog
from prometheus_client import REGISTRY
from sqlalchemy import Engine

from config.logging import configure_logging
from models.db.crypto import Keyring
from models.domain.clock import SystemClock
from service.app import Parts, create_app
from tests.integration.api.test_requests import here
from tests.support.sponsors import unitid_of
from tests.support.world import STUDENT, Store, World, make_settings, make_world

ID = "0123abcd-caller"


class Lines:
    """What the process wrote to its log."""

    def __init__(self, stream: io.StringIO) -> None:
        self.stream = stream

    def named(self, event: str) -> list[dict[str, Any]]:
        lines = [json.loads(line) for line in self.stream.getvalue().splitlines()]
        return [line for line in lines if line["event"] == event]


@pytest.fixture
def lines() -> Iterator[Lines]:
    """The log as the door sets it up, put back afterwards."""
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    stream = io.StringIO()
    configure_logging("INFO", "web", stream)
    yield Lines(stream)
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()
    root.handlers[:] = before
    root.setLevel(level)


def figure(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0.0


def test_a_line_names_the_route_and_never_what_was_asked(world: World, lines: Lines) -> None:
    world.client.get("/results?education_level=high_school&postal_code=10940&query=nursing")
    world.client.get("/requests/req_01jd0000000000000000000000?token=hidden")
    world.client.get("/nowhere/zoe@example.com")
    said = lines.named("answered")
    assert [line["route"] for line in said] == ["/results", "/requests/<request_id>", None]
    assert all(line["ms"] >= 0 and line["process"] == "web" for line in said)
    for hidden in ("10940", "nursing", "req_01jd", "hidden", "nowhere", "zoe"):
        assert hidden not in lines.stream.getvalue()


def test_machines_that_ask_every_second_do_not_bury_the_visitors(
    world: World, lines: Lines
) -> None:
    for path in ("/livez", "/readyz", "/metrics"):
        world.client.get(path)
    assert lines.named("answered") == []


def test_a_request_id_comes_back_and_another_text_does_not(world: World, lines: Lines) -> None:
    kept = world.client.get("/sources", headers={"X-Request-Id": ID})
    assert kept.headers["X-Request-Id"] == ID
    for wrong in ("short", "x" * 65, "a b c d e f g", "ä" * 10, ""):
        made = world.client.get("/sources", headers={"X-Request-Id": wrong})
        assert re.fullmatch(r"[0-9a-f]{32}", made.headers["X-Request-Id"])
    ids = [line["request_id"] for line in lines.named("answered")]
    assert ids[0] == ID
    assert len(set(ids)) == 6


def test_an_error_too_has_its_id(world: World) -> None:
    answer = world.client.post("/api/v1/matches", data="{", content_type="application/json")
    assert answer.status_code == 400
    assert answer.headers["X-Request-Id"]


def test_a_web_request_is_followed_to_its_leads_without_a_word_of_the_student(
    world: World, lines: Lines
) -> None:
    """Invariant 11: personal data is never in logs."""
    world.takes_requests(unitid_of(world.search()["results"][0]))
    found = world.search()
    body = world.body(found, here(found)[0])
    headers = {"X-Request-Id": ID, "Idempotency-Key": "one"}
    accepted = world.client.post("/api/v1/requests", json=body, headers=headers)
    assert accepted.status_code == 202, accepted.text
    [line] = lines.named("request_accepted")
    assert line["request_id"] == ID
    assert line["request"] == accepted.json["request_id"]
    assert line["leads"] == [lead["lead_id"] for lead in accepted.json["leads"]]
    # Read back: as JSON a name with an accent would hide behind its escape.
    said = "\n".join(str(json.loads(line)) for line in lines.stream.getvalue().splitlines())
    for hidden in (STUDENT["first_name"], STUDENT["last_name"], STUDENT["email"]):
        assert str(hidden) not in said
    assert accepted.json["token"] not in said


def test_figures_count_searches_listings_requests_and_leads(world: World) -> None:
    def taken() -> tuple[float, ...]:
        return (
            figure("schoolmatch_searches_total", page="first", found="some"),
            figure("schoolmatch_searches_total", page="next", found="some"),
            figure("schoolmatch_listings_shown_total", paid="organic"),
            figure("schoolmatch_steering_index_count"),
            figure("schoolmatch_requests_total", outcome="accepted"),
            figure("schoolmatch_requests_total", outcome="repeated"),
            figure("schoolmatch_requests_total", outcome="refused"),
            figure("schoolmatch_leads_total", outcome="accepted"),
        )

    world.takes_requests(unitid_of(world.search()["results"][0]))
    before = taken()
    found = world.search()
    world.search(slate_id=found["slate_id"], page=2)
    body = world.body(found, here(found)[0])
    codes = [world.send(body, "k").status_code for _ in range(2)]
    codes.append(world.send({**body, "consents": []}).status_code)
    assert codes == [202, 202, 422]
    risen = [after - earlier for after, earlier in zip(taken(), before, strict=True)]
    assert risen == [1, 1, 40, 1, 1, 1, 1, 1]


def test_figures_tell_since_when_what_is_published_serves(world: World, store: Store) -> None:
    now = SystemClock().now().timestamp()
    for kind in ("catalog", "ranker"):
        assert now - 60 < figure("schoolmatch_published_timestamp_seconds", kind=kind) <= now
    assert figure("schoolmatch_serving_lags") == 0
    with world.work() as work:
        at = SystemClock().now()
        work.publications.add_catalog("notyethere", {}, at)
        work.publications.publish("catalog", "notyethere", "test", "test", at)
    world.serving.poll()
    assert figure("schoolmatch_serving_lags") == 1
    # What served goes on serving, and readiness tells which.
    ready = world.client.get("/readyz")
    assert (ready.status_code, ready.json["checks"]["catalog"]) == (200, store.catalog)


def test_without_the_catalogs_files_a_process_lives_and_is_not_ready(
    engine: Engine, keyring: Keyring, database_url: str, redis_url: str, tmp_path: Path
) -> None:
    nothing = Store(tmp_path, "gone", "gone")
    world = make_world(engine, keyring, make_settings(tmp_path, database_url, redis_url), nothing)
    ready = world.client.get("/readyz")
    assert ready.status_code == 503
    assert int(ready.headers["Retry-After"]) > 0
    assert ready.json == {
        "ready": False,
        "checks": {"database": "ok", "valkey": "ok", "catalog": "none", "ranker": "none"},
    }
    assert world.client.get("/livez").status_code == 200
    assert world.client.post("/api/v1/matches", json={}).status_code == 422
    searched = world.client.post(
        "/api/v1/matches", json={"education_level": "high_school", "region": "NY"}
    )
    assert searched.status_code == 503
    assert searched.headers["Retry-After"]


@pytest.mark.parametrize(
    ("hops", "forwarded", "expected"),
    [
        (0, "198.51.100.7", "127.0.0.1"),
        (1, "198.51.100.7", "198.51.100.7"),
        (1, "203.0.113.9, 198.51.100.7", "198.51.100.7"),
        (2, "203.0.113.9, 198.51.100.7", "203.0.113.9"),
        (2, "198.51.100.7", "127.0.0.1"),
    ],
)
def test_an_address_is_believed_only_as_far_as_our_own_proxies_wrote_it(
    world: World, store: Store, hops: int, forwarded: str, expected: str
) -> None:
    asked: list[str] = []

    class Counting:
        def admit(self, address: str) -> None:
            asked.append(address)

    settings = make_settings(store.path, "unused", "redis://127.0.0.1:1/0", trusted_proxies=hops)
    parts = Parts(
        unit_of_work=world.work,
        serving=world.serving,
        slates=Counting(),  # type: ignore[arg-type]  # nothing else of it is asked here
        nudge=lambda: None,
    )
    client = create_app(settings, parts).test_client()
    headers = {"X-Forwarded-For": forwarded, "X-Forwarded-Host": "evil.example"}
    answer = client.post("/api/v1/fields", json={"text": "nursing"}, headers=headers)
    assert answer.status_code == 200
    assert asked == [expected]
