"""What a school says about a lead, on a real database."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Engine, text

from models.db.crypto import Keyring
from models.domain.errors import ConflictError, ForbiddenError, InvalidInputError, NotFoundError
from models.domain.lead import DispositionStatus
from models.domain.organization import ApiKeyHolder, Scope, make_api_key
from models.domain.ports.unit_of_work import UnitOfWorkFactory
from service.services import Services
from service.steps.receive_disposition import (
    DispositionInput,
    DispositionKept,
    receive_disposition,
)
from service.steps.who_asks import who_asks

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
SCHOOL = 194240
D = DispositionStatus


class _Ticking:
    """A clock that goes on by a millisecond whenever it is read, so that rows have an order."""

    def __init__(self, at: datetime) -> None:
        self.at = at
        self.step = timedelta(milliseconds=1)

    def now(self) -> datetime:
        self.at += self.step
        return self.at


@pytest.fixture
def services(unit_of_work: UnitOfWorkFactory) -> Services:
    """The part of the services that this step leans on."""
    return cast("Services", SimpleNamespace(clock=_Ticking(NOW), unit_of_work=unit_of_work))


@pytest.fixture
def holder(unit_of_work: UnitOfWorkFactory, services: Services) -> ApiKeyHolder:
    """An organization's key that may write dispositions."""
    return _holder(unit_of_work, services, "Maple", [Scope.WRITE_DISPOSITIONS])


@pytest.fixture
def lead(engine: Engine, keyring: Keyring, holder: ApiKeyHolder) -> UUID:
    """A lead of that organization."""
    person, request, lead = uuid4(), uuid4(), uuid4()
    _, wrapped = keyring.new_key(person)
    values = {"p": person, "r": request, "l": lead, "o": holder.organization_id, "now": NOW}
    with engine.begin() as connection:
        connection.execute(
            text("INSERT INTO person_key VALUES (:p, :m, :w, :now, NULL)"),
            {**values, "m": wrapped.master_key_id, "w": wrapped.wrapped},
        )
        connection.execute(
            text("""INSERT INTO request (id, created_at, source, idempotency_key, body_hash,
              slate_id, slate, locale, jurisdiction, person_id, student, evidence, email_index,
              age_18_or_over, privacy_control, not_taken)
              VALUES (:r, :now, 'site', 'k', 'h', :r, '{}', 'en', 'US', :p, 's', 'e', 'i', true,
              false, '[]')"""),
            values,
        )
        connection.execute(
            text("""INSERT INTO lead (id, request_id, unitid, organization_id, created_at)
              VALUES (:l, :r, 194240, :o, :now)"""),
            values,
        )
    return lead


Say = Callable[..., DispositionKept]


@pytest.fixture
def say(services: Services, holder: ApiKeyHolder, lead: UUID) -> Say:
    """Let the school say something about the lead."""

    def said(status: DispositionStatus, at: datetime | None = None) -> DispositionKept:
        answer = DispositionInput(status, at=at)
        raw = json.dumps({"status": status}).encode()
        return receive_disposition(services, holder, lead, raw, lambda _: answer)

    return said


def test_the_same_said_twice_gets_the_same_answer_and_counts_once(say: Say, engine: Engine) -> None:
    assert say(D.ACCEPTED) == say(D.ACCEPTED)
    assert _verdicts(engine) == ["applied", "repeated"]


def test_a_lead_goes_from_accepted_to_enrolled(say: Say, engine: Engine) -> None:
    for status in (D.ACCEPTED, D.CONTACTED, D.APPLIED, D.ENROLLED):
        assert say(status).status is status
    assert _verdicts(engine) == ["applied"] * 4


def test_what_is_said_within_one_millisecond_counts_in_the_order_in_which_it_was_judged(
    say: Say, services: Services, engine: Engine
) -> None:
    """Ids of one millisecond have no order among themselves."""
    cast("_Ticking", services.clock).step = timedelta(0)
    for turn in range(10):
        say(D.ACCEPTED if turn % 2 else D.REJECTED)
    assert _verdicts(engine) == ["applied"] * 10
    with engine.connect() as connection:
        numbers = connection.scalars(text("SELECT number FROM disposition ORDER BY number"))
        assert list(numbers) == list(range(1, 11))


def test_what_came_first_and_was_judged_last_is_what_holds(
    unit_of_work: UnitOfWorkFactory, holder: ApiKeyHolder, lead: UUID
) -> None:
    with unit_of_work() as work:
        first, second = (
            work.dispositions.record_raw(lead, holder.organization_id, b"{}", at)
            for at in (NOW, NOW + timedelta(seconds=1))
        )
    with unit_of_work() as work:
        work.dispositions.apply(second, D.ACCEPTED)
        work.dispositions.apply(first, D.REJECTED)
        assert work.dispositions.last_applied(lead) is D.REJECTED
        assert work.deliveries.of_lead(lead).said is D.REJECTED


def test_a_contradiction_is_refused_with_what_may_follow(say: Say, engine: Engine) -> None:
    say(D.ENROLLED)
    with pytest.raises(ConflictError, match=r"reported enrolled.*What may follow: returned"):
        say(D.ACCEPTED)
    assert _verdicts(engine) == ["applied", "refused"]


def test_what_cannot_be_read_is_kept_all_the_same(
    services: Services, holder: ApiKeyHolder, lead: UUID, engine: Engine
) -> None:
    def read(_raw: bytes) -> DispositionInput:
        raise InvalidInputError({"status": ["Use a known one"]})

    with pytest.raises(InvalidInputError):
        receive_disposition(services, holder, lead, b"\xff<?xml", read)
    assert _verdicts(engine) == ["unread"]


def test_a_school_cannot_report_the_future(say: Say, engine: Engine) -> None:
    with pytest.raises(InvalidInputError, match="past"):
        say(D.ACCEPTED, at=NOW + timedelta(minutes=2))
    assert _verdicts(engine) == ["unread"]
    say(D.ACCEPTED, at=NOW + timedelta(seconds=30))  # its clock is a little ahead
    with engine.connect() as connection:
        (moment,) = connection.scalars(text("SELECT max(happened_at) FROM disposition"))
    assert moment < NOW + timedelta(seconds=1)


def test_another_organizations_lead_is_as_if_it_were_not_there(
    services: Services, unit_of_work: UnitOfWorkFactory, lead: UUID, engine: Engine
) -> None:
    stranger = _holder(unit_of_work, services, "Oak", [Scope.WRITE_DISPOSITIONS])
    for lead_id in (lead, uuid4()):
        with pytest.raises(NotFoundError, match=r"^There is no such lead\.$"):
            receive_disposition(services, stranger, lead_id, b"{}", _never)
    assert _verdicts(engine) == []


def test_a_key_without_the_scope_may_not_say_anything(
    services: Services, unit_of_work: UnitOfWorkFactory, lead: UUID, engine: Engine
) -> None:
    reader = _holder(unit_of_work, services, "Elm", [Scope.READ_LEADS])
    with pytest.raises(ForbiddenError, match="dispositions:write"):
        receive_disposition(services, reader, lead, b"{}", _never)
    assert _verdicts(engine) == []


def test_what_was_said_lies_sealed(say: Say, engine: Engine) -> None:
    """Invariant 11: raw dispositions are personal data, encrypted at rest."""
    say(D.ACCEPTED)
    with engine.connect() as connection:
        raw = connection.scalar(text("SELECT raw FROM disposition"))
    assert b"accepted" not in bytes(cast("Any", raw))


def _never(_raw: bytes) -> DispositionInput:
    raise AssertionError("must not be read")


def _holder(
    unit_of_work: UnitOfWorkFactory, services: Services, name: str, scopes: list[Scope]
) -> ApiKeyHolder:
    key = make_api_key(name, scopes)
    with unit_of_work() as work:
        owner = work.organizations.create(name, fictional=True, now=NOW)
        work.organizations.claim_school(owner.id, SCHOOL + len(name), takes_organic=True, now=NOW)
        work.organizations.add_api_key(owner.id, key, NOW)
    holder = who_asks(services, key.presented)
    assert holder is not None
    return holder


def _verdicts(engine: Engine) -> list[str]:
    with engine.connect() as connection:
        return list(connection.scalars(text("SELECT verdict FROM disposition ORDER BY id")))
