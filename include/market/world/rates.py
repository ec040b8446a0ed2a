"""Exchange rates of the generated market: units of a currency for one US dollar, fixed."""

from __future__ import annotations

PER_DOLLAR = {
    "AED": 3.6725, "ARS": 1452.25, "AUD": 1.5468, "BGN": 1.6912, "BRL": 5.3421, "CAD": 1.4012, "CHF": 0.8045,
    "CLP": 938.4, "CNY": 7.1145, "COP": 3761.5, "CZK": 20.941, "DKK": 6.4552, "EGP": 47.62, "EUR": 0.86470,
    "GBP": 0.76120, "HKD": 7.7832, "HUF": 331.85, "IDR": 16712.0, "ILS": 3.2541, "INR": 88.642, "ISK": 126.31,
    "JPY": 154.873, "KES": 129.2, "KRW": 1462.7, "KWD": 0.30672, "LKR": 304.6, "MXN": 18.4123, "MYR": 4.1387,
    "NGN": 1445.0, "NOK": 10.1342, "NZD": 1.7654, "PEN": 3.3712, "PHP": 58.913, "PKR": 280.85, "PLN": 3.6578,
    "QAR": 3.6412, "RON": 4.3971, "RUB": 80.912, "SAR": 3.7503, "SEK": 9.4521, "SGD": 1.3021, "THB": 32.451,
    "TRY": 42.2315, "TWD": 31.082, "UAH": 42.1, "USD": 1.0, "VES": 231.04, "VND": 26331.0, "ZAR": 17.1542,
}  # fmt: skip


def rate(base: str, quoted: str) -> float | None:
    """What one unit of ``base`` costs in ``quoted``; None for an unknown currency."""
    if base not in PER_DOLLAR or quoted not in PER_DOLLAR:
        return None
    return PER_DOLLAR[quoted] / PER_DOLLAR[base]


def pair_of(symbol: str) -> tuple[str, str] | None:
    """``EURUSD=X`` -> (EUR, USD); ``JPY=X`` is yen per dollar: (USD, JPY); None for what is no known pair."""
    code, marked, rest = symbol.partition("=X")
    if not marked or rest or len(code) not in (3, 6):
        return None
    base, quoted = ("USD", code) if len(code) == 3 else (code[:3], code[3:])
    return (base, quoted) if rate(base, quoted) is not None else None
