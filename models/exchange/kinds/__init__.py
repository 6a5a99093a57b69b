"""Kinds of destination: what each declares about its settings, and their registry."""

from collections.abc import Mapping
from types import MappingProxyType

from models.exchange.kinds.declaration import Kind
from models.exchange.kinds.webhook import WEBHOOK

KINDS: Mapping[str, Kind] = MappingProxyType({kind.name: kind for kind in (WEBHOOK,)})

__all__ = ["KINDS", "Kind"]
