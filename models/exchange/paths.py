"""Paths into nested documents: ``student.email``, ``result[0].id``, ``consents[channel=call]``.

One spelling for reading (a lead, an answer) and for writing (the body that a school expects). In
brackets stands a place in a list, from 0, or what an entry of the list must say.
"""

import re
from collections.abc import Mapping, MutableMapping
from functools import lru_cache
from typing import Any

# A name, a place in a list, or the values that an entry of a list must have.
Step = str | int | tuple[tuple[str, str], ...]
Path = tuple[Step, ...]

_STEP = re.compile(r"(?:^|\.)([^.\[\]=,]+)|\[([^\[\]]*)\]")
_PAIR = re.compile(r"([^=,]+)=([^=,]*)")
_LONGEST = 300


@lru_cache(maxsize=4096)
def parse_path(text: str) -> Path:
    """Take a path apart.

    Raises:
        ValueError: with what to do.
    """
    steps: list[Step] = []
    at = 0
    while at < len(text) <= _LONGEST and (found := _STEP.match(text, at)):
        steps.append(found[1] if found[1] is not None else _bracket(found[2]))
        at = found.end()
    if not text or at != len(text):
        raise ValueError(f"“{text[:40]}” is no path; write student.email or result[0].id.")
    return tuple(steps)


def read_path(document: Any, path: Path) -> Any:
    """Return what stands at a path, or None; never raises, whatever the document is."""
    found = document
    for step in path:
        if isinstance(step, str):
            found = found.get(step) if isinstance(found, Mapping) else None
        else:
            # What could be a list and has one entry stands alone in XML.
            entries = found if isinstance(found, list) else [found]
            found = _entry(entries, step)
        if found is None:
            return None
    return found


def put_path(root: MutableMapping[str, Any], path: Path, value: Any) -> None:
    """Set a value at a path; what is missing on the way is made.

    An entry asked for by its values is made with them; a place beyond a list's end is its end.

    Raises:
        ValueError: when another value stands in the way.
    """
    here: Any = root
    for step, following in zip(path, (*path[1:], None), strict=True):
        last = following is None
        if isinstance(step, str):
            if not isinstance(here, dict) or (last and step in here):
                raise ValueError("another field stands there")
            here = here.setdefault(step, value if last else _empty(following))
        else:
            if not isinstance(here, list) or (last and not isinstance(step, int)):
                raise ValueError("another field stands there")
            here = _made(here, step, value if last else _empty(following), last=last)


def _bracket(inside: str) -> Step:
    if inside.isascii() and inside.isdigit() and len(inside) <= 4:
        return int(inside)
    pairs = tuple((found[1], found[2]) for found in _PAIR.finditer(inside))
    if not pairs or ",".join(f"{name}={value}" for name, value in pairs) != inside:
        raise ValueError(f"“[{inside[:40]}]” is no place in a list; write [0] or [name=email].")
    return pairs


def _entry(entries: list[Any], step: int | tuple[tuple[str, str], ...]) -> Any:
    if isinstance(step, int):
        return entries[step] if step < len(entries) else None
    return next((entry for entry in entries if _says(entry, step)), None)


def _says(entry: Any, pairs: tuple[tuple[str, str], ...]) -> bool:
    return isinstance(entry, Mapping) and all(
        str(entry.get(name, "")) == value for name, value in pairs
    )


def _empty(following: Step | None) -> Any:
    return {} if isinstance(following, str) else []


def _made(entries: list[Any], step: Step, new: Any, *, last: bool) -> Any:
    """Find an entry of a list that is being written, or add it."""
    if isinstance(step, int):
        if step < len(entries):
            if last:
                raise ValueError("another field stands there")
            return entries[step]
        entries.append(new)
        return new
    pairs = step if isinstance(step, tuple) else ()
    found = next((entry for entry in entries if _says(entry, pairs)), None)
    if found is None:
        found = dict(pairs)
        entries.append(found)
    return found
