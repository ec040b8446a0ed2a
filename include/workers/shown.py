"""Ratios and explanations as a person reads them on a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from rich.console import RenderableType
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from include.contracts.fundamentals import RatioRow
from include.ratios.catalog import CATALOG
from include.ratios.explain import Explanation, InputUsed
from include.ratios.status import Status
from include.terminal import Console
from include.workers.appraisal import Appraisal

_TITLE_WIDTH, _PERIOD_WIDTH = 36, 24
_WHOLE_CATALOGUE = 120  # columns of a terminal
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
    if hidden := len(_chosen(appraisal.rows, len(appraisal.rows))) - len(rows):
        periods = "period" if hidden == 1 else "periods"
        console.print(f"{hidden} {periods} more in a wider terminal; all of them: --json", style="dim", highlight=False)


def catalogue(listed: Iterable[Mapping[str, object]]) -> None:
    """The catalogue as a table: nothing is cut off, a narrow terminal is shown less of the rest."""
    console = Console()
    wide = console.width >= _WHOLE_CATALOGUE
    columns = ("name", "category", "formula", "unit", "not_for", "only_for") if wide else ("name", "formula")
    table = Table()
    for column in columns:
        least, most = (_TITLE_WIDTH, _TITLE_WIDTH + 2) if column == "name" else (None, None)
        table.add_column(column.replace("_", " "), min_width=least, max_width=most, overflow="fold")
    for one in listed:
        table.add_row(*(escape(_listed(one[column])) for column in columns))
    console.print(table)
    if not wide:
        console.print("category, unit and sectors in a wider terminal, or: --json", style="dim", highlight=False)


def _listed(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def explanation(why: Explanation) -> None:
    """One value with everything that stands behind it."""
    console = Console(highlight=False)
    value = "no value" if why.value is None else _number(why.value)
    console.print(f"[bold]{escape(why.symbol)} {escape(why.title)}: {value}[/bold]  {why.status} ({why.meaning})")
    console.print(_indented(f"{why.ratio} = {why.formula}   [{why.unit}]", 2))
    ended = f"{why.period_type} to {why.period_end}"
    before = f", compared with {why.previous_period_end}" if why.previous_period_end else ""
    console.print(f"  {ended}{before}; amounts in {why.currency}; {why.sector_profile}")
    for reason in why.reasons:
        console.print(_indented(f"because {reason}", 2, style="yellow"))
    for part in _inputs(why.inputs):
        console.print(part)
    for key, said in why.note.items():
        console.print(_indented(f"{_words(key)}: {_plain(said)}", 2))
    for text in filter(None, (why.summary, why.remark, f"Source: {why.source}")):
        console.print(_indented(text[0].upper() + text[1:], 2, style="dim"))


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


def _inputs(used: Sequence[InputUsed]) -> Iterator[RenderableType]:
    """Two lines for each: what it is, and below where that is from. No name and no number is cut in two."""
    numbers = ["-" if one.value is None else _number(one.value) for one in used]
    name_width, number_width = max(len(one.name) for one in used), max(map(len, numbers))
    for one, number in zip(used, numbers, strict=True):
        status = "" if one.status == Status.OK.name else f"  {one.status}"
        yield Text(f"  {one.name:<{name_width}}  {number:>{number_width}}  {one.period_end or ''}{status}".rstrip())
        yield _indented(_origin(one), 6, style="dim")


def _origin(one: InputUsed) -> str:
    if one.definition in [row.row for row in one.rows]:  # its value is that of the input
        return f"from {one.definition}" + (" (fallback)" if one.is_fallback else "")
    if not one.rows:
        return one.definition
    rows = ", ".join(f"{r.row} {_number(r.value) if r.value is not None else r.status}" for r in one.rows)
    return f"from {one.definition}" + (" (fallback)" if one.is_fallback else "") + f": {rows}"


def _indented(text: str, by: int, *, style: str = "") -> RenderableType:
    """``text`` that keeps its distance from the edge where it goes on in another line."""
    return Padding(Text(text, style=style), (0, 0, 0, by), expand=False)


def _plain(value: object) -> str:
    """What JSON would hold, in words."""
    if isinstance(value, Mapping):
        return ", ".join(f"{_words(name)} {_plain(inner)}" for name, inner in value.items())
    if isinstance(value, list):
        return "; ".join(map(_plain, value))
    return _number(value) if isinstance(value, float) else str(value)


def _words(name: object) -> str:
    return str(name).replace("_", " ")


def _number(value: float) -> str:
    """A number as it is checked against a report: amounts to the last digit of their unit."""
    return f"{value:,.0f}" if abs(value) >= _LARGE else f"{value:,.6g}"
