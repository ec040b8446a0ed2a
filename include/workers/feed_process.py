"""One feed as a process: from the environment to the last line that says what it did."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path

import msgspec

from include.errors import StocksError, Transient
from include.feeds import catalog
from include.feeds.catalog import FeedRow
from include.settings import Home, lead_clients
from include.stores import feed_book
from include.stores.postgres_refusal import our_schema
from include.workers.feed_place import FeedPlace, furnish
from include.workers.feed_polling import Polling, build
from include.workers.feed_rhythms import check_settings
from include.workers.feed_round import Tally
from include.workers.feed_streams import build_stream
from include.workers.health import Health, serve_health
from include.workers.logs import log_as_json
from include.workers.scrub import Scrubber
from include.workers.stopping import ended_by_signals

log = logging.getLogger(__name__)

_STORES_AGAIN_S = 5.0


class FeedSummary(msgspec.Struct, frozen=True, kw_only=True):
    """What a feed did from its start to its end; ``failures`` and ``skipped`` are of its last round."""

    feed: str
    sent: int
    failed: int
    success_rate: float
    cache_hit_rate: float
    failures: dict[str, str] = {}
    skipped: tuple[str, ...] = ()
    why_skipped: str | None = None
    succeeded: bool = True


def run_feed(
    name: str,
    environment: Mapping[str, str],
    *,
    once: bool,
    port: int = 0,
    stop: threading.Event | None = None,
) -> FeedSummary:
    """Run the feed until SIGTERM or SIGINT, or one round of it. Raises ConfigurationError, Transient or Unfit."""
    row = catalog.row(name)
    check_settings(row, environment)
    ending = stop or threading.Event()
    with ExitStack() as stack:
        place = furnish(stack, row, environment, ending)
        health = Health(healthy=True, worker=f"feed-{name}", stage="feed")
        listening_on = stack.enter_context(serve_health(port, lambda: health, place.counts.exposition))
        log.info("feed %s; http://127.0.0.1:%d/metrics", name, listening_on)
        if row.polls:
            return _poll(place, build(row, place, environment, _cache_file(environment)), once=once)
        build_stream(place, environment).run(once=once)
        return _summary(place, Tally())


def run_as_process(name: str, environment: Mapping[str, str], *, once: bool, port: int = 0) -> FeedSummary:
    """``run_feed`` as the only work of this process: logs as JSON lines, signals end it."""
    log_as_json(f"feed-{name}", Scrubber(environment))
    logging.getLogger("websockets").setLevel(logging.WARNING)
    lead_clients(environment)
    stop = threading.Event()
    with ended_by_signals(stop), our_schema():
        return run_feed(name, environment, once=once, port=port, stop=stop)


def _poll(place: FeedPlace, polling: Polling, *, once: bool) -> FeedSummary:
    tally = Tally()
    _count_on(place)
    try:
        while not place.stop.is_set():
            began = time.monotonic()
            wait_s = polling.interval_s
            _report(place, "running", None)
            try:
                tally = polling.poll.round()
                _tell(place.row, tally)
            except Transient as error:
                if once:
                    raise
                log.warning("%s; the round is repeated in %g s", error, _STORES_AGAIN_S)
                wait_s = _STORES_AGAIN_S
            if once:
                break
            _report(place, "waiting", tally.why_skipped)
            place.stop.wait(max(0.0, wait_s - (time.monotonic() - began)))
        _report(place, "stopped", tally.why_skipped)
    except StocksError as error:
        _report(place, "failed", str(error))
        raise
    return _summary(place, tally)


def _tell(row: FeedRow, tally: Tally) -> None:
    log.info(
        "%s: %d sent, %d failed, %d skipped, %d without news%s",
        row.name,
        len(tally.sent),
        len(tally.failures),
        len(tally.skipped),
        len(tally.fresh),
        f" ({tally.why_skipped}: {', '.join(tally.skipped)})" if tally.skipped else "",
    )


def _count_on(place: FeedPlace) -> None:
    try:
        with place.database.transaction() as connection:
            earlier = {state.feed: state for state in feed_book.states(connection)}
        place.counts.count_on(earlier.get(place.row.name))
    except Transient as error:
        log.warning("what was counted today begins anew: %s", error)


def _report(place: FeedPlace, state: feed_book.FeedState, detail: str | None) -> None:
    try:
        with place.database.transaction() as connection:
            feed_book.report(connection, place.counts.report(state, detail))
    except Transient as error:
        log.warning("the state %r could not be written down: %s", state, error)


def _summary(place: FeedPlace, tally: Tally) -> FeedSummary:
    counts = place.counts
    return FeedSummary(
        feed=place.row.name,
        sent=counts.sent,
        failed=counts.failed,
        success_rate=round(counts.success_rate, 4),
        cache_hit_rate=round(counts.hit_rate, 4),
        failures=tally.failures,
        skipped=tuple(tally.skipped),
        why_skipped=tally.why_skipped,
        succeeded=tally.succeeded,
    )


def _cache_file(environment: Mapping[str, str]) -> Path:
    return Home.from_env(environment).home / "feeds" / "cache.sqlite3"
