"""What the demonstration holds: which fictional organization has which schools on what terms.

A campaign places the schools of one state before students of that state and of those around it,
as most real ones do; the few national schools want everybody.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace

from commands.demonstration.choose import ChosenSchool
from commands.demonstration.neighbours import region_around
from models.domain.campaign import CampaignSettings, Terms
from models.domain.caps import Caps
from models.domain.levels import EducationLevel as E

_SPONSORS = (
    *("Maple", "Oak", "Birch", "Cedar", "Elm", "Hazel"),
    *("Juniper", "Larch", "Linden", "Rowan", "Spruce", "Willow"),
)
_FREE = ("Aspen", "Hawthorn")
_PRICES = (1850, 2200, 2475, 2900, 3300, 3650, 4000, 4425, 4800, 5250, 5700, 6500)
_EVERYWHERE = "*"
_ADULTS = (E.HIGH_SCHOOL, E.SOME_COLLEGE, E.ASSOCIATE, E.BACHELOR, E.MASTER, E.DOCTORATE)


@dataclass(frozen=True, slots=True)
class PlannedCampaign:
    """One campaign of a fictional organization."""

    name: str
    terms: Terms


@dataclass(frozen=True, slots=True)
class PlannedOrganization:
    """One fictional organization; without campaigns it takes leads free."""

    name: str
    slug: str
    schools: tuple[ChosenSchool, ...]
    campaigns: tuple[PlannedCampaign, ...]

    @property
    def unitids(self) -> tuple[int, ...]:
        """The schools by their numbers."""
        return tuple(school.unitid for school in self.schools)


def plan(schools: tuple[ChosenSchool, ...]) -> tuple[PlannedOrganization, ...]:
    """Deal the schools to the organizations in turn, so that no state is one sponsor's alone."""
    names = (*_SPONSORS, *_FREE)
    hands = [schools[turn :: len(names)] for turn in range(len(names))]
    return tuple(
        PlannedOrganization(
            _name(names[turn]),
            names[turn].lower(),
            hand,
            _campaigns(turn, _name(names[turn]), hand),
        )
        for turn, hand in enumerate(hands)
        if hand
    )


def _name(tree: str) -> str:
    role = "Sponsor" if tree in _SPONSORS else "School Group"
    return f"Demonstration {role} {tree} (fictional)"


def _campaigns(
    turn: int, owner: str, schools: tuple[ChosenSchool, ...]
) -> tuple[PlannedCampaign, ...]:
    """Plan one campaign for the schools of each state, and one for the national schools."""
    if turn >= len(_SPONSORS):
        return ()
    by_state: dict[str, list[int]] = defaultdict(list)
    for school in schools:
        by_state[_EVERYWHERE if school.national else school.state].append(school.unitid)
    campaigns = []
    for state, unitids in by_state.items():
        whom = "everywhere" if state == _EVERYWHERE else f"in and around {state}"
        states = () if state == _EVERYWHERE else region_around(state)
        campaigns.append(
            PlannedCampaign(f"{owner}: students {whom}", _terms(turn, unitids, states))
        )
    return tuple(campaigns)


def _terms(turn: int, unitids: Iterable[int], states: tuple[str, ...]) -> Terms:
    """Vary what real campaigns vary: price, whom they want, caps, zone and hours."""
    base = CampaignSettings(tuple(unitids), states=states)
    settings = (
        base,
        replace(base, caps=Caps(day=200, month=4_000), zone="America/Chicago"),
        replace(base, education_levels=_ADULTS, caps=Caps(total=100_000)),
        replace(
            base,
            caps=Caps(hour=60, week=2_500),
            zone="America/Los_Angeles",
            reserve_minor=500,
        ),
    )[turn % 4]
    return Terms(_PRICES[turn], "USD", settings)
