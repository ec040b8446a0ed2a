"""What a feed counts: sent, failed, success rate, cache hit rate."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import httpx
import msgspec

from include.stores.feed_book import FeedReport
from include.workers.feed_counts import FeedCounts
from include.workers.health import Health, serve_health

AT = datetime(2026, 11, 20, 21, tzinfo=UTC)


def test_rates_follow_from_the_counts_and_prometheus_reads_them() -> None:
    counts = FeedCounts("polygon")
    assert (counts.success_rate, counts.hit_rate) == (1, 0)
    counts.count_sent(3, AT)
    counts.count_failed()
    for hit in (True, True, True, True, False):
        counts.count_look_up(hit=hit)
    health = Health(healthy=True, worker="feed-polygon", stage="feed")
    with serve_health(0, lambda: health, counts.exposition) as port:
        told = httpx.get(f"http://127.0.0.1:{port}/metrics", trust_env=False, timeout=60).text.splitlines()
    assert 'stocks_feed_sent_total{feed="polygon"} 3.0' in told
    assert 'stocks_feed_failed_total{feed="polygon"} 1.0' in told
    assert 'stocks_feed_success_rate{feed="polygon"} 0.75' in told
    assert 'stocks_feed_cache_hit_rate{feed="polygon"} 0.8' in told


def test_the_newest_message_never_gets_older() -> None:
    counts = FeedCounts("alpaca-crypto")
    counts.count_sent(1, AT)
    counts.count_sent(1, datetime(2026, 11, 19, tzinfo=UTC))
    assert counts.report("connected").last_message_at == AT


def test_rounds_of_one_day_are_counted_together_in_what_is_reported() -> None:
    today = FeedCounts("polygon").report("running").started_at
    earlier = FeedReport(
        feed="polygon", state="stopped", started_at=today, sent=10, failed=2, cache_hits=3, cache_misses=5
    )
    counts = FeedCounts("polygon")
    counts.count_on(earlier)
    counts.count_sent(1, AT)
    counts.count_look_up(hit=True)
    told = counts.report("running")
    assert (told.sent, told.failed, told.cache_hits, told.cache_misses) == (11, 2, 4, 5)
    assert (counts.sent, counts.cache_hits) == (1, 1)  # this process's own, for its last line
    counts.count_on(msgspec.structs.replace(earlier, started_at=today - timedelta(days=1)))
    assert counts.report("running").sent == 1
