"""The regions that Yahoo's screener lists. A new region is a row.

``exchanges`` maps the codes by which Yahoo names a region's exchanges to their ISO 10383 market
identifiers, where known; ``calendar`` is the identifier of the main exchange under which
exchange-calendars knows its sessions, None where it knows none; ``timezone`` is that exchange's.
"""

from __future__ import annotations

import msgspec

from include.errors import ConfigurationError


class Region(msgspec.Struct, frozen=True):
    """One region: ISO 3166 ``code`` in lower case, ``name`` as the screener page spells it."""

    code: str
    name: str
    timezone: str
    calendar: str | None
    exchanges: dict[str, str]


_ROWS = (
    Region("ae", "United Arab Emirates", "Asia/Dubai", None, {"DFM": "XDFM"}),
    Region("ar", "Argentina", "America/Argentina/Buenos_Aires", "XBUE", {"BUE": "XBUE"}),
    Region("at", "Austria", "Europe/Vienna", "XWBO", {"VIE": "XWBO"}),
    Region("au", "Australia", "Australia/Sydney", "XASX", {"ASX": "XASX", "CXA": "CHIA"}),
    Region("be", "Belgium", "Europe/Brussels", "XBRU", {"BRU": "XBRU"}),
    Region("br", "Brazil", "America/Sao_Paulo", "BVMF", {"SAO": "BVMF"}),
    Region(
        "ca",
        "Canada",
        "America/Toronto",
        "XTSE",
        {"TOR": "XTSE", "VAN": "XTSX", "CNQ": "XCNQ", "NEO": "NEOE"},
    ),
    Region("ch", "Switzerland", "Europe/Zurich", "XSWX", {"EBS": "XSWX"}),
    Region("cl", "Chile", "America/Santiago", "XSGO", {"SGO": "XSGO"}),
    Region("cn", "China", "Asia/Shanghai", "XSHG", {"SHH": "XSHG", "SHZ": "XSHE"}),
    Region("co", "Colombia", "America/Bogota", "XBOG", {"BVC": "XBOG"}),
    Region("cz", "Czechia", "Europe/Prague", "XPRA", {"PRA": "XPRA"}),
    Region(
        "de",
        "Germany",
        "Europe/Berlin",
        "XETR",
        {
            "GER": "XETR",
            "FRA": "XFRA",
            "BER": "XBER",
            "DUS": "XDUS",
            "EUX": "XEUR",
            "HAM": "XHAM",
            "HAN": "XHAN",
            "MUN": "XMUN",
            "STU": "XSTU",
        },
    ),
    Region("dk", "Denmark", "Europe/Copenhagen", "XCSE", {"CPH": "XCSE"}),
    Region("ee", "Estonia", "Europe/Tallinn", "XTAL", {"TAL": "XTAL"}),
    Region("eg", "Egypt", "Africa/Cairo", None, {"CAI": "XCAI"}),
    Region("es", "Spain", "Europe/Madrid", "XMAD", {"MCE": "XMAD", "MAD": "XMAD"}),
    Region("fi", "Finland", "Europe/Helsinki", "XHEL", {"HEL": "XHEL"}),
    Region("fr", "France", "Europe/Paris", "XPAR", {"PAR": "XPAR", "ENX": "XPAR"}),
    Region(
        "gb",
        "United Kingdom",
        "Europe/London",
        "XLON",
        {"LSE": "XLON", "IOB": "XLON", "AQS": "NEXX", "CXE": "BCXE"},
    ),
    Region("gr", "Greece", "Europe/Athens", "ASEX", {"ATH": "ASEX"}),
    Region("hk", "Hong Kong SAR China", "Asia/Hong_Kong", "XHKG", {"HKG": "XHKG"}),
    Region("hu", "Hungary", "Europe/Budapest", "XBUD", {"BUD": "XBUD"}),
    Region("id", "Indonesia", "Asia/Jakarta", "XIDX", {"JKT": "XIDX"}),
    Region("ie", "Ireland", "Europe/Dublin", "XDUB", {"ISE": "XDUB"}),
    Region("il", "Israel", "Asia/Jerusalem", "XTAE", {"TLV": "XTAE"}),
    Region("in", "India", "Asia/Kolkata", "XBOM", {"NSI": "XNSE", "BSE": "XBOM"}),
    Region("is", "Iceland", "Atlantic/Reykjavik", "XICE", {"ICE": "XICE"}),
    Region("it", "Italy", "Europe/Rome", "XMIL", {"MIL": "XMIL", "TLO": "ETLX"}),
    Region(
        "jp",
        "Japan",
        "Asia/Tokyo",
        "XTKS",
        {"JPX": "XTKS", "OSA": "XOSE", "FKA": "XFKA", "SAP": "XSAP"},
    ),
    Region("kr", "South Korea", "Asia/Seoul", "XKRX", {"KSC": "XKRX", "KOE": "XKOS"}),
    Region("kw", "Kuwait", "Asia/Kuwait", None, {"KUW": "XKUW"}),
    Region("lk", "Sri Lanka", "Asia/Colombo", None, {"CSE": "XCOL"}),
    Region("lt", "Lithuania", "Europe/Vilnius", "XLIT", {"LIT": "XLIT"}),
    Region("lv", "Latvia", "Europe/Riga", "XRIS", {"RIS": "XRIS"}),
    Region("mx", "Mexico", "America/Mexico_City", "XMEX", {"MEX": "XMEX"}),
    Region("my", "Malaysia", "Asia/Kuala_Lumpur", "XKLS", {"KLS": "XKLS"}),
    Region("nl", "Netherlands", "Europe/Amsterdam", "XAMS", {"AMS": "XAMS", "DXE": "CEUX"}),
    Region("no", "Norway", "Europe/Oslo", "XOSL", {"OSL": "XOSL"}),
    Region("nz", "New Zealand", "Pacific/Auckland", "XNZE", {"NZE": "XNZE"}),
    Region("pe", "Peru", "America/Lima", "XLIM", {}),
    Region("ph", "Philippines", "Asia/Manila", "XPHS", {"PHS": "XPHS", "PHP": "XPHS"}),
    Region("pk", "Pakistan", "Asia/Karachi", "XKAR", {"KAR": "XKAR"}),
    Region("pl", "Poland", "Europe/Warsaw", "XWAR", {"WSE": "XWAR"}),
    Region("pt", "Portugal", "Europe/Lisbon", "XLIS", {"LIS": "XLIS"}),
    Region("qa", "Qatar", "Asia/Qatar", None, {"DOH": "DSMD"}),
    Region("ro", "Romania", "Europe/Bucharest", "XBSE", {"BVB": "XBSE"}),
    Region("ru", "Russia", "Europe/Moscow", "XMOS", {"MCX": "MISX"}),
    Region("sa", "Saudi Arabia", "Asia/Riyadh", "XSAU", {"SAU": "XSAU"}),
    Region("se", "Sweden", "Europe/Stockholm", "XSTO", {"STO": "XSTO"}),
    Region("sg", "Singapore", "Asia/Singapore", "XSES", {"SES": "XSES"}),
    Region("sr", "Suriname", "America/Paramaribo", None, {}),
    Region("th", "Thailand", "Asia/Bangkok", "XBKK", {"SET": "XBKK"}),
    Region("tr", "Turkey", "Europe/Istanbul", "XIST", {"IST": "XIST"}),
    Region("tw", "Taiwan", "Asia/Taipei", "XTAI", {"TAI": "XTAI", "TWO": "ROCO"}),
    Region(
        "us",
        "United States",
        "America/New_York",
        "XNYS",
        {
            "NYQ": "XNYS",
            "NMS": "XNAS",
            "NGM": "XNAS",
            "NCM": "XNAS",
            "ASE": "XASE",
            "PCX": "ARCX",
            "BTS": "BATS",
            "OEM": "OOTC",
            "OQB": "OOTC",
            "OQX": "OOTC",
            "PNK": "OOTC",
        },
    ),
    Region("ve", "Venezuela", "America/Caracas", None, {"CCS": "BVCA"}),
    Region("vn", "Vietnam", "Asia/Ho_Chi_Minh", None, {"VSE": "XSTC"}),
    Region("za", "South Africa", "Africa/Johannesburg", "XJSE", {"JNB": "XJSE"}),
)

REGIONS: dict[str, Region] = {region.code: region for region in _ROWS}


def region(code: str) -> Region:
    """The region of that code, in any case. Raises ConfigurationError for one that the screener does not list."""
    found = REGIONS.get(code.strip().lower())
    if found is None:
        raise ConfigurationError(f"{code!r} is no region of the screener; it lists {', '.join(REGIONS)}")
    return found


def mic(exchange: str | None) -> str | None:
    """The ISO 10383 identifier of the exchange that Yahoo names ``exchange`` (``NMS`` -> ``XNAS``), None if unknown."""
    return _MICS.get(exchange or "")


_MICS = {code: identifier for row in _ROWS for code, identifier in row.exchanges.items()}
