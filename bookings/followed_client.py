"""A client whose readings of calendars show in the list of the person it acts as."""

import threading
from collections.abc import Callable

from bookings.calendars.runner import Client
from bookings.portfolio import Portfolio
from bookings.waldur.models import GoogleCalendar, Offering
from bookings.waldur.protocol import Accepted

__all__ = ["PAUSE_SECONDS", "FollowedClient"]

PAUSE_SECONDS = 10.0
"""From a reading to its taking over, for others to join it: with each taking over the list is
worked out anew, which takes seconds for thousands of offerings."""


def _later(seconds: float, work: Callable[[], None]) -> None:
    timer = threading.Timer(seconds, work)
    timer.name = "taking-over"
    timer.daemon = True  # nobody is left to see it when the process ends
    timer.start()


class FollowedClient:
    """Acts as `client` does. May be used from many threads.

    What is read of calendars goes to the portfolio, several at once, the last of a run too; what
    was read before its last Refresh does not, because the list is newer then. `later` does work
    after so many seconds, and is there for tests.
    """

    def __init__(
        self,
        client: Client,
        portfolio: Portfolio,
        *,
        later: Callable[[float, Callable[[], None]], None] = _later,
    ) -> None:
        self.root = client.root
        self._client = client
        self._portfolio = portfolio
        self._later = later
        self._lock = threading.Lock()
        self._read: dict[str, tuple[int, GoogleCalendar | None]] = {}
        self._due = False

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
                first, self._due = not self._due, True
            if first:
                self._hand_over_later()
        return reading

    def _hand_over_later(self) -> None:
        try:
            self._later(PAUSE_SECONDS, self._hand_over)
        except RuntimeError:  # the system gives no more threads
            self._hand_over()

    def _hand_over(self) -> None:
        with self._lock:
            read, self._read = self._read, {}
            self._due = False
            now = self._portfolio.round
            self._portfolio.put_calendars(
                {uuid: calendar for uuid, (round_, calendar) in read.items() if round_ == now},
                round_=now,
            )
