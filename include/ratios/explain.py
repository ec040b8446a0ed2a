"""Why a ratio is what it is: formula, inputs, the rows and periods used, currency, status."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from difflib import get_close_matches

import msgspec

from include.contracts.fundamentals import PeriodType
from include.errors import ConfigurationError, Permanent
from include.ratios.arithmetic import Amount
from include.ratios.catalog import CATALOG
from include.ratios.columns import Columns
from include.ratios.compute import NAMES, evaluate
from include.ratios.inputs import MONEY_LINES, Inputs
from include.ratios.lines import TAKEN_AS_NONE
from include.ratios.periods import Period
from include.ratios.provenance import Note, provenance
from include.ratios.ratio import Ratio
from include.ratios.rows import ROW_INDEX
from include.ratios.statement import LINES, PERIOD_INPUTS, PREVIOUS, QUOTE_INPUTS
from include.ratios.status import Status
from include.ratios.stock import StockInput


class RowUsed(msgspec.Struct, frozen=True):
    """A row of the source: its value in the period's currency, with the source's own sign."""

    row: str
    value: float | None
    status: str


class InputUsed(msgspec.Struct, frozen=True):
    """One input of the formula; ``definition`` is the alternative that was used, ``is_fallback`` if not the first."""

    name: str
    value: float | None
    status: str
    definition: str
    is_fallback: bool
    is_money: bool
    period_end: date | None
    rows: tuple[RowUsed, ...] = ()


class Explanation(msgspec.Struct, frozen=True):
    """All that stands behind one value of one ratio.

    ``currency`` is that of every amount here; ``note`` is the row's provenance: how a trailing year was put
    together, exchange rates with their dates, the price and its time.
    """

    symbol: str
    ratio: str
    title: str
    summary: str
    formula: str
    unit: str
    source: str
    remark: str
    period_type: PeriodType
    period_end: date
    previous_period_end: date | None
    value: float | None
    status: str
    meaning: str
    reasons: tuple[str, ...]
    currency: str | None
    sector_profile: str
    inputs: tuple[InputUsed, ...]
    note: dict[str, object]


def explain(
    stock: StockInput, name: str, period_type: PeriodType | None = None, period_end: date | None = None
) -> Explanation:
    """The explanation of one ratio of one stock, by default for the period that has the price.

    Raises ConfigurationError for a ratio or a period that does not exist, Permanent for a stock without
    statements.
    """
    ratio = named(name)
    inputs = Inputs(Columns([stock]))
    row = _row(inputs, stock, period_type, period_end)
    everything, at = evaluate(inputs), NAMES.index(ratio.name)
    result = Amount(everything.value[:, at], everything.status[:, at])
    period = inputs.periods[row]
    used = tuple(_input(inputs, parameter, row) for parameter in ratio.inputs)
    note = provenance(inputs)[row]
    status = Status(int(result.status[row]))
    return Explanation(
        symbol=stock.fundamentals.symbol,
        ratio=ratio.name,
        title=ratio.title,
        summary=ratio.summary,
        formula=ratio.formula,
        unit=ratio.unit,
        source=ratio.source,
        remark=ratio.note,
        period_type=period.period_type,
        period_end=period.end,
        previous_period_end=_previous(inputs, period).end if period.previous >= 0 else None,
        value=_value(result, row),
        status=status.name,
        meaning=status.meaning,
        reasons=tuple(_reasons(ratio, stock, status, used)),
        currency=period.currency,
        sector_profile=str(stock.profile),
        inputs=used,
        note=_relevant(note, ratio, used),
    )


def named(name: str) -> Ratio:
    """The ratio of that name, as a column or as a title. Raises ConfigurationError, naming near ones."""
    found = CATALOG.get(name) or next((one for one in CATALOG.values() if one.title.lower() == name.lower()), None)
    if found is None:
        near = get_close_matches(name.lower(), CATALOG, n=3)
        hint = f" Did you mean {', '.join(near)}?" if near else ""
        raise ConfigurationError(f"{name!r} is no ratio of the catalogue.{hint} `stocks ratios --list` shows all.")
    return found


def _row(inputs: Inputs, stock: StockInput, period_type: PeriodType | None, period_end: date | None) -> int:
    symbol = stock.fundamentals.symbol
    if not inputs.periods:
        raise Permanent(f"the source has no statements of {symbol}, so there is no ratio to explain")
    if period_type is None and period_end is None:
        return inputs.price_rows[0] if inputs.quotes[0] is not None else len(inputs.periods) - 1
    wanted = [
        row
        for row, period in enumerate(inputs.periods)
        if period_type in (None, period.period_type) and period_end in (None, period.end)
    ]
    if not wanted:
        have = ", ".join(f"{period.period_type} {period.end}" for period in inputs.periods)
        raise ConfigurationError(f"{symbol} has no {period_type or 'period'} {period_end or ''}: it has {have}")
    return wanted[-1]


def _input(inputs: Inputs, parameter: str, row: int) -> InputUsed:
    value = inputs[parameter]
    period: Period | None = inputs.periods[row]
    name = parameter
    if parameter.startswith(PREVIOUS):
        name = parameter.removeprefix(PREVIOUS)
        period = _previous(inputs, inputs.periods[row]) if inputs.periods[row].previous >= 0 else None
    shown = Status(int(value.status[row])).name
    number = _value(value, row)
    if name not in LINES:
        definition = QUOTE_INPUTS.get(name) or PERIOD_INPUTS[name]
        return InputUsed(parameter, number, shown, definition, False, name not in ("quoted_shares", "days"), None)
    taken = 0 if period is None else int(inputs.lines.used[name][period.position])
    line = LINES[name]
    is_none = taken == TAKEN_AS_NONE
    definition = f"{line.text[0]} is not reported: taken as none" if is_none else line.text[taken]
    rows = () if period is None or is_none else tuple(_rows_of(inputs, name, taken, period))
    end = period.end if period is not None else None
    return InputUsed(parameter, number, shown, definition, taken != 0, name in MONEY_LINES, end, rows)


def _rows_of(inputs: Inputs, name: str, taken: int, period: Period) -> Iterator[RowUsed]:
    for term in LINES[name].alternatives[taken]:
        if term.name in ROW_INDEX:
            found = inputs.columns.row(term.name)
            status = Status(int(found.status[period.position]))
            yield RowUsed(term.name, _value(found, period.position), status.name)
        else:
            inner = int(inputs.lines.used[term.name][period.position])
            yield from _rows_of(inputs, term.name, inner, period)


def _reasons(ratio: Ratio, stock: StockInput, status: Status, used: tuple[InputUsed, ...]) -> Iterator[str]:
    if status is Status.OK:
        return
    if status in (Status.NOT_APPLICABLE_SECTOR, Status.SECTOR_UNKNOWN):
        kinds = f"not for {', '.join(ratio.not_for)}" if ratio.not_for else f"only for {', '.join(ratio.only_for)}"
        yield f"{stock.fundamentals.symbol} is of the profile {stock.profile}; {ratio.title} is {kinds}"
        return
    for one in used:
        if one.status == status.name:
            yield f"{one.name}: {one.definition} ({status.meaning})"


def _relevant(note: Note, ratio: Ratio, used: tuple[InputUsed, ...]) -> Note:
    """The row's provenance without what other ratios of the row needed."""
    names = {one.name.removeprefix(PREVIOUS) for one in used}
    left_out = {"fallbacks", "taken_as_none", "previous_period_end", "currency"}
    if not names & QUOTE_INPUTS.keys():
        left_out.add("quote")
    if ratio.name != "piotroski_score":
        left_out.add("piotroski")
    return {key: value for key, value in note.items() if key not in left_out}


def _previous(inputs: Inputs, period: Period) -> Period:
    return inputs.columns.periods[period.previous]


def _value(found: Amount, at: int) -> float | None:
    return float(found.value[at]) if found.status[at] <= Status.STALE else None
