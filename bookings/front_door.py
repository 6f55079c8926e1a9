"""The HTTP side of the dashboard itself: signing in and out, and headers on every answer.

A token is only ever in the body of the form that a person submits, in this process's memory
and in the Authorization header towards the configured server. The browser keeps an opaque id
in an HttpOnly cookie.
"""

import re
from collections.abc import Callable, Collection
from urllib.parse import parse_qs, quote, urlencode, urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bookings.desk import DEMO_PASSWORD, DEMO_PERSON, Desk
from bookings.sign_ins import SignIn
from bookings.waldur.errors import SignedOut, WaldurError

COOKIE = "booking_desk"
TITLE = "Waldur Booking Desk"
SIGN_IN_PATH = "/auth/sign-in"
SIGN_OUT_PATH = "/auth/sign-out"
SIGN_IN_PAGE = "/connection"
SIGNED_OUT = "signed-out"
"""Cookie value of a person who signed out of the demo and is not to be signed in again."""
ANY_METHOD = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
"""The routes answer all of them, else Streamlit would answer those they leave with a page."""
MOST_FORM_BYTES = 16_384
_TOKEN = re.compile(r"[!-~]{8,512}")

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'self'",
        "img-src 'self' data: blob:",
        # Streamlit's grid and map compile code at run time.
        "script-src 'self' 'unsafe-eval' 'wasm-unsafe-eval'",
        "style-src 'self' 'unsafe-inline'",
        "font-src 'self' data:",
        "connect-src 'self'",
        "worker-src 'self' blob:",
        "object-src 'none'",
        "base-uri 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
COMPONENT_PATH = "/component/"
"""Below it Streamlit serves components that a page draws in a frame, such as the calendar."""
COMPONENT_POLICY = CONTENT_SECURITY_POLICY.replace(
    "frame-ancestors 'none'", "frame-ancestors 'self'"
)
SECURITY_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "geolocation=(), camera=(), microphone=()",
    "Cross-Origin-Opener-Policy": "same-origin",
}

COMPONENT_HEADERS = SECURITY_HEADERS | {
    "Content-Security-Policy": COMPONENT_POLICY,
    "X-Frame-Options": "SAMEORIGIN",
}

FindDesk = Callable[[], Desk]


def routes(desk: FindDesk) -> list[Route]:
    """The routes of the front door."""

    async def sign_in(request: Request) -> Response:
        refusal = _refusal(request)
        if refusal:
            return refusal
        form = await request.form(max_files=0, max_fields=10)
        words = {name: str(value) for name, value in form.items()}
        after = page_of_form(request.headers.get("referer", ""))
        try:
            new = await run_in_threadpool(_sign_in, desk(), words)
        except _BadForm as bad:
            problem = str(bad)
        except SignedOut as error:
            problem = "wrong-token" if type(error) is SignedOut else error.code
        except WaldurError as error:
            problem = error.code
        else:
            # A fresh id for a fresh sign-in; the one this browser had before is over.
            desk().sign_ins.end(request.cookies.get(COOKIE))
            answer = RedirectResponse(after, 303)
            _set_cookie(answer, request, new.id)
            return answer
        return _again(problem, after, _number(desk(), words) if "server" in words else None)

    async def sign_out(request: Request) -> Response:
        refusal = _refusal(request)
        if refusal:
            return refusal
        desk().sign_ins.end(request.cookies.get(COOKIE))
        answer = RedirectResponse(f"{SIGN_IN_PAGE}?problem=goodbye", 303)
        if desk().settings.demo:
            _set_cookie(answer, request, SIGNED_OUT)
        else:
            answer.delete_cookie(COOKIE, httponly=True, samesite="strict", secure=_secure(request))
        return answer

    return [
        Route(SIGN_IN_PATH, sign_in, methods=ANY_METHOD),
        Route(SIGN_OUT_PATH, sign_out, methods=ANY_METHOD),
    ]


class SecurityHeaders:
    """Puts SECURITY_HEADERS on every HTTP answer, Streamlit's own included.

    Only what lies below COMPONENT_PATH may be framed, and only by this dashboard.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one request."""
        framed = scope.get("path", "").startswith(COMPONENT_PATH)
        ours = COMPONENT_HEADERS if framed else SECURITY_HEADERS

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in ours.items():
                    headers.setdefault(name, value)
            await send(message)

        await self.app(scope, receive, send_with_headers if scope["type"] == "http" else send)


class Documents:
    """Serves the HTML document of the pages, and signs a first visitor into the demo.

    `html` is Streamlit's own document. It is served without its inline script, which the content
    security policy would block, and with the address of the server, which saves the browser a
    search for it below the page's address.
    """

    def __init__(self, app: ASGIApp, desk: FindDesk, html: str, paths: Collection[str]) -> None:
        self.app = app
        self.desk = desk
        self.html = document(html)
        self.paths = frozenset(paths)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serves one request."""
        if scope["type"] != "http" or not self._opens_a_page(scope):
            await self.app(scope, receive, send)
            return
        answer = HTMLResponse(self.html, headers={"Cache-Control": "no-cache"})
        request = Request(scope)
        new = await run_in_threadpool(self._demo_sign_in, request.cookies.get(COOKIE))
        if new:
            _set_cookie(answer, request, new.id)
        await answer(scope, receive, send)

    def _opens_a_page(self, scope: Scope) -> bool:
        headers = Headers(scope=scope)
        return (
            scope["method"] == "GET"
            and scope["path"] in self.paths
            and "text/html" in headers.get("accept", "")
        )

    def _demo_sign_in(self, cookie: str | None) -> SignIn | None:
        desk = self.desk()
        if not desk.settings.demo or cookie == SIGNED_OUT or desk.sign_ins.get(cookie):
            return None
        try:
            return desk.sign_in_with_password(desk.servers[0], DEMO_PERSON, DEMO_PASSWORD)
        except WaldurError:
            return None  # the page itself then offers the form, and says what is wrong


def document(html: str) -> str:
    """Streamlit's document with our title, our script in place of its inline ones."""
    html = re.sub(r"<script>.*?</script>", "", html, flags=re.DOTALL)
    html = html.replace("<title>Streamlit</title>", f"<title>{TITLE}</title>")
    html = html.replace('href="./favicon.png"', 'href="./app/static/favicon.png"')
    return html.replace("<script ", '<script src="./app/static/host.js"></script>\n    <script ', 1)


class _BadForm(Exception):
    """The form lacks something; the message is the problem's code."""


def _sign_in(desk: Desk, form: dict[str, str]) -> SignIn:
    number = _number(desk, form)
    if number is None:
        raise _BadForm("wrong-server")
    server = desk.servers[number]
    token = form.get("token", "").strip()
    username, password = form.get("username", "").strip(), form.get("password", "")
    if token:
        # What cannot be a header cannot be a token.
        if not _TOKEN.fullmatch(token):
            raise _BadForm("wrong-token")
        return desk.sign_in_with_token(server, token)
    if username and password:
        return desk.sign_in_with_password(server, username, password)
    raise _BadForm("nothing-typed")


def _number(desk: Desk, form: dict[str, str]) -> int | None:
    """The place in the list of the server that a form names; None for what is not in it.

    Of several servers none is meant where none is named.
    """
    named = form.get("server", "0" if len(desk.servers) == 1 else "")
    return next((at for at in range(len(desk.servers)) if named == str(at)), None)


def _refusal(request: Request) -> Response | None:
    """A refusal for what is no form, was submitted by another site, or is too large."""
    if request.method != "POST":
        return PlainTextResponse("Only a form signs in or out.", 405, {"Allow": "POST"})
    origin = request.headers.get("origin", "")
    host = request.headers.get("host", "").lower()
    if not host or origin.lower() not in {f"https://{host}", f"http://{host}"}:
        return PlainTextResponse("This form must be submitted from the dashboard itself.", 403)
    length = request.headers.get("content-length", "")
    if not length.isdecimal() or int(length) > MOST_FORM_BYTES:
        return PlainTextResponse("This form is too large.", 413)
    return None


def _again(problem: str, after: str, server: int | None) -> Response:
    """Back to the form, with the server that was chosen on it chosen again."""
    query = {"problem": problem} | ({"next": after} if after != "/" else {})
    if server is not None:
        query["server"] = str(server)
    return RedirectResponse(f"{SIGN_IN_PAGE}?{urlencode(query)}", 303)


def local_path(text: str) -> str:
    """A path of this dashboard with its query, safe to redirect to; "/" for anything else.

    Backslashes and control characters are refused: browsers read some of them as a host.
    """
    if not re.fullmatch(r"/[A-Za-z0-9_\-]*(\?[!-\[\]-~]*)?", text):
        return "/"
    return quote(text, safe="/?&=%+-_.~*!$'(),:;@")


def page_of_form(referer: str) -> str:
    """Where to go after the form: the page it stood on, or the one that page was to lead to.

    The browser names that page itself, so that nothing dynamic has to stand in the form.
    """
    try:
        parts = urlsplit(referer)
    except ValueError:
        return "/"
    if parts.path == SIGN_IN_PAGE:
        return local_path(parse_qs(parts.query).get("next", ["/"])[0])
    return local_path(parts.path + (f"?{parts.query}" if parts.query else ""))


def _set_cookie(answer: Response, request: Request, value: str) -> None:
    answer.set_cookie(
        COOKIE, value, httponly=True, samesite="strict", secure=_secure(request), path="/"
    )


def _secure(request: Request) -> bool:
    forwarded = request.headers.get("x-forwarded-proto", "").split(",")[0].strip()
    return (forwarded or request.url.scheme) == "https"


__all__ = [
    "COOKIE",
    "SIGN_IN_PATH",
    "SIGN_OUT_PATH",
    "Documents",
    "SecurityHeaders",
    "local_path",
    "routes",
]
