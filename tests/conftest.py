"""The real parts that tests run on: started once for all tests, fresh for each."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from running_parts import running
from topics_anew import make_topics_anew

from include.stack.broker import LocalBroker
from include.stack.database import LocalDatabase
from include.stack.mongo import LocalMongo
from include.stack.ports import free_port
from include.stores.migrations import migrate
from include.stores.postgres import Database

# The same examples in every run, and no example too slow: what passes here passes on a busy machine too.
settings.register_profile("gate", derandomize=True, deadline=None)
settings.load_profile("gate")

_NUMBERS = itertools.count()
_TEMPLATE = "migrated"


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalDatabase]:
    """A real PostgreSQL whose database ``migrated`` has our schema."""
    home = tmp_path_factory.mktemp("pg")
    server = LocalDatabase(home / "data", home / "postgres.log", {"fsync": "off", "shared_buffers": "64MB"})
    try:
        with running(server, home):
            server.create(_TEMPLATE)
            migrate(server.parameters(_TEMPLATE))
            yield server
    finally:
        server.discard_socket_folder()


@pytest.fixture
def database(postgres: LocalDatabase) -> Iterator[Database]:
    """A migrated, empty database of its own, as the stores see it."""
    name = f"test_{next(_NUMBERS)}"
    postgres.create(name, template=_TEMPLATE)
    found = Database(postgres.parameters(name))
    yield found
    found.close()
    postgres.drop(name)


@pytest.fixture(scope="session")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalBroker]:
    """A real Kafka broker."""
    home = tmp_path_factory.mktemp("kafka")
    server = LocalBroker(home / "data", home / "kafka.log", port=free_port(), controller_port=free_port(), heap_mib=384)
    with running(server, home):
        yield server


@pytest.fixture
def kafka(broker: LocalBroker) -> dict[str, str]:
    """librdkafka settings of a broker that has our topics, all empty."""
    make_topics_anew(broker.settings)
    return dict(broker.settings)


@pytest.fixture(scope="session")
def mongo_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalMongo]:
    """The stand-in of MongoDB."""
    home = tmp_path_factory.mktemp("mongo")
    server = LocalMongo(home / "data", home / "mongo.log", port=free_port())
    with running(server, home):
        yield server


@pytest.fixture
def mongo(mongo_server: LocalMongo) -> str:
    """The value of ``MONGO_URL`` for an empty database of its own."""
    # Patient: on a busy machine the stand-in may take its time.
    return mongo_server.url(f"test_{next(_NUMBERS)}") + "?serverSelectionTimeoutMS=30000&connectTimeoutMS=30000"


@pytest.fixture
def project() -> Path:
    """The project's folder."""
    return Path(__file__).resolve().parent.parent
