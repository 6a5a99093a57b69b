"""Every form of every page, found by walking the routes, with odd values in it: never a 500.

A refusal says something and changes nothing. A new page's forms are fuzzed unasked.
"""

from collections.abc import Iterator
from contextlib import suppress
from typing import Any, NamedTuple
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, text

from service.access import ACCESS, ROOMS
from tests.fuzz.odd import EXTRA, odd_table, odd_text, search
from tests.integration.rooms.test_access import things_of
from tests.integration.rooms.test_defences import address_of
from tests.integration.web.conftest import Asking
from tests.support.browser import PlainBrowser
from tests.support.pages import Element
from tests.support.staff import PASSWORD, Person, Rooms

# Each ends what the next example needs, or waits on purpose.
ENDING = ("/staff/logout", "/staff/sessions/end-others")
# What counts tries and visits may change on a refusal.
COUNTING = {"login_try", "staff_session", "web_session", "staff_way_back"}


class Form(NamedTuple):
    """A form as a page shows it: where it goes, and what it would send untouched."""

    method: str
    action: str
    fields: tuple[tuple[str, str], ...]


def forms_of(page: Element) -> Iterator[Form]:
    for form in page.all("form"):
        fields = [
            (one["name"], one.get("value", one.text))
            for one in form.walk()
            if one.tag in {"input", "select", "textarea", "button"} and one.has("name")
        ]
        yield Form(form.get("method", "get").upper(), form["action"], tuple(fields))


@st.composite
def odd_version(draw: st.DrawFn, form: Form) -> list[tuple[str, str]]:
    """Draw what somebody might send in place of what the form holds."""
    sent = []
    for name, value in form.fields:
        if name == "csrf_token":
            sent.append((name, value))
            continue
        table = name in {"pasted", "rows", "table"}
        drawn = draw(st.one_of(st.just(value), odd_table() if table else odd_text, st.none()))
        if drawn is not None:
            sent.append((name, drawn))
            if draw(st.integers(0, 9)) == 0:
                sent.append((name, draw(odd_text)))
    if draw(st.booleans()):
        sent.append((draw(st.sampled_from(EXTRA)), draw(odd_text)))
    return sent


class Snapshot(NamedTuple):
    """A digest of each table but those that count, and until which write it holds."""

    writes: int
    tables: dict[str, str]


def snapshot(engine: Engine, last: Snapshot | None) -> Snapshot:
    """Take a snapshot; where nobody wrote anything since the last one, it is the last one.

    Whoever writes gets a number, whoever only reads gets none: so the next number tells.
    """
    with engine.connect() as connection:
        connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
        number = text("SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint")
        writes: int = connection.execute(number).scalar_one()
        if last is not None and last.writes == writes:
            return last
        names = connection.execute(
            text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        ).scalars()
        one = "SELECT '{0}', md5(coalesce(string_agg(t::text, '' ORDER BY t::text), '')) FROM {0} t"
        union = " UNION ALL ".join(one.format(n) for n in sorted(names) if n not in COUNTING)
        rows = connection.execute(text(union))
        return Snapshot(writes, {str(row[0]): str(row[1]) for row in rows})


def fuzz(browser: PlainBrowser, form: Form, engine: Engine) -> None:
    """Send odd versions of a form; whatever is refused must say so and leave all as it was."""
    known: dict[str, Snapshot | None] = {"last": None}

    @search()
    @given(sent=odd_version(form))
    def send(sent: list[tuple[str, str]]) -> None:
        with suppress(UnicodeEncodeError):
            before = known["last"] = snapshot(engine, known["last"])
            cookie = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
            said = f"{form.method} {form.action} {sent}"[:1500]
            if form.method == "POST":
                reply = browser.fetch("POST", form.action, sent, cookie)
            else:
                target = f"{form.action.partition('?')[0]}?{urlencode(sent)}"
                reply = browser.fetch("GET", target, None, cookie)
            assert reply.status < 500, said
            assert "Traceback" not in reply.body, said
            assert "planted" not in " ".join(reply.header("set-cookie").split(";")[:1]), said
            assert "evil.example" not in reply.header("location").partition("?")[0], said
            assert "<script>alert" not in reply.body, said
            if reply.status >= 400:
                assert len(reply.body) > 40, said
                after = known["last"] = snapshot(engine, before)
                assert after.tables == before.tables, f"refused, and yet it changed: {said}"

    send()


@pytest.mark.slow
@pytest.mark.parametrize("role", ["admin A", "nobody", "operator"])
def test_every_form_of_the_rooms(
    rooms: Rooms, admin_a: Person, operator: Person, engine: Engine, role: str
) -> None:
    people = {"admin A": admin_a, "operator": operator}
    browser = rooms.log_in(people[role]) if role in people else rooms.browser()
    values = things_of(rooms, rooms.schools["A"])
    seen: set[tuple[str, tuple[str, ...]]] = set()
    walked = 0
    for rule in rooms.app.url_map.iter_rules():
        room = rule.endpoint.partition(".")[0]
        if room not in {*ROOMS, "web", "widget"} or "GET" not in (rule.methods or ()):
            continue
        filled = {name: values.get(name, "none") for name in rule.arguments}
        browser.open(address_of(rooms, rule, filled))
        if browser.reply.status != 200:
            continue
        for form in list(forms_of(browser.page)):
            path = form.action.partition("?")[0]
            kind = (path, tuple(sorted({name for name, _ in form.fields})))
            if kind in seen or path in ENDING or not form.fields:
                continue
            seen.add(kind)
            fuzz(browser, form, engine)
            walked += 1
            if (
                role in people
                and browser.fetch("GET", "/staff/", None, _cookie(browser)).status != 200
            ):
                browser = rooms.log_in(people[role], password=PASSWORD)
    assert walked >= {"nobody": 8, "admin A": 18, "operator": 12}[role]
    with engine.connect() as connection:
        powers = connection.execute(text("SELECT count(*) FROM staff WHERE is_operator"))
        # Fields that no form has were sent with each: nobody got what they name.
        assert powers.scalar_one() == 1


def _cookie(browser: PlainBrowser) -> str:
    return "; ".join(f"{name}={value}" for name, value in browser.cookies.items())


def test_every_form_of_a_students_journey(asking: Asking, engine: Engine) -> None:
    browser, walked = asking.browser, 0

    def fuzz_here() -> int:
        forms = [one for one in forms_of(browser.page) if one.method == "POST"]
        for form in forms:
            fuzz(browser, form, engine)
        return len(forms)

    asking.to_form()
    walked += fuzz_here()
    asking.to_check()
    walked += fuzz_here()
    asking.to_check()
    browser.choose("Email.")
    browser.press("Send my request to 1 school")
    assert browser.heading == "Your request is on its way"
    sent = browser.address.partition("?")[0]
    walked += fuzz_here()
    for form in ("correct", "withdraw", "delete"):
        browser.open(f"{sent}/{form}")
        assert browser.reply.status == 200, form
        walked += fuzz_here()
    assert walked >= 5


@pytest.mark.slow
def test_every_address_with_odd_questions(rooms: Rooms, engine: Engine) -> None:
    """What stands behind the question mark of a page that reads."""
    names: tuple[str, ...] = (
        "page",
        "sort",
        "q",
        "lang",
        "speak",
        "before",
        "cursor",
        "field",
        "education_level",
    )
    names += (
        "postal_code",
        "region",
        "query",
        "slate_id",
        "listing_id",
        "chosen_id",
        "next",
        "month",
    )
    names += ("publisher_id", "accent", "theme", "format", "max_distance_miles", "state", "cip")
    values: dict[str, Any] = {}
    values |= things_of(rooms, rooms.schools["A"])
    browser = rooms.browser()
    for rule in rooms.app.url_map.iter_rules():
        if "GET" not in (rule.methods or ()) or rule.endpoint not in ACCESS:
            continue
        filled = {name: values.get(name, "none") for name in rule.arguments}
        fuzz(
            browser,
            Form("GET", address_of(rooms, rule, filled), tuple((n, "") for n in names)),
            engine,
        )
