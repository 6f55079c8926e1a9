"""Work that the running process does at its start and again every so often."""

import logging
import threading
from collections.abc import Callable

from bookings.database import DatabaseError

__all__ = ["DAY_SECONDS", "Every"]

DAY_SECONDS = 86_400.0
_LOG = logging.getLogger(__name__)


class Every:
    """A thread that works at once and then every so many seconds, until it is closed.

    `rest` is given the seconds until the next time, and says whether to end instead. Work that
    fails is done again the next time.
    """

    def __init__(
        self,
        seconds: float,
        work: Callable[[], object],
        *,
        name: str,
        rest: Callable[[float], bool] | None = None,
    ) -> None:
        self._seconds = seconds
        self._work = work
        self._closing = threading.Event()
        self._rest = rest or self._closing.wait
        self._thread = threading.Thread(target=self._go, name=name, daemon=True)
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
                _LOG.warning("%s It is tried again later.", error)
            except Exception as error:  # noqa: BLE001 nobody else would ever hear of it
                # The text of an unknown exception could hold anything.
                _LOG.error("%s failed: %s", self._thread.name, type(error).__name__)
            if self._rest(self._seconds):
                return
