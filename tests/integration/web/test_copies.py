"""What is kept of a student, as a file for them; after deletion, a receipt that nothing is."""

import json
from typing import Any

from tests.integration.web.conftest import Sent

LINK, RECEIPT = "Download what we keep about you", "Download a receipt of the deletion"


def copy_of(sent: Sent) -> dict[str, Any]:
    sent.browser.open(f"/requests/{sent.reference}/copy")
    reply = sent.browser.reply
    assert reply.status == 200
    assert reply.header("Cache-Control") == "no-store"
    assert "attachment" in reply.header("Content-Disposition")
    document: dict[str, Any] = json.loads(reply.body)
    return document


def test_a_student_gets_everything_that_is_kept_of_them_and_later_a_receipt(sent: Sent) -> None:
    sent.deliver(2)
    assert LINK in sent.page()
    kept = copy_of(sent)
    assert kept["request_id"] == sent.reference
    assert kept["about_you"]["first_name"] == "Zoë"
    assert kept["about_you"]["phone"] == "+14045550123"
    assert kept["search"]["postal_code"] == "10940"
    assert kept["evidence"]["address"]
    assert len(kept["schools"]) == 2
    bodies = [json.loads(each["as_it_left"]) for one in kept["schools"] for each in one["sent"]]
    assert sorted(each["data"]["lead_id"] for each in bodies) == sorted(
        each["data"]["lead_id"] for each in sent.told()
    )
    for school in kept["schools"]:
        assert {one["channel"] for one in school["consents"]} == {"email", "call", "text"}
        assert all(one["name"] == ["Zoë", "Example"] for one in school["consents"])
        [lead] = school["sent"]
        assert (lead["purpose"], lead["status"]) == ("lead", "delivered")
        assert [one["outcome"] for one in lead["tries"]] == ["delivered"]

    sent.browser.open(f"/requests/{sent.reference}/delete")
    sent.browser.press("Delete everything")
    sent.deliver(4)
    assert LINK not in sent.page()
    assert RECEIPT in sent.browser.text
    receipt = copy_of(sent)
    assert receipt["about_you"] is None
    assert all(one["asked_to_delete"]["arrived_at"] for one in receipt["schools"])
    assert receipt["what_stays"]
    assert "Example" not in json.dumps(receipt)


def test_a_copy_is_for_nobody_else(sent: Sent) -> None:
    sent.browser.cookies.clear()
    sent.browser.open(f"/requests/{sent.reference}/copy")
    assert sent.browser.reply.status == 403
    assert "Example" not in sent.browser.reply.body
