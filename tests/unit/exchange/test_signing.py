import json
from datetime import UTC, datetime

import pytest
from standardwebhooks import Webhook

from models.exchange.signing import read_key, sign

KEY = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
ID = "msg_p5jXN8AQM9LWM0D4loKWxJek"
VECTOR = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_the_published_vector_comes_out() -> None:
    assert sign(ID, 1614265330, b'{"test": 2432232314}', [KEY]) == VECTOR


def test_every_live_key_signs_newest_first() -> None:
    other = "whsec_" + "A" * 32
    both = sign(ID, 1614265330, b'{"test": 2432232314}', [other, KEY]).split(" ")
    assert both[1] == VECTOR
    assert both[0] == sign(ID, 1614265330, b'{"test": 2432232314}', [other])


def test_the_independent_library_verifies_bytes_outside_ascii() -> None:
    now = int(datetime.now(UTC).timestamp())  # noqa: TID251 - the library looks at the clock itself
    body = json.dumps({"name": "Zoë"}, ensure_ascii=False).encode()
    headers = {
        "webhook-id": ID,
        "webhook-timestamp": str(now),
        "webhook-signature": sign(ID, now, body, [KEY]),
    }
    assert Webhook(KEY).verify(body, headers) == {"name": "Zoë"}


@pytest.mark.parametrize("shown", ["", "MfKQ9r8G", "whsec_", "whsec_%%%", "whsec_QQ==", None, 3])
def test_what_is_no_key_is_refused_in_words(shown: object) -> None:
    with pytest.raises(ValueError, match="A signing key"):
        read_key(shown)
