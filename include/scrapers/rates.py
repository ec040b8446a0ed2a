"""Exchange rates by the quote endpoint, many currencies by one request, all against the US dollar."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from include.contracts.fundamentals import ExchangeRate
from include.contracts.quotes import Quote
from include.scrapers import quotes

if TYPE_CHECKING:
    from include.scrapers.yahoo import Yahoo

HUB = "USD"
# Asked for with every other: an answer without it is a refusal, and says nothing of the others.
_ANCHOR = "EUR"
# What companies of the known regions are priced in or report in: asked for together, since one
# request carries them all.
_USUAL = (
    "AED ARS AUD BGN BRL CAD CHF CLP CNY COP CZK DKK EGP EUR GBP HKD HUF IDR ILS INR ISK JPY KES KRW KWD LKR "
    "MXN MYR NGN NOK NZD PEN PHP PKR PLN QAR RON RUB SAR SEK SGD THB TRY TWD UAH VES VND ZAR"
)
BASKET = frozenset(_USUAL.split())


def fetch(yahoo: Yahoo, currencies: Collection[str]) -> list[ExchangeRate]:
    """What one unit of each currency costs in US dollars; a currency that Yahoo does not know is absent.

    Raises as ``quotes.fetch``: NoneKnown if not even the euro has a rate.
    """
    wanted = sorted(set(currencies) - {HUB})
    legs: dict[str, ExchangeRate] = {}
    for asked in _requests(wanted):
        names = [name for currency in asked for name in (f"{currency}{HUB}=X", f"{currency}=X")]
        legs |= {rate.currency: rate for rate in read(asked, quotes.fetch(yahoo, names, region=""))}
    return [legs[currency] for currency in wanted if currency in legs]


def _requests(wanted: list[str]) -> Iterator[list[str]]:
    """The currencies of each request; the anchor is in all of them."""
    others = [currency for currency in wanted if currency != _ANCHOR]
    most = quotes.PER_REQUEST // 2 - 1
    for start in range(0, max(len(others), min(len(wanted), 1)), most):
        yield [_ANCHOR, *others[start : start + most]]


def read(currencies: Iterable[str], found: Iterable[Quote]) -> list[ExchangeRate]:
    """The rates among ``found``.

    Yahoo quotes ``JPYUSD=X`` with four digits and ``JPY=X``, yen per dollar, with six: the greater
    number of the two is the more exact one.
    """
    by_symbol = {quote.symbol: quote for quote in found}
    rates = []
    for currency in currencies:
        direct, inverse = by_symbol.get(f"{currency}{HUB}=X"), by_symbol.get(f"{currency}=X")
        prices = [(_price(direct), True), (_price(inverse), False)]
        price, is_direct = max(prices)
        quote = direct if is_direct else inverse
        if price > 0 and quote is not None:
            rate_at = quote.price_at or quote.observed_at
            rates.append(ExchangeRate(currency, HUB, price if is_direct else 1 / price, rate_at))
    return rates


def between(currencies: Iterable[str], legs: Mapping[str, ExchangeRate]) -> dict[tuple[str, str], ExchangeRate]:
    """Every pair among ``currencies`` that ``legs`` (by currency, in US dollars) resolve; dated by the older leg."""
    known = {c: legs[c] for c in set(currencies) if c in legs}
    pairs = {(a, b): _cross(known[a], known[b]) for a in known for b in known if a != b}
    if HUB in currencies:
        pairs |= {(c, HUB): leg for c, leg in known.items()}
        pairs |= {(HUB, c): ExchangeRate(HUB, c, 1 / leg.rate, leg.rate_at) for c, leg in known.items()}
    return pairs


def _cross(leg: ExchangeRate, other: ExchangeRate) -> ExchangeRate:
    return ExchangeRate(leg.currency, other.currency, leg.rate / other.rate, min(leg.rate_at, other.rate_at))


def _price(quote: Quote | None) -> float:
    return (quote.price if quote is not None else None) or 0.0
