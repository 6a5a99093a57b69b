"""The client of ``form_post`` on a way out of the test's own: proofs, tokens and what they cost."""

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs
from uuid import UUID

import pytest

from models.domain.clock import FixedClock
from models.domain.delivery import DeliveryStatus as S
from models.domain.delivery import Purpose, Step
from models.domain.errors import DeliveryError
from models.domain.sending import Parcel
from models.exchange.sample import SAMPLE_AT
from models.outbound.http import HttpAnswer
from workers.destinations.form_post.client import FormClient
from workers.destinations.form_post.tokens import Tokens

TOKEN_URL, URL = "https://id.example/token", "https://crm.example/leads"
SETTINGS: dict[str, Any] = {
    "url": URL,
    "format": "form",
    "fields": [],
    "auth": "oauth2",
    "token_url": TOKEN_URL,
    "client_id": "me",
    "outcomes": [
        {"name": "stale", "path": "code", "equals": "602", "is": "refresh"},
        {"name": "yes", "path": "ok", "equals": "true", "is": "delivered"},
    ],
}
YES = HttpAnswer(200, {}, b'{"ok":true}')
STALE = HttpAnswer(200, {}, b'{"code":602}')


@dataclass
class Way:
    """A way out: tokens are numbered, posts answered as the test says."""

    posts: list[HttpAnswer]
    tokens: list[HttpAnswer | DeliveryError] = field(default_factory=list)
    asked: list[tuple[str, Mapping[str, str], bytes, float]] = field(default_factory=list)
    total_seconds: float = 25.0
    pass_time: Callable[[str], None] = lambda _url: None

    def post(
        self, url: str, headers: Mapping[str, str], body: bytes, seconds: float | None = None
    ) -> HttpAnswer:
        self.asked.append((url, headers, body, seconds or 0))
        self.pass_time(url)
        if url == URL:
            return self.posts.pop(0)
        answer = self.tokens.pop(0) if self.tokens else token(f"t{self.fetched}")
        if isinstance(answer, DeliveryError):
            raise answer
        return answer

    @property
    def fetched(self) -> int:
        return sum(url == TOKEN_URL for url, *_ in self.asked)

    @property
    def shown(self) -> list[str]:
        return [h["authorization"] for url, h, *_ in self.asked if url == URL]


def token(text: str, lasts: object = 3600) -> HttpAnswer:
    said = {"access_token": text, "token_type": "bearer", "expires_in": lasts}
    return HttpAnswer(200, {}, json.dumps(said).encode())


class Time:
    """A monotonic clock that the test moves."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Client:
    """A client with everything a test may turn."""

    way: Way
    time: Time = field(default_factory=Time)

    def __post_init__(self) -> None:
        self.tokens = Tokens(self.time)

    def send(self, secrets: Mapping[str, Any] | None = None, **settings: Any) -> Any:
        client = FormClient(self.way, FixedClock(SAMPLE_AT), self.tokens, self.time)
        return client.try_out(
            Parcel(
                UUID(int=7),
                Purpose.LEAD,
                b"a=1",
                {**SETTINGS, **settings},
                secrets or {"client_secret": "s"},
            )
        )


def test_a_token_is_fetched_once_and_kept_until_it_runs_out() -> None:
    client = Client(Way([YES] * 4))
    for _ in range(2):
        assert client.send().outcome.status is S.DELIVERED
    client.time.now += 3600 - 61
    client.send()
    assert client.way.fetched == 1
    client.time.now += 2  # within its last minute
    client.send()
    assert client.way.shown == ["Bearer t1", "Bearer t1", "Bearer t1", "Bearer t2"]


def test_a_token_is_asked_for_as_the_standard_says() -> None:
    client = Client(Way([YES, YES]))
    client.send(scope="leads forms")
    _, headers, body, _ = client.way.asked[0]
    assert headers["content-type"] == "application/x-www-form-urlencoded"
    assert parse_qs(body.decode()) == {
        "grant_type": ["client_credentials"],
        "client_id": ["me"],
        "client_secret": ["s"],
        "scope": ["leads forms"],
    }
    client.send(client_auth="basic", client_id="m:e", secrets={"client_secret": "s&t"})
    _, headers, body, _ = client.way.asked[2]
    assert headers["authorization"] == "Basic " + base64.b64encode(b"m%3Ae:s%26t").decode()
    assert parse_qs(body.decode()) == {"grant_type": ["client_credentials"]}


@pytest.mark.parametrize("refusal", [STALE, HttpAnswer(401, {}, b"")])
def test_a_kept_token_that_is_no_longer_taken_is_fetched_anew_within_the_attempt(
    refusal: HttpAnswer,
) -> None:
    client = Client(Way([YES, refusal, YES, YES]))
    assert [client.send().outcome.status for _ in range(3)] == [S.DELIVERED] * 3
    assert client.way.shown == ["Bearer t1", "Bearer t1", "Bearer t2", "Bearer t2"]


@pytest.mark.parametrize("refusal", [STALE, HttpAnswer(401, {}, b"")])
def test_a_token_fetched_just_now_that_is_not_taken_is_tried_again_later(
    refusal: HttpAnswer,
) -> None:
    client = Client(Way([refusal, YES]))
    outcome = client.send().outcome
    assert (outcome.status, outcome.reason) == (S.PENDING, "token_not_taken")
    assert len(client.way.shown) == 1
    client.send()
    assert client.way.shown[-1] == "Bearer t2", "it was not kept"


@pytest.mark.parametrize(
    ("answer", "reason", "code", "slow"),
    [
        (HttpAnswer(401, {}, b'{"error":"invalid_client"}'), "token_refused", 401, False),
        (HttpAnswer(429, {}, b""), "token_http_429", 429, True),
        (HttpAnswer(503, {}, b""), "token_http_503", 503, False),
        (HttpAnswer(302, {}, b""), "token_http_302", 302, False),
        (HttpAnswer(200, {}, b"<html>"), "token_unreadable", 200, False),
        (HttpAnswer(200, {}, b"[]"), "token_unreadable", 200, False),
        (token(""), "token_unreadable", 200, False),
        (token("a\r\nx: y"), "token_unreadable", 200, False),
        (token("t", "soon"), "token_unreadable", 200, False),
        (DeliveryError("timeout", retryable=True), "token_timeout", None, False),
        (
            DeliveryError("address_not_allowed", retryable=False),
            "token_address_not_allowed",
            None,
            False,
        ),
    ],
)
def test_without_a_token_nothing_is_posted_and_the_attempt_says_where_it_ended(
    answer: HttpAnswer | DeliveryError, reason: str, code: int | None, slow: bool
) -> None:
    client = Client(Way([], tokens=[answer]))
    outcome = client.send().outcome
    assert (outcome.status, outcome.reason, outcome.code) == (S.PENDING, reason, code)
    assert (outcome.step, outcome.slow_destination) == (Step.TOKEN, slow)
    assert client.way.shown == []


def test_all_requests_of_an_attempt_share_its_time() -> None:
    client = Client(Way([YES]))
    client.send()

    def pass_time(_url: str) -> None:
        client.time.now += 9

    client.way.pass_time = pass_time
    client.way.posts = [STALE, YES]
    assert client.send().outcome.status is S.DELIVERED
    assert [seconds for *_, seconds in client.way.asked[2:]] == [25, 16, 7]
    client.tokens, client.way.total_seconds = Tokens(client.time), 9
    late = client.send().outcome
    assert (late.status, late.reason) == (S.PENDING, "timeout")
    assert len(client.way.shown) == 3, "nothing is posted when the time is over"


@pytest.mark.parametrize(
    ("settings", "secrets", "shown"),
    [
        ({"auth": "none"}, {}, None),
        ({"auth": "bearer"}, {"token": "T"}, "Bearer T"),
        (
            {"auth": "basic", "user_name": "u"},
            {"password": "pä"},
            "Basic " + base64.b64encode("u:pä".encode()).decode(),
        ),
    ],
)
def test_who_we_are_is_proved_as_the_settings_say(
    settings: dict[str, Any], secrets: dict[str, Any], shown: str | None
) -> None:
    client = Client(Way([YES]))
    client.send(secrets, **settings)
    [(url, headers, body, seconds)] = client.way.asked
    assert (url, body, seconds) == (URL, b"a=1", 25)
    assert headers.get("authorization") == shown
    assert headers["idempotency-key"] == "dlv_00000000000000000000000007"
    assert headers["content-type"] == "application/x-www-form-urlencoded"


def test_a_401_without_tokens_is_a_failure_that_somebody_must_mend() -> None:
    client = Client(Way([HttpAnswer(401, {}, b"")]))
    outcome = client.send({"token": "T"}, auth="bearer").outcome
    assert (outcome.status, outcome.reason) == (S.FAILED, "http_401")
