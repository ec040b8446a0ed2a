"""From the form to the messages: what is planned, and what a cleared run sends again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from made_runs import START
from played_runs import Play

from include.contracts.market_cap import Band
from include.contracts.tasks import ProcessingTask, ScrapingTask, Stage
from include.errors import ConfigurationError
from include.ledger.cancel import reopen
from include.ledger.resending import messages, waiting
from include.ledger.verdict import give_up
from include.orchestration.drain import drain
from include.orchestration.plan import asked, open_and_part
from include.stores.postgres import Database
from include.transport.codec import decode, encode
from include.transport.producer import Producer

FORM: dict[str, Any] = {
    "regions": ["us", "gb"],
    "market_cap_min": None,
    "market_cap_max": None,
    "market_cap_cuts": None,
    "screener": "browser",
}


def test_a_form_without_bounds_is_one_band_per_region() -> None:
    request = asked(FORM, START)
    assert (request.regions, request.bands) == (("us", "gb"), (Band(),))


def test_cuts_split_the_range_into_bands() -> None:
    form = FORM | {"market_cap_min": "100M", "market_cap_max": "1T", "market_cap_cuts": "1B, 10B"}
    assert [str(band) for band in asked(form, START).bands] == ["100M..1B", "1B..10B", "10B..1T"]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"market_cap_min": "1B", "market_cap_max": "100M"}, "1B is not below the maximum 100M"),
        ({"market_cap_min": "much"}, "'much' is not a market cap"),
        ({"market_cap_cuts": "1B, some"}, "'some' is not a market cap"),
        ({"regions": []}, "choose at least one"),
    ],
)
def test_a_wrong_form_is_refused_in_its_own_words(change: dict[str, Any], says: str) -> None:
    with pytest.raises(ConfigurationError, match=says):
        asked(FORM | change, START)


@pytest.mark.stack
def test_a_new_run_sends_the_first_page_of_every_region_and_band(database: Database) -> None:
    request = asked(FORM | {"market_cap_cuts": "1B"}, START)
    parts = open_and_part(database, "a/b+c", request, START, nightly=False)
    assert [p["producer_function_kwargs"]["label"] for p in parts] == ["gb ..1B", "gb 1B..", "us ..1B", "us 1B.."]
    assert {p["topic"] for p in parts} == {"stock-scraping-tasks"}
    with database.transaction() as connection:
        (message,) = messages(connection, "a/b+c", Stage.SCRAPING, "us", "1B..")
    task = decode(message.value, ScrapingTask)
    assert (task.run_id, task.region, str(task.band), task.page, message.key) == ("a/b+c", "us", "1B..", 0, "us")


@pytest.fixture
def play(database: Database, kafka: dict[str, str]) -> Iterator[Play]:
    with Producer(kafka) as producer:
        yield Play(database, producer, "r", ["A", "B", "C"])


@pytest.mark.stack
def test_a_cleared_run_sends_again_what_is_pending_byte_for_byte(
    database: Database, kafka: dict[str, str], play: Play
) -> None:
    first, second, third = play.list_page(play.plan())
    play.process(first)
    play.fail(second)
    drain(kafka, database, failure_threshold=1.0)
    with database.transaction() as connection:
        give_up(connection, "r", "stalled")
    later = datetime.now(UTC)
    parts = open_and_part(database, "r", asked(FORM, later), later, nightly=False)
    assert [(p["topic"], p["producer_function_kwargs"]["label"]) for p in parts] == [
        ("stock-processing-tasks", "us stocks")
    ]
    with database.transaction() as connection:
        (message,) = messages(connection, "r", Stage.PROCESSING, "us", "..")
    assert (message.key, message.value, dict(message.headers)) == ("C", encode(third), {})


@pytest.mark.stack
def test_a_replayed_task_is_sent_again_with_its_replay_count(
    database: Database, kafka: dict[str, str], play: Play
) -> None:
    first, second, third = play.list_page(play.plan())
    play.process(first)
    play.process(third)
    play.fail(second)
    drain(kafka, database, failure_threshold=1.0)
    with database.transaction() as connection:
        reopen(connection, "r", Stage.PROCESSING, second.task_id, 1)
        (part,) = waiting(connection, "r")
        (message,) = messages(connection, "r", part.stage, part.region, part.band)
    assert decode(message.value, ProcessingTask) == second
    assert dict(message.headers) == {"x-stocks-replay-count": "1"}
