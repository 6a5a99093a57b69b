"""An organization's own sign-in for tests: a real OpenID provider on Authlib, in a thread.

It checks client, redirect address and PKCE as Authlib does, and lets a test spoil what it signs.
"""

import json
import threading
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, urlencode

from authlib.oauth2.rfc7636 import create_s256_code_challenge
from flask import Flask, Response, redirect, request
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey
from typing_extensions import override
from werkzeug.serving import WSGIRequestHandler, make_server

CLIENT, SECRET = "schoolmatch-at-a", "a secret & more"
ACCESS = "an-access-token-of-the-provider"
Claims = dict[str, Any]


class _Quiet(WSGIRequestHandler):
    @override
    def log(self, type: str, message: str, *args: object) -> None:
        """Say nothing."""


def _as_it_is(claims: Claims) -> Claims:
    return claims


@dataclass
class Provider:
    """What the provider would sign, and what a test makes of it."""

    url: str = ""
    now: Callable[[], float] = time.time
    who: Claims = field(default_factory=dict)
    spoil: Callable[[Claims], Claims] = _as_it_is
    header: Claims = field(default_factory=lambda: {"alg": "RS256", "kid": "one"})
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "one"}))
    signs_with: RSAKey | OctKey | None = None
    says_issuer: str | None = None
    codes: dict[str, Claims] = field(default_factory=dict)
    given: list[str] = field(default_factory=list)

    def token(self, asked: Claims) -> str:
        """Sign who it is, for a try."""
        at = int(self.now())
        claims = {"iss": self.url, "aud": CLIENT, "iat": at, "exp": at + 300}
        claims |= {"nonce": asked["nonce"], **self.who}
        claims = self.spoil(claims)
        if self.header["alg"] == "none":
            parts = (json.dumps(part).encode() for part in ({"alg": "none"}, claims))
            return ".".join(_encode(part) for part in parts) + "."
        return jwt.encode(self.header, claims, self.signs_with or self.key)


def _encode(part: bytes) -> str:
    return urlsafe_b64encode(part).rstrip(b"=").decode()


def _app(provider: Provider) -> Flask:
    app = Flask("provider")

    @app.get("/.well-known/openid-configuration")
    def configuration() -> Claims:
        return {
            "issuer": provider.says_issuer or provider.url,
            "authorization_endpoint": f"{provider.url}/authorize",
            "token_endpoint": f"{provider.url}/token",
            "jwks_uri": f"{provider.url}/keys",
        }

    @app.get("/authorize")
    def authorize() -> Any:
        asked = request.args.to_dict()
        assert asked["client_id"] == CLIENT
        assert asked["response_type"] == "code"
        assert asked["code_challenge_method"] == "S256"
        code = f"code-{len(provider.codes)}-{time.monotonic_ns()}"
        provider.codes[code] = asked
        back = {"code": code, "state": asked["state"], "iss": provider.url}
        return redirect(f"{asked['redirect_uri']}?{urlencode(back)}")

    @app.post("/token")
    def token() -> Any:
        # A code works once; client, address and verifier must be those that it was made for.
        asked = provider.codes.pop(request.form["code"], None)
        given = request.authorization
        right = (
            asked is not None
            and given is not None
            and (unquote(given.username or ""), unquote(given.password or "")) == (CLIENT, SECRET)
            and request.form["redirect_uri"] == asked["redirect_uri"]
            and create_s256_code_challenge(request.form["code_verifier"]) == asked["code_challenge"]
        )
        if asked is None or not right:
            return Response('{"error": "invalid_grant"}', 400, mimetype="application/json")
        provider.given.append(provider.token(asked))
        return {"access_token": ACCESS, "token_type": "Bearer", "id_token": provider.given[-1]}

    @app.get("/keys")
    def keys() -> Claims:
        return {"keys": [provider.key.as_dict(private=False)]}

    return app


@contextmanager
def sign_in() -> Iterator[Provider]:
    """Run a provider on this machine."""
    provider = Provider()
    server = make_server("127.0.0.1", 0, _app(provider), request_handler=_Quiet, threaded=True)
    provider.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        thread.join(10)
        server.server_close()
