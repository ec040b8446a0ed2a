"""The ratio catalogue as a page of documentation, made from the functions themselves."""

from __future__ import annotations

from include.ratios.catalog import CATALOG
from include.ratios.ratio import Ratio
from include.ratios.rows import TYPES
from include.ratios.statement import LINES, PREVIOUS, QUOTE_INPUTS, Absence, Line
from include.ratios.status import Status

_ABSENT = {
    Absence.MISSING: "`MISSING_INPUT`",
    Absence.NOT_REPORTED: "`NOT_REPORTED`",
    Absence.NONE: "taken as none, and said so",
}


def pages() -> dict[str, str]:
    """The page below docs/generated/."""
    return {"ratios.md": "\n".join([*_head(), *_catalogue(), *_statuses(), *_lines(), *_quote()]) + "\n"}


def _head() -> list[str]:
    return [
        "# Ratios",
        "",
        f"Made from `include/ratios/`. {len(CATALOG)} ratios, for annual, quarterly and trailing-twelve-month periods.",
        "A name is the column of `financial_ratios`; its inputs are the lines below. `average(x)` is the mean of the",
        "period's two balance-sheet dates, `previous_x` is x one period before: the year before, the quarter before,",
        "and for a trailing year the year that ended a year before.",
        "",
    ]


def _catalogue() -> list[str]:
    lines: list[str] = []
    for category in dict.fromkeys(one.category.name for one in CATALOG.values()):
        lines += [f"## {category}", "", "| ratio | formula | unit | applies | after |", "|---|---|---|---|---|"]
        lines += [_row(one) for one in CATALOG.values() if one.category.name == category]
        lines.append("")
    return lines


def _row(one: Ratio) -> str:
    name = f"**{one.title}**<br>`{one.name}`<br>{_sentence(one)}"
    return f"| {name} | `{one.formula}` | {one.unit} | {_limits(one)} | {one.source} |"


def _sentence(one: Ratio) -> str:
    return f"{one.summary}." + (f" {one.note[0].upper()}{one.note[1:]}." if one.note else "")


def _limits(one: Ratio) -> str:
    if one.only_for:
        return f"only {', '.join(one.only_for)}"
    return f"not {', '.join(one.not_for)}" if one.not_for else "all"


def _statuses() -> list[str]:
    head = ["## Statuses", "", "Only `OK` and `STALE` go with a number.", "", "| status | means |", "|---|---|"]
    return [*head, *(f"| `{status.name}` | {status.meaning} |" for status in Status), ""]


def _lines() -> list[str]:
    head = [
        "## Statement lines",
        "",
        "Alternatives are tried in order and the one that was used is recorded; what goes out is positive.",
        f"One request asks for {len(TYPES)} types: each row annual and quarterly, and trailing where it has a span.",
        "",
        "| line | rows of the source | where the row is absent | used by |",
        "|---|---|---|---|",
    ]
    return [*head, *(_line(line) for line in LINES.values()), ""]


def _line(line: Line) -> str:
    users = sum(line.name in {name.removeprefix(PREVIOUS) for name in one.inputs} for one in CATALOG.values())
    used_by = f"{users} ratio{'s' if users != 1 else ''}" if users else "other lines"
    return f"| `{line.name}` | {' > '.join(f'`{text}`' for text in line.text)} | {_ABSENT[line.absence]} | {used_by} |"


def _quote() -> list[str]:
    head = ["## The quote's side", "", "| input | is |", "|---|---|"]
    return [*head, *(f"| `{name}` | {meaning} |" for name, meaning in QUOTE_INPUTS.items())]
