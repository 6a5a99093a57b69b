"""``schoolmatch campaign`` on a real database."""

import json
from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine, text

from models.domain.campaign import CampaignSettings, CampaignStatus, Terms
from models.domain.caps import Caps
from models.domain.ids import Prefix, show
from models.domain.ports.unit_of_work import UnitOfWorkFactory
from tests.support.commands import Command

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture
def campaign_id(unit_of_work: UnitOfWorkFactory) -> str:
    """An active campaign, 10.00 USD, at most 5 a day."""
    with unit_of_work() as work:
        owner = work.organizations.create("Maple (fictional)", fictional=True, now=NOW)
        terms = Terms(1000, "USD", CampaignSettings((194240,), caps=Caps(day=5)))
        made = work.campaigns.create(owner.id, "All", terms, by="test", now=NOW)
        work.campaigns.set_status(work.campaigns.get(made), CampaignStatus.ACTIVE)
    return show(Prefix.CAMPAIGN, made)


def test_a_price_set_by_command_is_a_new_version_with_an_audit_row(
    command: Command, campaign_id: str, engine: Engine
) -> None:
    done = command("campaign", "set", campaign_id, "price=12.50", "day=", "--json")
    assert done.exit_code == 0, done.output
    shown = json.loads(done.output)
    assert (shown["price_minor"], shown["version"]) == (1250, 2)
    assert shown["settings"]["caps"]["day"] is None
    with engine.connect() as connection:
        prices = connection.scalars(
            text("SELECT price_minor FROM campaign_version ORDER BY version")
        ).all()
        audits = connection.execute(text("SELECT action, subject, detail FROM audit")).all()
    assert prices == [1000, 1250]
    assert [(a.action, a.subject) for a in audits] == [("campaign.set", campaign_id)]
    assert audits[0].detail["changes"] == {"price": "12.50", "day": ""}


def test_the_list_says_who_is_fictional(command: Command, campaign_id: str) -> None:
    (row,) = json.loads(command("campaign", "list", "--json").output)
    assert (row["id"], row["fictional"], row["status"]) == (campaign_id, True, "active")
    listed = command("campaign", "list").output
    assert campaign_id in listed
    assert "(fictional)" in listed


def test_pause_and_resume_are_idempotent_and_audited_once(
    command: Command, campaign_id: str, engine: Engine
) -> None:
    for _ in range(2):
        assert command("campaign", "pause", campaign_id).exit_code == 0
    assert json.loads(command("campaign", "list", "--json").output)[0]["status"] == "paused"
    assert command("campaign", "resume", campaign_id).exit_code == 0
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM audit")) == 2


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["price=free"], "price: “free” is not a price"),
        (["colour=red"], "colour: is not a setting"),
        (["states=NY,ZZ"], "states: “ZZ” is not a state or province; use codes like NY or ON"),
        (["price"], "write NAME=VALUE"),
        (["price=1", "price=2"], "given twice"),
    ],
)
def test_nonsense_is_refused_and_changes_nothing(
    command: Command, campaign_id: str, engine: Engine, arguments: list[str], said: str
) -> None:
    done = command("campaign", "set", campaign_id, *arguments)
    assert done.exit_code != 0
    assert said in done.output
    assert "Traceback" not in done.output
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM campaign_version")) == 1
        assert connection.scalar(text("SELECT count(*) FROM audit")) == 0


@pytest.mark.parametrize("shown", ["cmp_nonsense", "org_00000000000000000000000001", "", "\x07"])
def test_what_is_no_campaign_is_said_plainly(command: Command, shown: str) -> None:
    done = command("campaign", "pause", shown)
    assert done.exit_code == 1
    assert "is not an id that starts with cmp_" in done.output


def test_an_unknown_campaign_is_said_plainly(command: Command) -> None:
    done = command("campaign", "pause", "cmp_00000000000000000000000001")
    assert done.exit_code == 1
    assert "there is no campaign" in done.output


def test_without_settings_the_command_says_what_to_start(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DATABASE_URL")
    done = command("campaign", "list")
    assert done.exit_code == 1
    assert "schoolmatch up" in done.output


def test_a_dead_database_is_said_plainly(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")
    done = command("campaign", "list")
    assert done.exit_code == 1
    assert "The database does not answer" in done.output
    assert "Traceback" not in done.output


def test_limits_are_said_as_people_say_them(command: Command, campaign_id: str) -> None:
    done = command("campaign", "set", campaign_id, "hour=60", "total=500")
    assert "caps 60 an hour, 5 a day, 500 in total" in done.output


def test_every_state_territory_and_province_can_be_aimed_at(
    command: Command, campaign_id: str
) -> None:
    done = command("campaign", "set", campaign_id, "states=NY,PR,ON", "--json")
    assert json.loads(done.output)["settings"]["targeting"]["states"] == ["NY", "PR", "ON"]
