"""``schoolmatch ranker bench`` from a terminal."""

import json
from pathlib import Path

from click.testing import CliRunner, Result

from commands.ranker_bench import bench


def invoke(*words: object) -> Result:
    return CliRunner().invoke(bench, [str(word) for word in words])


def test_it_makes_sets_ranks_them_and_never_writes_over_one(tmp_path: Path) -> None:
    train, test = tmp_path / "train.txt", tmp_path / "test.txt"
    made = invoke(train, test, "--make", 100, "--without-lightgbm", "--json")
    assert made.exit_code == 0, made.output
    told = json.loads(made.stdout)
    assert 0 < told["queries_judged"] <= 100
    assert told["ways"]["schoolmatch"]["ndcg_10"] > told["ways"]["random"]["ndcg_10"]
    again = invoke(train, test, "--make", 100, "--without-lightgbm")
    assert again.exit_code == 1
    assert "is there already" in again.output


def test_a_file_that_is_not_there_or_wrong_is_named(tmp_path: Path) -> None:
    missing = invoke(tmp_path / "a", tmp_path / "b", "--without-lightgbm")
    assert missing.exit_code == 1
    assert "There is no file" in missing.output
    bad = tmp_path / "bad.txt"
    bad.write_text("1 qid:1 1:1\n2 qid:1 1\n")
    refused = invoke(bad, bad, "--without-lightgbm")
    assert refused.exit_code == 1
    assert "Error: bad.txt, line 2: '1' is not FEATURE:VALUE" in refused.output
