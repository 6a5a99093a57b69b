"""Organizations, campaigns and destinations as PostgreSQL keeps them."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import Engine, text

from models.domain.campaign import CampaignSettings, CampaignStatus, Terms
from models.domain.campaign_changes import apply_changes
from models.domain.caps import Caps, cap_keys
from models.domain.destination import DestinationStatus, NewDestination
from models.domain.errors import ConflictError, NotFoundError, TransitionError
from models.domain.organization import Actor, ActorKind, Scope, make_api_key
from models.domain.ports.unit_of_work import UnitOfWorkFactory

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
SCHOOL, OTHER_SCHOOL = 194240, 190521
SECRETS = {"signing_keys": ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"]}


def _organization(
    unit_of_work: UnitOfWorkFactory, name: str = "Maple", school: int = SCHOOL
) -> UUID:
    with unit_of_work() as work:
        made = work.organizations.create(name, fictional=True, now=NOW)
        work.organizations.claim_school(made.id, school, takes_organic=True, now=NOW)
    return made.id


def _destination(unit_of_work: UnitOfWorkFactory, owner: UUID, school: int = SCHOOL) -> UUID:
    new = NewDestination("Hook", "webhook", {"url": "https://a.test/"}, SECRETS, (school,))
    with unit_of_work() as work:
        made = work.destinations.create(owner, new, by="test", now=NOW)
        work.destinations.set_status(made, DestinationStatus.ACTIVE)
        work.destinations.mark_tested(made, NOW)
    return made


def _campaign(unit_of_work: UnitOfWorkFactory, owner: UUID, caps: Caps | None = None) -> UUID:
    settings = CampaignSettings((SCHOOL, OTHER_SCHOOL), cips=("51.07",), caps=caps or Caps())
    with unit_of_work() as work:
        made = work.campaigns.create(owner, "C", Terms(1000, "USD", settings), by="test", now=NOW)
        work.campaigns.set_status(work.campaigns.get(made), CampaignStatus.ACTIVE)
    return made


def test_an_offer_names_only_schools_with_an_active_tested_destination(
    unit_of_work: UnitOfWorkFactory,
) -> None:
    owner = _organization(unit_of_work)
    campaign = _campaign(unit_of_work, owner)
    with unit_of_work() as work:
        assert work.campaigns.offers(NOW) == ()
    destination = _destination(unit_of_work, owner)
    with unit_of_work() as work:
        (offer,) = work.campaigns.offers(NOW)
        assert (offer.campaign_id, offer.unitids, offer.open) == (campaign, (SCHOOL,), True)
        assert offer.fictional
        assert work.destinations.open_schools([SCHOOL])[SCHOOL].open_to == (destination,)
        assert work.destinations.taking_requests()[SCHOOL].organization_id == owner
        work.destinations.set_status(destination, DestinationStatus.PAUSED)
    with unit_of_work() as work:
        assert work.campaigns.offers(NOW) == ()
        assert work.destinations.taking_requests() == {}
        assert work.destinations.open_schools([SCHOOL])[SCHOOL].open_to == ()


def test_another_organizations_destination_lends_a_campaign_no_school(
    unit_of_work: UnitOfWorkFactory,
) -> None:
    owner = _organization(unit_of_work)
    other = _organization(unit_of_work, "Oak", OTHER_SCHOOL)
    _destination(unit_of_work, other, OTHER_SCHOOL)
    _campaign(unit_of_work, owner)
    with unit_of_work() as work:
        assert work.campaigns.offers(NOW) == ()


def test_a_paused_campaign_offers_nothing_and_an_ended_one_stays_ended(
    unit_of_work: UnitOfWorkFactory,
) -> None:
    owner = _organization(unit_of_work)
    _destination(unit_of_work, owner)
    campaign = _campaign(unit_of_work, owner)
    with unit_of_work() as work:
        work.campaigns.set_status(work.campaigns.get(campaign), CampaignStatus.PAUSED)
        assert work.campaigns.offers(NOW) == ()
        work.campaigns.set_status(work.campaigns.get(campaign), CampaignStatus.ENDED)
        with pytest.raises(TransitionError):
            work.campaigns.set_status(work.campaigns.get(campaign), CampaignStatus.ACTIVE)


def test_a_full_cap_closes_the_offer_until_its_next_window(
    unit_of_work: UnitOfWorkFactory, engine: Engine
) -> None:
    owner = _organization(unit_of_work)
    _destination(unit_of_work, owner)
    campaign = _campaign(unit_of_work, owner, Caps(day=2))
    _fill(engine, campaign, cap_keys(NOW, "America/New_York", "USD")["day"], used=2, lim=2)
    with unit_of_work() as work:
        assert [offer.open for offer in work.campaigns.offers(NOW)] == [False]
        assert [o.open for o in work.campaigns.offers(NOW + timedelta(days=1))] == [True]


def test_a_campaign_ahead_of_its_day_bids_less(
    unit_of_work: UnitOfWorkFactory, engine: Engine
) -> None:
    owner = _organization(unit_of_work)
    _destination(unit_of_work, owner)
    campaign = _campaign(unit_of_work, owner, Caps(day=10))
    with unit_of_work() as work:
        assert [offer.pacing for offer in work.campaigns.offers(NOW)] == [1.0]
    _fill(engine, campaign, cap_keys(NOW, "America/New_York", "USD")["day"], used=8, lim=10)
    with unit_of_work() as work:
        # It is seven in the morning there: 17 hours are left, and a fifth of the cap.
        paced = [offer.pacing for offer in work.campaigns.offers(NOW)]
        assert paced == [round((0.2 / (17 / 24)) ** 4, 4)]


def test_a_change_makes_a_new_version_and_keeps_the_old_one(
    unit_of_work: UnitOfWorkFactory, engine: Engine
) -> None:
    owner = _organization(unit_of_work)
    campaign = _campaign(unit_of_work, owner, Caps(day=5))
    day = cap_keys(NOW, "America/New_York", "USD")["day"]
    _fill(engine, campaign, day, used=3, lim=5)
    with unit_of_work() as work:
        before = work.campaigns.get(campaign)
        terms = apply_changes(before.current.terms, {"price": "12.50", "day": "1"}, ())
        after = work.campaigns.change(before, terms, by="test", now=NOW)
    with unit_of_work() as work:
        assert work.campaigns.get(campaign).current == after
        assert work.campaigns.version(before.current.id) == before.current
        assert (before.current.price_minor, after.price_minor, after.version) == (1000, 1250, 2)
    with engine.connect() as connection:
        # Three places are promised already: the window closes there and breaks no promise.
        assert connection.scalar(text("SELECT lim FROM cap_window")) == 3


def test_unknown_ids_are_not_found(unit_of_work: UnitOfWorkFactory) -> None:
    with unit_of_work() as work:
        for find in (
            work.campaigns.get,
            work.campaigns.version,
            work.destinations.get,
            work.destinations.for_delivery,
        ):
            with pytest.raises(NotFoundError):
                find(UUID(int=7))


def test_secrets_are_sealed_in_the_row_and_open_for_delivery(
    unit_of_work: UnitOfWorkFactory, engine: Engine
) -> None:
    destination = _destination(unit_of_work, _organization(unit_of_work))
    with unit_of_work() as work:
        config = work.destinations.for_delivery(destination)
    assert config.secrets == SECRETS
    assert "whsec" not in repr(config)
    with engine.connect() as connection:
        kept = connection.scalar(text("SELECT secrets FROM destination_version"))
    assert b"whsec" not in bytes(kept)


def test_a_changed_destination_takes_no_requests_until_it_is_tested(
    unit_of_work: UnitOfWorkFactory,
) -> None:
    destination = _destination(unit_of_work, _organization(unit_of_work))
    with unit_of_work() as work:
        work.destinations.change(destination, {"url": "https://b.test/"}, SECRETS, by="t", now=NOW)
    with unit_of_work() as work:
        assert work.destinations.taking_requests() == {}
        assert work.destinations.for_delivery(destination).settings == {"url": "https://b.test/"}
        assert work.destinations.get(destination).version == 2
        work.destinations.mark_tested(destination, NOW)
        assert SCHOOL in work.destinations.taking_requests()


def test_a_school_belongs_to_one_organization(unit_of_work: UnitOfWorkFactory) -> None:
    _organization(unit_of_work)
    with pytest.raises(ConflictError):
        _organization(unit_of_work, "Oak", SCHOOL)
    with unit_of_work() as work:
        assert work.organizations.named("Oak") is None


def test_an_api_key_opens_until_it_expires_or_is_revoked(unit_of_work: UnitOfWorkFactory) -> None:
    owner = _organization(unit_of_work)
    lasting = make_api_key("lasting", [Scope.WRITE_DISPOSITIONS])
    short = make_api_key("short", [Scope.READ_LEADS], expires_at=NOW + timedelta(hours=1))
    with unit_of_work() as work:
        lasting_id = work.organizations.add_api_key(owner, lasting, NOW)
        work.organizations.add_api_key(owner, short, NOW)
    with unit_of_work() as work:
        holder = work.organizations.api_key(lasting.presented, NOW)
        assert holder is not None
        assert (holder.organization_id, holder.scopes) == (
            owner,
            frozenset({Scope.WRITE_DISPOSITIONS}),
        )
        assert work.organizations.api_key(short.presented, NOW) is not None
        assert work.organizations.api_key(short.presented, NOW + timedelta(hours=1)) is None
        forged = lasting.presented[:-1] + ("a" if lasting.presented[-1] != "a" else "b")
        assert work.organizations.api_key(forged, NOW) is None
        work.organizations.revoke_api_key(lasting_id, NOW)
        assert work.organizations.api_key(lasting.presented, NOW) is None


def test_the_secret_of_a_key_is_nowhere_in_the_database(
    unit_of_work: UnitOfWorkFactory, engine: Engine
) -> None:
    owner, key = _organization(unit_of_work), make_api_key("k", [Scope.READ_LEADS])
    with unit_of_work() as work:
        work.organizations.add_api_key(owner, key, NOW)
        work.organizations.api_key(key.presented, NOW)
    with engine.connect() as connection:
        row = connection.execute(text("SELECT * FROM api_key")).one()
    assert row.last_used_at == NOW
    assert key.presented[-43:] not in str(row)


def test_an_audit_row_says_who_did_what(unit_of_work: UnitOfWorkFactory, engine: Engine) -> None:
    with unit_of_work() as work:
        work.organizations.record_audit(
            Actor(ActorKind.COMMAND, "ada"), "campaign.pause", "cmp_1", {"old": "active"}, NOW
        )
    with engine.connect() as connection:
        row = connection.execute(text("SELECT actor_kind, actor, action, detail FROM audit")).one()
    assert tuple(row) == ("command", "ada", "campaign.pause", {"old": "active"})


def _fill(engine: Engine, campaign: UUID, day: str, used: int, lim: int) -> None:
    with engine.begin() as connection:
        connection.execute(
            text("INSERT INTO cap_window VALUES (:c, 'day', :d, :u, :l)"),
            {"c": campaign, "d": day, "u": used, "l": lim},
        )
