"""The state folder: one stack at a time, private, and clear about what is wrong with it."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from dotenv import dotenv_values

from include.errors import ConfigurationError
from include.stack.state import StateFolder


@pytest.fixture
def state(tmp_path: Path) -> StateFolder:
    found = StateFolder(tmp_path / "home")
    found.prepare()
    return found


def test_a_second_stack_on_the_same_folder_is_told_who_holds_it(state: StateFolder) -> None:
    refusal = pytest.raises(ConfigurationError, match=r"a stack already runs on .*\(process \d+\).*STOCKS_HOME")
    with state.lock(), refusal, StateFolder(state.home).lock():
        pass


def test_the_folder_is_free_again_afterwards(state: StateFolder) -> None:
    with state.lock():
        pass
    with state.lock():
        pass


def test_secrets_are_made_once_and_for_their_owner(state: StateFolder) -> None:
    made, new = state.secrets()
    assert new
    assert state.secrets() == (made, False)
    assert stat.S_IMODE((state.home / "secrets.json").stat().st_mode) == 0o600


def test_what_is_published_is_read_back_as_it_was_and_private(state: StateFolder) -> None:
    variables = {"DB_PASSWORD": "a$b#c d", "KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:9092"}
    state.publish(variables)
    assert dict(dotenv_values(state.environment_file)) == variables
    assert stat.S_IMODE(state.environment_file.stat().st_mode) == 0o600


def test_another_layout_names_the_way_out(state: StateFolder) -> None:
    (state.home / "layout").write_text("99\n")
    with pytest.raises(ConfigurationError, match=r"another version of stocks.*stocks reset"):
        state.prepare()


def test_a_folder_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigurationError, match=r"cannot be used.*STOCKS_HOME"):
        StateFolder(tmp_path / "file").prepare()


def test_a_full_disk_is_named_with_what_is_needed(state: StateFolder) -> None:
    with pytest.raises(ConfigurationError, match=r"has \d+ MiB left and the stack needs \d+ MiB"):
        state.check_disk(needed_mib=10**12)


def test_reset_removes_only_what_stocks_has_made(tmp_path: Path, state: StateFolder) -> None:
    precious = tmp_path / "precious"
    precious.mkdir()
    with pytest.raises(ConfigurationError, match="was not made by stocks"):
        StateFolder(precious).discard()
    state.discard()
    assert not state.home.exists()


def test_reset_waits_for_nobody(state: StateFolder) -> None:
    with state.lock(), pytest.raises(ConfigurationError, match="already runs"):
        state.discard()
    assert state.home.exists()
