from __future__ import annotations

from datetime import UTC, datetime

import pytest

from include.contracts import dead_letters as names
from include.contracts.dead_letters import Disposition
from include.contracts.tasks import Stage
from include.contracts.topics import PROCESSING_ERRORS, TASK_MESSAGE_BYTES
from include.errors import Permanent
from include.transport.record import Record
from include.workers.dead_letter import Failure, cut, dead_letter, fingerprint, without_extras
from include.workers.scrub import Scrubber

AT = datetime(2026, 11, 20, 21, 0, tzinfo=UTC)
LATER = datetime(2026, 11, 20, 21, 5, tzinfo=UTC)


def _failure(error: BaseException) -> Failure:
    return Failure(
        error=error,
        disposition=Disposition.EXHAUSTED,
        attempts=8,
        first_failed_at=AT,
        failed_at=LATER,
        run_id="run",
        task_id="task",
    )


def _letter(error: BaseException, headers: dict[str, str] | None = None, scrub: object = str) -> dict[str, str]:
    record = Record("", "stock-processing-tasks", 4, 1234, AT, b"AAPL", b"{}", headers or {})
    return dict(dead_letter(Stage.PROCESSING, "workers", record, _failure(error), scrub).headers)


def test_the_headers_are_those_of_the_contract() -> None:
    headers = _letter(Permanent("AAPL is unknown"))
    assert headers.pop(names.STACKTRACE).startswith("include.errors.Permanent: AAPL is unknown")
    assert len(headers.pop(names.FINGERPRINT)) == 16
    assert headers == {
        "__dlq.errors.topic": "stock-processing-tasks",
        "__dlq.errors.partition": "4",
        "__dlq.errors.offset": "1234",
        "__dlq.errors.group": "workers",
        "__dlq.errors.delivery.count": "8",
        "__dlq.errors.message": "AAPL is unknown",
        "kafka_dlt-original-topic": "stock-processing-tasks",
        "x-stocks-run-id": "run",
        "x-stocks-task-id": "task",
        "x-stocks-stage": "processing",
        "x-stocks-exception-class": "Permanent",
        "x-stocks-disposition": "exhausted",
        "x-stocks-attempts": "8",
        "x-stocks-original-timestamp": "2026-11-20T21:00:00+00:00",
        "x-stocks-first-failed-at": "2026-11-20T21:00:00+00:00",
        "x-stocks-last-failed-at": "2026-11-20T21:05:00+00:00",
        "x-stocks-replay-count": "0",
    }


def test_headers_of_others_are_kept_and_stale_ones_of_ours_are_not() -> None:
    headers = _letter(Permanent("no"), {"traceparent": "00-abc", names.REPLAY_OF: "x/1/2", names.REPLAY_COUNT: "3"})
    assert headers["traceparent"] == "00-abc"
    assert headers[names.REPLAY_COUNT] == "3"
    assert names.REPLAY_OF not in headers


def test_no_secret_enters_a_header() -> None:
    scrub = Scrubber({"POLYGON_API_KEY": "canary/4711", "KAFKA_PORT": "9092"})
    error = Permanent("GET https://x.test/v2?apikey=abc123&s=1 with canary/4711 and canary%2F4711 at port 9092")
    text = "".join(_letter(error, scrub=scrub).values())
    assert "canary" not in text
    assert "abc123" not in text
    assert "9092" in text


@pytest.mark.parametrize("size", [10, 8 * 1024, 8 * 1024 + 1, 10**6])
def test_a_cut_text_keeps_its_beginning_and_its_end_within_the_limit(size: int) -> None:
    text = "ä" * (size // 2) + "end"
    short = cut(text, 8 * 1024)
    assert len(short.encode()) <= 8 * 1024
    assert short.startswith("ä" * 4)
    assert short.endswith("end")


def test_a_long_message_and_trace_fit_beside_the_largest_task() -> None:
    record = Record("", "t", 0, 0, AT, b"k", b"x" * (TASK_MESSAGE_BYTES - 2048), {})
    letter = dead_letter(Stage.PROCESSING, "workers", record, _failure(Permanent("ü" * 10**6)), str)
    size = len(letter.value or b"") + sum(len(k) + len(v.encode()) for k, v in letter.headers.items())
    assert size < PROCESSING_ERRORS.max_message_bytes


def test_a_letter_without_extras_keeps_the_bytes_and_the_ids() -> None:
    record = Record("", "t", 0, 0, AT, b"k", b"value", {"huge": "x" * 10**6})
    small = without_extras(dead_letter(Stage.PROCESSING, "workers", record, _failure(Permanent("no")), str))
    assert (small.key, small.value) == (b"k", b"value")
    assert "huge" not in small.headers
    assert small.headers[names.TASK_ID] == "task"


def test_failures_of_one_cause_share_a_fingerprint() -> None:
    def print_of(message: str, stage: Stage = Stage.PROCESSING) -> str:
        return fingerprint(stage, Permanent(message))

    one = print_of("HTTP 502 from https://q.test/a?x=1 for 'AAPL' after 1.5 s")
    assert one == print_of("HTTP 502 from https://q.test/b?x=2 for 'VOD.L' after 22.75 s")
    assert one != print_of("the page has no table")
    assert one != print_of("HTTP 502 from https://q.test/a?x=1 for 'AAPL' after 1.5 s", Stage.SCRAPING)
    assert one != fingerprint(Stage.PROCESSING, ValueError("HTTP 502 from https://q.test/a?x=1 for 'AAPL' after 1.5 s"))
