"""Who is signed in. Tokens live here, in the memory of this process, and nowhere else.

A browser holds an opaque id in a cookie; the id means nothing outside this process.
"""

import logging
import secrets
import threading
import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Any

from bookings.portfolio import Portfolio
from bookings.waldur.client import ServerFacts, WaldurClient
from bookings.waldur.models import Person

MOST_SIGN_INS = 2000
"""Above this the one unused for longest is ended, so that memory stays bounded."""

_log = logging.getLogger(__name__)


@dataclass(eq=False, slots=True)
class SignIn:
    """One person at one server, from sign-in to sign-out."""

    id: str = field(repr=False)
    client: WaldurClient
    person: Person
    facts: ServerFacts
    portfolio: Portfolio
    started: float
    used: float
    memo: dict[str, tuple[Hashable, Any]] = field(default_factory=dict, repr=False)
    """What was worked out from the portfolio, each with the version it was worked out from."""
    ended: str = ""
    """Why it is over: "", "signed-out", "idle", "age", "token", "full" or "closed"."""
    stops: dict[str, Callable[[], None]] = field(default_factory=dict, init=False, repr=False)
    """What is called when it ends; see `at_end`."""

    @property
    def server(self) -> str:
        """Root address of the server."""
        return self.client.root

    def at_end(self, name: str, stop: Callable[[], None]) -> None:
        """Has `stop` called when this sign-in ends, at once if it has; one for each name.

        It must not wait, and may be called twice.
        """
        self.stops[name] = stop
        if self.ended:
            stop()


class SignIns:
    """All sign-ins of this process, by id. Safe to use from many threads.

    `clock` gives seconds that only grow; `idle` and `age` are the limits in seconds.
    """

    def __init__(
        self, *, idle: float, age: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._idle = idle
        self._age = age
        self._clock = clock
        self._lock = threading.Lock()
        self._by_id: dict[str, SignIn] = {}

    def begin(
        self, client: WaldurClient, person: Person, facts: ServerFacts, portfolio: Portfolio
    ) -> SignIn:
        """A new sign-in under a new id of 256 random bits."""
        now = self._clock()
        new = SignIn(secrets.token_urlsafe(32), client, person, facts, portfolio, now, now)
        with self._lock:
            self._drop_expired(now)
            if len(self._by_id) >= MOST_SIGN_INS:
                self._end(min(self._by_id.values(), key=lambda each: each.used), "full")
            self._by_id[new.id] = new
        return new

    def get(self, id: str | None, *, touch: bool = True) -> SignIn | None:
        """The living sign-in of this id, or None.

        `touch` says that a person did something; a page that looks by itself every few seconds
        must not keep a sign-in alive.
        """
        if not id:
            return None
        with self._lock:
            found = self._by_id.get(id)
            if found is None:
                return None
            now = self._clock()
            if reason := self._expired(found, now):
                self._end(found, reason)
                return None
            if touch:
                found.used = now
            return found

    def sweep(self) -> None:
        """Ends all that are over, so that the tokens of people who do not come back go too."""
        with self._lock:
            self._drop_expired(self._clock())

    def end(self, id: str | None, reason: str = "signed-out") -> None:
        """Ends a sign-in in every tab; an unknown id is no error."""
        with self._lock:
            found = self._by_id.get(id or "")
            if found is not None:
                self._end(found, reason)

    def close(self) -> None:
        """Ends every sign-in and closes its connections, when the process stops."""
        with self._lock:
            for each in list(self._by_id.values()):
                self._end(each, "closed")
                each.client.close()

    def __len__(self) -> int:
        with self._lock:
            return len(self._by_id)

    def _expired(self, each: SignIn, now: float) -> str:
        if now - each.started > self._age:
            return "age"
        if now - each.used > self._idle:
            return "idle"
        return "token" if each.portfolio.signed_out else ""

    def _drop_expired(self, now: float) -> None:
        for each in list(self._by_id.values()):
            if reason := self._expired(each, now):
                self._end(each, reason)

    def _end(self, each: SignIn, reason: str) -> None:
        # First, so that what is to be stopped and comes only now is stopped by `at_end`.
        each.ended = reason
        del self._by_id[each.id]
        each.portfolio.stop()
        for name, stop in list(each.stops.items()):
            try:
                stop()
            except Exception as error:  # noqa: BLE001 it must not hold up the others
                # The text of an unknown exception could hold anything, a header included.
                _log.error("Stopping %s at the end of a sign-in: %s", name, type(error).__name__)
