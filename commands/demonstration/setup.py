"""Puts the demonstration into the database and writes the demonstration school's file.

Done again at every start: what is there stays as the operator left it, only the address of the
demonstration school is brought up to date.
"""

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from commands.demonstration.plan import PlannedOrganization
from commands.private_file import write_private
from models.domain.campaign import CampaignStatus
from models.domain.clock import Clock
from models.domain.destination import Destination, DestinationStatus, NewDestination
from models.domain.organization import Organization, Scope, make_api_key
from models.domain.ports.unit_of_work import UnitOfWork, UnitOfWorkFactory
from models.exchange.signing import make_key

_BY = "demonstration"
Randomness = Callable[[int], bytes]


@dataclass(frozen=True, slots=True)
class DemonstrationSchool:
    """The demonstration school's program as this run starts it."""

    api_url: str
    port: int
    file: Path
    received_file: Path
    mailbox: Path | None = None

    def hook(self, slug: str) -> str:
        """Address that an organization's leads go to."""
        return f"http://127.0.0.1:{self.port}/hooks/{slug}"


def set_up(
    unit_of_work: UnitOfWorkFactory,
    clock: Clock,
    planned: tuple[PlannedOrganization, ...],
    school: DemonstrationSchool,
    randomness: Randomness = os.urandom,
) -> int:
    """Make what is missing and write the school's file; return how many organizations it has."""
    with unit_of_work() as work:
        builder = _Builder(work, school, clock.now(), randomness)
        receivers = [builder.receiver(one) for one in planned]
        builder.add_mail(planned[-1])
    document = {
        "api_url": school.api_url,
        "receivers": receivers,
        "received_file": str(school.received_file),
        "mailbox": str(school.mailbox or ""),
    }
    # Has secrets in it.
    school.file.parent.mkdir(mode=0o700, exist_ok=True)
    write_private(school.file, json.dumps(document, indent=1))
    return len(receivers)


def is_set_up(unit_of_work: UnitOfWorkFactory, planned: tuple[PlannedOrganization, ...]) -> bool:
    """Tell whether any part of the demonstration is in the database."""
    with unit_of_work() as work:
        return any(work.organizations.named(one.name) for one in planned)


class _Builder:
    """Makes what one organization misses."""

    def __init__(
        self, work: UnitOfWork, school: DemonstrationSchool, now: datetime, randomness: Randomness
    ) -> None:
        self._work, self._school, self._now, self._random = work, school, now, randomness
        self._kept_keys = _kept_keys(school.file)
        self._destinations = {(d.organization_id, d.kind): d for d in work.destinations.all()}

    def receiver(self, one: PlannedOrganization) -> dict[str, Any]:
        """Bring one organization up to date; return its entry of the school's file."""
        owner = self._work.organizations.named(one.name) or self._make(one)
        return {
            "path": f"/hooks/{one.slug}",
            "organization": one.name,
            "secrets": self._signing_keys(owner, one),
            "api_key": self._working_key(owner, one),
        }

    def add_mail(self, one: PlannedOrganization) -> None:
        """Add a destination by mail, for people to try: a draft takes nothing before a test."""
        owner = self._work.organizations.named(one.name)
        if owner is not None and (owner.id, "email") not in self._destinations:
            to = {"to": _contact(one)}
            new = NewDestination(f"{one.name}: e-mail", "email", to, {}, one.unitids)
            self._work.destinations.create(owner.id, new, by=_BY, now=self._now)

    def _make(self, one: PlannedOrganization) -> Organization:
        work = self._work
        owner = work.organizations.create(one.name, fictional=True, now=self._now)
        for unitid in one.unitids:
            work.organizations.claim_school(owner.id, unitid, takes_organic=True, now=self._now)
        for planned in one.campaigns:
            made = work.campaigns.create(
                owner.id, planned.name, planned.terms, by=_BY, now=self._now
            )
            work.campaigns.set_status(work.campaigns.get(made), CampaignStatus.ACTIVE)
        return owner

    def _signing_keys(self, owner: Organization, one: PlannedOrganization) -> list[str]:
        """Make the organization's destination, or move it to this run's port.

        It counts as tested: the receiver is this very project's, on this machine.
        """
        settings = {"url": self._school.hook(one.slug), "contact": _contact(one)}
        kept = self._destinations.get((owner.id, "webhook"))
        if kept is None:
            return self._add_destination(owner, one, settings)
        secrets = self._work.destinations.for_delivery(kept.id).secrets
        if _ours(kept) and kept.settings != settings:
            self._work.destinations.change(kept.id, settings, secrets, by=_BY, now=self._now)
            self._work.destinations.mark_tested(kept.id, self._now)
        return list(secrets["signing_keys"])

    def _add_destination(
        self, owner: Organization, one: PlannedOrganization, settings: dict[str, str]
    ) -> list[str]:
        secret = make_key(self._random)
        keys = {"signing_keys": [secret]}
        new = NewDestination(f"{one.name}: webhook", "webhook", settings, keys, one.unitids)
        made = self._work.destinations.create(owner.id, new, by=_BY, now=self._now)
        self._work.destinations.set_status(made, DestinationStatus.ACTIVE)
        self._work.destinations.mark_tested(made, self._now)
        return [secret]

    def _working_key(self, owner: Organization, one: PlannedOrganization) -> str:
        """Return the key the school has, while it opens; else give it a new one."""
        kept = self._kept_keys.get(one.slug)
        if kept is not None:
            holder = self._work.organizations.api_key(kept, self._now)
            if holder is not None and holder.organization_id == owner.id:
                return kept
        scopes = [Scope.WRITE_DISPOSITIONS, Scope.READ_LEADS]
        key = make_api_key("demonstration school", scopes, randomness=self._random)
        self._work.organizations.add_api_key(owner.id, key, self._now)
        return key.presented


def _contact(one: PlannedOrganization) -> str:
    """Name people who do not exist: mail to them lies in the demonstration's mailbox."""
    return f"admissions@{one.slug}.example"


def _ours(destination: Destination) -> bool:
    """Tell whether a destination still goes to a demonstration school and not elsewhere."""
    url = str(destination.settings.get("url", ""))
    return url.startswith("http://127.0.0.1:") and "/hooks/" in url


def _kept_keys(file: Path) -> dict[str, str]:
    try:
        document = json.loads(file.read_text())
        return {r["path"].rpartition("/")[2]: r["api_key"] for r in document["receivers"]}
    except (OSError, ValueError, KeyError, TypeError):
        return {}
