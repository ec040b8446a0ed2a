"""After a whole stack has worked and failed: where its secrets are, byte by byte, and where they are not."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from canary.keeping import ALPACAS, KEPT, held, misplaced, untrusted
from canary.looking import Found, found_in
from canary.planted import planted, secrets

pytestmark = [pytest.mark.stack, pytest.mark.airflow, pytest.mark.canary, pytest.mark.timeout(900)]


class Left(NamedTuple):
    """What a stack has left: its state folder, what it told, its secrets, and who had which of them."""

    home: Path
    told: Path
    secrets: dict[str, str]
    held: dict[str, set[str]]


@pytest.fixture(scope="module")
def left(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Left]:
    folder = tmp_path_factory.mktemp("canary")
    with planted(folder) as stack:
        found = Left(stack.home, folder / "told", secrets(stack), held(stack, secrets(stack)))
        modes = {file: stat.S_IMODE((stack.home / file).stat().st_mode) for file in KEPT}
        assert modes == dict.fromkeys(KEPT, 0o600)
        assert stack.interrupt() == 0  # what programs say as they end counts too
        yield found


def test_no_secret_is_found_but_where_it_is_kept(left: Left) -> None:
    assert misplaced(left.home, [left.told], left.secrets) == set()
    # The same search finds what is there.
    assert Found("fernet_key", left.home / "secrets.json") in found_in([left.home], left.secrets)


def test_the_password_is_shown_once(left: Left) -> None:
    said = (left.home / "up.log").read_text("utf-8")
    assert said.count(left.secrets["airflow_password"]) == 1


def test_nobody_else_can_read_what_the_stack_writes(left: Left) -> None:
    readable = {path.name for path in left.home.iterdir() if stat.S_IMODE(path.stat().st_mode) & 0o077}
    assert readable == {"up.log"}  # the test's own


def test_every_program_has_the_secrets_that_it_works_with_and_no_others(left: Left) -> None:
    assert untrusted(left.held) == {}
    assert ALPACAS | {"DB_PASSWORD"} in left.held.values()
