"""`stocks feed` itself: which feeds there are, what it says when a key is missing, what it prints."""

from __future__ import annotations

from typing import Any

import pytest

from include.errors import ConfigurationError
from include.feeds.catalog import CATALOG
from include.workers.feed_commands import FeedName, show
from include.workers.feed_process import FeedSummary, run_feed


def test_the_command_knows_the_feeds_of_the_catalogue() -> None:
    assert [name.value for name in FeedName] == [row.name for row in CATALOG]


@pytest.mark.parametrize("row", CATALOG, ids=lambda row: row.name)
def test_a_missing_key_is_one_clear_line(row: Any) -> None:
    with pytest.raises(ConfigurationError, match=f"{row.variables[0]} is not set. It expects"):
        run_feed(row.name, {}, once=True)


def test_words_of_a_vendor_are_no_markup_for_our_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    failures = {"[red]X": "gone [/b] [link=file:///]"}
    show(FeedSummary(feed="polygon", sent=0, failed=1, success_rate=0, cache_hit_rate=0, failures=failures))
    assert "gone [/b] [link=file:///]" in " ".join(capsys.readouterr().out.split())
