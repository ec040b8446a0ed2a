"""A run from the trigger to the proof, on the real stack."""

from __future__ import annotations

import json
import signal

import psycopg2
import pytest

from end_to_end.stack import Rest, Stack, wait
from include.settings import DatabaseSettings

# Half a minute each, on a machine with nothing else to do.
pytestmark = [pytest.mark.stack, pytest.mark.airflow, pytest.mark.timeout(900)]


def _verify(stack: Stack, run_id: str) -> dict[str, object]:
    answer = stack.stocks("verify", run_id, "--json")
    found: dict[str, object] = json.loads(answer.stdout)
    assert (answer.returncode, found["conclusion"]) == (0, "proven"), answer.stdout
    return found


def _ended(stack: Stack, rest: Rest, run_id: str) -> None:
    wait(lambda: rest.state(run_id) in ("success", "failed"), f"run {run_id} ended", 600, stack.told)
    assert rest.state(run_id) == "success", stack.told()


def _rows(stack: Stack, query: str, run_id: str) -> list[tuple[object, ...]]:
    connection = psycopg2.connect(**DatabaseSettings.from_env(stack.variables).connection)
    try:
        with connection.cursor() as cursor:
            cursor.execute(query, (run_id,))
            found: list[tuple[object, ...]] = cursor.fetchall()
            return found
    finally:
        connection.close()


def _done(stack: Stack, run_id: str) -> int:
    """Stocks whose effect is recorded, reported or not."""
    query = "SELECT count(*) FROM effects WHERE run_id = %s AND stage = 'processing'"
    return int(str(_rows(stack, query, run_id)[0][0]))


def test_a_run_triggered_by_rest_ends_with_nothing_pending_and_is_proven(stack: Stack, rest: Rest) -> None:
    answer = rest.trigger({"regions": ["us", "gb"]})
    assert answer.status_code == 200, answer.text
    run_id = answer.json()["dag_run_id"]
    _ended(stack, rest, run_id)
    proof = _verify(stack, run_id)
    assert (proof["pending"], proof["failed"]) == (0, 0)
    # 60 stocks in each of two regions; the listing of a region is one task a page.
    assert int(str(proof["completed"])) >= 122
    assert _rows(stack, "SELECT count(DISTINCT symbol) FROM financial_ratios WHERE run_id = %s", run_id) == [(120,)]


@pytest.mark.parametrize("conf", [{"regions": ["mars"]}, {"regions": []}])
def test_a_form_that_makes_no_sense_is_refused_at_once(rest: Rest, conf: dict[str, object]) -> None:
    assert rest.trigger(conf).status_code == 400


def test_a_worker_killed_mid_run_loses_and_doubles_nothing(stack: Stack, rest: Rest) -> None:
    run_id = stack.start_scrape("jp,de")
    wait(lambda: _done(stack, run_id) >= 10, "some stocks are completed")
    victim = stack.process("processing-1")
    victim.send_signal(signal.SIGKILL)
    _ended(stack, rest, run_id)
    assert _verify(stack, run_id)["failed"] == 0
    wait(lambda: "processing-1 runs again" in stack.said, "it runs again")
    assert "processing-1 was killed by signal 9" in stack.said
    assert stack.process("processing-1").pid != victim.pid


def test_a_broker_that_restarts_mid_run_loses_and_doubles_nothing(stack: Stack, rest: Rest) -> None:
    run_id = stack.start_scrape("br,fr")
    wait(lambda: _done(stack, run_id) >= 10, "some stocks are completed")
    stack.process("kafka.Kafka").send_signal(signal.SIGKILL)
    _ended(stack, rest, run_id)
    assert _verify(stack, run_id)["failed"] == 0
    assert "Kafka was killed by signal 9" in stack.said


def test_two_runs_at_once_do_not_mix(stack: Stack, rest: Rest) -> None:
    runs = [stack.start_scrape("us"), stack.start_scrape("us")]
    for run_id in runs:
        _ended(stack, rest, run_id)
    sent = [_verify(stack, run_id)["sent"] for run_id in runs]
    assert sent[0] == sent[1]


def test_a_cancelled_run_ends_with_nothing_pending(stack: Stack, rest: Rest) -> None:
    run_id = stack.start_scrape("in,ca")
    wait(lambda: _done(stack, run_id) >= 1, "it is under way")
    assert stack.stocks("cancel", run_id).returncode == 0
    wait(lambda: rest.state(run_id) == "failed", "its DAG run failed")
    assert not _rows(stack, "SELECT 1 FROM tasks WHERE run_id = %s AND state = 'pending'", run_id)


def test_a_second_stack_on_the_same_folder_is_refused(stack: Stack) -> None:
    answer = stack.stocks("up")
    assert answer.returncode == 2
    assert "a stack already runs on" in answer.stderr
