"""The style sheet, script and icon: read once, named by their hash, kept for a year by browsers."""

import hashlib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from flask import Response, url_for
from werkzeug.exceptions import NotFound

_LONG = "public, max-age=31536000, immutable"


@dataclass(frozen=True, slots=True)
class Asset:
    """A file as served."""

    name: str
    content: bytes
    type: str


@cache
def assets() -> dict[str, Asset]:
    """All assets by kind; the style sheet is the files of ``styles/`` in order."""
    folder = files("service.web")
    parts = sorted(folder.joinpath("styles").iterdir(), key=lambda part: part.name)
    style = b"\n".join(part.read_bytes() for part in parts if part.name.endswith(".css"))
    script = folder.joinpath("script.js").read_bytes()
    proof = folder.joinpath("proof.js").read_bytes()
    rooms = folder.joinpath("rooms.js").read_bytes()
    icon = folder.joinpath("icon.svg").read_bytes()
    return {
        "style": _named(style, "css", "text/css; charset=utf-8"),
        "script": _named(script, "js", "text/javascript; charset=utf-8"),
        "proof": _named(proof, "js", "text/javascript; charset=utf-8"),
        "rooms": _named(rooms, "js", "text/javascript; charset=utf-8"),
        "icon": _named(icon, "svg", "image/svg+xml"),
    }


def asset_url(kind: str) -> str:
    """The address of an asset; it changes when the content does."""
    return url_for("web.asset", name=assets()[kind].name)


def asset(name: str) -> Response:
    """Serve an asset by the name its content gives it."""
    found = next((known for known in assets().values() if known.name == name), None)
    if found is None:
        raise NotFound
    response = Response(found.content, content_type=found.type)
    response.headers["Cache-Control"] = _LONG
    return response


def _named(content: bytes, ending: str, kind: str) -> Asset:
    digest = hashlib.sha256(content).hexdigest()[:16]
    return Asset(f"{digest}.{ending}", content, kind)
