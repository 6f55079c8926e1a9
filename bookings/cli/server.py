"""Offerings from a Waldur server, for the commands that are given no file."""

import os
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from pydantic import ValidationError

from bookings.cli.terminal import fail, tell
from bookings.settings import Settings
from bookings.waldur.errors import WaldurError
from bookings.waldur.models import Offering

if TYPE_CHECKING:
    from bookings.portfolio import Snapshot
    from bookings.waldur.client import WaldurClient

TOKEN_VARIABLE = "WALDUR_API_TOKEN"  # noqa: S105 - the name of a variable
PATIENCE_SECONDS = 600.0
"""How long a field group may take to come from a Waldur server."""


def loaded(group: str, option: str) -> tuple[list[Offering], str]:
    """All offerings that the token's owner may see, with a field group, and the currency.

    `option` is the one that names a file in place of the server. Ends the command where the
    server cannot be asked.
    """
    from bookings.frames import in_order
    from bookings.waldur.client import WaldurClient

    try:
        settings = Settings()
    except ValidationError as error:
        fail(f"settings: {error.errors(include_url=False, include_input=False)[0]['msg']}")
    token = os.environ.get(TOKEN_VARIABLE, "")
    if len(settings.waldur_api_url) != 1 or not token:
        fail(
            f"give {option} FILE, or set WALDUR_API_URL to one address and {TOKEN_VARIABLE} "
            "to your token"
        )
    bundle = settings.waldur_ca_bundle
    client = WaldurClient(
        settings.waldur_api_url[0], token, ca_bundle=str(bundle) if bundle else None
    )
    try:
        currency = client.facts().currency
        snapshot = _load(client, group)
    except WaldurError as error:
        fail(f"{error} {error.next_step}")
    finally:
        client.close()
    return list(in_order(snapshot)), currency


def _load(client: "WaldurClient", group: str) -> "Snapshot":
    """All that the token's owner may see. Raises WaldurError."""
    from bookings.portfolio import Portfolio

    with ThreadPoolExecutor() as pool:
        portfolio = Portfolio(client, client.me(), pool)
        portfolio.want(group)
        snapshot = portfolio.wait(
            lambda each: each.state(group).status in {"loaded", "failed"},
            PATIENCE_SECONDS,
        )
    for each in ("light", group):
        state = snapshot.state(each)
        if state.error is not None:
            raise state.error
        for bad in state.unreadable:
            tell(f"{bad.name or bad.uuid or 'an offering'} could not be read: {bad.reason}")
        if state.missing:
            tell(f"the server counts {state.missing} more offerings than it lists")
    return snapshot
