"""The manners common to all endpoints: bodies, headers, paging, negotiation, credentials."""

from __future__ import annotations

import json
import math
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any, Protocol, TypeVar
from urllib.parse import parse_qs, urlencode
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from demo.data import World
from demo.links import BASE
from demo.people import ACCOUNTS, Account

DEFAULT_PAGE_SIZE = 10
MAX_PAGE_SIZE = 300
COMMON_HEADERS = {"Vary": "Accept-Language, Cookie"}

NO_CREDENTIALS = "Authentication credentials were not provided."
UNKNOWN_TOKEN = "Invalid token."  # noqa: S105
GERMAN = {UNKNOWN_TOKEN: "Ungültiges Token"}
"""Texts follow Accept-Language, so that no client comes to rely on the English ones."""

SERVER_ERROR_PAGE = """
<!doctype html>
<html lang="en">
<head>
  <title>Server Error (500)</title>
</head>
<body>
  <h1>Server Error (500)</h1><p></p>
</body>
</html>
"""
NOT_FOUND_PAGE = """
<!doctype html>
<html lang="en">
<head>
  <title>Not Found</title>
</head>
<body>
  <h1>Not Found</h1><p>The requested resource was not found on this server.</p>
</body>
</html>
"""

Row = TypeVar("Row")


class Named(Protocol):
    """What has an identifier and a name to be sorted by."""

    @property
    def uuid(self) -> str:
        """The identifier."""

    @property
    def name(self) -> str:
        """The sort key, which need not be unique."""


NamedRow = TypeVar("NamedRow", bound=Named)


class RefusalError(Exception):
    """An answer other than success, raised where the server would raise it."""

    def __init__(
        self, status: int, body: Any, headers: dict[str, str] | None = None, *, html: bool = False
    ) -> None:
        super().__init__(status, body)
        self.status = status
        self.body = body
        self.headers = headers or {}
        self.html = html


def detail(status: int, text: str, **headers: str) -> RefusalError:
    """A refusal in the usual form, `{"detail": ...}`."""
    named = {name.replace("_", "-").title(): value for name, value in headers.items()}
    return RefusalError(status, {"detail": text}, named)


def not_found(model: str) -> RefusalError:
    """The answer to an identifier that is unknown, malformed, or not for this person."""
    return detail(404, f"No {model} matches the given query.")


def html_page(status: int, page: str) -> Response:
    """One of the pages that the web framework makes, not the API."""
    return Response(page, status, media_type="text/html")


def parse_uuid(text: str, model: str) -> str:
    """The 32 digits of an identifier in any spelling the server takes.

    Raises:
        RefusalError: 404, also for what is no identifier.

    """
    stem, dot, suffix = text.partition(".")
    if dot and suffix != "json":
        # What follows a dot is taken for a format, and only one is known.
        raise detail(404, "Not found.")
    try:
        return UUID(stem).hex
    except ValueError:
        raise not_found(model) from None


@dataclass
class Call:
    """A request that got past negotiation and authentication."""

    request: Request
    world: World
    account: Account | None
    base: str
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    """Of the answer; filled by the handler."""

    @property
    def viewer(self) -> Account:
        """The signed-in person."""
        if self.account is None:
            raise detail(401, NO_CREDENTIALS, www_authenticate="Token")
        return self.account

    def argument(self, name: str) -> str | None:
        """The last value of a query parameter, as the server takes it."""
        values = self.request.query_params.getlist(name)
        return values[-1] if values else None

    def arguments(self, name: str) -> list[str]:
        """All values of a query parameter."""
        return self.request.query_params.getlist(name)

    def chosen(self, known: Sequence[str]) -> list[str] | None:
        """The fields asked for; None means all, also when no name is known (observed)."""
        wanted = set(self.arguments("field"))
        chosen = [name for name in known if name in wanted]
        return chosen or None

    def select(self, item: dict[str, Any]) -> dict[str, Any]:
        """The part of a small item that `field` asks for."""
        chosen = self.chosen(list(item))
        return item if chosen is None else {name: item[name] for name in chosen}


def render(body: Any, base: str) -> bytes:
    """JSON in the server's form: compact, not escaped but for line separators, its own address."""
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    text = text.replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
    return text.replace(BASE, base).encode()


def negotiate(request: Request) -> None:
    """Refuse what cannot be answered in JSON; this comes before authentication."""
    wanted = request.query_params.get("format")
    if wanted not in (None, "", "json"):
        raise detail(404, "Not found.")
    accept = request.headers.get("accept", "*/*") or "*/*"
    ranges = {part.split(";")[0].strip().lower() for part in accept.split(",")}
    if not ranges & {"*/*", "application/*", "application/json"}:
        raise detail(406, "Could not satisfy the request Accept header.")


def authenticate(request: Request, world: World) -> Account:
    """The person whose token the Authorization header carries.

    Raises:
        RefusalError: 401 in the server's words.

    """
    words = request.headers.get("authorization", "").split()
    if not words or words[0].lower() != "token":
        raise detail(401, NO_CREDENTIALS, www_authenticate="Token")
    if len(words) == 1:
        raise _bad_token("Invalid token. No credentials provided.")
    if len(words) > 2:
        raise _bad_token("Invalid token. Token string should not contain spaces.")
    account = world.tokens.holder(words[1])
    if account is None:
        expired = world.tokens.has_expired(words[1])
        raise _bad_token("Token has expired." if expired else UNKNOWN_TOKEN)
    impersonated = request.headers.get("x-impersonated-user-uuid")
    if impersonated and account.is_staff:
        return next((a for a in ACCOUNTS.values() if a.uuid == impersonated), account)
    return account


def _bad_token(text: str) -> RefusalError:
    return detail(401, text, www_authenticate="Token")


def page_number_and_size(call: Call) -> tuple[str, int]:
    """The page as written and the effective size; a size that makes no sense is the default."""
    try:
        size = int(call.argument("page_size") or DEFAULT_PAGE_SIZE)
    except ValueError:
        size = DEFAULT_PAGE_SIZE
    if size <= 0:
        size = DEFAULT_PAGE_SIZE
    return call.argument("page") or "1", min(size, MAX_PAGE_SIZE)


def paginate(call: Call, rows: Sequence[Row]) -> tuple[list[Row], int, int]:
    """The rows of the page asked for, its number and size; sets the paging headers.

    Raises:
        RefusalError: 404, the page does not exist.

    """
    text, size = page_number_and_size(call)
    pages = max(1, math.ceil(len(rows) / size))
    try:
        number = pages if text == "last" else int(text)
    except ValueError:
        number = 0
    if not 1 <= number <= pages:
        raise detail(404, "Invalid page.")
    call.headers["X-Result-Count"] = str(len(rows))
    call.headers["Link"] = _links(call, number, pages)
    return list(rows[(number - 1) * size : number * size]), number, size


def _links(call: Call, number: int, pages: int) -> str:
    wanted = {"first": 1}
    if number > 1:
        wanted["prev"] = number - 1
    if number < pages:
        wanted["next"] = number + 1
    wanted["last"] = pages
    return ", ".join(f'<{_page_address(call, page)}>; rel="{rel}"' for rel, page in wanted.items())


def _page_address(call: Call, page: int) -> str:
    query = parse_qs(call.request.url.query, keep_blank_values=True)
    query.pop("page", None)
    if page > 1:
        query["page"] = [str(page)]
    suffix = urlencode(sorted(query.items()), doseq=True)
    return f"{call.base}{call.request.url.path}" + (f"?{suffix}" if suffix else "")


def paginate_by_name(call: Call, rows: Sequence[NamedRow]) -> list[NamedRow]:
    """A page of rows that are sorted by name; namesakes come in another order in every page.

    The database sorts each page anew and is free to order equal names as it likes. So a walk in
    small pages sees some of them twice and others never (observed), while one page has them all.
    """
    page, number, size = paginate(call, rows)
    if len(page) == len(rows):
        return page
    begin = (number - 1) * size
    end = begin + len(page)
    while begin > 0 and rows[begin - 1].name == page[0].name:
        begin -= 1
    while end < len(rows) and rows[end].name == page[-1].name:
        end += 1
    salt = f"{number}/{size}/".encode()
    shuffled: list[NamedRow] = []
    for _, group in groupby(rows[begin:end], key=lambda row: row.name):
        namesakes = list(group)
        shuffled += sorted(namesakes, key=lambda row: zlib.crc32(salt + row.uuid.encode()))
    offset = (number - 1) * size - begin
    return shuffled[offset : offset + len(page)]
