"""What a feed's reader is shown of one entry; plain functions without I/O.

An item says what is true when it is read: the content of a lead that was withdrawn, deleted or
suppressed since is not told again, however often its place is read.
"""

import json
from typing import Any

from models.domain.feed import FeedEntry
from models.domain.ids import Prefix, show
from models.domain.sending import LeadFacts
from models.exchange.payload import render, stopped


def feed_item(entry: FeedEntry) -> dict[str, Any]:
    """Show an entry: the delivery's id, then the body a webhook would have had."""
    return {"id": show(Prefix.DELIVERY, entry.delivery_id), **_body(entry)}


def _body(entry: FeedEntry) -> dict[str, Any]:
    facts = entry.facts
    if entry.stop is not None and entry.stopped_at is not None and isinstance(facts, LeadFacts):
        return stopped(facts, entry.stop, entry.stopped_at)
    if entry.body is not None:
        body: dict[str, Any] = json.loads(entry.body)
    elif facts is not None:
        body = json.loads(render(facts))
    else:
        # Its place is kept: a hole would look like a lead that was passed over.
        body = {"type": "lead.unreadable", "timestamp": None, "data": {}}
    return body
