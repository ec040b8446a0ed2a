"""The state folder (``STOCKS_HOME``): one stack at a time, its secrets, and what it tells other commands."""

from __future__ import annotations

import base64
import fcntl
import os
import secrets
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import msgspec

from include.errors import ConfigurationError

LAYOUT = 1
ENVIRONMENT_FILE = "stack.env"
NEEDED_MIB = 512
_MIB = 2**20


class Secrets(msgspec.Struct, frozen=True):
    """Made once per state folder, kept in a file that only its owner reads."""

    airflow_password: str
    api_secret_key: str
    jwt_secret: str
    fernet_key: str


class StateFolder:
    """The folder ``home``. Raises ConfigurationError where it cannot be used."""

    def __init__(self, home: Path) -> None:
        self.home = home.absolute()
        self.logs = self.home / "logs"
        self.environment_file = self.home / ENVIRONMENT_FILE

    def prepare(self) -> None:
        """Make it, and refuse one that another layout or another user left. Raises ConfigurationError."""
        try:
            self.home.mkdir(parents=True, exist_ok=True)
            # Others may pass through (PostgreSQL runs as another user where we are root), and see nothing.
            self.home.chmod(0o711 if os.geteuid() == 0 else 0o700)
            layout = self.home / "layout"
            if layout.exists() and layout.read_text(encoding="ascii").strip() != str(LAYOUT):
                raise ConfigurationError(
                    f"{self.home} was made by another version of stocks (layout {layout.read_text().strip()}, "
                    f"this one needs {LAYOUT}). Throw the local state away with: stocks reset"
                )
            layout.write_text(f"{LAYOUT}\n", encoding="ascii")
        except OSError as error:
            raise ConfigurationError(
                f"{self.home} cannot be used: {error.strerror}. Make it writable, or choose another STOCKS_HOME"
            ) from error
        self.check_disk()

    def check_disk(self, needed_mib: int = NEEDED_MIB) -> None:
        """Raises ConfigurationError when the disk is nearly full."""
        free = self.free_mib()
        if free < needed_mib:
            raise ConfigurationError(
                f"the disk of {self.home} has {free} MiB left and the stack needs {needed_mib} MiB. "
                "Make room, or choose another STOCKS_HOME"
            )

    def free_mib(self) -> int:
        """Free space of its disk."""
        return shutil.disk_usage(self.home).free // _MIB

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Hold the folder for one stack. Raises ConfigurationError if another one runs on it."""
        with (self.home / "stack.lock").open("a+", encoding="ascii") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                file.seek(0)
                raise ConfigurationError(
                    f"a stack already runs on {self.home} (process {file.read().strip() or 'unknown'}). "
                    "Stop it with Ctrl-C, or give this one another STOCKS_HOME and ports"
                ) from None
            file.truncate(0)
            file.write(str(os.getpid()))
            file.flush()
            yield

    def secrets(self) -> tuple[Secrets, bool]:
        """The folder's secrets, and whether they were made just now."""
        file = self.home / "secrets.json"
        if file.exists():
            return msgspec.json.decode(file.read_bytes(), type=Secrets), False
        made = Secrets(
            airflow_password=secrets.token_urlsafe(12),
            api_secret_key=secrets.token_urlsafe(48),
            jwt_secret=secrets.token_urlsafe(48),
            fernet_key=base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
        )
        write_private(file, msgspec.json.encode(made))
        return made, True

    def publish(self, variables: Mapping[str, str]) -> None:
        """Tell other ``stocks`` commands how to reach this stack."""
        lines = [f"{name}='{value}'" for name, value in sorted(variables.items())]
        write_private(self.environment_file, ("\n".join(lines) + "\n").encode())

    def discard(self) -> None:
        """Remove the folder and all in it. Raises ConfigurationError while a stack runs on it."""
        if not (self.home / "layout").exists():
            raise ConfigurationError(f"{self.home} was not made by stocks, so it is not removed. Check STOCKS_HOME")
        with self.lock():
            shutil.rmtree(self.home)

    def withdraw(self) -> None:
        """The stack is gone: other commands must not look for it."""
        self.environment_file.unlink(missing_ok=True)


def write_private(path: Path, content: bytes) -> None:
    """Write a file that only its owner reads, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(path.name + ".part")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
    draft.replace(path)
