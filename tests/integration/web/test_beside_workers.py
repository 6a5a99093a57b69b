"""A student changes a request at the moment in which workers write down how it was delivered."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread

from sqlalchemy import Connection, text

from tests.integration.web.conftest import Sent
from tests.support.leads import eventually

# As a finaliser moves it, before it does the rest.
MOVED = text("UPDATE delivery SET claims = claims")
# What a row that names a lead takes, as a charge for it; and what changes a lead takes.
NAMED = text("SELECT id FROM lead FOR KEY SHARE")
CHANGED = text("UPDATE lead SET route = route")
WAITING = text("SELECT count(*) FROM pg_locks WHERE NOT granted")


def test_who_deletes_does_not_stop_what_the_finaliser_has_still_to_do(sent: Sent) -> None:
    with deleting_beside(sent) as finaliser:
        finaliser.exec_driver_sql("SET LOCAL lock_timeout = '100ms'")
        assert finaliser.execute(NAMED).all()
    assert "What you told us about yourself is deleted here" in sent.browser.text
    assert sent.world.rows("SELECT count(*) FROM delivery WHERE purpose = 'deletion'") == [(2,)]


def test_who_deletes_gives_way_and_is_deleted_all_the_same(sent: Sent) -> None:
    with deleting_beside(sent) as finaliser:
        # The student's side looks for a ring first, after a second, and gives way.
        finaliser.exec_driver_sql("SET LOCAL deadlock_timeout = '60s'")
        finaliser.execute(CHANGED)
    assert "What you told us about yourself is deleted here" in sent.browser.text
    assert sent.world.rows("SELECT count(*) FROM delivery WHERE purpose = 'deletion'") == [(2,)]


@contextmanager
def deleting_beside(sent: Sent) -> Iterator[Connection]:
    """Hold deliveries as a finaliser does while a student's deletion waits for them."""
    sent.browser.open(f"/requests/{sent.reference}/delete")
    student = Thread(target=sent.browser.press, args=("Delete everything",))
    with sent.world.engine.begin() as finaliser:
        finaliser.execute(MOVED)
        student.start()
        with sent.world.engine.connect() as looking:
            assert eventually(lambda: looking.execute(WAITING).scalar_one() > 0)
        yield finaliser
    student.join(30)
