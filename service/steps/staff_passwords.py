"""Which passwords may be set, as NIST SP 800-63B-4 (3.1.1.2) says: long, and not among the known.

Nothing is asked of their letters, and none has to be changed after a time. A password is compared
whole with what people use most (the list of the zxcvbn package; nothing is asked of the network)
and with words that lie near: the service, the person, their organizations.
"""

import re
import unicodedata
from collections.abc import Collection
from functools import cache
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from itertools import pairwise
from pathlib import Path

from models.domain.errors import InvalidInputError
from models.domain.staff import LONGEST_PASSWORD, SHORTEST_PASSWORD, Staff
from service.said import say

# Least letters of a word that is looked for within a password, and of what must stay without it.
_WORD, _OWN = 4, 4
_SERVICE = ("schoolmatch", "password", "passwort", "contraseña", "qwerty", "welcome")


def normal(password: str) -> str:
    """Write a password in the one form that is hashed."""
    return unicodedata.normalize("NFKC", password)


def check_password(password: str, staff: Staff, field: str = "password") -> None:
    """Refuse a password that is too short, too long, or easy to guess.

    Raises:
        InvalidInputError: saying what to do.
    """
    plain = normal(password)
    if len(plain) < SHORTEST_PASSWORD:
        raise InvalidInputError({field: [say("password_short", least=SHORTEST_PASSWORD)]})
    if len(plain) > LONGEST_PASSWORD:
        raise InvalidInputError({field: [say("too_long", most=LONGEST_PASSWORD)]})
    if _is_common(plain) or _is_row(plain):
        raise InvalidInputError({field: [say("password_common")]})
    if _is_context(plain, _words_about(staff)):
        raise InvalidInputError({field: [say("password_guessed")]})


def _is_common(password: str) -> bool:
    """Tell whether many people use it, with or without figures and signs around it."""
    folded = password.casefold()
    core = re.sub(r"^[\W\d_]+|[\W\d_]+$", "", folded)
    return any(f"\n{each}\n" in _known() for each in (folded, core) if each)


def _is_row(password: str) -> bool:
    """Tell whether it is one or two letters again and again, or letters in their order."""
    steps = {ord(after) - ord(before) for before, after in pairwise(password)}
    return len(set(password.casefold())) < 3 or (len(steps) == 1 and steps <= {-1, 1})


def _is_context(password: str, words: Collection[str]) -> bool:
    """Tell whether hardly anything is left once words that lie near are taken out."""
    left = password.casefold()
    for word in sorted(words, key=len, reverse=True):
        left = left.replace(word, " ")
    return left != password.casefold() and len(re.sub(r"[\W\d_]", "", left)) < _OWN


def _words_about(staff: Staff) -> set[str]:
    texts = [staff.email, staff.name, *(each.organization_name for each in staff.memberships)]
    parts = {part for text in texts for part in re.split(r"[\W\d_]+", normal(text).casefold())}
    parts |= {staff.email.casefold(), staff.email.partition("@")[0].casefold()}
    return {part for part in parts | set(_SERVICE) if len(part) >= _WORD}


@cache
def _known() -> str:
    """What people use most, one a line.

    The package itself would keep all its lists in memory, and sorts them as it is imported: its
    file of lists is read alone, and only the passwords stay (a quarter of a megabyte).
    """
    package = find_spec("zxcvbn")
    if package is None or package.origin is None:
        raise RuntimeError("the package zxcvbn, which holds the known passwords, is not installed")
    place = Path(package.origin).with_name("frequency_lists.py")
    spec = spec_from_file_location("known_passwords", place)
    if spec is None or spec.loader is None:
        raise RuntimeError(f"{place} cannot be read")
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return "\n" + "\n".join(module.FREQUENCY_LISTS["passwords"]) + "\n"
