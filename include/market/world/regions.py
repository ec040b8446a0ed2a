"""The regions of the generated market: exchanges, suffixes, currencies and hours as Yahoo shows them.

Written down here a second time on purpose: the market stands for the outside world and must not
inherit what the scrapers believe. A test holds the two against each other.
"""

from __future__ import annotations

from datetime import time
from typing import Literal

import msgspec

Style = Literal["letters", "3letters", "4digits", "5digits", "6digits", "br"]


class Exchange(msgspec.Struct, frozen=True):
    """One exchange: Yahoo's ``code`` and ``name``, the suffix of its symbols, its share of listings."""

    code: str
    name: str
    suffix: str
    weight: int = 1


class WorldRegion(msgspec.Struct, frozen=True):
    """One region. ``currency`` is the prices' own, ``GBp`` for pence; ``major`` its major unit.

    ``friday_saturday`` is the weekend where it is not Saturday and Sunday.
    """

    code: str
    name: str
    currency: str
    timezone: str
    opens: time
    closes: time
    style: Style
    exchanges: tuple[Exchange, ...]
    friday_saturday: bool = False

    @property
    def major(self) -> str:
        """The currency that market caps and statements are in."""
        return MAJOR_UNITS.get(self.currency, (self.currency, 1))[0]

    @property
    def minor_per_major(self) -> int:
        """How many units of price make one of the major unit: 100 for pence."""
        return MAJOR_UNITS.get(self.currency, (self.currency, 1))[1]


MAJOR_UNITS = {"GBp": ("GBP", 100), "ZAc": ("ZAR", 100), "ILA": ("ILS", 100), "KWF": ("KWD", 1000)}


def _row(code: str, name: str, currency: str, zone: str, hours: str, style: Style, *exchanges: str) -> WorldRegion:
    """``hours`` is ``HH:MM-HH:MM``, with a ``*`` where Friday is off; an exchange ``code|name|suffix|weight``."""
    opens, closes = (time.fromisoformat(t) for t in hours.rstrip("*").split("-"))
    parsed = []
    for text in exchanges:
        exchange, title, suffix, *weight = text.split("|")
        parsed.append(Exchange(exchange, title, suffix, int(weight[0]) if weight else 1))
    return WorldRegion(code, name, currency, zone, opens, closes, style, tuple(parsed), hours.endswith("*"))


_EU = "09:00-17:30"

_ROWS = (
    _row("ae", "United Arab Emirates", "AED", "Asia/Dubai", "10:00-15:00", "letters", "DFM|Dubai|.AE"),
    _row("ar", "Argentina", "ARS", "America/Argentina/Buenos_Aires", "11:00-17:00", "letters", "BUE|Buenos Aires|.BA"),
    _row("at", "Austria", "EUR", "Europe/Vienna", _EU, "3letters", "VIE|Vienna|.VI"),
    _row("au", "Australia", "AUD", "Australia/Sydney", "10:00-16:00", "3letters", "ASX|ASX|.AX|9", "CXA|Cboe AU|.XA"),
    _row("be", "Belgium", "EUR", "Europe/Brussels", _EU, "letters", "BRU|Brussels|.BR"),
    _row("br", "Brazil", "BRL", "America/Sao_Paulo", "10:00-17:00", "br", "SAO|São Paulo|.SA"),
    _row(
        "ca",
        "Canada",
        "CAD",
        "America/Toronto",
        "09:30-16:00",
        "letters",
        "TOR|Toronto|.TO|5",
        "VAN|TSXV|.V|3",
        "CNQ|Canadian Sec|.CN",
        "NEO|Cboe CA|.NE",
    ),
    _row("ch", "Switzerland", "CHF", "Europe/Zurich", "09:00-17:20", "letters", "EBS|Swiss|.SW"),
    _row("cl", "Chile", "CLP", "America/Santiago", "09:30-16:00", "letters", "SGO|Santiago|.SN"),
    _row("cn", "China", "CNY", "Asia/Shanghai", "09:30-15:00", "6digits", "SHH|Shanghai|.SS", "SHZ|Shenzhen|.SZ"),
    _row("co", "Colombia", "COP", "America/Bogota", "09:30-16:00", "letters", "BVC|Bogota|.CL"),
    _row("cz", "Czechia", "CZK", "Europe/Prague", "09:00-16:20", "letters", "PRA|Prague|.PR"),
    _row(
        "de",
        "Germany",
        "EUR",
        "Europe/Berlin",
        _EU,
        "3letters",
        "GER|XETRA|.DE|6",
        "FRA|Frankfurt|.F|2",
        "STU|Stuttgart|.SG",
        "MUN|Munich|.MU",
        "DUS|Dusseldorf|.DU",
    ),
    _row("dk", "Denmark", "DKK", "Europe/Copenhagen", "09:00-17:00", "letters", "CPH|Copenhagen|.CO"),
    _row("ee", "Estonia", "EUR", "Europe/Tallinn", "10:00-16:00", "letters", "TAL|Tallinn|.TL"),
    _row("eg", "Egypt", "EGP", "Africa/Cairo", "10:00-14:30*", "letters", "CAI|Cairo|.CA"),
    _row("es", "Spain", "EUR", "Europe/Madrid", _EU, "letters", "MCE|MCE|.MC"),
    _row("fi", "Finland", "EUR", "Europe/Helsinki", "10:00-18:30", "letters", "HEL|Helsinki|.HE"),
    _row("fr", "France", "EUR", "Europe/Paris", _EU, "letters", "PAR|Paris|.PA"),
    _row("gb", "United Kingdom", "GBp", "Europe/London", "08:00-16:30", "letters", "LSE|LSE|.L|9", "IOB|IOB|.IL"),
    _row("gr", "Greece", "EUR", "Europe/Athens", "10:15-17:20", "letters", "ATH|Athens|.AT"),
    _row("hk", "Hong Kong SAR China", "HKD", "Asia/Hong_Kong", "09:30-16:00", "4digits", "HKG|HKSE|.HK"),
    _row("hu", "Hungary", "HUF", "Europe/Budapest", "09:00-17:00", "letters", "BUD|Budapest|.BD"),
    _row("id", "Indonesia", "IDR", "Asia/Jakarta", "09:00-15:50", "letters", "JKT|Jakarta|.JK"),
    _row("ie", "Ireland", "EUR", "Europe/Dublin", "08:00-16:30", "letters", "ISE|Irish|.IR"),
    _row("il", "Israel", "ILA", "Asia/Jerusalem", "10:00-17:15", "letters", "TLV|Tel Aviv|.TA"),
    _row("in", "India", "INR", "Asia/Kolkata", "09:15-15:30", "letters", "NSI|NSE|.NS", "BSE|Bombay|.BO"),
    _row("is", "Iceland", "ISK", "Atlantic/Reykjavik", "09:30-15:30", "letters", "ICE|Iceland|.IC"),
    _row("it", "Italy", "EUR", "Europe/Rome", _EU, "letters", "MIL|Milan|.MI"),
    _row("jp", "Japan", "JPY", "Asia/Tokyo", "09:00-15:30", "4digits", "JPX|Tokyo|.T"),
    _row("kr", "South Korea", "KRW", "Asia/Seoul", "09:00-15:30", "6digits", "KSC|KSE|.KS", "KOE|KOSDAQ|.KQ"),
    _row("kw", "Kuwait", "KWF", "Asia/Kuwait", "09:00-12:40*", "letters", "KUW|Kuwait|.KW"),
    _row("lk", "Sri Lanka", "LKR", "Asia/Colombo", "09:30-14:30", "letters", "CSE|Colombo|.CM"),
    _row("lt", "Lithuania", "EUR", "Europe/Vilnius", "10:00-16:00", "letters", "LIT|Vilnius|.VS"),
    _row("lv", "Latvia", "EUR", "Europe/Riga", "10:00-16:00", "letters", "RIS|Riga|.RG"),
    _row("mx", "Mexico", "MXN", "America/Mexico_City", "08:30-15:00", "letters", "MEX|Mexico|.MX"),
    _row("my", "Malaysia", "MYR", "Asia/Kuala_Lumpur", "09:00-17:00", "4digits", "KLS|Kuala Lumpur|.KL"),
    _row("nl", "Netherlands", "EUR", "Europe/Amsterdam", _EU, "letters", "AMS|Amsterdam|.AS"),
    _row("no", "Norway", "NOK", "Europe/Oslo", "09:00-16:20", "letters", "OSL|Oslo|.OL"),
    _row("nz", "New Zealand", "NZD", "Pacific/Auckland", "10:00-16:45", "3letters", "NZE|NZSE|.NZ"),
    _row("pe", "Peru", "PEN", "America/Lima", "09:00-16:00", "letters", "BVL|Lima|.LM"),
    _row("ph", "Philippines", "PHP", "Asia/Manila", "09:30-15:00", "letters", "PHS|Philippine|.PS"),
    _row("pk", "Pakistan", "PKR", "Asia/Karachi", "09:30-15:30", "letters", "KAR|Karachi|.KA"),
    _row("pl", "Poland", "PLN", "Europe/Warsaw", "09:00-17:00", "3letters", "WSE|Warsaw|.WA"),
    _row("pt", "Portugal", "EUR", "Europe/Lisbon", "08:00-16:30", "letters", "LIS|Lisbon|.LS"),
    _row("qa", "Qatar", "QAR", "Asia/Qatar", "09:30-13:00*", "letters", "DOH|Qatar|.QA"),
    _row("ro", "Romania", "RON", "Europe/Bucharest", "10:00-17:45", "letters", "BVB|Bucharest|.RO"),
    _row("ru", "Russia", "RUB", "Europe/Moscow", "10:00-18:50", "letters", "MCX|MOEX|.ME"),
    _row("sa", "Saudi Arabia", "SAR", "Asia/Riyadh", "10:00-15:00*", "4digits", "SAU|Saudi|.SR"),
    _row("se", "Sweden", "SEK", "Europe/Stockholm", "09:00-17:30", "letters", "STO|Stockholm|.ST"),
    _row("sg", "Singapore", "SGD", "Asia/Singapore", "09:00-17:00", "3letters", "SES|SES|.SI"),
    # Yahoo names no exchange of Suriname: code and suffix are ours.
    _row("sr", "Suriname", "USD", "America/Paramaribo", "09:00-12:00", "letters", "SSX|Paramaribo|.PM"),
    _row("th", "Thailand", "THB", "Asia/Bangkok", "10:00-16:30", "letters", "SET|Thailand|.BK"),
    _row("tr", "Turkey", "TRY", "Europe/Istanbul", "10:00-18:00", "letters", "IST|Istanbul|.IS"),
    _row("tw", "Taiwan", "TWD", "Asia/Taipei", "09:00-13:30", "4digits", "TAI|Taiwan|.TW", "TWO|Taipei Exchange|.TWO"),
    _row(
        "us",
        "United States",
        "USD",
        "America/New_York",
        "09:30-16:00",
        "letters",
        "NMS|NasdaqGS||6",
        "NYQ|NYSE||6",
        "NCM|NasdaqCM||3",
        "NGM|NasdaqGM||2",
        "ASE|NYSE American||1",
        "PNK|OTC Markets OTCPK||3",
    ),
    _row("ve", "Venezuela", "VES", "America/Caracas", "09:00-13:00", "letters", "CCS|Caracas|.CR"),
    _row("vn", "Vietnam", "VND", "Asia/Ho_Chi_Minh", "09:15-14:45", "3letters", "VSE|Vietnam|.VN"),
    _row("za", "South Africa", "ZAc", "Africa/Johannesburg", "09:00-17:00", "letters", "JNB|Johannesburg|.JO"),
)

REGIONS = {region.code: region for region in _ROWS}
