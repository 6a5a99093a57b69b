"""Templates drawn once for each form their views can take, and then only filled with words.

Drawing a card in Jinja costs far more than finding its words, and all cards with as many warnings,
reasons and figures differ in nothing but words. So a template is drawn with a hole in the place of
every text, cut at the holes, kept, and filled: what is shown still comes from the template and
from nowhere else. What is cut is kept as bytes, as it is sent: a page is joined once and never
encoded.

A view is a ``NamedTuple``. Its texts (``str``, escaped when they are put in, or ``Html``, which is
ready), tuples of texts and views inside it leave holes. Which texts are empty, how long tuples
are, and every other value (flags, choices) are its form. A template may ask whether a text is
there, put it somewhere and put words around it; it cannot look inside.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import chain, count
from operator import itemgetter
from typing import Any, NewType, get_args, get_origin, get_type_hints

from markupsafe import Markup, escape

# HTML as it is sent: escaped, in UTF-8.
Html = NewType("Html", bytes)
NOTHING = Html(b"")

# Forms kept of each template; one that is not among them costs a drawing.
MOST_FORMS = 512
_OPEN, _SHUT = "\ue000", "\ue001"
_HOLE = re.compile(f"{_OPEN}([0-9]+){_SHUT}")
# What HTML cannot hold, not even written as a reference; it can only come from what was typed.
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f\ufdd0-\ufdef\ufffe\uffff]")
_Pick = Callable[[Sequence[Any]], tuple[Any, ...]]
# A view taken apart: its form, and its texts.
Taken = tuple[tuple[Any, ...], list[Html]]


def writable(text: str) -> str:
    """Put a sign that can be seen, and taken out, in the place of what HTML cannot hold."""
    return text if text.isprintable() else _UNWRITABLE.sub("\ufffd", text)


def as_html(text: str) -> Html:
    """Escape a text."""
    # Most texts mean themselves in HTML, and asking costs less than escaping.
    if "&" in text or "'" in text or "<" in text or ">" in text or '"' in text:
        text = escape(text)
    return Html((text if text.isprintable() else writable(text)).encode())


def join(pieces: Iterable[Html], between: bytes = b"") -> Html:
    """Put HTML one after another."""
    return Html(between.join(pieces))


def as_markup(html: Html) -> Markup:
    """Give HTML to a template that is drawn anew each time."""
    return Markup(html.decode())  # noqa: S704 - escaped, as Html is


class Form:
    """Takes views of one kind apart, and makes views of that kind whose texts are holes."""

    def __init__(self, kind: type[Any]) -> None:
        self._kind = kind
        hints = [get_type_hints(kind)[name] for name in kind._fields]
        items: list[Any] = [
            get_args(hint)[0] if get_origin(hint) is tuple else None for hint in hints
        ]
        self._ready = [place for place, hint in enumerate(hints) if hint is Html]
        self._plain = [place for place, hint in enumerate(hints) if hint is str]
        self._many_ready = [at for at, item in enumerate(items) if item is Html]
        self._many_plain = [at for at, item in enumerate(items) if item is str]
        self._inner = {at: Form(hint) for at, hint in enumerate(hints) if _is_view(hint)}
        self._items = {at: Form(item) for at, item in enumerate(items) if _is_view(item)}
        self._nests = bool(self._many_plain or self._inner or self._items)
        many = (*self._many_ready, *self._many_plain)
        taken = {*self._ready, *self._plain, *many, *self._inner, *self._items}
        self._others = [place for place in range(len(hints)) if place not in taken]
        self._pick_ready, self._pick_plain = _picker(self._ready), _picker(self._plain)
        self._pick_others = _picker(self._others)

    def take(self, view: Sequence[Any]) -> Taken:
        """Take a view apart."""
        html: list[Html] = [*self._pick_ready(view), *map(as_html, self._pick_plain(view))]
        form: list[Any] = [*map(bool, html), *self._pick_others(view)]
        for place in self._many_ready:
            many = view[place]
            form.append(len(many))
            html += many
        if self._nests:
            self._take_nested(view, form, html)
        return tuple(form), html

    def _take_nested(self, view: Sequence[Any], form: list[Any], html: list[Html]) -> None:
        for place in self._many_plain:
            many = view[place]
            form.append(len(many))
            html += map(as_html, many)
        for place, kind in self._inner.items():
            shape, texts = kind.take(view[place])
            form.append(shape)
            html += texts
        for place, kind in self._items.items():
            items = [kind.take(item) for item in view[place]]
            form.append(tuple([shape for shape, _ in items]))
            html += chain.from_iterable([texts for _, texts in items])

    def with_holes(self, form: Iterable[Any], holes: Iterator[str]) -> Any:
        """Make a view of that form; its holes are in the order in which texts are taken."""
        rest = iter(form)
        view: dict[int, Any] = {}
        for place in (*self._ready, *self._plain):
            hole = next(holes)  # an empty text has its place among the texts all the same
            view[place] = hole if next(rest) else ""
        for place in self._others:
            view[place] = next(rest)
        for place in (*self._many_ready, *self._many_plain):
            view[place] = tuple(next(holes) for _ in range(next(rest)))
        for place, kind in self._inner.items():
            view[place] = kind.with_holes(next(rest), holes)
        for place, kind in self._items.items():
            view[place] = tuple(kind.with_holes(one, holes) for one in next(rest))
        return self._kind(*(view[place] for place in range(len(view))))


class Mould:
    """One template: drawn once for each form of its views, then filled.

    Args:
        draw: draws it, in the language of whoever asks, for views that have holes.
        kinds: the kinds of those views.
    """

    def __init__(self, draw: Callable[..., str], *kinds: type[Any]) -> None:
        self._draw = draw
        self.forms = tuple(map(Form, kinds))
        self._cut = lru_cache(MOST_FORMS)(self._cut_at_holes)

    def draw(self, locale: str, *views: Sequence[Any]) -> Html:
        """Draw it for views."""
        if len(views) == 1:
            form, texts = self.forms[0].take(views[0])
            between, pick = self._cut(locale, form)
        else:
            taken = [form.take(view) for form, view in zip(self.forms, views, strict=True)]
            between, pick = self._cut(locale, *[form for form, _ in taken])
            texts = [*chain.from_iterable([texts for _, texts in taken])]
        parts = between.copy()
        parts[1::2] = pick(texts)
        return Html(b"".join(parts))

    def draw_all(self, locale: str, views: Iterable[Sequence[Any]]) -> list[Html]:
        """Draw a template of one view for each of many."""
        [kind], cut, drawn = self.forms, self._cut, []
        for view in views:
            form, texts = kind.take(view)
            between, pick = cut(locale, form)
            parts = between.copy()
            parts[1::2] = pick(texts)
            drawn.append(Html(b"".join(parts)))
        return drawn

    def _cut_at_holes(self, locale: str, *forms: tuple[Any, ...]) -> tuple[list[bytes], _Pick]:  # noqa: ARG002 - it is drawn in the asker's language, and kept by it
        holes = (f"{_OPEN}{number}{_SHUT}" for number in count())
        views = [kind.with_holes(form, holes) for kind, form in zip(self.forms, forms, strict=True)]
        parts: list[str] = _HOLE.split(self._draw(*views))
        return [part.encode() for part in parts], _picker([int(each) for each in parts[1::2]])


def _is_text(hint: Any) -> bool:
    return hint is str or hint is Html


def _is_view(hint: Any) -> bool:
    return isinstance(hint, type) and issubclass(hint, tuple) and hasattr(hint, "_fields")


def _picker(places: Sequence[int]) -> _Pick:
    """Make a function that picks those places of a sequence, in their order."""
    if len(places) > 1:
        return itemgetter(*places)
    if not places:
        return lambda _: ()
    [only] = places
    return lambda values: (values[only],)
