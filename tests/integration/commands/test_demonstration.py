"""The demonstration on a real database: made once, kept after, moved with its port."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from commands.demonstration.choose import ChosenSchool
from commands.demonstration.plan import plan
from commands.demonstration.setup import DemonstrationSchool, is_set_up, set_up
from models.domain.campaign import CampaignStatus
from models.domain.clock import FixedClock
from models.domain.destination import DestinationStatus
from models.domain.ports.unit_of_work import UnitOfWorkFactory

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
PLANNED = plan(tuple(ChosenSchool(100000 + n, f"School {n}", "NY") for n in range(28)))


@pytest.fixture
def school(tmp_path: Path) -> DemonstrationSchool:
    """A demonstration school on port 8001."""
    folder = tmp_path / "school"
    return DemonstrationSchool(
        "http://127.0.0.1:8000", 8001, folder / "config.json", folder / "received.jsonl"
    )


def test_a_second_set_up_changes_nothing(
    unit_of_work: UnitOfWorkFactory, school: DemonstrationSchool
) -> None:
    assert not is_set_up(unit_of_work, PLANNED)
    set_up(unit_of_work, FixedClock(NOW), PLANNED, school)
    with unit_of_work() as work:
        first = (work.campaigns.all(), work.destinations.all(), school.file.read_text())
    assert is_set_up(unit_of_work, PLANNED)
    set_up(unit_of_work, FixedClock(NOW), PLANNED, school)
    with unit_of_work() as work:
        assert (work.campaigns.all(), work.destinations.all(), school.file.read_text()) == first


def test_every_planned_school_takes_requests_and_twelve_sponsors_offer(
    unit_of_work: UnitOfWorkFactory, school: DemonstrationSchool
) -> None:
    set_up(unit_of_work, FixedClock(NOW), PLANNED, school)
    with unit_of_work() as work:
        taking, offers = work.destinations.taking_requests(), work.campaigns.offers(NOW)
    assert set(taking) == {unitid for one in PLANNED for unitid in one.unitids}
    assert all(each.fictional and each.organic for each in taking.values())
    assert len({offer.organization_id for offer in offers}) == 12
    assert all(offer.fictional and offer.open for offer in offers)


def test_the_school_opens_every_receiver_with_its_own_secret_and_key(
    unit_of_work: UnitOfWorkFactory, school: DemonstrationSchool
) -> None:
    set_up(unit_of_work, FixedClock(NOW), PLANNED, school)
    receivers = json.loads(school.file.read_text())["receivers"]
    assert len({r["secrets"][0] for r in receivers}) == len({r["api_key"] for r in receivers}) == 14
    with unit_of_work() as work:
        for receiver in receivers:
            holder = work.organizations.api_key(receiver["api_key"], NOW)
            owner = work.organizations.named(receiver["organization"])
            assert holder is not None
            assert owner is not None
            assert holder.organization_id == owner.id


def test_a_lost_file_gets_new_keys_and_the_same_signing_secrets(
    unit_of_work: UnitOfWorkFactory, school: DemonstrationSchool
) -> None:
    set_up(unit_of_work, FixedClock(NOW), PLANNED, school)
    before = json.loads(school.file.read_text())["receivers"]
    school.file.unlink()
    set_up(unit_of_work, FixedClock(NOW), PLANNED, school)
    after = json.loads(school.file.read_text())["receivers"]
    assert [r["secrets"] for r in after] == [r["secrets"] for r in before]
    assert {r["api_key"] for r in after}.isdisjoint({r["api_key"] for r in before})


def test_one_organization_can_be_tried_by_mail_and_takes_nothing_so_before_a_test(
    unit_of_work: UnitOfWorkFactory, school: DemonstrationSchool
) -> None:
    set_up(unit_of_work, FixedClock(NOW), PLANNED, school)
    with unit_of_work() as work:
        [mailed] = [each for each in work.destinations.all() if each.kind == "email"]
        unitid = PLANNED[-1].unitids[0]
        reached = work.destinations.open_schools([unitid])[unitid].open_to
    assert mailed.settings == {"to": "admissions@hawthorn.example"}
    assert (mailed.status, mailed.tested_at) == (DestinationStatus.DRAFT, None)
    assert mailed.organization_name == PLANNED[-1].name
    assert mailed.id not in reached


def test_another_port_moves_the_destinations_and_leaves_what_an_operator_changed(
    unit_of_work: UnitOfWorkFactory, school: DemonstrationSchool
) -> None:
    set_up(unit_of_work, FixedClock(NOW), PLANNED, school)
    with unit_of_work() as work:
        # Ids of one moment have no order of their own: the mailed one may be first.
        moved, *_ = [each for each in work.destinations.all() if each.kind == "webhook"]
        secrets = work.destinations.for_delivery(moved.id).secrets
        theirs = {"url": "https://crm.example.edu/hooks"}
        work.destinations.change(moved.id, theirs, secrets, by="operator", now=NOW)
        paused, *_ = work.campaigns.all()
        work.campaigns.set_status(work.campaigns.get(paused.id), CampaignStatus.PAUSED)
    set_up(unit_of_work, FixedClock(NOW), PLANNED, replace(school, port=9001))
    with unit_of_work() as work:
        addresses = {
            d.id: d.settings["url"] for d in work.destinations.all() if d.kind == "webhook"
        }
        assert work.campaigns.get(paused.id).status is CampaignStatus.PAUSED
    assert addresses.pop(moved.id) == theirs["url"]
    assert all(url.startswith("http://127.0.0.1:9001/hooks/") for url in addresses.values())
