"""Ports: asked for by variables, refused with who holds them."""

from __future__ import annotations

import contextlib
import os
import socket

import pytest

from include.errors import ConfigurationError
from include.stack.ports import claim_port, claim_ports, free_port


def test_a_taken_port_names_its_holder_and_the_variable() -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        port = holder.getsockname()[1]
        with pytest.raises(
            ConfigurationError, match=rf"port {port} for Kafka is taken by process {os.getpid()}.*KAFKA_PORT"
        ):
            claim_port("Kafka", "KAFKA_PORT", port)


def test_zero_takes_a_free_port() -> None:
    assert claim_port("Kafka", "KAFKA_PORT", 0) > 0


def test_a_free_port_is_given_once_and_to_no_connection_meanwhile() -> None:
    given = [free_port() for _ in range(200)]
    assert len(set(given)) == 200
    assert max(given) < 32_768  # where Linux begins with those of outgoing connections; macOS begins at 49152


@pytest.mark.parametrize("text", ["x", "-1", "70000", "80.5"])
def test_a_port_that_is_none_names_the_variable(text: str) -> None:
    with pytest.raises(ConfigurationError, match=r"AIRFLOW_PORT is malformed.*a port number"):
        claim_ports({"AIRFLOW_PORT": text}, local_market=True, feeds=True)


def test_live_sources_need_no_port_for_a_market() -> None:
    wanted = {"AIRFLOW_PORT": "0", "KAFKA_PORT": str(free_port()), "KAFKA_CONTROLLER_PORT": "0"}
    ports = claim_ports(wanted, local_market=False, feeds=False)
    assert (ports.market, ports.mongo) == (None, None)
    assert ports.kafka == int(wanted["KAFKA_PORT"])


def test_a_port_of_mongodb_that_nobody_asked_for_gives_way_to_who_has_it() -> None:
    others = {"AIRFLOW_PORT": "0", "KAFKA_PORT": "0", "KAFKA_CONTROLLER_PORT": "0"}
    with socket.socket() as holder:
        holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        with contextlib.suppress(OSError):  # another stack has it, which is as good
            holder.bind(("127.0.0.1", 27018))
            holder.listen()
        assert claim_ports(others, local_market=False, feeds=True).mongo not in (None, 27018)
        with pytest.raises(ConfigurationError, match=r"port 27018 for MongoDB is taken.*MONGO_PORT"):
            claim_ports({**others, "MONGO_PORT": "27018"}, local_market=False, feeds=True)
