"""A worker whom the brokers refuse stops and says so (a real broker that asks for a password and has ACLs)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from confluent_kafka.admin import (
    AclBinding,
    AclBindingFilter,
    AclOperation,
    AclPermissionType,
    AdminClient,
    ResourcePatternType,
    ResourceType,
)
from running_parts import running
from trial import environment, eventually, message, notes, prepare, send, uncommitted, worker

from include.contracts.tasks import Stage
from include.contracts.topics import PROCESSING_COMPLETION, PROCESSING_ERRORS, PROCESSING_TASKS
from include.stack.broker import LocalBroker
from include.stack.ports import LOOPBACK, free_port
from include.stores.postgres import Database
from include.transport.admin import create_topics
from include.transport.consumer import group_of

pytestmark = pytest.mark.stack
_TASKS = PROCESSING_TASKS.name
_LOGIN = 'org.apache.kafka.common.security.plain.PlainLoginModule required user_worker="right";'


class SecuredBroker(LocalBroker):
    """The local broker with a third listener, which asks who comes; the first one is the operator's."""

    guarded_port = 0

    def _properties(self) -> dict[str, str]:
        self.guarded_port = self.guarded_port or free_port()
        plain = super()._properties()
        listeners = f"{plain['listeners']},GUARDED://{LOOPBACK}:{self.guarded_port}"
        return plain | {
            "listeners": listeners,
            "advertised.listeners": listeners,
            "listener.security.protocol.map": f"{plain['listener.security.protocol.map']},GUARDED:SASL_PLAINTEXT",
            "sasl.enabled.mechanisms": "PLAIN",
            "listener.name.guarded.plain.sasl.jaas.config": _LOGIN,
            "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
            "super.users": "User:ANONYMOUS",
        }


@pytest.fixture(scope="module")
def secured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SecuredBroker]:
    home = tmp_path_factory.mktemp("secured")
    server = SecuredBroker(
        home / "data", home / "kafka.log", port=free_port(), controller_port=free_port(), heap_mib=256
    )
    with running(server, home):
        create_topics(server.settings)
        _allow(server)
        yield server


@pytest.fixture
def env(secured: SecuredBroker, database: Database, tmp_path: Path) -> dict[str, str]:
    prepare(database)
    return environment({"bootstrap.servers": f"{LOOPBACK}:{secured.guarded_port}"}, database, tmp_path / "home") | {
        "KAFKA_SECURITY_PROTOCOL": "SASL_PLAINTEXT",
        "KAFKA_SASL_MECHANISM": "PLAIN",
        "KAFKA_SASL_USERNAME": "worker",
        "KAFKA_SASL_PASSWORD": "right",
    }


def _allow(server: SecuredBroker) -> None:
    rights = [
        (ResourceType.TOPIC, _TASKS, AclOperation.READ),
        (ResourceType.TOPIC, PROCESSING_COMPLETION.name, AclOperation.WRITE),
        (ResourceType.TOPIC, PROCESSING_ERRORS.name, AclOperation.WRITE),
        (ResourceType.GROUP, group_of(Stage.PROCESSING), AclOperation.READ),
    ]
    admin = AdminClient(server.settings)
    for allowed in admin.create_acls([_right(AclBinding, *right) for right in rights]).values():
        allowed.result(60)


def _deny(server: SecuredBroker, kind: ResourceType, name: str, operation: AclOperation) -> None:
    admin = AdminClient(server.settings)
    for denied in admin.delete_acls([_right(AclBindingFilter, kind, name, operation)]).values():
        assert len(denied.result(60)) == 1


def _right(
    form: type[AclBinding] | type[AclBindingFilter], kind: ResourceType, name: str, operation: AclOperation
) -> AclBinding | AclBindingFilter:
    literal, allow = ResourcePatternType.LITERAL, AclPermissionType.ALLOW
    return form(kind, name, literal, "User:worker", "*", operation, allow)


def test_a_worker_that_loses_a_right_stops_and_commits_nothing(
    secured: SecuredBroker, database: Database, env: dict[str, str]
) -> None:
    send(secured.settings, message("FIRST"))
    with worker(env, "one") as process:
        eventually(lambda: "FIRST" in notes(database), "the worker works")
        eventually(lambda: uncommitted(secured.settings, _TASKS) == 0, "it commits")
        _deny(secured, ResourceType.TOPIC, _TASKS, AclOperation.READ)
        send(secured.settings, message("SECOND"))
        assert process.wait(90) == 1
    assert "Unfit" in _last_words(env)
    assert "authorization failed" in _last_words(env)
    assert uncommitted(secured.settings, _TASKS) == 1
    _allow(secured)
    with worker(env, "two"):
        eventually(lambda: uncommitted(secured.settings, _TASKS) == 0, "the next one goes on once it may")


def _last_words(env: dict[str, str]) -> str:
    return (Path(env["STOCKS_HOME"]) / "one.log").read_text().splitlines()[-1]
