"""A buyer of leads, played: it answers 200 to everything and says no in the body."""

import json
import time
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

from workers.mocks import MockReceiver, Received, Reply

GOOD = "good"
AUCTION, BID = 4711, 22.5
# What each case says, to a ping and to a post; None: a yes.
_CASES: Mapping[str, tuple[Mapping[str, Any] | None, Mapping[str, Any] | None]] = {
    GOOD: (None, None),
    "no_bid": ({"response": "reject", "reason": "no_coverage"}, None),
    "quota_reached": ({"response": "error", "message": "Quota Reached"}, None),
    "low_price": ({"response": "success", "leadAuctionId": AUCTION, "bid": 1}, None),
    "seen_before": (None, {"response": "reject", "reason": "duplicate"}),
    "refused": (None, {"response": "reject", "reason": "bad_phone"}),
    "post_breaks": (None, None),
    "notice_page": (None, None),
}
_JSON = {"content-type": "application/json"}


class MockSystem(MockReceiver):
    """A buyer on a free port of this machine, while its block lasts."""

    def __init__(
        self, name: str, case: str = GOOD, *, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        del name, monotonic
        super().__init__(lambda received: _answer(received, case))

    @staticmethod
    def cases(name: str) -> tuple[str, ...]:
        """List the cases, ``good`` first."""
        del name
        return tuple(_CASES)

    def stand_in(self, settings: Mapping[str, Any]) -> dict[str, Any]:
        """Point settings at this mock instead of the real buyer; paths stay as they are."""
        moved = dict(settings)
        for name in ("url", "ping_url"):
            if name in moved:
                moved[name] = f"{self.host}{urlsplit(str(moved[name])).path}"
        return moved


def _answer(received: Received, case: str) -> Reply:
    sent = {name: values[0] for name, values in parse_qs(received.body.decode()).items()}
    is_ping = sent.get("Mode") == "ping"
    if case == "notice_page":
        return Reply(200, {"content-type": "text/html"}, b"<title>We will be back soon</title>")
    if case == "post_breaks" and not is_ping:
        return Reply(502)
    said = _CASES[case][0 if is_ping else 1] or _judge(sent, is_ping=is_ping)
    return Reply(200, _JSON, json.dumps(said).encode())


def _judge(sent: Mapping[str, str], *, is_ping: bool) -> Mapping[str, Any]:
    if not sent.get("APIKey"):
        return {"response": "error", "message": "APIKey is not valid"}
    if is_ping:
        return {"response": "success", "leadAuctionId": AUCTION, "bid": BID}
    if sent.get("leadAuctionId") != str(AUCTION) or not sent.get("Email"):
        return {"response": "error", "message": "leadAuctionId is not known"}
    return {"response": "success", "leadId": 90210}
