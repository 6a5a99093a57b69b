from datetime import UTC, datetime

import pytest

from models.domain.delivery import DeliveryStatus as S
from models.exchange.answers import outcome_of, read_retry_after

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("code", "status"),
    [
        *[(code, S.DELIVERED) for code in (200, 201, 202, 204, 299)],
        *[(code, S.PENDING) for code in (408, 425, 429, 500, 502, 503, 504, 599)],
        *[(code, S.FAILED) for code in (300, 301, 302, 307, 308, 400, 401, 403, 404, 410, 422)],
    ],
)
def test_each_code_has_its_outcome(code: int, status: S) -> None:
    assert outcome_of(code, None, b"", NOW).status is status


def test_410_disables_and_only_busy_codes_slow_the_destination() -> None:
    codes = [400, 408, 410, 425, 429, 500, 502, 503, 504]
    outcomes = {code: outcome_of(code, None, b"", NOW) for code in codes}
    assert [code for code in codes if outcomes[code].disable] == [410]
    assert [code for code in codes if outcomes[code].slow_destination] == [429, 502, 504]
    assert [code for code in codes if outcomes[code].destination_failed] == [500, 502, 503, 504]


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120),
        (" 0 ", 0),
        ("Sun, 22 Nov 2026 12:01:00 GMT", 60),
        ("Sun, 22 Nov 2026 11:00:00 GMT", 0),
        ("Sun, 22 Nov 2026 12:01:00 -0000", 60),
        ("Fri, 31 Dec 9999 23:59:59 GMT", (datetime.max.replace(tzinfo=UTC) - NOW).total_seconds()),
        ("9" * 300, float("9" * 300)),
        ("9" * 5000, None),
        ("-5", None),
        ("1.5", None),
        ("٣", None),
        ("soon", None),
        ("Sun, 99 Nov 2026 99:01:00 GMT", None),
        ("", None),
        (None, None),
    ],
)
def test_retry_after_is_read_in_every_form_and_rubbish_ignored(
    value: str | None, seconds: float | None
) -> None:
    found = read_retry_after(value, NOW)
    assert found is None if seconds is None else found == pytest.approx(seconds, abs=1)


def test_of_an_answer_only_the_head_is_kept() -> None:
    assert outcome_of(500, None, b"x" * 5000, NOW).answer_head == b"x" * 1024
