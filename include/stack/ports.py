"""TCP ports on the loopback: which are asked for, whether they are free, who holds them."""

from __future__ import annotations

import random
import socket
from collections.abc import Mapping

import msgspec
import psutil

from include.errors import ConfigurationError

LOOPBACK = "127.0.0.1"
_HIGHEST = 65535
_MONGO_PORT = 27018  # a real MongoDB of the machine's has 27017
# Below those that Linux and macOS give to outgoing connections: nobody gets one of these unasked in the seconds
# until a part that was told of it listens there.
_QUIET = range(20_000, 32_768)
_TRIES = 200

_given: set[int] = set()


class Ports(msgspec.Struct, frozen=True):
    """The stack's ports; ``market`` is None where the sources are live, ``mongo`` where no feeds run."""

    airflow: int
    kafka: int
    controller: int
    market: int | None
    mongo: int | None


def claim_ports(env: Mapping[str, str], *, local_market: bool, feeds: bool) -> Ports:
    """The ports that the environment asks for, all free at this moment. Raises ConfigurationError."""
    return Ports(
        airflow=_claimed(env, "Airflow", "AIRFLOW_PORT", 8080),
        kafka=_claimed(env, "Kafka", "KAFKA_PORT", 9092),
        controller=_claimed(env, "Kafka's controller", "KAFKA_CONTROLLER_PORT", 9093),
        market=_claimed(env, "the local market", "MARKET_PORT", 8089) if local_market else None,
        mongo=_mongo_port(env) if feeds else None,
    )


def _mongo_port(env: Mapping[str, str]) -> int:
    """What MONGO_PORT asks for. Nobody need know it beforehand, so unasked a taken one is no reason to refuse."""
    if not env.get("MONGO_PORT") and listens(_MONGO_PORT):
        return free_port()
    return _claimed(env, "MongoDB", "MONGO_PORT", _MONGO_PORT)


def _claimed(env: Mapping[str, str], part: str, variable: str, default: int) -> int:
    return claim_port(part, variable, asked_port(env, variable, default))


def asked_port(env: Mapping[str, str], variable: str, default: int) -> int:
    """The port that ``variable`` asks for; 0 means any free one. Raises ConfigurationError."""
    text = env.get(variable) or str(default)
    if not (text.isascii() and text.isdigit() and int(text) <= _HIGHEST):
        raise ConfigurationError(f"{variable} is malformed: {text!r}. It expects: a port number, or 0 for a free one")
    return int(text)


def claim_port(part: str, variable: str, port: int) -> int:
    """``port`` if it is free, a free one for 0. Raises ConfigurationError that says who holds it."""
    if port == 0:
        return free_port()
    with socket.socket() as probe:
        # As servers do: a connection of yesterday in TIME_WAIT is no reason to refuse.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            raise ConfigurationError(
                f"port {port} for {part} is taken{_holder(port)}. "
                f"Stop that, or choose another with {variable}=PORT ({variable}=0 takes a free one)"
            ) from None
    return port


def free_port() -> int:
    """A port that nobody listens on at this moment, and that was given to nobody else in this process."""
    for number in random.SystemRandom().sample(_QUIET, _TRIES):
        if number not in _given and _can_be_had(number):
            _given.add(number)
            return number
    with socket.socket() as probe:  # this machine uses them itself: any will do
        probe.bind((LOOPBACK, 0))
        found: int = probe.getsockname()[1]
        return found


def _can_be_had(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def listens(port: int) -> bool:
    """Whether something accepts connections there."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((LOOPBACK, port)) == 0


def _holder(port: int) -> str:
    try:
        found = [
            c.pid for c in psutil.net_connections("tcp") if c.status == "LISTEN" and c.laddr[1:2] == (port,) and c.pid
        ]
        return f" by process {found[0]} ({psutil.Process(found[0]).name()})" if found else ""
    except psutil.Error:  # other users' sockets may be hidden from us
        return ""
