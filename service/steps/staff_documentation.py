"""What a school's own documentation is made of: its ids, and what we send, from declarations."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from models.domain.ids import Prefix, show
from models.domain.lead import DISPOSITION_TRANSITIONS, DispositionStatus
from models.domain.lead_search import LeadFilter
from models.domain.school_id import show_school
from models.exchange.kinds import KINDS
from models.exchange.lead_table import LEAD_TABLE
from models.exchange.payload import render
from models.exchange.sample import sample_lead
from models.exchange.signing import sign
from models.exchange.statement_table import COLUMNS as STATEMENT_COLUMNS
from service.services import Services
from service.steps.import_dispositions import COLUMNS as DISPOSITION_COLUMNS
from service.steps.staff_lead_lists import school_names

# Published, so that anybody can check the example; it signs nothing else.
EXAMPLE_KEY = "whsec_c2Nob29sbWF0Y2gtZXhhbXBsZS1rZXktb25seQ=="
EXAMPLE_ID = "dlv_00000000000000000000000001"
_SIGNS = "signing_keys"


@dataclass(frozen=True, slots=True)
class OwnIds:
    """An organization's ids as programs write them; ``signing`` is a destination that signs.

    ``lead`` is its newest lead, or what one looks like.
    """

    organization: str
    schools: tuple[tuple[str, str], ...]
    destinations: tuple[tuple[str, str], ...]
    signing: str
    lead: str


@dataclass(frozen=True, slots=True)
class SignedExample:
    """A webhook of ours, signed with ``EXAMPLE_KEY`` by what signs all of them."""

    body: bytes
    timestamp: int
    signature: str

    @property
    def pretty(self) -> str:
        """The body, for people to read: what is signed has no such spaces."""
        return json.dumps(json.loads(self.body), indent=2, ensure_ascii=False)


def own_ids(services: Services, organization_id: UUID) -> OwnIds:
    """Read an organization's ids."""
    with services.unit_of_work() as work:
        found = work.destinations.of(organization_id)
        schools = work.organizations.schools(organization_id)
        newest = work.school_leads.page(organization_id, LeadFilter(), 1)
    names = school_names(services, schools)
    signing = (
        one for one in found if any(each.name == _SIGNS for each in KINDS[one.kind].settings)
    )
    first = next(signing, None)
    return OwnIds(
        show(Prefix.ORGANIZATION, organization_id),
        tuple((show_school(unitid), names[unitid]) for unitid in schools),
        tuple((show(Prefix.DESTINATION, one.id), one.name) for one in found),
        show(Prefix.DESTINATION, first.id) if first else "DESTINATION_ID",
        show(Prefix.LEAD, newest[0].id) if newest else "LEAD_ID",
    )


def signed_example(services: Services) -> SignedExample:
    """Sign the sample lead as a webhook is signed, now."""
    body = render(sample_lead(()))
    timestamp = int(services.clock.now().timestamp())
    return SignedExample(body, timestamp, sign(EXAMPLE_ID, timestamp, body, [EXAMPLE_KEY]))


def tables() -> Mapping[str, Sequence[str]]:
    """The columns of each table (CSV), by what it is."""
    return {
        "leads": [str(row["to"]) for row in LEAD_TABLE],
        "dispositions": DISPOSITION_COLUMNS,
        "statement": STATEMENT_COLUMNS,
    }


def following() -> Sequence[tuple[DispositionStatus, Sequence[DispositionStatus]]]:
    """What may be said after each thing that was said."""
    return [
        (said, [each for each in DispositionStatus if each in DISPOSITION_TRANSITIONS[said]])
        for said in DispositionStatus
    ]
