"""Browsers for tests: they open pages, fill forms by their labels and press buttons by their names.

``PlainBrowser`` follows forms as HTML 4 says, over HTTP or straight into a Flask app: it needs no
browser installed. ``tests.support.chromium`` drives a real one through the same methods.
"""

from __future__ import annotations

import http.cookies
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol
from urllib.parse import urlencode, urljoin, urlsplit

from flask.testing import FlaskClient
from typing_extensions import override

from tests.support.pages import Element, read_page

Pairs = list[tuple[str, str]]


class Browser(Protocol):
    """What a person does with a page."""

    def open(self, address: str) -> None: ...

    def follow(self, words: str) -> None:
        """Click the first link that says so."""

    def fill(self, label: str, text: str) -> None:
        """Type into the field with that label."""

    def choose(self, label: str) -> None:
        """Click the box or radio with that label."""

    def press(self, name: str) -> None:
        """Press the button with that name."""

    def reload(self) -> None: ...

    @property
    def address(self) -> str: ...

    @property
    def heading(self) -> str: ...

    @property
    def text(self) -> str: ...


@dataclass(frozen=True)
class Reply:
    """An answer as it came."""

    status: int
    headers: dict[str, list[str]]
    body: str

    def header(self, name: str) -> str:
        return next(iter(self.headers.get(name.lower(), [])), "")


Fetch = Callable[[str, str, Pairs | None, str], Reply]


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    @override
    def redirect_request(self, *_: object) -> None:
        return None


def over_http(root: str, address: str | None = None) -> Fetch:
    """Fetch from a running server; ``address``: as its proxy says where it comes from."""
    opener = urllib.request.build_opener(_NoRedirects)

    def fetch(method: str, path: str, pairs: Pairs | None, cookie: str) -> Reply:
        body = None if pairs is None else urlencode(pairs).encode()
        request = urllib.request.Request(urljoin(root, path), body, method=method)  # noqa: S310
        if cookie:
            request.add_header("Cookie", cookie)
        if address:
            request.add_header("X-Forwarded-For", address)
        try:
            answer = opener.open(request, timeout=30)
        except urllib.error.HTTPError as error:
            answer = error
        with answer:
            headers: dict[str, list[str]] = {}
            for name, value in answer.headers.items():
                headers.setdefault(name.lower(), []).append(value)
            return Reply(answer.status, headers, answer.read().decode())

    return fetch


def into_app(client: FlaskClient) -> Fetch:
    """Fetch from a Flask app without a server; the client must keep no cookies of its own."""

    def fetch(method: str, path: str, pairs: Pairs | None, cookie: str) -> Reply:
        headers = {"Cookie": cookie} if cookie else {}
        body = None if pairs is None else urlencode(pairs)
        kind = "application/x-www-form-urlencoded" if body is not None else None
        answer = client.open(path, method=method, data=body, content_type=kind, headers=headers)
        told: dict[str, list[str]] = {}
        for name, value in answer.headers.items():
            told.setdefault(name.lower(), []).append(value)
        return Reply(answer.status_code, told, answer.get_data(as_text=True))

    return fetch


_FIELDS = frozenset({"input", "select", "textarea"})


@dataclass
class PlainBrowser:
    """Follows links and forms of plain HTML, keeps cookies, runs nothing."""

    fetch: Fetch
    cookies: dict[str, str] = field(default_factory=dict)
    typed: dict[int, str | None] = field(default_factory=dict)
    page: Element = field(default_factory=lambda: Element("", {}))
    reply: Reply = field(default_factory=lambda: Reply(0, {}, ""))
    address: str = "/"

    @property
    def heading(self) -> str:
        return self.page.one("h1").text

    @property
    def text(self) -> str:
        return self.page.one("main").text

    def open(self, address: str) -> None:
        self._go("GET", address, None)

    def reload(self) -> None:
        self.open(self.address)

    def follow(self, words: str) -> None:
        links = [link for link in self.page.all("a") if words in link.text]
        assert links, f"no link says {words!r}"
        self.open(links[0]["href"])

    def fill(self, label: str, text: str) -> None:
        self.typed[id(self._labelled(label))] = text

    def choose(self, label: str) -> None:
        box = self._labelled(label)
        if box.tag == "input" and box.get("type") == "radio":
            for other in self.page.all("input", type="radio", name=box["name"]):
                self.typed[id(other)] = None
        ticked = self._value(box) is not None and box.get("type") == "checkbox"
        self.typed[id(box)] = None if ticked else box["value"]

    def press(self, name: str) -> None:
        form, button = self._form_with(name)
        fields = [one for one in form.walk() if one.tag in _FIELDS and one.has("name")]
        pairs = [(one["name"], value) for one in fields if (value := self._value(one)) is not None]
        if button.has("name"):
            pairs.append((button["name"], button["value"]))
        action = button.get("formaction") or form["action"]
        if form.get("method", "get") == "post":
            self._go("POST", action, pairs)
        else:  # what the form says stands in place of the address's own query
            self._go("GET", f"{action.partition('?')[0]}?{urlencode(pairs)}", None)

    def _form_with(self, name: str) -> tuple[Element, Element]:
        """The form that a button belongs to: the one around it, or the one it names.

        Every page has a search of its own above; what a page is about comes first.
        """
        found = [
            (form, button)
            for form in self.page.all("form")
            for button in self.page.all("button")
            if button.text == name
            and (button in form.all("button") or button.get("form", "-") == form.get("id"))
        ]
        about = self.page.one("main").all("button")
        found = [one for one in found if one[1] in about] or found
        assert len(found) == 1, f"{len(found)} forms have a button {name!r}"
        return found[0]

    def _labelled(self, label: str) -> Element:
        found = [one for one in self.page.all("label") if one.text.startswith(label)]
        assert found, f"no label starts with {label!r}"
        return self.page.one(id=found[0]["for"])

    def _value(self, one: Element) -> str | None:
        """What a field would send now; None: nothing."""
        if id(one) in self.typed:
            return self.typed[id(one)]
        if one.tag == "select":
            options = one.all("option")
            chosen = next((o for o in options if o.has("selected")), options[0])
            return chosen.get("value", chosen.text)
        if one.tag == "textarea" or one.get("type") == "file":
            return _lines(one) if one.tag == "textarea" else None  # no file is ever chosen here
        if one.get("type") in {"checkbox", "radio"}:
            return one["value"] if one.has("checked") else None
        return one.get("value")

    def _go(self, method: str, address: str, pairs: Pairs | None) -> None:
        for _ in range(5):
            path = urlsplit(urljoin(self.address, address))
            target = path._replace(scheme="", netloc="", fragment="").geturl()
            cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
            self.reply = self.fetch(method, target, pairs, cookie)
            self._keep_cookies()
            self.address = target
            if self.reply.status not in {301, 302, 303, 307, 308}:
                break
            method, address, pairs = "GET", self.reply.header("Location"), None
        self.page, self.typed = read_page(self.reply.body), {}

    def _keep_cookies(self) -> None:
        for line in self.reply.headers.get("set-cookie", []):
            for name, morsel in http.cookies.SimpleCookie(line).items():
                if morsel.value and morsel["max-age"] != "0":
                    self.cookies[name] = morsel.value
                else:
                    self.cookies.pop(name, None)


def _lines(one: Element) -> str:
    """What a textarea holds, line by line; the first break after its tag is none."""
    return "".join(each for each in one.children if isinstance(each, str)).removeprefix("\n")
