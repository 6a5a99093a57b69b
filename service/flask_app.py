"""Flask as this service uses it: plain functions, and answers that are whole when they are sent."""

from collections.abc import Callable, Iterable
from typing import Any

from flask import Flask, Response
from typing_extensions import override

HTML = "text/html; charset=utf-8"


class WholeResponse(Response):
    """An answer that gives the server its body in one piece.

    The server sends a list at once, and asks anything else for piece after piece, each time
    through the interpreter's lock.
    """

    @override
    def get_app_iter(self, environ: dict[str, Any]) -> Iterable[bytes]:
        parts: Any = super().get_app_iter(environ)
        whole = isinstance(self.response, list) and not self._on_close
        return list(parts) if whole else parts


class PageResponse(WholeResponse):
    """A page that was found and drawn whole: nothing of it is left to be worked out.

    Args:
        html: the page, in UTF-8.
    """

    def __init__(self, html: bytes) -> None:
        self._whole = [html]
        super().__init__(self._whole, content_type=HTML)
        self.headers.add("Content-Length", str(len(html)))

    @override
    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] != "GET" or self._on_close or self.response is not self._whole:
            return super().__call__(environ, start_response)
        start_response(self.status, self.headers.to_wsgi_list())
        return self._whole


class App(Flask):
    """A Flask app without coroutines."""

    response_class = WholeResponse

    @override
    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """Return a view or hook as it is: asking each whether it is a coroutine is not free."""
        return func
