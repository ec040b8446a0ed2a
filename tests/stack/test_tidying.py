"""What Airflow keeps goes by age, once a day however often the stack is started."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from include.errors import ConfigurationError
from include.stack.tidying import is_due, tidy


def test_it_is_due_where_it_was_never_done(tmp_path: Path) -> None:
    assert is_due(tmp_path)


def test_it_is_due_again_after_a_day_and_not_before(tmp_path: Path) -> None:
    (tmp_path / "tidied").touch()
    now = time.time()
    os.utime(tmp_path / "tidied", (now, now))
    assert not is_due(tmp_path, now=now + 23 * 3600)
    assert is_due(tmp_path, now=now + 24 * 3600)


def test_without_an_airflow_it_says_what_is_missing(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="AIRFLOW_HOME is not set"):
        tidy(tmp_path, {})
