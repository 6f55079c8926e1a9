"""What the activity record tells of calendars beside what was read of them.

A list can be older than the record: what was confirmed since is known without reading it again,
and what ended otherwise makes it unknown. Nothing here reads anything.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo

from bookings.calendars.actions import (
    ALREADY_SO,
    SETTLING_SECONDS,
    Action,
    CalendarStatus,
    Outcome,
)
from bookings.calendars.journal import Entry

SETTLING = timedelta(seconds=SETTLING_SECONDS)

_AFTER = {Action.SHARE: CalendarStatus.PUBLIC, Action.UNSHARE: CalendarStatus.PRIVATE}
_DONE = {Action.SHARE: "shared", Action.UNSHARE: "unshared"}
_NOTHING: tuple[CalendarStatus | None, str, str] = (None, "", "")
_NOT_YET = frozenset({CalendarStatus.NONE, CalendarStatus.WITHOUT_ID})


@dataclass(frozen=True, slots=True)
class Told:
    """What the record tells of one calendar. The texts are parts of sentences, or ""."""

    seen: int = 0
    """The sequence of the latest action when the plan was first shown."""
    status: CalendarStatus | None = None
    """A newer status than the one that was read; None where there is none."""
    how: str = ""
    """How that is known."""
    in_flight: Action | None = None
    """What the calendar is being worked on by."""
    accepted: str = ""
    """When that was accepted, where nobody watches it."""
    changed: str = ""
    """What was done since the plan was first shown."""
    unread: str = ""
    """What has made the status unknown since it was read."""


NOTHING_TOLD = Told()


@dataclass(frozen=True, slots=True)
class OnRecord:
    """The newest action of each calendar that has one, by offering, at the moment `now`.

    `shown` is the same when the plan was first shown, None for a plan that is made now. `as_of`
    is when the calendars were read, None where that is not known: then the record tells of no
    newer status. `ended` is what ended since then, newest first: where the newest action tells
    nothing of the status, one before it may. Times are told on the clocks of `zone`.
    """

    latest: Mapping[str, Entry]
    now: datetime
    as_of: datetime | None = None
    shown: Mapping[str, Entry] | None = None
    zone: tzinfo = UTC
    ended: Mapping[str, Sequence[Entry]] = field(default_factory=dict)

    def of(self, offering_uuid: str, status: CalendarStatus) -> Told:
        """What it tells of a calendar that had this status when it was read."""
        latest = self.latest.get(offering_uuid)
        shown = latest if self.shown is None else self.shown.get(offering_uuid)
        seen = shown.sequence if shown is not None else 0
        if latest is None or not isinstance(latest.action, Action):
            return Told(seen)
        since, how, unread = self._newer_status(latest, status)
        works = latest.open or self._settles(latest)
        return Told(
            seen,
            since,
            how,
            latest.action if works else None,
            "" if latest.open or not works else f"{_seconds(self.now - _end(latest))} s ago",
            _changed(shown, latest),
            "" if works else unread,
        )

    @property
    def settled(self) -> datetime | None:
        """When nothing of what was accepted is worked on any more; None where nothing is."""
        ends = [_end(each) + SETTLING for each in self.latest.values() if self._settles(each)]
        return max(ends, default=None)

    def _settles(self, entry: Entry) -> bool:
        accepted = entry.outcome is Outcome.ACCEPTED and not entry.open
        return accepted and self.now - _end(entry) < SETTLING

    def _newer_status(
        self, latest: Entry, status: CalendarStatus
    ) -> tuple[CalendarStatus | None, str, str]:
        """A newer status, how it is known, and why it is not known any more."""
        before = self.ended.get(latest.offering_uuid, ())
        created = _NOTHING
        for entry in (latest, *(each for each in before if each.sequence < latest.sequence)):
            if entry.open or not isinstance(entry.action, Action):
                continue
            if self.as_of is None or _end(entry) < self.as_of:
                break
            found = self._since(entry, entry.action, status)
            if found != _NOTHING and entry.action is not Action.SYNC:
                return found
            # A sync may have created the calendar, which something before it made public.
            created = created if found == _NOTHING else found
        return created

    def _since(
        self, entry: Entry, action: Action, status: CalendarStatus
    ) -> tuple[CalendarStatus | None, str, str]:
        """What one action that has ended since tells of the status."""
        when = self._clock(_end(entry))
        if entry.outcome is Outcome.REFUSED:
            # The server said no: it changed nothing, and may have said how it is.
            told = _AFTER.get(action) if entry.error_code == ALREADY_SO else None
            return told, f"the server told {entry.person_name} so at {when}" if told else "", ""
        if action is Action.SYNC:
            # It never makes a calendar public or private.
            made = entry.outcome is Outcome.CONFIRMED and status in _NOT_YET
            how = f"synced by {entry.person_name} at {when}" if made else ""
            return CalendarStatus.PRIVATE if made else None, how, ""
        if entry.outcome is Outcome.CONFIRMED:
            return _AFTER[action], f"{_DONE[action]} by {entry.person_name} at {when}", ""
        unread = (
            f"{_named(entry)} ended at {when} as “{entry.outcome.value}”, after the list was "
            "read: read it again first."
        )
        return CalendarStatus.UNKNOWN, "", unread

    def _clock(self, moment: datetime) -> str:
        """A time of day in the zone, with the day where that is another than now."""
        there, now = moment.astimezone(self.zone), self.now.astimezone(self.zone)
        text = f"{there:%H:%M}" if there.date() == now.date() else f"{there:%Y-%m-%d %H:%M}"
        return f"{text} UTC" if self.zone is UTC else text


def _changed(shown: Entry | None, latest: Entry) -> str:
    if shown is None or latest.sequence > shown.sequence:
        return f"{_named(latest)} came after this plan was made."
    if shown.open and not latest.open:
        return f"{_named(latest)} ended after this plan was made."
    return ""


def _named(entry: Entry) -> str:
    return f"“{entry.action.label}” of {entry.person_name}"


def _end(entry: Entry) -> datetime:
    return entry.finished or entry.created


def _seconds(age: timedelta) -> int:
    return max(0, int(age.total_seconds()))


__all__ = ["NOTHING_TOLD", "SETTLING", "OnRecord", "Told"]
