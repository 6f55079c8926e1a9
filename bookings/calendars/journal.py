"""The record of every calendar action, and what makes each of them happen once.

An entry is written before the POST leaves. Its number is one more than the newest one the
person had seen, and is unique per calendar: of any number of clicks, tabs, people and replicas
that press on the same sight, one gets to write, and the others are told who was first.

While an action is worked on its entry is open and held under a lease. When the holder dies the
lease runs out, and the entry is read as what can still be said of it.

A decision on a booking is recorded in the same way, with the booking in the calendar's place.
"""

import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    exists,
    func,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError
from sqlalchemy.sql.base import ReadOnlyColumnCollection

from bookings.calendars.actions import Action, Outcome, confirms, next_step
from bookings.calendars.decisions import ENDED_OTHERWISE, Decision
from bookings.calendars.decisions import next_step as next_step_of_decision
from bookings.calendars.processes import is_gone, this_process
from bookings.database import (
    CALENDAR_ACTION,
    CALENDAR_CLAIM,
    Database,
    DatabaseError,
    storable,
)
from bookings.waldur.models import GoogleCalendar
from bookings.waldur.protocol import normal_uuid

LEASE_SECONDS = 120.0
"""Longer than a POST may take (30 s), and than a pause and a read with its retries (about 80 s).

Replicas compare leases with their own clocks, which must agree far better than this.
"""

KEYS_AT_ONCE = 10_000
"""Offerings of one question; databases bound the number of values in one."""

_ABANDONED = {
    Outcome.SENDING: Outcome.UNKNOWN,
    Outcome.ACCEPTED: Outcome.NOT_CONFIRMED,
}
ABANDONED_REMARK = "The dashboard that worked on this stopped before its outcome was known."
NO_LONGER_THERE = "This action is no longer in the activity record."
NOT_WRITTEN = "The activity record cannot be written, so nothing was sent to the server."

# A Waldur token; no sentence needs 40 hex digits in a row.
_TOKEN = re.compile(r"(?<![0-9a-zA-Z])[0-9a-fA-F]{40}(?![0-9a-zA-Z])")
_TABLE = CALENDAR_ACTION


@dataclass(frozen=True, slots=True)
class Entry:
    """One action: who, which calendar, which action, when, what the server said, what was seen.

    `server` is a root address, moments are in UTC. `before` is the calendar as it was before
    (None: no calendar) and means nothing unless `before_known`. `words` is the server's own
    sentence, `remark` is ours. `finished` is when the outcome last changed, None while open.
    """

    id: int
    server: str
    offering_uuid: str
    offering_name: str
    sequence: int
    action: Action | Decision
    person_uuid: str
    person_name: str
    before: GoogleCalendar | None
    before_known: bool
    created: datetime
    finished: datetime | None
    outcome: Outcome
    open: bool
    http_status: int | None
    error_code: str | None
    words: str
    remark: str
    holder: str
    lease_until: datetime
    booking_uuid: str = ""
    """The booking that was decided on; "" for an action on the calendar itself."""
    booking_name: str = ""
    run_id: int | None = None
    """The run over many calendars that it is part of."""

    def calendar_before(self, *, accepted: bool) -> tuple[GoogleCalendar | None, bool]:
        """The calendar before the action, and whether it is known.

        The server refuses to share what is public and to unshare what is not, so that its
        acceptance says more of the state before than what was on a screen, which may have been
        old.
        """
        if accepted and self.action in {Action.SHARE, Action.UNSHARE}:
            return GoogleCalendar(public=self.action is Action.UNSHARE), True
        return self.before, self.before_known

    @property
    def has_visible_end(self) -> bool:
        """Whether the calendar's state can show that an accepted action was done."""
        if isinstance(self.action, Decision):
            return True
        before, known = self.calendar_before(accepted=True)
        return not known or confirms(self.action, before, None) is not None

    @property
    def worth_another_look(self) -> bool:
        """Whether reading the state again could tell more than is known.

        Of an accepted action nobody may have waited for the end.
        """
        if self.open or self.error_code == ENDED_OTHERWISE:
            return False
        if self.outcome is Outcome.ACCEPTED:
            _, known = self.calendar_before(accepted=True)
            return known and self.has_visible_end
        return self.outcome in {Outcome.NOT_CONFIRMED, Outcome.UNKNOWN}

    @property
    def next_step(self) -> str:
        """What a person should do now, in one sentence."""
        if isinstance(self.action, Decision):
            return next_step_of_decision(self.outcome, self.error_code)
        return next_step(self.action, self.outcome, self.error_code)


class Superseded(Exception):
    """Somebody else was first; `latest` is the entry that counts. Nothing was written."""

    def __init__(self, latest: Entry) -> None:
        super().__init__("Another action of this calendar came first.")
        self.latest = latest


class Claimed(Exception):
    """A run has this calendar, or the run that asks has lost it. Nothing was written."""

    def __init__(self) -> None:
        super().__init__("A run works through several calendars, and has this one.")


class Journal:
    """The record in one database; creates its table. May be used from many threads.

    `clock` gives the moment now, aware. `holder` is the name of this process.
    Every method raises DatabaseError when the database is away or locked for too long.
    """

    def __init__(
        self,
        database_url: str,
        *,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        holder: str | None = None,
    ) -> None:
        self._clock = clock
        self.holder = holder or this_process()
        self.database = Database(database_url)

    def close(self) -> None:
        """Closes the connections to the database."""
        self.database.close()

    # --- reading ----------------------------------------------------------------------------

    def latest(self, server: str, offering_uuid: str, booking_uuid: str = "") -> Entry | None:
        """The newest action of a calendar, or decision on a booking, or None.

        An open entry whose lease has run out is given as closed: Outcome unknown if it was being
        sent, Not confirmed if the server had accepted it.
        """
        with self.database.reading() as connection:
            found = _latest(connection, server, key_of(offering_uuid), key_of(booking_uuid))
        return None if found is None else _as_of(found, self._clock())

    def of_run(self, run_id: int) -> list[Entry]:
        """The entries of one run, oldest first."""
        query = select(_TABLE).where(_TABLE.c.run_id == run_id).order_by(_TABLE.c.id)
        now = self._clock()
        with self.database.reading() as connection:
            return [_as_of(_entry(row), now) for row in connection.execute(query)]

    def latest_of(self, server: str, offering_uuids: Collection[str]) -> dict[str, Entry]:
        """The newest action of each of these calendars that has one, by offering."""
        keys = {key_of(uuid) for uuid in offering_uuids}
        newest = (
            select(func.max(_TABLE.c.id))
            .where(_TABLE.c.server == server, _TABLE.c.booking_uuid == "")
            .group_by(_TABLE.c.offering_uuid)
        )
        query = select(_TABLE).where(_TABLE.c.id.in_(newest))
        now = self._clock()
        with self.database.reading() as connection:
            found = [_entry(row) for row in connection.execute(query)]
        return {
            each.offering_uuid: _as_of(each, now) for each in found if each.offering_uuid in keys
        }

    def ended_since(
        self, server: str, offering_uuids: Collection[str], moment: datetime
    ) -> dict[str, list[Entry]]:
        """The actions of each of these calendars that ended at `moment` or later, newest first.

        Without the calendars that have none.
        """
        query = (
            select(_TABLE)
            .where(_TABLE.c.server == server, _TABLE.c.booking_uuid == "")
            .where(or_(_TABLE.c.finished >= moment, _TABLE.c.open.is_(True)))
        )
        now = self._clock()
        ended: dict[str, list[Entry]] = {}
        with self.database.reading() as connection:
            for each in _of_offerings(query, offering_uuids):
                rows = connection.execute(each.order_by(_TABLE.c.sequence.desc()))
                for entry in (_as_of(_entry(row), now) for row in rows):
                    if entry.finished is not None and entry.finished >= moment:
                        ended.setdefault(entry.offering_uuid, []).append(entry)
        return ended

    def entries(
        self,
        *,
        servers: Iterable[str] | None,
        offering_uuids: Collection[str] | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        limit: int = 1000,
    ) -> list[Entry]:
        """Entries, newest first; of these servers and offerings, where None means all.

        `since` is the first moment that they may have been asked for, `until` the first that
        is too late.
        """
        query = select(_TABLE).order_by(_TABLE.c.id.desc()).limit(limit)
        if servers is not None:
            query = query.where(_TABLE.c.server.in_(list(servers)))
        if since is not None:
            query = query.where(_TABLE.c.created >= since)
        if until is not None:
            query = query.where(_TABLE.c.created < until)
        queries = [query]
        if offering_uuids is not None:
            queries = _of_offerings(query, offering_uuids)
        now = self._clock()
        with self.database.reading() as connection:
            found = [_entry(row) for each in queries for row in connection.execute(each)]
        found.sort(key=lambda each: -each.id)
        return [_as_of(each, now) for each in found[:limit]]

    def unsettled(self, server: str, person_uuid: str, *, since: datetime) -> list[Entry]:
        """What this person asked for since then whose end is not known, newest first.

        Only what a look at the server could settle: not what somebody works on, nor what has a
        newer action after it.
        """
        settled = {Outcome.CONFIRMED.value, Outcome.REFUSED.value}
        query = (
            select(_TABLE)
            .where(_TABLE.c.server == server, _TABLE.c.person_uuid == person_uuid)
            .where(_TABLE.c.created >= since, _TABLE.c.outcome.not_in(settled))
            .where(~has_newer(_TABLE.c))
            .order_by(_TABLE.c.id.desc())
        )
        now = self._clock()
        with self.database.reading() as connection:
            found = [_as_of(_entry(row), now) for row in connection.execute(query)]
        return [each for each in found if each.worth_another_look]

    def now(self) -> datetime:
        """The moment by the clock that entries are dated with."""
        return self._clock()

    # --- writing ----------------------------------------------------------------------------

    def begin(
        self,
        *,
        server: str,
        offering_uuid: str,
        offering_name: str,
        action: Action | Decision,
        person_uuid: str,
        person_name: str,
        seen: int,
        before: GoogleCalendar | None,
        before_known: bool = True,
        booking_uuid: str = "",
        booking_name: str = "",
        run_id: int | None = None,
    ) -> Entry:
        """Writes that an action is being sent, and so gives the right to send it, once.

        `seen` is the sequence of the latest entry that was on the screen when the person
        pressed, 0 for none. Raises Superseded when there is a newer one, or when the latest is
        still being worked on; Claimed when a run has the calendar, or when `run_id` has not;
        DatabaseError when it cannot be written. Then nothing may be sent.
        """
        uuid = key_of(offering_uuid)
        booking = key_of(booking_uuid)
        now = self._clock()
        values = {
            "server": server,
            "offering_uuid": uuid,
            "offering_name": recordable(offering_name),
            "sequence": seen + 1,
            "action": action.value,
            "person_uuid": person_uuid,
            "person_name": recordable(person_name),
            "before": _stored_before(before, before_known),
            "created": now,
            "finished": None,
            "outcome": Outcome.SENDING.value,
            "open": True,
            "http_status": None,
            "error_code": None,
            "words": "",
            "remark": "",
            "holder": self.holder,
            "lease_until": now + timedelta(seconds=LEASE_SECONDS),
            "booking_uuid": booking,
            "booking_name": recordable(booking_name),
            "run_id": run_id,
        }
        try:
            with self.database.writing(NOT_WRITTEN) as connection:
                if not booking and _claimant(connection, server, uuid, now) != run_id:
                    raise Claimed
                latest = _latest(connection, server, uuid, booking)
                if latest is not None:
                    if latest.sequence > seen:
                        raise Superseded(_as_of(latest, now))
                    if latest.open and not _close_abandoned(connection, latest, now):
                        raise Superseded(latest)
                connection.execute(insert(_TABLE).values(values))
                # Reread: the entry with its id, as everybody else reads it.
                written = _latest(connection, server, uuid, booking)
        except DatabaseError as error:
            if not isinstance(error.__cause__, IntegrityError):
                raise
            # Two got past the check at the same moment; the database let one of them write.
            first = self.latest(server, uuid, booking)
            if first is None:
                raise
            raise Superseded(first) from None
        if written is None:
            raise DatabaseError(NOT_WRITTEN)
        return written

    def renew(self, entry: Entry) -> Entry:
        """Holds an open entry for another lease, and writes its calendar before.

        Raises Superseded when it has been closed in the meantime: whoever holds it must then
        not send it any more.
        """
        lease_until = self._clock() + timedelta(seconds=LEASE_SECONDS)
        renewal = (
            update(_TABLE)
            .where(_TABLE.c.id == entry.id, _TABLE.c.open.is_(True))
            .values(
                lease_until=lease_until, before=_stored_before(entry.before, entry.before_known)
            )
        )
        with self.database.writing() as connection:
            renewed = connection.execute(renewal).rowcount == 1
        if not renewed:
            latest = self.latest(entry.server, entry.offering_uuid, entry.booking_uuid)
            raise Superseded(latest or entry)
        return replace(entry, lease_until=lease_until)

    def note(
        self,
        entry: Entry,
        outcome: Outcome,
        *,
        open: bool,
        http_status: int | None = None,
        error_code: str | None = None,
        words: str = "",
        remark: str = "",
    ) -> Entry:
        """Writes what has become known of an action, and gives the entry as it is now.

        What is not given stays as it was. An open entry is held for another lease. Raises
        Superseded when it is to stay open and has been closed in the meantime; and when it is
        to become confirmed and a newer action was begun, whose work that may be.
        """
        if open and outcome.final:
            raise ValueError(f"{outcome} is the end of an action")
        now = self._clock()
        noted = replace(
            entry,
            outcome=outcome,
            open=open,
            http_status=entry.http_status if http_status is None else http_status,
            error_code=error_code or entry.error_code,
            words=recordable(words) or entry.words,
            remark=recordable(remark) or entry.remark,
            finished=None if open else now,
            lease_until=now + timedelta(seconds=LEASE_SECONDS) if open else entry.lease_until,
        )
        change = (
            update(_TABLE)
            .where(_TABLE.c.id == entry.id)
            .where(*_still_true(entry, outcome, open=open))
            .values(
                outcome=noted.outcome.value,
                open=noted.open,
                http_status=noted.http_status,
                error_code=noted.error_code,
                words=noted.words,
                remark=noted.remark,
                finished=noted.finished,
                lease_until=noted.lease_until,
            )
        )
        query = select(_TABLE).where(_TABLE.c.id == entry.id)
        with self.database.writing() as connection:
            if connection.execute(change).rowcount == 1:
                return noted
            row = connection.execute(query).one_or_none()
            latest = _latest(connection, entry.server, entry.offering_uuid, entry.booking_uuid)
        if row is None or latest is None:
            raise DatabaseError(NO_LONGER_THERE)
        there = _entry(row)
        if there.outcome is Outcome.CONFIRMED and not open:
            return there
        raise Superseded(_as_of(latest, now))

    def revise(
        self, entry: Entry, outcome: Outcome, *, remark: str, error_code: str | None = None
    ) -> Entry:
        """Writes what a later look at the server tells of a closed entry; gives it as it is now.

        Without `error_code` the old one stays. Nothing is written where more has become known
        meanwhile, or a newer action of the calendar was begun: what was read may be that one's
        work.
        """
        now = self._clock()
        changed = outcome is not entry.outcome
        change = (
            update(_TABLE)
            .where(_TABLE.c.id == entry.id, _TABLE.c.open.is_(False))
            .where(_TABLE.c.outcome == entry.outcome.value, ~has_newer(entry))
            .values(outcome=outcome.value, remark=recordable(remark))
            .values({"finished": now} if changed else {})
            .values({"error_code": error_code} if error_code else {})
        )
        query = select(_TABLE).where(_TABLE.c.id == entry.id)
        with self.database.writing() as connection:
            # It may be one that its holder left open.
            _close_abandoned(connection, entry, now)
            connection.execute(change)
            row = connection.execute(query).one_or_none()
        if row is None:
            raise DatabaseError(NO_LONGER_THERE)
        return _as_of(_entry(row), now)

    def recover(self) -> int:
        """Closes what processes of this place left open when they ended; to be called at start.

        Gives the number of entries closed. What processes of other places left (other hosts and
        containers, and this host before it was started anew) is read as closed when its lease
        has run out.
        """
        now = self._clock()
        query = select(_TABLE).where(_TABLE.c.open.is_(True))
        closed = 0
        with self.database.writing() as connection:
            for row in connection.execute(query).all():
                left = _entry(row)
                if is_gone(left.holder):
                    closed += _close_abandoned(connection, left, now, whatever_the_lease=True)
        return closed


# --- rows -----------------------------------------------------------------------------------


def _claimant(connection: Connection, server: str, uuid: str, now: datetime) -> int | None:
    """The run that has the calendar, or None."""
    claim = select(CALENDAR_CLAIM.c.run_id).where(
        CALENDAR_CLAIM.c.server == server,
        CALENDAR_CLAIM.c.offering_uuid == uuid,
        CALENDAR_CLAIM.c.lease_until > now,
    )
    found: int | None = connection.execute(claim).scalar_one_or_none()
    return found


def _of_offerings(query: Select[Any], offering_uuids: Collection[str]) -> list[Select[Any]]:
    """The query for these offerings, in portions that a database takes."""
    keys = sorted({key_of(uuid) for uuid in offering_uuids})
    return [
        query.where(_TABLE.c.offering_uuid.in_(keys[start : start + KEYS_AT_ONCE]))
        for start in range(0, len(keys), KEYS_AT_ONCE)
    ]


def _latest(connection: Connection, server: str, uuid: str, booking: str) -> Entry | None:
    query: Select[Any] = (
        select(_TABLE)
        .where(
            _TABLE.c.server == server,
            _TABLE.c.offering_uuid == uuid,
            _TABLE.c.booking_uuid == booking,
        )
        .order_by(_TABLE.c.sequence.desc())
        .limit(1)
    )
    row = connection.execute(query).one_or_none()
    return None if row is None else _entry(row)


def has_newer(of: Entry | ReadOnlyColumnCollection[str, Any]) -> ColumnElement[bool]:
    """Whether a newer action of the same calendar, or decision on the booking, was begun.

    Asked of an entry, or with the table's columns of each row.
    """
    newer = _TABLE.alias()
    return exists().where(
        newer.c.server == of.server,
        newer.c.offering_uuid == of.offering_uuid,
        newer.c.booking_uuid == of.booking_uuid,
        newer.c.sequence > of.sequence,
    )


def _still_true(entry: Entry, outcome: Outcome, *, open: bool) -> list[ColumnElement[bool]]:
    """What the entry has to be, as it is now, for this to be noted of it."""
    if open:
        return [_TABLE.c.open.is_(True)]
    if outcome is Outcome.CONFIRMED:
        return [or_(_TABLE.c.outcome == outcome.value, ~has_newer(entry))]
    if outcome is Outcome.REFUSED:
        return []
    return [_TABLE.c.outcome != Outcome.CONFIRMED.value]


def _entry(row: Row[Any]) -> Entry:
    values = dict(row._mapping)
    before = values.pop("before")
    return Entry(
        **{
            **values,
            "action": _action(values["action"]),
            "outcome": Outcome(values["outcome"]),
            "before": _calendar(before),
            "before_known": before is not None,
        }
    )


def _action(value: str) -> Action | Decision:
    return Decision(value) if value in set(Decision) else Action(value)


def _stored_before(calendar: GoogleCalendar | None, known: bool) -> dict[str, Any] | None:
    if not known:
        return None
    if calendar is None:
        return {"exists": False}
    stored = calendar.model_dump(include={"public", "backend_id"})
    return {"exists": True, **stored}


def _calendar(stored: dict[str, Any] | None) -> GoogleCalendar | None:
    if stored is None or not stored.get("exists"):
        return None
    return GoogleCalendar(public=stored.get("public"), backend_id=stored.get("backend_id"))


def _as_of(entry: Entry, now: datetime) -> Entry:
    """The entry as it is read at `now`: open only while somebody holds it."""
    if not entry.open or entry.lease_until > now:
        return entry
    return _abandoned(entry, entry.lease_until)


def _abandoned(entry: Entry, finished: datetime) -> Entry:
    outcome = _ABANDONED.get(entry.outcome, entry.outcome)
    return replace(entry, outcome=outcome, open=False, finished=finished, remark=ABANDONED_REMARK)


def _close_abandoned(
    connection: Connection, entry: Entry, now: datetime, *, whatever_the_lease: bool = False
) -> bool:
    """Closes an open entry for good; False if somebody holds or has closed it."""
    end = _abandoned(entry, now if whatever_the_lease else entry.lease_until)
    # The conditions are asked of the row as it is now: its holder may just have renewed it.
    close = update(_TABLE).where(_TABLE.c.id == entry.id, _TABLE.c.open.is_(True))
    if not whatever_the_lease:
        close = close.where(_TABLE.c.lease_until <= now)
    close = close.values(
        outcome=end.outcome.value, open=False, finished=end.finished, remark=end.remark
    )
    return connection.execute(close).rowcount == 1


def key_of(offering_uuid: str) -> str:
    """One spelling of a uuid, so that its dashes do not make two calendars of one."""
    return normal_uuid(offering_uuid) or offering_uuid


def recordable(text: str) -> str:
    """The text without what a database may refuse (NUL, half characters), and without tokens."""
    return _TOKEN.sub("…", storable(text))


__all__ = ["LEASE_SECONDS", "Claimed", "DatabaseError", "Entry", "Journal", "Superseded"]
