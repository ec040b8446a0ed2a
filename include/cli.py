"""`stocks`: every command of the project. Each station registers its own."""

from __future__ import annotations

import logging
import sys

import typer

from include.errors import ConfigurationError, StocksError
from include.terminal import Console

app = typer.Typer(
    name="stocks",
    help="A market-data pipeline: Airflow asks, Kafka carries, workers do, PostgreSQL keeps.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
)


def _register() -> None:
    from include.ledger import commands as ledger
    from include.market import commands as market
    from include.monitor import commands as monitor
    from include.review import commands as review
    from include.stack import commands as stack
    from include.workers import commands as workers

    for station in (stack, ledger, monitor, review, workers, market):
        station.register(app)


def main() -> None:
    """Run one command; a failure of ours is one clear message, never a traceback."""
    # What Kafka's client mutters is in the failure's own words; a worker's handlers hear it all the same.
    logging.getLogger("kafka").addHandler(logging.NullHandler())
    _register()
    try:
        app()
    except ConfigurationError as error:
        Console(stderr=True).print(f"stocks: {error}", style="red", markup=False, highlight=False, soft_wrap=True)
        sys.exit(2)
    except StocksError as error:
        Console(stderr=True).print(f"stocks: {error}", style="red", markup=False, highlight=False, soft_wrap=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
