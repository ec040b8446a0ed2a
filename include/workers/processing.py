"""The processing worker's work: one stock's statements and quote become its rows in PostgreSQL."""

from __future__ import annotations

from datetime import UTC, datetime

from psycopg2.extensions import connection as Connection

from include.contracts.outcomes import ProcessingCompleted
from include.contracts.tasks import ProcessingTask, Stage
from include.ratios.catalog import CATALOG
from include.ratios.status import Status
from include.scrapers.yahoo import Yahoo
from include.scrapers.yahoo_session import SOURCE
from include.stores import fundamentals, quotes, stocks
from include.stores.postgres import Database
from include.stores.ratio_rows import Observation
from include.stores.ratios import RatioTable
from include.workers import effects
from include.workers.appraisal import Appraisal, Appraiser
from include.workers.handler import Attempt, Effect, Handler, Workplace

_NO_PRICE = Status.NO_PRICE_FOR_PERIOD.name
_OK = Status.OK.name


def build(place: Workplace) -> Handler[ProcessingTask]:
    """The handler of processing tasks at that workplace. Raises ConfigurationError."""
    yahoo = Yahoo.from_env(place.environment, place.home / "yahoo", before_request=place.permit)
    return Processing(Appraiser(yahoo, place.database), place.database)


class Processing:
    """Fetches one stock's statements, computes its ratios, and writes all of it in one transaction."""

    stage = Stage.PROCESSING
    task_type = ProcessingTask
    source = SOURCE

    def __init__(self, appraiser: Appraiser, database: Database) -> None:
        self._appraiser = appraiser
        self._database = database
        self._table = RatioTable(tuple(CATALOG))

    def handle(self, task: ProcessingTask, attempt: Attempt) -> Effect:
        """One stock. Raises Transient or Permanent; without any statement it completes with no row and a warning."""
        appraisal = self._appraiser.appraise(task.quote)
        effect = Effect(_completed(task, attempt, appraisal))
        with self._database.transaction() as connection:
            self._write(connection, task, appraisal)
            return effects.record(connection, self.stage, effect)

    def close(self) -> None:
        """Nothing is held."""

    def _write(self, connection: Connection, task: ProcessingTask, appraisal: Appraisal) -> None:
        stock = appraisal.stock
        if stock.quote is not None:
            stocks.upsert(connection, [stock.quote], sectors_seen=task.quote.sector is None)
            quotes.store(connection, stock.quote)
        fundamentals.store(connection, stock.fundamentals)
        self._table.upsert(connection, appraisal.ratios, _observations(task.run_id, appraisal))


def _observations(run_id: str, appraisal: Appraisal) -> list[Observation]:
    """One per row; only a row that a price went into has the price's time."""
    stock = appraisal.stock
    without = Observation(run_id, stock.fundamentals.observed_at)
    priced = Observation(run_id, stock.fundamentals.observed_at, stock.quote.price_at if stock.quote else None)
    return [without if lacks_it else priced for lacks_it in appraisal.ratios.rows_with(_NO_PRICE)]


def _completed(task: ProcessingTask, attempt: Attempt, appraisal: Appraisal) -> ProcessingCompleted:
    return ProcessingCompleted(
        task_id=task.task_id,
        run_id=task.run_id,
        region=task.region,
        symbol=task.symbol,
        key=task.key,
        rows=len(appraisal.ratios.keys),
        ok=appraisal.ratios.count(_OK),
        attempts=attempt.number,
        replay_count=attempt.replay_count,
        started_at=attempt.started_at,
        finished_at=datetime.now(UTC),
        worker=attempt.worker,
        warnings=appraisal.warnings,
    )
