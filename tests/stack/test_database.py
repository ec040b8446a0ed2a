"""The local PostgreSQL: on a unix socket, for its owner, with a password."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import psycopg2
import pytest

from include.errors import ConfigurationError, Transient
from include.stack.database import LocalDatabase
from include.stack.postgres_place import give
from include.stack.program import start, stop
from include.stores.postgres import Database


def test_a_test_gets_an_empty_migrated_database(database: Database) -> None:
    with database.transaction() as connection, connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM tasks")
        assert cursor.fetchone() == (0,)


def test_it_listens_on_no_network_address(postgres: LocalDatabase) -> None:
    with psycopg2.connect(**postgres.parameters()) as connection, connection.cursor() as cursor:
        cursor.execute("SHOW listen_addresses")
        assert cursor.fetchone() == ("",)
    connection.close()


def test_only_its_owner_enters_the_folder_of_the_socket(postgres: LocalDatabase) -> None:
    assert stat.S_IMODE(postgres.socket_folder.stat().st_mode) == 0o700


def test_it_asks_for_the_password(postgres: LocalDatabase) -> None:
    with pytest.raises(psycopg2.OperationalError, match="password authentication failed"):
        psycopg2.connect(**postgres.parameters() | {"password": "wrong"})


def test_a_folder_of_another_version_names_the_way_out(tmp_path: Path) -> None:
    server = LocalDatabase(tmp_path / "pg", tmp_path / "log")
    server.data.mkdir(parents=True)
    (server.data / "PG_VERSION").write_text("16\n")
    with pytest.raises(ConfigurationError, match=r"made by PostgreSQL 16, and this one is 18\..*stocks reset"):
        server.prepare()


def test_a_pid_file_that_a_crash_left_behind_is_no_obstacle(tmp_path: Path) -> None:
    server = LocalDatabase(tmp_path / "pg", tmp_path / "log")
    server.prepare()
    # Our own pid: a living process that is not PostgreSQL.
    (server.data / "postmaster.pid").write_text(f"{os.getpid()}\n{server.data}\n")
    program = server.prepare()
    process = start(program)
    try:
        server.wait_ready(program, process)
    finally:
        stop(process, program.stop_signal)
        server.discard_socket_folder()


def test_a_start_that_fails_quotes_the_log(tmp_path: Path) -> None:
    server = LocalDatabase(tmp_path / "pg", tmp_path / "log", {"shared_buffers": "nonsense"})
    program = server.prepare()
    process = start(program)
    try:
        with pytest.raises(Transient, match=r"PostgreSQL ended with exit code 1.*shared_buffers"):
            server.wait_ready(program, process)
    finally:
        stop(process, program.stop_signal)


def test_a_long_path_gets_a_short_socket(tmp_path: Path) -> None:
    deep = tmp_path / ("a" * 60) / ("b" * 60)
    folder = LocalDatabase(deep, tmp_path / "log").socket_folder
    assert len(os.fsencode(folder / ".s.PGSQL.5432")) < 104


def test_a_link_in_the_place_of_its_folder_is_refused_and_not_followed(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir(mode=0o755)
    before = elsewhere.stat()
    (tmp_path / "socket").symlink_to(elsewhere)
    with pytest.raises(ConfigurationError, match="belongs to another user or is a link"):
        give(tmp_path / "socket")
    assert (elsewhere.stat().st_mode, elsewhere.stat().st_uid) == (before.st_mode, before.st_uid)
