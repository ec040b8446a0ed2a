"""A run as a person watches it: whatever others wrote into it is shown, and is neither obeyed nor a crash."""

from __future__ import annotations

import msgspec
import pytest
from made_runs import START, failed, listed, processed, request
from rich.console import Console, RenderableType

from include.ledger.fold import fold
from include.ledger.opening import open_run
from include.ledger.outcome import from_completion
from include.ledger.progress import progress
from include.ledger.screen import monitor_view, summary_view
from include.ledger.summary import summarize
from include.stores.postgres import Database

RUN = "manual__a/b"
HOSTILE = "Yahoo says [bold]x[/nothing] \x1b[2J and answered 503 " + "to quoteSummary " * 20


def shown(view: RenderableType) -> str:
    console = Console(width=80, color_system=None)
    with console.capture() as said:
        console.print(view)
    return said.get()


@pytest.fixture
def watched(database: Database) -> Database:
    with database.transaction() as connection:
        open_run(connection, RUN, request("us"), START)
        lost = msgspec.structs.replace(failed(RUN, "us", "B"), error_message=HOSTILE, region="[/us]")
        fold(
            connection,
            [from_completion(listed(RUN, "us", 0, ["A", "B"])), from_completion(processed(RUN, "us", "A")), lost],
        )
    return database


@pytest.mark.stack
def test_a_failure_in_hostile_words_is_told_in_eighty_columns(watched: Database) -> None:
    with watched.transaction() as connection:
        views = monitor_view(progress(connection, RUN)), summary_view(summarize(connection, RUN))
    watching, summary = map(shown, views)
    words = " ".join(watching.split())
    assert "Permanent: Yahoo" in words
    assert "x[/nothing]" in words
    assert "…" in words
    assert "sent 3" in watching
    assert RUN in summary
    for said in (watching, summary):
        assert max(map(len, said.splitlines())) <= 80
        assert "\x1b" not in said
