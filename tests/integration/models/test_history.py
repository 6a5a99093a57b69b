"""Every change of the configuration leaves one row of its history, in its own transaction."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from threading import Thread
from time import monotonic, sleep
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from models.domain.campaign import CampaignSettings, CampaignStatus, Terms
from models.domain.destination import DestinationStatus, NewDestination, Pace
from models.domain.errors import NotFoundError
from models.domain.highlight import Highlight, HighlightKind, HighlightStatus
from models.domain.history import Change, Configured
from models.domain.identity import IdentityProvider
from models.domain.ids import Prefix, new_id, show
from models.domain.intake import Routing
from models.domain.organization import Actor, ActorKind, Scope, make_api_key
from models.domain.ports.unit_of_work import UnitOfWork, UnitOfWorkFactory
from models.domain.staff import Role
from tests.support.configuration_writes import changing_methods

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
SCHOOL, OTHER_SCHOOL = 194240, 190521
KEY, OTHER_KEY = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_AAAQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
CLIENT_SECRET, OTHER_SECRET = "whispered-one", "whispered-two"
TERMS = Terms(1000, "USD", CampaignSettings((SCHOOL,), cips=("51.07",)))
STAFF = Actor(ActorKind.STAFF, "stf_somebody")


@dataclass(frozen=True)
class Made:
    """One of everything that has a history."""

    owner: UUID
    destination: UUID
    campaign: UUID
    key: UUID
    staff: UUID
    highlight: UUID


def _highlight(owner: UUID, words: str) -> Highlight:
    return Highlight(
        id=new_id(NOW),
        organization_id=owner,
        organization_name="Maple",
        unitid=SCHOOL,
        cip=None,
        kind=HighlightKind.STATEMENT,
        words=words,
        flags=(),
        status=HighlightStatus.PENDING,
        created_at=NOW,
        created_by="test",
    )


def _provider(owner: UUID) -> IdentityProvider:
    return IdentityProvider(owner, "https://in.example", "us", CLIENT_SECRET, False, NOW)


@pytest.fixture
def made(unit_of_work: UnitOfWorkFactory) -> Made:
    with unit_of_work() as work:
        owner = work.organizations.create("Maple", fictional=True, now=NOW).id
        work.organizations.claim_school(owner, SCHOOL, takes_organic=True, now=NOW)
        work.organizations.claim_school(owner, OTHER_SCHOOL, takes_organic=True, now=NOW)
        new = NewDestination(
            "Hook", "webhook", {"url": "https://a.test/"}, {"signing_keys": [KEY]}, (SCHOOL,)
        )
        destination = work.destinations.create(owner, new, by="test", now=NOW)
        campaign = work.campaigns.create(owner, "C", TERMS, by="test", now=NOW)
        key = work.organizations.add_api_key(owner, make_api_key("K", [Scope.READ_LEADS]), NOW)
        person = work.staff.add("a@b.example", "A", is_operator=False, now=NOW)
        work.staff.join(person.id, owner, Role.MEMBER, NOW)
        highlight = _highlight(owner, "Small classes")
        work.approvals.add(highlight)
        work.identity_providers.set(_provider(owner))
    return Made(owner, destination, campaign, key, person.id, highlight.id)


def _test_arrives(work: UnitOfWork, made: Made) -> None:
    version = work.destinations.current_versions([made.destination])[made.destination][0]
    work.destinations.test_arrived(made.destination, version, NOW)


def _new_intake(work: UnitOfWork, _made: Made) -> None:
    intake = replace(work.destinations.intake(SCHOOL), routing=Routing.FIRST)
    work.destinations.set_intake(SCHOOL, intake)


_NEW = NewDestination("Feed", "feed", {}, {}, (SCHOOL,))
_AFTER = replace(TERMS, price_minor=1250)
# Each method that changes configuration, and a call of it.
CHANGES: Mapping[str, Callable[[UnitOfWork, Made], object]] = {
    "destinations.create": lambda w, m: w.destinations.create(m.owner, _NEW, by="t", now=NOW),
    "destinations.change": lambda w, m: w.destinations.change(
        m.destination, {"url": "https://b.test/"}, {"signing_keys": [KEY]}, by="t", now=NOW
    ),
    "destinations.set_status": lambda w, m: w.destinations.set_status(
        m.destination, DestinationStatus.DISABLED
    ),
    "destinations.test_arrived": _test_arrives,
    "destinations.set_intake": _new_intake,
    "campaigns.create": lambda w, m: w.campaigns.create(m.owner, "D", TERMS, by="t", now=NOW),
    "campaigns.change": lambda w, m: w.campaigns.change(
        w.campaigns.get(m.campaign), _AFTER, by="t", now=NOW
    ),
    "campaigns.set_status": lambda w, m: w.campaigns.set_status(
        w.campaigns.get(m.campaign), CampaignStatus.ACTIVE
    ),
    "organizations.claim_school": lambda w, m: w.organizations.claim_school(
        m.owner, SCHOOL, takes_organic=False, now=NOW
    ),
    "organizations.add_api_key": lambda w, m: w.organizations.add_api_key(
        m.owner, make_api_key("L", [Scope.READ_LEADS]), NOW
    ),
    "organizations.end_api_key": lambda w, m: w.organizations.end_api_key(m.key, NOW),
    "organizations.revoke_api_key": lambda w, m: w.organizations.revoke_api_key(m.key, NOW),
    "staff.join": lambda w, m: w.staff.join(m.staff, m.owner, Role.ADMIN, NOW),
    "approvals.add": lambda w, m: w.approvals.add(_highlight(m.owner, "Labs open late")),
    "approvals.move": lambda w, m: w.approvals.move(m.highlight, HighlightStatus.TAKEN_DOWN),
    "identity_providers.set": lambda w, m: w.identity_providers.set(
        replace(_provider(m.owner), promises_second_factor=True)
    ),
    "identity_providers.remove": lambda w, m: w.identity_providers.remove(m.owner),
    "claims.serve": lambda w, m: w.claims.serve(OTHER_SCHOOL, m.destination),
}
# These write to a table of configuration and change none of it: when a test arrived, when a key was
# used last. A school's intake is written by a module of its own.
NO_CHANGE = {
    "DestinationRepository.mark_tested",
    "OrganizationRepository.api_key",
    # That somebody first came in, and who they are to their organization's own sign-in.
    "AccountRepository.enter",
    "AccountRepository.bind_subject",
}
ELSEWHERE = {"DestinationRepository.set_intake"}
CLASSES = {
    "destinations": "DestinationRepository",
    "campaigns": "CampaignRepository",
    "organizations": "OrganizationRepository",
    "staff": "StaffRepository",
    "claims": "ClaimRepository",
    "approvals": "ApprovalRepository",
    "identity_providers": "IdentityProviderRepository",
}


def test_every_method_that_changes_configuration_is_tried_here() -> None:
    tried = {f"{CLASSES[name.partition('.')[0]]}.{name.partition('.')[2]}" for name in CHANGES}
    assert tried | NO_CHANGE == changing_methods() | ELSEWHERE


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_leaves_one_row_that_says_who_and_what(
    unit_of_work: UnitOfWorkFactory, made: Made, name: str
) -> None:
    first = history(unit_of_work, made)
    with unit_of_work() as work:
        CHANGES[name](work, made)
        work.organizations.record_audit(STAFF, "a.change", "x", {}, NOW + timedelta(hours=1))
    row, *earlier = history(unit_of_work, made)
    assert earlier == first
    assert row.before != row.after
    assert (row.actor, row.action, row.at) == (STAFF, "a.change", NOW + timedelta(hours=1))


def history(unit_of_work: UnitOfWorkFactory, made: Made, **which: Any) -> list[Change]:
    with unit_of_work() as work:
        return list(work.history.page(made.owner, most=100, **which))


def test_a_transaction_leaves_one_row_for_each_thing_and_none_when_nothing_came_of_it(
    unit_of_work: UnitOfWorkFactory, made: Made
) -> None:
    made_first = history(unit_of_work, made)
    assert {one.kind for one in made_first} == set(Configured)
    assert all(one.before is None for one in made_first)
    with unit_of_work() as work:
        work.destinations.set_status(made.destination, DestinationStatus.ACTIVE)
        work.destinations.set_status(made.destination, DestinationStatus.PAUSED)
        work.destinations.set_pace(made.destination, Pace(1, 1, 1))
        intake = work.destinations.intake(SCHOOL)
        work.destinations.set_intake(SCHOOL, intake)
        work.destinations.set_intake(SCHOOL, replace(intake, routing=Routing.FIRST))
    school, destination = history(unit_of_work, made)[:2]
    assert {school.kind, destination.kind} == {Configured.SCHOOL, Configured.DESTINATION}
    assert len(history(unit_of_work, made)) == len(made_first) + 2
    assert destination.actor == Actor(ActorKind.SYSTEM, "system")
    with unit_of_work() as work:
        work.staff.join(made.staff, made.owner, Role.MEMBER, NOW)
    assert len(history(unit_of_work, made)) == len(made_first) + 2
    with pytest.raises(NotFoundError):
        _rolled_back(unit_of_work, made)
    assert len(history(unit_of_work, made)) == len(made_first) + 2


def _rolled_back(unit_of_work: UnitOfWorkFactory, made: Made) -> None:
    with unit_of_work() as work:
        work.staff.join(made.staff, made.owner, Role.ADMIN, NOW)
        work.destinations.get(made.owner)


def test_a_secret_is_named_and_never_kept(
    engine: Engine, unit_of_work: UnitOfWorkFactory, made: Made
) -> None:
    with unit_of_work() as work:
        work.destinations.change(
            made.destination,
            {"url": "https://a.test/"},
            {"signing_keys": [OTHER_KEY, KEY]},
            by="t",
            now=NOW,
        )
    row = history(unit_of_work, made)[0]
    assert row.secrets == ("signing_keys",)
    assert row.after is not None
    assert row.after["secrets"] == ["signing_keys"]
    with unit_of_work() as work:
        provider = replace(_provider(made.owner), client_secret=OTHER_SECRET)
        work.identity_providers.set(provider)
    row = history(unit_of_work, made)[0]
    assert (row.kind, row.secrets) == (Configured.SIGN_IN, ("client_secret",))
    assert row.before == row.after, "nothing else changed"
    with engine.connect() as connection:
        kept = connection.execute(text("SELECT c::text FROM configuration_change c")).scalars()
        assert [
            one for one in kept if "whispered" in one or KEY[6:] in one or OTHER_KEY[6:] in one
        ] == []


@pytest.mark.usefixtures("made")
def test_rows_are_never_changed_or_taken_away(engine: Engine) -> None:
    for statement in ("UPDATE configuration_change SET actor = 'x'", "DELETE FROM "):
        with pytest.raises(DBAPIError, match="never changed"), engine.begin() as connection:
            connection.execute(text(statement.replace("FROM ", "FROM configuration_change")))


def test_pages_go_on_where_they_ended_and_another_organization_sees_nothing(
    unit_of_work: UnitOfWorkFactory, made: Made
) -> None:
    every = history(unit_of_work, made)
    with unit_of_work() as work:
        other = work.organizations.create("Oak", fictional=True, now=NOW).id
        first = work.history.page(made.owner, most=2)
        then = work.history.page(made.owner, before=first[-1].id, most=100)
        assert [*first, *then] == every
        assert work.history.page(other, most=10) == ()
        assert work.history.page(other, before=every[0].id, most=10) == ()
        assert work.history.one(other, every[0].id) is None
        assert work.history.one(made.owner, every[0].id) == every[0]
        shown = show(Prefix.DESTINATION, made.destination)
        assert {one.subject for one in work.history.page(made.owner, subject=shown, most=9)} == {
            shown
        }
        kinds = work.history.page(made.owner, kind=Configured.SCHOOL, most=9)
        assert [one.subject for one in kinds] == ["sch_190521", "sch_194240"]


@pytest.mark.parametrize("which", ["destinations.change", "campaigns.change"])
def test_who_waits_for_somebodys_change_finds_it(
    unit_of_work: UnitOfWorkFactory, engine: Engine, made: Made, which: str
) -> None:
    """Two who change the same thing at once: the second reads what the first wrote."""
    found: list[int] = []

    def second() -> None:
        with unit_of_work() as work:
            if which == "destinations.change":
                found.append(work.destinations.get(made.destination).version)
                work.claims.serve(OTHER_SCHOOL, made.destination)
            else:
                found.append(work.campaigns.get(made.campaign).current.version)

    waits = Thread(target=second)
    with unit_of_work() as work:
        CHANGES[which](work, made)
        waits.start()
        until = monotonic() + 30
        while monotonic() < until and not _somebody_waits(engine):
            sleep(0.01)
    waits.join()
    assert found == [2]


def _somebody_waits(engine: Engine) -> bool:
    asked = text(
        "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' "
        "AND datname = current_database()"
    )
    with engine.connect() as connection:
        return bool(connection.execute(asked).scalar_one())
