"""The worker and Valkey die between a confirmation and its delivery, on the whole product."""

import json
import os
import signal
from typing import Any
from uuid import uuid4

import pytest

from tests.support.asking import Asker, askable
from tests.support.installation import Installation, eventually


def _signal(installation: Installation, name: str, number: signal.Signals) -> None:
    for pid in installation.processes(name):
        os.kill(pid, number)


def _confirmed_but_not_delivered(installation: Installation) -> Any:
    """A request that the student saw confirmed while the worker could deliver nothing."""
    _signal(installation, "worker", signal.SIGSTOP)
    asker = Asker(installation.port)
    matches = asker.search()
    accepted = asker.send(asker.body(matches, askable(matches)[0]), uuid4().hex)
    assert _of_request(installation, accepted) == []
    return accepted


def _of_request(installation: Installation, accepted: Any) -> list[dict[str, Any]]:
    [lead] = accepted["leads"]
    return [each for each in installation.received() if lead["lead_id"] in each["body"]]


def _arrives_once(installation: Installation, accepted: Any) -> None:
    eventually(lambda: _of_request(installation, accepted))
    # The school's answer has come back: nothing about this lead is left to send.
    asker = Asker(installation.port)
    eventually(lambda: asker.status(accepted)["leads"][0]["status"] == "accepted")
    [arrived] = _of_request(installation, accepted)
    assert arrived["verified"] is True
    assert arrived["duplicates"] == 0
    body = json.loads(arrived["body"])
    assert body["type"] == "lead.created"
    assert body["data"]["lead_id"] == accepted["leads"][0]["lead_id"]


def test_a_killed_worker_and_valkey_come_back_and_the_lead_arrives_once_invariants_4_and_5(
    installation: Installation,
) -> None:
    """Accepted means kept: the supervisor brings both back, and the lead arrives."""
    accepted = _confirmed_but_not_delivered(installation)
    for name in ("worker", "valkey"):
        _signal(installation, name, signal.SIGKILL)
    _arrives_once(installation, accepted)
    for name in ("worker", "valkey"):
        assert f"{name} ended (killed by SIGKILL)" in installation.output
        assert f"{name} runs again" in installation.output


@pytest.mark.parametrize(
    "supervisor", [pytest.param("interrupted", marks=pytest.mark.slow), "killed"]
)
def test_after_a_whole_restart_the_lead_arrives_once_invariants_4_and_5(
    installation: Installation, supervisor: str
) -> None:
    accepted = _confirmed_but_not_delivered(installation)
    for name in ("worker", "valkey"):
        _signal(installation, name, signal.SIGKILL)
    # Before the supervisor's back-off has passed.
    if supervisor == "killed":
        installation.kill()
    else:
        assert installation.interrupt() == 0
    assert "worker runs again" not in installation.output
    installation.start()
    _arrives_once(installation, accepted)
