"""Why a school got a lead, or would get none: the decision drawn again, for the school's own staff.

Of other organizations nothing is told but that places were taken; of a student nothing but what the
lead itself says without being opened.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from matcher.match import Engine
from matcher.replay import Explanation, explain_listing
from matcher.school_view import Fate, SchoolView, fate_of, view_slate
from models.domain.campaign import Campaign, CampaignStatus
from models.domain.errors import NotFoundError
from models.domain.ids import new_id
from models.domain.matching import CampaignOffer, Slate
from models.domain.school_lead import Decision
from service.services import Services
from service.steps.find_matches import seed_of
from service.steps.inputs import SearchInput
from service.steps.read_answers import read_answers

# Of programs that are not shown, so many are named a rule; the rest is counted.
MOST_NAMED = 10


@dataclass(frozen=True, slots=True)
class CampaignFate:
    """What became of a campaign: a ``Fate``, or why it did not run at all.

    ``sure`` is False where it is judged by its present settings, because those of that moment did
    not compete and are not on the slate.
    """

    name: str
    fate: str
    sure: bool


@dataclass(frozen=True, slots=True)
class Excluded:
    """Programs that a rule keeps out: how many, and the titles of the first."""

    rule: str
    count: int
    titles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Why:
    """A slate as a school's staff see it; ``listings`` are the lead's own, taken apart."""

    view: SchoolView
    excluded: tuple[Excluded, ...]
    campaigns: tuple[CampaignFate, ...]
    listings: tuple[Explanation, ...] = ()


def why_lead(
    services: Services, organization_id: UUID, lead_id: UUID
) -> tuple[Decision, Why | None]:
    """Draw the slate of a lead again.

    Returns:
        What is kept of the decision, and what it says; None where it cannot be drawn again: its
        versions are not on this machine, or it is older than what is kept.

    Raises:
        NotFoundError: when the lead is not this organization's.
    """
    with services.unit_of_work() as work:
        decision = work.school_leads.decision(organization_id, lead_id)
        campaigns = _own(work.campaigns.all(), organization_id)
    if decision is None:
        raise NotFoundError("there is no such lead")
    slate = decision.slate
    engine = services.serving.engine(slate.catalog_version, slate.ranker_version) if slate else None
    if slate is None or engine is None:
        return decision, None
    why = _why(engine, slate, [decision.unitid], campaigns, slate.offers)
    own = {offer.version_id for offer in slate.offers if offer.organization_id == organization_id}
    listings = (explain_listing(engine, slate, at) for at in decision.positions)
    return decision, replace(why, listings=tuple(_without_others(one, own) for one in listings))


def why_search(services: Services, organization_id: UUID, asked: SearchInput) -> Why:
    """Draw a sample search as it would be drawn now; nothing of it is kept or counted.

    Raises:
        InvalidInputError: naming what to change.
        UnavailableError: when nothing serves.
    """
    state = services.serving.state()
    answers, jurisdiction = read_answers(asked, services.fields, state.engine.places)
    with services.unit_of_work() as work:
        campaigns = _own(work.campaigns.all(), organization_id)
        schools = work.organizations.schools(organization_id)
    now = services.clock.now()
    slate_id = new_id(now, services.randomness)
    slate = Slate(
        id=slate_id,
        search_id=slate_id,
        created_at=now,
        answers=answers,
        locale=asked.locale,
        jurisdiction=jurisdiction,
        catalog_version=state.catalog_version,
        ranker_version=state.ranker_version,
        seed=seed_of(slate_id),
        offers=tuple(state.offers),
    )
    return _why(state.engine, slate, schools, campaigns, state.offers)


def _without_others(explained: Explanation, own: Collection[UUID]) -> Explanation:
    """Tell a bid only to whose it is: a school may have changed hands since."""
    theirs = explained.listing.campaign_version_id not in own
    return replace(explained, bid=None) if theirs else explained


def _why(
    engine: Engine,
    slate: Slate,
    unitids: Collection[int],
    campaigns: Sequence[Campaign],
    offers: Iterable[CampaignOffer],
) -> Why:
    view = view_slate(engine, slate, unitids)
    there = {offer.campaign_id: offer for offer in offers}
    fates = (_fate(engine, view, each, there) for each in campaigns)
    return Why(view, _by_rule(view), tuple(fates))


def _fate(
    engine: Engine,
    view: SchoolView,
    campaign: Campaign,
    there: Mapping[UUID, CampaignOffer],
) -> CampaignFate:
    offer = there.get(campaign.id)
    if offer is not None:
        return CampaignFate(campaign.name, fate_of(engine, view.drawn, offer), sure=True)
    if campaign.status is not CampaignStatus.ACTIVE:
        return CampaignFate(campaign.name, campaign.status.value, sure=False)
    settled = fate_of(engine, view.drawn, _as_set(campaign))
    rules = {Fate.LEVEL, Fate.STATE, Fate.NO_PROGRAM, Fate.WARNED, Fate.NO_DIPLOMA}
    by_rule = settled if settled in rules else "not_running"
    return CampaignFate(campaign.name, by_rule, sure=False)


def _as_set(campaign: Campaign) -> CampaignOffer:
    """A campaign as its present settings would let it compete, were it open."""
    current, settings = campaign.current, campaign.current.settings
    return CampaignOffer(
        campaign_id=campaign.id,
        version_id=current.id,
        organization_id=campaign.organization_id,
        price_minor=current.price_minor,
        currency=current.currency,
        unitids=settings.unitids,
        cips=settings.cips,
        credential_levels=settings.credential_levels,
        education_levels=settings.education_levels,
        states=settings.states,
    )


def _by_rule(view: SchoolView) -> tuple[Excluded, ...]:
    counts = Counter(rule for _, rule in view.excluded)
    return tuple(
        Excluded(
            rule,
            count,
            tuple(one.title for one, why in view.excluded if why == rule)[:MOST_NAMED],
        )
        for rule, count in counts.most_common()
    )


def _own(campaigns: Iterable[Campaign], organization_id: UUID) -> list[Campaign]:
    return [each for each in campaigns if each.organization_id == organization_id]
