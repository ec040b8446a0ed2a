"""A folder of CSV files of ticks: one that grows, and those that are closed and compressed.

    000007_20261121T093000.000000Z_20261121T101459.250000Z.csv.gz   closed: its number, its first and last tick
    000008_20261121.csv                                             grows: its number, the day of its first line

A name comes into being by one rename, when all of its content is on the disk.
"""

from __future__ import annotations

import gzip
import logging
import os
import re
import shutil
from datetime import UTC, date, datetime
from pathlib import Path

import msgspec

log = logging.getLogger(__name__)

_OPEN = re.compile(r"(\d{6,})_(\d{8})\.csv")
_CLOSED = re.compile(r"(\d{6,})_(\d{8}T\d{6}\.\d{6})Z_(\d{8}T\d{6}\.\d{6})Z\.csv\.gz")
_MOMENT = "%Y%m%dT%H%M%S.%f"
_PART = ".part"


class ClosedFile(msgspec.Struct, frozen=True):
    """A file that no more changes; its ticks lie between ``first_at`` and ``last_at``, both included."""

    path: Path
    number: int
    first_at: datetime
    last_at: datetime


class OpenFile(msgspec.Struct, frozen=True):
    """A file that grows."""

    path: Path
    number: int
    day: date


def closed_files(folder: Path) -> list[ClosedFile]:
    """The closed files of ``folder``, oldest first."""
    found = [(path, match) for path in folder.iterdir() if (match := _CLOSED.fullmatch(path.name))]
    files = [ClosedFile(path, int(match[1]), _moment(match[2]), _moment(match[3])) for path, match in found]
    return sorted(files, key=lambda file: file.number)


def open_files(folder: Path) -> list[OpenFile]:
    """The files that grow, oldest first; more than one if a crash came while one was being closed."""
    found = [(path, match) for path in folder.iterdir() if (match := _OPEN.fullmatch(path.name))]
    files = [
        OpenFile(path, int(match[1]), datetime.strptime(match[2], "%Y%m%d").replace(tzinfo=UTC).date())
        for path, match in found
    ]
    return sorted(files, key=lambda file: file.number)


def clear_away(folder: Path) -> None:
    """Remove what a crash left: files half written, and files whose closed form is complete."""
    for path in folder.glob(f"*{_PART}"):
        path.unlink()
    closed = {file.number for file in closed_files(folder)}
    for file in open_files(folder):
        if file.number in closed:
            file.path.unlink()


def next_file(folder: Path, today: date) -> OpenFile:
    """The file that is to grow next; it does not exist yet."""
    numbers = {file.number for file in closed_files(folder)} | {file.number for file in open_files(folder)}
    number = max(numbers, default=0) + 1
    return OpenFile(folder / f"{number:06d}_{today:%Y%m%d}.csv", number, today)


def compress(file: OpenFile, first_at: datetime, last_at: datetime) -> ClosedFile:
    """Close ``file``: its compressed form is on the disk before it is removed."""
    name = f"{file.number:06d}_{first_at:{_MOMENT}}Z_{last_at:{_MOMENT}}Z.csv.gz"
    part, path = file.path.with_name(name + _PART), file.path.with_name(name)
    with file.path.open("rb") as plain, part.open("wb") as raw:
        with gzip.GzipFile(fileobj=raw, mode="wb") as compressed:
            shutil.copyfileobj(plain, compressed)
        raw.flush()
        os.fsync(raw.fileno())
    part.replace(path)
    fsync_folder(path.parent)
    file.path.unlink()
    return ClosedFile(path, file.number, first_at, last_at)


def thin_out(folder: Path, most_bytes: int) -> list[ClosedFile]:
    """Remove the oldest closed files until all of them take no more than ``most_bytes``; -> those that are left."""
    files = closed_files(folder)
    sizes = {file.number: file.path.stat().st_size for file in files}
    while files and sum(sizes[file.number] for file in files) > most_bytes:
        oldest = files.pop(0)
        log.info("%s is removed: the folder may hold %d bytes", oldest.path, most_bytes)
        oldest.path.unlink()
    return files


def fsync_folder(folder: Path) -> None:
    """Bring the names in ``folder`` to the disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _moment(text: str) -> datetime:
    return datetime.strptime(text, _MOMENT).replace(tzinfo=UTC)
