"""Addresses: which handler serves which path, and what happens around every handler."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from starlette.convertors import Convertor, register_url_convertor
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Match, Route
from starlette.types import Receive, Scope, Send

from demo import calendars
from demo.account_endpoints import AccountEndpoints
from demo.booking_endpoints import BookingEndpoints
from demo.data import World
from demo.offering_endpoints import OfferingEndpoints
from demo.recording import RecordedRequest
from demo.reference_endpoints import ReferenceEndpoints
from demo.wire import (
    COMMON_HEADERS,
    GERMAN,
    NOT_FOUND_PAGE,
    Call,
    RefusalError,
    authenticate,
    detail,
    html_page,
    negotiate,
    render,
)

Handler = Callable[[Call], Awaitable[Any]]


class Endpoint:
    """One address: its handler by method, behind negotiation and authentication."""

    def __init__(
        self,
        world: World,
        handlers: dict[str, Handler],
        *,
        title: str,
        allow: str = "GET, HEAD, OPTIONS",
        is_open: bool = False,
    ) -> None:
        self._world = world
        self._handlers = handlers
        self._title = title
        self._allow = allow
        self._is_open = is_open

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        request = Request(scope, receive)
        response = await self._respond(request, scope)
        await response(scope, receive, send)

    async def _respond(self, request: Request, scope: Scope) -> Response:
        if request.method == "OPTIONS" and "access-control-request-method" in request.headers:
            return Response(b"", 200, media_type="text/html")
        scheme = request.headers.get("x-forwarded-proto", request.url.scheme)
        base = f"{scheme}://{request.headers.get('host', '')}"
        call = Call(request, self._world, None, base)
        try:
            status, body = await self._handle(call, scope)
        except RefusalError as refusal:
            if refusal.html:
                return html_page(refusal.status, refusal.body)
            status, body = refusal.status, refusal.body
            call.headers.update(refusal.headers)
        return self._in_json(call, status, body)

    async def _handle(self, call: Call, scope: Scope) -> tuple[int, Any]:
        request = call.request
        negotiate(request)
        if not self._is_open:
            call.account = authenticate(request, self._world)
            record: RecordedRequest | None = scope.get("demo.request")
            if record is not None:
                record.username = call.account.username
        if request.method == "OPTIONS":
            return 200, {
                "name": self._title,
                "description": "",
                "renders": ["application/json"],
                "parses": ["application/json", "application/x-www-form-urlencoded"],
            }
        method = "GET" if request.method == "HEAD" else request.method
        handler = self._handlers.get(method)
        if handler is None:
            raise detail(405, f'Method "{request.method}" not allowed.')
        call.body = await request.body()
        result = await handler(call)
        return result if isinstance(result, tuple) else (200, result)

    def _in_json(self, call: Call, status: int, body: Any) -> Response:
        language = "en"
        text = body.get("detail") if isinstance(body, dict) else None
        if text in GERMAN and call.request.headers.get("accept-language", "").startswith("de"):
            language, body = "de", {"detail": GERMAN[text]}
        headers = {**COMMON_HEADERS, "Allow": self._allow, "Content-Language": language}
        return Response(
            render(body, call.base),
            status,
            headers={**headers, **call.headers},
            media_type="application/json",
        )


def api_routes(
    world: World,
    *,
    offerings: OfferingEndpoints,
    bookings: BookingEndpoints,
    references: ReferenceEndpoints,
    accounts: AccountEndpoints,
) -> list[BaseRoute]:
    """Every address of the API, as on a real server with a slash at the end."""

    def route(
        path: str,
        title: str,
        *,
        get: Handler | None = None,
        post: Handler | None = None,
        allow: str = "GET, HEAD, OPTIONS",
        is_open: bool = False,
    ) -> Route:
        handlers = {name: handler for name, handler in (("GET", get), ("POST", post)) if handler}
        endpoint = Endpoint(world, handlers, title=title, allow=allow, is_open=is_open)
        return Route(f"/api{path}", endpoint)

    collection = "GET, POST, HEAD, OPTIONS"
    element = "GET, PUT, PATCH, DELETE, HEAD, OPTIONS"
    only_post = "POST, OPTIONS"
    return [
        route(
            "/booking-offerings/",
            "Offering List",
            get=offerings.list_offerings,
            allow=collection,
        ),
        route(
            "/booking-offerings/{uuid}/",
            "Offering Instance",
            get=offerings.retrieve_offering,
            allow=element,
        ),
        *(
            route(
                f"/booking-offerings/{{uuid}}/{action}/",
                action.replace("_", " ").capitalize(),
                post=offerings.action(action),
                allow=only_post,
            )
            for action in calendars.ACTIONS
        ),
        route(
            "/marketplace-provider-offerings/",
            "Provider Offering List",
            get=offerings.list_provider_offerings,
            allow=collection,
        ),
        route(
            "/marketplace-provider-offerings/{uuid}/",
            "Provider Offering Instance",
            get=offerings.retrieve_provider_offering,
            allow=element,
        ),
        route("/marketplace-bookings/{uuid:hex}/", "Bookings", get=bookings.list_slots),
        route("/booking-resources/", "Resource List", get=bookings.list_reservations),
        route("/booking-resources/{uuid}/", "Resource", get=bookings.retrieve_reservation),
        route("/booking-resources/{uuid}/accept/", "Accept", post=bookings.accept, allow=only_post),
        route("/booking-resources/{uuid}/reject/", "Reject", post=bookings.reject, allow=only_post),
        route("/google-auth/", "Google Auth List", get=references.list_google_credentials),
        route("/google-auth/{uuid}/", "Google Auth", get=references.retrieve_google_credentials),
        route("/google-auth/{uuid}/authorize/", "Authorize", get=references.authorize_google),
        route("/marketplace-categories/", "Category List", get=references.list_categories),
        route("/marketplace-categories/{uuid}/", "Category", get=references.retrieve_category),
        route("/users/me/", "Me", get=accounts.show_me),
        route("/version/", "Version", get=references.show_version),
        route(
            "/configuration/",
            "Configuration",
            get=references.show_configuration,
            is_open=True,
        ),
        Route(
            "/api-auth/password/",
            Endpoint(
                world,
                {"POST": accounts.sign_in},
                title="Obtain Auth Token",
                allow=only_post,
                is_open=True,
            ),
        ),
    ]


class HexConvertor(Convertor[str]):
    """An identifier in lower-case digits only; another spelling is an unknown address here."""

    regex = "[0-9a-f]{32}"

    def convert(self, value: str) -> str:
        """The identifier as written."""
        return value

    def to_string(self, value: str) -> str:
        """The identifier as written."""
        return value


register_url_convertor("hex", HexConvertor())


class Fallback:
    """What no route takes: a redirect to the address with a slash, or the 404 page."""

    def __init__(self, routes: list[BaseRoute]) -> None:
        self._routes = routes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        path = scope["path"]
        slashed = {**scope, "path": f"{path}/"}
        if not path.endswith("/") and any(
            route.matches(slashed)[0] is not Match.NONE for route in self._routes
        ):
            query = scope["query_string"].decode("latin-1")
            target = f"{path}/" + (f"?{query}" if query else "")
            response = Response(b"", 301, headers={"Location": target}, media_type="text/html")
        else:
            response = html_page(404, NOT_FOUND_PAGE)
        await response(scope, receive, send)
