"""Configuration is changed only where its history is written."""

from tests.support.configuration_writes import REPOSITORIES, changing_methods, changing_modules

# What these write is called by the repository that notes it, and by no other.
CALLED_BY = {"intake.py": ("set_intake(", "destinations.py")}
# It notes when somebody first came in, and who they are to their organization's own sign-in: what
# happened, nothing that anybody set.
HAPPENED = {"accounts.py"}


def test_a_module_that_changes_configuration_notes_it() -> None:
    noting = _saying("history.touch(")
    assert changing_modules() - CALLED_BY.keys() - HAPPENED - noting == set()
    for name, (call, caller) in CALLED_BY.items():
        assert _saying(call) == {name, caller}
        assert caller in noting


def test_the_look_finds_what_is_written_directly_by_a_helper_and_in_sql() -> None:
    found = changing_methods()
    assert {"CampaignRepository.create", "DestinationRepository.set_status"} <= found
    assert "DestinationRepository.get" not in found
    assert "intake.py" in changing_modules()


def _saying(words: str) -> set[str]:
    return {path.name for path in REPOSITORIES.glob("*.py") if words in path.read_text()}
