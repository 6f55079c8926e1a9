"""The client: what it sends, what it makes of answers, and what it never does."""

import gzip
import itertools
import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from bookings import PRODUCT, VERSION
from bookings.waldur import client as client_module
from bookings.waldur import errors, fieldsets, protocol
from bookings.waldur.client import (
    BOOKING_OFFERINGS,
    PROVIDER_OFFERINGS,
    REQUESTS_AT_ONCE,
    ServerFacts,
    WaldurClient,
)

ROOT = "https://waldur.test/"
TOKEN = "0123456789abcdef0123456789abcdef01234567"
UUID = "0a1b2c3d4e5f60718293a4b5c6d7e8f9"
DASHED = "0A1B2C3D-4E5F-6071-8293-A4B5C6D7E8F9"
HTML = "<html><body><h1>Server Error (500)</h1></body></html>"
SHARE = "share_google_calendar"
Answer = httpx.Response | Exception
Handler = Callable[[httpx.Request], Answer]


class Wire:
    """A server on the other end: answers by a function, and remembers what was asked."""

    def __init__(self, *answers: Answer | Handler, token: str | None = TOKEN, root: str = ROOT):
        self.requests: list[httpx.Request] = []
        self.slept: list[float] = []
        self.seconds = 0.0
        self._answers = itertools.chain(answers, itertools.repeat(answers[-1]))
        self._lock = threading.Lock()
        self.client = WaldurClient(
            root,
            token,
            transport=httpx.MockTransport(self._handle),
            sleep=self.slept.append,
            jitter=lambda: 0.5,
            clock=lambda: self.seconds,
        )

    def _handle(self, request: httpx.Request) -> httpx.Response:
        with self._lock:
            self.requests.append(request)
            answer = next(self._answers)
        if callable(answer):
            answer = answer(request)
        if isinstance(answer, Exception):
            raise answer
        return answer

    @property
    def request(self) -> httpx.Request:
        """The only request that was made."""
        assert len(self.requests) == 1
        return self.requests[0]

    @property
    def fields(self) -> list[str]:
        """The fields that the last request asked for."""
        return self.requests[-1].url.params.get_list("field")


def ok(data: Any = None, status: int = 200, **headers: str) -> httpx.Response:
    return httpx.Response(status, json=data, headers=headers)


def html(status: int) -> httpx.Response:
    return httpx.Response(status, html=HTML)


def item(**fields: Any) -> httpx.Response:
    return ok({"uuid": UUID, **fields})


GETS: dict[str, Callable[[WaldurClient], Any]] = {
    "facts": lambda client: client.facts(),
    "me": lambda client: client.me(),
    "offerings_page": lambda client: client.offerings_page(
        BOOKING_OFFERINGS, ["name"], page=1, page_size=300
    ),
    "offering": lambda client: client.offering(UUID, fields=["uuid"]),
    "calendar": lambda client: client.calendar(UUID),
    "bookings": lambda client: client.bookings(),
    "slots": lambda client: client.slots(UUID),
    "google_credentials": lambda client: client.google_credentials(),
    "authorize_address": lambda client: client.authorize_address(UUID),
}
POSTS: dict[str, Callable[[WaldurClient], Any]] = {
    "act": lambda client: client.act(UUID, SHARE),
    "sign_in": lambda client: client.sign_in("mari", "a password"),
}
every_get = pytest.mark.parametrize("call", GETS.values(), ids=GETS.keys())
every_post = pytest.mark.parametrize("call", POSTS.values(), ids=POSTS.keys())
every_call = pytest.mark.parametrize(
    "call", [*GETS.values(), *POSTS.values()], ids=[*GETS.keys(), *POSTS.keys()]
)


# --- what is sent ---------------------------------------------------------------------------


@every_call
def test_every_request_says_who_asks(call: Callable[[WaldurClient], Any]) -> None:
    """Language, product and version, kind of answer and the token are in every request."""
    wire = Wire(html(403))
    with pytest.raises(errors.Forbidden):
        call(wire.client)
    headers = wire.request.headers

    assert headers["accept-language"] == "en"
    assert headers["user-agent"] == f"{PRODUCT}/{VERSION}"
    assert headers["accept"] == "application/json"
    assert headers["authorization"] == f"Token {TOKEN}"
    assert "gzip" in headers["accept-encoding"]
    assert "cookie" not in headers
    assert wire.request.url.path.endswith("/")


@every_call
def test_without_a_token_none_is_sent(call: Callable[[WaldurClient], Any]) -> None:
    """Before sign-in there is no authorisation at all."""
    wire = Wire(html(409), token=None)
    with pytest.raises(errors.WaldurError):
        call(wire.client)

    assert "authorization" not in wire.request.headers


@pytest.mark.parametrize("root", ["https://waldur.test/", "https://waldur.test/desk/"])
def test_paths_are_below_the_root(root: str) -> None:
    """A Waldur may live below a path of its host."""
    wire = Wire(ok([]), root=root)
    wire.client.slots(DASHED)

    assert str(wire.request.url) == f"{root}api/marketplace-bookings/{UUID}/"


@pytest.mark.parametrize("token", [" " + TOKEN + "\n", "\t" + TOKEN])
def test_a_pasted_token_is_trimmed(token: str) -> None:
    """White space around a pasted token is not part of it."""
    wire = Wire(ok([]), token=token)
    wire.client.slots(UUID)

    assert wire.request.headers["authorization"] == f"Token {TOKEN}"


@pytest.mark.parametrize("token", ["a b", "tökën", "a\nX-Evil: 1", "a\x00b", "…"])
def test_what_cannot_be_a_token_is_refused_without_being_told(token: str) -> None:
    """A text that would break a header is no sign-in, and the error does not repeat it."""
    with pytest.raises(errors.SignedOut) as caught:
        WaldurClient(ROOT, token)

    assert not caught.value.sent
    assert token not in str(caught.value)


@every_call
def test_no_cookie_is_kept_or_sent(call: Callable[[WaldurClient], Any]) -> None:
    """The session cookie of the server is no credential of ours."""
    wire = Wire(httpx.Response(403, headers={"Set-Cookie": "sessionid=abc; Path=/"}))
    for _ in range(2):
        with pytest.raises(errors.Forbidden):
            call(wire.client)

    assert ["cookie" in request.headers for request in wire.requests] == [False, False]


def test_a_netrc_does_not_replace_the_token(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Credentials in the operator's home are left alone."""
    netrc = tmp_path / ".netrc"
    netrc.write_text("default login someone password else\n")
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("HOME", str(tmp_path))
    for token, sent in ((TOKEN, f"Token {TOKEN}"), (None, None)):
        wire = Wire(ok([]), token=token)
        wire.client.slots(UUID)

        assert wire.request.headers.get("authorization") == sent


def test_an_impossible_address_is_unreachable() -> None:
    """What even the HTTP library does not take for an address is an error of ours."""
    with pytest.raises(errors.Unreachable):
        WaldurClient("http://999.1.1.1/", TOKEN)


@pytest.mark.parametrize("content", [None, b"", b"not a certificate"])
def test_a_bundle_without_certificates_is_said(tmp_path: Path, content: bytes | None) -> None:
    """A CA bundle that cannot be read names its setting."""
    bundle = tmp_path / "ca.pem"
    if content is not None:
        bundle.write_bytes(content)
    with pytest.raises(errors.Unreachable, match="WALDUR_CA_BUNDLE") as caught:
        WaldurClient(ROOT, TOKEN, ca_bundle=str(bundle))

    assert not caught.value.sent


# --- secrets stay where they are ------------------------------------------------------------


@pytest.mark.parametrize("status", [302, 400, 401, 403, 404, 429, 500])
@every_call
def test_the_token_is_in_no_text(status: int, call: Callable[[WaldurClient], Any]) -> None:
    """Neither the client nor an error shows the token or a password."""
    wire = Wire(html(status))
    with pytest.raises(errors.WaldurError) as caught:
        call(wire.client)
    error = caught.value
    shown = " ".join(
        [
            repr(wire.client),
            str(wire.client),
            repr(error),
            str(error),
            error.where,
            repr(vars(error)),
        ]
    )

    assert TOKEN not in shown
    assert "a password" not in shown
    assert "?" not in error.where


def test_who_am_i_does_not_ask_for_the_token() -> None:
    """Fields are named, and a token that comes all the same is dropped."""
    wire = Wire(item(username="mari", token=TOKEN))
    person = wire.client.me()

    assert "token" not in wire.fields
    assert {"uuid", "permissions", "is_staff"} <= set(wire.fields)
    assert TOKEN not in repr(person)


@pytest.mark.parametrize("fields", [None, (), ["name"], ["secret_options"], ["attributes", "name"]])
def test_the_provider_endpoint_is_always_asked_by_name(fields: list[str] | None) -> None:
    """Asked for everything it would give the service's credentials."""
    wire = Wire(item(), ok([]))
    wire.client.offering(UUID, PROVIDER_OFFERINGS, fields)
    assert "uuid" in wire.fields
    assert not fieldsets.NEVER & set(wire.fields)

    wire.client.offerings_page(PROVIDER_OFFERINGS, fields or [], page=1, page_size=300)

    assert "uuid" in wire.fields
    assert not fieldsets.NEVER & set(wire.fields)


@pytest.mark.parametrize("group", fieldsets.GROUPS)
@pytest.mark.parametrize("source", [BOOKING_OFFERINGS, PROVIDER_OFFERINGS])
def test_no_page_asks_for_attributes(source: str, group: str) -> None:
    """A page is asked for one group, by name."""
    wire = Wire(ok([]))
    wire.client.offerings_page(source, fieldsets.asked_of(source, group), page=1, page_size=300)

    assert set(fieldsets.asked_of(source, group)) == set(wire.fields)
    assert "attributes" not in wire.fields


# --- redirects, links and malformed uuids ---------------------------------------------------


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@every_call
def test_no_redirect_is_followed(status: int, call: Callable[[WaldurClient], Any]) -> None:
    """It could carry the token to another host, or turn a POST into a GET."""
    wire = Wire(httpx.Response(status, headers={"Location": "https://evil.test/"}))
    with pytest.raises(errors.NotWaldur):
        call(wire.client)

    assert wire.request.url.host == "waldur.test"


def test_a_foreign_link_is_never_contacted() -> None:
    """Of the next page only the number is taken."""
    link = '<http://evil.test/api/booking-resources/?page=2&token=x>; rel="next"'
    wire = Wire(ok([], Link=link, **{"X-Result-Count": "0"}), ok([]))
    wire.client.bookings()

    assert {request.url.host for request in wire.requests} == {"waldur.test"}
    assert wire.requests[1].url.params["page"] == "2"
    assert "token" not in wire.requests[1].url.params


@pytest.mark.parametrize("uuid", ["", "abc", "../users/me", UUID + "/..", "a.b", "é" * 32])
@pytest.mark.parametrize("name", ["offering", "calendar", "act", "slots", "bookings"])
def test_a_malformed_uuid_sends_nothing(name: str, uuid: str) -> None:
    """It could otherwise change the path."""
    calls: dict[str, Callable[[WaldurClient], Any]] = {
        "offering": lambda client: client.offering(uuid),
        "calendar": lambda client: client.calendar(uuid),
        "act": lambda client: client.act(uuid, SHARE),
        "slots": lambda client: client.slots(uuid),
        "bookings": lambda client: client.bookings(uuid),
    }
    wire = Wire(ok([]))
    with pytest.raises(errors.Gone) as caught:
        calls[name](wire.client)

    assert wire.requests == []
    assert not caught.value.sent


# --- trying again ---------------------------------------------------------------------------

TRIES = 1 + protocol.MAX_RETRIES


@pytest.mark.parametrize(
    ("status", "tries", "kind"),
    [
        (400, 1, errors.Refused),
        (401, 1, errors.SignedOut),
        (403, 1, errors.Forbidden),
        (404, 1, errors.Gone),
        (405, 1, errors.Refused),
        (408, 1, errors.Refused),
        (409, 1, errors.Refused),
        (429, TRIES, errors.Busy),
        (500, 1, errors.ServerBroken),
        (501, 1, errors.ServerBroken),
        (502, TRIES, errors.ServerBroken),
        (503, TRIES, errors.Busy),
        (504, TRIES, errors.ServerBroken),
    ],
)
def test_a_get_is_tried_again_only_after_load(
    status: int, tries: int, kind: type[errors.WaldurError]
) -> None:
    """429, 502, 503 and 504 are tried at most three times more, with growing pauses."""
    wire = Wire(html(status))
    with pytest.raises(kind) as caught:
        wire.client.calendar(UUID)

    assert kind is type(caught.value)
    assert len(wire.requests) == tries
    assert wire.slept == [protocol.retry_delay(n, None, 0.5) for n in range(1, tries)]


BROKEN = [
    (httpx.ConnectError, errors.Unreachable, False, TRIES),
    (httpx.ConnectTimeout, errors.Unreachable, False, TRIES),
    (httpx.ProxyError, errors.Unreachable, False, TRIES),
    (httpx.PoolTimeout, errors.Unreachable, False, TRIES),
    (httpx.UnsupportedProtocol, errors.Unreachable, False, TRIES),
    (httpx.LocalProtocolError, errors.Unreachable, False, TRIES),
    (httpx.ReadError, errors.Unreachable, True, TRIES),
    (httpx.WriteError, errors.Unreachable, True, TRIES),
    (httpx.CloseError, errors.Unreachable, True, TRIES),
    (httpx.RemoteProtocolError, errors.Unreachable, True, TRIES),
    (httpx.ReadTimeout, errors.TooSlow, True, 1),
    (httpx.WriteTimeout, errors.TooSlow, True, 1),
    (httpx.DecodingError, errors.UnreadableAnswer, True, 1),
    (httpx.TooManyRedirects, errors.Unreachable, True, TRIES),
]


@pytest.mark.parametrize(("raised", "kind", "sent", "tries"), BROKEN)
def test_a_broken_connection_is_an_error_of_ours(
    raised: type[httpx.HTTPError], kind: type[errors.WaldurError], sent: bool, tries: int
) -> None:
    """Each failure of the connection has its class; GETs are tried again where that can help."""
    wire = Wire(raised("no"))
    with pytest.raises(kind) as caught:
        wire.client.calendar(UUID)

    assert caught.value.sent is sent
    assert caught.value.path == f"/api/booking-offerings/{UUID}/"
    assert len(wire.requests) == tries


@pytest.mark.parametrize(("raised", "kind", "sent", "tries"), BROKEN)
@every_post
def test_a_post_is_sent_once_whatever_breaks(
    call: Callable[[WaldurClient], Any],
    raised: type[httpx.HTTPError],
    kind: type[errors.WaldurError],
    sent: bool,
    tries: int,
) -> None:
    """No failure repeats a POST, and it is said whether the server may have received it."""
    wire = Wire(raised("no"))
    with pytest.raises(kind) as caught:
        call(wire.client)

    assert caught.value.sent is sent
    assert caught.value.method == "POST"
    assert wire.request.method == "POST"
    assert wire.slept == []


@pytest.mark.parametrize("status", [400, 401, 403, 404, 408, 409, 429, 500, 502, 503, 504])
@every_post
def test_a_post_is_sent_once_whatever_the_status(
    call: Callable[[WaldurClient], Any], status: int
) -> None:
    """Not even a server that asks to come again gets a second POST."""
    wire = Wire(httpx.Response(status, headers={"Retry-After": "1"}, html=HTML))
    with pytest.raises(errors.WaldurError) as caught:
        call(wire.client)

    assert wire.request.method == "POST"
    assert wire.slept == []
    assert caught.value.sent


def test_a_get_that_succeeds_in_the_end_is_a_success() -> None:
    """Two failures and an answer are an answer."""
    wire = Wire(html(503), httpx.ReadError("no"), item(name="Sauna"))

    assert wire.client.calendar(UUID).name == "Sauna"
    assert len(wire.requests) == 3


def test_retry_after_is_honoured() -> None:
    """The pause is at least what the server asked for."""
    wire = Wire(httpx.Response(429, headers={"Retry-After": "7"}), item())
    wire.client.calendar(UUID)

    assert wire.slept == [protocol.retry_delay(1, 7.0, 0.5)]
    assert wire.slept[0] > 7


@pytest.mark.parametrize("asked", ["31", "86400", "9" * 400])
def test_too_long_a_pause_is_not_waited_for(asked: str) -> None:
    """A server that asks for more than half a minute is reported as busy."""
    wire = Wire(httpx.Response(503, headers={"Retry-After": asked}))
    with pytest.raises(errors.Busy) as caught:
        wire.client.calendar(UUID)

    assert caught.value.retry_after == float(asked)
    assert len(wire.requests) == 1
    assert wire.slept == []


# --- answers --------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [200, 201, 202])
def test_any_2xx_accepts_an_action(status: int) -> None:
    """202 "OK" means that the work is queued; the status is given, and the word."""
    wire = Wire(ok("OK", status))

    assert wire.client.act(DASHED, SHARE) == (status, "OK")
    assert wire.request.url.path == f"/api/booking-offerings/{UUID}/{SHARE}/"
    assert wire.request.content == b""


@pytest.mark.parametrize("body", [b"", b"{}", b"[" * 300 + b"]" * 300])
def test_an_accepted_action_needs_no_word(body: bytes) -> None:
    """An odd body does not make a success a failure."""
    assert Wire(httpx.Response(202, content=body)).client.act(UUID, SHARE) == (202, "")


@pytest.mark.parametrize("status", [200, 201, 202])
def test_any_2xx_accepts_a_decision(status: int) -> None:
    """The status is the server's own."""
    wire = Wire(ok({"detail": "Taken."}, status))

    assert wire.client.decide(DASHED, "accept") == (status, "Taken.")
    assert wire.request.url.path == f"/api/booking-resources/{UUID}/accept/"


def test_a_refused_action_has_the_servers_reason() -> None:
    """400 bodies are lists; the sentence is shown, and busy is told apart."""
    wire = Wire(
        ok(["The calendar is public already."], 400), ok(["The calendar cannot be updated."], 400)
    )
    with pytest.raises(errors.Refused) as refused:
        wire.client.act(UUID, SHARE)
    with pytest.raises(errors.CalendarBusy):
        wire.client.act(UUID, SHARE)

    assert refused.value.words == "The calendar is public already."


@every_get
def test_html_with_500_is_a_broken_server(call: Callable[[WaldurClient], Any]) -> None:
    """Its HTML is shown to nobody."""
    with pytest.raises(errors.ServerBroken) as caught:
        call(Wire(html(500)).client)

    assert caught.value.words == ""
    assert caught.value.status == 500


@pytest.mark.parametrize("body", [b'[{"uuid": "0a', b"<html>", b"[]]", b"{}", b'"OK"', b""])
def test_half_an_answer_is_unreadable(body: bytes) -> None:
    """A list that is cut off, HTML, or no list at all is not an empty list."""
    wire = Wire(httpx.Response(200, content=body))
    with pytest.raises(errors.UnreadableAnswer):
        wire.client.offerings_page(BOOKING_OFFERINGS, ["name"], page=1, page_size=300)


def test_a_packed_answer_is_unpacked() -> None:
    """Gzip is used where a server offers it."""
    body = gzip.compress(json.dumps({"uuid": UUID, "name": "Sauna"}).encode())
    packed = httpx.Response(200, content=body, headers={"Content-Encoding": "gzip"})

    assert Wire(packed).client.calendar(UUID).name == "Sauna"


def test_a_badly_packed_answer_is_unreadable() -> None:
    """What says gzip and is none is an unreadable answer."""

    def packed(request: httpx.Request) -> httpx.Response:
        return httpx.Response(
            200, stream=Drip(iter([b"not gzip"])), headers={"Content-Encoding": "gzip"}
        )

    with pytest.raises(errors.UnreadableAnswer):
        Wire(packed).client.calendar(UUID)


class Drip(httpx.SyncByteStream):
    """A body that comes piece by piece."""

    def __init__(self, parts: Iterator[bytes]) -> None:
        self.parts = parts
        self.closed = False

    def __iter__(self) -> Iterator[bytes]:
        yield from self.parts

    def close(self) -> None:
        self.closed = True


@pytest.mark.parametrize(
    ("call", "seconds"),
    [
        (GETS["calendar"], client_module.QUICK_SECONDS),
        (GETS["offerings_page"], client_module.LIST_SECONDS),
        (POSTS["act"], client_module.POST_SECONDS),
    ],
)
def test_an_answer_that_drips_is_too_slow(
    call: Callable[[WaldurClient], Any], seconds: float
) -> None:
    """A byte a second keeps every read in time and the answer is given up all the same."""

    def dripping() -> Iterator[bytes]:
        for _ in range(100_000):
            wire.seconds += 1
            yield b" "

    body = Drip(dripping())
    wire = Wire(httpx.Response(200, stream=body))
    with pytest.raises(errors.TooSlow) as caught:
        call(wire.client)

    assert seconds < wire.seconds <= seconds + 2
    assert body.closed
    assert caught.value.sent
    assert len(wire.requests) == 1


@pytest.mark.parametrize(
    ("call", "seconds"),
    [
        (GETS["calendar"], client_module.QUICK_SECONDS),
        (GETS["me"], client_module.QUICK_SECONDS),
        (GETS["offerings_page"], client_module.LIST_SECONDS),
        (GETS["bookings"], client_module.LIST_SECONDS),
        (POSTS["act"], client_module.POST_SECONDS),
    ],
)
def test_every_kind_of_request_has_its_time(
    call: Callable[[WaldurClient], Any], seconds: float
) -> None:
    """Small answers are waited for briefly, pages of 300 for long, a connection never long."""
    wire = Wire(html(403))
    with pytest.raises(errors.Forbidden):
        call(wire.client)
    timeout = wire.request.extensions["timeout"]

    assert (timeout["read"], timeout["write"]) == (seconds, seconds)
    assert timeout["connect"] == client_module.CONNECT_SECONDS


def test_an_endless_answer_is_cut() -> None:
    """An answer larger than any list does not fill the memory."""
    body = Drip(itertools.repeat(b" " * 2**20))
    with pytest.raises(errors.UnreadableAnswer, match="larger than 64 MB"):
        Wire(httpx.Response(200, stream=body)).client.calendar(UUID)

    assert body.closed


# --- many at once ---------------------------------------------------------------------------


def test_at_most_four_requests_at_once() -> None:
    """Four run together; a fifth arrives only when one of them is answered."""
    arrived = threading.Semaphore(0)
    go_on = threading.Event()

    def answer(request: httpx.Request) -> httpx.Response:
        arrived.release()
        go_on.wait(timeout=30)
        return item()

    wire = Wire(answer)
    asking = [
        threading.Thread(target=GETS["calendar"], args=[wire.client])
        for _ in range(3 * REQUESTS_AT_ONCE)
    ]
    for thread in asking:
        thread.start()
    together = [arrived.acquire(timeout=20) for _ in range(REQUESTS_AT_ONCE)]
    one_more = arrived.acquire(timeout=0.3)
    go_on.set()
    for thread in asking:
        thread.join(timeout=30)

    assert REQUESTS_AT_ONCE == 4
    assert all(together)
    assert not one_more
    assert len(wire.requests) == 3 * REQUESTS_AT_ONCE


def test_who_waits_to_try_again_holds_up_nobody() -> None:
    """While many pause after a busy answer, others are served."""
    pausing = threading.Barrier(REQUESTS_AT_ONCE + 1)
    go_on = threading.Event()

    def sleep(seconds: float) -> None:
        pausing.wait(timeout=20)
        go_on.wait(timeout=20)

    def answer(request: httpx.Request) -> httpx.Response:
        return item() if go_on.is_set() or "calm" in str(request.url) else html(503)

    client = WaldurClient(ROOT, TOKEN, transport=httpx.MockTransport(answer), sleep=sleep)
    busy = [
        threading.Thread(target=GETS["calendar"], args=[client]) for _ in range(REQUESTS_AT_ONCE)
    ]
    for thread in busy:
        thread.start()
    pausing.wait(timeout=20)
    offering, _ = client.offering(UUID, fields=["calm"])
    go_on.set()
    for thread in busy:
        thread.join(timeout=30)

    assert offering.uuid == UUID


@every_call
def test_a_closed_client_is_signed_out(call: Callable[[WaldurClient], Any]) -> None:
    """Whoever still holds a client of an ended sign-in gets an error of ours."""
    wire = Wire(item())
    wire.client.close()
    with pytest.raises(errors.SignedOut) as caught:
        call(wire.client)

    assert not caught.value.sent
    assert wire.requests == []


# --- signing in -----------------------------------------------------------------------------


def test_sign_in_gives_the_token() -> None:
    """Username and password go into the body of one POST, and nowhere else."""
    wire = Wire(ok({"token": TOKEN}), token=None)

    assert wire.client.sign_in("mari", "pä ss") == TOKEN
    assert wire.request.url == ROOT + "api-auth/password/"
    assert json.loads(wire.request.content) == {"username": "mari", "password": "pä ss"}


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (401, {"detail": "Invalid username/password."}, errors.WrongPassword),
        (401, {"detail": "Username is locked out. Try in 10 minutes."}, errors.LockedOut),
        (400, {"password": ["This field may not be blank."]}, errors.WrongPassword),
        (200, {}, errors.UnreadableAnswer),
        (200, {"token": ""}, errors.UnreadableAnswer),
        (200, {"token": 5}, errors.UnreadableAnswer),
        (200, [TOKEN], errors.UnreadableAnswer),
    ],
)
def test_sign_in_that_gives_no_token(
    status: int, body: Any, kind: type[errors.WaldurError]
) -> None:
    """Wrong, locked and unreadable are told apart, each after one POST."""
    wire = Wire(ok(body, status), token=None)
    with pytest.raises(kind) as caught:
        wire.client.sign_in("mari", "wrong")

    assert kind is type(caught.value)
    assert len(wire.requests) == 1


def test_a_password_that_cannot_be_sent_is_refused_without_being_told() -> None:
    """Half a surrogate pair cannot be written as UTF-8."""
    wire = Wire(ok({"token": TOKEN}))
    with pytest.raises(errors.Refused) as caught:
        wire.client.sign_in("mari", "hidden\ud800")

    assert wire.requests == []
    assert not caught.value.sent
    assert "hidden" not in str(caught.value)


# --- is it a Waldur? ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("core", "facts"),
    [
        ({"SITE_NAME": "Lake", "CURRENCY_NAME": "EUR"}, ServerFacts("Lake", "EUR")),
        ({}, ServerFacts("", "")),
        ({"SITE_NAME": None, "CURRENCY_NAME": None}, ServerFacts("", "")),
    ],
)
def test_a_waldur_says_what_it_is_called(core: Any, facts: ServerFacts) -> None:
    """Its configuration is open to everybody."""
    wire = Wire(ok({"WALDUR_CORE": core, "FEATURES": {}}), token=None)

    assert wire.client.facts() == facts
    assert wire.request.url.path == "/api/configuration/"


@pytest.mark.parametrize(
    "answer",
    [
        html(200),
        html(404),
        ok({"detail": "Not found."}, 404),
        ok({"detail": "No."}, 401),
        ok({"detail": "No."}, 403),
        ok({}, 200),
        ok([], 200),
        ok({"WALDUR_CORE": None}),
        httpx.Response(204),
        httpx.Response(301, headers={"Location": "https://other.test/"}),
        ok(["no"], 400),
    ],
)
def test_other_pages_are_not_a_waldur(answer: httpx.Response) -> None:
    """Whatever else answers at the address is named as such."""
    with pytest.raises(errors.NotWaldur):
        Wire(answer, token=None).client.facts()


def test_a_bad_token_is_not_taken_for_another_server() -> None:
    """A Waldur refuses a bad token even where it asks for none."""
    with pytest.raises(errors.SignedOut):
        Wire(ok({"detail": "Invalid token."}, 401)).client.facts()


@pytest.mark.parametrize("data", [{}, [], None, "OK", {"uuid": "me"}])
def test_who_am_i_without_an_answer(data: Any) -> None:
    """An answer without a person is unreadable."""
    with pytest.raises(errors.UnreadableAnswer):
        Wire(ok(data)).client.me()


# --- offerings ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "path", "kind"),
    [
        (BOOKING_OFFERINGS, "/api/booking-offerings/", None),
        (PROVIDER_OFFERINGS, "/api/marketplace-provider-offerings/", "Marketplace.Booking"),
    ],
)
def test_a_page_of_offerings(source: str, path: str, kind: str | None) -> None:
    """Fields are repeated parameters; the page's number is sent from the second on."""
    link = '<http://other.test/?page=3>; rel="next"'
    wire = Wire(ok([{"uuid": UUID}], Link=link, **{"X-Result-Count": "700"}))
    page = wire.client.offerings_page(source, ["uuid", "name"], page=2, page_size=300)
    params = wire.request.url.params

    assert page == protocol.Page([{"uuid": UUID}], 700, 3)
    assert wire.request.url.path == path
    assert wire.fields == ["uuid", "name"]
    assert (params["page_size"], params["page"], params.get("type")) == ("300", "2", kind)

    wire.client.offerings_page(source, ["name"], page=1, page_size=300)

    assert "page" not in wire.requests[1].url.params


def test_a_server_that_ignores_field_is_read_all_the_same() -> None:
    """More keys than asked for do no harm."""
    wire = Wire(item(name="Sauna", plans=[], surprise=1))
    offering, missing = wire.client.offering(UUID, fields=["uuid"])

    assert (offering.name, missing) == ("Sauna", [])
    assert offering.model_extra == {"surprise": 1}


def test_a_single_offering_is_asked_for_whole() -> None:
    """Without fields all is asked for, so that unknown ones come along."""
    wire = Wire(item(surprise=1, secret_options={"password": "x"}))
    offering, missing = wire.client.offering(DASHED)

    assert wire.fields == []
    assert wire.request.url.path == f"/api/booking-offerings/{UUID}/"
    assert offering.model_extra == {"surprise": 1}
    assert missing == []


@pytest.mark.parametrize("source", [BOOKING_OFFERINGS, PROVIDER_OFFERINGS])
def test_a_broken_schedule_costs_only_the_attributes(source: str) -> None:
    """After a 500 everything else is asked for by name, and it is said what is missing."""
    wire = Wire(html(500), item(name="Sauna"))
    offering, missing = wire.client.offering(UUID, source)

    assert (offering.name, missing) == ("Sauna", ["attributes"])
    assert "attributes" not in wire.fields
    assert set(fieldsets.every_field(source, attributes=False)) == set(wire.fields)


def test_fields_may_be_given_as_an_iterator() -> None:
    """The second try knows the fields of the first."""
    wire = Wire(html(500), item())
    _, missing = wire.client.offering(UUID, fields=iter(["name", "attributes", "state"]))

    assert wire.fields == ["uuid", "name", "state"]
    assert missing == ["attributes"]


def test_a_500_that_is_not_the_attributes_is_raised() -> None:
    """Without `attributes` in the question there is nothing to leave out."""
    wire = Wire(html(500))
    with pytest.raises(errors.ServerBroken):
        wire.client.offering(UUID, fields=["uuid", "name"])
    assert len(wire.requests) == 1

    with pytest.raises(errors.ServerBroken):
        wire.client.offering(UUID)
    assert len(wire.requests) == 3


@pytest.mark.parametrize("data", [{}, [], "OK", {"uuid": UUID, "order_count": "many"}])
def test_an_offering_that_cannot_be_read_says_why(data: Any) -> None:
    """The reason names the field."""
    with pytest.raises(errors.UnreadableAnswer) as caught:
        Wire(ok(data)).client.offering(UUID)

    assert caught.value.words


def test_a_calendar_is_cheap_to_ask_for() -> None:
    """Only the uuid and the calendar are asked for."""
    wire = Wire(item(googlecalendar=None))

    assert wire.client.calendar(UUID).googlecalendar is None
    assert wire.fields == ["uuid", "googlecalendar"]


# --- bookings -------------------------------------------------------------------------------


def test_bookings_are_read_page_by_page() -> None:
    """Of one offering or of all, newest first, each once."""
    rows = [{"uuid": f"{number:032x}"} for number in range(301)]
    first = ok(rows[:300], Link='<?page=2>; rel="next"', **{"X-Result-Count": "301"})
    second = ok(rows[300:], **{"X-Result-Count": "301"})
    wire = Wire(first, second)
    good, bad = wire.client.bookings(DASHED)

    assert [booking.uuid for booking in good] == [row["uuid"] for row in rows]
    assert bad == []
    for request in wire.requests:
        assert request.url.params["offering_uuid"] == UUID
        assert request.url.params["o"] == "-created"


def test_a_booking_that_cannot_be_read_is_a_row_that_says_so() -> None:
    """Neither a bad item, nor several without a uuid, nor a missing one costs the others."""
    rows: list[Any] = [{"uuid": UUID}, {"name": "a"}, {"name": "b"}, None,
                       {"uuid": "1" * 32, "slots": "x"}]  # fmt: skip
    wire = Wire(ok(rows, **{"X-Result-Count": "6"}))
    good, bad = wire.client.bookings()

    assert [booking.uuid for booking in good] == [UUID]
    assert sorted(row.name for row in bad) == ["", "", "", "a", "b"]
    assert all(row.reason for row in bad)


def test_a_list_of_bookings_without_an_end_says_so() -> None:
    """One page again and again, and no count: there may be more."""
    good, bad = Wire(lambda request: ok([{"uuid": UUID}])).client.bookings()

    assert [booking.uuid for booking in good] == [UUID]
    assert [row.reason for row in bad] == ["The end of the server's list was not found."]


def test_a_broken_booking_is_walked_around() -> None:
    """A page that answers 500 is halved here too."""
    rows = [{"uuid": f"{number:032x}"} for number in range(40)]

    def answer(request: httpx.Request) -> httpx.Response:
        size = int(request.url.params["page_size"])
        start = (int(request.url.params.get("page", 1)) - 1) * size
        if start >= len(rows):
            return ok({"detail": "Invalid page."}, 404)
        if start <= 17 < start + size:
            return html(500)
        more = {"Link": f'<?page={start // size + 2}>; rel="next"'} if start + size < 40 else {}
        return ok(rows[start : start + size], **{"X-Result-Count": "40"}, **more)

    good, bad = Wire(answer).client.bookings()

    assert len(good) == 39
    assert [row.reason for row in bad] == ["The server fails at number 18 of the list."]


def test_slots_are_times_only() -> None:
    """A slot whose times cannot be read is a slot without times."""
    rows = [
        {"start": "2025-02-03T16:00:00Z", "end": "2025-02-03T18:00:00Z"},
        {"start": "soon"},
        None,
    ]
    slots = Wire(ok(rows)).client.slots(UUID)

    assert [slot.start is not None for slot in slots] == [True, False, False]
    assert slots[0].end is not None
