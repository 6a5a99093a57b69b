"""Sending while something breaks: whatever the page says afterwards is true."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from models.domain.ports.unit_of_work import UnitOfWork
from models.domain.request import NewRequest
from service.services import Services
from tests.integration.web.conftest import Asking
from tests.support.browser import Pairs
from tests.support.pages import Element

SEND = "Send my request to 1 school"
SENT, ALREADY, OVER = "Your request is on its way", "You already sent this", "Your time ran out"
UNSURE, FINISH = "We cannot confirm your request yet", "Check and finish"
LOST = OperationalError("COMMIT", {}, Exception("the connection was lost"))

_FAIL = """
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'shutting down' USING ERRCODE = '57P01'; END $$;
CREATE TRIGGER refuse BEFORE INSERT OR UPDATE ON web_session FOR EACH ROW EXECUTE FUNCTION refuse();
"""


@contextmanager
def sessions_unwritable(asking: Asking) -> Iterator[None]:
    with asking.world.engine.begin() as connection:
        connection.execute(text(_FAIL))
    yield
    with asking.world.engine.begin() as connection:
        connection.execute(text("DROP FUNCTION refuse() CASCADE"))


@contextmanager
def with_parts(asking: Asking, **parts: Any) -> Iterator[Services]:
    """The service with something of it in another's place, for a while."""
    real: Services = asking.world.app.extensions["schoolmatch"]
    asking.world.app.extensions["schoolmatch"] = replace(real, **parts)
    yield real
    asking.world.app.extensions["schoolmatch"] = real


class Breaking:
    """A unit of work whose database goes away around the commit of a request, and stays away."""

    def __init__(self, real: Callable[[], UnitOfWork], *, committed: bool) -> None:
        self._real, self._committed = real, committed
        self.away = False

    def __call__(self) -> Any:
        if self.away:
            raise LOST
        return _BreakingWork(self, self._real(), committed=self._committed)


class _BreakingWork:
    def __init__(self, owner: Breaking, work: UnitOfWork, *, committed: bool) -> None:
        self._owner, self._work, self._committed = owner, work, committed
        self._accepting = False

    def __getattr__(self, name: str) -> Any:
        return self if name == "requests" else getattr(self._work, name)

    def find_accepted(self, source: str, key: str) -> Any:
        return self._work.requests.find_accepted(source, key)

    def accept(self, *given: Any) -> Any:
        self._accepting = True
        return self._work.requests.accept(*given)

    def __enter__(self) -> "_BreakingWork":
        self._work.__enter__()
        return self

    def __exit__(self, *around: Any) -> None:
        if not self._accepting:
            self._work.__exit__(*around)
            return
        self._owner.away = True
        if self._committed:
            self._work.__exit__(*around)
        else:
            self._work.__exit__(OperationalError, LOST, None)
        raise LOST


def posted(page: Element) -> Pairs:
    """What the form of a check page sends with its first box ticked."""
    hidden = page.one("main").one("form").all("input", type="hidden")
    box = page.one("main").one("form").all("input", name="consent")[0]
    return [(one["name"], one["value"]) for one in (*hidden, box)]


def test_a_request_that_was_kept_is_confirmed_though_the_session_cannot_note_it(
    asking: Asking,
) -> None:
    asking.to_check()
    check = asking.browser.address
    asking.browser.choose("Email.")
    with sessions_unwritable(asking):
        asking.browser.press(SEND)
        assert asking.browser.heading == SENT
        assert asking.world.count("request") == 1
        asking.browser.reload()
        assert asking.browser.heading == SENT
        asking.browser.open(check)
        assert asking.browser.heading == ALREADY
    asking.browser.open(check)
    assert asking.browser.heading == ALREADY
    assert asking.world.count("request") == 1


def test_what_fails_after_a_request_was_kept_does_not_hide_it(asking: Asking) -> None:
    def nudge() -> None:
        raise RuntimeError("no broker")

    asking.to_check()
    asking.browser.choose("Email.")
    with with_parts(asking, nudge=nudge):
        asking.browser.press(SEND)
    assert asking.browser.heading == SENT
    assert asking.world.count("request") == 1


@pytest.mark.parametrize("at_once", [True, False])
@pytest.mark.parametrize("committed", [True, False])
def test_an_outcome_nobody_knows_is_looked_up_by_its_key_and_sent_once(
    asking: Asking, *, committed: bool, at_once: bool
) -> None:
    asking.to_check()
    asking.browser.choose("Email.")
    real: Services = asking.world.app.extensions["schoolmatch"]
    breaking = Breaking(real.unit_of_work, committed=committed)

    def accept_at_once(new: NewRequest) -> None:
        """Meet the same fault, on the short way."""
        if at_once:
            breaking.away = True
            if committed:
                real.accept_at_once(new)

    with with_parts(asking, unit_of_work=breaking, accept_at_once=accept_at_once):
        asking.browser.press(SEND)
        assert asking.browser.reply.status == 503
        assert int(asking.browser.reply.header("Retry-After")) > 0
        assert asking.browser.heading == UNSURE
        assert asking.world.count("request") == int(committed)
        asking.browser.press(FINISH)
        assert asking.browser.heading == UNSURE
    asking.browser.press(FINISH)
    assert asking.browser.heading == SENT
    assert asking.world.count("request") == asking.world.count("lead") == 1


def test_a_check_page_never_says_unsent_of_what_was_kept(asking: Asking) -> None:
    asking.to_check()
    check, form = asking.browser.address, posted(asking.browser.page)
    asking.browser.choose("Email.")
    with sessions_unwritable(asking):
        asking.browser.press(SEND)
    without_ticks = [pair for pair in form if pair[0] != "consent"]
    asking.browser._go("POST", "/request/check", without_ticks)
    assert asking.browser.heading == ALREADY
    asking.browser.open(check)
    assert asking.browser.heading == ALREADY


def test_what_was_typed_stays_when_it_cannot_be_kept(asking: Asking) -> None:
    asking.to_form()
    with sessions_unwritable(asking):
        asking.fill_in()
        assert asking.browser.reply.status == 503
    asking.browser.press("Try again")
    assert asking.browser.heading == "Check and agree"
    assert "zoe@example.com" in asking.browser.page.one("dl").text


@pytest.mark.parametrize("token", ["", "made-up"])
def test_a_check_page_whose_token_is_wrong_is_shown_again_with_its_ticks(
    asking: Asking, token: str
) -> None:
    asking.to_check()
    asking.browser.choose("Email.")
    hidden = asking.browser.page.one("input", name="csrf_token")
    asking.browser.typed[id(hidden)] = token
    asking.browser.press(SEND)
    assert asking.browser.reply.status == 422
    assert asking.browser.heading == "Check and agree"
    assert "open for too long" in asking.browser.page.one(role="alert").text
    assert asking.browser.page.all("input", name="consent")[0].has("checked")
    assert asking.world.count("request") == 0
    asking.browser.press(SEND)
    assert asking.browser.heading == SENT


def test_an_old_page_sent_again_after_its_session_ended_is_not_called_unsent(
    asking: Asking,
) -> None:
    asking.to_check()
    form = posted(asking.browser.page)
    asking.browser.choose("Email.")
    asking.browser.press(SEND)
    reference = asking.browser.page.one(id="reference").text
    with asking.world.work() as work:
        work.sessions.delete_expired(asking.world.clock.now() + timedelta(hours=3))
    asking.browser._go("POST", "/request/check", form)
    assert asking.browser.heading == ALREADY
    assert reference in asking.browser.text
    assert "nothing was sent" not in asking.browser.text
    assert "Zo\u00eb" not in asking.browser.reply.body
    asking.browser.open("/request/check")
    assert asking.browser.heading == OVER
    assert "nothing was sent" not in asking.browser.text


@pytest.mark.parametrize("key", ["", "k", "\x00", "0" * 31 + "\x00", "0" * 400])
def test_a_made_up_key_is_nobodys_request(asking: Asking, key: str) -> None:
    asking.to_results()
    asking.browser._go("POST", "/request/check", [("key", key)])
    assert asking.browser.reply.status == 410
    assert "nothing was sent" not in asking.browser.text
