from collections.abc import Iterable, Iterator

import pytest
from flask import Flask
from flask.typing import ResponseReturnValue
from werkzeug.test import create_environ, run_wsgi_app

from service.flask_app import App, PageResponse, WholeResponse


def answer_of(app: Flask, path: str, method: str = "GET") -> Iterable[bytes]:
    return app(create_environ(path, method=method), lambda *_: lambda _: None)


@pytest.fixture
def closed() -> list[str]:
    return []


@pytest.fixture
def app(closed: list[str]) -> Flask:
    app = App("test")

    def pieces() -> Iterator[str]:
        yield "a"
        yield "b"

    def watched() -> ResponseReturnValue:
        response = app.make_response("ab")
        response.call_on_close(lambda: closed.append("watched"))
        return response

    app.add_url_rule("/whole", "whole", lambda: "ab")
    app.add_url_rule("/pieces", "pieces", pieces)
    app.add_url_rule("/watched", "watched", watched)
    return app


def test_a_whole_answer_is_given_in_one_piece(app: Flask) -> None:
    assert answer_of(app, "/whole") == [b"ab"]
    assert answer_of(app, "/whole", "HEAD") == []


@pytest.mark.parametrize("path", ["/pieces", "/watched"])
def test_any_other_answer_is_given_piece_by_piece_and_closed(
    app: Flask, path: str, closed: list[str]
) -> None:
    answer = answer_of(app, path)
    assert not isinstance(answer, list)
    assert b"".join(answer) == b"ab"
    answer.close()  # type: ignore[attr-defined]
    assert closed == ["watched"] * (path == "/watched")


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("change", [None, "data", "close"])
def test_a_page_is_answered_as_any_other_answer_of_its_text(
    method: str, change: str | None, closed: list[str]
) -> None:
    answers = []
    for response in (PageResponse("<p>é".encode()), WholeResponse("<p>é", mimetype="text/html")):
        response.headers["X-Added"] = "by a hook"
        if change == "data":
            response.set_data("<p>other")
        if change == "close":
            response.call_on_close(lambda: closed.append("watched"))
        parts, status, headers = run_wsgi_app(response, create_environ("/", method=method))
        answers.append((status, sorted(headers), b"".join(parts)))
        if change == "close":
            parts.close()  # type: ignore[attr-defined]
    assert answers[0] == answers[1]
    assert closed == ["watched"] * 2 * (change == "close")
