"""The rules of the wire as pure functions: values in, values or an error out.

Facts not marked otherwise were observed on a Waldur MasterMind 7.0.7 server.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from email.utils import parsedate_to_datetime
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit, urlunsplit

from bookings.waldur.errors import (
    Busy,
    CalendarBusy,
    Forbidden,
    Gone,
    LockedOut,
    NotWaldur,
    Refused,
    ServerBroken,
    SignedOut,
    UnreadableAnswer,
    WaldurError,
    WrongPassword,
)

PAGE_SIZE = 300
"""The largest page the server gives; one page is the only walk that cannot lose tied names."""

RETRIED_STATUSES = frozenset({429, 502, 503, 504})
MAX_RETRIES = 3
RETRY_BASE_SECONDS = 0.5
RETRY_CEILING_SECONDS = 8.0
RETRY_AFTER_CEILING_SECONDS = 30.0
"""A server that asks for a longer pause is reported as busy instead of being waited for."""

SIGN_IN_PATH = "/api-auth/password/"
WORDS_LIMIT = 500
_WORDS_DEPTH = 8
_LARGEST_EXPONENT = 300
"""A double holds no more; arithmetic on a larger Decimal could fill the memory."""
_HEX32 = re.compile(r"[0-9a-f]{32}")
_HOST = re.compile(r"([\w.-]+|\[[0-9a-fA-F:.]+\])(:[0-9]{1,5})?")
_LINK = re.compile(r"<([^<>]*)>([^<>]*)")
_RELATION = re.compile(r"""\brel\s*=\s*["']?([\w ]+)""", re.IGNORECASE)
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list: its items, the length of the whole list, the next page's number."""

    items: list[Any]
    total: int | None
    next_page: int | None
    linked: bool = True
    """Whether the server said which page is next or that there is none. Observed: always; but
    a proxy can take the header away."""


class Accepted(NamedTuple):
    """What a server said when it took an action: the status, and its words as one line."""

    status: int
    words: str


def api_root(address: str) -> str:
    """The server's root for an address given with or without `/api/`, ending in a slash.

    Raises ValueError for anything that is not a plain http(s) address: credentials, a query
    or a fragment in it would end up where they must not.
    """
    parts = urlsplit(address.strip())
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        # The address is not repeated: what was typed may hold a password.
        raise ValueError("an address must begin with http:// or https:// and name a host")
    if "@" in parts.netloc or parts.query or parts.fragment:
        raise ValueError("an address must hold no credentials, query or fragment")
    if not _HOST.fullmatch(parts.netloc) or parts.port == 0:  # .port checks the range too
        raise ValueError("an address must name a host, perhaps with a port, and nothing else")
    if not parts.path.isprintable() or " " in parts.path:
        raise ValueError("an address must hold no blanks")
    path = re.sub(r"(?:/+api)*/*$", "", parts.path)
    return urlunsplit((parts.scheme, parts.netloc.lower(), path + "/", "", ""))


def normal_uuid(text: object) -> str | None:
    """A uuid as the server writes it (32 lower-case hex digits), or None if it is none.

    The published schema has dashes, payloads have none: both name the same thing.
    """
    if not isinstance(text, str):
        return None
    plain = text.strip().lower().removeprefix("urn:uuid:").strip("{}").replace("-", "")
    return plain if _HEX32.fullmatch(plain) else None


def words_of(body: Any) -> str:
    """The server's reason in a decoded error body, as one line of text.

    A reason comes as `["…"]`, as `{"detail": "…"}` or as `{"field": ["…"]}`.
    """
    words = " ".join(_sentences(body)).split()
    return " ".join(words)[:WORDS_LIMIT]


def _sentences(body: Any, depth: int = 0) -> Iterable[str]:
    if depth > _WORDS_DEPTH:
        return
    if isinstance(body, str):
        yield body
    elif isinstance(body, list):
        for part in body:
            yield from _sentences(part, depth + 1)
    elif isinstance(body, Mapping):
        for key, value in body.items():
            said = " ".join(_sentences(value, depth + 1))
            yield said if key in {"detail", "non_field_errors"} else f"{key}: {said}"


def parse_json(body: bytes) -> Any:
    """JSON with every fraction as Decimal, so that a price keeps each of its digits.

    A number too large to be one, and half a surrogate pair, would break whatever touches them
    later: the first stays text, so that it costs its own item only, the second becomes U+FFFD.
    Raises ValueError for anything else, `NaN` and `Infinity` included.
    """

    def refuse(constant: str) -> Any:
        raise ValueError(f"{constant} is not JSON")

    text = body.decode("utf-8-sig", "replace")
    data = json.loads(text, parse_float=_fraction, parse_int=_whole, parse_constant=refuse)
    return _mended(data) if "\\ud" in text or "\\uD" in text else data


def _fraction(digits: str) -> Decimal | str:
    try:
        number = Decimal(digits)
    except ArithmeticError:
        return digits
    return number if number == 0 or abs(number.adjusted()) <= _LARGEST_EXPONENT else digits


def _whole(digits: str) -> int | str:
    return int(digits) if len(digits) <= _LARGEST_EXPONENT else digits


def _mended(data: Any) -> Any:
    if isinstance(data, str):
        return _LONE_SURROGATE.sub("\ufffd", data)
    if isinstance(data, list):
        return [_mended(part) for part in data]
    if isinstance(data, dict):
        return {_mended(key): _mended(value) for key, value in data.items()}
    return data


def decode(status: int, headers: Mapping[str, str], body: bytes, *, method: str, path: str) -> Any:
    """The data of an answer, or the error it stands for.

    Any 2xx is success: a calendar action answers 202 with `"OK"`, although 200 is documented.
    An empty 2xx body is None.
    """
    if 200 <= status < 300:
        if not body.strip():
            return None
        try:
            return parse_json(body)
        except (ValueError, RecursionError):
            raise UnreadableAnswer(method=method, path=path, status=status) from None
    raise _error(status, headers, body, method=method, path=path)


def _error(
    status: int, headers: Mapping[str, str], body: bytes, *, method: str, path: str
) -> WaldurError:
    try:
        words = words_of(parse_json(body))
    except (ValueError, RecursionError):
        words = ""  # 500 and unknown addresses answer in HTML, which is no sentence
    kind: type[WaldurError]
    if 300 <= status < 400:
        # A redirect is not followed: it could carry the token to another host, and an HTTP
        # library turns a redirected POST into a GET.
        kind, words = NotWaldur, "It answered with a redirect."
    elif status == 401 and path == SIGN_IN_PATH:
        kind = LockedOut if "locked" in words.lower() else WrongPassword
    elif status == 400 and path == SIGN_IN_PATH:
        kind = WrongPassword
    elif status == 401:
        kind = SignedOut
    elif status == 403:
        kind = Forbidden
    elif status == 404:
        kind = Gone
    elif status in {429, 503}:
        kind = Busy
    elif status >= 500:
        kind = ServerBroken
    elif "calendar cannot be updated" in words.lower():
        kind = CalendarBusy
    else:
        kind = Refused
    return kind(
        method=method,
        path=path,
        status=status,
        words=words,
        retry_after=retry_after(headers.get("retry-after"), headers.get("date")),
    )


def page_of(data: Any, headers: Mapping[str, str], *, path: str) -> Page:
    """A list page from decoded data and its headers (keys in lower case).

    Raises UnreadableAnswer when the data is not a list.
    """
    if not isinstance(data, list):
        raise UnreadableAnswer(path=path, words="It is not a list.")
    total, link = _number(headers.get("x-result-count")), headers.get("link")
    return Page(data, total, next_page(link), linked=link is not None)


def next_page(link: str | None) -> int | None:
    """The page number of the `next` link, or None at the end.

    Only the number is taken: the link's host and scheme are built from request headers and
    are wrong behind many proxies, and following them would send the token to that host.
    """
    for target, parameters in _LINK.findall(link or ""):
        relation = _RELATION.search(parameters)
        if relation and "next" in relation[1].lower().split():
            # Not urlsplit: it raises on a host that it does not like.
            query = target.partition("?")[2].partition("#")[0]
            return _number(parse_qs(query).get("page", [""])[0]) or None
    return None


def _number(text: str | None) -> int | None:
    """A header's whole number, or None; one of more than nine digits is no count of a list."""
    return int(text) if text and re.fullmatch("[0-9]{1,9}", text) else None


def retry_after(value: str | None, date: str | None = None) -> float | None:
    """Seconds from a Retry-After header: a number, or an HTTP date.

    A date is measured against the answer's own Date header, so that clocks need not agree.
    """
    if not value:
        return None
    if value.strip().isdecimal():
        return float(value)  # infinite for hundreds of digits, which is too long all the same
    try:
        pause = parsedate_to_datetime(value) - parsedate_to_datetime(date or "")
    except (TypeError, ValueError, OverflowError):
        return None
    return max(0.0, pause.total_seconds())


def retry_delay(attempt: int, asked: float | None, jitter: float) -> float:
    """Seconds to wait before try `attempt` + 1 (attempts count from 1).

    `asked` is the server's Retry-After. `jitter` is a number in [0, 1): half of the pause is
    random, and it is added to what was asked, so that many sessions do not come back at the
    same moment.
    """
    pause: float = min(RETRY_BASE_SECONDS * 2 ** (attempt - 1), RETRY_CEILING_SECONDS)
    return (asked or 0.0) + pause * (0.5 + jitter / 2)
