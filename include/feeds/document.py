"""The list of feeds, made from the catalogue."""

from __future__ import annotations

from include.feeds.catalog import CATALOG, FeedRow


def pages() -> dict[str, str]:
    """The page about the feeds."""
    head = [
        "# Feeds",
        "",
        "Made from `include/feeds/catalog.py`. What a free plan allows is the default; `…_QUOTA` replaces it, as the",
        "variable beside a watchlist replaces that.",
        "",
        "| feed | topic | key | at most | trades as | watches |",
        "|---|---|---|---|---|---|",
    ]
    return {"feeds.md": "\n".join(head + [_row(row) for row in CATALOG]) + "\n"}


def _row(row: FeedRow) -> str:
    variables = ", ".join(f"`{name}`" for name in row.variables)
    watched = f"{len(row.watchlist)} symbols (`{row.symbols_variable}`)"
    return (
        f"| `stocks feed {row.name}` | `{row.topic.name}` | {variables} | {row.quota} | {row.calendar or 'always'} "
        f"| {watched} |"
    )
