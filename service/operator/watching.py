"""What serves and served, and who did what: to be read."""

import json

from flask import Response

from service.staff.pages import room
from service.steps import staff_operating
from service.web.pages import services


def versions() -> Response:
    """Show catalogs, rankers and the history of what served."""
    return room("operator/versions.html", versions=staff_operating.versions(services()))


def audit() -> Response:
    """Show the newest audit rows."""
    rows, people = staff_operating.audit_tail(services())
    details = [json.dumps(dict(row.detail), sort_keys=True) for row in rows]
    return room("operator/audit.html", rows=list(zip(rows, details, strict=True)), people=people)
