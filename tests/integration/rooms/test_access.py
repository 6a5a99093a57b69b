"""Every route as everybody, against the table in service/access.py."""

import re
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from werkzeug.routing import Rule

from models.domain.approval import all_texts
from models.domain.campaign import CampaignSettings, Terms
from models.domain.campaign_form import as_typed
from models.domain.claim import Claim, ClaimStatus
from models.domain.delivery import DeliveryStatus
from models.domain.highlight import Highlight, HighlightKind, HighlightStatus
from models.domain.history import Configured
from models.domain.ids import Prefix, new_id, show
from models.domain.intake import Intake
from models.domain.lead_export import Whose, new_export
from models.domain.organization import Actor, ActorKind, Scope, make_api_key
from models.domain.question import OwnQuestion, QuestionKind
from models.domain.staff import NewSession, Role, Staff
from models.domain.training import TrainingRun, Wishes
from service.access import ACCESS, ROOMS, Who
from service.steps.staff_inviting import NewStaff, add_staff
from tests.support.browser import PlainBrowser
from tests.support.leads import NOW, TestSchool
from tests.support.staff import Person, Rooms, room

ROLES = ("nobody", "student", "member A", "admin A", "member B", "admin B", "operator")
# What a page may say of its own address.
WITHOUT = re.compile(r"(?:org|lead|dst|dlv|key|clm|cmp|hlt|sch|stf|chg|ses|xpt)_[0-9a-z]+")
CHANGING = (
    "audit",
    "campaign",
    "campaign_version",
    "highlight",
    "decision",
    "api_key",
    "destination",
    "delivery",
    "disposition",
    "lead_export",
    "listing_claim",
    "organization_school",
    "publication",
    "staff",
    "membership",
    "staff_recovery_code",
    "staff_invitation",
    "message",
)


# They ask for what the walk does not have: what opens the account, a sign-in that answers.
PROVING = frozenset({"staff.password", "staff.app", "staff.codes", "school.set_provider"})
Enter = Callable[[str], PlainBrowser]
_ACTIONS = {"school.move_campaign": "begin", "school.change_questions": "up"}
_TEXTS = next(all_texts())


def things_of(rooms: Rooms, school: TestSchool) -> dict[str, str]:
    """Give an organization a lead, a key, a claim and a delivery that failed."""
    now = rooms.clock.now()
    lead = rooms.leads.lead(school)
    delivery = rooms.leads.deliver(school, lead)
    rooms.leads.set(delivery, status=DeliveryStatus.FAILED.value, settled_at=now)
    with rooms.unit_of_work() as work:
        key = work.organizations.add_api_key(
            school.organization_id, make_api_key("CRM", [Scope.READ_LEADS]), now
        )
        settings = CampaignSettings((school.unitid,))
        campaign = work.campaigns.create(
            school.organization_id, "C", Terms(1000, "USD", settings), by="test", now=now
        )
        highlight = Highlight(
            id=new_id(now),
            organization_id=school.organization_id,
            organization_name="",
            unitid=school.unitid,
            cip=None,
            kind=HighlightKind.STATEMENT,
            words="Small classes",
            flags=(),
            status=HighlightStatus.PENDING,
            created_at=now,
            created_by="test",
        )
        work.approvals.add(highlight)
        asked = OwnQuestion("gpa", "What is your GPA?", QuestionKind.NUMBER)
        work.destinations.set_intake(school.unitid, Intake(questions=(asked,)))
        claim = Claim(
            new_id(now), school.organization_id, "", 100000, None, True, ClaimStatus.PENDING, now
        )
        work.claims.add(claim)
        owner = school.organization_id
        month = work.statements.adjust(owner, (100, "USD"), "why", by="test", now=now)
        run = work.training_runs.open()
        if run is None:
            run = TrainingRun(new_id(now), now, "test", "why", Wishes())
            work.training_runs.ask(run)
    with rooms.unit_of_work() as work:
        spare = NewStaff(f"spare{school.unitid}@a.example", "", school.organization_id, Role.MEMBER)
        person, _ = add_staff(work, spare, Actor(ActorKind.COMMAND, "test"), now)
        publisher = work.publishers.add("P", f"https://p{lead.hex}.example", now)
        change = work.history.page(school.organization_id, kind=Configured.API_KEY, most=1)[0]
    return {
        "organization": show(Prefix.ORGANIZATION, school.organization_id),
        "owner": show(Prefix.ORGANIZATION, school.organization_id),
        "staff_id": show(Prefix.STAFF, person.id),
        "lead_id": show(Prefix.LEAD, lead),
        "destination_id": show(Prefix.DESTINATION, school.destination_id),
        "delivery_id": show(Prefix.DELIVERY, delivery),
        "key_id": show(Prefix.API_KEY, key),
        "claim_id": show(Prefix.CLAIM, claim.id),
        "campaign_id": show(Prefix.CAMPAIGN, campaign),
        "highlight_id": show(Prefix.HIGHLIGHT, highlight.id),
        "school_id": f"sch_{school.unitid}",
        "version": "ranker-2",
        "token": "no-such-token",
        "export_token": "xpt_00000000000000000000000000",
        "request_id": show(Prefix.REQUEST, new_id(now)),
        "name": "none",
        "cip": "51.07",
        "state": "ny",
        "soc": "29-2072",
        "program": "5107.2.-.-",
        "part": "pages",
        "month": month,
        "change_id": show(Prefix.CHANGE, change.id),
        "run_id": show(Prefix.TRAINING_RUN, run.id),
        "message_id": show(Prefix.MESSAGE, new_id(now)),
        "publisher_id": show(Prefix.PUBLISHER, publisher.id),
    }


@pytest.fixture
def enter(
    rooms: Rooms, admin_a: Person, member_a: Person, member_b: Person, operator: Person
) -> Enter:
    """Come in as somebody."""
    with rooms.unit_of_work() as work:
        for version in ("ranker-1", "ranker-2"):
            work.publications.add_ranker(version, "prior", {}, rooms.clock.now())
        work.publications.add_catalog("catalog-1", {}, rooms.clock.now())
        work.publications.publish("catalog", "catalog-1", "test", "test", rooms.clock.now())
        work.publications.publish("ranker", "ranker-2", "test", "test", rooms.clock.now())
        work.publications.publish("ranker", "ranker-1", "test", "test", rooms.clock.now())
    people = {"admin A": admin_a, "member A": member_a, "member B": member_b}
    people["operator"] = operator
    people["admin B"] = rooms.person(
        "admin@b.example", rooms.schools["B"].organization_id, Role.ADMIN
    )

    def come_in(role: str) -> PlainBrowser:
        browser = rooms.browser()
        if role in people:
            return rooms.log_in(people[role], browser)
        if role == "student":
            browser.open("/staff/login")
        return browser

    return come_in


def allowed(who: Who, role: str) -> int | None:
    """What the table says: None when they may, else how they are refused."""
    if role in {"nobody", "student"}:
        return 303
    if who is Who.STAFF:
        return None
    if who is Who.OPERATOR:
        return None if role == "operator" else 404
    if role not in {"member A", "admin A"}:
        return 404
    return 403 if who is Who.ADMIN and role == "member A" else None


def ask(rooms: Rooms, rule: Rule, browser: PlainBrowser, values: Mapping[str, str]) -> Any:
    """Ask for a route as somebody, with the form's token when they have one."""
    with rooms.app.test_request_context():
        needed = {name: values[name] for name in rule.arguments}
        address = rooms.app.url_map.bind("").build(rule.endpoint, needed)
    method = "GET" if "GET" in (rule.methods or ()) else "POST"
    cookies = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
    form = {"status": "contacted", "reason": "why", "name": "n", "days": "30"}
    form |= {"made_from": "feed", "url": "https://a.example/hook"}
    form |= {"return_reason": "why", "role": "member"}
    form |= {"email": f"{rule.endpoint.replace('.', '-')}@a.example"}
    form["overlap"] = "7"
    decision = "approve" if rule.endpoint == "operator.decide_texts" else "decline"
    form |= {"scopes": "leads:read", "decision": decision, "school": "sch_100001"}
    form |= {"address": "new@example.com", "wish": "pause", "site": "https://n.example"}
    form |= {"stage": "shadow", "pasted": "lead_id,status", "rows": "lead_id,status"}
    form |= {"action": _ACTIONS.get(rule.endpoint, ""), "label": "Why?", "kind": "text"}
    form["lead"] = form["lead_id"] = values["lead_id"]
    unitid = values["school_id"].removeprefix("sch_")
    form |= as_typed(Terms(1000, "USD", CampaignSettings((int(unitid),))))
    form |= {"version": "1", "question_id": "gpa", "unitid": unitid, "statement": "Labs open late"}
    form |= {"subject": _TEXTS.subject, "fingerprint": _TEXTS.fingerprint}
    if method == "POST":
        browser.open("/staff/sessions")
        tokens = browser.page.all("input", name="csrf_token")
        form["csrf_token"] = tokens[0]["value"] if tokens else ""
    if rule.endpoint in {"school.put_question", "school.change_questions"}:
        browser.open(address.removesuffix("/changes"))
        versions = browser.page.all("input", name="version")
        form["version"] = versions[0]["value"] if versions else ""
    return rooms.client.open(
        address,
        method=method,
        data=form if method == "POST" else None,
        headers={"Cookie": cookies} if cookies else {},
    )


def kept(rooms: Rooms) -> list[Any]:
    """What stands in every table that a room may change, in one look."""
    each = [
        f"SELECT '{table}', md5(string_agg(t::text, '|' ORDER BY t::text)) FROM {table} t"  # noqa: S608
        for table in CHANGING
    ]
    with rooms.leads.engine.connect() as connection:
        return list(connection.execute(text(" UNION ALL ".join(each))))


def a_session(rooms: Rooms, staff: Staff | None) -> str:
    """A second session of somebody, to be ended; of nobody for who has none."""
    session_id = new_id(rooms.clock.now())
    if staff is not None:
        now = rooms.clock.now()
        new = NewSession(session_id, staff.id, now, now + timedelta(hours=1), b"{}")
        with rooms.unit_of_work() as work:
            work.staff_sessions.begin(session_id.hex, new)
    return show(Prefix.SESSION, session_id)


def an_export(rooms: Rooms, staff: Staff | None) -> str:
    """A link of somebody to a table of A's leads; of nobody for who has none."""
    if staff is None:
        return "no-such-token"
    whose = Whose(rooms.schools["A"].organization_id, staff.id)
    new = new_export(whose, {}, rooms.clock.now())
    with rooms.unit_of_work() as work:
        work.lead_exports.add(new)
    return new.token


def to_login(answer: Any) -> bool:
    return answer.status_code == 303 and "/staff/login" in answer.headers["Location"]


@pytest.mark.parametrize("role", ROLES)
def test_every_route_of_the_rooms_opens_to_whom_its_line_says(
    rooms: Rooms, enter: Enter, role: str
) -> None:
    values = things_of(rooms, rooms.schools["A"])
    emails = {"member A": "member@a.example", "admin A": "admin@a.example"}
    emails |= {"member B": "member@b.example", "admin B": "admin@b.example"}
    emails["operator"] = "operator@example.com"
    with rooms.unit_of_work() as work:
        person = work.staff.with_email(emails.get(role, ""))
    rules = [r for r in rooms.app.url_map.iter_rules() if r.endpoint.split(".")[0] in ROOMS]
    browser = enter(role)
    # What takes something away comes after what needs it; what ends the session that asks, last.
    rules.sort(key=lambda r: (r.endpoint == "staff.log_out", r.endpoint.endswith("_remove")))
    walked = 0
    for rule in rules:
        who = ACCESS[rule.endpoint]
        if who is Who.ANYONE:
            continue
        values["session_id"] = a_session(rooms, person)
        values["export_token"] = an_export(rooms, person)
        expected, before = allowed(who, role), kept(rooms)
        answer = ask(rooms, rule, browser, values)
        said = f"{role}: {rule.endpoint} {answer.status_code}"
        if expected is None:
            wanted = {200, 303, 422} if rule.endpoint in PROVING else {200, 303}
            assert answer.status_code in wanted, said
            assert not to_login(answer) or rule.endpoint == "staff.log_out", said
        else:
            assert answer.status_code == expected, said
            assert to_login(answer) == (expected == 303), said
            assert kept(rooms) == before, f"{said}: refused, and yet something changed"
        assert answer.headers["Cache-Control"] == "no-store", said
        walked += 1
    locked = [e for e, who in ACCESS.items() if e.split(".")[0] in ROOMS and who is not Who.ANYONE]
    assert walked == len(locked)


@pytest.mark.parametrize(
    "role",
    ["operator", *(pytest.param(r, marks=pytest.mark.slow) for r in ROLES if r != "operator")],
)
def test_a_session_of_staff_is_nothing_outside_the_rooms(
    rooms: Rooms, enter: Enter, role: str
) -> None:
    values = things_of(rooms, rooms.schools["A"])
    wanted = {Who.API_KEY: 401, Who.REQUEST_TOKEN: 401}
    browser, nobody = enter(role), rooms.browser()
    for rule in rooms.app.url_map.iter_rules():
        if rule.endpoint.split(".")[0] in ROOMS:
            continue
        plain = ask(rooms, rule, nobody, values)
        answer = ask(rooms, rule, browser, values)
        assert answer.status_code == plain.status_code, rule.endpoint
        who = ACCESS[rule.endpoint]
        assert answer.status_code == wanted.get(who, answer.status_code), rule.endpoint
        assert not to_login(answer)


def like(shown: str) -> str:
    """An id of the same kind that names nothing."""
    kind, _, _ = shown.rpartition("_")
    if kind == "sch":
        return "sch_999999"
    return f"{kind}_{show(Prefix.LEAD, new_id(NOW)).rpartition('_')[2]}"


def test_a_sees_nothing_of_b_by_any_id(rooms: Rooms, enter: Enter) -> None:
    ours, theirs = (things_of(rooms, rooms.schools[name]) for name in ("A", "B"))
    admin = enter("admin A")
    walked = 0
    for rule in rooms.app.url_map.iter_rules():
        if not rule.endpoint.startswith("school."):
            continue
        for name in rule.arguments - {"month"}:  # everybody's, and no id
            before = kept(rooms)
            made_up = {**ours, name: like(theirs[name])}
            answers = [
                ask(rooms, rule, admin, {**ours, name: theirs[name]}),
                ask(rooms, rule, admin, made_up),
            ]
            for answer in answers:
                assert answer.status_code == 404, (rule.endpoint, name)
            said, of_none = (WITHOUT.sub("", answer.text) for answer in answers)
            assert said == of_none, f"{rule.endpoint}: what is B's is refused as what is nobody's"
            assert kept(rooms) == before, (rule.endpoint, name)
            walked += 1
    assert walked > 18


def test_no_page_of_a_names_anything_of_b(rooms: Rooms, enter: Enter) -> None:
    theirs = things_of(rooms, rooms.schools["B"])
    with rooms.unit_of_work() as work:
        owner = work.organizations.get(rooms.schools["B"].organization_id)
    assert owner is not None
    hidden = {
        theirs[name] for name in ("staff_id", "organization", "lead_id", "destination_id", "key_id")
    }
    hidden |= {owner.name, "b.example"}
    hidden |= {theirs["campaign_id"], theirs["highlight_id"]}
    admin = enter("admin A")
    for page in (
        "today",
        "leads",
        "returns",
        "reports",
        "destinations",
        "listings",
        "keys",
        "members",
        "statements",
        "history",
        "campaigns",
        "questions",
        "highlights",
    ):
        admin.open(room(rooms.schools["A"], page))
        assert admin.reply.status == 200
        assert [each for each in hidden if each in admin.reply.body] == []


def test_a_cursor_of_b_shows_a_nothing(rooms: Rooms, enter: Enter) -> None:
    things_of(rooms, rooms.schools["A"])
    theirs = things_of(rooms, rooms.schools["B"])
    admin = enter("admin A")
    admin.open(room(rooms.schools["A"], f"leads?before={theirs['lead_id']}"))
    assert admin.reply.status == 200
    assert admin.page.all("li", class_="panel") == []


def test_ids_that_are_none_are_not_there(rooms: Rooms, enter: Enter) -> None:
    admin, school = enter("admin A"), rooms.schools["A"]
    for path in ("leads/lead_x", "leads?before=x", f"leads/{UUID(int=0)}"):
        admin.open(room(school, path))
        assert admin.reply.status == 404, path
    admin.open("/staff/org_x/leads")
    assert admin.reply.status == 404
