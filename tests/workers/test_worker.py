"""Worker processes on a real broker and a real PostgreSQL."""

from __future__ import annotations

import json
import signal
import urllib.request
from pathlib import Path

import pytest
from lying_on import read
from trial import environment, eventually, message, notes, prepare, send, task, uncommitted, worker

from include.contracts import dead_letters as names
from include.contracts.outcomes import ProcessingCompleted
from include.contracts.topics import PROCESSING_COMPLETION, PROCESSING_ERRORS, PROCESSING_TASKS
from include.stores.postgres import Database
from include.transport.codec import decode
from include.transport.producer import Message
from include.workers.identity import WorkerFile

pytestmark = pytest.mark.stack
TASKS, DONE, ERRORS = PROCESSING_TASKS.name, PROCESSING_COMPLETION.name, PROCESSING_ERRORS.name
Kafka = dict[str, str]


@pytest.fixture
def env(kafka: Kafka, database: Database, tmp_path: Path) -> dict[str, str]:
    prepare(database)
    return environment(kafka, database, tmp_path / "home")


def _completed(kafka: Kafka) -> list[str]:
    return [decode(r.value, ProcessingCompleted).symbol for r in read(kafka, DONE)]


def test_every_task_is_done_once_reported_and_committed(kafka: Kafka, database: Database, env: dict[str, str]) -> None:
    symbols = [f"S{n}" for n in range(300)]
    send(kafka, *(message(s) for s in symbols))
    with worker(env, "one"):
        eventually(lambda: uncommitted(kafka, TASKS) == 0, "all offsets are committed")
    assert sorted(notes(database)) == sorted(symbols)
    assert sorted(_completed(kafka)) == sorted(symbols)
    report = read(kafka, DONE)[0]
    done = decode(report.value, ProcessingCompleted)
    assert report.key == done.symbol.encode()
    assert (done.task_id, done.attempts, done.replay_count, done.worker) == (task(done.symbol).task_id, 1, 0, "one")


def test_a_slow_stock_delays_no_other_and_nothing_after_it_is_lost_by_a_kill(
    kafka: Kafka, database: Database, env: dict[str, str]
) -> None:
    """The slow task holds back its partition's commit; a kill then repeats work and changes no result."""
    symbols = [f"S{n}" for n in range(100)]
    send(kafka, message("WAIT"), *(message(s) for s in symbols))
    with worker(env, "one") as first:
        eventually(lambda: len(notes(database)) == 100, "all others are done")
        eventually(lambda: len(_completed(kafka)) == 100, "all others are reported")
        assert uncommitted(kafka, TASKS) > 0
        first.kill()
        first.wait()
    (Path(env["STOCKS_HOME"]) / "WAIT").touch()
    with worker(env, "one"):
        eventually(lambda: uncommitted(kafka, TASKS) == 0, "a new worker goes on from the first unfinished task")
    assert sorted(notes(database)) == sorted([*symbols, "WAIT"])
    assert set(_completed(kafka)) == {*symbols, "WAIT"}


def test_kills_at_any_moment_lose_and_double_nothing(kafka: Kafka, database: Database, env: dict[str, str]) -> None:
    symbols = [f"S{n}" for n in range(900)]
    send(kafka, *(message(s) for s in symbols))
    for done in (50, 300, 600):
        with worker(env, "victim") as victim:
            eventually(lambda done=done: len(notes(database)) >= done, f"{done} tasks are done")
            victim.kill()
            victim.wait()
    with worker(env, "survivor"):
        eventually(lambda: uncommitted(kafka, TASKS) == 0, "the rest is done")
    assert sorted(notes(database)) == sorted(symbols)
    assert set(_completed(kafka)) == set(symbols)
    assert read(kafka, ERRORS) == []


def test_tasks_of_one_key_are_done_in_order(kafka: Kafka, database: Database, env: dict[str, str]) -> None:
    runs = [f"run-{n:02}" for n in range(40)]
    send(kafka, *(message(symbol, run) for run in runs for symbol in ("AAPL", "MSFT", "VOD.L")))
    with worker(env, "one", concurrency=8):
        eventually(lambda: uncommitted(kafka, TASKS) == 0, "all offsets are committed")
    with database.transaction() as connection, connection.cursor() as cursor:
        cursor.execute("SELECT symbol, array_agg(run_id ORDER BY n) FROM notes WHERE what = 'done' GROUP BY symbol")
        assert dict(cursor.fetchall()) == dict.fromkeys(("AAPL", "MSFT", "VOD.L"), runs)


def test_sigterm_finishes_what_runs_commits_it_and_leaves(
    kafka: Kafka, database: Database, env: dict[str, str]
) -> None:
    home = Path(env["STOCKS_HOME"])
    send(kafka, message("WAIT"))
    with worker(env, "one") as process:
        eventually(lambda: notes(database, "begun") == ["WAIT"], "the task is under way")
        process.send_signal(signal.SIGTERM)
        assert json.loads((home / "workers/one.json").read_bytes())["pid"] == process.pid
        (home / "WAIT").touch()
        assert process.wait(90) == 0
    assert _completed(kafka) == ["WAIT"]
    assert uncommitted(kafka, TASKS) == 0
    assert not (home / "workers/one.json").exists()


def test_a_second_sigterm_ends_the_worker_at_once_and_the_task_comes_again(
    kafka: Kafka, database: Database, env: dict[str, str]
) -> None:
    send(kafka, message("WAIT"))
    with worker(env, "one") as process:
        eventually(lambda: notes(database, "begun") == ["WAIT"], "the task is under way")
        process.send_signal(signal.SIGTERM)
        eventually(lambda: _stopping(env), "the first signal is noticed")
        process.send_signal(signal.SIGTERM)
        assert process.wait(90) == 128 + signal.SIGTERM
    assert "cut short" not in _log(env, "one")  # which is how one ends that got no second signal
    assert uncommitted(kafka, TASKS) == 1
    assert _completed(kafka) == []


def _stopping(env: dict[str, str]) -> bool:
    return "finishing" in (Path(env["STOCKS_HOME"]) / "one.log").read_text()


def test_two_workers_share_the_partitions_and_a_leaver_hands_over(
    kafka: Kafka, database: Database, env: dict[str, str]
) -> None:
    symbols = [f"S{n}" for n in range(200)]
    with worker(env, "first"):
        send(kafka, message("A0"))
        eventually(lambda: "A0" in notes(database), "the first worker works")
        with worker(env, "second") as second:
            eventually(lambda: '"assigned stock' in _log(env, "second"), "the second has partitions")
            send(kafka, *(message(s) for s in symbols))
            eventually(lambda: uncommitted(kafka, TASKS) == 0, "both share the work")
            second.send_signal(signal.SIGTERM)
            assert second.wait(90) == 0
        send(kafka, *(message(f"B{n}") for n in range(100)))
        eventually(lambda: uncommitted(kafka, TASKS) == 0, "the first does all again")
    with database.transaction() as connection, connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT worker FROM notes WHERE what = 'done' AND symbol LIKE 'S%' ORDER BY 1")
        assert [row[0] for row in cursor.fetchall()] == ["first", "second"]
        cursor.execute("SELECT count(*), count(DISTINCT symbol) FROM notes WHERE what = 'done'")
        assert cursor.fetchone() == (301, 301)


def _log(env: dict[str, str], name: str) -> str:
    return (Path(env["STOCKS_HOME"]) / f"{name}.log").read_text()


def test_what_cannot_succeed_is_dead_lettered_with_its_bytes_and_why(
    kafka: Kafka, database: Database, env: dict[str, str]
) -> None:
    garbage = Message(TASKS, "AAPL", b"\xff not json", {"traceparent": "00-abc"})
    send(kafka, message("BAD"), message("BUG"), message("DOWN"), garbage, message("GOOD"))
    with worker(env, "one"):
        eventually(lambda: uncommitted(kafka, TASKS) == 0, "all have an end")
    letters = {(r.key or b"").decode(): r for r in read(kafka, ERRORS)}
    assert {k: r.headers[names.DISPOSITION] for k, r in letters.items()} == {
        "BAD": "poison",
        "BUG": "poison",
        "DOWN": "exhausted",
        "AAPL": "poison",
    }
    assert {k: r.headers[names.EXCEPTION_CLASS] for k, r in letters.items()} == {
        "BAD": "Permanent",
        "BUG": "KeyError",
        "DOWN": "Transient",
        "AAPL": "Permanent",
    }
    assert {k: r.headers[names.ATTEMPTS] for k, r in letters.items()} == {
        "BAD": "1",
        "BUG": "1",
        "DOWN": "3",
        "AAPL": "1",
    }
    assert letters["AAPL"].value == garbage.value
    assert letters["AAPL"].headers["traceparent"] == "00-abc"
    assert names.TASK_ID not in letters["AAPL"].headers
    assert letters["BAD"].value == message("BAD").value
    assert letters["BAD"].headers[names.TASK_ID] == task("BAD").task_id
    assert letters["BAD"].headers[names.MESSAGE] == "BAD is unknown to the source; it may be delisted"
    assert letters["BAD"].headers[names.ORIGIN_TOPIC] == TASKS == letters["BAD"].headers[names.SPRING_ORIGIN_TOPIC]
    assert _completed(kafka) == ["GOOD"]


def test_an_unfit_worker_stops_with_exit_code_1_and_commits_nothing(
    kafka: Kafka, database: Database, env: dict[str, str]
) -> None:
    send(kafka, message("UNFIT"))
    with worker(env, "one") as process:
        assert process.wait(90) == 1
    assert "this worker has no browser" in _log(env, "one")
    assert uncommitted(kafka, TASKS) == 1
    assert read(kafka, ERRORS) == []


def test_many_failures_in_a_row_open_the_breaker_instead_of_filling_the_errors_topic(
    kafka: Kafka, database: Database, env: dict[str, str]
) -> None:
    send(kafka, *(message(f"DOWN{n}") for n in range(100)))
    with worker(env, "one", concurrency=16):
        port = eventually(lambda: _port(env, "one"), "the worker listens")
        eventually(lambda: json.loads(_fetch(port, "/healthz"))["detail"]["breaker_open"], "the breaker opens")
        eventually(lambda: json.loads(_fetch(port, "/healthz"))["detail"]["paused"], "nothing more is read")
        (Path(env["STOCKS_HOME"]) / "up").touch()
        eventually(lambda: uncommitted(kafka, TASKS) == 0, "a probe finds the source well again")
    assert len(read(kafka, ERRORS)) < 12
    assert len(read(kafka, ERRORS)) + len(_completed(kafka)) == 100


def test_health_and_metrics_answer_on_the_loopback(kafka: Kafka, database: Database, env: dict[str, str]) -> None:
    send(kafka, message("GOOD"), message("BAD"))
    with worker(env, "one"):
        port = eventually(lambda: _port(env, "one"), "the worker listens")
        eventually(lambda: uncommitted(kafka, TASKS) == 0, "both have an end")
        health = json.loads(_fetch(port, "/healthz"))
        metrics = _fetch(port, "/metrics").decode()
    assert (health["healthy"], health["worker"], health["stage"]) == (True, "one", "processing")
    assert 'stocks_worker_tasks_total{result="completed",stage="processing"} 1.0' in metrics
    assert 'stocks_worker_tasks_total{result="poison",stage="processing"} 1.0' in metrics
    assert 'stocks_worker_breaker_open{stage="processing"} 0.0' in metrics


def _port(env: dict[str, str], name: str) -> int | None:
    path = Path(env["STOCKS_HOME"]) / f"workers/{name}.json"
    return json.loads(path.read_bytes())["port"] if path.exists() else None


def _fetch(port: int, path: str) -> bytes:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=60) as answer:
        return answer.read()


def test_log_lines_are_json_with_run_and_task(kafka: Kafka, database: Database, env: dict[str, str]) -> None:
    send(kafka, message("BAD"))
    with worker(env, "one"):
        eventually(lambda: uncommitted(kafka, TASKS) == 0, "the task has an end")
    lines = [json.loads(line) for line in _log(env, "one").splitlines()]
    given_up = next(line for line in lines if line["message"].startswith("given up"))
    assert (given_up["task_id"], given_up["run_id"]) == (task("BAD").task_id, task("BAD").run_id)
    assert {line["worker"] for line in lines} == {"one"}


def test_tasks_of_a_cancelled_run_are_skipped_without_an_outcome(
    kafka: Kafka, database: Database, env: dict[str, str]
) -> None:
    with database.transaction() as connection, connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO runs (run_id, state, request, started_at, cancelled_at)"
            " VALUES ('gone', 'cancelled', '{}', now(), now())"
        )
    send(kafka, *(message(f"S{n}", "gone") for n in range(20)), message("GOOD"))
    with worker(env, "one"):
        eventually(lambda: uncommitted(kafka, TASKS) == 0, "all offsets are committed")
    assert notes(database) == _completed(kafka) == ["GOOD"]
    assert read(kafka, ERRORS) == []


def test_a_recorded_effect_is_reported_again_without_work_and_with_the_replay_it_answers(
    kafka: Kafka, database: Database, env: dict[str, str]
) -> None:
    send(kafka, message("AAPL"), message("AAPL", headers={names.REPLAY_COUNT: "2"}))
    with worker(env, "one"):
        eventually(lambda: uncommitted(kafka, TASKS) == 0, "both have an end")
    assert notes(database, "begun") == ["AAPL"]
    assert [decode(r.value, ProcessingCompleted).replay_count for r in read(kafka, DONE)] == [0, 2]


def test_a_name_that_runs_already_is_refused(kafka: Kafka, database: Database, env: dict[str, str]) -> None:
    with worker(env, "one"):
        eventually(lambda: _port(env, "one"), "the first runs")
        with worker(env, "one") as second:
            assert second.wait(90) == 1
    assert "ConfigurationError: a worker with the name one is running already" in _log(env, "one")


def test_the_worker_file_is_what_others_read(kafka: Kafka, database: Database, env: dict[str, str]) -> None:
    with worker(env, "one") as process:
        eventually(lambda: _port(env, "one"), "the worker listens")
        found = decode((Path(env["STOCKS_HOME"]) / "workers/one.json").read_bytes(), WorkerFile)
    assert (found.name, found.stage, found.pid) == ("one", "processing", process.pid)


def test_a_refusal_of_everybody_pauses_the_source_and_counts_no_attempt(
    kafka: Kafka, database: Database, env: dict[str, str]
) -> None:
    """More refusals than attempts, and still every task is completed at its first."""
    limited = [f"LIMITED{n}" for n in range(12)]
    send(kafka, *(message(symbol) for symbol in limited))
    with worker(env, "one", concurrency=2):
        eventually(lambda: uncommitted(kafka, TASKS) == 0, "all are done")
    assert {decode(r.value, ProcessingCompleted).attempts for r in read(kafka, DONE)} == {1}
    assert sorted(_completed(kafka)) == sorted(limited)
    assert "yahoo is paused" in _log(env, "one")


def test_a_worker_uses_one_connection_per_thread_and_a_few_beside(
    kafka: Kafka, database: Database, env: dict[str, str]
) -> None:
    send(kafka, *(message(f"S{n}") for n in range(400)))
    with worker(env, "one", concurrency=8):
        eventually(lambda: uncommitted(kafka, TASKS) == 0, "all are done")
        with database.transaction() as connection, connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity"
                " WHERE datname = current_database() AND backend_type = 'client backend'"
            )
            assert cursor.fetchone()[0] <= 8 + 4 + 2
    assert len(_completed(kafka)) == 400
