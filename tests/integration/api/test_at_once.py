"""A submission for which nothing must be weighed is kept by one statement, whole or not at all."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from typing_extensions import override

from models.db.at_once import PostgresAtOnce
from models.db.repositories.acceptance import Statement
from models.domain.caps import Caps
from models.domain.destination import DestinationStatus
from models.domain.intake import DuplicateRule, Intake, Routing
from models.domain.question import OwnQuestion, QuestionKind
from models.domain.request import AcceptedRequest, NewRequest
from service.services import Services, never_at_once
from tests.integration.api.test_requests import here, stored
from tests.support.sponsors import unitid_of
from tests.support.world import World

# What is alike of two requests that say the same, by table; the rest are ids, seals and moments.
ALIKE = {
    "request": "source, locale, jurisdiction, slate, email_index, phone_index, age_18_or_over, "
    "privacy_control, not_taken, publisher_id, landing_page, creative",
    "lead": "unitid, organization_id, campaign_version_id, price_minor, currency, terms, "
    "answers IS NULL, route, confirm_by",
    "lead_listing": "listing_id, program_id, campaign_version_id, position, organic_position",
    "consent": "unitid, channel, text_id, locale, jurisdiction",
    "delivery": "destination_id, purpose, status, generation, attempts, claims, by_mail, "
    "expires_at - due_at",
    "person_key": "master_key_id, shredded_at, length(wrapped)",
    "cap_ledger": "state",
    "consent_text": "id, unitid, channel, locale, jurisdiction, version, text",
}


QUESTION = OwnQuestion("why", "Why this field?", QuestionKind.TEXT, required=False)


class Watched:
    """Keeps what acceptance at once came to."""

    def __init__(self, real: Callable[[NewRequest], AcceptedRequest | None]) -> None:
        self.real = real
        self.asked: list[NewRequest] = []
        self.kept: list[bool] = []

    def __call__(self, new: NewRequest) -> AcceptedRequest | None:
        accepted = self.real(new)
        self.asked.append(new)
        self.kept.append(accepted is not None)
        return accepted


class LosesTheAnswer(PostgresAtOnce):
    """Its statement is done, and the connection ends before that is known."""

    @override
    def _run(self, statement: Statement) -> bool:
        super()._run(statement)
        raise psycopg.OperationalError("the connection was lost")


@pytest.fixture
def unitids(world: World) -> list[int]:
    """Two schools of the first page that take requests here."""
    results = world.search()["results"]
    schools = list(dict.fromkeys(unitid_of(one) for one in results))[:2]
    for unitid in schools:
        world.takes_requests(unitid)
    return schools


@pytest.fixture
def watched(world: World) -> Iterator[Watched]:
    at_once = Watched(PostgresAtOnce(world.engine, world.keyring))
    with accepting(world, at_once):
        yield at_once


class accepting:  # noqa: N801 - reads as a statement
    """Let a world accept in some way, for a while."""

    def __init__(self, world: World, at_once: Any) -> None:
        self._extensions = world.app.extensions
        self._real: Services = self._extensions["schoolmatch"]
        self._new = replace(self._real, accept_at_once=at_once)

    def __enter__(self) -> None:
        self._extensions["schoolmatch"] = self._new

    def __exit__(self, *_: object) -> None:
        self._extensions["schoolmatch"] = self._real


def rows(world: World) -> dict[str, list[Any]]:
    """Everything kept, table by table, in an order of its own."""
    return {
        table: sorted(world.rows(f"SELECT {columns} FROM {table}"), key=str)  # noqa: S608
        for table, columns in ALIKE.items()
    }


def sent(world: World) -> Any:
    """Ask every school of the first page that takes requests here; what was sent."""
    found = world.search()
    body = world.body(found, *here(found))
    answer = world.send(body)
    assert answer.status_code == 202, answer.text
    return body


def test_the_same_is_kept_as_when_it_is_weighed(
    world: World, unitids: list[int], watched: Watched
) -> None:
    del unitids
    body = sent(world)
    assert watched.kept == [True]
    at_once = rows(world)
    with world.engine.begin() as connection:
        connection.exec_driver_sql(
            "TRUNCATE request, consent_text CASCADE; TRUNCATE person_key CASCADE"
        )
    with accepting(world, never_at_once):
        assert world.send(body).status_code == 202
    assert rows(world) == at_once
    assert len(at_once["delivery"]) == 2


def paused(world: World, unitid: int) -> None:
    with world.work() as work:
        [destination] = work.destinations.open_schools([unitid])[unitid].open_to
        work.destinations.set_status(destination, DestinationStatus.PAUSED)


def unclaimed(world: World, unitid: int) -> None:
    with world.engine.begin() as connection:
        for table in ("destination_school", "organization_school"):
            connection.exec_driver_sql(f"DELETE FROM {table} WHERE unitid = {unitid}")  # noqa: S608


def first_of_many(world: World, unitid: int) -> None:
    with world.work() as work:
        work.destinations.set_intake(unitid, Intake(routing=Routing.FIRST))


def knows_duplicates(world: World, unitid: int) -> None:
    with world.work() as work:
        work.destinations.set_intake(unitid, Intake(duplicates=DuplicateRule(("email",))))


@pytest.mark.parametrize("change", [paused, unclaimed, first_of_many, knows_duplicates])
def test_where_one_of_its_schools_must_be_asked_first_nothing_is_kept_at_once(
    world: World,
    unitids: list[int],
    watched: Watched,
    change: Callable[[World, int], None],
) -> None:
    found = world.search()
    body = world.body(found, *here(found))
    change(world, unitids[1])
    answer = world.send(body)
    assert watched.kept == [False]
    if change in {paused, unclaimed}:
        assert answer.status_code == 422, answer.text
        assert set(stored(world).values()) == {0}
    else:
        assert answer.status_code == 202, answer.text
        assert world.count("delivery") == 2


def test_a_school_that_only_asks_questions_of_its_own_is_asked_at_once(
    world: World, unitids: list[int], watched: Watched
) -> None:
    with world.work() as work:
        work.destinations.set_intake(unitids[0], Intake(questions=(QUESTION,)))
    sent(world)
    assert watched.kept == [True]


def test_who_pays_is_weighed(world: World, watched: Watched) -> None:
    one = world.search()["results"][-1]
    unitid = unitid_of(one)
    world.sponsors(world.takes_requests(unitid), unitid, Caps(day=5), one["program"])
    found = world.search()
    paid = next(one for one in found["results"] if one["sponsored"])
    assert world.send(world.body(found, paid)).status_code == 202
    assert watched.kept == [False]
    assert world.count("cap_ledger") == 1


def test_a_key_that_was_used_before_keeps_nothing(
    world: World, unitids: list[int], watched: Watched
) -> None:
    del unitids
    sent(world)
    before = stored(world)
    again = replace(watched.asked[0], person_id=uuid4(), id=uuid4())
    assert watched.real(again) is None
    assert stored(world) == before, "not even the key of a person"


def test_an_answer_that_was_lost_is_found_again(world: World, unitids: list[int]) -> None:
    del unitids
    found = world.search()
    body = world.body(found, *here(found))
    with accepting(world, LosesTheAnswer(world.engine, world.keyring)):
        answer = world.send(body)
    assert answer.status_code == 202, answer.text
    assert world.nudges == [1]
    assert [lead["status"] for lead in answer.json["leads"]] == ["accepted_by_us"] * 2
    assert stored(world)["request"] == 1
    assert stored(world)["delivery"] == 2


def test_texts_that_are_gone_are_kept_again(
    world: World, unitids: list[int], watched: Watched
) -> None:
    """As after a restore from an older backup beneath a service that goes on."""
    del unitids
    body = sent(world)
    with world.engine.begin() as connection:
        connection.exec_driver_sql("TRUNCATE request, consent_text CASCADE")
    assert [world.send(body).status_code for _ in range(2)] == [202, 202]
    assert watched.kept == [True, False, True]
    assert world.count("consent_text") == 2
