"""The challenger: a ranker on its way to serve, at most one at a time.

    candidate ── shadow ── canary ── champion
        └──────────┴─────────┴── (a promotion may skip stages; stopping leads back to candidate)

In shadow every web process opens it, so that files, key and tables are proven on each machine, and
nobody is shown it. As a canary it draws a share of the slates, chosen by their seeds.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from models.domain.errors import ConflictError, TransitionError


class Stage(StrEnum):
    """How far a ranker has come."""

    CANDIDATE = "candidate"
    SHADOW = "shadow"
    CANARY = "canary"
    CHAMPION = "champion"


# A canary's share may change; a champion leaves by another's promotion alone.
FOLLOWS: Mapping[Stage, frozenset[Stage]] = {
    Stage.CANDIDATE: frozenset({Stage.SHADOW}),
    Stage.SHADOW: frozenset({Stage.CANARY, Stage.CANDIDATE}),
    Stage.CANARY: frozenset({Stage.CANARY, Stage.SHADOW, Stage.CANDIDATE}),
    Stage.CHAMPION: frozenset(),
}
# A canary is a look, not a half champion.
MOST_SHARE = 50.0


@dataclass(frozen=True, slots=True)
class Challenge:
    """A row of the challenger's history; ``share`` of the slates in per cent, 0 but in canary."""

    version: str
    stage: Stage
    share: float
    at: datetime
    by: str
    reason: str

    def draws(self, seed: int) -> bool:
        """Whether the slate of a seed is the canary's: the same slate always, evenly spread."""
        return self.stage is Stage.CANARY and seed % 10_000 < self.share * 100


def running(newest: Challenge | None) -> Challenge | None:
    """The challenge that runs, given the newest row; None when it was stopped or none was."""
    return None if newest is None or newest.stage is Stage.CANDIDATE else newest


def check_move(newest: Challenge | None, champion: str | None, to: Challenge) -> None:
    """Refuse a row that may not follow.

    Args:
        newest: the newest row.
        champion: the ranker that serves.
        to: the row to be added.

    Raises:
        ConflictError: when another ranker challenges, or the share makes no sense.
        TransitionError: when the stage cannot follow the ranker's present one.
    """
    now = running(newest)
    if now is not None and now.version != to.version:
        raise ConflictError(f"Ranker {now.version} is in {now.stage}: stop it or promote it first.")
    stage = now.stage if now else Stage.CANDIDATE
    if to.version == champion:
        stage = Stage.CHAMPION
    if to.stage not in FOLLOWS[stage]:
        raise TransitionError(f"ranker {to.version}", stage, to.stage)
    if to.stage is Stage.CANARY and not 0 < to.share <= MOST_SHARE:
        raise ConflictError(f"A canary's share is above 0 and at most {MOST_SHARE:.0f} per cent.")
