"""The broker's jars: remembered, checked, and clear about what could not be had."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from include.errors import Transient
from include.stack.artefacts import COORDINATES, check_versions, classpath, mirror, system_trust, unavailable
from include.stack.configuration import KAFKA_VERSION


def test_the_remembered_classpath_is_used_while_all_of_it_exists(tmp_path: Path) -> None:
    jar = tmp_path / "kafka.jar"
    jar.touch()
    remembered = tmp_path / "classpath.json"
    remembered.write_bytes(msgspec.json.encode({"coordinates": COORDINATES, "jars": [str(jar)]}))
    assert classpath(remembered) == (jar,)


def test_the_real_classpath_has_clients_of_the_brokers_version_and_a_logger(tmp_path: Path) -> None:
    names = {jar.name for jar in classpath(tmp_path / "classpath.json")}
    assert {f"kafka_2.13-{KAFKA_VERSION}.jar", f"kafka-clients-{KAFKA_VERSION}.jar"} <= names
    assert any(name.startswith("log4j-slf4j-impl-") for name in names)


def test_clients_of_another_version_are_refused() -> None:
    jars = (Path("kafka_2.13-4.3.1.jar"), Path("kafka-clients-3.9.0.jar"))
    with pytest.raises(Transient, match=r"kafka-clients 3\.9\.0 for the broker 4\.3\.1"):
        check_versions(jars)


def test_the_message_names_what_could_not_be_had_and_where_to_name_a_mirror() -> None:
    said = unavailable(ConnectionError("secret.example"), None)
    assert COORDINATES in said
    assert "MAVEN_MIRROR" in said
    assert "settings.xml" in said
    assert "secret.example" not in said


def test_the_users_mirror_is_found_in_their_maven_settings(tmp_path: Path) -> None:
    settings = tmp_path / "settings.xml"
    settings.write_text(
        '<settings xmlns="http://maven.apache.org/SETTINGS/1.0.0"><mirrors>'
        "<mirror><id>other</id><mirrorOf>jcenter</mirrorOf><url>https://other.example/</url></mirror>"
        "<mirror><id>ours</id><mirrorOf>central</mirrorOf><url>https://ours.example/maven/</url></mirror>"
        "</mirrors></settings>"
    )
    assert mirror({}, settings) == "https://ours.example/maven"
    assert mirror({"MAVEN_MIRROR": "https://variable.example"}, settings) == "https://variable.example"
    assert mirror({}, tmp_path / "none.xml") is None


def test_a_bundle_that_the_user_named_stays_and_another_is_forgotten_afterwards() -> None:
    named = {"REQUESTS_CA_BUNDLE": "/mine.pem"}
    with system_trust(named):
        assert named == {"REQUESTS_CA_BUNDLE": "/mine.pem"}
    nameless: dict[str, str] = {}
    with system_trust(nameless):
        assert all(Path(bundle).is_file() for bundle in nameless.values())
    assert nameless == {}
