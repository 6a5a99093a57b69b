"""Sessions in a real PostgreSQL: what is stored, what can be read, when it ends."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask, jsonify, request, session
from flask.testing import FlaskClient
from sqlalchemy import Engine, text

from models.domain.clock import FixedClock
from models.domain.ports.unit_of_work import UnitOfWorkFactory
from service.web.session import IDLE, DatabaseSessions, ServerSession, hash_token

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOON)


@pytest.fixture
def client(unit_of_work: UnitOfWorkFactory, clock: FixedClock) -> FlaskClient:
    app = Flask("test")
    app.session_interface = DatabaseSessions(unit_of_work, clock)

    @app.get("/plain")
    def plain() -> str:
        return "nothing asked"

    @app.get("/put/<word>")
    def put(word: str) -> str:
        session["word"] = word
        return word

    @app.get("/get")
    def get() -> Any:
        ended = session.ended if isinstance(session._get_current_object(), ServerSession) else None  # type: ignore[attr-defined]
        return jsonify(word=session.get("word"), ended=ended)

    @app.get("/clear")
    def clear() -> str:
        session.clear()
        return "cleared"

    add_tabs(app)
    return app.test_client()


def add_tabs(app: Flask) -> None:
    """Pages that change the session in ways that another tab can come between."""

    @app.get("/meanwhile/<mine>/<theirs>")
    def meanwhile(mine: str, theirs: str) -> Any:
        """Look, let another tab put something, and only then put something too."""
        before = dict(session)
        tab = app.test_client()
        tab.set_cookie("session", request.cookies["session"])
        tab.get(theirs.replace("-", "/"))
        apply(mine.split("-"))
        return jsonify(before)

    @app.get("/sent/<key>")
    def sent(key: str) -> str:
        apply(["sent", key])
        return key

    @app.get("/pop/<word>")
    def pop(word: str) -> str:
        apply(["pop", word])
        return word

    @app.get("/all")
    def everything() -> Any:
        return jsonify(dict(session))


def apply(change: list[str]) -> None:
    kind, word = change
    if kind == "sent":
        session["sent"] = {**session.get("sent", {}), word: "kept"}
    elif kind == "unsent":
        session["sent"] = {name: one for name, one in session["sent"].items() if name != word}
    elif kind == "pop":
        session.pop(word)
    else:
        session[kind] = word


def rows(engine: Engine) -> list[Any]:
    with engine.connect() as connection:
        return list(connection.execute(text("SELECT * FROM web_session")))


def token_of(client: FlaskClient) -> str:
    cookie = client.get_cookie("session")
    assert cookie is not None
    return cookie.value


def test_a_page_that_asks_nothing_of_the_session_keeps_nothing(
    client: FlaskClient, engine: Engine
) -> None:
    assert "Set-Cookie" not in client.get("/plain").headers
    assert rows(engine) == []


def test_what_was_put_is_there_on_the_next_page(client: FlaskClient) -> None:
    client.get("/put/hello")
    assert client.get("/get").json == {"word": "hello", "ended": False}
    client.get("/put/again")
    assert client.get("/get").json == {"word": "again", "ended": False}


def test_what_is_shown_once_stays_for_who_looks(client: FlaskClient) -> None:
    client.get("/put/secret")
    assert client.head("/pop/word").status_code == 200
    assert client.get("/get").json == {"word": "secret", "ended": False}
    client.get("/pop/word")
    assert client.get("/get").json == {"word": None, "ended": False}


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(client: FlaskClient) -> None:
    cookie = client.get("/put/hello").headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


def test_over_https_the_cookie_is_secure(client: FlaskClient) -> None:
    client.application.config["SESSION_COOKIE_SECURE"] = True
    assert "Secure" in client.get("/put/hello").headers["Set-Cookie"]


def test_invariant_11_the_table_holds_neither_the_token_nor_what_was_typed(
    client: FlaskClient, engine: Engine
) -> None:
    client.get("/put/remarkable")
    [row] = rows(engine)
    assert row.token_hash == hash_token(token_of(client))
    stored = repr(tuple(row)).encode() + bytes(row.data) + bytes(row.wrapped)
    assert b"remarkable" not in stored
    assert token_of(client).encode() not in stored


def test_one_sessions_data_cannot_be_moved_under_anothers_token(
    client: FlaskClient, engine: Engine
) -> None:
    client.get("/put/mine")
    other = client.application.test_client()
    other.get("/put/other")
    with engine.begin() as connection:
        connection.execute(
            text(
                "UPDATE web_session SET (data, wrapped) = (SELECT data, wrapped FROM web_session"
                " WHERE token_hash = :theirs) WHERE token_hash = :mine"
            ),
            {"theirs": hash_token(token_of(other)), "mine": hash_token(token_of(client))},
        )
    assert client.get("/get").status_code == 500


def test_two_hours_after_the_last_visit_it_is_gone_and_says_so(
    client: FlaskClient, clock: FixedClock
) -> None:
    client.get("/put/hello")
    clock.at = NOON + IDLE - timedelta(minutes=1)
    assert client.get("/get").json == {"word": "hello", "ended": False}
    clock.at += IDLE - timedelta(minutes=1)
    assert client.get("/get").json == {"word": "hello", "ended": False}, "a visit extends it"
    clock.at += IDLE
    assert client.get("/get").json == {"word": None, "ended": True}


def test_the_next_visitor_who_types_sweeps_what_has_expired(
    client: FlaskClient, clock: FixedClock, engine: Engine
) -> None:
    client.get("/put/old")
    clock.at = NOON + IDLE
    client.application.test_client().get("/put/new")
    assert len(rows(engine)) == 1


def test_an_emptied_session_is_deleted_with_its_key(client: FlaskClient, engine: Engine) -> None:
    client.get("/put/hello")
    client.get("/clear")
    assert rows(engine) == []
    assert client.get_cookie("session") is None


def test_what_two_tabs_sent_at_once_is_kept_of_both(client: FlaskClient) -> None:
    client.get("/put/hello")
    client.get("/meanwhile/sent-one/sent-two")
    assert client.get("/all").json == {"word": "hello", "sent": {"one": "kept", "two": "kept"}}


def test_what_one_tab_took_away_of_many_stays_away_though_another_put_more(
    client: FlaskClient,
) -> None:
    client.get("/sent/one")
    client.get("/meanwhile/unsent-one/sent-two")
    assert client.get("/all").json == {"sent": {"two": "kept"}}


def test_what_one_tab_changed_is_not_put_back_by_another(client: FlaskClient) -> None:
    client.get("/put/hello")
    client.get("/meanwhile/age-yes/put-again")
    assert client.get("/all").json == {"word": "again", "age": "yes"}
    client.get("/meanwhile/age-no/pop-word")
    assert client.get("/all").json == {"age": "no"}


def test_a_tab_takes_away_only_what_it_saw(client: FlaskClient) -> None:
    client.get("/put/old")
    client.get("/meanwhile/pop-word/put-new")
    assert client.get("/all").json == {"word": "new"}


def test_a_session_that_ended_meanwhile_begins_again_with_what_is_put(
    client: FlaskClient,
) -> None:
    client.get("/put/old")
    client.get("/meanwhile/age-yes/clear")
    assert client.get("/all").json == {"age": "yes"}


@pytest.mark.parametrize("token", ["x", "x" * 3000, "\u00e9\u0660", ""])
def test_a_made_up_token_is_a_new_visitor(client: FlaskClient, token: str) -> None:
    client.set_cookie("session", token)
    answer = client.get("/get").json
    assert answer is not None
    assert answer["word"] is None
    client.get("/put/hello")
    assert token_of(client) != token, "a token is never taken from the visitor"
