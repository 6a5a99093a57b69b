import base64
from collections.abc import Mapping
from datetime import UTC, datetime

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from models.domain.clock import FixedClock
from models.domain.delivery import Purpose
from models.domain.ids import new_id
from models.domain.sending import Parcel
from models.exchange.kinds import KINDS
from models.exchange.public_signing import make_key_pair, public_key, sign_publicly
from models.outbound.http import HttpAnswer
from tests.support.leads import SIGNING_KEY
from workers.destinations.webhook.client import WebhookClient
from workers.outbound.ports import Answer

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
SEED = bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
# The first test vector of RFC 8032, 7.1: its public key.
PUBLIC = bytes.fromhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")


class Seen:
    """A way out that keeps what it was given."""

    total_seconds = 25.0

    def post(
        self, url: str, headers: Mapping[str, str], body: bytes, seconds: float | None = None
    ) -> Answer:
        self.asked, self.headers, self.body = (url, seconds), headers, body
        return HttpAnswer(204, {}, b"")


def _verify(public: str, signature: str, signed: bytes) -> None:
    kind, _, value = signature.partition(",")
    assert kind == "v1a"
    key = Ed25519PublicKey.from_public_bytes(base64.b64decode(public.removeprefix("whpk_")))
    key.verify(base64.b64decode(value), signed)


def test_the_public_key_is_the_published_one_of_that_seed() -> None:
    _, public = make_key_pair(SEED)
    assert base64.b64decode(public.removeprefix("whpk_")) == PUBLIC


def test_a_signature_is_verified_by_the_public_key_and_by_no_other() -> None:
    private, public = make_key_pair(SEED)
    signature = sign_publicly("dlv_1", 1_795_000_000, b'{"a":1}', private)
    signed = b'dlv_1.1795000000.{"a":1}'
    _verify(public, signature, signed)
    _, other = make_key_pair(b"o" * 32)
    for key, said in ((other, signed), (public, signed + b" "), (public, b"dlv_2" + signed[5:])):
        with pytest.raises(InvalidSignature):
            _verify(key, signature, said)


@pytest.mark.parametrize("private", [True, False])
def test_a_delivery_carries_it_beside_the_others_where_a_key_is_set(private: bool) -> None:
    key, public = make_key_pair(SEED)
    secrets = {"signing_keys": [SIGNING_KEY], **({"private_key": key} if private else {})}
    seen = Seen()
    parcel = Parcel(new_id(NOW), Purpose.LEAD, b"{}", {"url": "https://a.example/"}, secrets)
    WebhookClient(seen, FixedClock(NOW)).send(parcel)
    signatures = seen.headers["webhook-signature"].split(" ")
    assert [one.partition(",")[0] for one in signatures] == ["v1", *(["v1a"] if private else [])]
    if private:
        sent = f"{seen.headers['webhook-id']}.{seen.headers['webhook-timestamp']}.".encode()
        _verify(public, signatures[1], sent + seen.body)


def test_a_key_with_its_public_half_is_the_same_and_a_wrong_one_is_refused_in_words() -> None:
    private, public = make_key_pair(SEED)
    both = base64.b64decode(private.removeprefix("whsk_")) + PUBLIC
    assert public_key(f"whsk_{base64.b64encode(both).decode()}") == public
    check = next(x.check for x in KINDS["webhook"].settings if x.name == "private_key")
    crossed = f"whsk_{base64.b64encode(SEED + b'x' * 32).decode()}"
    for wrong in ("", "whsec_QQ==", "whsk_%%", "whsk_QQ==", crossed, 3, ["a"]):
        assert check(wrong)
    assert check(private) is None
