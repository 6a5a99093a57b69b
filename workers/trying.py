"""Tries a preset on its mock: what would be sent, what the system would answer, what that means.

No database and no account: the real client, the real way out, and a system that is played on this
machine.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Protocol
from uuid import UUID

from models.domain.clock import Clock
from models.domain.delivery import Purpose
from models.domain.errors import InvalidInputError
from models.domain.sending import DestinationTest, Parcel
from models.exchange.kinds import KINDS
from models.exchange.outcome_rules import Judged
from models.exchange.presets import Preset
from models.exchange.sample import SAMPLE_AT
from models.outbound.http import HttpClient
from models.outbound.resolving import ask_system
from models.outbound.targets import Policy
from workers.mocks import Received, Reply
from workers.outbound.outside import Outside
from workers.outbound.sftp import SftpClient


class Trier(Protocol):
    """A client that tells how it judged an answer."""

    def try_out(self, parcel: Parcel) -> Judged:
        """Send once; tell also which rule judged the answer."""
        ...


@dataclass(frozen=True, slots=True)
class Trial:
    """What went out and came back, in order, and what it was judged to mean."""

    requests: Sequence[Received]
    replies: Sequence[Reply]
    judged: Judged


def cases_of(preset: Preset) -> tuple[str, ...]:
    """List what can be tried with a preset, ``good`` first."""
    cases: tuple[str, ...] = _mock(preset).cases(preset.name)
    return cases


def try_preset(preset: Preset, given: Mapping[str, str], case: str, clock: Clock) -> Trial:
    """Send a lead that nobody sent to a preset's mock.

    Args:
        preset: which.
        given: what a school would answer; examples stand for the rest.
        case: how the system is to answer, one of ``cases_of``.
        clock: for dates in answers.

    Raises:
        InvalidInputError: when an answer or the case cannot be used.
    """
    if case not in cases_of(preset):
        raise InvalidInputError({"case": [f"is not played; use {', '.join(cases_of(preset))}."]})
    settings, secrets = preset.expand({**preset.examples, **given})
    delivery_id = UUID(int=7)
    facts = DestinationTest(delivery_id, SAMPLE_AT)
    body = KINDS[preset.kind].write(facts, delivery_id, settings)
    policy = Policy(ports=None, file_ports=None, allow_loopback=True)
    http = HttpClient(policy, ask_system)
    outside = Outside(http, clock, SftpClient(policy, ask_system))
    try:
        with _mock(preset)(preset.name, case) as system:
            parcel = Parcel(delivery_id, Purpose.TEST, body, system.stand_in(settings), secrets)
            judged = _client(preset, system.ways(outside)).try_out(parcel)
            return Trial(tuple(system.received), tuple(system.replied), judged)
    finally:
        http.close()


def _mock(preset: Preset) -> Any:
    return import_module(f"workers.destinations.{preset.kind}.mock").MockSystem


def _client(preset: Preset, outside: Outside) -> Trier:
    client: Trier = import_module(f"workers.destinations.{preset.kind}.client").make(outside)
    return client
