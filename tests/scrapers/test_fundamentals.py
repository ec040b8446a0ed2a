"""Expected values: the manifest beside the recorded answers, and answers written by hand from them."""

from __future__ import annotations

import json
import os
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from include.contracts.fundamentals import Statement
from include.errors import Transient
from include.scrapers.fundamentals import read
from include.scrapers.yahoo_failures import NotFound, StaleSession

NOW = datetime(2026, 11, 21, 8, tzinfo=UTC)


def _point(end: str, amount: float | None, currency: str = "USD", span: str = "12M") -> dict[str, Any]:
    value = {"reportedValue": {"raw": amount, "fmt": "-"}} if amount is not None else {}
    return {"dataId": 20100, "asOfDate": end, "periodType": span, "currencyCode": currency} | value


def _entry(kind: str, *points: dict[str, Any] | None) -> dict[str, Any]:
    entry: dict[str, Any] = {"meta": {"symbol": ["X"], "type": [kind]}}
    return entry | ({"timestamp": [1664496000], kind: list(points)} if points else {})


def _body(*entries: dict[str, Any]) -> bytes:
    return json.dumps({"timeseries": {"result": list(entries), "error": None}}).encode()


def _statements(*entries: dict[str, Any]) -> tuple[Statement, ...]:
    return read("X", _body(*entries), NOW).statements


def test_points_of_all_types_meet_in_one_statement_per_period() -> None:
    statements = _statements(
        _entry("annualTotalRevenue", _point("2023-09-30", 383.0), _point("2024-09-30", 391.0)),
        _entry("annualCapitalExpenditure", _point("2024-09-30", -9.0)),
        _entry("quarterlyTotalRevenue", _point("2024-09-30", 95.0, span="3M")),
        _entry("trailingTotalRevenue", _point("2024-12-31", 396.0, span="TTM")),
    )
    assert [(s.period_type, s.period_end, s.months) for s in statements] == [
        ("annual", date(2023, 9, 30), 12),
        ("annual", date(2024, 9, 30), 12),
        ("quarterly", date(2024, 9, 30), 3),
        ("trailing", date(2024, 12, 31), 12),
    ]
    assert statements[1].lines == {"TotalRevenue": 391.0, "CapitalExpenditure": -9.0}


def test_what_is_missing_stays_missing() -> None:
    statements = _statements(
        _entry("annualInventory"),
        _entry("annualTotalRevenue", None, _point("2024-09-30", None), _point("2023-09-30", 0.0)),
    )
    assert [(s.period_end, s.lines) for s in statements] == [(date(2023, 9, 30), {"TotalRevenue": 0.0})]


def test_each_line_keeps_the_currency_of_its_own_point() -> None:
    (statement,) = _statements(
        _entry("annualTotalRevenue", _point("2024-03-31", 941.0, "CNY")),
        _entry("annualTotalAssets", _point("2024-03-31", 1764.0, "CNY")),
        _entry("annualDilutedEPS", _point("2024-03-31", 0.53, "USD")),
    )
    assert statement.currency == "CNY"
    assert statement.currencies == {"DilutedEPS": "USD"}


def test_half_years_among_quarters_say_their_span() -> None:
    (statement,) = _statements(_entry("quarterlyTotalRevenue", _point("2024-06-30", 5.0, span="6M")))
    assert statement.months == 6


def test_a_mostly_empty_oldest_period_is_kept_as_it_is() -> None:
    statements = _statements(
        _entry("annualTotalRevenue", _point("2021-09-30", 1.0), _point("2022-09-30", 2.0)),
        _entry("annualTotalAssets", _point("2022-09-30", 3.0)),
    )
    assert [len(s.lines) for s in statements] == [1, 2]


def test_a_symbol_without_statements_is_an_answer() -> None:
    assert _statements(_entry("annualTotalRevenue"), _entry("quarterlyTotalRevenue")) == ()


@pytest.mark.parametrize(
    ("body", "failure"),
    [
        ({"timeseries": {"result": [], "error": None}}, Transient),
        ({"timeseries": {"result": None, "error": None}}, Transient),
        ({}, Transient),
        ({"timeseries": {"result": None, "error": {"code": "Not Found", "description": "No data"}}}, NotFound),
        (
            {"finance": {"result": None, "error": {"code": "Unauthorized", "description": "Invalid Crumb"}}},
            StaleSession,
        ),
        ({"finance": {"result": None, "error": {"code": "internal-error", "description": "later"}}}, Transient),
    ],
)
def test_a_refusal_in_a_200_is_a_failure(body: dict[str, Any], failure: type[Exception]) -> None:
    with pytest.raises(failure):
        read("X", json.dumps(body).encode(), NOW)


@pytest.mark.parametrize("body", [b"", b"Edge: Too Many Requests", _body(_entry("annualTotalRevenue"))[:-9], b"[]"])
def test_what_is_no_answer_is_not_read_as_one(body: bytes) -> None:
    with pytest.raises(msgspec.DecodeError):
        read("X", body, NOW)


def _recordings() -> Path:
    folder = os.environ.get("STOCKS_RECORDINGS")
    if not folder:
        pytest.skip("STOCKS_RECORDINGS names no folder of recorded answers")
    return Path(folder)


def test_recorded_answers_are_read_as_their_manifest_says() -> None:
    folder = _recordings()
    checked = 0
    for described in json.loads((folder / "manifest.json").read_text()):
        if not described["file"].startswith("yahoo/timeseries/"):
            continue
        recorded = json.loads((folder / described["file"]).read_text())["body"]
        statements = read(described["symbol"], json.dumps(recorded).encode(), NOW).statements
        by_period = {(s.period_type, s.period_end.isoformat()): s for s in statements}
        for kind, by_end in described.get("expect", {}).items():
            period_type = next(p for p in ("annual", "quarterly", "trailing") if kind.startswith(p))
            for end, (amount, currency) in by_end.items():
                statement = by_period[period_type, end]
                line = kind.removeprefix(period_type)
                assert statement.lines[line] == amount
                assert statement.currencies.get(line, statement.currency) == currency
                checked += 1
        if described.get("expect") == {}:
            assert statements == ()
    assert checked > 50


def test_the_flows_say_the_span_whatever_the_balance_sheet_says() -> None:
    (statement,) = _statements(
        _entry("quarterlyTotalRevenue", _point("2024-06-30", 5.0, span="6M")),
        *(_entry(f"quarterly{name}", _point("2024-06-30", 5.0, span="3M")) for name in ("TotalAssets", "Inventory")),
    )
    assert statement.months == 6


@pytest.mark.parametrize("spans", [("3M", "6M"), ("6M", "3M")])
def test_a_half_year_beside_the_quarter_of_its_end_is_not_taken_for_it(spans: tuple[str, str]) -> None:
    amounts = {"3M": 5.0, "6M": 11.0}
    points = [_point("2024-06-30", amounts[span], span=span) for span in spans]
    (statement,) = _statements(_entry("quarterlyTotalRevenue", *points))
    assert (statement.lines, statement.months, statement.spans) == ({"TotalRevenue": 5.0}, 3, {})


def test_a_line_over_another_span_than_the_statement_says_so() -> None:
    (statement,) = _statements(
        _entry("quarterlyTotalRevenue", _point("2024-06-30", 5.0, span="3M")),
        _entry("quarterlyNetIncome", _point("2024-06-30", 1.0, span="3M")),
        _entry("quarterlyOperatingCashFlow", _point("2024-06-30", 3.0, span="6M")),
    )
    assert (statement.months, statement.spans) == (3, {"OperatingCashFlow": 6})


def test_a_period_that_has_not_ended_is_left_out(caplog: pytest.LogCaptureFixture) -> None:
    statements = _statements(
        _entry("annualTotalRevenue", _point("2025-12-31", 5.0), _point("2027-12-31", 6.0)),
        _entry("quarterlyTotalRevenue", _point("2026-11-30", 1.0, span="3M")),  # the end of a month that has begun
    )
    assert [s.period_end for s in statements] == [date(2025, 12, 31), date(2026, 11, 30)]
    assert "2027-12-31" in caplog.text
