"""A campaign's terms as a form shows and sends them: texts by the names of ``campaign_changes``.

Start and end are typed as the clock of the campaign's zone shows them; everything else is typed as
on the command line.
"""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from models.domain.campaign import Campaign, CampaignStatus, Terms
from models.domain.campaign_changes import DAYS, decimal
from models.domain.caps import BUDGETS, PERIODS, CapUse, cost

MOMENTS = ("starts_at", "ends_at")
# What a school sets by itself. Reserve and terms of return are agreed with the operator.
OWN_FIELDS = (
    *("price", "currency", "unitids", "cips", "credential_levels", "education_levels", "states"),
    *("verification", *PERIODS, *BUDGETS, "zone", *MOMENTS, "weekdays", "opens", "closes"),
    *("hours", "holidays"),
)
# The others, by their names in a version's settings.
AGREED_TERMS = ("reserve_minor", "return_window_days", "return_quota_percent")
_LOCAL = "%Y-%m-%d %H:%M"


class CampaignState(StrEnum):
    """What a campaign does at a moment."""

    DRAFT = "draft"
    RUNNING = "running"
    FULL = "full"
    CLOSED_NOW = "closed_now"
    NOT_BEGUN = "not_begun"
    OVER = "over"
    PAUSED = "paused"
    ENDED = "ended"


def state_at(campaign: Campaign, uses: tuple[CapUse, ...], now: datetime) -> CampaignState:
    """Tell what a campaign does at a moment.

    Args:
        campaign: with its current version.
        uses: how far its present windows are used.
        now: the moment.
    """
    if campaign.status is not CampaignStatus.ACTIVE:
        return CampaignState(campaign.status.value)
    terms = campaign.current.terms
    schedule = terms.settings.schedule
    if not schedule.runs_at(now):
        over = schedule.ends_at is not None and now >= schedule.ends_at
        return CampaignState.OVER if over else CampaignState.NOT_BEGUN
    if any(use.used + cost(use.period, terms.price_minor) > use.limit for use in uses):
        return CampaignState.FULL
    open_now = schedule.open_at(now, terms.settings.zone_at(now))
    return CampaignState.RUNNING if open_now else CampaignState.CLOSED_NOW


def as_typed(terms: Terms) -> dict[str, str]:
    """Write terms as they would be typed: reading them back gives the same terms."""
    settings, schedule = terms.settings, terms.settings.schedule
    zone, limits = ZoneInfo(settings.zone), settings.caps.limits()
    typed = {
        "price": decimal(terms.price_minor, terms.currency),
        "currency": terms.currency,
        "unitids": ",".join(map(str, settings.unitids)),
        "cips": ",".join(settings.cips),
        "credential_levels": ",".join(settings.credential_levels),
        "education_levels": ",".join(settings.education_levels),
        "states": ",".join(settings.states),
        "verification": settings.verification.value,
        "zone": settings.zone,
        "weekdays": ",".join(DAYS[day] for day in schedule.weekdays),
        "opens": schedule.opens.strftime("%H:%M"),
        "closes": schedule.closes.strftime("%H:%M"),
        "hours": ",".join(
            f"{DAYS[day]} {opens:%H:%M}-{closes:%H:%M}" for day, opens, closes in schedule.hours
        ),
        "holidays": ",".join(schedule.holidays),
    }
    typed |= {period: str(limits.get(period, "")) for period in PERIODS}
    typed |= {
        name: decimal(limits[name], terms.currency) if name in limits else "" for name in BUDGETS
    }
    for name in MOMENTS:
        moment = getattr(schedule, name)
        typed[name] = moment.astimezone(zone).strftime(_LOCAL) if moment else ""
    return typed


def with_offsets(typed: Mapping[str, str]) -> dict[str, str]:
    """Give the moments that were typed as a clock shows them the offset of the zone typed beside.

    What cannot be read stays as it is, to be refused by whoever reads it.
    """
    read = {name: text.strip() for name, text in typed.items()}
    try:
        zone = ZoneInfo(read.get("zone", ""))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return read
    for name in MOMENTS:
        try:
            local = datetime.strptime(read.get(name, ""), _LOCAL)  # noqa: DTZ007 - the zone comes next
        except ValueError:
            continue
        read[name] = local.replace(tzinfo=zone).isoformat()
    return read
