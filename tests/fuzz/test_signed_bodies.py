"""Odd bodies that a school's system has signed: what is refused says why and counts for nothing."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from models.domain.ids import Prefix, show
from models.exchange.signing import sign
from tests.fuzz.odd import odd_bytes, odd_json, odd_text, search
from tests.support.leads import SIGNING_KEY
from tests.support.staff import Rooms

ANSWERS = {200, 400, 404, 409, 413, 415, 422}
TYPES = ("application/json", "application/json", "application/cloudevents+json", "text/plain", "")


@st.composite
def odd_body(draw: st.DrawFn, lead_id: str) -> bytes:
    """Draw a webhook's body, as it should be but for some of it."""
    data: dict[str, Any] = {"lead_id": lead_id, "status": "accepted", "reason": "a", "at": None}
    document: Any = {"type": "lead.disposition", "timestamp": "2026-11-22T12:00:00Z", "data": data}
    statuses = st.sampled_from(["accepted", "rejected", "returned", "ENROLLED", "contacted"])
    moments = st.sampled_from(["2026-11-22T11:00:00Z", "9999-12-31T23:59:59-12:00", "2026-11-22"])
    for name in draw(st.lists(st.sampled_from([*data, "mood"]), max_size=2)):
        data[name] = draw(st.one_of(statuses, moments, odd_json))
    for name in draw(st.lists(st.sampled_from([*document, "more"]), max_size=1)):
        document[name] = draw(odd_json)
    if draw(st.integers(0, 5)) == 0:
        document = draw(odd_json)
    written = json.dumps(document).encode()
    return draw(st.one_of(st.just(written), odd_bytes(written), st.just(b"[" * 100_000)))


def test_a_signed_body_counts_whole_or_says_why_not(rooms: Rooms) -> None:
    school = rooms.schools["A"]
    lead, theirs = rooms.leads.lead(school), rooms.leads.lead(rooms.schools["B"])
    shown = show(Prefix.LEAD, lead)
    address = f"/api/v1/destinations/{show(Prefix.DESTINATION, school.destination_id)}/dispositions"
    at = int(rooms.clock.now().timestamp())
    lead_ids = st.sampled_from([shown, show(Prefix.LEAD, theirs)])

    def counted() -> list[tuple[Any, ...]]:
        applied = ("applied", "repeated")
        return sorted((r.id, r.lead_id) for r in rooms.rows("disposition") if r.verdict in applied)

    @search(times=5)
    @given(body=lead_ids.flatmap(odd_body), kind=st.sampled_from(TYPES), message=odd_text)
    def say(body: bytes, kind: str, message: str) -> None:
        before = counted()
        # What no header can hold never leaves a school's system.
        name = "".join(c for c in message if c.isprintable() and c.isascii()).strip() or "msg_1"
        headers = {
            "webhook-id": name,
            "webhook-timestamp": str(at),
            "webhook-signature": sign(name, at, body, [SIGNING_KEY]),
            "Content-Type": kind,
        }
        answer = rooms.client.post(address, data=body, headers=headers)
        said = f"{answer.status_code} {answer.text[:300]} {body[:300]!r}"
        assert answer.status_code in ANSWERS, said
        if answer.status_code == 200:
            assert answer.json is not None, said
            assert answer.json["lead_id"] == shown, said
            assert len(counted()) == len(before) + 1, said
            return
        assert answer.mimetype == "application/problem+json", said
        assert answer.json is not None, said
        assert answer.json.get("detail") or answer.json.get("errors"), said
        assert counted() == before, said

    say()
    assert {row.lead_id for row in rooms.rows("disposition")} <= {lead}
