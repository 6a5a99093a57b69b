# mypy: disable-error-code="import-untyped,misc,untyped-decorator"
"""A foreign system: Authlib's OAuth2 server, and an address of leads that takes its tokens alone.

python -m tests.support.oauth_server CONFIG

CONFIG is JSON: ``method`` (how its one client must prove itself), ``client_id``, ``client_secret``
and ``seconds`` (how long a token lasts). Its port is printed. A line that is typed is done:
``revoke`` takes all tokens back, ``seen`` prints what was asked since the last time.
"""

import json
import logging
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from authlib.integrations.flask_oauth2 import AuthorizationServer, ResourceProtector
from authlib.oauth2.rfc6749 import ClientMixin, TokenMixin
from authlib.oauth2.rfc6749.grants import ClientCredentialsGrant
from authlib.oauth2.rfc6750 import BearerTokenValidator
from flask import Flask, Response, request
from werkzeug.serving import make_server


@dataclass(frozen=True)
class OneClient(ClientMixin):
    """The client that it knows, which may prove itself in one way only."""

    client_id: str
    secret: str
    method: str

    def get_client_id(self) -> str:
        return self.client_id

    def get_allowed_scope(self, scope: str) -> str:
        return scope if scope == "leads" else ""

    def check_client_secret(self, client_secret: str) -> bool:
        return client_secret == self.secret

    def check_endpoint_auth_method(self, method: str, _endpoint: str) -> bool:
        return method == self.method

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type == "client_credentials"


@dataclass
class Issued(TokenMixin):
    """A token that it gave away."""

    scope: str
    until: float
    revoked: bool = False

    def check_client(self, _client: OneClient) -> bool:
        return True

    def get_scope(self) -> str:
        return self.scope

    def is_expired(self) -> bool:
        return time.time() > self.until

    def is_revoked(self) -> bool:
        return self.revoked


class Credentials(ClientCredentialsGrant):
    """Both ways of RFC 6749, 2.3.1; which one is taken, the client says."""

    TOKEN_ENDPOINT_AUTH_METHODS = ("client_secret_basic", "client_secret_post")


def make_app(config: dict[str, Any], issued: dict[str, Issued], seen: list[str]) -> Flask:
    """Make the system; ``seen`` is filled with what was asked and how it was answered."""
    app = Flask("foreign")
    app.config["OAUTH2_TOKEN_EXPIRES_IN"] = {"client_credentials": config["seconds"]}
    one = OneClient(config["client_id"], config["client_secret"], config["method"])

    def save(token: dict[str, Any], _request: object) -> None:
        issued[token["access_token"]] = Issued(
            token.get("scope", ""), time.time() + token["expires_in"]
        )

    class Validator(BearerTokenValidator):
        def authenticate_token(self, token_string: str) -> Issued | None:
            return issued.get(token_string)

    server = AuthorizationServer(
        app, lambda client_id: one if client_id == one.client_id else None, save
    )
    server.register_grant(Credentials)
    protect = ResourceProtector()
    protect.register_token_validator(Validator())

    @app.post("/token")
    def token() -> Any:
        return server.create_token_response()

    @app.post("/leads")
    @protect("leads")
    def leads() -> Response:
        return Response('{"kept":true}', 200, content_type="application/json")

    @app.after_request
    def note(response: Response) -> Response:
        seen.append(f"{request.path} {response.status_code}")
        return response

    return app


def serve(config: dict[str, Any]) -> None:
    """Answer until the input ends."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    issued: dict[str, Issued] = {}
    seen: list[str] = []
    server = make_server("127.0.0.1", 0, make_app(config, issued, seen), threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    _say(str(server.server_port))
    for line in sys.stdin:
        if line.strip() == "revoke":
            for each in issued.values():
                each.revoked = True
        _say(json.dumps(seen))
        seen.clear()


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


@dataclass(frozen=True)
class OAuthServer:
    """One that runs."""

    process: "subprocess.Popen[str]"
    host: str

    def revoke(self) -> None:
        """Take all tokens back."""
        self._do("revoke")

    def seen(self) -> list[str]:
        """Return what was asked since the last time, each as path and status."""
        said: list[str] = self._do("seen")
        return said

    def _do(self, what: str) -> Any:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(f"{what}\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())


@contextmanager
def oauth_server(**config: Any) -> Iterator[OAuthServer]:
    """Run one while the block lasts."""
    command = [sys.executable, "-m", "tests.support.oauth_server", json.dumps(config)]
    # It refuses to give tokens away over plain HTTP otherwise.
    environment = {**os.environ, "AUTHLIB_INSECURE_TRANSPORT": "1"}  # noqa: TID251
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
    ) as process:
        assert process.stdout is not None
        try:
            yield OAuthServer(process, f"http://127.0.0.1:{process.stdout.readline().strip()}")
        finally:
            process.kill()


if __name__ == "__main__":
    serve(json.loads(sys.argv[1]))
