"""The HTTP side: who gets in, what the browser gets to keep, and where nobody is sent."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlencode, urljoin, urlsplit

import httpx
import pytest
import streamlit
from hypothesis import given
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from bookings import front_door
from bookings.desk import Desk
from bookings.front_door import (
    COOKIE,
    MOST_FORM_BYTES,
    SECURITY_HEADERS,
    SIGN_IN_PATH,
    SIGN_OUT_PATH,
    SIGNED_OUT,
    Documents,
    SecurityHeaders,
    document,
    local_path,
    page_of_form,
    routes,
)
from demo.faults import Fault
from demo.people import TOKENS
from demo.server import RunningDemo, running

HOST = "desk.example"
ORIGIN = f"http://{HOST}"
HTML = (Path(streamlit.__file__).parent / "static" / "index.html").read_text("utf-8")
WRONG = "0123456789abcdef0123456789abcdef01234567"


class Browser:
    """A browser in front of an ASGI application: it keeps cookies and follows no redirect."""

    def __init__(self, app: Starlette, base: str) -> None:
        self.app = app
        self.base = base
        self.cookies = httpx.Cookies()

    def request(self, method: str, path: str, **sent: Any) -> httpx.Response:
        """One request and its whole answer."""

        async def ask() -> httpx.Response:
            async with httpx.AsyncClient(
                transport=httpx.ASGITransport(self.app), base_url=self.base, cookies=self.cookies
            ) as client:
                answer = await client.request(method, path, **sent)
                self.cookies = client.cookies
                return answer

        return asyncio.run(ask())

    def get(self, path: str, **sent: Any) -> httpx.Response:
        """Opens an address."""
        return self.request("GET", path, **sent)

    def post(self, path: str, **sent: Any) -> httpx.Response:
        """Submits a form."""
        return self.request("POST", path, **sent)


Open = Callable[..., Browser]


async def _rest(request: Request) -> PlainTextResponse:
    if request.url.path == "/broken":
        raise RuntimeError("a broken route")
    return PlainTextResponse("Streamlit's own")


def _served(desk: Desk) -> Starlette:
    """The front door as app.py puts it together, with a stand-in for Streamlit behind it."""
    find = lambda: desk  # noqa: E731
    return Starlette(
        routes=[*routes(find), Route("/{rest:path}", _rest, methods=["GET", "POST"])],
        middleware=[
            Middleware(SecurityHeaders),
            Middleware(Documents, find, HTML, ("/", "/offerings", "/connection")),
        ],
    )


class Browser:
    """Keeps its cookies, and follows no redirect by itself."""

    def __init__(self, desk: Desk, base: str = ORIGIN) -> None:
        self.app = _served(desk)
        self.base = base
        self.cookies = httpx.Cookies()

    def request(self, method: str, path: str, **options: Any) -> httpx.Response:
        """One request and its answer."""

        async def ask() -> httpx.Response:
            async with httpx.AsyncClient(
                transport=httpx.ASGITransport(self.app), base_url=self.base, cookies=self.cookies
            ) as client:
                answer = await client.request(method, path, **options)
                self.cookies = client.cookies
                return answer

        return asyncio.run(ask())

    def get(self, path: str, **options: Any) -> httpx.Response:
        """Opens an address."""
        return self.request("GET", path, **options)

    def post(self, path: str, **options: Any) -> httpx.Response:
        """Submits something."""
        return self.request("POST", path, **options)


@pytest.fixture
def demo() -> Iterator[RunningDemo]:
    """A server with hardly anything to load."""
    with running(offerings=3, login=0) as server:
        yield server


@pytest.fixture
def browser(desk: Desk) -> Browser:
    """A browser at a desk whose server is the demo."""
    return Browser(desk)


def submit(browser: Browser, path: str = SIGN_IN_PATH, **options: Any) -> Any:
    """Submits a form as a browser does: `form` are its fields, `page` is where it stands."""
    form = options.pop("form", {"token": TOKENS["staff"]})
    headers = {"Origin": ORIGIN, "Referer": ORIGIN + options.pop("page", "/offerings")}
    headers |= options.pop("headers", {})
    return browser.post(
        path, data=form, headers={k: v for k, v in headers.items() if v is not None}, **options
    )


def problem_of(answer: Any) -> str:
    """The code of the problem that the redirect names."""
    return parse_qs(urlsplit(answer.headers["location"]).query).get("problem", [""])[0]


# --- signing in ---------------------------------------------------------------------------------


def test_a_token_gets_in_and_stays_here(browser: Browser, desk: Desk) -> None:
    """The browser gets an opaque cookie that no script reads and no other site sends."""
    answer = submit(browser, page="/offerings?q=lab&state=Active")

    assert answer.status_code == 303
    assert answer.headers["location"] == "/offerings?q=lab&state=Active"
    cookie = answer.headers["set-cookie"]
    assert re.fullmatch(rf"{COOKIE}=[A-Za-z0-9_-]{{43}}; HttpOnly; Path=/; SameSite=strict", cookie)
    assert TOKENS["staff"] not in str(answer.headers) + answer.text
    who = desk.sign_ins.get(browser.cookies[COOKIE])
    assert who is not None
    assert who.person.username == "staff"


def test_a_password_gets_in(browser: Browser, desk: Desk) -> None:
    """The same by username and password; neither stays anywhere."""
    answer = submit(browser, form={"username": " owner ", "password": "demo"})

    assert answer.headers["location"] == "/offerings"
    who = desk.sign_ins.get(browser.cookies[COOKIE])
    assert who is not None
    assert who.person.username == "owner"


@pytest.mark.parametrize(
    ("base", "forwarded", "secure"),
    [
        ("http://desk.example", None, False),
        ("https://desk.example", None, True),
        ("http://desk.example", "https", True),
        ("http://desk.example", "https, http", True),
        ("https://desk.example", "http", False),
    ],
)
def test_the_cookie_is_secure_where_the_connection_is(
    desk: Desk, base: str, forwarded: str | None, secure: bool
) -> None:
    """Under https, also when a proxy speaks it, and not where the browser would drop it."""
    answer = submit(Browser(desk, base), headers={"Origin": base, "X-Forwarded-Proto": forwarded})

    assert answer.status_code == 303
    assert ("; Secure" in answer.headers["set-cookie"]) == secure


def test_the_older_sign_in_of_a_browser_is_over(browser: Browser, desk: Desk) -> None:
    """A new sign-in has a new id; an id that somebody planted before is worth nothing."""
    submit(browser)
    first = browser.cookies[COOKIE]
    submit(browser, form={"token": TOKENS["owner"]})
    second = browser.cookies[COOKIE]

    assert first != second
    assert desk.sign_ins.get(first) is None
    assert desk.sign_ins.get(second) is not None

    browser.cookies.set(COOKIE, "planted")
    submit(browser)

    assert desk.sign_ins.get("planted") is None


# --- not getting in -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("form", "code"),
    [
        ({}, "nothing-typed"),
        ({"token": "   "}, "nothing-typed"),
        ({"username": "staff"}, "nothing-typed"),
        ({"password": "demo"}, "nothing-typed"),
        ({"token": WRONG}, "wrong-token"),
        ({"token": "short"}, "wrong-token"),
        ({"token": "with a blank in it"}, "wrong-token"),
        ({"token": "line\r\nX-Evil: header"}, "wrong-token"),
        ({"token": "tökën-with-signs"}, "wrong-token"),
        ({"token": "x" * 600}, "wrong-token"),
        ({"username": "staff", "password": "wrong"}, "wrong-password"),
        ({"username": "no such", "password": "demo"}, "wrong-password"),
        ({"username": "\x00\ud7ff", "password": "\x01"}, "wrong-password"),
    ],
)
def test_what_does_not_get_in(
    browser: Browser, desk: Desk, form: dict[str, str], code: str
) -> None:
    """Each way leads back to the form with its own sentence and to the page after it."""
    answer = submit(browser, form=form, page="/offerings?q=a%20b")

    assert answer.status_code == 303
    target = urlsplit(answer.headers["location"])
    assert target.path == "/connection"
    assert parse_qs(target.query) == {"problem": [code], "next": ["/offerings?q=a%20b"]}
    assert "set-cookie" not in answer.headers
    assert len(desk.sign_ins) == 0
    for value in form.values():
        if len(value.strip()) > 5:
            assert value not in unquote(str(answer.headers)) + answer.text


def test_too_many_wrong_passwords(browser: Browser) -> None:
    """The lock is told apart from a wrong password, though the server answers 401 to both."""
    for _ in range(4):
        wrong = submit(browser, form={"username": "staff", "password": "wrong"})
    locked = submit(browser, form={"username": "staff", "password": "demo"})

    assert problem_of(wrong) == "wrong-password"
    assert problem_of(locked) == "locked-out"


def test_a_wrong_password_is_sent_once(browser: Browser, demo: RunningDemo) -> None:
    """Each try counts towards the lock."""
    submit(browser, form={"username": "staff", "password": "wrong"})

    assert len(demo.posts("/api-auth/password/")) == 1


def test_a_server_that_is_away(make_desk: Callable[..., Desk]) -> None:
    """Nobody listens at the address."""
    answer = submit(Browser(make_desk("http://127.0.0.1:1/")))

    assert problem_of(answer) == "unreachable"


def test_a_server_that_is_something_else(browser: Browser, demo: RunningDemo) -> None:
    """What is not a Waldur never gets to see the token."""
    demo.faults.add(Fault(action="not_waldur", times=None))
    answer = submit(browser)

    assert problem_of(answer) == "not-waldur"
    assert not [each for each in demo.requests if "authorization" in each.headers]


@pytest.mark.parametrize(
    "number", ["1", "-1", "01", "0x0", "¹", "٠", "9" * 5000, "http://evil.example/", "0,1", " 0"]
)
def test_only_a_server_of_the_list(browser: Browser, demo: RunningDemo, number: str) -> None:
    """The form names a server by its place in the operator's list, by nothing else."""
    answer = submit(browser, form={"server": number, "token": TOKENS["staff"]})

    assert answer.status_code == 303
    assert problem_of(answer) == "wrong-server"
    assert len(demo.requests) == 0


def test_the_second_server_of_the_list(make_desk: Callable[..., Desk], demo: RunningDemo) -> None:
    """The chosen server is the only one that sees the token."""
    desk = make_desk("http://127.0.0.1:1/", demo.url)
    browser = Browser(desk)
    submit(browser, form={"server": "1", "token": TOKENS["staff"]})
    who = desk.sign_ins.get(browser.cookies[COOKIE])

    assert who is not None
    assert who.server == demo.url


@pytest.mark.parametrize("number", ["0", "1"])
@pytest.mark.parametrize(
    "form", [{"token": WRONG}, {"username": "staff", "password": "wrong"}, {"token": " "}]
)
def test_a_wrong_one_leads_back_to_the_chosen_server(
    make_desk: Callable[..., Desk], demo: RunningDemo, number: str, form: dict[str, str]
) -> None:
    """By its place in the list; else the right token would next go to another server."""
    browser = Browser(make_desk(demo.url, demo.url.replace("127.0.0.1", "localhost")))
    answer = submit(browser, form=form | {"server": number}, page="/plans")
    query = parse_qs(urlsplit(answer.headers["location"]).query)

    assert query["server"] == [number]
    assert query["next"] == ["/plans"]


@pytest.mark.parametrize("form", [{}, {"server": ""}, {"server": "2"}, {"server": "http://e.x/"}])
def test_of_several_servers_none_is_meant_where_none_is_chosen(
    make_desk: Callable[..., Desk], demo: RunningDemo, form: dict[str, str]
) -> None:
    """Nobody's token goes to the first of the list by oversight, and no other word comes back."""
    browser = Browser(make_desk(demo.url, "http://127.0.0.1:1/"))
    answer = submit(browser, form={"token": TOKENS["staff"]} | form)

    assert problem_of(answer) == "wrong-server"
    assert "server=" not in answer.headers["location"]
    assert len(demo.requests) == 0


# --- what others try ----------------------------------------------------------------------------


@pytest.mark.parametrize("path", [SIGN_IN_PATH, SIGN_OUT_PATH])
@pytest.mark.parametrize(
    "origin",
    [
        None,
        "",
        "null",
        "http://evil.example",
        "http://desk.example.evil.example",
        "http://evil.example/desk.example",
        "http://desk.example:8080",
        "http://desk.example@evil.example",
        "file://desk.example",
        "//desk.example",
        "http://[",
    ],
)
def test_a_form_of_another_site_is_refused(
    browser: Browser, desk: Desk, demo: RunningDemo, path: str, origin: str | None
) -> None:
    """Nobody is signed in or out by a page elsewhere, and the server hears nothing."""
    submit(browser)
    mine = browser.cookies[COOKIE]
    wait_until_loaded(desk, mine)
    demo.clear_requests()
    answer = submit(browser, path, headers={"Origin": origin})

    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers
    assert desk.sign_ins.get(mine) is not None
    assert len(demo.requests) == 0


def wait_until_loaded(desk: Desk, id: str) -> None:
    """Lets the loading that a sign-in begins come to its end."""
    who = desk.sign_ins.get(id)
    assert who is not None
    who.portfolio.wait(lambda s: s.state("light").status == "loaded", 30)


def test_a_request_that_names_no_host(browser: Browser) -> None:
    """An empty Host does not match an empty origin."""
    answer = submit(browser, headers={"Host": "", "Origin": "null"})

    assert answer.status_code == 403


def test_the_token_goes_to_the_configured_server_only(
    browser: Browser, desk: Desk, demo: RunningDemo
) -> None:
    """No field, header or address of the browser's names another one."""
    evil = "http://127.0.0.1:9/"
    answer = submit(
        browser,
        f"{SIGN_IN_PATH}?server={evil}&next={evil}",
        form={"token": TOKENS["staff"], "url": evil, "next": evil, "api_url": evil},
        headers={
            "Referer": f"{evil}?next={evil}",
            "X-Forwarded-Host": "127.0.0.1:9",
            "Forwarded": "host=127.0.0.1:9",
        },
    )
    who = desk.sign_ins.get(browser.cookies[COOKIE])

    assert answer.headers["location"].startswith("/?next=")
    assert who is not None
    assert who.server == demo.url


def test_a_form_that_is_too_large(browser: Browser, demo: RunningDemo) -> None:
    """It is refused before it is read."""
    answer = submit(browser, form={"token": "x" * MOST_FORM_BYTES})

    assert answer.status_code == 413
    assert len(demo.requests) == 0


def test_a_form_that_does_not_say_how_large_it_is(browser: Browser) -> None:
    """A body in pieces has no end that could be known."""

    async def pieces() -> AsyncIterator[bytes]:
        yield b"token="
        yield TOKENS["staff"].encode()

    answer = browser.post(SIGN_IN_PATH, content=pieces(), headers={"Origin": ORIGIN})

    assert answer.status_code == 413


def test_a_file_in_the_form_is_refused(browser: Browser, desk: Desk) -> None:
    """The form has no place for one."""
    answer = browser.post(SIGN_IN_PATH, files={"token": ("t", b"x")}, headers={"Origin": ORIGIN})

    assert answer.status_code == 400
    assert len(desk.sign_ins) == 0


@pytest.mark.parametrize("path", [SIGN_IN_PATH, SIGN_OUT_PATH])
@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "PATCH"])
def test_a_link_signs_nobody_in_or_out(browser: Browser, path: str, method: str) -> None:
    """Only a submitted form does."""
    assert browser.request(method, f"{path}?token={TOKENS['staff']}").status_code == 405


# --- signing out --------------------------------------------------------------------------------


def test_signing_out(browser: Browser, desk: Desk) -> None:
    """The sign-in is over for every tab, and the browser keeps no cookie."""
    submit(browser)
    mine = browser.cookies[COOKIE]
    answer = submit(browser, SIGN_OUT_PATH)

    assert answer.status_code == 303
    assert answer.headers["location"] == "/connection?problem=goodbye"
    assert desk.sign_ins.get(mine) is None
    assert COOKIE not in browser.cookies
    assert "Max-Age=0" in answer.headers["set-cookie"]


def test_signing_out_twice(browser: Browser) -> None:
    """The second time is no error."""
    submit(browser)
    submit(browser, SIGN_OUT_PATH)

    assert submit(browser, SIGN_OUT_PATH).status_code == 303


# --- where nobody is sent -----------------------------------------------------------------------

SAFE = [
    "/",
    "/offerings",
    "/offering?uuid=0123456789abcdef0123456789abcdef",
    "/offerings?q=a%20b&state=Active&state=Paused",
    "/offerings?q=http://evil.example",
    "/plans?q=%0d%0aSet-Cookie:x",
]
UNSAFE = [
    "",
    "offerings",
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "/\\/evil.example",
    "http://evil.example",
    "https:evil.example",
    "javascript:alert(1)",
    "/offerings#fragment",
    "/../etc/passwd",
    "/auth/sign-in",
    "/.//evil.example",
    "/%2f/evil.example",
    "/offerings\r\nSet-Cookie: x=y",
    "/\tevil",
    "/ evil.example",
    "/offerings?q=a b",
    "/offerings?q=ä",
    "/offerings?q=\\",
    "/\u2028",
    "//[",
    "http://[",
]


@pytest.mark.parametrize("path", SAFE)
def test_a_path_of_ours_is_kept(path: str) -> None:
    """With its filters, as they were written."""
    assert local_path(path) == path


@pytest.mark.parametrize("path", UNSAFE)
def test_anything_else_leads_to_the_first_page(path: str) -> None:
    """Other hosts, other schemes, and what browsers read as one."""
    assert local_path(path) == "/"
    assert page_of_form(f"{ORIGIN}/connection?{urlencode({'next': path})}") == "/"


@pytest.mark.parametrize(
    ("referer", "page"),
    [
        ("", "/"),
        ("about:blank", "/"),
        ("http://[", "/"),
        (f"{ORIGIN}/", "/"),
        (f"{ORIGIN}/plans?unit=month", "/plans?unit=month"),
        (f"{ORIGIN}//evil.example/x", "/"),
        (f"{ORIGIN}/connection", "/"),
        (f"{ORIGIN}/connection?problem=wrong-token&next=%2Fplans%3Funit%3Dmonth",
         "/plans?unit=month"),
        (f"{ORIGIN}/connection?next=//evil.example", "/"),
        (f"{ORIGIN}/connection?next=/plans&next=//evil.example", "/plans"),
        ("http://evil.example/offerings", "/offerings"),
    ],
)  # fmt: skip
def test_the_page_that_the_form_stood_on(referer: str, page: str) -> None:
    """The form's own page, or the one that page was to lead to; always one of ours."""
    assert page_of_form(referer) == page


SIGNS = st.text(
    st.sampled_from("/\\.:@?#%&=[]<>\"' \t\r\nabehost25") | st.characters(exclude_categories=["Cs"])
)


@given(SIGNS.map(lambda rest: "/" + rest) | SIGNS)
def test_no_text_leads_away(text: str) -> None:
    """Whatever is asked for, the browser stays at this host and the header stays one line."""
    for path in (local_path(text), page_of_form(text), page_of_form(f"{ORIGIN}{text}"),
                 page_of_form(f"{ORIGIN}/connection?{urlencode({'next': text})}")):  # fmt: skip
        target = urlsplit(urljoin(ORIGIN, path))
        assert path.startswith("/")
        assert not path.startswith("//")
        assert "\\" not in path
        assert (target.scheme, target.netloc) == ("http", HOST)
        assert path.isascii()
        assert path.isprintable()


@given(SIGNS)
def test_a_safe_path_stays_as_it_is(text: str) -> None:
    """What was made safe once is not altered by a second pass, as after a wrong password."""
    path = local_path(text)

    assert local_path(path) == path


# --- the document and its headers ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/", 200),
        ("GET", "/offerings", 200),
        ("GET", "/_stcore/health", 200),
        ("GET", SIGN_IN_PATH, 405),
        ("POST", SIGN_IN_PATH, 403),
    ],
)
def test_every_answer_has_the_security_headers(
    browser: Browser, method: str, path: str, status: int
) -> None:
    """Streamlit's own answers and refusals included."""
    answer = browser.request(method, path, headers={"Accept": "text/html"})

    assert answer.status_code == status
    for name, value in SECURITY_HEADERS.items():
        assert answer.headers[name] == value


@pytest.mark.parametrize(
    ("path", "framed"),
    [
        ("/", "'none'"),
        ("/bookings", "'none'"),
        ("/connection", "'none'"),
        ("/component", "'none'"),
        ("/components/x", "'none'"),
        ("/bookings/component/x", "'none'"),
        ("/component/streamlit_calendar.calendar/index.html", "'self'"),
        ("/component/nothing/index.html", "'self'"),
    ],
)
def test_only_components_can_be_framed(browser: Browser, path: str, framed: str) -> None:
    """By a page of this dashboard, and nothing by another; old browsers are told, too."""
    answer = browser.get(path, headers={"Accept": "text/html"})
    policy = dict(
        part.split(" ", 1) for part in answer.headers["content-security-policy"].split("; ")
    )

    assert policy.pop("frame-ancestors") == framed
    assert answer.headers["x-frame-options"] == ("SAMEORIGIN" if framed == "'self'" else "DENY")
    # In all else a component is held to what a page is held to.
    pages = dict(part.split(" ", 1) for part in front_door.CONTENT_SECURITY_POLICY.split("; "))
    assert policy == {key: value for key, value in pages.items() if key != "frame-ancestors"}


def test_the_policy_allows_no_script_of_a_page() -> None:
    """No inline script, no foreign source, no form elsewhere, no frame elsewhere."""
    policy = dict(part.split(" ", 1) for part in front_door.CONTENT_SECURITY_POLICY.split("; "))

    assert "'unsafe-inline'" not in policy["script-src"]
    assert policy["default-src"] == policy["form-action"] == policy["base-uri"] == "'self'"
    assert policy["object-src"] == "'none'"
    assert not re.search(r"https?:|\*", front_door.CONTENT_SECURITY_POLICY)


def test_the_document_has_no_inline_script(browser: Browser) -> None:
    """The policy would block one, and the page would start with an error."""
    html = browser.get("/offerings", headers={"Accept": "text/html"}).text
    scripts = re.findall(r"<script\b([^>]*)>(.*?)</script>", html, re.DOTALL)

    assert scripts
    assert all("src=" in attributes and not body.strip() for attributes, body in scripts)
    assert scripts[0][0].strip() == 'src="./app/static/host.js"'
    assert "<title>Waldur Booking Desk</title>" in html
    assert not re.search(r"\son\w+=", html)


def test_the_document_can_still_be_rewritten() -> None:
    """A Streamlit release with another document would otherwise pass unnoticed."""
    assert "<title>Streamlit</title>" in HTML
    assert 'href="./favicon.png"' in HTML
    assert document(HTML) != HTML


def test_only_a_browser_that_opens_a_page_gets_the_document(browser: Browser) -> None:
    """Everything else is Streamlit's."""
    for path, accept in (("/", "*/*"), ("/app/static/x", "text/html"), ("/unknown", "text/html")):
        assert browser.get(path, headers={"Accept": accept}).text == "Streamlit's own"


# --- the demo's own sign-in ---------------------------------------------------------------------


@pytest.fixture
def demo_desk(make_desk: Callable[..., Desk]) -> Desk:
    """A desk for which no server is configured."""
    return make_desk(demo_offerings=3)


def visit(browser: Browser) -> Any:
    """Opens the first page."""
    return browser.get("/", headers={"Accept": "text/html"})


def test_a_first_visitor_of_the_demo_is_signed_in(demo_desk: Desk) -> None:
    """Once: the second visit keeps the sign-in, another browser gets its own."""
    browser = Browser(demo_desk)
    first = visit(browser)
    mine = browser.cookies[COOKIE]
    second = visit(browser)
    other = Browser(demo_desk)
    visit(other)

    assert re.search("HttpOnly; Path=/; SameSite=strict", first.headers["set-cookie"])
    assert "set-cookie" not in second.headers
    assert other.cookies[COOKIE] != mine
    assert len(demo_desk.sign_ins) == 2


def test_who_signed_out_of_the_demo_stays_out(demo_desk: Desk) -> None:
    """The next page is the form; signing in by it works again."""
    browser = Browser(demo_desk)
    visit(browser)
    submit(browser, SIGN_OUT_PATH)

    assert browser.cookies[COOKIE] == SIGNED_OUT
    assert "set-cookie" not in visit(browser).headers
    assert len(demo_desk.sign_ins) == 0

    submit(browser, form={"username": "owner", "password": "demo"})

    assert len(demo_desk.sign_ins) == 1


def test_nobody_is_signed_in_by_a_visit_elsewhere(browser: Browser, desk: Desk) -> None:
    """With a configured server a visit leads to the form, even if it is a demo's address."""
    assert "set-cookie" not in visit(browser).headers
    assert len(desk.sign_ins) == 0
