"""From the form to the ledger: what a DAG run asks for, validated, opened, and parted for the mapped tasks."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from include.contracts.market_cap import Band, band, cut, parse_market_cap
from include.contracts.tasks import Stage
from include.contracts.topics import TASKS_OF
from include.errors import ConfigurationError
from include.ledger.opening import open_run
from include.ledger.request import RunRequest
from include.ledger.resending import Waiting, waiting
from include.stores.postgres import Database

Params = Mapping[str, Any]


def asked(params: Params, planned_at: datetime) -> RunRequest:
    """The request that the form's values make. Raises ConfigurationError, in the form's own words."""
    regions = tuple(dict.fromkeys(params["regions"]))
    if not regions:
        raise ConfigurationError("regions: choose at least one")
    try:
        bands = _bands(params.get("market_cap_min"), params.get("market_cap_max"), params.get("market_cap_cuts"))
    except ValueError as error:
        raise ConfigurationError(f"market caps: {error}") from None
    return RunRequest(regions, bands, params["screener"], planned_at)


def _bands(minimum: str | None, maximum: str | None, cuts: str | None) -> tuple[Band, ...]:
    amounts = [parse_market_cap(text.strip()) for text in (cuts or "").split(",")]
    return tuple(cut(band(minimum, maximum), [amount for amount in amounts if amount is not None]))


def open_and_part(
    database: Database, run_id: str, request: RunRequest, started_at: datetime, *, nightly: bool
) -> list[dict[str, Any]]:
    """Open the run and its planned tasks; -> one part per region and band, as the Kafka operator takes it.

    Of a cleared run only what is pending is parted, stocks included. Raises Permanent for a
    cancelled run and NightlyStillActive.
    """
    with database.transaction() as connection:
        open_run(connection, run_id, request, started_at, nightly=nightly)
    with database.transaction() as connection:
        return [_part(run_id, part) for part in waiting(connection, run_id)]


def _part(run_id: str, part: Waiting) -> dict[str, Any]:
    return {
        "topic": TASKS_OF[Stage(part.stage)].name,
        "producer_function_kwargs": {
            "run_id": run_id,
            "stage": str(part.stage),
            "region": part.region,
            "band": part.band,
            "label": part.label,
        },
    }
