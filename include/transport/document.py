"""The JSON Schemas below docs/generated/schemas/, made from the message classes."""

from __future__ import annotations

import json

from include.transport.schemas import MESSAGES, schema


def pages() -> dict[str, str]:
    """One schema per topic that carries messages of ours."""
    return {f"schemas/{topic}.json": json.dumps(schema(topic), indent=2) + "\n" for topic in MESSAGES}
