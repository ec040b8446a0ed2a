"""Dead letters as a person reads them, on terminals as narrow as they are."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from given_up import AT, RUN, task
from rich.console import Console, RenderableType

from include.contracts import dead_letters as names
from include.review.letter_screen import letter_view
from include.review.reading import Action, Kept, Opened
from include.review.replay import Replayed
from include.review.screen import list_view, replay_view

CAUSE = "1a41e17fe14087d1"
HOSTILE = "\x1b[2J\u202ethe [bold]page[/nothing] says\n<html>\x07"
BUSY = "Yahoo answered 503 (Service Unavailable) to quoteSummary for 005930.KS; it is asked again later"
TRACE = "Traceback (most recent call last):\n  File x, line 1\ninclude.errors.Permanent: AAPL is unknown"


def kept(number: int = 7, **changed: Any) -> Kept:
    given = Kept(
        id=number,
        state="waiting",
        run_id=RUN,
        stage="processing",
        task_id=task("AAPL").task_id,
        key="AAPL",
        region="us",
        symbol="AAPL",
        exception_class="Permanent",
        message="AAPL is unknown",
        fingerprint=CAUSE,
        disposition="poison",
        replay_count=0,
        failed_at=AT,
        origin_topic="stock-processing-tasks",
    )
    return msgspec.structs.replace(given, **changed)


def opened(letter: Kept, *actions: Action, value: str = '{"symbol":"AAPL"}', **headers: str) -> Opened:
    ours = {
        names.ORIGIN_TOPIC: "stock-processing-tasks",
        names.ORIGIN_PARTITION: "3",
        names.ORIGIN_OFFSET: "41",
        names.ORIGIN_GROUP: "stocks-processing-workers",
        names.ATTEMPTS: "1",
        names.ORIGINAL_TIMESTAMP: "2026-11-20T20:59:00+00:00",
        names.STACKTRACE: TRACE,
        "traceparent": "00-abc",
    }
    return Opened(
        letter=letter,
        topic="processing-errors",
        partition=0,
        offset=5,
        headers=ours | headers,
        value=value,
        actions=actions,
    )


def shown(view: RenderableType, width: int = 80) -> str:
    console = Console(width=width, color_system=None)
    with console.capture() as said:
        console.print(view)
    return said.get()


LETTERS = [
    kept(1204, key="005930.KS", message=BUSY, exception_class="Transient"),
    kept(1203, stage="scraping", key="us:100000000-1000000000:12", fingerprint="f00d"),
    kept(1202, key="TSCO.L", message=BUSY, exception_class="Transient", replay_count=2),
]


@pytest.mark.parametrize("width", [60, 80, 100, 120, 200])
def test_a_list_fits_the_terminal_and_names_every_letter(width: int) -> None:
    said = shown(list_view(LETTERS, 3, width), width)
    assert max(map(len, said.splitlines())) <= width
    for fact in ("1204", "1203", "1202", "scraping", "005930.KS", "TSCO.L", "Yahoo answered", "(replay 2)"):
        assert fact in said, fact


def test_a_letter_takes_two_lines_at_most_in_eighty_columns() -> None:
    said = shown(list_view(LETTERS[:1], 1, 80))
    assert "Yahoo answered 503" in said
    assert "quoteSummary" in said
    assert "again later" not in said
    assert len([line for line in said.splitlines() if line.strip()]) == len(("head", "rule", "one", "two", "hint"))


def test_a_wide_terminal_shows_more() -> None:
    narrow, wide = (shown(list_view(LETTERS, 3, width), width) for width in (80, 200))
    for fact in ("region", "class", "cause", "f00d", BUSY):
        assert fact in wide
        assert fact not in narrow


def test_what_several_letters_have_in_common_is_said_once_with_what_replays_them_all() -> None:
    (line,) = [line for line in shown(list_view(LETTERS, 3, 80)).splitlines() if CAUSE in line]
    assert line.split()[:3] == ["2", CAUSE, "Transient:"]
    assert "--fingerprint" not in shown(list_view(LETTERS[1:], 2, 80))


def test_states_are_shown_when_not_all_wait_and_the_rest_is_counted() -> None:
    assert "waiting" not in shown(list_view(LETTERS, 3, 80))
    said = shown(list_view([*LETTERS, kept(9, state="discarded")], 1300, 80))
    assert said.count("waiting") == 3
    assert "discarded" in said
    assert "4 of 1300; --limit shows more" in said


def test_one_letter_is_told_in_the_order_of_what_where_why_and_what_to_do_with_the_trace_last() -> None:
    done = Action("replay", "ada", "the source is well again", AT)
    said = shown(letter_view(opened(kept(), done)))
    order = (
        "dead letter 7, waiting",
        "what\n",
        "where\n",
        "why\n",
        "what was done",
        "what to do",
        "its own headers",
        "its value",
        "stack trace",
        "Traceback",
    )
    places = [said.index(part) for part in order]
    assert places == sorted(places)
    assert said.rstrip().endswith("AAPL is unknown")
    assert said.count("Traceback") == 1
    assert max(map(len, said.splitlines())) <= 80
    for fact in (
        "stock-processing-tasks [3] offset 41",
        "processing-errors [0] offset 5",
        "2026-11-20 20:59:00 UTC",
        "2026-11-20 21:00:00 UTC by ada: the source is well again",
        "traceparent",
        RUN,
    ):
        assert fact in said, fact


@pytest.mark.parametrize(
    ("changed", "advice", "commands"),
    [
        ({}, "what was wrong is mended", ["replay 7", f"replay --fingerprint {CAUSE}", "discard 7"]),
        ({"disposition": "exhausted", "fingerprint": None}, "its source is well again", ["replay 7", "discard 7"]),
        ({"state": "replaying"}, "was cut short", ["replay 7"]),
        ({"origin_topic": None}, "can only be put aside", ["discard 7"]),
        ({"state": "replayed"}, "it was sent again", []),
        ({"state": "discarded"}, "put aside for good", []),
    ],
)
def test_what_to_do_are_whole_commands_that_would_not_be_refused(
    changed: dict[str, Any], advice: str, commands: list[str]
) -> None:
    lines = shown(letter_view(opened(kept(**changed)))).splitlines()
    assert advice in " ".join(" ".join(lines).split())
    found = [line[line.index("stocks dead-letters") :].strip() for line in lines if "stocks dead-letters" in line]
    assert found == [f"stocks dead-letters {command} --reason WHY" for command in commands]


def test_what_others_wrote_is_shown_as_text_and_not_obeyed() -> None:
    letter = kept(key=HOSTILE, symbol=None, message=HOSTILE, region=HOSTILE)
    views = (list_view([letter], 1, 80), letter_view(opened(letter, value=HOSTILE, odd=HOSTILE)))
    for view in views:
        said = shown(view)
        assert "[bold]page[/nothing]" in said
        assert not {"\x1b", "\x07", "\u202e"} & set(said)


def test_a_letter_of_which_nothing_is_known_but_its_bytes_is_shown_all_the_same() -> None:
    bare = kept(stage=None, key="", symbol=None, region=None, run_id=None, task_id=None, message=None, disposition=None)
    unheaded = msgspec.structs.replace(opened(bare, value=""), headers={names.ORIGINAL_TIMESTAMP: "soon"})
    said = shown(letter_view(unheaded))
    assert "something that could not be read" in said
    assert "soon" in said
    assert "(empty)" in said


def test_a_long_value_is_cut_and_says_how_to_see_all() -> None:
    said = " ".join(shown(letter_view(opened(kept(), value="x" * 5000))).split())
    assert "1000 more characters: --json shows all" in said


def test_a_replay_says_what_was_sent_what_may_fail_again_and_what_was_refused() -> None:
    letters = [kept(1), kept(2, task_id=None), kept(3, stage="sink", task_id=None)]
    done = Replayed(sent=(1, 2, 3), found_sent=(4,))
    said = shown(replay_view(letters, done, {9: "it is discarded already"}, dry_run=False))
    assert said.splitlines() == [
        "sent again: 3 letters",
        "sent before by a replay that was cut short, not twice: 1 letter",
        "never read as a task, and will most likely fail again: 2",
        "refused: 9, it is discarded already",
    ]
    would = shown(replay_view(letters, Replayed(sent=(1, 3)), {}, dry_run=True))
    assert would.strip() == "would be sent again: 2 letters"
    assert "no letter that waits matches" in shown(replay_view([], Replayed(), {}, dry_run=False))
