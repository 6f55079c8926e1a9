"""A client whose readings of calendars show in the list of the person it acts as."""

import threading
import time
from collections.abc import Callable

from bookings.calendars.runner import Client
from bookings.portfolio import Portfolio
from bookings.waldur.models import GoogleCalendar, Offering
from bookings.waldur.protocol import Accepted

__all__ = ["PAUSE_SECONDS", "FollowedClient"]

PAUSE_SECONDS = 10.0
"""Between two takings over: with each the list is worked out anew, which takes seconds for
thousands of offerings."""


class FollowedClient:
    """Acts as `client` does. May be used from many threads.

    What is read of calendars goes to the portfolio, several at once; what was read before its
    last Refresh does not, because the list is newer then. `clock` (seconds) is there for tests.
    """

    def __init__(
        self, client: Client, portfolio: Portfolio, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.root = client.root
        self._client = client
        self._portfolio = portfolio
        self._clock = clock
        self._lock = threading.Lock()
        self._read: dict[str, tuple[int, GoogleCalendar | None]] = {}
        self._due = clock() + PAUSE_SECONDS

    def act(self, uuid: str, action: str) -> Accepted:
        """See WaldurClient."""
        return self._client.act(uuid, action)

    def calendar(self, uuid: str) -> Offering:
        """See WaldurClient."""
        before = self._portfolio.round
        reading = self._client.calendar(uuid)
        if "googlecalendar" in reading.model_fields_set:
            with self._lock:
                self._read[uuid] = (before, reading.googlecalendar)
                if self._clock() >= self._due:
                    self._hand_over()
        return reading

    def _hand_over(self) -> None:
        now = self._portfolio.round
        self._portfolio.put_calendars(
            {uuid: calendar for uuid, (round_, calendar) in self._read.items() if round_ == now}
        )
        self._read.clear()
        self._due = self._clock() + PAUSE_SECONDS
