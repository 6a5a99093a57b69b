"""POST /api/v1/matches, on the real catalog."""

from tests.support.world import World


def test_a_search_answers_in_the_form_of_the_contract(world: World) -> None:
    found = world.search()
    assert found["slate_id"].startswith("slt_")
    assert {field["cip"] for field in found["fields"]} == {"51.07"}
    assert {one["program"]["cip"] for one in found["results"]} == {"51.07"}
    assert [one["position"] for one in found["results"]] == list(range(1, 21))
    levels = {one["program"]["credential_level"] for one in found["results"][:5]}
    assert levels <= {"undergraduate_certificate", "associate"}
    assert found["total"] > 100
    for one in found["results"]:
        for fact in one["facts"]:
            assert fact["source"]
            assert fact["year"]
            assert fact["value"] != 0
    assert found["demonstration"] is False
