"""What stands around accounts: recovery codes, what tries count against, others' sign-ins."""

import pytest

from models.domain.identity import has_second_factor
from models.domain.ids import new_id
from models.domain.login_limits import device_mark, limits, opens_as_device
from models.domain.recovery import HOW_MANY, hash_recovery_code, make_recovery_codes
from tests.support.leads import NOW


def test_ten_codes_of_120_bits_that_are_read_however_they_are_typed() -> None:
    codes = make_recovery_codes()
    assert len(set(codes)) == HOW_MANY == 10
    for code in codes:
        assert len(code.replace("-", "")) * 5 == 120
        kept = hash_recovery_code(code)
        assert kept is not None
        assert hash_recovery_code(f" {code.replace('-', ' ').upper()} ") == kept
    assert len({hash_recovery_code(code) for code in codes}) == HOW_MANY


@pytest.mark.parametrize("typed", ["", "123456", "abcd-efgh", "l" * 24, "o" * 24, "a" * 25])
def test_what_can_be_no_code_is_none(typed: str) -> None:
    assert hash_recovery_code(typed) is None


def buckets(email: str, address: str, device: str | None = None) -> set[str]:
    return {limit.bucket for limit in limits(email, address, device)}


def test_who_has_an_ipv6_network_is_counted_as_one() -> None:
    one, other = (buckets("a@b.example", f"2001:db8:1:2::{n}") for n in (1, 2))
    assert one == other
    assert one & buckets("a@b.example", "2001:db8:1:3::1") == {
        limit.bucket for limit in limits("a@b.example", "x", None) if limit.most == 100
    }


def test_one_address_never_fills_the_bucket_of_an_account() -> None:
    *own, account = limits("a@b.example", "192.0.2.1", None)
    day = [limit for limit in own if limit.window == account.window]
    assert day
    assert min(limit.most for limit in day) < account.most == 100


def test_a_known_browser_counts_alone_and_is_known_for_one_account_only() -> None:
    zoe, max_ = new_id(NOW), new_id(NOW)
    mark = device_mark(b"k" * 32, zoe, "nonce")
    assert opens_as_device(b"k" * 32, zoe, mark)
    assert not opens_as_device(b"k" * 32, max_, mark)
    assert not buckets("a@b.example", "192.0.2.1", mark) & buckets("a@b.example", "192.0.2.1")


@pytest.mark.parametrize(
    ("methods", "promised", "counts"),
    [
        (["mfa"], False, True),
        (["pwd", "otp"], False, True),
        (["pin", "hwk"], False, True),
        (["pwd"], False, False),
        (["pwd", "pin"], False, False),
        (["otp"], False, False),
        ([], False, False),
        ([], True, True),
    ],
)
def test_a_second_factor_elsewhere_counts_when_it_is_said(
    methods: list[str], promised: bool, counts: bool
) -> None:
    assert has_second_factor(methods, promised=promised) is counts
