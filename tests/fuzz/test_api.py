"""The JSON interface from its own document, as each caller that there can be: never a failure."""

import os

import pytest

from models.domain.organization import Scope, make_api_key
from tests.integration.api.test_schemathesis import Listening, check, listening
from tests.support.world import World

__all__ = ["listening"]
# `make fuzz` asks for 200; `make faults` runs this with fewer.
EXAMPLES = int(os.getenv("API_EXAMPLES", "5"))  # noqa: TID251 - how long to search, as in odd.py
ROLES = ("nobody", "forged", "reads", "writes", "all scopes", "another's", "revoked", "student")


def presented(world: World, role: str) -> str:
    """What comes in the Authorization header of a role; empty: nothing."""
    writing: list[Scope] = [scope for scope in Scope if scope is not Scope.READ_LEADS]
    scopes: dict[str, list[Scope]] = {"reads": [Scope.READ_LEADS], "writes": writing}
    if role == "nobody":
        return ""
    if role == "forged":
        return make_api_key("never kept", list(Scope)).presented
    if role == "student":
        matches = world.search()
        [asked] = [one for one in matches["results"] if one["request"] == "here"][:1]
        answer = world.send(world.body(matches, asked))
        assert answer.status_code == 202, answer.text
        return str(answer.json["token"])
    key, now = make_api_key(role, scopes.get(role, list(Scope))), world.clock.now()
    [(owner,)] = world.rows("SELECT organization_id FROM organization_school LIMIT 1")
    with world.work() as work:
        if role == "another's":
            owner = work.organizations.create("Another", fictional=True, now=now).id
        made = work.organizations.add_api_key(owner, key, now)
        if role == "revoked":
            work.organizations.revoke_api_key(made, now)
    return key.presented


@pytest.mark.slow
@pytest.mark.parametrize("role", ROLES)
def test_every_operation_as_every_caller(world: World, listening: Listening, role: str) -> None:
    caller = Listening(listening.address, presented(world, role))
    check(caller, EXAMPLES if role != "all scopes" else max(EXAMPLES, 25))
