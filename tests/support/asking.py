"""A program that searches and sends requests by the JSON API, as a publisher's site would."""

import http.client
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

SEARCH = {
    "education_level": "high_school",
    "postal_code": "10940",
    "query": "medical records technician",
}
STUDENT = {
    "first_name": "Zoë",
    "last_name": "Example",
    "email": "zoe@example.com",
    "age_18_or_over": True,
}


class NotAnsweredError(Exception):
    """The server did not answer (no status), or not with what was expected."""

    def __init__(self, text: str, status: int | None = None) -> None:
        super().__init__(text)
        self.status = status


@dataclass(frozen=True)
class Asker:
    """Speaks to a web server on this machine."""

    port: int
    timeout: float = 10.0

    def search(self, **changes: Any) -> Any:
        """Search; the answer."""
        return self.ask("POST", "/api/v1/matches", {**SEARCH, **changes})

    def body(self, matches: Mapping[str, Any], *listings: Mapping[str, Any]) -> dict[str, Any]:
        """What to send for some listings: a consent to e-mail for each school."""
        ids = [listing["listing_id"] for listing in listings]
        query = urlencode({"slate_id": matches["slate_id"], "listing_ids": ids}, doseq=True)
        form = self.ask("GET", f"/api/v1/request-form?{query}")
        consents = [
            {name: each[name] for name in ("school_id", "channel", "text_id")}
            for each in form["consents"]
            if each["channel"] == "email"
        ]
        return {
            "slate_id": matches["slate_id"],
            "listing_ids": ids,
            "student": STUDENT,
            "consents": consents,
        }

    def send(self, body: Mapping[str, Any], key: str) -> Any:
        """Send a request; the answer names its leads."""
        return self.ask("POST", "/api/v1/requests", body, {"Idempotency-Key": key}, expected=202)

    def status(self, accepted: Mapping[str, Any]) -> Any:
        """What became of a request."""
        path = f"/api/v1/requests/{accepted['request_id']}"
        return self.ask("GET", path, headers={"Authorization": f"Bearer {accepted['token']}"})

    def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        *,
        expected: int = 200,
    ) -> Any:
        """Ask for one answer in JSON, over a connection of its own."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=self.timeout)
        sent = {**(headers or {}), **({"Content-Type": "application/json"} if body else {})}
        try:
            connection.request(method, path, json.dumps(body) if body else None, sent)
            answer = connection.getresponse()
            text = answer.read()
        except (OSError, http.client.HTTPException) as error:
            raise NotAnsweredError(f"{method} {path}: {error!r}") from error
        finally:
            connection.close()
        if answer.status != expected:
            said = f"{method} {path}: {answer.status} {text[:500]!r}"
            raise NotAnsweredError(said, answer.status)
        return json.loads(text)


def askable(matches: Mapping[str, Any]) -> list[Any]:
    """The listings that can be asked here, one of each school."""
    of_school = {
        listing["school"]["id"]: listing
        for listing in matches["results"]
        if listing["request"] == "here"
    }
    return list(of_school.values())
