from ipaddress import ip_address

import pytest

from models.outbound.addresses import may_connect
from models.outbound.errors import ForbiddenTargetError, OutboundError
from models.outbound.targets import Policy, vet
from tests.support.forbidden import FORBIDDEN


@pytest.mark.parametrize("address", FORBIDDEN)
def test_a_forbidden_address_is_refused_invariant_11_of_delivery(address: str) -> None:
    assert not may_connect(ip_address(address), allow_loopback=False)


@pytest.mark.parametrize("address", ["8.8.8.8", "172.32.0.1", "2606:4700::1111", "192.0.1.1"])
def test_an_ordinary_address_is_let_through(address: str) -> None:
    assert may_connect(ip_address(address), allow_loopback=False)


def test_the_loopback_setting_opens_this_machine_and_nothing_else() -> None:
    allowed = [a for a in FORBIDDEN if may_connect(ip_address(a), allow_loopback=True)]
    assert allowed == ["127.0.0.1", "127.255.255.254", "::1"]


def test_one_bad_address_among_good_ones_refuses_the_name() -> None:
    def mixed(_host: str, _port: int) -> tuple[object, ...]:
        return (ip_address("8.8.8.8"), ip_address("169.254.169.254"))

    with pytest.raises(ForbiddenTargetError, match="address_not_allowed") as error:
        vet("https://rebinding.example/", Policy(), mixed)  # type: ignore[arg-type]
    assert error.value.retryable  # a name may be mended; a literal never


def _never(host: str, _port: int) -> tuple[()]:
    raise AssertionError(f"{host} must not be resolved")


@pytest.mark.parametrize(
    "url",
    [
        "http://8.8.8.8:443/",
        "https://8.8.8.8:8443/",
        "https://8.8.8.8:0/",
        "ftp://8.8.8.8/",
        "file:///etc/passwd",
        "gopher://8.8.8.8:443/",
        "https://user@8.8.8.8/",
        "https://[fe80::1%25eth0]/",
        "https://[::1%eth0]/",
        "https://8.8.8.8/\r\nHost: evil",
        "https://8.8.8.8/ü",
        "https://exam\u2024ple.edu/",
        "https://-x/",
        "https://" + "a" * 300 + ".edu/",
        "//8.8.8.8/",
        "",
    ],
)
def test_what_is_not_a_plain_https_address_is_refused_before_any_lookup(url: str) -> None:
    with pytest.raises(OutboundError) as error:
        vet(url, Policy(), _never)
    assert not error.value.retryable


def test_the_url_that_leaves_is_built_from_the_parts_that_were_vetted() -> None:
    target = vet(
        "https://CRM.Example.edu/hooks?a=1#frag", Policy(), lambda *_: (ip_address("8.8.8.8"),)
    )
    assert target.url == "https://crm.example.edu:443/hooks?a=1"
