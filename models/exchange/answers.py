"""Reading an HTTP answer: which outcomes are final, which may be tried again, and when."""

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from models.domain.delivery import DeliveryStatus, Outcome
from models.domain.errors import DeliveryError

_AGAIN = frozenset({408, 425, 429})
_SLOWER = frozenset({429, 502, 504})
_DIGITS = re.compile(r"[0-9]{1,400}")
_HEAD = 1024


def outcome_of(code: int, retry_after: str | None, body: bytes, now: datetime) -> Outcome:
    """Judge an answer by its status code alone, as webhooks do (delivery.md, States).

    A 2xx is delivered; 408, 425, 429 and 5xx may be tried again; 410 says the destination is gone;
    everything else fails for good, a redirect too: it is never followed.

    Args:
        code: the HTTP status.
        retry_after: that header, if there was one.
        body: what was read of the answer.
        now: to read a date in ``retry_after``.
    """
    head = body[:_HEAD]
    if 200 <= code < 300:
        return Outcome(DeliveryStatus.DELIVERED, "delivered", code, answer_head=head)
    if code in _AGAIN or code >= 500:
        return Outcome(
            DeliveryStatus.PENDING,
            f"http_{code}",
            code,
            retry_after=read_retry_after(retry_after, now),
            slow_destination=code in _SLOWER,
            answer_head=head,
        )
    reason = "redirect_not_followed" if 300 <= code < 400 else f"http_{code}"
    return Outcome(DeliveryStatus.FAILED, reason, code, disable=code == 410, answer_head=head)


def unanswered(error: DeliveryError) -> Outcome:
    """Judge an attempt that no answer came to."""
    status = DeliveryStatus.PENDING if error.retryable else DeliveryStatus.FAILED
    return Outcome(status, error.reason, retry_after=error.retry_after)


def read_retry_after(value: str | None, now: datetime) -> float | None:
    """Read ``Retry-After``: seconds or a date; rubbish is as if it were not there.

    Returns:
        Seconds from now, at least 0; whoever uses them sets the limit.
    """
    text = (value or "").strip()
    if _DIGITS.fullmatch(text):
        return float(text)
    try:
        moment = parsedate_to_datetime(text)
        # "-0000" reads as a date without a zone: it is UTC all the same.
        moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
        return max((moment - now).total_seconds(), 0.0)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
