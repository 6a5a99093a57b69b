"""No packet reaches a forbidden address: watched in a network where each of them is reachable."""

import json
import os
import shutil
import subprocess
import sys
from typing import Any

import pytest

from tests.support.closed_network import INSIDE, PUBLIC
from tests.support.forbidden import FORBIDDEN

# Another spelling of one that is there, or none that TCP can be spoken to.
_NOBODY_CAN = 7


@pytest.fixture(scope="module")
def told() -> dict[str, Any]:
    """What was tried in that network, what was said to it, and what left."""
    enter = ["unshare", "--net", "--mount"]
    if shutil.which("unshare") is None or shutil.which("ip") is None:
        pytest.skip("unshare and ip are not here (Debian: util-linux, iproute2): no network apart")
    may = subprocess.run([*enter, "true"], capture_output=True, check=False)
    if os.geteuid() != 0 or may.returncode != 0:
        pytest.skip("a network apart needs root, and a kernel that gives one")
    done = subprocess.run(
        [*enter, sys.executable, "-m", "tests.support.closed_network"],
        capture_output=True,
        check=False,
        timeout=240,
    )
    assert done.returncode == 0, done.stderr.decode()
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def _addresses(told: dict[str, Any], attempt: str) -> set[str]:
    return {address for address, _ in told[attempt]["left"]}


def test_the_watch_sees_what_a_build_without_a_guard_sends_invariant_11(
    told: dict[str, Any],
) -> None:
    seen = _addresses(told, "unguarded")
    assert len(seen) >= len(FORBIDDEN) - _NOBODY_CAN
    assert {"10.1.2.3", INSIDE, "127.0.0.1", "64:ff9b::a9fe:a9fe", "2002:7f00:1::"} <= seen


def test_no_packet_goes_to_a_literal_by_any_way_out_invariant_11(told: dict[str, Any]) -> None:
    assert told["literals"]["left"] == []
    assert set(told["literals"]["said"]) == {"address_not_allowed"}


def test_no_packet_follows_a_redirect_invariant_11(told: dict[str, Any]) -> None:
    """The receiver itself stands on this machine; redirects name a port of their own."""
    assert set(told["redirects"]["said"]) == {"301", "302", "303", "307", "308"}
    assert not [one for one in told["redirects"]["left"] if one[1] == 9]
    assert _addresses(told, "redirects") == {"127.0.0.1"}


def test_a_name_that_changes_its_answer_leads_nowhere_else_invariant_11(
    told: dict[str, Any],
) -> None:
    assert _addresses(told, "rebinding") == {PUBLIC}
    assert "address_not_allowed" in told["rebinding"]["said"]
