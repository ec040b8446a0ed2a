"""Backup files as numbered lines: plain or compressed, whole, growing or damaged."""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import IO, cast

from include.contracts.prices import Tick
from include.errors import ConfigurationError, Permanent
from include.stores.tick_csv import COLUMNS, decode


class EndlessLine(ValueError):
    """A line that no tick has, such as the zeros that a small compressed file may unfold to."""


UNREADABLE = (OSError, EOFError, zlib.error, EndlessLine)  # what reading a damaged file raises

_LONGEST_LINE = 2**16  # characters; a tick has some two hundred
_GZIP = b"\x1f\x8b"
_HEADER_BYTES = 4096

Line = tuple[int, str]


def backups(paths: Iterable[Path]) -> tuple[Path, ...]:
    """The files that ``paths`` mean; a folder stands for those in it. Raises ConfigurationError for another header."""
    found = tuple(file for path in paths for file in (_inside(path) if path.is_dir() else [path]))
    if not found:
        raise ConfigurationError("that folder holds no backup. FILE expects: CSV files of ticks, or folders of them")
    for file in found:
        _check_header(file)
    return found


def _inside(folder: Path) -> list[Path]:
    files = (file for ending in ("*.csv", "*.csv.gz") for file in folder.glob(ending))
    return sorted(file for file in files if file.stat().st_size)  # one that was just begun is empty


def lines_of(raw: IO[bytes]) -> Iterator[Line]:
    """Every line but the header and empty ones, with its number; the header is line 1. Raises ``UNREADABLE``."""
    with _text(raw) as text:
        for number in count(1):
            line = text.readline(_LONGEST_LINE)  # iterating would take a line of any length into memory
            if not line:
                return
            if len(line) == _LONGEST_LINE:
                raise EndlessLine(f"line {number} has more than {_LONGEST_LINE} characters, so it is no tick")
            if number > 1 and line.strip():
                yield number, line


def tick_of(line: str) -> Tick:
    """The tick of a line as it stands in a file. Raises Permanent."""
    # The start of a number is a number too.
    if not line.endswith("\n"):
        raise Permanent("it has no end: the file grows, or was cut here")
    return decode(line)


def _check_header(file: Path) -> None:
    if not file.is_file() and file.exists():  # a pipe would be waited for, a device never ends
        raise ConfigurationError(f"{file} is no file. FILE expects: CSV files of ticks, or folders of them")
    wrong = f"{file} is no backup of ticks: its first line is not {','.join(COLUMNS)}"
    try:
        with file.open("rb") as raw, _text(raw) as text:
            first = text.readline(_HEADER_BYTES)
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise ConfigurationError(f"{wrong} ({error})") from error
    except OSError as error:
        raise ConfigurationError(
            f"{file} cannot be read: {error.strerror}. FILE expects: CSV files of ticks"
        ) from error
    if tuple(first.removeprefix("\ufeff").rstrip("\r\n").split(",")) != COLUMNS:
        raise ConfigurationError(wrong)


@contextmanager
def _text(raw: IO[bytes]) -> Iterator[io.TextIOWrapper]:
    """The text of a file, compressed or not; what is no UTF-8 becomes what no tick may hold."""
    compressed = raw.read(len(_GZIP)) == _GZIP
    raw.seek(0)
    plain = cast("IO[bytes]", gzip.GzipFile(fileobj=raw)) if compressed else raw
    text = io.TextIOWrapper(plain, encoding="utf-8", errors="surrogateescape", newline="\n")
    try:
        yield text
    finally:
        text.detach()
