"""Keeps campaigns and their versioned settings."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection, func, insert, select, tuple_, update

from models.db.crypto import Keyring
from models.db.repositories.campaign_rows import current, lock, to_campaign
from models.db.repositories.destination_rows import taking_schools
from models.db.repositories.history import HistoryRepository
from models.db.tables.campaigns import campaign, campaign_version
from models.db.tables.caps import cap_window
from models.domain.campaign import (
    Campaign,
    CampaignStatus,
    CampaignVersion,
    Terms,
    check_transition,
    read_settings,
)
from models.domain.caps import CapUse, has_room
from models.domain.errors import NotFoundError
from models.domain.history import Configured, Subject
from models.domain.ids import Prefix, new_id, show
from models.domain.matching import CampaignOffer, NotTakenReason
from models.domain.pacing import pacing

_Used = dict[tuple[str, str], int]


class CampaignRepository:
    """Keeps campaigns and their versioned settings."""

    def __init__(
        self, connection: Connection, keyring: Keyring, history: HistoryRepository
    ) -> None:
        self._connection = connection
        self._keyring = keyring
        self._history = history

    def create(
        self, organization_id: UUID, name: str, terms: Terms, *, by: str, now: datetime
    ) -> UUID:
        """Add a campaign as a draft with its first version."""
        campaign_id = new_id(now)
        self._touch(campaign_id)
        self._connection.execute(
            insert(campaign).values(
                id=campaign_id,
                organization_id=organization_id,
                name=name,
                status=CampaignStatus.DRAFT.value,
                version=1,
                created_at=now,
            )
        )
        self._add_version(campaign_id, 1, terms, by, now)
        return campaign_id

    def all(self) -> tuple[Campaign, ...]:
        """List every campaign, oldest first."""
        rows = self._connection.execute(current().order_by(campaign.c.id))
        return tuple(map(to_campaign, rows))

    def get(self, campaign_id: UUID) -> Campaign:
        """Return one campaign, locked until the end of the transaction.

        Raises:
            NotFoundError: when there is none.
        """
        lock(self._connection, campaign_id)
        query = current().where(campaign.c.id == campaign_id)
        row = self._connection.execute(query).one_or_none()
        if row is None:
            raise NotFoundError(f"there is no campaign {show(Prefix.CAMPAIGN, campaign_id)}")
        return to_campaign(row)

    def version(self, version_id: UUID) -> CampaignVersion:
        """Return one version, current or not.

        Raises:
            NotFoundError: when there is none.
        """
        query = (
            select(campaign_version, campaign.c.organization_id)
            .join(campaign, campaign.c.id == campaign_version.c.campaign_id)
            .where(campaign_version.c.id == version_id)
        )
        row = self._connection.execute(query).one_or_none()
        if row is None:
            raise NotFoundError(f"there is no version {version_id} of any campaign")
        return CampaignVersion(
            id=row.id,
            campaign_id=row.campaign_id,
            organization_id=row.organization_id,
            version=row.version,
            price_minor=row.price_minor,
            currency=row.currency,
            settings=read_settings(row.settings),
            created_at=row.created_at,
            created_by=row.created_by,
        )

    def change(
        self, campaign: Campaign, terms: Terms, *, by: str, now: datetime
    ) -> CampaignVersion:
        """Make a new version the current one; new limits hold for the present windows too.

        A new zone begins at the campaign's next midnight.
        """
        self._touch(campaign.id)
        number = campaign.current.version + 1
        settings = terms.settings.following(campaign.current.settings, now)
        terms = replace(terms, settings=settings)
        version_id = self._add_version(campaign.id, number, terms, by, now)
        self._set(campaign.id, version=number)
        self._limit_windows(campaign.id, terms, now)
        return self.version(version_id)

    def set_status(self, campaign: Campaign, status: CampaignStatus) -> None:
        """Move a campaign along its transition table.

        Raises:
            TransitionError: when the table does not allow it.
        """
        check_transition(campaign.status, status)
        self._touch(campaign.id)
        self._set(campaign.id, status=status.value)

    def offers(self, now: datetime) -> tuple[CampaignOffer, ...]:
        """List what allocation may use: active campaigns with schools that take requests here.

        ``open`` says whether schedule and caps allow one to place a listing at this moment,
        ``shut`` why it takes no request, ``pacing`` how much of its price it bids.
        """
        query = current().where(campaign.c.status == CampaignStatus.ACTIVE.value)
        campaigns = [to_campaign(row) for row in self._connection.execute(query)]
        schools: dict[UUID, set[int]] = defaultdict(set)
        for row in self._connection.execute(taking_schools()):
            schools[row.organization_id].add(row.unitid)
        used = self._used(campaigns, now)
        offers = (
            _offer(each, schools[each.organization_id], used[each.id], now) for each in campaigns
        )
        found = [offer for offer in offers if offer.unitids]
        return tuple(sorted(found, key=lambda offer: offer.campaign_id.int))

    def uses(
        self, now: datetime, organization_id: UUID | None = None
    ) -> tuple[tuple[Campaign, tuple[CapUse, ...]], ...]:
        """List active campaigns, or all of one organization, with how far windows are used."""
        active = campaign.c.status == CampaignStatus.ACTIVE.value
        owned = campaign.c.organization_id == organization_id
        query = current().where(active if organization_id is None else owned)
        found = [
            to_campaign(row) for row in self._connection.execute(query.order_by(campaign.c.id))
        ]
        used = self._used(found, now)
        return tuple((each, _uses(each, used[each.id], now)) for each in found)

    def _touch(self, campaign_id: UUID) -> None:
        self._history.touch(Subject(Configured.CAMPAIGN, campaign_id))

    def _add_version(
        self, campaign_id: UUID, number: int, terms: Terms, by: str, now: datetime
    ) -> UUID:
        version_id = new_id(now)
        self._connection.execute(
            insert(campaign_version).values(
                id=version_id,
                campaign_id=campaign_id,
                version=number,
                price_minor=terms.price_minor,
                currency=terms.currency,
                settings=terms.settings.document(),
                created_at=now,
                created_by=by,
            )
        )
        return version_id

    def _set(self, campaign_id: UUID, **values: object) -> None:
        self._connection.execute(
            update(campaign).where(campaign.c.id == campaign_id).values(**values)
        )

    def _limit_windows(self, campaign_id: UUID, terms: Terms, now: datetime) -> None:
        """Bring open windows to the new limits, never below what is already promised in them."""
        keys = terms.keys_at(now)
        for period, limit in terms.settings.caps.limits().items():
            self._connection.execute(
                update(cap_window)
                .where(
                    cap_window.c.campaign_id == campaign_id,
                    cap_window.c.period == period,
                    cap_window.c.key == keys[period],
                )
                .values(lim=func.greatest(cap_window.c.used, limit))
            )

    def _used(self, campaigns: Iterable[Campaign], now: datetime) -> dict[UUID, _Used]:
        used: dict[UUID, _Used] = defaultdict(dict)
        wanted = [
            (each.id, period, key)
            for each in campaigns
            for period, key in each.current.terms.keys_at(now).items()
            if period in each.current.settings.caps.limits()
        ]
        if not wanted:
            return used
        window = cap_window.c
        query = select(cap_window).where(
            tuple_(window.campaign_id, window.period, window.key).in_(wanted)
        )
        for row in self._connection.execute(query):
            used[row.campaign_id][row.period, row.key] = row.used
        return used


def _uses(campaign: Campaign, used: _Used, now: datetime) -> tuple[CapUse, ...]:
    terms = campaign.current.terms
    keys, limits = terms.keys_at(now), terms.settings.caps.limits()
    return tuple(
        CapUse(period, keys[period], used.get((period, keys[period]), 0), limit)
        for period, limit in limits.items()
    )


def _offer(campaign: Campaign, takers: set[int], used: _Used, now: datetime) -> CampaignOffer:
    version, settings = campaign.current, campaign.current.settings
    shut = None
    if not settings.schedule.runs_at(now):
        shut = NotTakenReason.CLOSED
    elif not has_room(settings.caps, used, version.terms.keys_at(now), version.price_minor):
        shut = NotTakenReason.FULL
    return CampaignOffer(
        campaign_id=campaign.id,
        version_id=version.id,
        organization_id=campaign.organization_id,
        price_minor=version.price_minor,
        currency=version.currency,
        unitids=tuple(sorted(takers.intersection(settings.unitids))),
        cips=settings.cips,
        credential_levels=settings.credential_levels,
        education_levels=settings.education_levels,
        states=settings.states,
        pacing=pacing(version.terms, used, now),
        open=shut is None and settings.schedule.open_at(now, settings.zone_at(now)),
        fictional=campaign.fictional,
        shut=shut,
    )
