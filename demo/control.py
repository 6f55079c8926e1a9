"""Endpoints to steer a demo server in another process; absent unless asked for."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from demo.data import World
from demo.faults import Faults, parse_faults
from demo.people import ACCOUNTS
from demo.recording import Recording


def control_routes(world: World, faults: Faults, requests: Recording) -> list[BaseRoute]:
    """The routes below `/demo-control/`; they need no token and are not recorded."""

    async def put_faults(request: Request) -> Response:
        try:
            faults.replace(parse_faults(await request.json()))
        except (ValueError, TypeError) as error:
            return JSONResponse({"detail": str(error)}, 400)
        return JSONResponse({"faults": len(list(faults))})

    async def show_requests(request: Request) -> Response:
        return JSONResponse([recorded.as_item() for recorded in requests])

    async def clear_requests(request: Request) -> Response:
        requests.clear()
        return Response(status_code=204)

    async def revoke(request: Request) -> Response:
        username = request.path_params["username"]
        if username not in ACCOUNTS:
            return JSONResponse({"detail": f"no account {username}"}, 404)
        world.revoke(username, expired=request.query_params.get("expired") == "true")
        return JSONResponse({"revoked": username})

    async def show_notable(request: Request) -> Response:
        return JSONResponse(world.notable)

    return [
        Route("/demo-control/faults/", put_faults, methods=["PUT"]),
        Route("/demo-control/requests/", show_requests, methods=["GET"]),
        Route("/demo-control/requests/", clear_requests, methods=["DELETE"]),
        Route("/demo-control/tokens/{username}/revoke/", revoke, methods=["POST"]),
        Route("/demo-control/notable/", show_notable, methods=["GET"]),
    ]
