"""The least a Flask app can do: what pages and answers are measured against."""

from flask import Flask


def app() -> Flask:
    """Make an app of one route, without hooks."""
    made = Flask(__name__, static_folder=None)

    @made.get("/")
    def ok() -> bytes:
        return b"ok"

    return made
