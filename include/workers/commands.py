"""`stocks worker` and `stocks topics`."""

from __future__ import annotations

import typer


def register(app: typer.Typer) -> None:
    """Add this station's commands to ``stocks``."""
