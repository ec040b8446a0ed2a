"""The form of `regional_scrape` as the command line fills it in: checked here, before Airflow is asked."""

from __future__ import annotations

from typing import Any

from include.contracts.market_cap import band
from include.errors import ConfigurationError
from include.scrapers.regions import region


def form(regions: str | None, market_cap_min: str | None, market_cap_max: str | None) -> dict[str, Any]:
    """The values that were given; the others stay at the form's defaults. Raises ConfigurationError."""
    values: dict[str, Any] = {}
    if regions is not None:
        codes = [region(code).code for code in regions.split(",") if code.strip()]
        if not codes:
            raise ConfigurationError("--regions names no region. It expects codes such as us,gb,jp")
        values["regions"] = list(dict.fromkeys(codes))
    try:
        band(market_cap_min, market_cap_max)
    except ValueError as error:
        raise ConfigurationError(f"--market-cap-min and --market-cap-max: {error}") from None
    given = {"market_cap_min": market_cap_min, "market_cap_max": market_cap_max}
    return values | {name: value for name, value in given.items() if value is not None}
