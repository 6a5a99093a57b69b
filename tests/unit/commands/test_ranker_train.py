"""What ``ranker train`` is told of attention is read before anything is opened."""

import pytest
from click.testing import CliRunner

from commands.ranker_train import train
from models.domain.matching import PAGE_SIZE

GIVEN = ",".join(["1", *["0.5"] * (PAGE_SIZE - 1)])


@pytest.mark.parametrize(
    ("attention", "why"),
    [
        ("1,0.5", f"{PAGE_SIZE} numbers are needed"),
        (GIVEN.replace("1", "0.9", 1), "the first 1"),
        (GIVEN.replace("0.5", "1.5", 1), "at most 1"),
        (GIVEN.replace("0.5", "0", 1), "above 0"),
        (GIVEN.replace("0.5", "half", 1), "Write numbers"),
    ],
)
def test_attention_that_cannot_be_is_refused(attention: str, why: str) -> None:
    result = CliRunner().invoke(train, ["--attention", attention])
    assert result.exit_code == 2
    assert why in result.output


def test_attention_is_given_or_read_off_swaps() -> None:
    result = CliRunner().invoke(train, ["--attention", GIVEN, "--attention-from", "swaps"])
    assert result.exit_code == 2
    assert "choose one" in result.output
