"""Work that the running process does at its start and once a day."""

import logging
import threading
from collections.abc import Callable

from bookings.database import DatabaseError

__all__ = ["Daily"]

DAY_SECONDS = 86_400.0
_LOG = logging.getLogger(__name__)


class Daily:
    """A thread that works at once and then every day, until it is closed.

    `rest` is given the seconds until the next time, and says whether to end instead. Work that
    fails because of the database is done again the next day.
    """

    def __init__(
        self, work: Callable[[], object], *, rest: Callable[[float], bool] | None = None
    ) -> None:
        self._work = work
        self._closing = threading.Event()
        self._rest = rest or self._closing.wait
        self._thread = threading.Thread(target=self._go, name="daily", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Ends the thread; work that has begun is waited for."""
        self._closing.set()
        self._thread.join()

    def _go(self) -> None:
        while True:
            try:
                self._work()
            except DatabaseError as error:
                _LOG.warning("%s It is tried again in a day.", error)
            if self._rest(DAY_SECONDS):
                return
