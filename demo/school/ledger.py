"""What the school received, in a file that is only ever added to."""

import json
import os
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(slots=True)
class Ledger:
    """Keeps what came, synced to disk before it is answered; a restart reads it back.

    One record a webhook: the first time an id comes; repeats are counted on it. What could not be
    verified is kept too, marked so.
    """

    path: Path
    records: list[dict[str, Any]] = field(default_factory=list)
    _by_id: dict[str, dict[str, Any]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @classmethod
    def open(cls, path: Path) -> "Ledger":
        """Read back what was kept; a last line cut short by a crash is dropped."""
        ledger = cls(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        whole = path.read_bytes() if path.exists() else b""
        kept = whole[: whole.rfind(b"\n") + 1]
        if kept != whole:
            os.truncate(path, len(kept))
        for line in kept.splitlines():
            ledger._apply(json.loads(line))
        return ledger

    def receive(self, record: Mapping[str, Any]) -> bool:
        """Keep a request; tell whether it is the first verified one of its id."""
        with self._lock:
            known = record["verified"] and record["id"] in self._by_id
            self._append(
                {"repeat": record["id"]} if known else {"received": {**record, "duplicates": 0}}
            )
            return not known

    def answered(self, webhook_id: str, disposition: str) -> None:
        """Note that our answer about a lead was taken."""
        with self._lock:
            self._append({"answered": webhook_id, "disposition": disposition})

    def unanswered(self) -> list[dict[str, Any]]:
        """List verified webhooks about which nothing was answered yet."""
        with self._lock:
            return [r for r in self._by_id.values() if r.get("disposition") is None]

    def all(self) -> list[dict[str, Any]]:
        """List everything, oldest first."""
        with self._lock:
            return [dict(record) for record in self.records]

    def _append(self, event: dict[str, Any]) -> None:
        line = json.dumps(event, ensure_ascii=False).encode() + b"\n"
        descriptor = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(descriptor, line)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        self._apply(event)

    def _apply(self, event: dict[str, Any]) -> None:
        if "received" in event:
            record = event["received"]
            self.records.append(record)
            if record["verified"]:
                self._by_id[record["id"]] = record
        elif "repeat" in event:
            self._by_id[event["repeat"]]["duplicates"] += 1
        elif "answered" in event:
            self._by_id[event["answered"]]["disposition"] = event["disposition"]
