"""Who was erased is entered again by nobody but themselves."""

from models.domain.person import ErasedBy
from tests.integration.api.test_bad_input import errors
from tests.support.sponsors import unitid_of
from tests.support.world import World


def test_a_program_cannot_enter_who_was_erased(world: World) -> None:
    first = next(unitid_of(one) for one in world.search()["results"])
    world.takes_requests(first)
    found = world.search()
    body = world.body(found, next(one for one in found["results"] if one["request"] == "here"))
    sent = world.send(body, "first")
    assert sent.status_code == 202, sent.text
    [(request,)] = world.rows("SELECT id FROM request")
    with world.work() as work:
        assert work.persons.erase(request, world.clock.now(), ErasedBy.STUDENT)
    again = world.send(body, "second")
    assert again.status_code == 422, again.text
    assert "ask us why at" in errors(again)["student.email"]
    assert world.count("request") == 1
    assert world.send(body, "first").json == sent.json, "what was taken is answered as it was"
    # Who asked again by themselves is here by their own will.
    with world.work() as work:
        assert work.persons.forgotten(body["student"]["email"].upper(), None)
        assert not work.persons.forgotten("somebody.else@example.com", None)


def test_who_was_erased_by_age_leaves_no_hash_and_may_be_entered(world: World) -> None:
    first = next(unitid_of(one) for one in world.search()["results"])
    world.takes_requests(first)
    found = world.search()
    body = world.body(found, next(one for one in found["results"] if one["request"] == "here"))
    assert world.send(body, "first").status_code == 202
    [(request,)] = world.rows("SELECT id FROM request")
    with world.work() as work:
        assert work.persons.erase(request, world.clock.now(), ErasedBy.AGE)
        assert not work.persons.erase(request, world.clock.now(), ErasedBy.AGE), "it is gone"
    [erasure] = world.rows("SELECT * FROM erasure")
    assert (erasure.erased_by, erasure.email_index, erasure.phone_index) == ("age", None, None)
    assert world.rows("SELECT email_index FROM request") == [(b"",)]
    assert world.send(body, "second").status_code == 202
