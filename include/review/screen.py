"""Dead letters on a terminal, or as JSON: lists, and what was done with them. One in full is in ``letter_screen``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

import msgspec
import typer
from rich.box import SIMPLE_HEAD
from rich.console import Console as AnyConsole
from rich.console import ConsoleOptions, Group, RenderableType, RenderResult
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from include.contracts.tasks import SINK
from include.contracts.text import printable
from include.review.letter_screen import letter_view, moment
from include.review.reading import Kept, Opened
from include.review.replay import Replayed
from include.terminal import Console

_CAUSES_SHOWN = 5
_KEY_WIDTH, _WHY_LINES = 16, 2
# What a terminal of at least so many columns shows besides, in this order.
_REGION_FROM, _CLASS_FROM, _CAUSE_FROM = 90, 110, 130


class _Cut:
    """A text in at most so many lines of the width that it is given."""

    def __init__(self, text: str, lines: int = 1) -> None:
        self._text = Text(printable(" ".join(text.split())))
        self._lines = lines

    def __rich_console__(self, console: AnyConsole, options: ConsoleOptions) -> RenderResult:
        lines = self._text.wrap(console, options.max_width)
        if len(lines) > self._lines:
            last = lines[self._lines - 1]
            last.truncate(options.max_width - 1)
            last.append("…")
        yield from lines[: self._lines]

    def __rich_measure__(self, _console: AnyConsole, options: ConsoleOptions) -> Measurement:
        return Measurement(1, max(1, self._text.cell_len)).with_maximum(options.max_width)


def list_view(letters: Sequence[Kept], total: int, width: int) -> RenderableType:
    """A table of letters, newest first, in ``width`` columns (80 suffice), then the causes behind them."""
    if not letters:
        return Text("no dead letters")
    parts: list[RenderableType] = [_table(letters, width), *_causes(letters)]
    if total > len(letters):
        parts.append(Text(f"{len(letters)} of {total}; --limit shows more"))
    parts.append(Text("stocks dead-letters show ID tells why, and what to do", style="dim"))
    return Group(*parts)


def _table(letters: Sequence[Kept], width: int) -> Table:
    columns = list(_columns(letters, width))
    table = Table(box=SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    for head, _cells in columns:
        table.add_column(
            head,
            justify="right" if head == "id" else "left",
            no_wrap=head not in ("key", "why"),
            max_width=_KEY_WIDTH if head == "key" else None,
        )
    for row in zip(*(cells for _head, cells in columns), strict=True):
        table.add_row(*row)
    return table


def _columns(letters: Sequence[Kept], width: int) -> Iterator[tuple[str, list[RenderableType]]]:
    """-> pairs of a head and the cells below it."""
    yield "id", [Text(str(x.id)) for x in letters]
    if any(x.state != "waiting" for x in letters):
        yield "state", [Text(x.state) for x in letters]
    yield "failed at, UTC", [Text(moment(x.failed_at)[:16]) for x in letters]
    yield "stage", [Text(printable(x.stage or "")) for x in letters]
    yield "key", [_Cut(x.key) for x in letters]
    if width >= _REGION_FROM:
        yield "region", [Text(printable(x.region or "")) for x in letters]
    if width >= _CLASS_FROM:
        yield "class", [Text(printable(x.exception_class or "")) for x in letters]
    if width >= _CAUSE_FROM:
        yield "cause", [Text(printable(x.fingerprint or "")) for x in letters]
    yield "why", [_Cut(_why(x), _WHY_LINES) for x in letters]


def _why(letter: Kept) -> str:
    again = f"(replay {letter.replay_count}) " if letter.replay_count else ""
    return again + (letter.message or "")


def _causes(letters: Sequence[Kept]) -> Iterator[RenderableType]:
    """The causes of several letters each, the most frequent first, by what all of them are replayed by."""
    numbers = Counter(x.fingerprint for x in letters if x.fingerprint).most_common()
    shared = [(cause, number) for cause, number in numbers if number > 1]
    if not shared:
        return
    newest = {x.fingerprint: x for x in reversed(letters)}
    table = Table(box=SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column("letters", justify="right", no_wrap=True)
    table.add_column("--fingerprint", no_wrap=True)
    table.add_column("such as")
    for cause, number in shared[:_CAUSES_SHOWN]:
        letter = newest[cause]
        said = f"{letter.exception_class or 'Unknown'}: {letter.message or ''}"
        table.add_row(str(number), Text(printable(cause or "")), _Cut(said))
    yield table
    if (more := len(shared) - _CAUSES_SHOWN) > 0:
        yield Text(f"and {more} more causes of several letters", style="dim")


def print_list(letters: Sequence[Kept], total: int, *, cut_short: int = 0, as_json: bool) -> None:
    """Letters, newest first; ``cut_short`` more are being replayed, or were when their replay was cut short."""
    if as_json:
        _json({"total": total, "letters": letters})
        return
    console = Console()
    console.print(list_view(letters, total, console.width))
    if cut_short:
        console.print(Text(f"replayed now, or cut short in it: {_letters(cut_short)}; --state replaying", "yellow"))


def print_letter(opened: Opened, *, as_json: bool) -> None:
    """One letter in full."""
    if as_json:
        _json(opened)
    else:
        Console().print(letter_view(opened))


def print_replay(
    letters: Sequence[Kept], done: Replayed, missing: Sequence[int], *, dry_run: bool, as_json: bool
) -> None:
    """What a replay did, or would do."""
    refused = done.refused | dict.fromkeys(missing, "no letter of this id waits and matches the filters")
    if as_json:
        _json({"dry_run": dry_run, "sent": done.sent, "found_sent": done.found_sent, "refused": refused})
        return
    Console().print(replay_view(letters, done, refused, dry_run=dry_run))


def replay_view(
    letters: Sequence[Kept], done: Replayed, refused: Mapping[int, str], *, dry_run: bool
) -> RenderableType:
    """What became of each letter that was asked for: counted where all is well, by id where not."""
    if not (letters or refused):
        return Text("nothing to send: no letter that waits matches the filters")
    lines = [Text(f"{'would be sent' if dry_run else 'sent'} again: {_letters(len(done.sent))}")]
    if done.found_sent:
        lines.append(Text(f"sent before by a replay that was cut short, not twice: {_letters(len(done.found_sent))}"))
    unread = [str(x.id) for x in letters if x.id in done.sent and x.task_id is None and x.stage != SINK]
    if unread:
        lines.append(Text(f"never read as a task, and will most likely fail again: {', '.join(unread)}"))
    return Group(*lines, *(Text(f"refused: {letter}, {why}", style="red") for letter, why in refused.items()))


def print_discard(gone: Sequence[int], refused: Sequence[int], *, as_json: bool) -> None:
    """What a discard did."""
    if as_json:
        _json({"discarded": gone, "refused": refused})
        return
    console = Console()
    if not (gone or refused):
        console.print(Text("nothing to put aside: no letter that waits matches the filters"))
        return
    console.print(Text(f"put aside: {_letters(len(gone))}"))
    for letter in refused:
        console.print(Text(f"refused: {letter}, it does not wait any more, or does not match the filters", style="red"))


def _letters(number: int) -> str:
    return f"{number} letter" + ("" if number == 1 else "s")


def _json(value: object) -> None:
    typer.echo(msgspec.json.encode(value))
