"""Off-policy estimates against a bandit whose truth is known."""

import numpy as np
import pytest
from numpy.typing import NDArray

from matcher.learn.offpolicy import LEAST_COVERED, Decisions, OffPolicy, estimate

ACTIONS, LOGGED, SEEDS = 5, 2_000, 200
Numbers = NDArray[np.float64]


class Bandit:
    """Contexts with a wish for each action; the log leans one way, the target another."""

    def __init__(self, seed: int) -> None:
        chance = self.chance = np.random.default_rng(seed)
        self.likes = chance.normal(0, 0.7, (LOGGED, ACTIONS))
        hidden = chance.normal(0, 0.5, (LOGGED, ACTIONS))
        self.rewards = 1 / (1 + np.exp(1 - self.likes - hidden))
        self.logging = softmax(0.5 * chance.normal(0, 1, (LOGGED, ACTIONS)))
        self.target = softmax(1.5 * self.likes)
        self.truth = float((self.target * self.rewards).sum(axis=1).mean())

    def logged(self, guess: Numbers) -> Decisions:
        """What the log tells when it chose by chance, with a model's guess of each action."""
        draws = self.chance.random((LOGGED, 1))
        done = (self.logging.cumsum(axis=1) < draws).sum(axis=1).clip(max=ACTIONS - 1)
        rows = np.arange(LOGGED)
        return Decisions(
            cluster=rows.astype(np.int32),
            rewards=(self.chance.random(LOGGED) < self.rewards[rows, done]).astype(float),
            logged=self.logging[rows, done],
            target=self.target[rows, done],
            guessed=guess[rows, done],
            guessed_target=(self.target * guess).sum(axis=1),
        )


def softmax(values: Numbers) -> Numbers:
    powers: Numbers = np.exp(values)
    shares: Numbers = powers / powers.sum(axis=1, keepdims=True)
    return shares


def estimated(seed: int) -> tuple[Bandit, OffPolicy]:
    bandit = Bandit(seed)
    rough = 1 / (1 + np.exp(1 - bandit.likes))
    return bandit, estimate(bandit.logged(rough))


def test_95_per_cent_intervals_hold_the_truth() -> None:
    covered = dict.fromkeys(("ips", "snips", "doubly_robust"), 0)
    widths: dict[str, list[float]] = {name: [] for name in covered}
    for seed in range(SEEDS):
        bandit, found = estimated(seed)
        assert found.refused is None
        for name, each in found.estimates.items():
            covered[name] += each.low <= bandit.truth <= each.high
            widths[name].append((each.high - each.low) / 2 / bandit.truth)
    assert min(covered.values()) >= 0.9 * SEEDS, covered
    assert max(covered.values()) <= 0.99 * SEEDS, "intervals that hold everything say nothing"
    medians = {name: float(np.median(each)) for name, each in widths.items()}
    assert max(medians.values()) < 0.25
    # Knowing something of the rewards helps, and dividing by the weights does.
    assert medians["doubly_robust"] < medians["ips"]
    assert medians["snips"] < medians["ips"]


def test_estimates_are_plain_numbers_that_a_card_can_hold() -> None:
    found = estimated(0)[1]
    bounds = {type(bound) for e in found.estimates.values() for bound in (e.value, e.low, e.high)}
    assert bounds == {float}


def test_a_wrong_model_of_rewards_is_corrected_by_what_happened() -> None:
    bandit = Bandit(3)
    found = estimate(bandit.logged(np.full((LOGGED, ACTIONS), 5.0)))
    wrong = found.estimates["doubly_robust"]
    assert wrong.low <= bandit.truth <= wrong.high


def test_what_the_log_never_tried_is_refused() -> None:
    decisions = Decisions(
        np.arange(400, dtype=np.int32),
        np.ones(400),
        np.ones(400),
        (np.arange(400) % 2).astype(float),
        np.zeros(400),
        np.zeros(400),
    )
    found = estimate(decisions)
    assert found.covered == 0.5 < LEAST_COVERED
    assert found.refused is not None
    assert "tried 50%" in found.refused
    assert found.document()["refused"] == found.refused
    assert found.estimates == {}


def test_few_effective_decisions_are_refused() -> None:
    bandit = Bandit(4)
    whole = bandit.logged(np.zeros((LOGGED, ACTIONS)))
    few = Decisions(*(getattr(whole, name)[:60] for name in Decisions.__slots__))
    found = estimate(few)
    assert found.effective < 60
    assert found.refused is not None
    assert "effective decisions" in found.refused


def test_the_effective_size_is_the_count_where_nothing_is_weighed() -> None:
    same = np.full(500, 0.3)
    rewards = (np.arange(500) % 2).astype(np.float64)
    found = estimate(
        Decisions(np.arange(500, dtype=np.int32), rewards, same, same, rewards, rewards)
    )
    assert found.effective == pytest.approx(500)
    assert found.estimates["ips"].value == found.estimates["snips"].value == rewards.mean()
