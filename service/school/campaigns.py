"""Campaigns: looked at, made, previewed, changed, begun, paused and ended."""

from collections.abc import Callable, Iterable, Mapping, Sequence

from flask import Response, request, url_for
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response as Redirect

from matcher.regions import REGIONS
from models.domain.campaign import CampaignStatus
from models.domain.campaign_changes import CURRENCIES, DAYS, money
from models.domain.campaign_form import OWN_FIELDS, as_typed
from models.domain.caps import BUDGETS, PERIODS
from models.domain.errors import ConflictError, InvalidInputError, NotFoundError
from models.domain.ids import Prefix, show
from models.domain.levels import EducationLevel
from models.domain.verification import Verification
from service.messages.names import region_name
from service.staff.guard import identifier, insider, membership
from service.staff.pages import act, done, refused, room, typed_room, wrong
from service.steps import change_campaign, staff_campaigns
from service.steps.claim_listing import SchoolFound
from service.steps.preview_targeting import Preview, preview
from service.steps.staff_campaigns import CampaignShown
from service.web.names import plain_name
from service.web.pages import services, t
from service.web.problems import Problems, speak

_SEVERAL = ("unitids", "cips", "credential_levels", "education_levels", "states", "weekdays")
# Zones where schools of the catalog are; a campaign may have any other from the command line.
_ZONES = (
    *("America/New_York", "America/Chicago", "America/Denver", "America/Phoenix"),
    *("America/Los_Angeles", "America/Anchorage", "Pacific/Honolulu", "America/Puerto_Rico"),
    *("Pacific/Guam", "America/Halifax", "America/St_Johns", "America/Toronto"),
    *("America/Winnipeg", "America/Regina", "America/Edmonton", "America/Vancouver"),
)
_ACTS = {
    "begin": (CampaignStatus.ACTIVE, "school.campaign.began"),
    "pause": (CampaignStatus.PAUSED, "school.campaign.paused"),
    "resume": (CampaignStatus.ACTIVE, "school.campaign.began"),
    "end": (CampaignStatus.ENDED, "school.campaign.ended"),
}
_OFFERED = {
    CampaignStatus.DRAFT: ("begin", "end"),
    CampaignStatus.ACTIVE: ("pause", "end"),
    CampaignStatus.PAUSED: ("resume", "end"),
    CampaignStatus.ENDED: (),
}


def campaigns() -> Response:
    """List campaigns with what they do now and how far they are used."""
    organization = membership().organization_id
    return room(
        "school/campaigns.html",
        found=staff_campaigns.campaigns(services(), organization),
        offered=staff_campaigns.offered(services(), organization),
        money=money,
    )


def new_campaign() -> Response:
    """Draw the form of a new campaign, with all listings chosen."""
    offered = staff_campaigns.offered(services(), membership().organization_id)
    values = as_typed(change_campaign.NOTHING_YET)
    return _draw(None, {**values, "unitids": ",".join(map(str, offered.schools))}, Problems())


def create_campaign() -> Response | Redirect:
    """Keep a new campaign as a draft, or preview it."""
    typed, organization = _typed(), membership().organization_id
    try:
        if request.form.get("action") == "preview":
            terms = staff_campaigns.read_typed(services(), organization, None, typed)
            return _draw(None, typed, Problems(), preview(services(), terms))
        name = request.form.get("name", "")
        made = staff_campaigns.create(services(), insider().staff, organization, name, typed)
    except InvalidInputError as error:
        return _draw(None, typed, _problems(error))
    shown = show(Prefix.CAMPAIGN, made)
    return done("school.campaign.created", url_for("school.campaign", campaign_id=shown))


def campaign(campaign_id: str) -> Response:
    """Show one campaign; who may change it finds the form below."""
    found = _found(campaign_id)
    return _draw(found, as_typed(found.campaign.current.terms), Problems())


def change_terms(campaign_id: str) -> Response | Redirect:
    """Make a new version, or preview it."""
    found, typed = _found(campaign_id), _typed()
    address = url_for("school.campaign", campaign_id=campaign_id)
    try:
        if request.form.get("action") == "preview":
            held, here = found.campaign.current.terms, membership().organization_id
            terms = staff_campaigns.read_typed(services(), here, held, typed)
            return _draw(found, typed, Problems(), preview(services(), terms))
        version = request.form.get("version", "")
        changed = staff_campaigns.change(services(), insider().staff, found, typed, version)
    except InvalidInputError as error:
        return _draw(found, typed, _problems(error))
    except ConflictError as error:
        now = _found(campaign_id)
        if now.campaign.status is CampaignStatus.ENDED:
            return refused(speak(error.args[0]), address)
        return _draw(now, typed, Problems(), status=409)
    return done(f"school.campaign.{'changed' if changed else 'unchanged'}", address)


def move_campaign(campaign_id: str) -> Redirect:
    """Begin, pause, resume or end; the form says which."""
    found = _found(campaign_id)
    wanted = _ACTS.get(request.form.get("action", ""))
    if wanted is None:
        raise NotFound
    status, notice = wanted
    return act(
        lambda: staff_campaigns.move(services(), insider().staff, found, status),
        notice,
        url_for("school.campaign", campaign_id=campaign_id),
    )


def _draw(
    found: CampaignShown | None,
    values: Mapping[str, str],
    problems: Problems,
    met: Preview | None = None,
    status: int = 200,
) -> Response:
    zones = dict.fromkeys([*_ZONES, *filter(None, [values.get("zone")])])
    chosen = {name: values.get(name, "").split(",") for name in _SEVERAL}
    offered = staff_campaigns.offered(services(), membership().organization_id)
    terms = change_campaign.NOTHING_YET if found is None else found.campaign.current.terms
    return typed_room(
        "school/campaign.html",
        422 if problems else status,
        0 if found is None else found.campaign.current.version,
        problems=problems,
        found=found,
        values={**values, "name": request.form.get("name", "")},
        chosen=chosen,
        acts=() if found is None else _OFFERED[found.campaign.status],
        terms=terms.settings,
        met=met,
        choices={
            "unitids": school_choices(offered.schools.values()),
            "cips": _with_chosen(offered.fields, chosen["cips"], plain_name),
            "credential_levels": _with_chosen(
                {each.value: _credential(each) for each in offered.levels},
                chosen["credential_levels"],
                _credential,
            ),
            "education_levels": [
                (each.value, t(f"education_level.{each}.label"))
                for each in EducationLevel
                if each is not EducationLevel.NO_DIPLOMA
            ],
            "states": [(code, region_name("en", code)) for code in REGIONS],
            "weekdays": [(day, t(f"weekday.{day}")) for day in DAYS],
            "verification": [
                (each.value, t(f"school.campaign.targeting.verification_{each}"))
                for each in Verification
            ],
            "currency": [(each, each) for each in CURRENCIES],
            "zone": [(each, each.replace("_", " ")) for each in zones],
            "caps": PERIODS,
            "budgets": BUDGETS,
        },
        money=money,
    )


def school_choices(schools: Iterable[SchoolFound]) -> list[tuple[str, str]]:
    """Name schools for a form, by their numbers."""
    return [(str(each.unitid), each.placed) for each in schools]


def _with_chosen(
    offered: Mapping[str, str], chosen: Sequence[str], name: Callable[[str], str]
) -> list[tuple[str, str]]:
    """What can be chosen, and what was chosen before though no school has it now."""
    before = {each: name(each) for each in chosen if each and each not in offered}
    return [*offered.items(), *before.items()]


def _credential(level: str) -> str:
    return t(f"credential_level.{level}")


def _typed() -> dict[str, str]:
    form = request.form
    plain = {name: form.get(name, "") for name in OWN_FIELDS}
    return {**plain, **{name: ",".join(form.getlist(name)) for name in _SEVERAL}}


def _problems(error: InvalidInputError) -> Problems:
    return wrong(error).in_order(("name", *OWN_FIELDS))


def _found(shown: str) -> CampaignShown:
    wanted, organization = identifier(Prefix.CAMPAIGN, shown), membership().organization_id
    try:
        return staff_campaigns.campaign(services(), organization, wanted)
    except NotFoundError as error:
        raise NotFound from error
