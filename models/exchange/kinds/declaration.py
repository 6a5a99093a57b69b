"""How a kind of destination declares its settings; forms and API schemas are made from it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

from models.domain.afterwards import CHANGES
from models.domain.delivery import Purpose
from models.domain.destination import Pace
from models.domain.errors import InvalidInputError
from models.domain.sending import BatchWindow, DestinationTest, LeadFacts
from models.exchange.payload import render
from models.exchange.requests import Preview
from models.exchange.setting_checks import Check, OneOf, check_address, check_text

Settings = Mapping[str, Any]
# Returns what is wrong with settings and secrets taken together, by setting.
CheckTogether = Callable[[Settings, Settings], Mapping[str, list[str]]]
# Writes the body of a delivery by its id; raises UnrenderableError when it cannot be written.
Write = Callable[[LeadFacts | DestinationTest, UUID, Settings], bytes]


# Shows what would be sent: a body as ``write`` made it, settings, and the names of the secrets.
Show = Callable[[bytes, UUID, Settings, Sequence[str]], tuple[Preview, ...]]


class Typed(StrEnum):
    """How a setting is typed into a form; one with few words to choose from is chosen."""

    LINE = "line"
    BLOCK = "block"
    MAPPING = "mapping"
    RULES = "rules"
    # Not typed at all: a preset's own name.
    NOT = "not"


@dataclass(frozen=True, slots=True)
class DeclaredSetting:
    """One setting: its name, what a person is shown, whether it is kept sealed, its check.

    ``read`` makes a value of what is typed on a command line, ``tell`` a line for a person to read.
    ``typed`` says how a form takes it; ``start`` is what a form begins with where nothing is set.
    """

    name: str
    label: str
    help: str
    check: Check
    secret: bool = False
    required: bool = True
    read: Callable[[str], Any] = str
    tell: Callable[[Any], str] = str
    typed: Typed = Typed.LINE
    start: Any = None

    @property
    def choices(self) -> tuple[str, ...]:
        """The words that it may have; none where it takes others."""
        return self.check.words if isinstance(self.check, OneOf) else ()


# Of the kinds that presets are made for.
PRESET = DeclaredSetting(
    "preset",
    "Preset",
    "The system that these settings were made for, if it was one that we know.",
    check_text,
    required=False,
    typed=Typed.NOT,
)
# Of kinds whose systems may have no way to take a lead back, or may go away.
CONTACT = DeclaredSetting(
    "contact",
    "Contact e-mail",
    "The address of people of your school. Where your system cannot be told, or is switched off, "
    "they are told by e-mail that a student took a request back, corrected it or had it deleted.",
    check_address,
    required=False,
)
_NO_CONTACT = (
    "Enter an address such as admissions@example.edu: this system cannot be told that a student "
    "takes a request back, corrects it or has it deleted, so people of the school are told."
)


def own_body(facts: LeadFacts | DestinationTest, _delivery_id: UUID, _settings: Settings) -> bytes:
    """Write the body that our own webhook has.

    Raises:
        UnrenderableError: when the facts cannot be used.
    """
    return render(facts)


def shown_body(
    body: bytes, _delivery_id: UUID, _settings: Settings, _secrets: Sequence[str]
) -> tuple[Preview, ...]:
    """Show what a reader of the feed is given."""
    return (Preview("GET", "/api/v1/feed/leads", (), body.decode()),)


@dataclass(frozen=True, slots=True)
class Batching:
    """How deliveries of a kind leave together: when, and how one body is made of theirs.

    ``join`` gives the same bytes for the same bodies in the same order.
    """

    window: BatchWindow
    join: Callable[[Sequence[bytes]], bytes]


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of destination.

    ``write`` makes a delivery's body before its first try; ``pace`` says how much the settings
    allow (None: as much as we like). ``batching`` is there where deliveries wait for each other.
    ``carries`` says whether the settings let a lead's changes go the way that leads go;
    ``contact`` names the setting with the address of people, where nothing goes that way. ``show``
    lays out what would be sent, with marks for secrets.
    """

    name: str
    label: str
    settings: tuple[DeclaredSetting, ...]
    together: CheckTogether = lambda _settings, _secrets: {}
    write: Write = own_body
    pace: Callable[[Settings], Pace | None] = lambda _settings: None
    batching: Batching | None = None
    carries: Callable[[Settings, Purpose], bool] = lambda _settings, _purpose: True
    contact: str = CONTACT.name
    show: Show = shown_body

    def mails(self, settings: Settings, purpose: Purpose, *, active: bool = True) -> bool:
        """Whether people of the school are told by e-mail, because their system cannot be.

        Nothing goes to a destination that is not ``active``: switched off, or gone.
        """
        unreached = not active or not self.carries(settings, purpose)
        return purpose in CHANGES and unreached and self.contact in settings

    def check(self, settings: Settings, secrets: Settings) -> None:
        """Refuse settings that cannot work.

        Raises:
            InvalidInputError: with a message for each value to mend.
        """
        problems = self._each(settings, secrets) or self.together(settings, secrets)
        if problems:
            raise InvalidInputError(problems)
        self.check_reach(settings)

    def check_reach(self, settings: Settings) -> None:
        """Refuse to let leads go where nobody could be told that one was taken back.

        Raises:
            InvalidInputError: when neither the system nor people of the school can be told.
        """
        carried = all(self.carries(settings, each) for each in CHANGES)
        if not carried and CONTACT.name not in settings:
            raise InvalidInputError({CONTACT.name: [_NO_CONTACT]})

    def change(
        self, typed: Mapping[str, str], settings: Settings, secrets: Settings
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """Set what was typed on a command line, and check the whole; nothing typed takes it away.

        Returns:
            All settings and secrets as they are then.

        Raises:
            InvalidInputError: with a message for each value to mend.
        """
        declared = {setting.name: setting for setting in self.settings}
        after: tuple[dict[str, Any], dict[str, Any]] = (dict(settings), dict(secrets))
        for name, value in typed.items():
            if name not in declared:
                known = ", ".join(declared)
                raise InvalidInputError({name: [f"is not a setting of {self.label}; use {known}."]})
            part = after[declared[name].secret]
            if value:
                part[name] = declared[name].read(value)
            else:
                part.pop(name, None)
        self.check(*after)
        return after

    def _each(self, settings: Settings, secrets: Settings) -> dict[str, list[str]]:
        problems: dict[str, list[str]] = {}
        declared = {s.name: s for s in self.settings}
        for part, secret in ((settings, False), (secrets, True)):
            for name in part:
                if name not in declared or declared[name].secret is not secret:
                    problems[name] = [f"{self.label} destinations have no such setting."]
        for setting in self.settings:
            value = (secrets if setting.secret else settings).get(setting.name)
            if value is None and not setting.required:
                continue
            problem = f"Enter {setting.label}." if value is None else setting.check(value)
            if problem:
                problems[setting.name] = [problem]
        return problems
