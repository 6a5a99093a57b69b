"""Kinds of destination: what each declares about its settings, and their registry.

Every module of this folder but ``declaration`` is a kind: the module's name is the kind's, and its
``KIND`` says what staff fill in. The kind's client is ``workers/destinations/<kind>/client.py``.
"""

from collections.abc import Mapping
from importlib import import_module
from pkgutil import iter_modules
from types import MappingProxyType

from models.exchange.kinds.declaration import Kind

_NOT_KINDS = frozenset({"declaration"})


def _find() -> dict[str, Kind]:
    names = sorted(found.name for found in iter_modules(__path__) if found.name not in _NOT_KINDS)
    return {name: _declared(name) for name in names}


def _declared(name: str) -> Kind:
    kind = getattr(import_module(f"{__name__}.{name}"), "KIND", None)
    if not isinstance(kind, Kind) or kind.name != name:
        raise TypeError(f"{__name__}.{name} must hold KIND, a Kind named {name!r}")
    return kind


KINDS: Mapping[str, Kind] = MappingProxyType(_find())

__all__ = ["KINDS", "Kind"]
