"""The widget's files: the loader that publishers name, and what the frame itself needs."""

import hashlib
import json
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files

from flask import Response, url_for
from werkzeug.exceptions import NotFound

from service import messages
from service.widget.look import PAPERS, Look, read_look

_LONG = "public, max-age=31536000, immutable"
_AN_HOUR = "public, max-age=3600"
_SCRIPT, _STYLE = "text/javascript; charset=utf-8", "text/css; charset=utf-8"


@dataclass(frozen=True, slots=True)
class _Source:
    """A file as written, and a hash that changes with it."""

    text: str
    version: str


def loader() -> Response:
    """The script that a publisher's page names; its address stays, so it is asked for again."""
    return _served(_loader(), _SCRIPT, _AN_HOUR)


def file(name: str) -> Response:
    """A script or style of the frame, by a name that says its content."""
    kind, _, rest = name.partition("-")
    if kind == "frame" and name == _script_name():
        return _served(_source("frame.js").text, _SCRIPT, _LONG)
    theme, _, accent = rest.removesuffix(".css").partition("-")[2].partition("-")
    look = read_look(theme, accent)
    if kind == "style" and name == _style_name(look):
        return _served(_style(look), _STYLE, _LONG)
    raise NotFound


def script_url() -> str:
    """The address of the frame's script."""
    return url_for("widget.file", name=_script_name())


def style_url(look: Look) -> str:
    """The address of the frame's style sheet in a look."""
    return url_for("widget.file", name=_style_name(look))


def _script_name() -> str:
    return f"frame-{_source('frame.js').version}.js"


def _style_name(look: Look) -> str:
    return f"style-{_source('frame.css').version}-{look.theme}-{look.accent}.css"


@lru_cache(256)
def _style(look: Look) -> str:
    colours = {
        "accent": look.accent,
        "on-accent": look.on_accent,
        "paper": PAPERS[look.theme],
    }
    written = "".join(f"--{name}:#{colour};" for name, colour in colours.items())
    return f":root{{color-scheme:{look.theme};{written}}}\n{_source('frame.css').text}"


@cache
def _loader() -> str:
    """The loader with the frame's name in each language, which screen readers say."""
    titles = {one: messages.text(one, "widget.frame_title") for one in messages.LOCALES}
    return _source("loader.js").text.replace("TITLES", json.dumps(titles, separators=(",", ":")))


@cache
def _source(name: str) -> _Source:
    text = files("service.widget").joinpath(name).read_text("utf-8")
    return _Source(text, hashlib.sha256(text.encode()).hexdigest()[:12])


def _served(text: str, kind: str, caching: str) -> Response:
    response = Response(text, content_type=kind)
    response.headers["Cache-Control"] = caching
    return response
