"""``schoolmatch dispositions import``: what became of leads, as a school's table says."""

import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, text

from models.db.crypto import Keyring
from models.domain.ids import Prefix, show
from tests.support.commands import Command
from tests.support.leads import Leads, TestSchool


@pytest.fixture
def leads(engine: Engine, keyring: Keyring) -> Leads:
    return Leads(engine, keyring)


@pytest.fixture
def school(leads: Leads) -> TestSchool:
    return leads.school("http://127.0.0.1:9/")


def imported(command: Command, school: TestSchool, path: Path, table: str | bytes) -> Any:
    path.write_bytes(table if isinstance(table, bytes) else table.encode())
    owner = show(Prefix.ORGANIZATION, school.organization_id)
    done = command("dispositions", "import", owner, str(path), "--json")
    return json.loads(done.output) if done.exit_code == 0 else done.output


def test_a_table_is_taken_row_by_row_and_the_same_again_changes_nothing(
    command: Command, leads: Leads, school: TestSchool, tmp_path: Path
) -> None:
    first, second = (show(Prefix.LEAD, leads.lead(school)) for _ in range(2))
    table = (
        "\ufeffName;Lead_ID;Status;Reason;At\r\n"
        f"x;{first};Accepted;;2026-11-20T12:00:00Z\r\n"
        f'x;{second};rejected;"\'=no phone\r\nnumber";\r\n'
        f"x;{second};enrolled;;\r\n"
        f"x;{first};contacted;;yesterday\r\n"
        f"x;{first};happy;;\r\n"
        "x;lead_1;accepted;;\r\n"
    )
    result = imported(command, school, tmp_path / "t.csv", table)
    assert result["kept"] == 2
    whys = {row["line"]: row["why"] for row in result["refused"]}
    assert "enrolled cannot follow" in whys[5]
    assert "moment with its offset" in whys[6]
    assert "status is one of" in whys[7]
    # Lines of the file: the second row stands on two.
    assert set(whys) == {5, 6, 7, 8}
    again = imported(command, school, tmp_path / "t.csv", table)
    assert (again["kept"], len(again["refused"])) == (2, 4)
    with leads.engine.connect() as connection:
        said = connection.execute(
            text("SELECT status, reason, verdict FROM disposition ORDER BY received_at, id")
        ).all()
    applied = [(row.status, row.reason) for row in said if row.verdict == "applied"]
    assert applied == [("accepted", None), ("rejected", "=no phone\r\nnumber")]
    # Everything that named a lead of theirs is kept, also what could not be read.
    assert [row.verdict for row in said].count("unread") == 4


def test_another_organizations_leads_are_not_there(
    command: Command, leads: Leads, school: TestSchool, tmp_path: Path
) -> None:
    other = leads.school("http://127.0.0.1:9/", unitid=194241)
    lead = show(Prefix.LEAD, leads.lead(other))
    result = imported(command, school, tmp_path / "t.csv", f"lead_id,status\n{lead},accepted\n")
    assert result == {
        "kept": 0,
        "refused": [{"line": 2, "lead_id": lead, "why": "There is no such lead."}],
    }


@pytest.mark.parametrize(
    ("table", "says"),
    [
        ("", "needs columns"),
        ("lead,status\n", "needs columns"),
        (b"lead_id,status\n\xff\xfe", "not UTF-8"),
        ("lead_id,status\n" + "x,y\n" * 10_001, "too many rows"),
    ],
)
def test_what_is_no_such_table_is_refused_whole(
    command: Command, school: TestSchool, tmp_path: Path, table: str | bytes, says: str
) -> None:
    assert says in imported(command, school, tmp_path / "t.csv", table)
