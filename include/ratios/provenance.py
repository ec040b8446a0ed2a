"""Where a row's numbers come from, where that is not the first choice."""

from __future__ import annotations

import math
from collections import defaultdict

import numpy as np

from include.contracts.fundamentals import ExchangeRate
from include.ratios.currency import Conversion
from include.ratios.inputs import Inputs
from include.ratios.lines import TAKEN_AS_NONE
from include.ratios.periods import Period
from include.ratios.piotroski import piotroski_score, piotroski_tests
from include.ratios.statement import LINES

Note = dict[str, object]
_BY_MARKET_CAP = "by market cap: one quoted share is not shown to be one share of the statements"


def provenance(inputs: Inputs) -> list[Note]:
    """One note per reported period, in order: plain data, ready for JSON.

    ``currency`` of the amounts; ``previous_period_end``; ``fallbacks`` line -> rows used instead of the first
    choice; ``taken_as_none`` adjustments that are not reported; ``trailing`` how a trailing year was put
    together; ``exchange_rates``; ``quote`` for the period that has the price; ``piotroski`` tests.
    """
    notes = [_period_note(inputs, period) for period in inputs.periods]
    _add_fallbacks(inputs, notes)
    _add_quotes(inputs, notes)
    _add_piotroski(inputs, notes)
    return notes


def _period_note(inputs: Inputs, period: Period) -> Note:
    note: Note = {"currency": period.currency}
    if period.previous >= 0:
        note["previous_period_end"] = inputs.columns.periods[period.previous].end.isoformat()
    if period.period_type == "trailing":
        note["trailing"] = trailing_note(inputs, period)
    conversions = inputs.columns.conversions.get(period.position)
    if conversions:
        note["exchange_rates"] = rates_note(conversions)
    return note


def trailing_note(inputs: Inputs, period: Period) -> str:
    """How a trailing year was put together, in words."""
    if period.mismatch:
        return "rejected: its quarters do not follow each other or are not of one length"
    halves = "two half-years" if len(period.parts) == 2 else "four quarters"  # noqa: PLR2004 - halves of a year
    if period.flows_of < 0:
        return f"the sum of {halves}"
    gaps = f", gaps filled from {halves}" if period.position in inputs.columns.filled else ""
    return f"the source's own trailing column{gaps}"


def rates_note(conversions: list[Conversion]) -> list[dict[str, object]]:
    """The exchange rates of conversions, each once."""
    rates: dict[ExchangeRate, None] = {rate: None for used in conversions for rate in used.rates}
    return [
        {"currency": r.currency, "quoted_in": r.quoted_in, "rate": r.rate, "rate_at": r.rate_at.isoformat()}
        for r in rates
    ]


def _add_fallbacks(inputs: Inputs, notes: list[Note]) -> None:
    names = tuple(inputs.lines.used)
    if not names:
        return
    used = np.array([inputs.lines.used[name] for name in names])[:, inputs.positions].T
    rows, columns = np.nonzero(used)
    fallbacks: defaultdict[int, dict[str, str]] = defaultdict(dict)
    taken_as_none: defaultdict[int, list[str]] = defaultdict(list)
    for row, column, number in zip(rows.tolist(), columns.tolist(), used[rows, columns].tolist(), strict=True):
        name = names[column]
        if number == TAKEN_AS_NONE:
            taken_as_none[row].append(name)
        else:
            fallbacks[row][name] = LINES[name].text[number]
    for row, instead in fallbacks.items():
        notes[row]["fallbacks"] = instead
    for row, lacking in taken_as_none.items():
        notes[row]["taken_as_none"] = lacking


def _add_quotes(inputs: Inputs, notes: list[Note]) -> None:
    for stock, quoted, row in zip(inputs.columns.stocks, inputs.quotes, inputs.price_rows, strict=True):
        quote = stock.quote
        if quoted is None or quote is None:
            continue
        note: Note = {
            "price": quote.price if quote.price is not None and math.isfinite(quote.price) else None,
            "currency": quote.currency,
            "price_at": (quote.price_at or quote.observed_at).isoformat(),
        }
        if quoted.shares_reconcile is not None:
            note["market_cap_over_price_times_shares"] = round(quoted.shares_reconcile, 4)
        if quoted.by_market_cap:
            note["per_share_valuation"] = _BY_MARKET_CAP
        if stock.stale_since is not None:
            note["stale_since"] = stock.stale_since.isoformat()
        if quoted.rates:
            note["exchange_rates"] = rates_note(list(quoted.rates))
        notes[row]["quote"] = note


def _add_piotroski(inputs: Inputs, notes: list[Note]) -> None:
    with np.errstate(all="ignore"):
        tests = piotroski_tests(*inputs.of(piotroski_score))
    testable = np.sum([test.known for test in tests], axis=0).tolist()
    passed = np.sum([test.value > 0 for test in tests], axis=0).tolist()
    for note, count, points in zip(notes, testable, passed, strict=True):
        if 0 < count < len(tests):
            note["piotroski"] = {"testable": count, "passed": points}
