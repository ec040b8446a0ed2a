"""One dead letter on a terminal: what it is, where it lay, why it was given up, what to do, and the evidence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from include.contracts import dead_letters as names
from include.contracts.dead_letters import Disposition
from include.contracts.tasks import SINK
from include.contracts.text import printable
from include.review.reading import Kept, Opened

_VALUE_SHOWN = 4000
_GIVEN_UP: Mapping[str, str] = {
    Disposition.POISON: "because the same bytes would have failed the same way again",
    Disposition.EXHAUSTED: "because it kept failing in ways that may pass, until its attempts or its time were used up",
    Disposition.BREAKER: "while too many in a row failed: its source was taken to be down",
}
_ADVICE: Mapping[str, str] = {
    Disposition.POISON: "Replay it when what was wrong is mended: the message's source, or the program that reads it:",
    Disposition.EXHAUSTED: "Replay it when its source is well again:",
    Disposition.BREAKER: "Replay it when its source is well again:",
}
_UNREAD = "something that could not be read"
_COMMAND = "stocks dead-letters"

Rows = Iterator[tuple[str, str]]


def letter_view(opened: Opened) -> RenderableType:
    """Everything about one letter, the most wanted first and the stack trace last."""
    letter, headers = opened.letter, opened.headers
    parts = [
        Text.assemble((f"dead letter {letter.id}", "bold"), f", {letter.state}"),
        *_section("what", _what(letter)),
        *_section("where", _where(opened)),
        *_section("why", _why(letter, headers)),
        *_section("what was done", _done(opened)),
        *_to_do(letter),
        *_section("its own headers", _foreign(headers)),
        *_verbatim("its value", _shortened(opened.value)),
        *_verbatim("stack trace", headers.get(names.STACKTRACE, "")),
    ]
    return Group(*parts)


def moment(at: datetime) -> str:
    """``2026-11-20 21:00:05`` in UTC."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S}"


def _what(letter: Kept) -> Rows:
    yield (
        ("price of" if letter.stage == SINK else f"{letter.stage or 'task'} of"),
        letter.symbol or letter.key or _UNREAD,
    )
    if letter.key and letter.symbol and letter.key != letter.symbol:
        yield "key", letter.key
    yield "region", letter.region or ""
    yield "run", letter.run_id or ""
    yield "task", letter.task_id or ""
    if letter.replay_count:
        yield "replays", f"{letter.replay_count} before this failure"


def _where(opened: Opened) -> Rows:
    headers = opened.headers
    if topic := headers.get(names.ORIGIN_TOPIC):
        partition, offset = headers.get(names.ORIGIN_PARTITION, "?"), headers.get(names.ORIGIN_OFFSET, "?")
        yield "came from", f"{topic} [{partition}] offset {offset}"
    yield "written", _moment_in(headers, names.ORIGINAL_TIMESTAMP)
    yield "read by", headers.get(names.ORIGIN_GROUP, "")
    yield "lies at", f"{opened.topic} [{opened.partition}] offset {opened.offset}"


def _why(letter: Kept, headers: Mapping[str, str]) -> Rows:
    yield letter.exception_class or "failure", (letter.message or "").strip()
    yield "given up", _GIVEN_UP.get(letter.disposition or "", "")
    yield "attempts", headers.get(names.ATTEMPTS, "")
    first, last = _moment_in(headers, names.FIRST_FAILED_AT), f"{moment(letter.failed_at)} UTC"
    if first and first != last:
        yield "first failed", first
    yield "failed", last
    yield "cause", letter.fingerprint or ""


def _done(opened: Opened) -> Rows:
    for action in opened.actions:
        yield action.action, f"{moment(action.acted_at)} UTC by {action.actor}: {action.reason}"


def _to_do(letter: Kept) -> Iterator[RenderableType]:
    """The next steps: sentences, and below each a command that can be copied."""
    yield Text("\nwhat to do", style="bold")
    for sentence, command in _steps(letter):
        yield Padding(Text(sentence), (0, 0, 0, 2))
        if command:
            yield Text(printable(f"    {command} --reason WHY"))


def _steps(letter: Kept) -> Rows:
    """-> pairs of a sentence and a command, which is empty where there is nothing to do."""
    replay, discard = f"{_COMMAND} replay {letter.id}", f"{_COMMAND} discard {letter.id}"
    match letter.state:
        case "replayed":
            yield "Nothing: it was sent again. If that fails too, it is a new letter.", ""
        case "discarded":
            yield "Nothing: it was put aside for good.", ""
        case _ if letter.origin_topic is None:
            yield "It does not say from which of our topics it came, so it can only be put aside:", discard
        case "replaying":
            yield "Somebody replays it, or was cut short: then the same again ends it, and sends nothing twice:", replay
        case _:
            yield _ADVICE.get(letter.disposition or "", _ADVICE[Disposition.POISON]), replay
            if letter.fingerprint:
                yield "Or every letter of its cause:", f"{_COMMAND} replay --fingerprint {letter.fingerprint}"
            yield "Or put it aside for good:", discard


def _foreign(headers: Mapping[str, str]) -> Rows:
    yield from ((name, value) for name, value in headers.items() if not names.is_ours(name))


def _shortened(value: str) -> str:
    if len(value) <= _VALUE_SHOWN:
        return value or "(empty)"
    return f"{value[:_VALUE_SHOWN]}… and {len(value) - _VALUE_SHOWN} more characters: --json shows all"


def _section(title: str, rows: Rows) -> Iterator[RenderableType]:
    """A heading and what is known below it; nothing where nothing is known."""
    known = [(name, value) for name, value in rows if value]
    if not known:
        return
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(style="dim", min_width=10)
    table.add_column(overflow="fold")
    for name, value in known:
        table.add_row(Text(printable(name)), Text(printable(value)))
    yield Text(f"\n{title}", style="bold")
    yield Padding(table, (0, 0, 0, 2))


def _verbatim(title: str, text: str) -> Iterator[RenderableType]:
    if text:
        yield Text(f"\n{title}", style="bold")
        yield Text(printable(text.rstrip()), overflow="fold")


def _moment_in(headers: Mapping[str, str], name: str) -> str:
    """A header's time as all times are shown; as it stands where it is none."""
    text = headers.get(name, "")
    try:
        return f"{moment(datetime.fromisoformat(text))} UTC"
    except (ValueError, OverflowError):
        return text
