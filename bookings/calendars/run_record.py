"""The record of runs: one action on many calendars, what each of them came to, and who has it.

A run is written whole before its first POST leaves. What became of a calendar is not written a
second time: it is read from the journal, whose entries name their run. So there is no moment at
which a process can die and leave the two in contradiction.

A run and its calendars are held under a lease that its process renews. When the process dies the
lease runs out, the calendars are free for others, and the run is read as interrupted.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    Connection,
    Insert,
    Row,
    Select,
    bindparam,
    delete,
    exists,
    insert,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError

from bookings.calendars.actions import ALREADY_SO, BUSY_CODES, Action, Outcome
from bookings.calendars.journal import (
    KEYS_AT_ONCE,
    Entry,
    Journal,
    key_of,
    recordable,
)
from bookings.calendars.preflight import HAD_BY_ANOTHER, Verdict
from bookings.calendars.processes import is_gone
from bookings.database import CALENDAR_CLAIM, CALENDAR_RUN, CALENDAR_RUN_ITEM, DatabaseError

LEASE_SECONDS = 60.0
"""Six times the pause between renewals; replicas' clocks must agree far better than this."""
RENEWAL_SECONDS = 10.0
"""A lease younger than this is not renewed: each renewal writes a row for every calendar."""

_RUN, _ITEM, _CLAIM = CALENDAR_RUN, CALENDAR_RUN_ITEM, CALENDAR_CLAIM
INTERRUPTED = "The dashboard that ran this stopped before it was sent."


class ItemState(StrEnum):
    """What one calendar of a run came to, where the journal does not say it or says less."""

    LEFT_OUT = "Left out"
    """It was not to be sent; the reason is the plan's."""
    WAITING = "Waiting"
    BUSY = "Busy, tried again soon"
    """It was refused because the calendar or the server was busy."""
    ALREADY_SO = "Already so"
    """The server refused it because the calendar was as wanted: nothing is left to be done."""
    NOT_SENT = "Not sent"
    """It was to be sent and was not: nothing was changed."""


@dataclass(frozen=True, slots=True)
class Item:
    """One calendar of a run. `entry` is the last thing the journal has of it in this run."""

    position: int
    offering_uuid: str
    offering_name: str
    verdict: Verdict
    reason: str
    """Why it is left out or was not sent; a remark, or "", where it was sent."""
    chosen: bool
    """Whether it was to be sent."""
    ended: bool
    entry: Entry | None = None
    attempts: int = 0
    """POSTs: more than one only after refusals because the calendar was busy."""

    @property
    def state(self) -> ItemState | Outcome:
        """What it has come to."""
        if not self.chosen:
            return ItemState.LEFT_OUT
        entry = self.entry
        if entry is None:
            return ItemState.NOT_SENT if self.ended else ItemState.WAITING
        if entry.outcome is Outcome.REFUSED and entry.error_code == ALREADY_SO:
            return ItemState.ALREADY_SO
        if self.ended or entry.open:
            return entry.outcome
        return ItemState.BUSY if entry.error_code in BUSY_CODES else ItemState.WAITING

    @property
    def under_way(self) -> bool:
        """Whether it is being sent or its end is waited for."""
        return self.entry is not None and self.entry.open

    @property
    def failed(self) -> bool:
        """Whether it has ended without what was wanted, as far as is known."""
        return self.ended and self.state in {
            ItemState.NOT_SENT, Outcome.REFUSED, Outcome.NOT_CONFIRMED, Outcome.UNKNOWN,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Run:
    """One action on many calendars, as it is on record. Moments are in UTC.

    Without `items` in a list of runs. `stop_reason` is "" or says who or what had it stop.
    """

    id: int
    request: str
    server: str
    action: Action
    person_uuid: str
    person_name: str
    created: datetime
    finished: datetime | None
    stop_reason: str
    interrupted: bool
    looked: bool
    holder: str
    lease_until: datetime
    items: tuple[Item, ...] = ()

    @property
    def alive(self) -> bool:
        """Whether it is being worked on."""
        return self.finished is None

    @property
    def counts(self) -> Counter[str]:
        """How many calendars are in each state, by its word."""
        return Counter(item.state.value for item in self.items)

    @property
    def done(self) -> int:
        """How many of the calendars to be sent have ended."""
        return sum(1 for item in self.items if item.chosen and item.ended)

    @property
    def total(self) -> int:
        """How many calendars were to be sent."""
        return sum(1 for item in self.items if item.chosen)

    def with_items(self, items: tuple[Item, ...]) -> "Run":
        """The same run with other items."""
        return replace(self, items=items)

    @property
    def unknown_ends(self) -> int:
        """Of how many that were sent the server's state may tell more than is known."""
        return sum(1 for i in self.items if i.entry is not None and i.entry.worth_another_look)

    @property
    def worth_a_look(self) -> bool:
        """Whether the server's state may tell more than is known of it."""
        return self.unknown_ends > 0


class Lost(Exception):
    """The run is not this process's any more; nothing of it may be sent."""


class RunRecord:
    """The runs in the journal's database. Every method raises DatabaseError."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._database = journal.database

    # --- reading ----------------------------------------------------------------------------

    def run(self, run_id: int) -> Run | None:
        """A run with its items, or None."""
        now = self._journal.now()
        with self._database.reading() as connection:
            row = connection.execute(select(_RUN).where(_RUN.c.id == run_id)).one_or_none()
            query = select(_ITEM).where(_ITEM.c.run_id == run_id).order_by(_ITEM.c.position)
            rows = connection.execute(query).all()
        if row is None:
            return None
        # After the items: one that is read as ended has its entries before that.
        entries: defaultdict[str, list[Entry]] = defaultdict(list)
        for entry in self._journal.of_run(run_id):
            entries[entry.offering_uuid].append(entry)
        run = _as_of(_run(row), now)
        return replace(run, items=tuple(_item(each, run, entries) for each in rows))

    def runs(self, server: str, *, person_uuid: str | None = None, limit: int = 50) -> list[Run]:
        """The runs on a server, of one person or of all, newest first, without their items."""
        query = select(_RUN).where(_RUN.c.server == server).order_by(_RUN.c.id.desc()).limit(limit)
        if person_uuid is not None:
            query = query.where(_RUN.c.person_uuid == person_uuid)
        now = self._journal.now()
        with self._database.reading() as connection:
            return [_as_of(_run(row), now) for row in connection.execute(query)]

    def visible(
        self, server: str, offering_uuids: Collection[str], *, limit: int = 50
    ) -> list[Run]:
        """Runs that have one of these offerings, newest first, without their items.

        The newest `limit` of them, and all that are being worked on.
        """
        keys = sorted({key_of(uuid) for uuid in offering_uuids})
        now = self._journal.now()
        alive = (_RUN.c.finished.is_(None), _RUN.c.lease_until > now)
        found: dict[int, Run] = {}
        with self._database.reading() as connection:
            for start in range(0, len(keys), KEYS_AT_ONCE):
                query = _having(server, keys[start : start + KEYS_AT_ONCE])
                for each in (query.limit(limit), query.where(*alive)):
                    rows = connection.execute(each)
                    found |= {row.id: _as_of(_run(row), now) for row in rows}
        newest = sorted(found.values(), key=lambda run: -run.id)
        return [run for rank, run in enumerate(newest) if rank < limit or run.alive]

    def claimed(self, server: str, uuids: Collection[str]) -> set[str]:
        """Those of these offerings whose calendar a run has that is being worked on."""
        query = select(_CLAIM.c.offering_uuid).where(
            _CLAIM.c.server == server, _CLAIM.c.lease_until > self._journal.now()
        )
        with self._database.reading() as connection:
            taken = set(connection.execute(query).scalars())
        return {uuid for uuid in uuids if key_of(uuid) in taken}

    def begun(self, request: str) -> bool:
        """Whether there is a run of this request."""
        return self._of_request(request) is not None

    # --- writing ----------------------------------------------------------------------------

    def begin(
        self,
        *,
        request: str,
        server: str,
        action: Action,
        person_uuid: str,
        person_name: str,
        items: Sequence[Item],
    ) -> tuple[Run, bool]:
        """Writes a run and takes its calendars; False if this request was written before.

        Only then may any of it be sent. A calendar that another run has is not sent.
        """
        now = self._journal.now()
        values = {
            "request": request,
            "server": server,
            "action": action.value,
            "person_uuid": person_uuid,
            "person_name": recordable(person_name),
            "created": now,
            "finished": None,
            "stop_reason": "",
            "interrupted": False,
            "looked": False,
            "holder": self._journal.holder,
            "lease_until": now + timedelta(seconds=LEASE_SECONDS),
        }
        run_id = self._of_request(request)
        fresh = run_id is None
        if run_id is None:
            try:
                with self._database.writing() as connection:
                    run_id = _begin(connection, values, items)
            except DatabaseError as error:
                if not isinstance(error.__cause__, IntegrityError):
                    raise
                # The same was asked twice at the same moment; the database let one of them write.
                run_id, fresh = self._of_request(request), False
                if run_id is None:
                    raise
        run = self.run(run_id)
        if run is None:
            raise LookupError("the run that was just written")
        return run, fresh

    def _of_request(self, request: str) -> int | None:
        query = select(_RUN.c.id).where(_RUN.c.request == request)
        with self._database.reading() as connection:
            found: int | None = connection.execute(query).scalar_one_or_none()
        return found

    def hold(self, run_id: int) -> str:
        """Holds the run for another lease; gives why it is to stop, or "".

        Raises Lost when it was closed in the meantime, or its lease has run out.
        """
        now = self._journal.now()
        until = now + timedelta(seconds=LEASE_SECONDS)
        mine = (
            _RUN.c.id == run_id,
            _RUN.c.holder == self._journal.holder,
            _RUN.c.finished.is_(None),
            _RUN.c.lease_until > now,
        )
        with self._database.writing() as connection:
            query = select(_RUN.c.stop_reason, _RUN.c.lease_until).where(*mine)
            held = connection.execute(query).one_or_none()
            if held is None:
                raise Lost
            if until - held.lease_until >= timedelta(seconds=RENEWAL_SECONDS):
                renewal = update(_RUN).where(*mine).values(lease_until=until)
                if connection.execute(renewal).rowcount != 1:
                    raise Lost
                claims = update(_CLAIM).where(_CLAIM.c.run_id == run_id, _CLAIM.c.lease_until > now)
                connection.execute(claims.values(lease_until=until))
        return str(held.stop_reason)

    def end_items(self, run: Run, items: Sequence[Item], reason: str = "") -> None:
        """Writes that calendars have ended, and frees them. Without `reason` the old one stays."""
        if not items:
            return
        change = {"ended": True, **({"reason": recordable(reason)} if reason else {})}
        end = update(_ITEM).where(_ITEM.c.run_id == run.id, _ITEM.c.position == bindparam("at"))
        free = delete(_CLAIM).where(
            _CLAIM.c.server == run.server,
            _CLAIM.c.offering_uuid == bindparam("uuid"),
            _CLAIM.c.run_id == run.id,
        )
        with self._database.writing() as connection:
            connection.execute(end.values(change), [{"at": item.position} for item in items])
            connection.execute(free, [{"uuid": item.offering_uuid} for item in items])

    def stop(self, run_id: int, reason: str) -> None:
        """Asks the run to send no more. The first reason is kept."""
        query = update(_RUN).where(
            _RUN.c.id == run_id, _RUN.c.finished.is_(None), _RUN.c.stop_reason == ""
        )
        with self._database.writing() as connection:
            connection.execute(query.values(stop_reason=recordable(reason)))

    def finish(self, run_id: int) -> None:
        """Writes that the run has ended, and frees what it still has."""
        now = self._journal.now()
        with self._database.writing() as connection:
            connection.execute(
                update(_RUN)
                .where(_RUN.c.id == run_id, _RUN.c.finished.is_(None))
                .values(finished=now)
            )
            connection.execute(delete(_CLAIM).where(_CLAIM.c.run_id == run_id))

    def recover(self) -> int:
        """Closes the runs that processes of this place left when they died; gives their number.

        Those of other places are read as interrupted when their lease has run out.
        """
        now = self._journal.now()
        closed = 0
        with self._database.writing() as connection:
            for row in connection.execute(select(_RUN).where(_RUN.c.finished.is_(None))).all():
                run = _run(row)
                if not is_gone(run.holder):
                    continue
                change = update(_RUN).where(_RUN.c.id == run.id, _RUN.c.finished.is_(None))
                change = change.values(finished=now, interrupted=True)
                closed += connection.execute(change).rowcount
                connection.execute(delete(_CLAIM).where(_CLAIM.c.run_id == run.id))
        return closed

    def mark_looked(self, run_id: int, *, looked: bool = True) -> bool:
        """Writes that somebody reads the state after an interruption; True for the first."""
        query = update(_RUN).where(_RUN.c.id == run_id, _RUN.c.looked.is_(not looked))
        with self._database.writing() as connection:
            return connection.execute(query.values(looked=looked)).rowcount == 1


# --- rows -----------------------------------------------------------------------------------


def _having(server: str, keys: Sequence[str]) -> Select[Any]:
    """The runs on a server that have one of these offerings, newest first."""
    has_one = exists().where(_ITEM.c.run_id == _RUN.c.id, _ITEM.c.offering_uuid.in_(keys))
    return select(_RUN).where(_RUN.c.server == server, has_one).order_by(_RUN.c.id.desc())


def _begin(connection: Connection, values: Mapping[str, Any], items: Sequence[Item]) -> int:
    """Writes a run and its items, and takes the calendars that no other run has."""
    inserted = connection.execute(insert(_RUN).values(values)).inserted_primary_key
    run_id = int(inserted[0]) if inserted is not None else 0
    chosen = {key_of(item.offering_uuid) for item in items if item.chosen}
    taken = _claim(connection, run_id, chosen, values)
    rows = []
    for item in items:
        uuid = key_of(item.offering_uuid)
        had = item.chosen and uuid not in taken
        rows.append({
            "run_id": run_id,
            "position": item.position,
            "offering_uuid": uuid,
            "offering_name": recordable(item.offering_name),
            "verdict": item.verdict.value,
            "reason": HAD_BY_ANOTHER if had else recordable(item.reason),
            "chosen": item.chosen,
            "ended": had or not item.chosen,
        })  # fmt: skip
    if rows:
        connection.execute(insert(_ITEM), rows)
    return run_id


def _claim(
    connection: Connection, run_id: int, uuids: set[str], run: Mapping[str, Any]
) -> set[str]:
    """Takes calendars for a run; gives those that no other run has."""
    if not uuids:
        return set()
    server, now, until = run["server"], run["created"], run["lease_until"]
    old = (_CLAIM.c.server == server, _CLAIM.c.lease_until <= now)
    connection.execute(delete(_CLAIM).where(*old))
    common = {"server": server, "run_id": run_id, "lease_until": until}
    # In one order, so that two runs which begin at once do not wait for each other in a ring.
    rows = [{**common, "offering_uuid": uuid} for uuid in sorted(uuids)]
    connection.execute(_insert_claim(connection), rows)
    mine = select(_CLAIM.c.offering_uuid).where(_CLAIM.c.run_id == run_id)
    return set(connection.execute(mine).scalars())


def _insert_claim(connection: Connection) -> Insert:
    if connection.dialect.name == "postgresql":
        return postgresql.insert(_CLAIM).on_conflict_do_nothing()
    return sqlite.insert(_CLAIM).on_conflict_do_nothing()


def _run(row: Row[Any]) -> Run:
    values = dict(row._mapping)
    return Run(**{**values, "action": Action(values["action"])})


def _as_of(run: Run, now: datetime) -> Run:
    """The run as it is read at `now`: alive only while somebody holds it."""
    if run.finished is not None or run.lease_until > now:
        return run
    return replace(run, finished=run.lease_until, interrupted=True)


def _item(row: Row[Any], run: Run, entries: Mapping[str, Sequence[Entry]]) -> Item:
    values = dict(row._mapping)
    del values["run_id"]
    mine = entries.get(values["offering_uuid"], ())
    item = Item(
        **{**values, "verdict": Verdict(values["verdict"])},
        entry=mine[-1] if mine else None,
        attempts=len(mine),
    )
    if run.alive or item.ended or item.under_way:
        return item
    unsent = INTERRUPTED if run.interrupted else run.stop_reason or INTERRUPTED
    return replace(item, ended=True, reason=item.reason if mine else unsent)


__all__ = ["Item", "ItemState", "Lost", "Run", "RunRecord"]
