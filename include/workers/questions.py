"""`stocks ratios` and `stocks explain`: computed now, from the configured source."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from include.errors import ConfigurationError, Permanent, Transient

if TYPE_CHECKING:
    from include.workers.answers import Answers
    from include.workers.appraisal import Appraisal

_AS_OF = "Only what had been observed by the end of that day (UTC), from PostgreSQL."


class PeriodKind(StrEnum):
    """The period types by which a person asks."""

    ANNUAL = "annual"
    QUARTERLY = "quarterly"
    TRAILING = "trailing"


def register(app: typer.Typer) -> None:
    """Add these commands to ``stocks``."""
    app.command()(ratios)
    app.command()(explain)


def ratios(
    symbols: Annotated[list[str] | None, typer.Argument(help="Such as AAPL TSCO.L 7203.T.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object per symbol, one per line.")] = False,
    as_list: Annotated[bool, typer.Option("--list", help="List all ratios instead.")] = False,
    as_of: Annotated[str | None, typer.Option(metavar="YYYY-MM-DD", help=_AS_OF)] = None,
) -> None:
    """The ratios of one or more stocks, each value with its status."""
    import msgspec

    from include.ratios.present import as_object
    from include.workers import shown

    if as_list:
        _list(as_json=as_json)
        return
    if not symbols:
        raise typer.BadParameter("name at least one symbol, or ask for --list")
    for appraisal in _each(_answers(as_of), symbols):
        if as_json:
            typer.echo(msgspec.json.encode(as_object(appraisal.stock, appraisal.rows)))
        else:
            shown.ratios(appraisal)


def explain(
    symbol: Annotated[str, typer.Argument(help="Such as AAPL.")],
    ratio: Annotated[str, typer.Argument(help="Such as current_ratio or 'Current Ratio'.")],
    period: Annotated[PeriodKind | None, typer.Option(help="The latest of that kind; else the priced one.")] = None,
    end: Annotated[str | None, typer.Option(metavar="YYYY-MM-DD", help="The period that ended on that day.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")] = False,
    as_of: Annotated[str | None, typer.Option(metavar="YYYY-MM-DD", help=_AS_OF)] = None,
) -> None:
    """Why a ratio is what it is: formula, inputs, rows, periods, exchange rates, status."""
    import msgspec

    from include.ratios.explain import explain as explained
    from include.ratios.explain import named
    from include.workers import shown

    wanted = named(ratio).name  # before anybody is asked
    stock = _answers(as_of).of(symbol).stock
    explanation = explained(stock, wanted, period.value if period else None, _day(end, "--end"))
    if as_json:
        typer.echo(msgspec.json.encode(explanation))
    else:
        shown.explanation(explanation)


def _each(answers: Answers, symbols: Sequence[str]) -> Iterator[Appraisal]:
    """The answers one after the other; of several, one without an answer is named and the others go on."""
    failed: list[str] = []
    for symbol in symbols:
        try:
            appraisal = answers.of(symbol)
        except (Permanent, Transient, ConfigurationError) as failure:
            if len(symbols) == 1:
                raise
            typer.echo(f"stocks: {failure}", err=True)
            failed.append(symbol)
        else:
            yield appraisal
    if failed:
        raise Permanent(f"{len(failed)} of {len(symbols)} symbols have no answer: {', '.join(failed)}")


def _list(*, as_json: bool) -> None:
    import msgspec

    from include.ratios.catalog import listed
    from include.workers import shown

    if as_json:
        typer.echo(msgspec.json.encode(listed()))
    else:
        shown.catalogue(listed())


def _answers(as_of: str | None) -> Answers:
    from include.settings import DatabaseSettings, environment
    from include.stores.postgres import Database
    from include.workers.answers import Now, Then

    env = environment()
    day = _day(as_of, "--as-of")
    if day is None:
        return Now.from_env(env)
    return Then(Database(DatabaseSettings.from_env(env).connection), day)


def _day(text: str | None, option: str) -> date | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r} is not a day; write it as 2026-03-01", param_hint=option) from None
