"""The ledger's tables on a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from textwrap import shorten

from rich.box import SIMPLE_HEAD
from rich.console import Console, Group, RenderableType
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from include.contracts.text import printable
from include.ledger.progress import RunProgress
from include.ledger.summary import Summary, by_region
from include.ledger.verify import Verification

_STYLES = {
    "succeeded": "green",
    "proven": "green",
    "running": "cyan",
    "failed": "red",
    "not proven": "red",
    "cancelled": "yellow",
    "unprovable": "yellow",
}
_COUNTED = ("found", "completed", "failed", "pending")
_SHOWN_WARNINGS = 5
_WHY_WIDTH = 120


def progress_bar(console: Console) -> Progress:
    """A bar whose one task is the run, with a ``note`` beside it."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[note]}"),
        TimeElapsedColumn(),
        console=console,
    )


def note(run: RunProgress) -> str:
    """What stands beside the bar: failures, rate, time left."""
    parts = [f"{run.counts.failed} failed"] if run.counts.failed else []
    parts += [f"{run.rate_per_s:.1f}/s"] if run.rate_per_s else []
    if run.counts.pending and run.eta_s is not None:
        parts.append(f"about {_duration(run.eta_s)} left")
    return " · ".join(parts)


def monitor_view(run: RunProgress) -> RenderableType:
    """The live table of `stocks monitor`."""
    head = Text.assemble(("run ", "bold"), run.run_id, "  ", (run.state, _STYLES.get(run.state, "")))
    parts: list[RenderableType] = [head, _standing(run), _regions(run)]
    if run.errors:
        parts.append(_errors(run))
    parts += [Text(f"! {line}", style="yellow") for line in run.warnings[:_SHOWN_WARNINGS]]
    parts += [Text(run.reason, style=_STYLES.get(run.state, ""))] if run.reason else []
    return Group(*parts)


def _standing(run: RunProgress) -> Text:
    counts = run.counts
    done = (counts.completed + counts.failed) / counts.sent if counts.sent else 0.0
    parts = [f"{n} {getattr(counts, n)}" for n in ("sent", "completed", "failed", "pending")] + [f"{done:.0%}"]
    parts.append(f"{run.rate_per_s:.1f}/s")
    if counts.pending and run.eta_s is not None:
        parts.append(f"about {_duration(run.eta_s)} left")
    since = (run.seen_at - run.last_outcome_at).total_seconds() if run.last_outcome_at else None
    parts.append("no outcome yet" if since is None else f"last outcome {_duration(since)} ago")
    return Text(" · ".join(parts))


def summary_view(summary: Summary) -> RenderableType:
    """The table at the end of `stocks scrape --wait`."""
    table = Table("region", *_COUNTED, title=f"run {summary.run_id}", title_justify="left")
    for region, counts in summary.regions.items():
        label = f"{region} (incomplete)" if region in summary.incomplete_regions else region
        table.add_row(_told(label), *(str(counts[name]) for name in _COUNTED))
    totals = [sum(counts[name] for counts in summary.regions.values()) for name in _COUNTED]
    table.add_section()
    table.add_row("all", *map(str, totals), style="bold")
    requests = "" if summary.requests_per_stock is None else f", {summary.requests_per_stock:.2f} requests per stock"
    end = f"{summary.state} in {summary.seconds:.1f} s{requests}"
    lines = [f"! {line}" for line in (*summary.missing, *summary.warnings[:_SHOWN_WARNINGS])]
    return Group(
        table,
        Text(end + (f": {summary.reason}" if summary.reason else ""), style=_STYLES.get(summary.state, "")),
        *(Text(line, style="yellow") for line in lines),
    )


def verification_view(found: Verification) -> RenderableType:
    """What `stocks verify` says."""
    return Group(*_verification_lines(found))


def _verification_lines(found: Verification) -> Iterator[RenderableType]:
    yield Text.assemble(("run ", "bold"), found.run_id, "  ", (found.conclusion, _STYLES[found.conclusion]))
    yield f"sent {found.sent} = completed {found.completed} + failed {found.failed} + pending {found.pending}"
    repeated = f"{found.duplicate_tasks} tasks, {found.duplicate_outcomes} outcomes"
    yield f"effects {found.effects}; repeated messages: {repeated}"
    for fault in found.faults:
        shown = f": {', '.join(fault.examples)}" if fault.examples else ""
        yield Text(f"✗ {fault.count} {fault.fault}{shown}", style="red")
    for line in found.notes:
        yield Text(f"! {line}", style="yellow")
    if found.conclusion == "proven":
        yield Text("✓ nothing lost, nothing twice", style="green")


def _regions(run: RunProgress) -> Table:
    table = Table("region", *_COUNTED, "pages")
    for region, counts in by_region(run).items():
        of = next(r for r in run.regions if r.region == region)
        pages = f"{of.pages.completed}/{of.pages.sent}" + (f", {of.pages.failed} failed" if of.pages.failed else "")
        table.add_row(_told(region), *(str(counts[name]) for name in _COUNTED), pages)
    pages_done = sum(r.pages.completed for r in run.regions)
    totals = (run.stocks.sent, run.stocks.completed, run.stocks.failed, run.stocks.pending)
    table.add_section()
    table.add_row("all", *map(str, totals), f"{pages_done}/{sum(r.pages.sent for r in run.regions)}", style="bold")
    return table


def _errors(run: RunProgress) -> Table:
    """The latest failures, in words that others wrote: text, and no markup."""
    table = Table(box=SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    for head in ("failed", "stage", "region", "task", "why"):
        table.add_column(head, no_wrap=head in ("failed", "stage"))
    for e in run.errors:
        why = shorten(f"{e.error_class or 'Unknown'}: {e.message or ''}", _WHY_WIDTH, placeholder="…")
        table.add_row(f"{e.ended_at:%H:%M:%S}", e.stage, *(_told(text) for text in (e.region, e.key, why)))
    return table


def _told(text: str) -> Text:
    return Text(printable(text))


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
