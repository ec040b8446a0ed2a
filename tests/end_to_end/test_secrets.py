"""Secrets in the stack that the other tests have worn out: nobody has seen what was not for them."""

from __future__ import annotations

from pathlib import Path

import pytest
from canary.gathering import gather
from canary.keeping import held, misplaced, untrusted
from canary.planted import EXPORTED, made_by

from end_to_end.stack import Stack

pytestmark = [pytest.mark.stack, pytest.mark.airflow]


def test_no_secret_is_found_but_where_it_is_kept(stack: Stack, tmp_path: Path) -> None:
    gather(stack, tmp_path / "told")
    assert misplaced(stack.home, [tmp_path], made_by(stack) | EXPORTED) == set()


def test_real_keys_are_never_shown_to_the_local_market(stack: Stack) -> None:
    having = {command for command, names in held(stack, EXPORTED).items() if names}
    assert len(having) == 1, having
    assert "include.cli up" in having.pop()  # whose user had exported them
    assert untrusted(held(stack, made_by(stack))) == {}
