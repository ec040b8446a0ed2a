"""Writes docs/generated/ from the code, or with --check tells what there is out of date.

    python docs/generate.py [--check]

What is written twice is generated: every station with something to document has a ``document.py``
whose ``pages()`` maps a file name below docs/generated/ to its text.
"""

from __future__ import annotations

import argparse
import sys
from importlib import import_module
from pathlib import Path

GENERATED = Path(__file__).resolve().parent / "generated"
STATIONS = (
    "include.document",
    "include.transport.document",
    "include.ratios.document",
    "include.feeds.document",
    "include.orchestration.document",
)


def pages() -> dict[str, str]:
    """Every generated page: file name below docs/generated/ -> text."""
    found: dict[str, str] = {}
    for station in STATIONS:
        found |= import_module(station).pages()
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if a page is out of date")
    check = parser.parse_args().check
    expected = pages()
    present = {str(p.relative_to(GENERATED)): p.read_text("utf-8") for p in GENERATED.rglob("*") if p.is_file()}
    stale = sorted(name for name in expected.keys() | present.keys() if expected.get(name) != present.get(name))
    if check:
        for name in stale:
            print(f"docs/generated/{name} is out of date: run `make docs` and commit the result", file=sys.stderr)
        return 1 if stale else 0
    for name in stale:
        path = GENERATED / name
        if name in expected:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(expected[name], "utf-8")
        else:
            path.unlink()
        print(f"docs/generated/{name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
