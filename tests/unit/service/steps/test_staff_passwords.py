"""Which passwords may be set."""

import pytest

from models.domain.errors import InvalidInputError
from models.domain.ids import new_id
from models.domain.staff import LONGEST_PASSWORD, Membership, Role, Staff, StaffStatus
from service.steps.staff_locks import hash_password, try_lock
from service.steps.staff_passwords import check_password, normal
from tests.support.leads import NOW

ORGANIZATION = Membership(new_id(NOW), "Harbor Point College", Role.MEMBER)
ZOE = Staff(
    new_id(NOW), "zoe.marsh@harbor.example", "Zoë Marsh", False, StaffStatus.ACTIVE, (ORGANIZATION,)
)


def refused(password: str) -> str:
    with pytest.raises(InvalidInputError) as error:
        check_password(password, ZOE)
    [[said]] = error.value.messages.values()
    return str(said)


@pytest.mark.parametrize(
    "password",
    [
        "eight ch",
        "correct horse battery",
        "        spaces only count   x",
        "пароль из трёх слов",
        "ein paßwort, das niemand kennt",
        "🐸🐸🐢🐢🦎🦎🐍🐍",
        "x9" * 32 + "?",
        "harbor seals sing at night",
    ],
)
def test_any_letters_will_do(password: str) -> None:
    check_password(password, ZOE)


def test_at_least_eight_characters_as_they_are_kept() -> None:
    assert refused("seven c") == "Use 8 characters or more"
    # Each of these is one sign that stands for three or four letters.
    assert len("ﬃﬃﬃ") == 3
    check_password("ﬃ kŁ ﬃ z", ZOE)
    assert refused("e\u0301" * 7).startswith("Use 8")


def test_64_and_more_are_taken_and_a_book_is_not() -> None:
    check_password("a phrase of many words " * 10, ZOE)
    assert "or fewer" in refused("z?" * LONGEST_PASSWORD)


@pytest.mark.parametrize(
    "password",
    [
        "password",
        "PASSWORD123",
        "iloveyou",
        "1q2w3e4r",
        "!!football!!",
        "sunshine2026",
        "abcdefghij",
        "87654321",
        "aaaaaaaaaaaa",
        "abababababab",
        "".join(chr(ord(letter) + 0xFEE0) for letter in "password"),  # full width
    ],
)
def test_what_people_use_most_is_refused(password: str) -> None:
    assert "tried first" in refused(password)


@pytest.mark.parametrize(
    "password",
    [
        "zoe.marsh@harbor.example",
        "marsh2026",
        "Harbor-Point-College!",
        "schoolmatch2026",
        "ZoeMarsh1",
        "collegeharbor99",
        "Marsh-Schoolmatch",
    ],
)
def test_what_is_made_of_names_is_refused(password: str) -> None:
    assert "what is known of you" in refused(password)


def test_a_password_opens_however_its_letters_are_put_together() -> None:
    from models.domain.staff import Lock
    from service.steps.staff_locks import new_secret

    lock = Lock(hash_password("cafe\u0301 au lait"), new_secret())
    assert try_lock(lock, "café au lait", "", NOW).right
    assert not try_lock(lock, "cafe au lait", "", NOW).right
    assert normal("ﬁne") == "fine"


def test_nobodys_account_opens_by_nothing() -> None:
    assert try_lock(None, "anything at all", "000000", NOW) == (False, None)
