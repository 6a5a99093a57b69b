"""Tells schoolmatch what became of each lead: ``accepted``, tried until it is taken."""

import http.client
import json
import logging
import threading
import time
import urllib.error
import urllib.request
from queue import SimpleQueue
from typing import Any

from demo.school.config import Config
from demo.school.ledger import Ledger

_log = logging.getLogger(__name__)
_WAITS = (0.5, 1, 2, 5, 10, 30)
_NEVER = frozenset({400, 401, 403, 404, 409, 422})
_TIMEOUT = 10


class Answerer:
    """One thread that answers in the background, in the order leads came."""

    def __init__(self, config: Config, ledger: Ledger) -> None:
        self._config = config
        self._ledger = ledger
        self._queue: SimpleQueue[dict[str, Any]] = SimpleQueue()

    def start(self) -> None:
        """Begin, with what a restart left unanswered."""
        for record in self._ledger.unanswered():
            self.add(record)
        threading.Thread(target=self._run, name="answerer", daemon=True).start()

    def add(self, record: dict[str, Any]) -> None:
        """Answer this one too."""
        self._queue.put(record)

    def _run(self) -> None:
        while True:
            record = self._queue.get()
            verdict = self._answer(record)
            self._ledger.answered(record["id"], verdict)

    def _answer(self, record: dict[str, Any]) -> str:
        event = json.loads(record["body"])
        if event.get("type") != "lead.created":
            return "noted"
        tries = 0
        while True:
            code = self._post(record["path"], event["data"]["lead_id"])
            if code is not None and 200 <= code < 300:
                return "accepted"
            if code in _NEVER:
                _log.warning("an answer was refused with %s", code)
                return f"refused_{code}"
            time.sleep(_WAITS[min(tries, len(_WAITS) - 1)])
            tries += 1

    def _post(self, path: str, lead_id: str) -> int | None:
        receiver = self._config.receivers.get(path)
        if receiver is None:
            return 404
        request = urllib.request.Request(  # noqa: S310 - the address comes from our own file
            f"{self._config.api_url}/api/v1/leads/{lead_id}/dispositions",
            data=json.dumps({"status": "accepted"}).encode(),
            headers={
                "content-type": "application/json",
                "authorization": f"Bearer {receiver.api_key}",
            },
            method="POST",
        )
        try:
            with urllib.request.urlopen(request, timeout=_TIMEOUT) as answer:  # noqa: S310
                return int(answer.status)
        except urllib.error.HTTPError as error:
            with error:
                return int(error.code)
        except (OSError, http.client.HTTPException):
            return None
