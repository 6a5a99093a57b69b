from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import Engine, text

from models.db.crypto import Keyring
from models.domain.delivery import DeliveryStatus, Outcome, Purpose
from models.domain.errors import ConflictError
from models.domain.ids import new_id
from models.domain.lead import DispositionStatus as D
from models.domain.lead import LeadStatus, Verdict
from models.domain.sending import Settlement
from tests.support.leads import NOW, Leads, TestSchool, eventually
from tests.support.sponsored import hold_place

S = DeliveryStatus
LEASE = timedelta(minutes=1)
PRICE = 100
WAITING = text("SELECT count(*) FROM pg_locks WHERE NOT granted")


@pytest.fixture
def leads(engine: Engine, keyring: Keyring) -> Leads:
    return Leads(engine, keyring)


@pytest.fixture
def school(leads: Leads) -> TestSchool:
    return leads.school("http://127.0.0.1:9/")


def _settle(leads: Leads, school: TestSchool, status: S) -> None:
    with leads.unit_of_work() as work:
        [claim] = work.deliveries.claim({school.destination_id: 1}, LEASE)
    with leads.unit_of_work() as work:
        work.deliveries.finish([Settlement(claim, status, Outcome(status, "test"))])


def test_a_leads_progress_tells_its_deliveries_and_what_the_school_said(
    engine: Engine, leads: Leads, school: TestSchool
) -> None:
    lead_id = leads.lead(school)
    leads.deliver(school, lead_id)
    with leads.unit_of_work() as work:
        assert work.deliveries.of_lead(lead_id).status is LeadStatus.ACCEPTED_BY_US
    _settle(leads, school, S.DELIVERED)
    with leads.unit_of_work() as work:
        assert work.deliveries.of_lead(lead_id).status is LeadStatus.SENT
    _say(leads, school, lead_id, D.ACCEPTED)
    with engine.begin() as connection:
        connection.execute(text("UPDATE delivery SET settled_at = now() + interval '1 s'"))
    with leads.unit_of_work() as work:
        progress = work.deliveries.of_lead(lead_id)
        missing = work.deliveries.of_lead(new_id(NOW))
    assert progress.status is LeadStatus.ACCEPTED
    # Also where the school answered before its receipt was written down.
    assert [e.status for e in progress.timeline] == [
        LeadStatus.ACCEPTED_BY_US,
        LeadStatus.SENT,
        LeadStatus.ACCEPTED,
    ]
    assert missing.timeline == ()
    leads.deliver(school, lead_id, Purpose.WITHDRAWAL)
    with leads.unit_of_work() as work:
        assert work.deliveries.of_lead(lead_id).status is LeadStatus.WITHDRAWN


def _say(leads: Leads, school: TestSchool, lead_id: UUID, status: D) -> Verdict:
    with leads.unit_of_work() as work:
        said = work.dispositions.record_raw(
            lead_id, school.organization_id, b'{"status": "x"}', work.deliveries.now()
        )
    with leads.unit_of_work() as work:
        return work.dispositions.apply(said, status)


def test_what_a_school_says_is_kept_first_and_judged_by_the_table(
    leads: Leads, school: TestSchool
) -> None:
    lead_id = leads.lead(school)
    said = [D.ACCEPTED, D.ACCEPTED, D.ENROLLED, D.CONTACTED, D.RETURNED]
    assert [_say(leads, school, lead_id, status) for status in said] == [
        Verdict.APPLIED,
        Verdict.REPEATED,
        Verdict.APPLIED,
        Verdict.REFUSED,
        Verdict.APPLIED,
    ]
    with leads.unit_of_work() as work:
        assert work.dispositions.last_applied(lead_id) is D.RETURNED
        assert work.dispositions.lead_owner(lead_id) == school.organization_id
        assert work.dispositions.lead_owner(new_id(NOW)) is None
    with leads.engine.begin() as connection:
        kept = connection.execute(text("SELECT raw FROM disposition")).scalars().all()
    assert len(kept) == 5
    assert not any(b"status" in raw for raw in kept)


def _hold_place(leads: Leads, school: TestSchool, lead_id: UUID, limit: int) -> None:
    hold_place(leads, school, lead_id, PRICE, limit=limit)


def _places(leads: Leads) -> tuple[str, list[int]]:
    with leads.engine.begin() as connection:
        state = connection.execute(text("SELECT state FROM cap_ledger")).scalar_one()
        windows = connection.execute(text("SELECT period, used FROM cap_window")).all()
    return state, [used / PRICE if period == "total_budget" else used for period, used in windows]


def test_a_delivered_lead_uses_its_place_and_a_return_gives_it_back_once_invariant_6(
    leads: Leads, school: TestSchool
) -> None:
    lead_id = leads.lead(school)
    leads.deliver(school, lead_id)
    _hold_place(leads, school, lead_id, 1)
    _settle(leads, school, S.DELIVERED)
    assert _places(leads) == ("used", [1] * 3)
    _say(leads, school, lead_id, D.ACCEPTED)
    assert _places(leads) == ("used", [1] * 3)
    _say(leads, school, lead_id, D.RETURNED)
    _say(leads, school, lead_id, D.RETURNED)
    assert _places(leads) == ("released", [0] * 3)


def test_a_return_that_comes_while_a_worker_charges_is_judged_by_the_quota(
    leads: Leads, school: TestSchool
) -> None:
    lead_id = leads.lead(school)
    leads.deliver(school, lead_id)
    hold_place(leads, school, lead_id, PRICE, return_quota_percent=0, month="2026-11")
    with leads.unit_of_work() as work:
        [claim] = work.deliveries.claim({school.destination_id: 1}, LEASE)
    with ThreadPoolExecutor(1) as thread:
        with leads.unit_of_work() as work:
            outcome = Outcome(S.DELIVERED, "test")
            work.deliveries.finish([Settlement(claim, S.DELIVERED, outcome)])
            said = thread.submit(_say, leads, school, lead_id, D.RETURNED)
            with leads.engine.connect() as looking:
                assert eventually(lambda: looking.execute(WAITING).scalar_one() > 0)
        assert said.result(30) is Verdict.OVER_QUOTA
    assert _places(leads) == ("used", [1] * 3)


def test_a_reject_gives_the_place_back_and_accepting_after_all_takes_one_invariant_6(
    leads: Leads, school: TestSchool
) -> None:
    lead_id = leads.lead(school)
    leads.deliver(school, lead_id)
    _hold_place(leads, school, lead_id, 1)
    _settle(leads, school, S.DELIVERED)
    for status, places in (
        (D.REJECTED, ("released", [0] * 3)),
        (D.ACCEPTED, ("used", [1] * 3)),
        (D.DUPLICATE, ("released", [0] * 3)),
    ):
        assert _say(leads, school, lead_id, status) is Verdict.APPLIED
        assert _places(leads) == places
    leads.run("UPDATE cap_window SET used = 1 WHERE period = 'total'")  # someone else's lead
    assert _say(leads, school, lead_id, D.ACCEPTED) is Verdict.APPLIED
    assert _places(leads)[0] == "released"
    with leads.engine.begin() as connection:
        used = connection.execute(text("SELECT used FROM cap_window ORDER BY period")).scalars()
        assert list(used) == [0, 1, 0]
    assert _say(leads, school, lead_id, D.REJECTED) is Verdict.APPLIED  # gives nothing back twice
    with leads.engine.begin() as connection:
        used = connection.execute(text("SELECT used FROM cap_window ORDER BY period")).scalars()
        assert list(used) == [0, 1, 0]


def test_a_lead_that_cannot_arrive_gives_its_place_back_and_a_replay_takes_one_invariant_6(
    leads: Leads, school: TestSchool
) -> None:
    lead_id = leads.lead(school)
    delivery_id = leads.deliver(school, lead_id)
    _hold_place(leads, school, lead_id, 1)
    _settle(leads, school, S.FAILED)
    assert _places(leads) == ("released", [0] * 3)
    with leads.unit_of_work() as work:
        work.deliveries.replay(delivery_id)
    assert _places(leads) == ("held", [1] * 3)
    _settle(leads, school, S.FAILED)
    leads.run("UPDATE cap_window SET used = 1 WHERE period = 'total'")  # someone else's lead
    with pytest.raises(ConflictError), leads.unit_of_work() as work:
        work.deliveries.replay(delivery_id)
    assert _places(leads)[0] == "released"
    assert leads.row(delivery_id).status == "failed"


def _fail_then_answer(leads: Leads, school: TestSchool, between: Callable[[], object]) -> None:
    """Fail a delivery, and let a worker that slept bring its 2xx after what happens between."""
    with leads.unit_of_work() as work:
        [claim] = work.deliveries.claim({school.destination_id: 1}, LEASE)
        work.deliveries.finish([Settlement(claim, S.FAILED, Outcome(S.FAILED, "test"))])
    assert _places(leads) == ("released", [0] * 3)
    between()
    with leads.unit_of_work() as work:
        work.deliveries.finish([Settlement(claim, S.DELIVERED, Outcome(S.DELIVERED, "test", 200))])
    assert leads.row(claim.id).status == "delivered"


def test_a_late_arrival_takes_its_place_again_invariant_6(leads: Leads, school: TestSchool) -> None:
    lead_id = leads.lead(school)
    leads.deliver(school, lead_id)
    _hold_place(leads, school, lead_id, 1)
    _fail_then_answer(leads, school, lambda: None)
    assert _places(leads) == ("used", [1] * 3)


def test_a_late_arrival_at_a_full_campaign_is_free_and_the_cap_stays_exact_invariant_6(
    leads: Leads, school: TestSchool
) -> None:
    first, lead_id = leads.lead(school), leads.lead(school)
    leads.deliver(school, first)
    leads.deliver(school, lead_id)
    _hold_place(leads, school, lead_id, 1)
    someone = "UPDATE cap_window SET used = 1 WHERE period = 'total'"
    with leads.unit_of_work() as work:
        [other, claim] = sorted(
            work.deliveries.claim({school.destination_id: 2}, LEASE),
            key=lambda c: c.lead_id == lead_id,
        )
        work.deliveries.finish([Settlement(claim, S.FAILED, Outcome(S.FAILED, "test"))])
    leads.run(someone)
    done = Outcome(S.DELIVERED, "test", 200)
    with leads.unit_of_work() as work:
        # What arrives in the same group is written down all the same.
        over = work.deliveries.finish(
            [Settlement(claim, S.DELIVERED, done), Settlement(other, S.DELIVERED, done)]
        )
    assert leads.statuses() == ["delivered"] * 2
    state, used = _places(leads)
    assert (state, sorted(used)) == ("released", [0, 0, 1])
    assert over == [lead_id]


def test_a_late_arrival_that_the_school_has_refused_stays_free_invariant_6(
    leads: Leads, school: TestSchool
) -> None:
    lead_id = leads.lead(school)
    leads.deliver(school, lead_id)
    _hold_place(leads, school, lead_id, 1)
    _fail_then_answer(leads, school, lambda: _say(leads, school, lead_id, D.DUPLICATE))
    assert _places(leads) == ("released", [0] * 3)


def test_a_withdrawal_that_arrives_takes_no_place_again_invariant_6(
    leads: Leads, school: TestSchool
) -> None:
    lead_id = leads.lead(school)
    leads.deliver(school, lead_id)
    _hold_place(leads, school, lead_id, 1)
    _settle(leads, school, S.CANCELLED)
    leads.deliver(school, lead_id, Purpose.WITHDRAWAL)
    _settle(leads, school, S.DELIVERED)
    assert _places(leads) == ("released", [0] * 3)


def test_what_has_no_number_came_before_all_that_has_one(leads: Leads, school: TestSchool) -> None:
    """A node of an older version, beside newer ones, gives none."""
    lead_id = leads.lead(school)
    leads.deliver(school, lead_id)
    _settle(leads, school, S.DELIVERED)
    assert _say(leads, school, lead_id, D.REJECTED) is Verdict.APPLIED
    leads.run("UPDATE disposition SET number = NULL")
    assert _say(leads, school, lead_id, D.ACCEPTED) is Verdict.APPLIED
    with leads.unit_of_work() as work:
        assert work.deliveries.of_lead(lead_id).status is LeadStatus.ACCEPTED
        [refusals] = work.watch.refusals()
    assert (refusals.recent, refusals.recent_refused) == (1, 0)
    assert _say(leads, school, lead_id, D.ENROLLED) is Verdict.APPLIED
