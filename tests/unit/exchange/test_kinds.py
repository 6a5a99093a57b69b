import pytest

from models.domain.errors import InvalidInputError
from models.exchange.kinds import KINDS

KEYS = {"signing_keys": ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"]}


def test_a_webhook_with_an_address_and_a_key_is_accepted() -> None:
    KINDS["webhook"].check({"url": "https://crm.example.edu/hooks?x=1"}, KEYS)


@pytest.mark.parametrize(
    "url",
    [
        None,
        "",
        "ftp://example.edu/",
        "https://",
        "https://user:pw@example.edu/",
        "https://example.edu:99999/",
        "https://example.edu/a b",
        "https://example.edu/\n",
        "https://[::1/",
        7,
        "https://exämple.edu/",
    ],
)
def test_an_address_that_cannot_work_gets_a_message(url: object) -> None:
    with pytest.raises(InvalidInputError) as error:
        KINDS["webhook"].check({"url": url}, KEYS)
    assert error.value.messages.keys() == {"url"}


def test_unknown_and_misplaced_settings_are_refused() -> None:
    with pytest.raises(InvalidInputError) as error:
        KINDS["webhook"].check({"url": "https://a.edu/", "colour": 1, **KEYS}, {})
    assert error.value.messages.keys() == {"colour", "signing_keys"}
