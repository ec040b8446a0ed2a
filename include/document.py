"""The pages of documentation that are made from settings and contracts."""

from __future__ import annotations

from pydantic_core import PydanticUndefined

from include import settings
from include.contracts.topics import TOPICS, Topic
from include.settings import Settings

_DAY_MS = 24 * 3600 * 1000
_SHOWN = (
    settings.Home,
    settings.DatabaseSettings,
    settings.KafkaSettings,
    settings.AirflowSettings,
    settings.ScrapeSettings,
    settings.RunSettings,
    settings.HistorySettings,
    settings.WorkerSettings,
    settings.PolygonSettings,
    settings.BrapiSettings,
    settings.AlphaVantageSettings,
    settings.AlpacaSettings,
    settings.MongoSettings,
    settings.RetentionSettings,
    settings.MovementSettings,
    settings.SqliteSettings,
    settings.CsvSettings,
)


def pages() -> dict[str, str]:
    """The configuration table and the topic table."""
    return {"configuration.md": _configuration(), "topics.md": _topics()}


def _configuration() -> str:
    lines = [
        "# Configuration",
        "",
        "Made from `include/settings/`. From the environment or `.env`; the environment wins.",
        "",
    ]
    for group in _SHOWN:
        lines += [
            f"## {(group.__doc__ or '').strip().splitlines()[0]}",
            "",
            "| variable | expects | default |",
            "|---|---|---|",
        ]
        lines += [*_rows(group), ""]
    return "\n".join(lines)


def _rows(group: type[Settings]) -> list[str]:
    rows = []
    for name, field in group.model_fields.items():
        inherited = any(name in base.model_fields for base in group.__bases__ if issubclass(base, Settings))
        if field.exclude or inherited:
            continue
        variable = field.alias or name.upper()
        rows.append(f"| `{variable}` | {field.description or ''} | {_default(field.default)} |")
    return rows


def _default(value: object) -> str:
    if value is PydanticUndefined:
        return "required"
    if value is None:
        return "-"
    if isinstance(value, tuple):
        return f"`{','.join(map(str, value))}`"
    text = str(value).replace(str(settings.PROJECT) + "/", "")
    return f"`{text}`"


def _topics() -> str:
    head = [
        "# Topics",
        "",
        "Made from `include/contracts/topics.py`. Auto-creation is off: `stocks topics` creates and checks them.",
        "",
        "| topic | partitions | kept | at most, per partition | largest message |",
        "|---|---|---|---|---|",
    ]
    return "\n".join(head + [_topic(t) for t in TOPICS]) + "\n"


def _topic(topic: Topic) -> str:
    kept = "by size alone" if topic.retention_ms < 0 else f"{topic.retention_ms // _DAY_MS} days"
    size = f"{topic.retention_bytes // 2**30} GiB"
    return f"| `{topic.name}` | {topic.partitions} | {kept} | {size} | {topic.max_message_bytes // 1024} KiB |"
