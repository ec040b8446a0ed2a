"""Ratios and explanations as a person reads them on a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from rich.markup import escape
from rich.table import Table

from include.contracts.fundamentals import RatioRow
from include.ratios.catalog import CATALOG
from include.ratios.explain import Explanation, InputUsed
from include.ratios.status import Status
from include.terminal import Console
from include.workers.appraisal import Appraisal

_TITLE_WIDTH, _PERIOD_WIDTH = 36, 24
_WHOLE = ("value", "period")  # a number that is cut off is another number
_LARGE = 1e6  # from here on without decimals


def ratios(appraisal: Appraisal) -> None:
    """A table per stock: the trailing year first, then as many fiscal years as fit, newest first."""
    console = Console()
    for warning in appraisal.warnings:
        console.print(f"[yellow]{escape(warning)}[/yellow]", highlight=False)
    rows = _chosen(appraisal.rows, max(1, (console.width - _TITLE_WIDTH) // _PERIOD_WIDTH))
    if not rows:
        return
    stock = appraisal.stock
    title = f"{stock.fundamentals.symbol}, amounts in {rows[0].provenance.get('currency')}, {stock.profile}"
    table = Table(title=title)
    table.add_column("ratio", no_wrap=console.width > _TITLE_WIDTH + _PERIOD_WIDTH, max_width=_TITLE_WIDTH)
    for row in rows:
        table.add_column(f"{row.period_type} {row.period_end}", justify="right")
    for name, one in CATALOG.items():
        table.add_row(one.title, *(_cell(row, name) for row in rows))
    console.print(table)


def catalogue(listed: Iterable[Mapping[str, object]]) -> None:
    """The catalogue as a table."""
    table = Table("name", "category", "formula", "unit", "not for", "only for")
    for one in listed:
        kinds = (", ".join(map(str, _items(one[key]))) for key in ("not_for", "only_for"))
        table.add_row(*(escape(str(one[key])) for key in ("name", "category", "formula", "unit")), *kinds)
    Console().print(table)


def explanation(why: Explanation) -> None:
    """One value with everything that stands behind it."""
    console = Console(highlight=False)
    value = "no value" if why.value is None else _number(why.value)
    console.print(f"[bold]{escape(why.symbol)} {escape(why.title)}: {value}[/bold]  {why.status} ({why.meaning})")
    console.print(f"  {why.ratio} = {escape(why.formula)}   [{escape(why.unit)}]", markup=False)
    ended = f"{why.period_type} to {why.period_end}"
    before = f", compared with {why.previous_period_end}" if why.previous_period_end else ""
    console.print(f"  {ended}{before}; amounts in {why.currency}; {why.sector_profile}")
    for reason in why.reasons:
        console.print(f"  because {reason}", markup=False, style="yellow")
    table = Table()
    for column in ("input", "value", "status", "from", "period", "rows of the source"):
        table.add_column(column, no_wrap=column in _WHOLE, overflow="fold")
    for one in why.inputs:
        table.add_row(*map(escape, _cells(one)))
    console.print(table)
    for key, said in why.note.items():
        console.print(f"  {key}: {said}", markup=False)
    for text in filter(None, (why.summary, why.remark, f"Source: {why.source}")):
        console.print(f"  {text}", markup=False, style="dim")


def _chosen(rows: Sequence[RatioRow], most: int) -> list[RatioRow]:
    newest_first = sorted(rows, key=lambda row: row.period_end, reverse=True)
    by_kind = {kind: [row for row in newest_first if row.period_type == kind] for kind in ("trailing", "annual")}
    return (by_kind["trailing"][:1] + by_kind["annual"])[:most] or newest_first[:most]


def _cell(row: RatioRow, name: str) -> str:
    status = row.statuses.get(name, Status.OK.name)
    value = row.values.get(name)
    if value is None:
        return f"[dim]{status}[/dim]"
    number = f"{value:,.4g}" if abs(value) < _LARGE else f"{value:,.0f}"
    return number if status == Status.OK.name else f"{number} [yellow]{status}[/yellow]"


def _cells(one: InputUsed) -> tuple[str, ...]:
    value = "-" if one.value is None else _number(one.value)
    definition = f"{one.definition} (fallback)" if one.is_fallback else one.definition
    rows = ", ".join(f"{r.row} {_number(r.value)}" if r.value is not None else f"{r.row} {r.status}" for r in one.rows)
    return one.name, value, one.status, definition, str(one.period_end or "-"), rows


def _number(value: float) -> str:
    """A number as it is checked against a report: amounts to the last digit of their unit."""
    return f"{value:,.0f}" if abs(value) >= _LARGE else f"{value:,.6g}"


def _items(value: object) -> Sequence[object]:
    return value if isinstance(value, list) else []
