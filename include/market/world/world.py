"""The generated market as a whole: every company, at one moment, from one seed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from include.market.world import company as companies
from include.market.world.company import Company
from include.market.world.regions import REGIONS, WorldRegion
from include.market.world.statements import Books, books

_KEPT_BOOKS = 600  # some 100 KB each; a stock is usually asked for only once


def closed_before(day: date | None) -> datetime:
    """The moment that a world stands still at: the end of ``day``, or now."""
    if day is None:
        return datetime.now(UTC).replace(second=0, microsecond=0)
    return datetime.combine(day, time.max, UTC).replace(microsecond=0)


class World:
    """All companies of all regions, made when first asked for; the same seed makes the same ones."""

    def __init__(self, seed: int, stocks_per_region: int, moment: datetime) -> None:
        self.seed = seed
        self.moment = moment
        self._count = stocks_per_region
        self._regions: dict[str, dict[str, Company]] = {}
        self._books = lru_cache(_KEPT_BOOKS)(self._make_books)

    @property
    def today(self) -> date:
        """The day of the moment, in UTC."""
        return self.moment.date()

    def region(self, code: str) -> dict[str, Company]:
        """The companies of a region by symbol; none for an unknown region."""
        if code not in REGIONS:
            return {}
        if code not in self._regions:
            made = companies.generate(REGIONS[code], self._count, self.seed)
            self._regions[code] = {company.symbol: company for company in made}
        return self._regions[code]

    def adopt(self, company: Company) -> None:
        """List ``company`` too, in place of one that happens to have its symbol."""
        self.region(company.region.code)[company.symbol] = company

    def everywhere(self) -> Iterator[Company]:
        """Every company there is: slow when first asked for."""
        for code in REGIONS:
            yield from self.region(code).values()

    def company(self, symbol: str) -> Company | None:
        """The company of that symbol, if there is one."""
        for region in companies.region_of(symbol):
            found = self.region(region.code).get(symbol)
            if found is not None:
                return found
        return None

    def books(self, company: Company) -> Books:
        """The statements of a company."""
        return self._books(company.symbol)

    def _make_books(self, symbol: str) -> Books:
        company = self.company(symbol)
        if company is None:
            raise KeyError(symbol)
        return books(company, self.seed, self.today)

    def last_close(self, region: WorldRegion) -> datetime:
        """When the region's last session closed, weekends minded, holidays not."""
        zone = ZoneInfo(region.timezone)
        day = self.moment.astimezone(zone).date()
        weekend = (4, 5) if region.friday_saturday else (5, 6)
        while True:
            close = datetime.combine(day, region.closes, zone)
            if day.weekday() not in weekend and close <= self.moment:
                return close
            day -= timedelta(days=1)
