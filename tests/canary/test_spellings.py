"""The search itself: whatever form a secret is in, and wherever it begins, it is found and named."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from urllib.parse import quote, quote_plus, urlencode

import pytest

from canary.looking import Found, found_in

SECRET = "paid-Kan4rie/nest+Zq1Xy=7"
OTHER = "another-s3cret-value"
FORMS = {
    "as it is": SECRET,
    "in JSON": json.dumps({"key": SECRET}),
    "in PHP's JSON": SECRET.replace("/", "\\/"),
    "in an address": urlencode({"apikey": SECRET}),
    "in a path": quote(SECRET),
    "by another encoder": quote(SECRET, safe="").lower(),
    "as a form": quote_plus(SECRET),
    "its beginning": f"key {SECRET[:8]}... is refused",
    "its end": f"key ...{SECRET[-8:]} is refused",
    "in capitals": SECRET.upper(),
    "in small letters": SECRET.lower(),
    "in hexadecimal": f"\\x{('key ' + SECRET).encode().hex()}",
    "for a browser": SECRET.replace("/", "&#47;").replace("-", "&#45;").replace("+", "&#43;").replace("=", "&#61;"),
}
BASE64 = {
    f"after {before} bytes, then {after}": (b"x" * before) + SECRET.encode() + (b"y" * after)
    for before in range(4)
    for after in range(3)
}


@pytest.mark.parametrize("text", FORMS.values(), ids=FORMS)
def test_a_secret_is_found_however_it_is_written(text: str, tmp_path: Path) -> None:
    file = tmp_path / "deep" / "file.log"
    file.parent.mkdir()
    file.write_bytes(b"\0\xff before " + text.encode() + b" after\n")
    assert found_in([tmp_path], {"KEY": SECRET, "OTHER": OTHER}) == {Found("KEY", file)}


@pytest.mark.parametrize("data", BASE64.values(), ids=BASE64)
@pytest.mark.parametrize("encode", [base64.b64encode, base64.urlsafe_b64encode])
def test_a_secret_is_found_within_base64(data: bytes, encode: object, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(encode(data))  # type: ignore[operator]
    assert found_in([tmp_path], {"KEY": SECRET}) == {Found("KEY", file)}


def test_nothing_is_found_where_nothing_is(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(bytes(range(256)) * 99)
    assert found_in([tmp_path], {"KEY": SECRET}) == set()
