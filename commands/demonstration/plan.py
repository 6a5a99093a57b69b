"""What the demonstration holds: which fictional organization has which schools on what terms."""

from dataclasses import dataclass

from commands.demonstration.choose import ChosenSchool
from models.domain.campaign import CampaignSettings, Caps, Terms
from models.domain.levels import EducationLevel as E

_SPONSORS = (
    *("Maple", "Oak", "Birch", "Cedar", "Elm", "Hazel"),
    *("Juniper", "Larch", "Linden", "Rowan", "Spruce", "Willow"),
)
_FREE = ("Aspen", "Hawthorn")
_PRICES = (1850, 2200, 2475, 2900, 3300, 3650, 4000, 4425, 4800, 5250, 5700, 6500)
_ADULTS = (E.HIGH_SCHOOL, E.SOME_COLLEGE, E.ASSOCIATE, E.BACHELOR, E.MASTER, E.DOCTORATE)


@dataclass(frozen=True, slots=True)
class PlannedOrganization:
    """One fictional organization; without ``terms`` it has no campaign and takes leads free."""

    name: str
    slug: str
    schools: tuple[ChosenSchool, ...]
    terms: Terms | None

    @property
    def unitids(self) -> tuple[int, ...]:
        """The schools by their numbers."""
        return tuple(school.unitid for school in self.schools)


def plan(schools: tuple[ChosenSchool, ...]) -> tuple[PlannedOrganization, ...]:
    """Deal the schools to the organizations in turn, so that no state is one sponsor's alone."""
    names = (*_SPONSORS, *_FREE)
    hands = [schools[turn :: len(names)] for turn in range(len(names))]
    return tuple(
        PlannedOrganization(_name(names[turn]), names[turn].lower(), hand, _terms(turn, hand))
        for turn, hand in enumerate(hands)
        if hand
    )


def _name(tree: str) -> str:
    role = "Sponsor" if tree in _SPONSORS else "School Group"
    return f"Demonstration {role} {tree} (fictional)"


def _terms(turn: int, schools: tuple[ChosenSchool, ...]) -> Terms | None:
    """Vary what real campaigns vary: price, whom they want, caps, zone and hours."""
    if turn >= len(_SPONSORS):
        return None
    unitids = tuple(school.unitid for school in schools)
    settings = (
        CampaignSettings(unitids),
        CampaignSettings(unitids, caps=Caps(day=200, month=4_000), zone="America/Chicago"),
        CampaignSettings(unitids, education_levels=_ADULTS, caps=Caps(total=100_000)),
        CampaignSettings(
            unitids,
            caps=Caps(hour=60, week=2_500),
            zone="America/Los_Angeles",
            reserve_minor=500,
        ),
    )[turn % 4]
    return Terms(_PRICES[turn], "USD", settings)
