"""A million ticks from Kafka into ``market_ticks``, beside reading alone, COPY from a file, and the way it replaces."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any

from bench.apart import python_with
from bench.report import Line
from bench.sink_place import Env, eventually, forget_group, running_sink, scratch_parts, send, ticks
from include.contracts.prices import Tick
from include.contracts.topics import MARKET_TICKS
from include.errors import Permanent
from include.settings import PROJECT
from include.stores import partitions
from include.stores.binary_copy import framed
from include.stores.postgres import Database
from include.stores.tick_rows import COLUMNS, TickRows

TICKS = 1_000_000
OLD_TICKS = 20_000
ROUNDS = 3
_CHUNK = 50_000
_HERE = Path(__file__).parent


def measure(home: Path) -> list[Line]:
    """Rates by the median of some rounds, each of which does all three one after another."""
    many = list(ticks(TICKS))
    with scratch_parts(home) as (kafka, database, env):
        send(kafka, many)
        partitions_for(database, many)
        text, binary = home / "ticks.text", home / "ticks.binary"
        _write_text(text, many)
        _write_binary(binary, many)
        old = _before(kafka, database, home)
        rounds = [_round(kafka, database, env, text, binary) for _ in range(ROUNDS)]
    found = {name: median(one[name] for one in rounds) for name in rounds[0]}
    return _lines(found, old)


def _round(kafka: Mapping[str, Any], database: Database, env: Env, text: Path, binary: Path) -> dict[str, float]:
    found = {
        "reading": _apart([sys.executable, "-m", "bench.sink_reading", str(TICKS)], env),
        "text": _copied(database, text, ""),
        "binary": _copied(database, binary, "binary"),
    }
    _empty(database)
    with running_sink(env) as sink:
        eventually(lambda: sink.new > 0, "the sink writes")
        first, began = sink.new, time.monotonic()
        eventually(lambda: sink.new >= TICKS, "all ticks are written")
        found["sink"] = (TICKS - first) / (time.monotonic() - began)
        found["peak"] = sink.peak_mib
        sink.end()
    forget_group(kafka)
    _check(database)
    return found


def _lines(found: Mapping[str, float], old: float) -> list[Line]:
    sink = found["sink"]
    name = f"{TICKS:,} ticks from Kafka into market_ticks, each once, beside"
    beside = {
        "COPY of the same rows from a text file": found["text"],
        "COPY of the same rows from a binary file": found["binary"],
        "reading them and writing nothing": found["reading"],
        f"kafka-python with an INSERT and a COMMIT each, measured on {OLD_TICKS:,}": old,
    }
    lines = [Line(f"{name} {what}", sink, "ticks/s", rate, sink / rate) for what, rate in beside.items()]
    return [*lines, Line("peak memory of the sink's process meanwhile", found["peak"], "MiB")]


def _before(kafka: Mapping[str, Any], database: Database, home: Path) -> float:
    """The rate of the way that the sink replaces, into the empty table."""
    _empty(database)
    asked = {
        "servers": kafka["bootstrap.servers"],
        "topic": MARKET_TICKS.name,
        "columns": COLUMNS.split(", "),
        "count": OLD_TICKS,
        "database": dict(database.parameters),
    }
    python = python_with(_HERE / "kafka_python.txt", home / "kafka-python")
    return _apart([str(python), str(_HERE / "sink_before.py")], {}, json.dumps(asked))


def partitions_for(database: Database, many: Sequence[Tick]) -> None:
    """The table has room for ``many``."""
    days = {tick.ticked_at.date(): tick.ticked_at for tick in many}
    with database.transaction() as connection:
        partitions.ensure(connection, "market_ticks", days.values())


def _write_text(path: Path, many: Sequence[Tick]) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.writelines(_text(tick) for tick in many)


def _write_binary(path: Path, many: Sequence[Tick]) -> None:
    rows = TickRows()

    def parts() -> Iterator[bytes]:
        for begin in range(0, len(many), _CHUNK):
            yield b"".join(rows.of(many[begin : begin + _CHUNK]).rows)

    with path.open("wb") as file:
        file.writelines(framed(parts()))


def _text(tick: Tick) -> str:
    given = (tick.price, tick.size, tick.bid, tick.bid_size, tick.ask, tick.ask_size)
    amounts = "\t".join("\\N" if amount is None else repr(amount) for amount in given)
    conditions = "{" + ",".join(tick.conditions) + "}" if tick.conditions else "\\N"
    key = f"{tick.ticked_at.isoformat()}\t{tick.symbol}\t{tick.tick_id}"
    return f"{key}\t{amounts}\t{tick.feed}\t{tick.kind}\t{tick.exchange or chr(92) + 'N'}\t{conditions}\n"


def _copied(database: Database, path: Path, kind: str) -> float:
    """Rows per second of the server's own COPY from a file into the empty table."""
    _empty(database)
    options = f" (FORMAT {kind})" if kind else ""
    with database.transaction() as connection, connection.cursor() as cursor:
        began = time.monotonic()
        cursor.execute(f"COPY market_ticks ({COLUMNS}) FROM %s{options}", [str(path.resolve())])
        connection.commit()
        return TICKS / (time.monotonic() - began)


def _empty(database: Database) -> None:
    with database.transaction() as connection, connection.cursor() as cursor:
        cursor.execute("TRUNCATE market_ticks, bars_due")


def _check(database: Database) -> None:
    """Raises Permanent unless each tick is there once."""
    with database.transaction() as connection, connection.cursor() as cursor:
        cursor.execute("SELECT count(*), count(DISTINCT tick_id) FROM market_ticks")
        found = cursor.fetchone()
    if found != (TICKS, TICKS):
        raise Permanent(f"of {TICKS} ticks, {found} (all, distinct) are in the table")


def _apart(command: list[str], env: Env, told: str = "") -> float:
    """The rate that another process measured; ``told`` is its standard input, which may hold a password."""
    done = subprocess.run(  # noqa: S603 - our own arguments
        command, cwd=PROJECT, env=dict(env), input=told, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise Permanent(f"{' '.join(command[1:])} failed: {done.stderr[-500:]}")
    return float(json.loads(done.stdout.splitlines()[-1])["rate"])
