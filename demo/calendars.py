"""The Google calendar of an offering: what is refused, and what a background job changes when.

A job is a list of dated changes, applied when somebody looks. So the calendar's state depends on
the clock alone, and a test moves the clock instead of waiting. The delays and the order of the
changes were observed on a Waldur 7.0.7 server.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal
from urllib.parse import quote

Action = Literal["google_calendar_sync", "share_google_calendar", "unshare_google_calendar"]
SYNC: Action = "google_calendar_sync"
SHARE: Action = "share_google_calendar"
UNSHARE: Action = "unshare_google_calendar"
ACTIONS: tuple[Action, ...] = (SYNC, SHARE, UNSHARE)

NO_CREDENTIALS = "Google credentials do not exist."
BUSY = "The calendar cannot be updated."
ALREADY_PUBLIC = "The calendar is public already."
ALREADY_PRIVATE = "The calendar is private already."
NO_CALENDAR = "The calendar does not exist."
GOOGLE_REFUSED = '<HttpError 403 "Forbidden">'

SETTLED_STATES = ("OK", "ERRED")
"""In any other state a further action is refused as busy."""
QUEUEING = 2.0
"""Seconds between the 202 and the start of the job."""
WORKING = 1.0
"""Seconds of one call to Google."""


@dataclass
class Calendar:
    """A calendar row. Its state and error are the server's secret: the API shows neither."""

    backend_id: str | None = None
    public: bool = False
    state: str = "OK"
    error_message: str = ""
    busy_slots: list[tuple[datetime, datetime]] = field(default_factory=list)
    """Times taken in Google; a sync replaces them by what Google returns."""
    _changes: list[tuple[float, dict[str, Any]]] = field(default_factory=list)

    def settle(self, now: float) -> None:
        """Apply the changes whose time has come."""
        while self._changes and self._changes[0][0] <= now:
            _, change = self._changes.pop(0)
            for name, value in change.items():
                setattr(self, name, value)

    def schedule(self, state: str, changes: list[tuple[float, dict[str, Any]]]) -> None:
        """Become busy now and change later."""
        self.state = state
        self.error_message = ""
        self._changes = changes

    def represent(self) -> dict[str, Any]:
        """The three members the API shows; a public row without id links to `None` (observed)."""
        address = f"https://calendar.google.com/calendar/embed?src={quote(str(self.backend_id))}"
        return {
            "backend_id": self.backend_id,
            "public": self.public,
            "http_link": address if self.public else None,
        }


def refusal(calendar: Calendar | None, action: Action, *, can_reach_google: bool) -> str | None:
    """Why the server refuses the action, checked in its order, or None."""
    if not can_reach_google:
        return NO_CREDENTIALS
    if calendar is None:
        return NO_CALENDAR if action == UNSHARE else None
    if calendar.state not in SETTLED_STATES:
        return BUSY
    if action == SHARE and calendar.public:
        return ALREADY_PUBLIC
    if action == UNSHARE and not calendar.public:
        return ALREADY_PRIVATE
    return None


@dataclass(frozen=True)
class Worker:
    """The background worker: how long jobs queue and take."""

    clock: Callable[[], float]
    queueing: float = QUEUEING
    working: float = WORKING

    def start(
        self, calendar: Calendar | None, action: Action, *, new_backend_id: str, fails: bool
    ) -> Calendar:
        """Queue the job of an accepted action; a missing row is created at once."""
        row = Calendar() if calendar is None else calendar
        creating = row.backend_id is None
        begin = self.clock() + self.queueing
        after = begin + self.working
        changes: list[tuple[float, dict[str, Any]]] = [
            (begin, {"state": "CREATING" if creating else "UPDATING"})
        ]
        if fails:
            changes.append((after, {"state": "ERRED", "error_message": GOOGLE_REFUSED}))
        else:
            if creating and action != UNSHARE:
                changes.append((after, {"backend_id": new_backend_id}))
                after += self.working
            if action != SYNC:
                changes.append((after, {"public": action == SHARE}))
            changes.append(
                (after, {"state": "OK"} | ({"busy_slots": []} if action == SYNC else {}))
            )
        row.schedule("CREATION_SCHEDULED" if creating else "UPDATE_SCHEDULED", changes)
        return row
