"""Off-policy estimates against a bandit whose truth is known."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from matcher.learn.offpolicy import LEAST_COVERED, LEAST_EFFECTIVE, Decisions, OffPolicy, estimate

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


class Swaps:
    """Pages of eight listings, of which a small share has its neighbours turned by chance.

    The target turns the first and second pair; the listings' rates are known, so the truth is.
    """

    PAGES, PLACES, EXPLORED = 4_000, 8, 0.05

    def __init__(self, seed: int) -> None:
        chance = self.chance = np.random.default_rng(seed)
        shape = (self.PAGES, self.PLACES)
        self.rates = chance.uniform(0.02, 0.3, shape)
        self.looks = np.arange(1, self.PLACES + 1) ** -0.7
        self.target = np.array([1, 0, 3, 2, 4, 5, 6, 7])
        self.truth = float((self.rates[:, self.target] * self.looks).sum(axis=1).mean())

    def logged(self) -> Decisions:
        pairs = self.chance.random((self.PAGES, self.PLACES // 2)) < 0.5
        explored = self.chance.random((self.PAGES, 1)) < self.EXPLORED
        turned = np.repeat(pairs & explored, 2, axis=1)
        other = np.arange(self.PLACES) ^ 1
        order = np.where(turned, other, np.arange(self.PLACES))
        rates = np.take_along_axis(self.rates, order, 1)
        tried = self.EXPLORED / 2
        guess = np.full(rates.shape, 0.12)
        return Decisions(
            cluster=np.repeat(np.arange(self.PAGES, dtype=np.int32), self.PLACES),
            rewards=(self.chance.random(rates.shape) < rates * self.looks).ravel().astype(float),
            logged=np.where(turned, tried, 1 - tried).ravel(),
            target=(order == self.target).ravel().astype(float),
            guessed=(guess * self.looks).ravel(),
            guessed_target=(guess * self.looks).ravel(),
        )


def test_what_one_slate_in_forty_tried_is_estimated_without_a_lean() -> None:
    """Weights near 40 that come in bunches: cut off at 20, no interval of IPS holds the truth."""
    covered = dict.fromkeys(("ips", "snips", "doubly_robust"), 0)
    leans: dict[str, list[float]] = {name: [] for name in covered}
    for seed in range(SEEDS):
        swaps = Swaps(seed)
        found = estimate(swaps.logged())
        assert found.refused is None
        for name, each in found.estimates.items():
            covered[name] += each.low <= swaps.truth <= each.high
            leans[name].append(each.value / swaps.truth - 1)
    assert min(covered.values()) >= 0.9 * SEEDS, covered
    assert max(covered.values()) <= 0.99 * SEEDS, "intervals that hold everything say nothing"
    assert max(abs(float(np.mean(each))) for each in leans.values()) < 0.01


def test_the_effective_size_counts_what_was_drawn_together_once() -> None:
    whole = Swaps(1).logged()
    found = estimate(whole)
    apart = estimate(replace(whole, cluster=np.arange(len(whole.rewards), dtype=np.int32)))
    assert found.clusters == Swaps.PAGES
    assert found.effective < apart.effective / 2


def test_what_a_clip_cuts_off_counts_as_not_tried() -> None:
    """A quarter of what the target wants came once in 100,000 times: no clip may hide that."""
    count = 40_000
    rare = np.arange(count) % 4 == 0
    tried = Decisions(
        cluster=np.arange(count, dtype=np.int32),
        rewards=np.ones(count),
        logged=np.where(rare, 0.5e-5, 0.5),
        target=np.where(rare, 0.5 * (np.arange(count) == 0), 0.5),
        guessed=np.zeros(count),
        guessed_target=np.zeros(count),
    )
    assert (tried.target / tried.logged).mean() > 1
    found = estimate(tried)
    assert found.covered < 0.8
    assert found.refused is not None
    assert "tried 78%" in found.refused


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
    assert "tried 50% of what this order wants (200 effective of 400)" in found.refused
    told = found.document()
    assert told["refused"] == found.refused
    assert (told["sample_size"], told["effective_sample_size"], told["covered"]) == (400, 200, 0.5)
    assert found.estimates == {}


def test_few_effective_searches_are_refused_with_how_many_it_takes() -> None:
    bandit = Bandit(4)
    whole = bandit.logged(np.zeros((LOGGED, ACTIONS)))
    few = Decisions(*(getattr(whole, name)[:150] for name in Decisions.__slots__))
    found = estimate(few)
    assert 75 < found.effective < 125
    assert found.refused is not None
    assert f"{found.effective:.0f} effective of 150; at least 200" in found.refused
    assert f"about {LEAST_EFFECTIVE / found.effective:.1f} times as long a log" in found.refused


def test_the_effective_size_is_the_count_where_nothing_is_weighed() -> None:
    same = np.full(500, 0.3)
    rewards = (np.arange(500) % 2).astype(np.float64)
    found = estimate(
        Decisions(np.arange(500, dtype=np.int32), rewards, same, same, rewards, rewards)
    )
    assert found.effective == pytest.approx(500)
    assert found.estimates["ips"].value == found.estimates["snips"].value == rewards.mean()
