from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from include.contracts.market_cap import Band
from include.contracts.tasks import ScrapingTask, scraping_task
from include.errors import Permanent
from include.transport.codec import decode, encode

TASK = scraping_task("run/1", "us", Band(10**8, None), 0, "api", datetime(2026, 11, 20, 22, 30, tzinfo=UTC))


def test_a_message_is_json_with_a_schema_version() -> None:
    assert json.loads(encode(TASK)) == {
        "task_id": TASK.task_id,
        "run_id": "run/1",
        "region": "us",
        "band": {"minimum": 100_000_000, "maximum": None},
        "page": 0,
        "screener": "api",
        "planned_at": "2026-11-20T22:30:00Z",
        "schema_version": 1,
    } | {name: json.loads(encode(TASK))[name] for name in json.loads(encode(TASK)) if name == "listing"}


def test_what_was_encoded_is_decoded() -> None:
    assert decode(encode(TASK), ScrapingTask) == TASK


def test_a_field_of_a_newer_writer_is_ignored() -> None:
    newer = json.dumps(json.loads(encode(TASK)) | {"colour": "blue"}).encode()
    assert decode(newer, ScrapingTask) == TASK


@pytest.mark.parametrize(
    ("data", "names"),
    [
        (None, "without a value"),
        (b"", "an empty value is no"),
        (b"\xff\xfe\x00", "ScrapingTask"),
        (b"hello", "begin with b'hello'"),
        (b"[]", "object"),
        (b'{"colour":' + b"[" * 100_000, "recursion"),
        (b'{"task_id": 7}', "task_id"),
        (encode(TASK).replace(b'"schema_version":1', b'"schema_version":2'), "schema_version"),
        (encode(TASK).replace(b'"page":0', b'"page":"zero"'), "page"),
    ],
)
def test_garbage_is_permanent_and_says_what_is_wrong(data: bytes | None, names: str) -> None:
    with pytest.raises(Permanent, match="ScrapingTask") as failure:
        decode(data, ScrapingTask)
    assert names in str(failure.value)


def test_the_garbage_shown_is_bounded() -> None:
    with pytest.raises(Permanent) as failure:
        decode(b"x" * 10_000_000, ScrapingTask)
    assert len(str(failure.value)) < 400
