"""How a kind of destination declares its settings; forms and API schemas are made from it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from models.domain.errors import InvalidInputError

# Returns what is wrong with a value, in words that say what to do; None when nothing is.
Check = Callable[[Any], str | None]


@dataclass(frozen=True, slots=True)
class DeclaredSetting:
    """One setting: its name, what a person is shown, whether it is kept sealed, its check."""

    name: str
    label: str
    help: str
    check: Check
    secret: bool = False
    required: bool = True


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of destination."""

    name: str
    label: str
    settings: tuple[DeclaredSetting, ...]

    def check(self, settings: Mapping[str, Any], secrets: Mapping[str, Any]) -> None:
        """Refuse settings that cannot work.

        Raises:
            InvalidInputError: with a message for each value to mend.
        """
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
        if problems:
            raise InvalidInputError(problems)
