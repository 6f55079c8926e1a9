"""What only the single offerings tell: taken times, Google's among them, and availability.

The server gives these for one offering at a time, so they are read when a person asks, in threads
of the process, and kept. A page looks at how far they are and never waits for them.
"""

import logging
import threading
from collections.abc import Callable, Collection, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, Protocol

from bookings.portfolio import Snapshot
from bookings.waldur.client import BOOKING_OFFERINGS, PROVIDER_OFFERINGS
from bookings.waldur.errors import Gone, SignedOut, WaldurError
from bookings.waldur.models import Offering, Slot

log = logging.getLogger(__name__)

READERS = 2
"""Requests at once; the client allows four in all, and pages need some of them."""


class Client(Protocol):
    """What is asked of the wire."""

    def slots(self, offering_uuid: str) -> list[Slot]:
        """See WaldurClient."""
        ...

    def offering(
        self, uuid: str, source: str = ..., fields: Iterable[str] | None = None
    ) -> tuple[Offering, list[str]]:
        """See WaldurClient."""
        ...


@dataclass(frozen=True, slots=True)
class Taken:
    """What one offering told, and when (UTC)."""

    slots: tuple[Slot, ...]
    attributes: Any = field(repr=False)
    """None where they are not known."""
    as_of: datetime
    slots_error: WaldurError | None = None
    """Why the taken times are missing. A draft has none, which is no error."""
    windows_error: WaldurError | None = None
    """Why the availability is missing, where the server said why."""
    windows_broken: bool = False
    """Whether the server fails on the recorded availability."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the reading is; `version` changes with every answer."""

    taken: Mapping[str, Taken]
    """By offering uuid."""
    waiting: int
    version: int

    @property
    def done(self) -> bool:
        """Whether nothing is on its way."""
        return self.waiting == 0


class TakenTimes:
    """Reads offerings one by one and keeps what they told. Safe to use from many threads.

    `signed_out` is called when the server refuses the token; nothing is read after that.
    """

    def __init__(
        self,
        client: Client,
        signed_out: Callable[[], None],
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._client = client
        self._signed_out = signed_out
        self._now = now
        self._changed = threading.Condition()
        self._taken: dict[str, Taken] = {}
        self._waiting: set[str] = set()
        self._stopped = False
        self._pool = ThreadPoolExecutor(READERS, thread_name_prefix="taken")

    def want(self, sources: Mapping[str, str], drafts: Collection[str] = ()) -> None:
        """Reads the offerings that were not read yet: uuid -> the list that shows it, "" for none.

        Of an offering in no list of the person only the taken times are asked for. Of `drafts`
        the server denies any; of others that is an error.
        """
        with self._changed:
            if self._stopped:
                return
            for uuid, source in sources.items():
                if uuid not in self._taken and uuid not in self._waiting:
                    self._waiting.add(uuid)
                    self._pool.submit(self._read, uuid, source, uuid in drafts)

    def progress(self) -> Progress:
        """What is known now."""
        with self._changed:
            return Progress(
                MappingProxyType(dict(self._taken)), len(self._waiting), len(self._taken)
            )

    def wait(self, seconds: float) -> Progress:
        """Waits until nothing is on its way, at most so long."""
        with self._changed:
            self._changed.wait_for(lambda: not self._waiting, seconds)
        return self.progress()

    def stop(self) -> None:
        """Reads no more; what is on its way ends by itself."""
        with self._changed:
            self._stopped = True
            self._waiting.clear()
            self._changed.notify_all()
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _read(self, uuid: str, source: str, draft: bool) -> None:
        """One offering; whatever happens, it does not stay on its way."""
        found: Taken | None = None
        try:
            found = self._ask(uuid, source, draft)
        except SignedOut:
            self._signed_out()
            self.stop()
        except Exception as error:
            # The type says where to look; a message could hold what the server sent.
            log.error("reading taken times failed: %s", type(error).__name__)
            found = Taken((), None, self._now(), slots_error=WaldurError(words=""))
            raise
        finally:
            with self._changed:
                if found is not None and not self._stopped:
                    self._taken[uuid] = found
                self._waiting.discard(uuid)
                self._changed.notify_all()

    def _ask(self, uuid: str, source: str, draft: bool) -> Taken:
        slots: list[Slot] = []
        slots_error = windows_error = None
        try:
            slots = self._client.slots(uuid)
        except SignedOut:
            raise
        except WaldurError as error:
            # Nobody can order a draft, so nothing of it is taken.
            slots_error = None if draft and isinstance(error, Gone) else error
        attributes, broken = None, False
        if source and not self._stopped:
            try:
                offering, missing = self._client.offering(uuid, source, ("uuid", "attributes"))
                broken = "attributes" in missing
                attributes = None if broken else offering.attributes
            except SignedOut:
                raise
            except WaldurError as error:
                windows_error = error
        return Taken(tuple(slots), attributes, self._now(), slots_error, windows_error, broken)


def drafts_of(snapshot: Snapshot) -> set[str]:
    """The uuids of the offerings of `snapshot` that are drafts."""
    return {each.uuid for each in snapshot.offerings if each.state == "Draft"}


def sources_of(uuids: Iterable[str], snapshot: Snapshot) -> dict[str, str]:
    """For each offering the list of `snapshot` that shows it; "" where none does."""
    listed = {each.uuid for each in snapshot.offerings}
    return {
        uuid: ""
        if uuid not in listed
        else PROVIDER_OFFERINGS
        if uuid in snapshot.read_only
        else BOOKING_OFFERINGS
        for uuid in uuids
    }
