"""The client of ``ping_post``: who gets what, and when a lead stays in doubt."""

import itertools
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs
from uuid import UUID

import pytest

from models.domain.clock import FixedClock
from models.domain.delivery import DeliveryStatus as S
from models.domain.delivery import Outcome, Purpose, Step
from models.domain.errors import DeliveryError
from models.domain.sending import DestinationTest, Parcel
from models.exchange.kinds import KINDS
from models.exchange.presets import PRESETS
from models.exchange.sample import SAMPLE_AT
from models.outbound.http import HttpAnswer
from workers.destinations.ping_post.client import PingPostClient

SETTINGS, SECRETS = PRESETS["generic_ping_post"].expand(PRESETS["generic_ping_post"].examples)
ID = UUID(int=7)
BODY = KINDS["ping_post"].write(DestinationTest(ID, SAMPLE_AT), ID, SETTINGS)
Came = HttpAnswer | DeliveryError


def said(**what: Any) -> HttpAnswer:
    return HttpAnswer(200, {}, json.dumps(what).encode())


BID = said(response="success", leadAuctionId="A-1", bid=22.5)
BOUGHT = said(response="success", leadId=9)


@dataclass
class Way:
    """A way out that answers in turn."""

    answers: list[Came]
    asked: list[tuple[str, Mapping[str, str], dict[str, list[str]]]] = field(default_factory=list)
    total_seconds: float = 25.0

    def post(
        self, url: str, headers: Mapping[str, str], body: bytes, seconds: float | None = None
    ) -> HttpAnswer:
        assert seconds is not None
        assert 0 < seconds <= self.total_seconds
        self.asked.append((url, headers, parse_qs(body.decode())))
        answer = self.answers.pop(0)
        if isinstance(answer, DeliveryError):
            raise answer
        return answer


def send(*answers: Came, **settings: Any) -> tuple[Outcome, Way]:
    way = Way(list(answers))
    parcel = Parcel(ID, Purpose.LEAD, BODY, {**SETTINGS, **settings}, SECRETS)
    return PingPostClient(way, FixedClock(SAMPLE_AT)).send(parcel), way


def test_a_yes_is_posted_to_at_once_with_the_buyers_own_id() -> None:
    outcome, way = send(BID, BOUGHT, ping_url="https://ask.buyer.example/p")
    assert (outcome.status, outcome.step, outcome.reference) == (S.DELIVERED, Step.POST, "9")
    (asked, pinged, ping), (told, posted, post) = way.asked
    assert (asked, told) == ("https://ask.buyer.example/p", SETTINGS["url"])
    assert "idempotency-key" not in pinged, "a ping cannot be told from any other"
    assert posted["idempotency-key"].startswith("dlv_")
    assert (ping["Mode"], post["Mode"]) == (["ping"], ["post"])
    assert post["leadAuctionId"] == ["A-1"]
    assert ping["APIKey"] == post["APIKey"] == [SECRETS["api_key"]]


@pytest.mark.parametrize(
    ("answer", "status", "reason"),
    [
        (said(response="reject"), S.REJECTED, "no_bid"),
        (said(response="error", message="Quota Reached"), S.REJECTED, "full"),
        (said(response="success", leadAuctionId="A-1", bid=14.99), S.REJECTED, "price_too_low"),
        (said(response="success", leadAuctionId="A-1"), S.REJECTED, "price_too_low"),
        (said(response="success", bid=22.5), S.FAILED, "ping_without_id"),
        (said(response="later"), S.FAILED, "unknown_answer"),
        (HttpAnswer(503, {}, b""), S.PENDING, "http_503"),
        (DeliveryError("timeout", retryable=True), S.PENDING, "timeout"),
        (DeliveryError("forbidden_address", retryable=False), S.FAILED, "forbidden_address"),
    ],
)
def test_without_a_yes_nothing_of_the_student_leaves(answer: Came, status: S, reason: str) -> None:
    outcome, way = send(answer)
    assert (outcome.status, outcome.reason, outcome.step) == (status, reason, Step.PING)
    assert len(way.asked) == 1


@pytest.mark.parametrize(
    ("answer", "unsafe", "safe"),
    [
        (DeliveryError("timeout", retryable=True), S.IN_DOUBT, S.PENDING),
        (DeliveryError("closed_without_answer", retryable=True), S.IN_DOUBT, S.PENDING),
        (HttpAnswer(502, {}, b""), S.IN_DOUBT, S.PENDING),
        (DeliveryError("connection_refused", retryable=True), S.PENDING, S.PENDING),
        (HttpAnswer(429, {}, b""), S.PENDING, S.PENDING),
        (said(response="reject", reason="duplicate"), S.DUPLICATE, S.DUPLICATE),
        (said(response="reject", reason="bad_phone"), S.REJECTED, S.REJECTED),
        (said(response="who knows"), S.IN_DOUBT, S.IN_DOUBT),
        (HttpAnswer(400, {}, b""), S.FAILED, S.FAILED),
    ],
)
def test_a_post_that_may_have_arrived_stays_in_doubt_unless_the_buyer_knows_it_again(
    answer: Came, unsafe: S, safe: S
) -> None:
    for repeat, status in (("unsafe", unsafe), ("safe", safe)):
        outcome, _ = send(BID, answer, repeat=repeat)
        assert (outcome.status, outcome.step) == (status, Step.POST)


def test_a_yes_that_took_all_the_time_is_not_posted_to() -> None:
    way = Way([BID])
    moments = itertools.chain([0.0, 1.0], itertools.repeat(26.0))
    client = PingPostClient(way, FixedClock(SAMPLE_AT), lambda: next(moments))
    outcome = client.send(Parcel(ID, Purpose.LEAD, BODY, SETTINGS, SECRETS))
    assert (outcome.status, outcome.step, len(way.asked)) == (S.PENDING, Step.PING, 1)
