"""Offerings from a Waldur server, for the commands that are given no file."""

import contextlib
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from pydantic import ValidationError

from bookings.cli.terminal import fail, tell
from bookings.settings import Settings
from bookings.waldur.errors import WaldurError
from bookings.waldur.models import Offering, Person

if TYPE_CHECKING:
    from bookings.portfolio import Snapshot
    from bookings.waldur.client import ServerFacts, WaldurClient

TOKEN_VARIABLE = "WALDUR_API_TOKEN"  # noqa: S105 - the name of a variable
PATIENCE_SECONDS = 600.0
"""How long a field group may take to come from a Waldur server."""


@contextlib.contextmanager
def connected(
    otherwise: str = "",
) -> Iterator[tuple[Settings, "WaldurClient", "ServerFacts"]]:
    """The settings, and of the one server they name a client with the token of the environment
    and what it says of itself.

    `otherwise` says what can be given in place of a server. Ends the command where the server
    cannot be asked or is no Waldur.
    """
    from bookings.waldur.client import WaldurClient

    try:
        settings = Settings()
    except ValidationError as error:
        fail(f"settings: {error.errors(include_url=False, include_input=False)[0]['msg']}")
    token = os.environ.get(TOKEN_VARIABLE, "")
    if len(settings.waldur_api_url) != 1 or not token:
        fail(f"{otherwise}set WALDUR_API_URL to one address and {TOKEN_VARIABLE} to your token")
    root = settings.waldur_api_url[0]
    bundle = str(settings.waldur_ca_bundle) if settings.waldur_ca_bundle else None
    with contextlib.ExitStack() as closing:
        try:
            # Asked without the token: what is not a Waldur must not get to see one.
            with contextlib.closing(WaldurClient(root, ca_bundle=bundle)) as anonymous:
                facts = anonymous.facts()
            client = closing.enter_context(
                contextlib.closing(WaldurClient(root, token, ca_bundle=bundle))
            )
            yield settings, client, facts
        except WaldurError as error:
            fail(f"{error} {error.next_step}")


def loaded(group: str, option: str) -> tuple[list[Offering], str]:
    """All offerings that the token's owner may see, with a field group, and the currency.

    `option` is the one that names a file in place of the server. Ends the command where the
    server cannot be asked.
    """
    from bookings.frames import in_order

    with connected(f"give {option} FILE, or ") as (_, client, facts):
        snapshot = load(client, client.me(), group)
    return list(in_order(snapshot)), facts.currency


def load(client: "WaldurClient", person: Person, *groups: str) -> "Snapshot":
    """All that this person may see, with field groups beside the light one.

    Ends the command where it does not come in time; raises WaldurError.
    """
    from bookings.portfolio import Portfolio

    wanted = ("light", *groups)
    with ThreadPoolExecutor() as pool:
        portfolio = Portfolio(client, person, pool)
        portfolio.want(*wanted)
        snapshot = portfolio.wait(
            lambda each: (
                all(each.state(group).status in {"loaded", "failed"} for group in wanted)
                or each.state("light").status == "failed"
            ),
            PATIENCE_SECONDS,
        )
        portfolio.stop()
    for group in wanted:
        state = snapshot.state(group)
        if state.error is not None:
            raise state.error
        if state.status != "loaded":
            fail(f"the server did not list everything within {PATIENCE_SECONDS:.0f} s")
        for bad in state.unreadable:
            tell(f"{bad.name or bad.uuid or 'an offering'} could not be read: {bad.reason}")
        if state.missing:
            tell(f"the server counts {state.missing} more offerings than it lists")
        if not state.ended:
            tell("the end of the server's list was not found: there may be more offerings")
    return snapshot
