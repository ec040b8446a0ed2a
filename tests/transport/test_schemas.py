from __future__ import annotations

import copy
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from include.contracts.market_cap import Band
from include.contracts.tasks import scraping_task
from include.transport.codec import encode
from include.transport.document import pages
from include.transport.schemas import MESSAGES, breaks, schema

COMMITTED = Path(__file__).resolve().parents[2] / "docs" / "generated" / "schemas"
TASKS = "stock-scraping-tasks"


@pytest.mark.parametrize("topic", MESSAGES)
def test_no_change_breaks_the_readers_of_the_committed_schema(topic: str) -> None:
    """If this fails on purpose: add an optional field instead, or make a new topic."""
    committed = json.loads((COMMITTED / f"{topic}.json").read_text())
    assert breaks(committed, schema(topic)) == []


@pytest.mark.parametrize("topic", MESSAGES)
def test_the_committed_schema_is_the_generated_one(topic: str) -> None:
    assert (COMMITTED / f"{topic}.json").read_text() == pages()[f"schemas/{topic}.json"]


@pytest.mark.parametrize("topic", MESSAGES)
def test_a_schema_is_a_valid_json_schema(topic: str) -> None:
    Draft202012Validator.check_schema(schema(topic))


def test_what_we_write_satisfies_its_schema() -> None:
    task = scraping_task("run", "us", Band(None, 10**9), 3, "browser", datetime(2026, 11, 20, tzinfo=UTC))
    Draft202012Validator(schema(TASKS)).validate(json.loads(encode(task)))


def _changed(change: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    before = schema(TASKS)
    after = copy.deepcopy(before)
    change(after["$defs"]["ScrapingTask"], after)
    return before, after


def test_an_added_optional_field_breaks_nobody() -> None:
    before, after = _changed(lambda task, _: task["properties"].update(colour={"type": "string", "default": ""}))
    assert breaks(before, after) == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda task, _: task["properties"].pop("region"), ".region was removed"),
        (lambda task, _: task["properties"]["page"].update(type="string"), ".page: type was 'integer'"),
        (lambda task, _: task["required"].append("schema_version"), ".schema_version is required and was not"),
        (lambda task, _: task["required"].remove("region"), ".region was required and may now be missing"),
        (lambda _, whole: whole["$defs"]["Band"]["properties"].pop("minimum"), ".band.minimum was removed"),
        (
            lambda _, whole: whole["$defs"]["Band"]["properties"]["minimum"].update(anyOf=[{"type": "integer"}]),
            ".band.minimum: was integer or null and is integer",
        ),
        (lambda task, _: task["properties"]["schema_version"].update(enum=[2]), ".schema_version: enum was [1]"),
    ],
)
def test_what_breaks_a_reader_is_named(change: Any, said: str) -> None:
    assert any(sentence.startswith(said) for sentence in breaks(*_changed(change)))
