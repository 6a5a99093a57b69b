"""What some pages need before they can be seen: careers, a school that asks, links of mails."""

import base64
import tempfile
from functools import partial
from pathlib import Path
from time import time
from uuid import UUID

import redis

from models.domain.ids import Prefix, read, show
from models.domain.tokens import TokenSigner
from service.slate_cache import counter_of
from tests.support.asking import Asker, askable
from tests.support.careers import ASSISTANTS, MEDICAL_RECORDS, a_career, write_careers
from tests.support.installation import eventually
from tests.support.running import RATE_PER_MINUTE, RunningSystem

# A search whose school asks questions of its own; no other state of a page asks that school.
ASKING_SCHOOL = {"education_level": "high_school", "postal_code": "77001", "query": "welding"}
# Who asks from there has asked too much already (an address for documentation, RFC 5737).
ADDRESS_WITH_NOTHING_LEFT = "203.0.113.9"
# Addresses that are only known once they were made, by the name of what they show.
ADDRESSES: dict[str, str] = {}


def prepare(system: RunningSystem) -> None:
    """Make what the states of ``states.py`` lean on, in a system that nobody prepared."""
    _lead_fields_to_careers(system)
    _let_a_school_ask(system)
    ADDRESSES.update(_links_of_mails(system))
    _count_one_out(system)


def _lead_fields_to_careers(system: RunningSystem) -> None:
    with tempfile.TemporaryDirectory() as folder:
        rows = [("5107", a_career(MEDICAL_RECORDS, ASSISTANTS))]
        file = write_careers(Path(folder) / "careers.parquet", rows)
        system.run("catalog", "import", str(file), "--release", "May 2026")


def _let_a_school_ask(system: RunningSystem) -> None:
    asker = Asker(system.port, timeout=30)
    [school] = askable(asker.search(**ASKING_SCHOOL))
    school_id = school["school"]["id"]
    add = ("school", "question", "add", school_id)
    system.run(*add, "gpa", "What is your grade point average?", "--kind=number", "--least=2.5")
    done = "What is your highest level of education completed?"
    options = ("--option=ninth=Ninth grade", "--option=diploma=High school diploma or GED")
    system.run(*add, "done", done, "--kind=choice", *options, "--refuse=ninth")
    system.run(*add, "why", "Why this field?", "--optional")

    def asks() -> bool:
        listing = askable(matches := asker.search(**ASKING_SCHOOL))[0]
        query = f"slate_id={matches['slate_id']}&listing_ids={listing['listing_id']}"
        return "grade point average" in str(asker.ask("GET", f"/api/v1/request-form?{query}"))

    eventually(asks)  # the web hears of it within a second


def _count_one_out(system: RunningSystem) -> None:
    """Let one address have asked all it may, for as long as anybody looks at pages."""
    with redis.Redis.from_url(system.setting("REDIS_URL")) as counters:
        minute = int(time()) // 60
        for later in range(4 * 60):
            counter = counter_of(minute + later, ADDRESS_WITH_NOTHING_LEFT)
            counters.set(counter, RATE_PER_MINUTE, ex=4 * 60 * 60)


def _links_of_mails(system: RunningSystem) -> dict[str, str]:
    """Links to confirm an address by: to follow, followed, too late; and three to stop mail by."""
    [key] = [
        line.partition("=")[2].strip("'")
        for line in (system.folder / "secrets.env").read_text().splitlines()
        if line.startswith("TOKEN_KEY=")
    ]
    signer, links = TokenSigner(base64.b64decode(key)), {}
    for name, left in (("confirm", "2 days"), ("confirmed", "2 days"), ("too-late", "-1 minute")):
        shown, request_id = _ask(system, name)
        system.ask_database(
            "UPDATE lead SET confirm_by = now() + CAST(:left AS interval) "
            "WHERE request_id = :id RETURNING 1",
            left=left,
            id=request_id,
        )
        if name == "confirmed":
            confirmed = "UPDATE request SET email_confirmed_at = now() WHERE id = :id RETURNING 1"
            system.ask_database(confirmed, id=request_id)
        whose = system.ask_database("SELECT email_index FROM request WHERE id = :id", id=request_id)
        assert isinstance(whose, bytes)
        links[name] = f"/confirm/{shown}/{signer.confirmation(request_id, whose)}"
    for name in ("unsubscribe", "unsubscribed", "subscribed-again"):
        _, request_id = _ask(system, name)
        asked = "SELECT id FROM message WHERE request_id = :id"
        look = partial(system.ask_database, asked, id=request_id)
        message_id = UUID(str(eventually(look)))  # a worker writes the receipt a moment later
        token = signer.unsubscription(message_id)
        links[name] = f"/unsubscribe/{show(Prefix.MESSAGE, message_id)}/{token}"
    return links


def _ask(system: RunningSystem, name: str) -> tuple[str, UUID]:
    """Send a request under an address of its own; its id, as shown and as kept."""
    asker = Asker(system.port, timeout=30)
    matches = asker.search()
    body = asker.body(matches, askable(matches)[0])
    body["student"] = {**body["student"], "email": f"{name}@example.com"}
    shown = asker.send(body, f"prepared-{name}")["request_id"]
    return shown, read(Prefix.REQUEST, shown)
