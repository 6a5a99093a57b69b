"""Global Privacy Control (`Sec-GPC: 1`) is honoured, and the pages say so (CCPA § 7025)."""

from uuid import uuid4

from tests.integration.web.conftest import Asking

GPC = {"Sec-GPC": "1"}
NOTE = 'id="privacy-control"'


def test_it_is_shown_where_somebody_types_and_only_to_who_sends_it(asking: Asking) -> None:
    client, found = asking.world.app.test_client(), asking.world.search()
    asked = next(one for one in found["results"] if one["request"] == "here")
    form = f"/request?slate_id={found['slate_id']}&listing_id={asked['listing_id']}"
    form += "&age_18_or_over=yes"
    for address in (form, "/privacy", "/privacy?lang=es", "/privacy?lang=fr"):
        assert NOTE in client.get(address, headers=GPC).text, address
        for other in ({}, {"Sec-GPC": "0"}):
            assert NOTE not in client.get(address, headers=other).text, address
    assert "Sec-GPC" in client.get("/privacy").headers["Vary"]


def test_what_is_sent_under_it_reaches_the_ticked_schools_alone_and_is_noted(
    asking: Asking,
) -> None:
    world, found = asking.world, asking.world.search()
    asked = [one for one in found["results"] if one["request"] == "here"]
    body = world.body(found, asked[0])
    answer = world.client.post(
        "/api/v1/requests", json=body, headers={**GPC, "Idempotency-Key": uuid4().hex}
    )
    assert answer.status_code == 202, answer.text
    ticked = {asked[0]["school"]["id"]}
    assert {lead["school_id"] for lead in answer.json["leads"]} == ticked
    assert world.rows("SELECT privacy_control FROM request") == [(True,)]
    assert {f"sch_{row[0]}" for row in world.rows("SELECT unitid FROM lead")} == ticked
