"""What every store of prices holds to: each message once, whatever is repeated, killed, refused or away."""

from __future__ import annotations

import random
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing, suppress
from typing import Any

import msgspec
import pytest
from store_trials import BATCH, TRIALS, Place, Trial, writing_process

from include.errors import Transient
from include.stores.base import Written


class Scene(msgspec.Struct):
    """A store in a place of its own."""

    name: str
    trial: Trial
    place: Place
    store: Any

    def messages(self, *numbers: int) -> list[Any]:
        return [self.trial.message(number) for number in numbers]

    def keeps(self, messages: Sequence[Any]) -> bool:
        """Whether exactly these are there, each once."""
        found = sorted(self.trial.rows(self.place), key=repr)
        return found == sorted(map(self.trial.key, messages), key=repr)

    def again(self, **options: float) -> Any:
        """The store as the next start of the process opens it."""
        self.store.close()
        self.store = self.trial.open(self.place, **options)
        return self.store


@pytest.fixture(params=TRIALS)
def scene(request: pytest.FixtureRequest) -> Iterator[Scene]:
    trial = TRIALS[request.param]
    place = trial.place(request)
    found = Scene(request.param, trial, place, trial.open(place))
    yield found
    found.store.close()


def test_a_message_is_kept_once(scene: Scene) -> None:
    batch = scene.messages(1, 2, 3)
    written = scene.store.write(batch)
    assert (written.new, written.refused) == (3, ())
    assert scene.keeps(batch)


def test_an_empty_batch_changes_nothing(scene: Scene) -> None:
    assert scene.store.write([]).new == 0
    assert scene.keeps([])


def test_a_message_twice_in_a_batch_is_one_row(scene: Scene) -> None:
    written = scene.store.write(scene.messages(1, 2, 1, 3, 2))
    assert written.new == 3
    assert scene.keeps(scene.messages(1, 2, 3))


def test_a_batch_that_overlaps_earlier_ones_adds_what_is_new(scene: Scene) -> None:
    scene.store.write(scene.messages(1, 2, 3))
    assert scene.store.write(scene.messages(2, 3, 4)).new == 1
    assert scene.store.write(scene.messages(0, 4)).new == 1
    assert scene.store.write(scene.messages(5, 6)).new == 2
    assert scene.keeps(scene.messages(0, 1, 2, 3, 4, 5, 6))


def test_a_batch_repeated_by_the_next_start_changes_nothing(scene: Scene) -> None:
    batch = scene.messages(*range(BATCH))
    scene.store.write(batch)
    assert scene.again().write(batch).new == 0
    assert scene.keeps(batch)


def test_what_is_poison_is_refused_by_name_and_the_rest_is_kept(scene: Scene) -> None:
    good = scene.messages(*range(10, 15))
    for poison in scene.trial.poison():
        batch = [*good[:2], poison, *good[2:]]
        refused = scene.store.write(batch).refused
        assert [refusal.position for refusal in refused] == [2], poison
        assert refused[0].why
    assert scene.keeps(good)


def test_a_batch_of_poison_alone_is_refused_whole(scene: Scene) -> None:
    poison = list(scene.trial.poison())
    written = scene.store.write(poison)
    assert written.new == 0
    assert [refusal.position for refusal in written.refused] == list(range(len(poison)))
    assert scene.keeps([])


def test_a_store_that_is_away_says_so_and_takes_the_batch_when_it_is_back(scene: Scene) -> None:
    first, second = scene.messages(1, 2), scene.messages(3, 4)
    scene.store.write(first)
    impatient = scene.again(patience_s=0.3)
    with scene.trial.away(scene.place):
        for _ in range(2):
            with pytest.raises(Transient):
                impatient.write(second)
    assert _write_until_kept(impatient, second).new == 2
    assert scene.keeps(first + second)


def test_two_that_write_the_same_at_once_keep_it_once(scene: Scene) -> None:
    batches = [scene.messages(*range(start, start + BATCH)) for start in range(0, 10 * BATCH, BATCH)]
    barrier = threading.Barrier(2)

    def write(order: list[list[Any]]) -> None:
        with closing(scene.trial.open(scene.place)) as store:
            barrier.wait(60)
            for batch in order:
                _write_until_kept(store, batch)

    threads = [threading.Thread(target=write, args=[order]) for order in (batches, [b[::-1] for b in batches])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert scene.keeps([message for batch in batches for message in batch])


def _write_until_kept(store: Any, batch: list[Any]) -> Written:
    """As the sink does: what fails for now is written again."""
    for _ in range(200):
        with suppress(Transient):
            found: Written = store.write(batch)
            return found
    raise AssertionError("the store never took the batch")


@pytest.mark.parametrize("seed", [1, 2])
def test_a_kill_in_the_middle_loses_and_doubles_nothing(scene: Scene, seed: int) -> None:
    """What was acknowledged is there; writing everything again, as the sink would, adds the rest."""
    scene.store.close()
    kept = random.Random(seed).randrange(1, 12) * BATCH
    with writing_process(scene.name, scene.place) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if int(line) >= kept:
                break
    messages = scene.messages(*range(kept + 3 * BATCH))
    keys = set(map(scene.trial.key, messages))
    assert set(scene.trial.rows(scene.place)) >= set(map(scene.trial.key, messages[:kept]))
    store = scene.trial.open(scene.place)
    store.write(messages)
    store.close()
    found = Counter(scene.trial.rows(scene.place))
    assert found.keys() >= keys
    assert set(found.values()) == {1}
