"""What a feed counts: sent, failed, success rate, cache hit rate."""

from __future__ import annotations

from datetime import UTC, datetime

import httpx

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
        told = httpx.get(f"http://127.0.0.1:{port}/metrics", trust_env=False).text.splitlines()
    assert 'stocks_feed_sent_total{feed="polygon"} 3.0' in told
    assert 'stocks_feed_failed_total{feed="polygon"} 1.0' in told
    assert 'stocks_feed_success_rate{feed="polygon"} 0.75' in told
    assert 'stocks_feed_cache_hit_rate{feed="polygon"} 0.8' in told


def test_the_newest_message_never_gets_older() -> None:
    counts = FeedCounts("alpaca-crypto")
    counts.count_sent(1, AT)
    counts.count_sent(1, datetime(2026, 11, 19, tzinfo=UTC))
    assert counts.report("connected").last_message_at == AT
