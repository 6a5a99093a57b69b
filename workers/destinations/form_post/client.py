"""Posts a parcel as the fields of a school's own system, and reads the answer by its rules."""

import time
from collections.abc import Callable
from dataclasses import replace

from models.domain.clock import Clock
from models.domain.delivery import DeliveryStatus, Outcome, Step
from models.domain.errors import DeliveryError
from models.domain.sending import Parcel
from models.exchange.answers import unanswered
from models.exchange.outcome_rules import Answer, Judged, judge, read_rules
from models.exchange.requests import form_request
from workers.destinations.form_post.tokens import Token, TokenError, Tokens
from workers.outbound.outside import Outside
from workers.outbound.ports import Http

# One for all sender threads of a process: a token serves them all.
_TOKENS = Tokens()
_REFUSED = 401


def make(outside: Outside) -> "FormClient":
    """Make the client of one sender thread."""
    return FormClient(outside.http, outside.clock, _TOKENS)


class FormClient:
    """Sends the frozen bytes, with credentials put in; no redirect is followed.

    A token that was kept and is no longer taken is fetched anew, and the post tried once more: the
    first was refused, so nothing is sent twice. All requests of an attempt share its time.
    """

    def __init__(
        self,
        http: Http,
        clock: Clock,
        tokens: Tokens,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._http = http
        self._clock = clock
        self._tokens = tokens
        self._monotonic = monotonic

    def send(self, parcel: Parcel) -> Outcome:
        """Send once and judge the answer."""
        return self.try_out(parcel).outcome

    def try_out(self, parcel: Parcel) -> Judged:
        """Send once; tell also which rule judged the answer, and what it said."""
        until = self._monotonic() + self._http.total_seconds
        try:
            token = self._token(parcel, until)
            judged = self._post(parcel, token, until)
            if token is not None and _stale(judged):
                self._tokens.drop(parcel, token)
                if token.kept:
                    token = self._token(parcel, until)
                    judged = self._post(parcel, token, until)
            return _mendable(judged) if token is not None else judged
        except TokenError as error:
            outcome = unanswered(error)
            busy = error.code in (429, 502, 504)
            return Judged(
                replace(
                    outcome,
                    code=error.code,
                    answer_head=error.head,
                    slow_destination=busy,
                    step=Step.TOKEN,
                )
            )
        except DeliveryError as error:
            return Judged(unanswered(error))

    def _token(self, parcel: Parcel, until: float) -> Token | None:
        if parcel.settings["auth"] != "oauth2":
            return None
        try:
            return self._tokens.take(self._http, parcel, self._left(until))
        except TokenError:
            raise
        except DeliveryError as error:
            raise TokenError(f"token_{error.reason}") from error

    def _post(self, parcel: Parcel, token: Token | None, until: float) -> Judged:
        made = form_request(parcel, None if token is None else token.text)
        answer = self._http.post(made.url, made.headers, made.body, self._left(until))
        read = Answer(answer.code, answer.body, answer.headers.get("retry-after"))
        return judge(read, read_rules(parcel.settings["outcomes"]), self._clock.now())

    def _left(self, until: float) -> float:
        left = until - self._monotonic()
        if left <= 0:
            raise DeliveryError("timeout", retryable=True)
        return left


def _stale(judged: Judged) -> bool:
    """Whether the answer says that the token is not taken; a rule that knows better goes first."""
    return judged.refresh or (judged.rule is None and judged.outcome.code == _REFUSED)


def _mendable(judged: Judged) -> Judged:
    """A token fetched just now that is not taken can be mended by the school: try again later."""
    if not _stale(judged):
        return judged
    outcome = replace(judged.outcome, status=DeliveryStatus.PENDING, reason="token_not_taken")
    return replace(judged, outcome=outcome)
