"""Completions and failures as workers report them, for the tests of the ledger."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from include.contracts.identity import processing_task_id, scraping_task_id
from include.contracts.market_cap import Band
from include.contracts.outcomes import Child, ProcessingCompleted, ScrapingCompleted
from include.contracts.tasks import Stage
from include.ledger.outcome import Outcome
from include.ledger.request import RunRequest

START = datetime(2026, 3, 2, 22, 30, tzinfo=UTC)
WHOLE = Band()


def request(*regions: str, bands: Sequence[Band] = (WHOLE,)) -> RunRequest:
    return RunRequest(tuple(regions), tuple(bands), "api", START)


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def stock(run_id: str, symbol: str) -> Child:
    return Child(Stage.PROCESSING, processing_task_id(run_id, symbol), symbol)


def page_child(run_id: str, region: str, page: int) -> Child:
    return Child(Stage.SCRAPING, scraping_task_id(run_id, region, str(WHOLE), page), f"{region}:{WHOLE}:{page}")


def listed(
    run_id: str, region: str, page: int = 0, symbols: Sequence[str] = (), pages: Sequence[int] = (), announced: int = -1
) -> ScrapingCompleted:
    """A page that listed ``symbols``; it announces as many unless told otherwise."""
    children = [page_child(run_id, region, p) for p in pages] + [stock(run_id, s) for s in symbols]
    return ScrapingCompleted(
        task_id=scraping_task_id(run_id, region, str(WHOLE), page),
        run_id=run_id,
        region=region,
        band=str(WHOLE),
        page=page,
        key=region if page == 0 else f"{region}:{WHOLE}:{page}",
        announced=len(symbols) if announced < 0 else announced,
        listed=len(symbols),
        children=tuple(children),
        attempts=1,
        replay_count=0,
        started_at=at(0),
        finished_at=at(1 + page),
        worker="w1",
    )


def processed(run_id: str, region: str, symbol: str, replay_count: int = 0, seconds: float = 5) -> ProcessingCompleted:
    return ProcessingCompleted(
        task_id=processing_task_id(run_id, symbol),
        run_id=run_id,
        region=region,
        symbol=symbol,
        key=symbol,
        rows=8,
        ok=40,
        attempts=1,
        replay_count=replay_count,
        started_at=at(seconds - 1),
        finished_at=at(seconds),
        worker="w1",
    )


def failed(
    run_id: str, region: str, symbol: str, replay_count: int = 0, seconds: float = 5, error: str = "Permanent"
) -> Outcome:
    return Outcome(
        run_id=run_id,
        stage=Stage.PROCESSING,
        task_id=processing_task_id(run_id, symbol),
        key=symbol,
        region=region,
        state="failed",
        replay_count=replay_count,
        attempts=1,
        error_class=error,
        error_message=f"{symbol} has no statements",
        ended_at=at(seconds),
    )
