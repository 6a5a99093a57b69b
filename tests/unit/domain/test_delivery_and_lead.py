from datetime import UTC, datetime, timedelta

import pytest

from models.domain.delivery import (
    DEFAULT_SCHEDULE,
    TERMINAL,
    TRANSITIONS,
    DeliveryStatus,
    check_transition,
)
from models.domain.errors import TransitionError
from models.domain.lead import DispositionStatus as D
from models.domain.lead import LeadStatus, check_disposition, lead_status

NOW = datetime(2026, 11, 22, tzinfo=UTC)


def test_every_state_has_a_row_and_terminal_states_only_reopen_or_are_delivered() -> None:
    assert TRANSITIONS.keys() == set(DeliveryStatus)
    for state in TERMINAL:
        assert TRANSITIONS[state] <= {DeliveryStatus.PENDING, DeliveryStatus.DELIVERED}


def test_a_delivered_lead_cannot_become_failed() -> None:
    with pytest.raises(TransitionError, match="cannot go from delivered to failed"):
        check_transition(DeliveryStatus.DELIVERED, DeliveryStatus.FAILED)


def test_the_schedule_spreads_by_a_fifth_and_ends() -> None:
    assert DEFAULT_SCHEDULE.next_due(1, NOW, 0.0) == NOW + timedelta(seconds=4)
    assert DEFAULT_SCHEDULE.next_due(1, NOW, 1.0) == NOW + timedelta(seconds=6)
    assert DEFAULT_SCHEDULE.next_due(9, NOW, 0.5) == NOW + timedelta(hours=24)
    assert DEFAULT_SCHEDULE.next_due(10, NOW, 0.5) is None


def test_a_receiver_may_ask_for_more_time_but_not_for_ever() -> None:
    assert DEFAULT_SCHEDULE.next_due(1, NOW, 0.5, retry_after=60) == NOW + timedelta(seconds=60)
    assert DEFAULT_SCHEDULE.next_due(1, NOW, 0.5, retry_after=1) == NOW + timedelta(seconds=5)
    assert DEFAULT_SCHEDULE.next_due(1, NOW, 0.5, retry_after=1e9) == NOW + timedelta(hours=24)


@pytest.mark.parametrize(
    ("deliveries", "said", "status"),
    [
        ([], None, LeadStatus.ACCEPTED_BY_US),
        ([DeliveryStatus.PENDING], None, LeadStatus.ACCEPTED_BY_US),
        ([DeliveryStatus.FAILED, DeliveryStatus.DELIVERED], None, LeadStatus.SENT),
        ([DeliveryStatus.FAILED, DeliveryStatus.PENDING], None, LeadStatus.ACCEPTED_BY_US),
        ([DeliveryStatus.FAILED], None, LeadStatus.FAILED),
        ([DeliveryStatus.POISON], None, LeadStatus.FAILED),
        ([DeliveryStatus.IN_DOUBT], None, LeadStatus.UNCONFIRMED),
        ([DeliveryStatus.DELIVERED], D.ACCEPTED, LeadStatus.ACCEPTED),
        ([DeliveryStatus.PENDING], D.ENROLLED, LeadStatus.ENROLLED),
    ],
)
def test_the_schools_word_outweighs_what_deliveries_show(
    deliveries: list[DeliveryStatus], said: D | None, status: LeadStatus
) -> None:
    assert lead_status(deliveries, said) is status
    assert lead_status(deliveries, said, withdrawn=True) is LeadStatus.WITHDRAWN


def test_every_delivery_state_alone_gives_a_status_of_its_own_meaning() -> None:
    waiting = {DeliveryStatus.PENDING, DeliveryStatus.LEASED}
    for state in set(DeliveryStatus) - waiting:
        assert lead_status([state], None) is not LeadStatus.ACCEPTED_BY_US


def test_an_enrolled_student_was_not_rejected() -> None:
    check_disposition(None, D.ENROLLED)
    check_disposition(D.ACCEPTED, D.REJECTED)
    with pytest.raises(TransitionError):
        check_disposition(D.ENROLLED, D.REJECTED)
    with pytest.raises(TransitionError):
        check_disposition(D.RETURNED, D.ACCEPTED)
