"""Offerings from a Waldur server, for the commands that are given no file."""

import contextlib
import os
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import ValidationError

from bookings.cli.terminal import fail, tell
from bookings.settings import Settings
from bookings.waldur.errors import NotWaldur, SignedOut, WaldurError
from bookings.waldur.models import Offering, Person

if TYPE_CHECKING:
    from bookings.portfolio import Snapshot
    from bookings.waldur.client import ServerFacts, WaldurClient

TOKEN_VARIABLE = "WALDUR_API_TOKEN"  # noqa: S105 - the name of a variable
Made = TypeVar("Made")


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
        fail(_wrong_setting(error))
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
            fail(_explained(error))


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

    What is lacking, and that there is nothing, is said. Raises WaldurError.
    """
    from bookings.portfolio import Portfolio

    wanted = ("light", *groups)
    work = _Work()
    portfolio = Portfolio(client, person, work)
    portfolio.want(*wanted)
    work.do()
    snapshot = portfolio.snapshot()
    for group in wanted:
        state = snapshot.state(group)
        if state.error is not None:
            raise state.error
        for bad in state.unreadable:
            tell(f"{bad.name or bad.uuid or 'an offering'} could not be read: {bad.reason}")
        if state.missing:
            tell(f"the server counts {state.missing} more offerings than it lists")
        if not state.ended:
            tell("the end of the server's list was not found: there may be more offerings")
    if not snapshot.offerings:
        tell(f"This account ({person.named}) sees no booking offering: {_why_none(person)}")
    return snapshot


class _Work(Executor):
    """Loading that this thread does itself, so that Ctrl-C ends it in the middle of a request."""

    def __init__(self) -> None:
        self._waiting: deque[Callable[[], None]] = deque()

    def submit(self, fn: Callable[..., Made], /, *args: Any, **kwargs: Any) -> Future[Made]:
        """Keeps the work for `do`."""
        done: Future[Made] = Future()
        self._waiting.append(lambda: done.set_result(fn(*args, **kwargs)))
        return done

    def do(self) -> None:
        """Does what waits, and what comes of it."""
        while self._waiting:
            # The state of the group tells that it failed.
            with contextlib.suppress(Exception):
                self._waiting.popleft()()


# --- words ----------------------------------------------------------------------------------


def _wrong_setting(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_input=False)[0]
    name = str(first["loc"][0]).upper() if first["loc"] else "settings"
    return f"{name}: {first['msg'].removeprefix('Value error, ')}"


def _explained(error: WaldurError) -> str:
    """What happened and the next step, where both come from variables of the environment."""
    if isinstance(error, SignedOut):
        words = f"The Waldur server does not accept the token in {TOKEN_VARIABLE}. {error.words}"
        return words.rstrip()
    if isinstance(error, NotWaldur):
        return f"{error} Check WALDUR_API_URL."
    where = f" ({error.where})" if error.path else ""
    return f"{error}{where} {error.next_step}"


def _why_none(person: Person) -> str:
    if person.is_staff:
        return "the server has none."
    return (
        "the server shows them to staff, to owners of the organisation that provides them and, "
        "for reading, to its service managers."
    )
