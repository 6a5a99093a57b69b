"""A lead that nobody sent: for tests of a destination and for trying a preset.

Its names, address and number say so: ``example.com`` and 555-01xx belong to nobody.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

from models.domain.delivery import Purpose
from models.domain.sending import LeadFacts
from models.exchange.mapping import Row

SAMPLE_AT = datetime(2026, 11, 22, 12, tzinfo=UTC)
_IN = "2027-01"


def sample_lead(rows: Sequence[Row], at: datetime = SAMPLE_AT) -> LeadFacts:
    """Make the facts of a lead that answers whatever the rows of a mapping ask."""
    consents = [
        {
            "channel": channel,
            "text_id": f"txt_sample_{channel}",
            "text": f"Schoolmatch Test College may contact me by {channel}.",
            "version": "1",
            "locale": "en",
            "jurisdiction": "US-NY",
            "agreed_at": at.isoformat(),
        }
        for channel in ("email", "call", "text")
    ]
    return LeadFacts(
        lead_id=UUID(int=1),
        request_id=UUID(int=2),
        requested_at=at,
        purpose=Purpose.LEAD,
        purpose_at=at,
        unitid=999999,
        school={"name": "Schoolmatch Test College"},
        programs=[
            {
                "id": "prog_999999.5107.2.-.-",
                "cip": "51.07",
                "title": "Health and Medical Administrative Services",
                "credential_level": "associate",
                "format": "online",
                "sponsored": False,
            }
        ],
        search={"education_level": "bachelor", "postal_code": "10940"},
        student={
            "first_name": "Test",
            "last_name": "Schoolmatch",
            "email": "schoolmatch-test@example.com",
            "phone": "+12025550123",
            "desired_start": _IN,
        },
        answers=_answers(rows),
        consents=consents,
        source={"publisher": "site", "landing_page": "/", "creative": None},
        locale="en",
        jurisdiction="US-NY",
    )


def _answers(rows: Sequence[Row]) -> dict[str, str]:
    """Answer the questions that a mapping reads, each as its row exemplifies."""
    return {
        source.removeprefix("answers."): row.example or next(iter(row.values), "Test")
        for row in rows
        for source in row.sources
        if source.startswith("answers.")
    }
