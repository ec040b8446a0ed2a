"""The jars of the stack's Java programs: resolved from Maven coordinates once, remembered, and checked.

`jgo` resolves the coordinates. Downloads are kept in Maven's own local repository, so a second stack on the
machine, or one that was reset, downloads nothing. Each program is resolved by itself: the dependencies of one
could make Maven choose other versions for another.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import msgspec

from include.errors import ConfigurationError, Transient
from include.stack.configuration import KAFKA_VERSION

COORDINATES = f"org.apache.kafka:kafka_2.13:{KAFKA_VERSION}"
MIRROR_VARIABLE = "MAVEN_MIRROR"
_LOG4J = ("org.apache.logging.log4j", "log4j-slf4j-impl")
_MAVEN_SETTINGS = Path.home() / ".m2" / "settings.xml"
_SYSTEM_BUNDLES = (
    "/etc/ssl/certs/ca-certificates.crt",  # Debian, Arch
    "/etc/pki/tls/certs/ca-bundle.crt",  # Fedora
    "/etc/ssl/ca-bundle.pem",  # openSUSE
    "/etc/ssl/cert.pem",  # macOS, Alpine
)
_MIRRORED = {"*", "central", "external:*"}


def classpath(remembered: Path) -> tuple[Path, ...]:
    """The broker's jars, from ``remembered`` (a file) if they are all still there. Raises Transient."""
    return _recalled(remembered, COORDINATES, _broker_jars)


def program_jars(coordinates: str, part: str, remembered: Path) -> tuple[Path, ...]:
    """The jars of another program, known by ``coordinates`` joined with ``+``. Raises Transient that names ``part``."""
    return _recalled(remembered, coordinates, lambda: _resolved(coordinates, part))


def _recalled(remembered: Path, coordinates: str, resolve: Callable[[], tuple[Path, ...]]) -> tuple[Path, ...]:
    known = _recall(remembered, coordinates)
    if known is not None:
        return known
    jars = resolve()
    remembered.parent.mkdir(parents=True, exist_ok=True)
    remembered.write_bytes(msgspec.json.encode({"coordinates": coordinates, "jars": [str(jar) for jar in jars]}))
    return jars


def _recall(remembered: Path, coordinates: str) -> tuple[Path, ...] | None:
    try:
        known = msgspec.json.decode(remembered.read_bytes())
    except (FileNotFoundError, msgspec.DecodeError):
        return None
    jars = tuple(Path(jar) for jar in known["jars"])
    return jars if known["coordinates"] == coordinates and all(jar.is_file() for jar in jars) else None


def _broker_jars() -> tuple[Path, ...]:
    def with_logger(context: Any, jars: tuple[Path, ...]) -> tuple[Path, ...]:
        # Apart from the broker's resolution, which another endpoint could make choose an older kafka-clients.
        binding = context.project(*_LOG4J).at_version(_version(jars, "log4j-api")).artifact().resolve()
        return (*jars, Path(binding))

    jars = _resolved(COORDINATES, "the Kafka broker", with_logger)
    check_versions(jars)
    return jars


def _resolved(
    coordinates: str, part: str, more: Callable[[Any, tuple[Path, ...]], tuple[Path, ...]] = lambda _context, jars: jars
) -> tuple[Path, ...]:
    """What Maven makes of ``coordinates``, with ``more`` from the same place. Raises Transient."""
    # Imported here: a start that remembers its jars needs none of it.
    from jgo.config import GlobalSettings
    from jgo.env import EnvironmentBuilder, LinkStrategy
    from jgo.maven import MavenContext

    settings = GlobalSettings.load()
    address = mirror(os.environ, _MAVEN_SETTINGS) or settings.repositories.get("central")
    context = MavenContext(
        repo_cache=settings.repo_cache, remote_repos={"central": address} if address else None, timeout=60
    )
    builder = EnvironmentBuilder(context=context, cache_dir=settings.cache_dir, link_strategy=LinkStrategy.AUTO)
    try:
        with system_trust(os.environ):
            return more(context, tuple(Path(jar) for jar in builder.from_endpoint(coordinates).all_jars))
    except Exception as error:  # jgo raises whatever its HTTP and XML parts raise
        raise Transient(unavailable(error, address, coordinates, part)) from error


def unavailable(
    error: Exception, address: str | None, coordinates: str = COORDINATES, part: str = "the Kafka broker"
) -> str:
    """The message for a program that could not be downloaded; an address may hold a password and is not shown."""
    source = "the mirror that is configured" if address else "Maven Central"
    return (
        f"{coordinates} ({part}) could not be had from {source}: {type(error).__name__}. "
        f"Check the network, or name a mirror: {MIRROR_VARIABLE}, a <mirror> of central in ~/.m2/settings.xml, "
        "or [repositories] central in jgo.conf; HTTPS_PROXY and REQUESTS_CA_BUNDLE are honoured"
    )


def mirror(env: Mapping[str, str], settings: Path) -> str | None:
    """The mirror of Maven Central by variable or Maven's ``settings`` file, if any. Raises ConfigurationError."""
    if env.get(MIRROR_VARIABLE):
        return env[MIRROR_VARIABLE].rstrip("/")
    if not settings.is_file():
        return None
    try:
        tree = ElementTree.parse(settings)  # noqa: S314 - the user's own file
    except ElementTree.ParseError as error:
        raise ConfigurationError(f"{settings} is malformed: {error}. It expects: Maven's settings") from error
    for element in tree.iter():
        texts = {child.tag.rpartition("}")[2]: (child.text or "").strip() for child in element}
        if element.tag.endswith("mirror") and _MIRRORED & set(texts.get("mirrorOf", "").split(",")):
            return texts["url"].rstrip("/")
    return None


@contextmanager
def system_trust(env: MutableMapping[str, str]) -> Iterator[None]:
    """For the block, trust what the system trusts: jgo's client would know only the authorities that it brings.

    A bundle that the user has named stays.
    """
    named = any(env.get(name) for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"))
    bundle = next((path for path in _SYSTEM_BUNDLES if Path(path).is_file()), None)
    if named or bundle is None:
        yield
        return
    env["REQUESTS_CA_BUNDLE"] = bundle
    try:
        yield
    finally:
        del env["REQUESTS_CA_BUNDLE"]


def check_versions(jars: tuple[Path, ...]) -> None:
    """Raises Transient unless the clients are of the broker's version."""
    clients, broker = _version(jars, "kafka-clients"), _version(jars, "kafka_2.13")
    if clients != broker:
        raise Transient(
            f"Maven resolved kafka-clients {clients} for the broker {broker}: such a pair fails in obscure ways. "
            "Remove org/apache/kafka from Maven's local repository and start again"
        )


def _version(jars: tuple[Path, ...], artefact: str) -> str:
    pattern = re.compile(rf"{re.escape(artefact)}-(\d[\w.]*)\.jar")
    found = [match[1] for jar in jars if (match := pattern.fullmatch(jar.name))]
    if len(found) != 1:
        raise Transient(f"Maven resolved {len(found)} versions of {artefact} instead of one: {found}")
    return found[0]
