"""The one place that talks HTTP to a Waldur server.

A client belongs to one server and one person's token. It may be used from many threads.
"""

import contextlib
import functools
import http.cookiejar
import ipaddress
import random
import ssl
import threading
import time
import weakref
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any, NamedTuple, TypeVar
from urllib.parse import urlsplit

import httpx
import tenacity

from bookings import PRODUCT, VERSION
from bookings.waldur import listing, protocol
from bookings.waldur.errors import (
    BrokenOff,
    Busy,
    Forbidden,
    Gone,
    NotWaldur,
    Refused,
    ServerBroken,
    SignedOut,
    TooSlow,
    Unreachable,
    UnreadableAnswer,
    WaldurError,
)
from bookings.waldur.fieldsets import NEVER, every_field
from bookings.waldur.models import (
    Booking,
    GoogleCredentials,
    Offering,
    Person,
    Slot,
    Unreadable,
    read_item,
    read_items,
)
from bookings.waldur.protocol import Accepted, Page

CONNECT_SECONDS = 5.0
QUICK_SECONDS = 15.0
"""For a single small answer: who am I, one offering's calendar."""
LIST_SECONDS = 90.0
"""For a page of 300: plans alone cost the server 36 ms an item."""
POST_SECONDS = 30.0
REQUESTS_AT_ONCE = 4
MOST_BYTES = 64 * 2**20
"""Of one answer, unpacked. 300 full offerings are 2 MB; more than this is no list of them."""

BOOKING_OFFERINGS = "booking-offerings"
PROVIDER_OFFERINGS = "provider-offerings"
Query = list[tuple[str, str | int | float | bool | None]]
Answer = TypeVar("Answer")

_LIST_PATHS = {
    BOOKING_OFFERINGS: "/api/booking-offerings/",
    PROVIDER_OFFERINGS: "/api/marketplace-provider-offerings/",
}
_LIST_FILTERS: dict[str, Query] = {
    BOOKING_OFFERINGS: [],
    PROVIDER_OFFERINGS: [("type", "Marketplace.Booking")],
}


@dataclass(frozen=True, slots=True)
class ServerFacts:
    """What a Waldur says of itself without a token. `currency` is "" where it does not say."""

    site_name: str
    currency: str


class _Answer(NamedTuple):
    """A 2xx, decoded."""

    status: int
    data: Any
    headers: httpx.Headers


class WaldurClient:
    """Asks one Waldur server as one person.

    `root` is as protocol.api_root gives it. `transport`, `sleep`, `jitter` and `clock` are there
    for tests. The constructor and every method raise the errors of bookings.waldur.errors and no
    others: SignedOut for a text that cannot be a token, Unreachable for a bundle without
    certificates.
    """

    def __init__(
        self,
        root: str,
        token: str | None = None,
        *,
        ca_bundle: str | None = None,
        transport: httpx.BaseTransport | None = None,
        sleep: Callable[[float], None] = time.sleep,
        jitter: Callable[[], float] = random.random,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.root = root
        self._jitter = jitter
        self._sleep = sleep
        self._clock = clock
        self._closed = False
        self._gate = threading.BoundedSemaphore(REQUESTS_AT_ONCE)
        headers = {
            "Accept": "application/json",
            # Reasons are matched and shown in one language; the server translates them otherwise.
            "Accept-Language": "en",
            "User-Agent": f"{PRODUCT}/{VERSION}",
        }
        token = (token or "").strip()
        if token:
            if not (token.isascii() and token.isprintable()) or " " in token:
                # It cannot be written into a header; what refuses it would quote it.
                raise SignedOut(words="That is not an API token.", sent=False)
            headers["Authorization"] = f"Token {token}"
        self._has_token = bool(token)
        verify = _trusted(ca_bundle)

        def connections(limits: httpx.Limits) -> httpx.Client:
            return httpx.Client(
                base_url=root,
                headers=headers,
                cookies=_no_cookies(),
                follow_redirects=False,
                verify=verify,
                transport=transport,
                limits=limits,
                # Proxies of the environment are honoured, but they know nothing of this machine.
                trust_env=not _is_this_machine(root),
                auth=_NoAuth(),
            )

        # A kept connection can be closed by the server at the moment a POST is written to it,
        # and nobody could tell whether it arrived. A POST gets a connection of its own.
        try:
            self._http = connections(httpx.Limits(max_connections=REQUESTS_AT_ONCE))
            self._post_http = connections(httpx.Limits(max_keepalive_connections=0))
        except httpx.InvalidURL:
            raise Unreachable(words="Its address is not one.", sent=False) from None
        # A sign-in ends while an action of it may still be watched; who drops it last closes it.
        weakref.finalize(
            self, lambda *ours: [each.close() for each in ours], self._http, self._post_http
        )

    def __repr__(self) -> str:
        return f"WaldurClient({self.root!r})"

    def close(self) -> None:
        """Closes the connections. Whatever is asked afterwards raises SignedOut."""
        self._closed = True
        self._http.close()
        self._post_http.close()

    # --- signing in -------------------------------------------------------------------------

    def facts(self) -> ServerFacts:
        """Is it a Waldur, and what is it called? Needs no token.

        Raises NotWaldur for anything else that answers.
        """
        path = "/api/configuration/"
        try:
            data, _ = self._get(path)
        except (Gone, UnreadableAnswer, Refused) as error:
            raise NotWaldur(path=path, status=error.status) from None
        except (SignedOut, Forbidden) as error:
            if self._has_token:
                raise  # a Waldur refuses a bad token even where it asks for none
            raise NotWaldur(path=path, status=error.status) from None
        core = data.get("WALDUR_CORE") if isinstance(data, dict) else None
        if not isinstance(core, dict):
            raise NotWaldur(path=path, status=200)
        return ServerFacts(
            site_name=str(core.get("SITE_NAME") or ""),
            currency=str(core.get("CURRENCY_NAME") or ""),
        )

    def sign_in(self, username: str, password: str) -> str:
        """A token for a username and password.

        Raises WrongPassword or LockedOut. It is sent once: each try counts towards the lock.
        """
        path = protocol.SIGN_IN_PATH
        data = self._post(path, json={"username": username, "password": password}).data
        token = data.get("token") if isinstance(data, dict) else None
        if not isinstance(token, str) or not token:
            raise UnreadableAnswer(method="POST", path=path, status=200)
        return token

    def me(self) -> Person:
        """Who the token belongs to. By name, as the whole answer would hold the token."""
        path = "/api/users/me/"
        data, _ = self._get(path, [("field", field) for field in Person.model_fields])
        person = read_item(Person, data)
        if isinstance(person, Unreadable):
            raise UnreadableAnswer(path=path, status=200, words=person.reason)
        return person

    # --- offerings --------------------------------------------------------------------------

    def offerings_page(
        self, source: str, fields: Iterable[str], *, page: int, page_size: int
    ) -> Page:
        """One page of offerings, undecoded items and all.

        `source` is BOOKING_OFFERINGS (what the person owns) or PROVIDER_OFFERINGS (what a
        service manager may read). Items may hold more or fewer keys than asked for.
        """
        path = _LIST_PATHS[source]
        query: Query = [*_LIST_FILTERS[source], *_asked(fields)]
        query += _paging(page, page_size)
        data, headers = self._get(path, query, seconds=LIST_SECONDS)
        return protocol.page_of(data, headers, path=path)

    def offering(
        self, uuid: str, source: str = BOOKING_OFFERINGS, fields: Iterable[str] | None = None
    ) -> tuple[Offering, list[str]]:
        """One offering with all its fields, and the names of fields that could not be read.

        Without `fields` everything the server has is asked for, fields that this product does
        not know included. A broken schedule makes that a 500; then all but `attributes` is
        asked for by name. The provider endpoint is always asked by name: it would give secrets.
        """
        path = f"{_LIST_PATHS[source]}{_plain(uuid, _LIST_PATHS[source])}/"
        missing: list[str] = []
        if fields is None and source == PROVIDER_OFFERINGS:
            fields = every_field(source)
        asked = None if fields is None else tuple(fields)
        try:
            data, _ = self._get(path, None if asked is None else _asked(asked))
        except ServerBroken:
            if asked is not None and "attributes" not in asked:
                raise
            safe = every_field(source) if asked is None else asked
            data, _ = self._get(path, _asked(field for field in safe if field != "attributes"))
            missing = ["attributes"]
        offering = read_item(Offering, data)
        if isinstance(offering, Unreadable):
            raise UnreadableAnswer(path=path, status=200, words=offering.reason)
        return offering, missing

    def calendar(self, uuid: str) -> Offering:
        """One offering with its calendar and nothing else; cheap enough to poll."""
        offering, _ = self.offering(uuid, fields=("uuid", "googlecalendar"))
        return offering

    def act(self, uuid: str, action: str) -> Accepted:
        """Sends one calendar action, once, and gives the server's acceptance.

        `action` is the last part of the address, such as "share_google_calendar". Acceptance
        (202 "OK") means that the work is queued, not that it is done.
        """
        base = _LIST_PATHS[BOOKING_OFFERINGS]
        return self._accepted(f"{base}{_plain(uuid, base)}/{action}/")

    # --- bookings ---------------------------------------------------------------------------

    def bookings(self, offering_uuid: str | None = None) -> tuple[list[Booking], list[Unreadable]]:
        """Bookings the person may see, newest first, of one offering or of all.

        What the server counts but fails on or does not list is among the unreadable ones, and
        so is what may follow a list whose end was not found.
        """
        path = "/api/booking-resources/"
        query: Query = [("o", "-created")]
        if offering_uuid is not None:
            query.append(("offering_uuid", _plain(offering_uuid, path)))

        def fetch(page: int, page_size: int) -> Page:
            paged = [*query, *_paging(page, page_size)]
            data, headers = self._get(path, paged, seconds=LIST_SECONDS)
            return protocol.page_of(data, headers, path=path)

        found = listing.walk(fetch)
        good, bad = read_items(Booking, [*found.items.values(), *found.odd])
        for position in found.broken:
            bad.append(Unreadable("", "", f"The server fails at number {position} of the list."))
        bad += [Unreadable("", "", "The server counts it but does not list it.")] * found.missing
        if not found.ended:
            bad.append(Unreadable("", "", listing.NO_END))
        return good, bad

    def booking(self, uuid: str) -> Booking:
        """One booking. Raises Gone where the person may not see it."""
        base = "/api/booking-resources/"
        path = f"{base}{_plain(uuid, base)}/"
        data, _ = self._get(path)
        booking = read_item(Booking, data)
        if isinstance(booking, Unreadable):
            raise UnreadableAnswer(path=path, status=200, words=booking.reason)
        return booking

    def decide(self, booking_uuid: str, decision: str) -> Accepted:
        """Accepts or rejects a request to book, once, and gives the server's acceptance.

        `decision` is the last part of the address, "accept" or "reject". The server was seen to
        take 12 s, and answers with the uuid of an order, which is no sentence.
        """
        base = "/api/booking-resources/"
        return self._accepted(f"{base}{_plain(booking_uuid, base)}/{decision}/")

    def slots(self, offering_uuid: str) -> list[Slot]:
        """Times at which an offering is taken, Google's busy times included, without names.

        A slot whose times cannot be read has none. Raises Gone for a draft, even for staff.
        """
        # This endpoint knows a uuid without dashes only.
        base = "/api/marketplace-bookings/"
        path = f"{base}{_plain(offering_uuid, base)}/"
        data, headers = self._get(path)
        read = (read_item(Slot, item) for item in protocol.page_of(data, headers, path=path).items)
        return [Slot() if isinstance(slot, Unreadable) else slot for slot in read]

    # --- Google accounts --------------------------------------------------------------------

    def google_credentials(self) -> list[GoogleCredentials]:
        """Of each provider this person may see, whether a Google account is connected.

        The server sends the tokens of these accounts in clear, whatever is asked for. Of each
        only whether it exists outlives the page it came in, and no error carries a word of the
        answer.
        """
        path = "/api/google-auth/"
        query = _asked(["customer_uuid", "customer_name", "offering_count", _REFRESH_TOKEN])

        def fetch(page: int, page_size: int) -> Page:
            paged = [*query, *_paging(page, page_size)]
            data, headers = self._get(path, paged, seconds=LIST_SECONDS)
            listed = protocol.page_of(data, headers, path=path)
            return replace(listed, items=[_without_tokens(each) for each in listed.items])

        found = _silent(lambda: listing.walk(fetch))
        return read_items(GoogleCredentials, found.items.values())[0]

    def authorize_address(self, uuid: str) -> str:
        """Where the Google account of a provider is connected; `uuid` is of its credentials.

        It is asked for when a person wants to go there: the address in the list does not work.
        """
        base = "/api/google-auth/"
        path = f"{base}{_plain(uuid, base)}/authorize/"
        data, _ = _silent(lambda: self._get(path))
        address = data.get("request_url") if isinstance(data, dict) else None
        if not isinstance(address, str) or not _is_secure_address(address):
            raise UnreadableAnswer(path=path, status=200, words="It holds no https address.")
        return address

    # --- one request ------------------------------------------------------------------------

    def _get(
        self, path: str, query: Query | None = None, *, seconds: float = QUICK_SECONDS
    ) -> tuple[Any, httpx.Headers]:
        """A GET, tried again after load and broken connections, at most three times more."""

        def wait(state: tenacity.RetryCallState) -> float:
            error = state.outcome.exception() if state.outcome else None
            asked = error.retry_after if isinstance(error, WaldurError) else None
            return protocol.retry_delay(state.attempt_number, asked, self._jitter())

        retrying = tenacity.Retrying(
            stop=tenacity.stop_after_attempt(1 + protocol.MAX_RETRIES),
            wait=wait,
            retry=tenacity.retry_if_exception(_worth_another_try),
            sleep=self._sleep,
            reraise=True,
        )
        answer = retrying(self._once, "GET", path, query=query, seconds=seconds)
        return answer.data, answer.headers

    def _post(self, path: str, json: Any = None) -> _Answer:
        """A POST, sent once whatever happens."""
        return self._once("POST", path, json=json, seconds=POST_SECONDS)

    def _accepted(self, path: str) -> Accepted:
        """A POST of an action, once."""
        answer = self._post(path)
        return Accepted(answer.status, protocol.words_of(answer.data))

    def _once(
        self,
        method: str,
        path: str,
        *,
        query: Query | None = None,
        json: Any = None,
        seconds: float,
    ) -> _Answer:
        connections = self._post_http if method == "POST" else self._http
        timeout = httpx.Timeout(seconds, connect=CONNECT_SECONDS, pool=None)
        # The gate is held for one try, never while waiting for the next one.
        with self._gate, _errors(method, path):
            if self._closed:
                raise SignedOut(method=method, path=path, sent=False)
            deadline = self._clock() + seconds
            body = bytearray()
            with connections.stream(
                method,
                path.removeprefix("/"),
                params=query or None,
                json=json,
                timeout=timeout,
            ) as answer:
                for chunk in answer.iter_bytes():
                    body += chunk
                    # httpx limits each read; a server that drips a byte a second would hold on.
                    if self._clock() > deadline:
                        raise TooSlow(method=method, path=path)
                    if len(body) > MOST_BYTES:
                        raise UnreadableAnswer(
                            method=method,
                            path=path,
                            status=answer.status_code,
                            words=f"It is larger than {MOST_BYTES // 2**20} MB.",
                        )
            data = protocol.decode(
                answer.status_code, answer.headers, bytes(body), method=method, path=path
            )
        return _Answer(answer.status_code, data, answer.headers)


class _NoAuth(httpx.Auth):
    """Leaves the request as it is; without it httpx would look into the user's .netrc."""


@contextlib.contextmanager
def _errors(method: str, path: str) -> Iterator[None]:
    """Turns what httpx raises into the error tree, knowing whether the request went out."""
    try:
        yield
    except (httpx.ConnectTimeout, httpx.ConnectError, httpx.ProxyError) as error:
        kind = Unreachable
        raise kind(method=method, path=path, sent=False, words=_connect_words(error)) from None
    except (httpx.PoolTimeout, httpx.UnsupportedProtocol, httpx.LocalProtocolError):
        raise Unreachable(method=method, path=path, sent=False) from None
    except httpx.TimeoutException:
        raise TooSlow(method=method, path=path) from None
    except httpx.DecodingError:
        raise UnreadableAnswer(method=method, path=path) from None
    except UnicodeError:
        words = "It holds characters that cannot be sent."
        raise Refused(method=method, path=path, sent=False, words=words) from None
    except RuntimeError:
        # httpx says so of a client that another thread closed since _once looked.
        raise SignedOut(method=method, path=path, sent=False) from None
    except httpx.HTTPError:
        raise BrokenOff(method=method, path=path) from None


_UNTRUSTED = "Its certificate is not trusted; WALDUR_CA_BUNDLE can name your own authority."


def _connect_words(error: Exception) -> str:
    text = str(error)
    if "CERTIFICATE_VERIFY_FAILED" in text or "certificate" in text.lower():
        return _UNTRUSTED
    if isinstance(error, httpx.ConnectTimeout):
        return "It did not take the connection in time."
    return "It refused the connection or its name is unknown."


def _worth_another_try(error: BaseException) -> bool:
    if isinstance(error, Unreachable):
        return error.words != _UNTRUSTED
    if not isinstance(error, (Busy, ServerBroken)):
        return False
    too_long = (error.retry_after or 0.0) > protocol.RETRY_AFTER_CEILING_SECONDS
    return error.status in protocol.RETRIED_STATUSES and not too_long


_REFRESH_TOKEN = "calendar_refresh_token"  # noqa: S105 - the name of a field
"""Without it the server cannot act: an access token alone ends within the hour."""


def _without_tokens(item: Any) -> dict[str, Any]:
    """A provider's credentials with a yes, a no or None in place of all tokens."""
    if not isinstance(item, dict):
        return {}
    kept = {name: item.get(name) for name in GoogleCredentials.model_fields}
    token = item.get(_REFRESH_TOKEN, ...)
    told = token is None or isinstance(token, str)
    kept["connected"] = bool(token and token.strip()) if told else None
    return kept


def _silent(ask: Callable[[], Answer]) -> Answer:
    """What `ask` gives. Its error is raised anew, without anything that holds the answer.

    The words of an answer, the error of a JSON reader and the variables that a traceback keeps
    alive could all hold a token.
    """
    try:
        return ask()
    except WaldurError as error:
        # Without a status the words are of this module.
        words = error.words if error.status is None else ""
        anew = type(error)(
            method=error.method, path=error.path, status=error.status, words=words,
            sent=error.sent, retry_after=error.retry_after,
        )  # fmt: skip
    raise anew


def _is_secure_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
        named = bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
    clean = text.isascii() and text.isprintable() and not set(text) & set(' "<>\\`')
    return named and clean and parts.scheme == "https" and "@" not in parts.netloc


def _plain(uuid: str, path: str) -> str:
    plain = protocol.normal_uuid(uuid)
    if plain is None:
        # Never asked of the server: a malformed uuid could otherwise change the path.
        raise Gone(path=path, words="That is not a uuid.", sent=False)
    return plain


def _asked(fields: Iterable[str]) -> Query:
    """The fields to ask for; never none at all, which would mean everything, secrets included."""
    names = dict.fromkeys(("uuid", *fields))
    return [("field", name) for name in names if name not in NEVER]


def _paging(page: int, page_size: int) -> Query:
    query: Query = [("page_size", str(page_size))]
    return query if page == 1 else [*query, ("page", str(page))]


def _trusted(ca_bundle: str | None) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=ca_bundle) if ca_bundle else _usual_authorities()
    except OSError:  # an ssl.SSLError is one
        name = "WALDUR_CA_BUNDLE" if ca_bundle else "SSL_CERT_FILE"
        words = f"The file that {name} names holds no certificates."
        raise Unreachable(words=words, sent=False) from None


@functools.cache
def _usual_authorities() -> ssl.SSLContext:
    """Read once: it takes longer than a request, and every sign-in has a client."""
    return httpx.create_ssl_context()


def _no_cookies() -> http.cookiejar.CookieJar:
    """A jar that takes nothing: sign-in sets a session cookie, which is no credential of ours."""
    return http.cookiejar.CookieJar(http.cookiejar.DefaultCookiePolicy(allowed_domains=[]))


def _is_this_machine(root: str) -> bool:
    host = urlsplit(root).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


__all__ = [
    "BOOKING_OFFERINGS",
    "PROVIDER_OFFERINGS",
    "ServerFacts",
    "WaldurClient",
]
