"""Dead letters on a terminal, or as JSON."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from rich.console import Console
from rich.table import Table
from rich.text import Text

from include.review.reading import Kept, Opened
from include.review.replay import Replayed

_SHOWN = 4000


def print_list(letters: Sequence[Kept], total: int, *, as_json: bool) -> None:
    """A table of letters, newest first."""
    console = Console()
    if as_json:
        _json({"total": total, "letters": letters})
        return
    table = Table("id", "state", "failed at", "stage", "key", "region", "class", "message", "fingerprint", "replays")
    for x in letters:
        failed_at = f"{x.failed_at:%Y-%m-%d %H:%M:%S}"
        cells = (x.id, x.state, failed_at, x.stage, x.key, x.region, x.exception_class, (x.message or "")[:120])
        table.add_row(*(Text(str(c or "")) for c in (*cells, x.fingerprint)), str(x.replay_count))
    console.print(table if letters else "no dead letters")
    if total > len(letters):
        console.print(f"{len(letters)} of {total}; --limit shows more")


def print_letter(opened: Opened, *, as_json: bool) -> None:
    """One letter in full."""
    if as_json:
        _json(opened)
        return
    console, letter = Console(), opened.letter
    table = Table(show_header=False, box=None)
    for name, value in msgspec.structs.asdict(letter).items():
        table.add_row(name, Text("" if value is None else str(value)))
    table.add_row("lies at", f"{opened.topic} [{opened.partition}] offset {opened.offset}")
    for action in opened.actions:
        table.add_row(action.action, Text(f"{action.acted_at:%Y-%m-%d %H:%M:%S} by {action.actor}: {action.reason}"))
    console.print(table)
    console.print("\nheaders", style="bold")
    for name, value in opened.headers.items():
        console.print(Text(f"  {name}: {value}"))
    console.print("\nvalue", style="bold")
    console.print(Text(opened.value[:_SHOWN]))


def print_replay(
    letters: Sequence[Kept], done: Replayed, missing: Sequence[int], *, dry_run: bool, as_json: bool
) -> None:
    """What a replay did, or would do."""
    refused = done.refused | dict.fromkeys(missing, "no letter of this id waits and matches the filters")
    if as_json:
        _json({"dry_run": dry_run, "sent": done.sent, "found_sent": done.found_sent, "refused": refused})
        return
    console = Console()
    console.print(f"{len(done.sent)} {'would be' if dry_run else 'were'} sent again")
    if done.found_sent:
        console.print(f"{len(done.found_sent)} had been sent by a replay that was cut short, and were not sent twice")
    garbage = [letter.id for letter in letters if letter.id in done.sent and letter.task_id is None]
    if garbage:
        console.print(f"{garbage} could never be read as a task and will most likely fail again")
    for letter, why in refused.items():
        console.print(Text(f"{letter} was refused: {why}", style="red"))


def print_discard(gone: Sequence[int], refused: Sequence[int], *, as_json: bool) -> None:
    """What a discard did."""
    if as_json:
        _json({"discarded": gone, "refused": refused})
        return
    console = Console()
    console.print(f"{len(gone)} were discarded")
    for letter in refused:
        console.print(
            Text(f"{letter} was refused: it does not wait any more, or does not match the filters", style="red")
        )


def _json(value: object) -> None:
    Console(soft_wrap=True).print(msgspec.json.encode(value).decode(), markup=False, highlight=False)
