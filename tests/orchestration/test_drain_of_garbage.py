"""Whatever lies on the outcome topics: what can be folded is, every dead letter is kept, nothing stops the drain."""

from __future__ import annotations

import random
from collections.abc import Iterator

import msgspec
import pytest
from played_runs import Play

from include.contracts import dead_letters as names
from include.contracts.tasks import ProcessingTask
from include.contracts.topics import PROCESSING_COMPLETION, PROCESSING_ERRORS
from include.ledger.progress import Counts, progress
from include.orchestration.drain import drain
from include.review.reading import Opened, listed, opened
from include.review.selection import Selection
from include.stores.postgres import Database
from include.transport.codec import encode
from include.transport.producer import Message, Producer

pytestmark = pytest.mark.stack
_NOISE = random.Random(1)


@pytest.fixture
def play(database: Database, kafka: dict[str, str]) -> Iterator[Play]:
    with Producer(kafka) as producer:
        yield Play(database, producer, "r", ["A", "B", "C"])


def _letter(task: ProcessingTask, **headers: str) -> Message:
    said = {names.RUN_ID: task.run_id, names.TASK_ID: task.task_id, names.STAGE: "processing"}
    return Message(PROCESSING_ERRORS.name, task.key, encode(task), said | headers)


def _counts(database: Database) -> Counts:
    with database.transaction() as connection:
        return progress(connection, "r").counts


def _letters(database: Database) -> list[Opened]:
    """Every letter as `stocks dead-letters show` reads it."""
    with database.transaction() as connection:
        kept, _total = listed(connection, Selection())
        return [opened(connection, letter.id) for letter in kept]


def test_a_dead_letter_with_nuls_everywhere_ends_its_task_and_is_kept_byte_for_byte(
    database: Database, kafka: dict[str, str], play: Play
) -> None:
    task, *_ = play.list_page(play.plan())
    value = msgspec.json.encode({"region": "u\0s", "symbol": "A\0", "name": "\\u0000 and \0\0"})
    headers = {names.MESSAGE: "no \0 statements", "foreign": "a\0b", names.EXCEPTION_CLASS: "Odd\0Error"}
    letter = msgspec.structs.replace(_letter(task, **headers), key=b"A\0\xff", value=value + b"\0")
    play.send(letter)
    assert drain(kafka, database, failure_threshold=1.0).unreadable == 0
    assert _counts(database) == Counts(completed=1, failed=1, pending=2)
    (kept,) = _letters(database)
    assert (kept.letter.message, kept.letter.exception_class) == ("no \\0 statements", "Odd\\0Error")
    with database.transaction() as connection, connection.cursor() as cursor:
        cursor.execute("SELECT key, value FROM dead_letters")
        assert [bytes(column) for column in cursor.fetchone() or ()] == [b"A\0\xff", value + b"\0"]


def test_a_completion_with_nuls_ends_its_task(database: Database, kafka: dict[str, str], play: Play) -> None:
    task, *_ = play.list_page(play.plan())
    warned = msgspec.structs.replace(play.completion(task), worker="w\0", warnings=("odd \0", "\\u0000 as it is"))
    play.send(Message(PROCESSING_COMPLETION.name, task.key, encode(warned)))
    assert drain(kafka, database, failure_threshold=1.0).unreadable == 0
    assert _counts(database) == Counts(completed=2, pending=2)
    with database.transaction() as connection, connection.cursor() as cursor:
        cursor.execute(
            "SELECT detail ->> 'worker', detail -> 'warnings' FROM tasks WHERE task_id = %s::uuid", (task.task_id,)
        )
        assert cursor.fetchone() == ("w\\0", ["odd \\0", "\\u0000 as it is"])


_SENSELESS_HEADERS = (
    {names.RUN_ID: _NOISE.randbytes(9000).hex()},
    {names.TASK_ID: _NOISE.randbytes(9000).hex()},
    {names.FINGERPRINT: _NOISE.randbytes(9000).hex()},
    {names.LAST_FAILED_AT: "0001-01-01T00:00:00+23:59", names.FIRST_FAILED_AT: "9999-12-31T23:59:59-23:59"},
    {names.REPLAY_COUNT: "9" * 30, names.ATTEMPTS: "-1"},
    {names.STAGE: "\0", names.DISPOSITION: "?", names.ORIGIN_TOPIC: "__consumer_offsets"},
    {names.RUN_ID: "", names.TASK_ID: "no uuid"},
)


def test_dead_letters_with_senseless_headers_are_kept_and_can_be_looked_at(
    database: Database, kafka: dict[str, str], play: Play
) -> None:
    task, other, _ = play.list_page(play.plan())
    play.send(*(_letter(task, **headers) for headers in _SENSELESS_HEADERS))
    play.process(other)
    drain(kafka, database, failure_threshold=1.0)
    kept = sorted(_letters(database), key=lambda letter: letter.offset)
    for letter, headers in zip(kept, _SENSELESS_HEADERS, strict=True):
        assert letter.headers.items() >= {n: value.replace("\0", "\\0") for n, value in headers.items()}.items()
    assert _counts(database) == Counts(completed=2, failed=1, pending=1)


def test_senseless_values_stop_nothing(database: Database, kafka: dict[str, str], play: Play) -> None:
    task, other, _ = play.list_page(play.plan())
    values = (b'{"run_id":' + b"[" * 100_000, b"\0" * 500_000, b"\xff\xfe", b'{"region": "\\ud800"}', None)
    for value in values:
        play.send(Message(PROCESSING_COMPLETION.name, None, value))
        play.send(msgspec.structs.replace(_letter(task), value=value))
    play.process(other)
    assert drain(kafka, database, failure_threshold=1.0).unreadable == len(values)
    assert _counts(database) == Counts(completed=2, failed=1, pending=1)
    assert len(_letters(database)) == len(values)
