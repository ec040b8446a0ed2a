"""What the sink does with a message that a store chokes on (the stores here are small, and real)."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from include.errors import Transient, Unfit
from include.stores.base import Refusal, Written
from include.workers.sink_keeping import Keeper, Refused


class Shelf:
    """A store of words in memory. It refuses empty ones, and chokes on those that begin with an exclamation mark."""

    name = "shelf"

    def __init__(self) -> None:
        self.words: set[str] = set()

    def write(self, messages: Sequence[str]) -> Written:
        if any(word.startswith("!") for word in messages):
            raise ZeroDivisionError("a bug")
        if "away" in messages:
            raise Transient("the shelf is away")
        before = len(self.words)
        self.words |= set(filter(None, messages))
        refused = [Refusal(position, "no word") for position, word in enumerate(messages) if not word]
        return Written(len(self.words) - before, tuple(refused))

    def close(self) -> None:
        """Nothing is held."""


def test_what_a_store_chokes_on_is_found_and_the_others_are_kept() -> None:
    shelf = Shelf()
    kept = Keeper(shelf).keep(["a", "b", "!", "", "c", "!!", "d"])
    assert shelf.words == {"a", "b", "c", "d"}
    assert kept.new == 4
    assert [(position, type(error)) for position, error in kept.refused] == [
        (2, ZeroDivisionError),
        (3, Refused),
        (5, ZeroDivisionError),
    ]


def test_a_store_that_chokes_on_everything_is_unfit_and_buries_nothing_more() -> None:
    keeper = Keeper(Shelf())
    keeper.keep([f"!{n}" for n in range(30)])
    with pytest.raises(Unfit, match="fails at every message, 50 in a row"):
        keeper.keep([f"!{n}" for n in range(30)])


def test_a_success_in_between_shows_that_the_store_is_well() -> None:
    keeper = Keeper(Shelf())
    for _ in range(10):
        assert keeper.keep([*(f"!{n}" for n in range(30)), "a word"]).refused


def test_a_store_that_is_away_is_no_fault_of_any_message() -> None:
    with pytest.raises(Transient):
        Keeper(Shelf()).keep(["a", "away"])
