"""What a bench says: one line per measurement, on the screen and in ``bench.json``."""

from __future__ import annotations

from pathlib import Path

import msgspec

FILE_NAME = "bench.json"


class Line(msgspec.Struct, frozen=True):
    """``value`` in ``unit``; beside ``baseline`` (same unit) where there is one, ``ratio`` times as good."""

    name: str
    value: float
    unit: str
    baseline: float | None = None
    ratio: float | None = None

    def __str__(self) -> str:
        beside = "" if self.baseline is None else f"  beside {self.baseline:,.4g}"
        times = "" if self.ratio is None else f"  = {self.ratio:,.3g} times"
        return f"{self.name}: {self.value:,.4g} {self.unit}{beside}{times}"


class Report:
    """The lines so far, written after each: a bench that breaks loses none of those before it."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / FILE_NAME
        self._lines: list[Line] = []
        folder.mkdir(parents=True, exist_ok=True)

    def add(self, line: Line) -> None:
        """Keep a line."""
        self._lines.append(line)
        draft = self._file.with_suffix(".part")
        draft.write_bytes(msgspec.json.format(msgspec.json.encode(self._lines), indent=2) + b"\n")
        draft.replace(self._file)
