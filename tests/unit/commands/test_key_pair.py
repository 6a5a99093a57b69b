import json

from click.testing import CliRunner

from commands.destination import destination
from models.exchange.public_signing import public_key


def test_a_key_pair_is_new_each_time_and_fits() -> None:
    run = CliRunner().invoke
    pairs = [json.loads(run(destination, ["key-pair", "--json"]).output) for _ in range(2)]
    assert pairs[0]["private_key"] != pairs[1]["private_key"]
    assert all(public_key(pair["private_key"]) == pair["public_key"] for pair in pairs)
    said = run(destination, ["key-pair"]).output
    assert "private_key=whsk_" in said
    assert "For the school: whpk_" in said
