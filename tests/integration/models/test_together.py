from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import Connection, Engine, func, select

from models.db.repositories.together import Rows, write_together
from models.db.tables.organizations import audit
from models.db.tables.requests import consent_text, person_key

NOW = datetime(2026, 11, 22, 12, 0, 0, 123456, tzinfo=UTC)
AWKWARD = ['"', "\\", '\\"', "{a,b}", ",", "NULL", "", " ", "line\nbreak\ttab", "Zoë 学", ":v0_0"]


def _text(number: int, words: str) -> dict[str, Any]:
    return {
        "id": f"txt_{number}_{words}",
        "unitid": number,
        "channel": "email",
        "locale": "en",
        "jurisdiction": "US-NY",
        "version": words,
        "text": words,
        "created_at": NOW,
    }


def _person(**changed: Any) -> dict[str, Any]:
    return {
        "person_id": uuid4(),
        "master_key_id": "test",
        "wrapped": bytes(range(256)),
        "created_at": NOW,
        "shredded_at": None,
        **changed,
    }


def test_every_value_is_read_back_as_it_was_given(engine: Engine) -> None:
    texts = [_text(n, words) for n, words in enumerate(AWKWARD)]
    people = [_person(), _person(wrapped=None, shredded_at=NOW)]
    with engine.begin() as connection:
        parts = (Rows(person_key, people), Rows(consent_text, texts, unless_there=True))
        assert insert_together(connection, parts, {})
        assert insert_together(connection, (Rows(consent_text, texts, unless_there=True),), {})
        read = connection.execute(select(consent_text).order_by(consent_text.c.unitid)).mappings()
        assert [dict(row) for row in read] == texts
        kept = {row["person_id"]: dict(row) for row in _all(connection, person_key)}
        assert kept == {each["person_id"]: each for each in people}


@pytest.mark.parametrize("words", AWKWARD)
def test_a_row_alone_is_read_back_as_it_was_given(engine: Engine, words: str) -> None:
    alone, person = _text(1, words), _person()
    document = {"words": [words, None, 1.5, True], words: {}}
    event = {"id": uuid4(), "actor_kind": "system", "action": words, "detail": document}
    at = {"at": NOW}
    with engine.begin() as connection:
        parts = (
            Rows(consent_text, [alone]),
            Rows(person_key, [person]),
            Rows(audit, [event], (("at", "at"),), (("actor", "'me ' || 2"), ("subject", "''"))),
        )
        assert insert_together(connection, parts, at)
        assert [dict(row) for row in _all(connection, consent_text)] == [alone]
        assert [dict(row) for row in _all(connection, person_key)] == [person]
        [kept] = _all(connection, audit)
    assert {name: kept[name] for name in event} == event
    assert (kept["at"], kept["actor"]) == (NOW, "me 2")


def test_what_is_the_same_or_reckoned_stands_in_every_row(engine: Engine) -> None:
    people = [{"master_key_id": name} for name in ("a", "b")]
    ids = (("person_id", "gen_random_uuid()"),)
    with engine.begin() as connection:
        parts = (Rows(person_key, people, (("created_at", "now"), ("shredded_at", "now")), ids),)
        assert insert_together(connection, parts, {"now": NOW})
        kept = _all(connection, person_key)
    assert sorted(row["master_key_id"] for row in kept) == ["a", "b"]
    assert len({row["person_id"] for row in kept}) == 2
    assert {(row["created_at"], row["shredded_at"]) for row in kept} == {(NOW, NOW)}


def test_what_comes_after_a_gate_that_was_there_already_is_left_out(engine: Engine) -> None:
    gate = Rows(consent_text, [_text(1, "gate")], unless_there=True, gate=True)
    with engine.begin() as connection:
        assert insert_together(connection, (gate, Rows(person_key, [_person()])), {})
        before = Rows(person_key, [_person()])
        assert not insert_together(connection, (before, gate, Rows(person_key, [_person()])), {})
        assert connection.execute(select(func.count()).select_from(person_key)).scalar_one() == 2


def insert_together(connection: Connection, parts: Sequence[Rows], same: Mapping[str, Any]) -> bool:
    return bool(connection.exec_driver_sql(*write_together(parts, same)).scalar_one())


def _all(connection: Any, table: Any) -> Any:
    return connection.execute(select(table)).mappings().all()
