"""Yahoo's protocol as the local market speaks it: as strict as the real one, as odd too."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from tests.market.conftest import PAGE, QUERY

SERIES = f"{QUERY}/ws/fundamentals-timeseries/v1/finance/timeseries/"
SCREENER = f"{QUERY}/v1/finance/screener"


@pytest.fixture
def session(calm_market, signed_in):
    return signed_in(calm_market)


def _refused(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["finance"]["error"]["description"]


def _screen(session, node: dict, **body) -> dict:
    client, crumb = session
    answer = client.post(f"{SCREENER}?crumb={crumb}", json={"query": node, "quoteType": "EQUITY"} | body)
    assert answer.status_code == 200, answer.text
    return answer.json()["finance"]["result"][0]


def _node(operator: str, *operands) -> dict:
    return {"operator": operator, "operands": list(operands)}


GB = _node("EQ", "region", "gb")


def test_without_a_cookie_there_is_no_crumb(calm_market, client_of) -> None:
    assert _refused(client_of(calm_market).get(f"{QUERY}/v1/test/getcrumb")) == (401, "Invalid Cookie")


@pytest.mark.parametrize("cookie", ["d=abc&S=def", "d=&S=", "garbage", ""])
def test_a_forged_cookie_is_no_cookie(calm_market, client_of, cookie: str) -> None:
    client = client_of(calm_market)
    answer = client.get(f"{QUERY}/v1/test/getcrumb", headers={"Cookie": f"A3={cookie}"})
    assert _refused(answer) == (401, "Invalid Cookie")


def test_the_cookie_of_another_world_is_refused_and_that_of_the_same_is_good(running, signed_in, client_of) -> None:
    client, crumb = signed_in(running(seed=5))
    cookie = {"Cookie": f"A3={client.cookies['A3']}"}
    same, other = client_of(running(seed=5)), client_of(running(seed=6))
    assert same.get(f"{QUERY}/v1/test/getcrumb", headers=cookie).text == crumb
    assert _refused(other.get(f"{QUERY}/v1/test/getcrumb", headers=cookie)) == (401, "Invalid Cookie")


@pytest.mark.parametrize("path", ["/v7/finance/quote?symbols=A", "/v10/finance/quoteSummary/A?modules=price"])
def test_quotes_and_summaries_need_a_right_crumb(session, path: str) -> None:
    client, _ = session
    assert _refused(client.get(QUERY + path)) == (401, "Invalid Crumb")
    assert _refused(client.get(f"{QUERY}{path}&crumb=wrong")) == (401, "Invalid Crumb")


def test_statements_need_no_crumb_but_mind_a_wrong_one(session) -> None:
    client, crumb = session
    assert client.get(f"{SERIES}A?type=annualEBIT").status_code == 200
    assert client.get(f"{SERIES}A?type=annualEBIT&crumb={crumb}").status_code == 200
    wrong = client.get(f"{SERIES}A?type=annualEBIT&crumb=Edge%3A+Too+Many+Requests")
    assert _refused(wrong) == (401, "Invalid Crumb")


def test_every_asked_type_comes_back_of_unknown_symbols_too(session) -> None:
    client, _ = session
    types = ["annualTotalRevenue", "quarterlyTotalAssets", "trailingNetIncome", "annualNonsense"]
    result = client.get(f"{SERIES}NOPE", params={"type": ",".join(types)}).json()["timeseries"]["result"]
    assert sorted(entry["meta"]["type"][0] for entry in result) == sorted(types)
    assert all(set(entry) == {"meta"} for entry in result)


def test_a_list_of_symbols_in_the_path_is_not_found(session) -> None:
    client, _ = session
    answer = client.get(f"{SERIES}QQQ,AAPL?type=annualEBIT")
    assert answer.status_code == 404


def test_statements_are_cut_to_the_asked_span(session) -> None:
    client, _ = session
    symbol = _screen(session, GB, size=1)["quotes"][0]["symbol"]
    ask = {"type": "annualTotalRevenue", "period1": 0, "period2": 2**33}
    whole = client.get(SERIES + symbol, params=ask).json()["timeseries"]["result"][0]
    times = whole["timestamp"]
    cut = client.get(SERIES + symbol, params=ask | {"period1": times[1], "period2": times[-2]}).json()
    assert cut["timeseries"]["result"][0]["timestamp"] == times[1:-1]


def test_unknown_symbols_are_absent_from_quotes(session) -> None:
    client, crumb = session
    answer = client.get(f"{QUERY}/v7/finance/quote", params={"symbols": "NOPE,JPY=X,XXXYYY=X", "crumb": crumb})
    assert [quote["symbol"] for quote in answer.json()["quoteResponse"]["result"]] == ["JPY=X"]


def test_size_wins_over_count_and_pages_go_by_offset(session) -> None:
    first, second = (_screen(session, GB, count=25, size=15, offset=start) for start in (0, 15))
    assert (first["count"], first["total"], second["start"]) == (15, 40, 15)
    caps = [quote.get("marketCap", -1) for quote in first["quotes"] + second["quotes"]]
    assert caps == sorted(caps, reverse=True)
    assert len({quote["symbol"] for quote in first["quotes"] + second["quotes"]}) == 30


def test_a_page_has_at_most_250_rows(session) -> None:
    client, crumb = session
    answer = client.post(f"{SCREENER}?crumb={crumb}", json={"query": GB, "size": 251})
    assert answer.status_code == 400


@pytest.mark.parametrize(
    ("operator", "bounds", "holds"),
    [
        ("GT", [1], lambda cap, at: cap > at),
        ("GTE", [1], lambda cap, at: cap >= at),
        ("LT", [1], lambda cap, at: cap < at),
        ("lte", [1], lambda cap, at: cap <= at),
        ("EQ", [1], lambda cap, at: cap == at),
        ("BTWN", [1, 1], lambda cap, at: cap == at),
    ],
)
def test_bounds_are_what_they_say(session, operator: str, bounds: list[int], holds) -> None:
    everyone = [q for q in _screen(session, GB, size=250)["quotes"] if "marketCap" in q]
    at = everyone[len(everyone) // 2]["marketCap"]
    found = _screen(session, _node("AND", GB, _node(operator, "intradaymarketcap", *[at for _ in bounds])), size=250)
    assert {q["symbol"] for q in found["quotes"]} == {q["symbol"] for q in everyone if holds(q["marketCap"], at)}


def test_alternatives_are_joined(session) -> None:
    either = _node("OR", GB, _node("EQ", "region", "jp"), _node("EQ", "region", "nowhere"))
    assert _screen(session, either)["total"] == 80


@pytest.mark.parametrize(
    "node",
    [
        _node("EQ", "nonsense", 1),
        _node("NEAR", "intradaymarketcap", 1),
        _node("BTWN", "intradaymarketcap", 1),
        _node("AND", "region"),
        _node("EQ"),
    ],
)
def test_queries_that_mean_nothing_are_bad_requests(session, node: dict) -> None:
    client, crumb = session
    answer = client.post(f"{SCREENER}?crumb={crumb}", json={"query": node})
    assert (answer.status_code, answer.json()["finance"]["error"]["code"]) == (400, "Bad Request")


def test_the_consent_walk_goes_the_real_way(calm_market, client_of) -> None:
    client = client_of(calm_market)
    away = client.get(PAGE)
    assert away.status_code == 307
    assert away.headers["location"].startswith("https://guce.yahoo.com/consent?brandType=nonEu&gcrumb=")
    collect = client.get(away.headers["location"])
    assert collect.headers["location"].startswith("https://consent.yahoo.com/v2/collectConsent?sessionId=")
    form = client.get(collect.headers["location"])
    session_id = parse_qs(urlsplit(collect.headers["location"]).query)["sessionId"][0]
    assert 'class="consent-form"' in form.text
    sent = {"csrfToken": session_id[-7:], "sessionId": session_id, "reject": "reject"}
    copy = client.post(collect.headers["location"], data=sent)
    assert copy.headers["location"].startswith("https://guce.yahoo.com/copyConsent?sessionId=")
    back = client.get(copy.headers["location"])
    assert back.headers["location"] == f"{PAGE}&guccounter=1"
    assert {"GUC", "A3", "A1S", "EuConsent", "A1"} <= set(client.cookies)
    assert client.get(back.headers["location"]).status_code == 200


@pytest.mark.parametrize(
    "done",
    ["https://evil.example/?x=yahoo.com", "https://evilyahoo.com/", "http://finance.yahoo.com/", "//evil.example"],
)
def test_consent_leads_nowhere_but_to_yahoo(calm_market, client_of, done: str) -> None:
    client = client_of(calm_market)
    answer = client.get("https://guce.yahoo.com/copyConsent", params={"done": done})
    assert answer.headers["location"] == "https://finance.yahoo.com/?guccounter=1"


def test_what_is_asked_for_adds_no_header_to_the_answer(calm_market, client_of) -> None:
    done = "https://finance.yahoo.com/\r\nSet-Cookie: stolen=1\r\n\r\n<script>\u20ac"
    answer = client_of(calm_market).get("https://guce.yahoo.com/copyConsent", params={"done": done})
    assert answer.headers["location"].startswith("https://finance.yahoo.com/%0D%0ASet-Cookie:%20stolen=1%0D%0A")
    assert "stolen" not in dict(answer.cookies)


def test_the_consent_page_holds_what_it_was_asked_with_as_text(calm_market, client_of) -> None:
    asked = {"sessionId": 'x"><b id=', "done": 'https://finance.yahoo.com/"><script>'}
    page = client_of(calm_market).get("https://consent.yahoo.com/v2/collectConsent", params=asked)
    assert (page.status_code, "<b id" in page.text, "<script>" in page.text) == (200, False, False)


def test_consent_without_the_forms_token_is_refused(calm_market, client_of) -> None:
    answer = client_of(calm_market).post(
        "https://consent.yahoo.com/v2/collectConsent?sessionId=3_cc-session_a", data={"agree": "agree"}
    )
    assert answer.status_code == 400
