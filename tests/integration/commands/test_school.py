"""``schoolmatch school``: how a school takes leads."""

import json

from sqlalchemy import Engine, text

from models.db.crypto import Keyring
from models.domain.ids import Prefix, show
from tests.support.commands import Command
from tests.support.leads import Leads


def test_routing_and_duplicates_are_set_shown_and_audited(
    command: Command, engine: Engine, keyring: Keyring
) -> None:
    made = Leads(engine, keyring).school("https://a.example/")
    shown, destination = f"sch_{made.unitid}", show(Prefix.DESTINATION, made.destination_id)
    done = command(
        "school", "set", shown, "routing=weighted", f"weights={destination}:3",
        f"rules={destination} state=NY", "duplicates=email,phone", "days=30", "--json",
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    assert json.loads(done.output) == json.loads(command("school", "show", shown, "--json").output)
    told = json.loads(done.output)
    assert (told["routing"], told["weights"]) == ("weighted", {destination: 3})
    assert told["rules"][0]["states"] == ["NY"]
    said = command("school", "show", shown).output
    assert "same email or phone within 30 days" in said
    with engine.connect() as connection:
        audit = connection.execute(text("SELECT action, subject FROM audit")).one()
    assert tuple(audit) == ("school.set", shown)
    refused = command("school", "set", shown, "days=0")
    assert refused.exit_code == 1
    assert "1 to 730" in refused.output
    assert command("school", "show", "sch_999999").exit_code == 1
