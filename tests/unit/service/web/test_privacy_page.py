"""The privacy page says how long things are kept, as it is set here."""

from dataclasses import replace

import pytest
from flask import Flask

from service import messages


@pytest.mark.parametrize(
    ("requests", "searches", "said"),
    [
        (1826, 730, ("it is kept for 5 years,", "After 2 years we delete them")),
        (365, 1, ("it is kept for 1 year,", "After 1 day we delete them")),
        (400, 90, ("it is kept for 400 days,", "After 90 days we delete them")),
    ],
)
def test_how_long_is_said_in_years_where_it_is_years(
    app: Flask, requests: int, searches: int, said: tuple[str, ...]
) -> None:
    shown = _shown(app, requests, searches)
    assert [words in shown for words in said] == [True, True]


def test_what_is_kept_for_good_is_not_given_an_end(app: Flask) -> None:
    shown = _shown(app, 0, 0)
    assert messages.text("en", "privacy.sent_for_good") in shown
    assert "we delete them" not in shown


def _shown(app: Flask, requests: int, searches: int) -> str:
    services = app.extensions["schoolmatch"]
    app.extensions["schoolmatch"] = replace(services, retention_days=requests, search_days=searches)
    return app.test_client().get("/privacy").get_data(as_text=True)
