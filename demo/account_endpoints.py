"""Signing in, and who is signed in."""

from __future__ import annotations

import asyncio
import json
from typing import Any
from urllib.parse import parse_qsl

from demo import people
from demo.data import World
from demo.links import named_uuid
from demo.wire import Call, RefusalError, detail

_BLANK = "This field may not be blank."


class AccountEndpoints:
    """`api-auth/password` and `users/me`."""

    def __init__(self, world: World, lockout: people.Lockout, *, seconds: float) -> None:
        self._world = world
        self._lockout = lockout
        self._seconds = seconds

    async def show_me(self, call: Call) -> Any:
        """The signed-in person, token included (observed)."""
        return call.select(
            people.person_item(call.viewer, self._world.tokens.of(call.viewer.username))
        )

    async def sign_in(self, call: Call) -> Any:
        """Exchange username and password for the account's token."""
        given = _credentials(call)
        errors = {
            name: ["This field is required." if name not in given else _BLANK]
            for name in ("username", "password")
            if not given.get(name)
        }
        if errors:
            raise RefusalError(400, errors)
        username, address = given["username"], call.request.client.host  # type: ignore[union-attr]
        if self._lockout.is_locked(username, address):
            raise detail(401, people.LOCKED_OUT)
        await asyncio.sleep(self._seconds)
        if username not in people.ACCOUNTS or given["password"] != people.PASSWORD:
            self._lockout.record_failure(username, address)
            raise detail(401, people.BAD_CREDENTIALS)
        self._lockout.clear(username, address)
        call.headers["Set-Cookie"] = (
            f"sessionid={named_uuid('session', username)}; HttpOnly; Max-Age=3600; Path=/"
        )
        return {"token": self._world.tokens.of(username)}


def _credentials(call: Call) -> dict[str, str]:
    content_type = call.request.headers.get("content-type", "").split(";")[0].strip()
    text = call.body.decode("utf-8", "replace")
    if content_type == "application/x-www-form-urlencoded":
        return dict(parse_qsl(text, keep_blank_values=True))
    if content_type != "application/json":
        if not text:
            return {}
        raise detail(415, f'Unsupported media type "{content_type}" in request.')
    try:
        given = json.loads(text)
    except ValueError as error:
        raise detail(400, f"JSON parse error - {error}") from None
    if not isinstance(given, dict):
        kind = type(given).__name__
        text = f"Invalid data. Expected a dictionary, but got {kind}."
        raise RefusalError(400, {"non_field_errors": [text]})
    return {name: str(value) for name, value in given.items() if value is not None}
