"""A school's own documentation: its ids, calls that work as they stand, a script that runs."""

import json
import shlex
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from models.domain.ids import Prefix, show
from models.domain.organization import Scope, make_api_key
from models.exchange.lead_table import LEAD_TABLE
from models.exchange.signing import verified
from tests.support.browser import PlainBrowser
from tests.support.leads import SIGNING_KEY
from tests.support.staff import Person, Rooms, room


@pytest.fixture
def here(rooms: Rooms, member_a: Person) -> PlainBrowser:
    browser = rooms.log_in(member_a)
    rooms.leads.lead(rooms.schools["B"])
    rooms.leads.lead(rooms.schools["A"])
    browser.open(room(rooms.schools["A"], "documentation"))
    return browser


def raw(browser: PlainBrowser, name: str) -> str:
    """A block of code as it is copied."""
    [block] = [each for each in browser.page.all("pre") if each["aria-label"] == name]
    [inside] = block.all("code")
    return "".join(child for child in inside.children if isinstance(child, str))


def calls(browser: PlainBrowser) -> list[list[str]]:
    """The words of each example, as a shell reads them."""
    blocks = [each for each in browser.page.all("pre") if each["aria-label"].startswith("Example:")]
    return [shlex.split(raw(browser, each["aria-label"])) for each in blocks]


def test_each_example_works_with_a_key_of_its_scopes(rooms: Rooms, here: PlainBrowser) -> None:
    school = rooms.schools["A"]
    lead = show(Prefix.LEAD, next(iter(rooms.rows("lead"))).id)
    assert "smk_" not in here.reply.body
    assert show(Prefix.ORGANIZATION, rooms.schools["B"].organization_id) not in here.reply.body
    with rooms.unit_of_work() as work:
        key = make_api_key("CRM", list(Scope))
        work.organizations.add_api_key(school.organization_id, key, rooms.clock.now())
    found = calls(here)
    assert len(found) == 3
    for words in found:
        start = words.index("curl")
        method, url = words[start + 2], words[start + 3]
        assert url.startswith(rooms.app.extensions["schoolmatch"].public_url)
        headers = dict(
            words[at + 1].split(": ", 1) for at, word in enumerate(words) if word == "-H"
        )
        body = words[words.index("-d") + 1] if "-d" in words else None
        if "webhook-id" in headers:
            body = words[words.index("printf") + 2]
            now = str(int(rooms.clock.now().timestamp()))
            headers = {
                "webhook-id": "msg_1",
                "webhook-timestamp": now,
                "webhook-signature": run(here, "sign", SIGNING_KEY, body, "msg_1", now).strip(),
            }
        else:
            presented = headers["Authorization"].replace("$SCHOOLMATCH_KEY", key.presented)
            headers["Authorization"] = presented
        answer = rooms.client.open(
            urlsplit(url).path,
            method=method,
            headers=headers,
            data=body,
            content_type="application/json" if body else None,
        )
        assert answer.status_code == 200, (url, answer.text)
    assert lead.startswith("lead_")
    assert {row.status for row in rooms.rows("disposition")} == {"accepted"}
    assert {row.lead_id for row in rooms.rows("disposition")} == {
        each.id for each in rooms.rows("lead") if each.organization_id == school.organization_id
    }


def run(browser: PlainBrowser, does: str, key: str, body: str, *words: str) -> str:
    """Run the script as the page shows it, in a folder of its own."""
    import tempfile

    with tempfile.TemporaryDirectory(dir="/var/tmp") as folder:
        script, kept = Path(folder, "schoolmatch_webhooks.py"), Path(folder, "key.txt")
        script.write_text(raw(browser, script.name))
        kept.write_text(key + "\n")
        done = subprocess.run(
            [sys.executable, "-I", script, does, kept, *words],
            input=body,
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.stderr == ""
    return done.stdout


def test_the_signature_shown_is_right_and_the_script_says_so_of_that_one_alone(
    rooms: Rooms, here: PlainBrowser
) -> None:
    lines = dict(line.split(": ", 1) for line in raw(here, "Its signature").splitlines())
    body = json.dumps(
        json.loads(raw(here, "A lead, for people to read")),
        ensure_ascii=False,
        separators=(",", ":"),
    )
    key = here.page.with_text("p", "signs nothing else").one("code").text
    message = (lines["webhook-id"], lines["webhook-timestamp"])
    signature = lines["webhook-signature"]
    now = rooms.clock.now().timestamp()
    assert verified((*message, body.encode()), signature, [key], now)
    assert "found the signature below right" in here.text
    assert run(here, "check", key, body, *message, f"v1,AAAA {signature}").startswith("signed")
    assert run(here, "check", key, body + " ", *message, signature).startswith("NOT")
    assert run(here, "check", SIGNING_KEY, body, *message, signature).startswith("NOT")
    assert run(here, "check", key, body, *message, "v1,é").startswith("NOT")


def test_tables_and_statuses_are_those_that_are_declared(here: PlainBrowser) -> None:
    [columns] = [row for row in here.page.all("div") if row.text.startswith("Leads by e-mail")]
    assert [code.text for code in columns.all("code")] == [row["to"] for row in LEAD_TABLE]
    assert "May be followed by: enrolled, returned." in here.text
    assert "Returned. Nothing follows." in here.text
