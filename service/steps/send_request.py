"""Accepting a request: one transaction, and nothing before it but reading.

What is answered here is kept: request, leads, consents, places under caps and deliveries commit
together before the student sees the confirmation.
"""

from dataclasses import replace

import structlog

from models.domain.errors import ConflictError, InvalidInputError
from models.domain.ids import Prefix, show
from models.domain.intake import OpenSchool, RouteFacts, Routing, Way
from models.domain.request import AcceptedRequest, NewRequest
from service.figures import LEADS, REQUESTS
from service.said import say
from service.services import Services
from service.steps.check_request import check_request
from service.steps.choose_schools import choose_schools
from service.steps.confirm_email import ask_to_confirm
from service.steps.inputs import RequestInput, Submission
from service.steps.make_request import Checked, make_request
from service.steps.outputs import Accepted
from service.steps.person import refuse_forgotten
from service.steps.slates import draw_again

_log = structlog.get_logger(__name__)


def send_request(services: Services, asked: RequestInput, sent: Submission) -> Accepted:
    """Accept a submission, or return what the same one came to before.

    Raises:
        InvalidInputError: naming what to change; nothing was stored.
        UnavailableError: when the database is away; nothing was stored.
    """
    try:
        accepted = _accept_once(services, asked, sent)
    except InvalidInputError:
        REQUESTS.labels("refused").inc()
        raise
    REQUESTS.labels("repeated" if accepted.repeated else "accepted").inc()
    return accepted


def _accept_once(services: Services, asked: RequestInput, sent: Submission) -> Accepted:
    earlier = _find_earlier(services, sent, asked)
    if earlier is not None:
        return earlier
    new = _check(services, asked, sent)
    try:
        accepted = _keep(services, new)
    except ConflictError:
        # The same key committed between our look and our insert; that submission is the one. It is
        # ours, if it was kept and its answer was lost.
        earlier = _find_earlier(services, sent, asked)
        if earlier is None:
            raise
        if earlier.request_id != new.id:
            return earlier
        answer = replace(earlier, repeated=False)
    else:
        answer = _answer(services, accepted)
    _say(answer)
    services.nudge()
    return answer


def _say(accepted: Accepted) -> None:
    """Count what was taken, and name the leads beside the id of the web request that made them."""
    LEADS.labels("accepted").inc(len(accepted.leads))
    for each in accepted.not_taken:
        LEADS.labels(str(each.reason)).inc()
    _log.info(
        "request_accepted",
        request=show(Prefix.REQUEST, accepted.request_id),
        leads=[show(Prefix.LEAD, lead.lead_id) for lead in accepted.leads],
        not_taken=len(accepted.not_taken),
    )


def _find_earlier(services: Services, sent: Submission, asked: RequestInput) -> Accepted | None:
    with services.unit_of_work() as work:
        earlier = work.requests.find_accepted(sent.source, sent.idempotency_key)
        if earlier is None and sent.by_program:
            refuse_forgotten(services, work, asked.student)
    if earlier is None:
        return None
    if earlier.body_hash != sent.body_hash:
        raise InvalidInputError({"Idempotency-Key": [say("key_reused")]})
    return _answer(services, earlier, repeated=True)


def _check(services: Services, asked: RequestInput, sent: Submission) -> NewRequest:
    state = services.serving.state()
    now = services.clock.now()
    drawn = draw_again(services, asked.slate_id)
    schools = choose_schools(state, drawn, asked.listing_ids)
    agreed = check_request(asked, drawn.slate, schools, now)
    checked = Checked(asked, sent, drawn.slate, schools, agreed, state.taking, now)
    return make_request(services, checked)


def _keep(services: Services, new: NewRequest) -> AcceptedRequest:
    """Run the one transaction, or the one statement where nothing must be weighed before.

    Raises:
        InvalidInputError: when a school's last destination closed a moment ago; rolled back.
    """
    at_once = services.accept_at_once(new)
    if at_once is not None:
        return at_once
    with services.unit_of_work() as work:
        schools = work.destinations.open_schools([each.unitid for each in new.leads])
        ways = {unitid: _way(services, new, unitid, each) for unitid, each in schools.items()}
        accepted = work.requests.accept(new, ways)
        for lead in accepted.leads:
            route = ways[lead.unitid].route if lead.unitid in ways else None
            if route is None:
                name = next(
                    each["school"]["name"]
                    for each in new.slate["listings"]
                    if each["school"]["unitid"] == lead.unitid
                )
                raise InvalidInputError({"listing_ids": [say("listing_closed", school=name)]})
            if schools[lead.unitid].intake.routing is not Routing.ALL:
                work.requests.route(lead.lead_id, route.then)
        if any(lead.confirm_by for lead in accepted.leads):
            ask_to_confirm(services, work, new.id, new.student.email, new.locale)
    return accepted


def _way(services: Services, new: NewRequest, unitid: int, school: OpenSchool) -> Way:
    """Decide how a school's lead is taken, should it be."""
    intake = school.intake
    if not school.open_to:
        return Way(intake.duplicates)
    chance = int.from_bytes(services.randomness(4)) / 2**32
    return Way(intake.duplicates, intake.route(school.open_to, _facts(new, unitid), chance))


def _facts(new: NewRequest, unitid: int) -> RouteFacts:
    """What a school's rules may look at."""
    listings = [each for each in new.slate["listings"] if each["school"]["unitid"] == unitid]
    return RouteFacts(
        state=new.jurisdiction.partition("-")[2] or None,
        level=new.slate["slate"]["answers"]["education_level"],
        cips=tuple(each["program"]["cip"] for each in listings),
        formats=tuple(each["program"]["format"] for each in listings if each["program"]["format"]),
    )


def _answer(services: Services, accepted: AcceptedRequest, *, repeated: bool = False) -> Accepted:
    return Accepted(
        request_id=accepted.request_id,
        token=services.tokens.token(accepted.request_id),
        leads=accepted.leads,
        not_taken=accepted.not_taken,
        repeated=repeated,
    )
