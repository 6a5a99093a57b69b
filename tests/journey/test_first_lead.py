"""The journey: a student's answers go in at one end, a signed lead arrives at a school."""

import json

from tests.support.browser import Browser
from tests.support.running import RunningSystem, eventually


def test_a_students_answers_become_a_signed_lead_that_the_school_accepts(
    running_system: RunningSystem, student: Browser
) -> None:
    student.open("/")
    student.choose("High school diploma or GED")
    student.fill("ZIP or postal code", "10940")
    student.fill("Field of study", "medical records technician")
    student.press("Show programs")
    assert student.heading == "Programs for you"

    student.follow("Ask for information")
    student.fill("First name", "Zo\u00eb")
    student.fill("Last name", "Example")
    student.fill("Email address", "zoe@example.com")
    student.choose("Yes")
    student.press("Continue")

    assert student.heading == "Check and agree"
    student.choose("Email.")
    student.press("Send my request to 1 school")
    assert student.heading == "Your request is on its way"

    request_id = student.address.rstrip("/").rpartition("/")[2]
    [lead] = eventually(lambda: running_system.received(request_id))
    assert lead["verified"] is True
    body = json.loads(lead["body"])
    assert body["type"] == "lead.created"
    assert body["data"]["student"]["email"] == "zoe@example.com"
    assert body["data"]["consented_channels"] == ["email"]
    assert "phone" not in body["data"]["student"]

    def accepted() -> bool:
        student.reload()
        return "Accepted by the school" in student.text

    assert eventually(accepted)
