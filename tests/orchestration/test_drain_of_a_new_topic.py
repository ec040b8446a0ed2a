"""A topic that is deleted and made again while a drain reads it: the new one's outcomes are not taken for the old's."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from zlib import crc32

import pytest
from confluent_kafka.admin import AdminClient
from lying_on import read
from played_runs import Play

from include.contracts.topics import PROCESSING_COMPLETION
from include.ledger.progress import Counts, progress
from include.orchestration.drain import drain
from include.stores.postgres import Database
from include.transport.admin import create_topics
from include.transport.producer import Producer

pytestmark = pytest.mark.stack

_DRAINING = """
import json, sys
from include.errors import Transient
from include.orchestration.drain import drain
from include.stores.postgres import Database
kafka, parameters = (json.loads(text) for text in sys.argv[1:])
try:
    drain(kafka, Database(parameters), failure_threshold=1.0, stay_s=250.0)
except Transient as error:
    print(error)
"""


def _of_one_partition(number: int) -> list[str]:
    """Symbols whose outcomes go to the first partition (librdkafka's way to choose one)."""
    names = (f"S{n}" for n in range(1000))
    return [name for name in names if crc32(name.encode()) % PROCESSING_COMPLETION.partitions == 0][:number]


def test_a_drain_that_stood_still_meanwhile_takes_nothing_and_the_next_one_takes_all(
    database: Database, kafka: dict[str, str]
) -> None:
    """It would go on at its place in the new topic: what lies before it would be lost with the next commit."""
    with Producer(kafka) as producer:
        play = Play(database, producer, "r", _of_one_partition(3))
        first, second, third = play.list_page(play.plan())
        play.process(first)
        with _draining(kafka, database) as process:
            _eventually(lambda: _counts(database).completed == 2, "the first stock is drained")
            process.send_signal(signal.SIGSTOP)
            _make_anew(kafka)
            play.process(second)
            play.process(third)
            process.send_signal(signal.SIGCONT)
            said, _ = process.communicate(timeout=120)
    assert [(record.partition, record.offset) for record in read(kafka, PROCESSING_COMPLETION.name)] == [(0, 0), (0, 1)]
    assert f"{PROCESSING_COMPLETION.name} was deleted or made anew while it was drained" in said
    drain(kafka, database, failure_threshold=1.0)
    assert _counts(database) == Counts(completed=4)


@contextmanager
def _draining(kafka: Mapping[str, str], database: Database) -> Iterator[subprocess.Popen[str]]:
    """A drain in a process of its own, killed at the end of the block if it still runs."""
    arguments = [json.dumps(dict(kafka)), json.dumps(dict(database.parameters))]
    with subprocess.Popen([sys.executable, "-c", _DRAINING, *arguments], stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def _make_anew(kafka: Mapping[str, str]) -> None:
    name = PROCESSING_COMPLETION.name
    admin = AdminClient(dict(kafka))
    for deleted in admin.delete_topics([name], operation_timeout=60).values():
        deleted.result(60)
    _eventually(lambda: name not in admin.list_topics(timeout=30).topics, "the topic is gone")
    create_topics(kafka, [PROCESSING_COMPLETION])


def _counts(database: Database) -> Counts:
    with database.transaction() as connection:
        return progress(connection, "r").counts


def _eventually(holds: Callable[[], object], what: str) -> None:
    deadline = time.monotonic() + 90
    while not holds():
        assert time.monotonic() < deadline, f"waited in vain: {what}"
        time.sleep(0.02)
