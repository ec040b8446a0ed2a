"""`stocks dead-letters list|show|replay|discard`."""

from __future__ import annotations

from typing import Annotated

import typer

_Ids = Annotated[list[int] | None, typer.Argument(help="Ids, as `list` prints them.")]
_Fingerprint = Annotated[str | None, typer.Option(help="Only letters of this cause.")]
_Region = Annotated[str | None, typer.Option(help="Only letters of this region, such as us.")]
_Run = Annotated[str | None, typer.Option(help="Only letters of this run; 'latest' is the newest.")]
_All = Annotated[bool, typer.Option("--all", help="Every letter that waits.")]
_Reason = Annotated[str, typer.Option(help="Why; kept with your name.")]
_Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def register(app: typer.Typer) -> None:
    """Add this station's commands to ``stocks``."""
    group = typer.Typer(no_args_is_help=True, help="Tasks that were given up: read, replay, discard.")
    group.command("list")(list_letters)
    for command in (show, replay, discard):
        group.command()(command)
    app.add_typer(group, name="dead-letters")


def list_letters(
    ids: _Ids = None,
    fingerprint: _Fingerprint = None,
    region: _Region = None,
    run: _Run = None,
    state: Annotated[str, typer.Option(help="waiting, replaying, replayed, discarded or any.")] = "waiting",
    limit: Annotated[int, typer.Option(min=1, help="Print at most this many, newest first.")] = 50,
    json: _Json = False,
) -> None:
    """List dead letters: by default the newest of those that wait for somebody to look at them."""
    from include.review.desk import Desk, choose
    from include.review.screen import print_list

    with Desk.open() as desk:
        states = () if state == "any" else (state,)
        selection = choose(desk, ids, fingerprint, region, run, states=states)
        cut_short = desk.cut_short(selection) if state == "waiting" else 0
        print_list(*desk.listed(selection, limit), cut_short=cut_short, as_json=json)


def show(letter: Annotated[int, typer.Argument(help="A letter's id.")], json: _Json = False) -> None:
    """Show one dead letter in full: why, where from, its bytes, and what was done with it."""
    from include.review.desk import Desk
    from include.review.screen import print_letter

    with Desk.open() as desk:
        print_letter(desk.opened(letter), as_json=json)


def replay(
    ids: _Ids = None,
    fingerprint: _Fingerprint = None,
    region: _Region = None,
    run: _Run = None,
    everything: _All = False,
    reason: _Reason = "",
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be sent; send and change nothing.")
    ] = False,
    json: _Json = False,
) -> None:
    """Send the original bytes to the original topic again; no letter is ever sent twice.

    Exit code 1 when a letter that was asked for was refused.
    """
    from include.review.desk import Desk, actor, choose, required_reason
    from include.review.screen import print_replay

    with Desk.open() as desk:
        selection = choose(
            desk, ids, fingerprint, region, run, states=("waiting", "replaying"), everything=everything
        ).required()
        letters, missing = desk.wanted(selection)
        done = desk.plan(letters) if dry_run else desk.replay(letters, actor(), required_reason(reason))
        print_replay(letters, done, missing, dry_run=dry_run, as_json=json)
        if done.refused or missing:
            raise typer.Exit(1)


def discard(
    ids: _Ids = None,
    fingerprint: _Fingerprint = None,
    region: _Region = None,
    run: _Run = None,
    everything: _All = False,
    reason: _Reason = "",
    json: _Json = False,
) -> None:
    """Put letters aside for good; they stay readable, and their tasks stay failed. Exit code 1 if one was refused."""
    from include.review.desk import Desk, actor, choose, required_reason
    from include.review.screen import print_discard

    with Desk.open() as desk:
        selection = choose(desk, ids, fingerprint, region, run, states=("waiting",), everything=everything).required()
        letters, missing = desk.wanted(selection)
        gone = desk.discard(letters, actor(), required_reason(reason))
        refused = sorted({letter.id for letter in letters} - set(gone))
        print_discard(gone, [*refused, *missing], as_json=json)
        if refused or missing:
            raise typer.Exit(1)
