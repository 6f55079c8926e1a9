"""The rules of the wire: values in, values or an error out."""

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from email.utils import format_datetime
from urllib.parse import urlsplit
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bookings.waldur import errors, protocol

PATH = "/api/booking-offerings/"
HTML = b"<!doctype html><html><body><h1>Server Error (500)</h1></body></html>"
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)
BODIES = st.binary() | JSON.map(lambda data: json.dumps(data).encode()) | st.just(HTML)
HEADER = st.text(st.characters(max_codepoint=255), max_size=200)


def error_of(
    status: int, body: bytes = b"", path: str = PATH, method: str = "GET", **headers: str
) -> errors.WaldurError:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    with pytest.raises(errors.WaldurError) as caught:
        protocol.decode(status, sent, body, method=method, path=path)
    return caught.value


# --- addresses ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "root"),
    [
        ("https://waldur.test", "https://waldur.test/"),
        ("https://waldur.test/", "https://waldur.test/"),
        ("https://waldur.test/api", "https://waldur.test/"),
        ("https://waldur.test/api/", "https://waldur.test/"),
        ("https://waldur.test//api//", "https://waldur.test/"),
        ("https://waldur.test/api/api/", "https://waldur.test/"),
        ("  HTTPS://Waldur.Test/desk/api/ ", "https://waldur.test/desk/"),
        ("http://127.0.0.1:8000/api/", "http://127.0.0.1:8000/"),
        ("http://[::1]:8000", "http://[::1]:8000/"),
        ("https://waldur.test/rapi", "https://waldur.test/rapi/"),
        ("https://waldur.test/apis/", "https://waldur.test/apis/"),
    ],
)
def test_api_root_is_the_servers_root_with_a_slash(address: str, root: str) -> None:
    """An address with or without `/api/` names the same root."""
    assert root == protocol.api_root(address)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "waldur.test",
        "//waldur.test/",
        "ftp://waldur.test/",
        "file:///etc/passwd",
        "https://",
        "https:///api/",
        "https://me:secret@waldur.test/",
        "https://@waldur.test/",
        "https://waldur.test/?token=secret",
        "https://waldur.test/#secret",
        "https://waldur.test:99999/",
        "https://waldur.test:0/",
        "https://waldur.test:port/",
        "https://wal dur.test/",
        "https://waldur.test\\evil.test/",
        "https://waldur.test/a b/",
        "https://[::1/",
    ],
)
def test_api_root_refuses_what_is_no_plain_address(address: str) -> None:
    """An address that could carry a secret, or lead elsewhere, is refused without repeating it."""
    with pytest.raises(ValueError) as caught:  # noqa: PT011
        protocol.api_root(address)

    assert "secret" not in str(caught.value)


@given(
    st.sampled_from(["http://h", "https://Host.test:8443", "HTTP://[::1]", ""]),
    st.text(st.sampled_from("/api?#@:. x"), max_size=20) | st.text(max_size=20),
)
def test_api_root_is_idempotent(start: str, rest: str) -> None:
    """The root of a root is that root, and it is always a host's address ending in a slash."""
    try:
        root = protocol.api_root(start + rest)
    except ValueError:
        return

    assert root == protocol.api_root(root)
    assert root.endswith("/")
    assert not root.endswith("/api/")
    assert urlsplit(root).hostname


# --- uuids ----------------------------------------------------------------------------------


@given(st.uuids(), st.sampled_from(["{}", "urn:uuid:{}", "{{{}}}", " {} "]), st.booleans())
def test_one_uuid_has_one_spelling(uuid: UUID, shape: str, upper: bool) -> None:
    """Dashes, case, braces and the urn prefix do not make another uuid."""
    text = shape.format(uuid)

    assert uuid.hex == protocol.normal_uuid(text.upper() if upper else text)
    assert uuid.hex == protocol.normal_uuid(uuid.hex)


@given(st.none() | st.integers() | st.text() | st.lists(st.text()) | st.binary())
def test_normal_uuid_takes_anything(value: object) -> None:
    """Whatever is given, the answer is None or 32 lower-case hex digits."""
    uuid = protocol.normal_uuid(value)

    assert uuid is None or (len(uuid) == 32 and UUID(uuid).hex == uuid)


@pytest.mark.parametrize("text", ["", "abc", "g" * 32, "a" * 31, "a" * 33, "../" + "a" * 32])
def test_what_is_no_uuid_has_no_spelling(text: str) -> None:
    """A text that is not a uuid is None."""
    assert protocol.normal_uuid(text) is None


# --- decoding -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "body", "data"),
    [
        (200, b"[]", []),
        (200, b'{"a": null}', {"a": None}),
        (201, b"1", 1),
        (202, b'"OK"', "OK"),
        (204, b"", None),
        (200, b" \n", None),
        (299, b"true", True),
        (200, b"\xef\xbb\xbf[]", []),
    ],
)
def test_any_2xx_is_success(status: int, body: bytes, data: object) -> None:
    """Every 2xx gives its JSON; an empty body is None."""
    assert data == protocol.decode(status, {}, body, method="GET", path=PATH)


@pytest.mark.parametrize(
    "body",
    [
        HTML,
        b'{"uuid": "0a1b',
        b"[1, 2",
        b"NaN",
        b"[Infinity]",
        b"OK",
        b"\xff\xfe",
        b"[" * 100_000,
        b"{} {}",
    ],
)
def test_a_2xx_that_is_no_json_is_unreadable(body: bytes) -> None:
    """HTML, a cut-off body and endless nesting are an unreadable answer, nothing worse."""
    error = error_of(200, body)

    assert type(error) is errors.UnreadableAnswer
    assert error.status == 200


@pytest.mark.parametrize(
    ("status", "body", "kind", "words"),
    [
        (301, b"", errors.NotWaldur, "It answered with a redirect."),
        (302, HTML, errors.NotWaldur, "It answered with a redirect."),
        (400, b'["Google credentials do not exist."]', errors.Refused, None),
        (400, b'["The calendar cannot be updated."]', errors.CalendarBusy, None),
        (400, b'{"detail": "Nope."}', errors.Refused, "Nope."),
        (400, b'{"name": ["Too long.", "Odd."]}', errors.Refused, "name: Too long. Odd."),
        (400, b'{"non_field_errors": ["No."]}', errors.Refused, "No."),
        (400, b'"No."', errors.Refused, "No."),
        (400, b"", errors.Refused, ""),
        (400, HTML, errors.Refused, ""),
        (401, b'{"detail": "Invalid token."}', errors.SignedOut, "Invalid token."),
        (403, b'{"detail": "Not you."}', errors.Forbidden, "Not you."),
        (404, b'{"detail": "Invalid page."}', errors.Gone, "Invalid page."),
        (404, HTML, errors.Gone, ""),
        (405, b'{"detail": "No POST."}', errors.Refused, "No POST."),
        (406, b'{"detail": "Accept."}', errors.Refused, "Accept."),
        (409, b'{"detail": "State."}', errors.Refused, "State."),
        (429, b"", errors.Busy, ""),
        (500, HTML, errors.ServerBroken, ""),
        (502, HTML, errors.ServerBroken, ""),
        (503, HTML, errors.Busy, ""),
        (504, HTML, errors.ServerBroken, ""),
        (599, b"", errors.ServerBroken, ""),
    ],
)
def test_each_status_has_its_error(
    status: int, body: bytes, kind: type[errors.WaldurError], words: str | None
) -> None:
    """A status that is no success raises one class, with the server's words as text."""
    error = error_of(status, body, method="POST")

    assert kind is type(error)
    assert (status, "POST", PATH) == (error.status, error.method, error.path)
    assert (json.loads(body)[0] if words is None else words) == error.words


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (401, b'{"detail": "Invalid username/password."}', errors.WrongPassword),
        (401, b'{"detail": "Username is locked out. Try in 10 minutes."}', errors.LockedOut),
        (400, b'{"password": ["This field is required."]}', errors.WrongPassword),
        (405, b'{"detail": "Method not allowed."}', errors.Refused),
        (500, HTML, errors.ServerBroken),
    ],
)
def test_sign_in_has_errors_of_its_own(
    status: int, body: bytes, kind: type[errors.WaldurError]
) -> None:
    """A wrong password and a lock are told apart, though both are 401."""
    assert kind is type(error_of(status, body, path=protocol.SIGN_IN_PATH, method="POST"))


@given(st.integers(100, 999), st.sampled_from([PATH, protocol.SIGN_IN_PATH]), BODIES, HEADER)
def test_decode_raises_nothing_but_its_own(
    status: int, path: str, body: bytes, header: str
) -> None:
    """Whatever the status, headers and bytes, there is data or an error of the tree."""
    headers = {"retry-after": header, "date": header}
    words = ""
    try:
        protocol.decode(status, headers, body, method="GET", path=path)
    except errors.WaldurError as error:
        words = error.words

    assert "\n" not in words
    assert len(words) <= protocol.WORDS_LIMIT


# --- numbers and texts ----------------------------------------------------------------------


def test_a_price_keeps_every_digit() -> None:
    """Fractions are Decimal with the digits that were sent."""
    data = protocol.parse_json(b"[1e-10, 0.1, 10.0000000000, -0.0, 3, 0.123456789012345678901]")

    assert [Decimal("1E-10"), Decimal("0.1"), Decimal("10.0000000000")] == data[:3]
    assert str(data[2]) == "10.0000000000"
    assert data[4] == 3
    assert isinstance(data[4], int)
    assert str(data[5]) == "0.123456789012345678901"


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**12), max_value=10**12))
def test_any_amount_survives(amount: Decimal) -> None:
    """An amount that is written as JSON is read as the same Decimal."""
    digits = f"{amount:f}"
    text = digits if "." in digits else f"{digits}.0"

    assert Decimal(text).as_tuple() == protocol.parse_json(text.encode()).as_tuple()


@pytest.mark.parametrize("digits", ["1e999999", "-1e-999999", "1e" + "9" * 30, "9" * 5000])
def test_an_absurd_number_stays_text(digits: str) -> None:
    """A number beyond any double costs its own item only, and no memory."""
    assert [digits, 1] == protocol.parse_json(f"[{digits}, 1]".encode())


def test_half_a_surrogate_pair_is_mended() -> None:
    """A text that could not be written as UTF-8 gets the replacement sign; pairs are kept."""
    body = rb'{"\ud800": ["a\udc00b", "\ud83d\ude00", 1, "\\ud800"], "raw": "' + b'\xed\xa0\x80"}'
    data = protocol.parse_json(body)

    assert data["\ufffd"] == ["a\ufffdb", "\U0001f600", 1, "\\ud800"]
    assert data["raw"].strip("\ufffd") == ""


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (["One.", "Two."], "One. Two."),
        ({"detail": "One."}, "One."),
        ({"a": ["One."], "b": {"c": ["Two."]}}, "a: One. b: c: Two."),
        ({"detail": ["One.", {"x": "Two."}]}, "One. x: Two."),
        ("  One.\n\n Two.\t", "One. Two."),
        ([1, None, True, {}], ""),
        (None, ""),
        ("x" * 2000, "x" * protocol.WORDS_LIMIT),
    ],
)
def test_words_of_is_one_line_of_text(body: object, words: str) -> None:
    """Lists, objects and details become one sentence of bounded length."""
    assert words == protocol.words_of(body)


def test_words_of_stops_in_the_deep() -> None:
    """Nesting deeper than any reason costs no stack."""
    body: object = "deep"
    for _ in range(100_000):
        body = [body]

    assert protocol.words_of(body) == ""


# --- paging ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("link", "number"),
    [
        (None, None),
        ("", None),
        ('<https://w.test/api/?page=2>; rel="next"', 2),
        ("<https://w.test/api/?page=2>; rel=next", 2),
        ("<https://w.test/api/?page=2>;rel='next'", 2),
        ('<https://w.test/api/?page=2&page_size=5>; title="n"; rel="next"', 2),
        ('<https://w.test/api/?page=2>; REL="Next"', 2),
        ('</api/?a=1>; rel="first", </api/?page=1>; rel="prev", </api/?page=3>; rel="next"', 3),
        ('<https://w.test/api/?page=9>; rel="last"', None),
        ('<https://w.test/api/?page=9>; rel="nextish"', None),
        ('<http://evil.test/steal?page=4>; rel="next"', 4),
        ('<http://[::1?page=4>; rel="next"', 4),
        ('<https://w.test/api/>; rel="next"', None),
        ('<https://w.test/api/?page=x>; rel="next"', None),
        ('<https://w.test/api/?page=0>; rel="next"', None),
        ('<https://w.test/api/?page=-1>; rel="next"', None),
        ('<https://w.test/api/?page=\u00b2>; rel="next"', None),
        (f'<https://w.test/api/?page={"9" * 5000}>; rel="next"', None),
        ("<" * 100_000 + 'x>; rel="next"', None),
        ("<>;" + " " * 100_000, None),
        ('<?page=2>; rel="next", <?page=7>; rel="next"', 2),
    ],
    ids=range(21),
)
def test_next_page_takes_the_number_only(link: str | None, number: int | None) -> None:
    """From any Link header comes the next page's number or nothing, and quickly."""
    assert number == protocol.next_page(link)


@given(HEADER | st.text(st.sampled_from('<>;,= "relnxtpag?&1230'), max_size=80))
def test_next_page_takes_any_header(link: str) -> None:
    """A header of any kind raises nothing; a number is positive."""
    number = protocol.next_page(link)

    assert number is None or number > 0


@pytest.mark.parametrize(
    ("count", "total"),
    [("268", 268), ("0", 0), ("", None), ("-1", None), ("many", None), ("9" * 5000, None)],
)
def test_a_page_knows_the_lists_length(count: str, total: int | None) -> None:
    """The count is the server's, or unknown."""
    page = protocol.page_of([1], {"x-result-count": count}, path=PATH)

    assert protocol.Page([1], total, None, linked=False) == page


@pytest.mark.parametrize("data", [None, {}, {"results": []}, "OK", 3])
def test_a_page_that_is_no_list_is_unreadable(data: object) -> None:
    """An object where a list belongs is an unreadable answer."""
    with pytest.raises(errors.UnreadableAnswer):
        protocol.page_of(data, {}, path=PATH)


# --- waiting --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "seconds"),
    [(None, None), ("", None), ("5", 5.0), (" 7 ", 7.0), ("0", 0.0), ("-5", None), ("1.5", None),
     ("soon", None), ("9" * 400, float("inf"))],
)  # fmt: skip
def test_retry_after_is_seconds_or_nothing(value: str | None, seconds: float | None) -> None:
    """A number of seconds is read; anything else that is no date is ignored."""
    assert seconds == protocol.retry_after(value)


def test_retry_after_as_a_date_is_measured_by_the_servers_clock() -> None:
    """A date counts from the answer's own Date, and never backwards."""
    now = datetime(2001, 2, 3, tzinfo=UTC)
    later = format_datetime(now + timedelta(seconds=90), usegmt=True)
    date = format_datetime(now, usegmt=True)

    assert protocol.retry_after(later, date) == 90.0
    assert protocol.retry_after(date, later) == 0.0
    assert protocol.retry_after(later) is None


@given(HEADER, HEADER)
def test_retry_after_takes_any_header(value: str, date: str) -> None:
    """A header of any kind raises nothing; a pause is never negative."""
    pause = protocol.retry_after(value, date)

    assert pause is None or pause >= 0


@given(
    st.integers(1, protocol.MAX_RETRIES),
    st.none() | st.floats(0, protocol.RETRY_AFTER_CEILING_SECONDS),
    st.floats(0, 1, exclude_max=True),
)
def test_a_pause_has_bounds(attempt: int, asked: float | None, jitter: float) -> None:
    """A pause is at least what was asked for, grows, has jitter, and ends."""
    pause = protocol.retry_delay(attempt, asked, jitter)
    base = min(protocol.RETRY_BASE_SECONDS * 2 ** (attempt - 1), protocol.RETRY_CEILING_SECONDS)

    assert (asked or 0.0) + base / 2 <= pause <= (asked or 0.0) + base
    assert protocol.retry_delay(attempt, asked, 0.0) <= pause


def test_the_wait_asked_for_comes_with_the_error() -> None:
    """An error carries the Retry-After of its answer."""
    assert error_of(503, retry_after="12").retry_after == 12.0
    assert error_of(503).retry_after is None
