"""The same work has the same id and, for Kafka, the same key."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec
import pytest

from include.contracts.market_cap import band
from include.contracts.quotes import Quote
from include.contracts.tasks import ProcessingTask, ScrapingTask, processing_task, scraping_task

NOW = datetime(2026, 3, 2, 22, 30, tzinfo=UTC)
SMALL = band("100M", "1B")


def test_the_same_work_has_the_same_id() -> None:
    assert scraping_task("r1", "us", SMALL, 0, "browser", NOW) == scraping_task("r1", "us", SMALL, 0, "browser", NOW)


def test_other_work_has_another_id() -> None:
    tasks = [
        scraping_task(run, region, b, page, "browser", NOW)
        for run in ("r1", "r2")
        for region in ("us", "gb")
        for b in (SMALL, band("1B", None))
        for page in (0, 1)
    ]
    assert len({t.task_id for t in tasks}) == len(tasks)


def test_a_stock_is_one_task_of_a_run_whichever_region_lists_it() -> None:
    german = processing_task("r1", Quote("SAP.DE", "de", NOW), NOW)
    french = processing_task("r1", Quote("SAP.DE", "fr", NOW), NOW)
    assert german.task_id == french.task_id


def test_planned_tasks_are_keyed_by_region_and_further_pages_spread() -> None:
    assert scraping_task("r1", "us", SMALL, 0, "browser", NOW).key == "us"
    assert scraping_task("r1", "us", SMALL, 3, "browser", NOW).key == "us:100M..1B:3"


def test_a_task_survives_the_journey() -> None:
    task = processing_task("r1", Quote("VOD.L", "gb", NOW, currency="GBp", price=71.5), NOW)
    assert msgspec.json.decode(msgspec.json.encode(task), type=ProcessingTask) == task


def test_a_task_of_another_schema_version_is_refused() -> None:
    document = msgspec.to_builtins(scraping_task("r1", "us", SMALL, 0, "browser", NOW)) | {"schema_version": 2}
    with pytest.raises(msgspec.ValidationError, match="schema_version"):
        msgspec.convert(document, ScrapingTask)


def test_tasks_are_frozen() -> None:
    with pytest.raises(AttributeError):
        scraping_task("r1", "us", SMALL, 0, "browser", NOW).page = 1  # type: ignore[misc]
