"""What a signed-in person has loaded: offerings, groups of fields, warnings, and their age.

Loading runs in threads of the process and never in a screen's script, so that a reload, a
second tab or an impatient click neither stops nor repeats it. Readers take a `Snapshot`, which
never changes.
"""

import logging
import threading
from collections.abc import Callable, Collection, Iterable, Mapping, Set
from concurrent.futures import Executor
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any, Protocol

from bookings.waldur import fieldsets
from bookings.waldur.client import BOOKING_OFFERINGS, PROVIDER_OFFERINGS
from bookings.waldur.errors import Forbidden, Gone, ServerBroken, SignedOut, WaldurError
from bookings.waldur.listing import Listing, walk
from bookings.waldur.models import (
    GoogleCalendar,
    Offering,
    Person,
    Unreadable,
    read_item,
)
from bookings.waldur.protocol import Page

log = logging.getLogger(__name__)

EARLY_ROWS = timedelta(seconds=3)
"""How often the rows of a list that comes in are shown, at most."""
MOST_SINGLE_READS = 60
"""How many offerings of a group are fetched one by one after the pages lost or broke on them."""


class Client(Protocol):
    """What a portfolio asks of the wire."""

    root: str

    def offerings_page(
        self, source: str, fields: Iterable[str], *, page: int, page_size: int
    ) -> Page:
        """See WaldurClient."""
        ...

    def offering(
        self, uuid: str, source: str = ..., fields: Iterable[str] | None = None
    ) -> tuple[Offering, list[str]]:
        """See WaldurClient."""
        ...


@dataclass(frozen=True, slots=True)
class GroupState:
    """How far a group of fields is.

    `as_of` is when its last complete load began (UTC): what changed on the server since may be
    missing, and nothing is older.
    """

    status: str = "absent"
    """absent, loading, loaded or failed."""
    done: int = 0
    total: int | None = None
    as_of: datetime | None = None
    error: WaldurError | None = None
    missing: int = 0
    """Offerings the server counts but does not list."""
    ended: bool = True
    """False where the server neither counts its list nor lets the end of it be found."""
    unreadable: tuple[Unreadable, ...] = ()

    @property
    def whole(self) -> bool:
        """Whether all that the server has is here, so that what is not here does not exist."""
        return self.status == "loaded" and self.ended and not (self.missing or self.unreadable)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The portfolio at one moment. `version` changes whenever anything in it does."""

    version: int = 0
    rows_version: int = 0
    """Changes when the first rows have come and every few seconds while more of a list do, when
    a group has ended, or a calendar was read. While a group comes in it stays, so that what was
    worked out from the rows can be kept."""
    offerings: tuple[Offering, ...] = ()
    read_only: frozenset[str] = frozenset()
    """Uuids of offerings that this person may read but whose calendar they may not act on."""
    groups: Mapping[str, GroupState] = field(default_factory=lambda: MappingProxyType({}))

    def state(self, group: str) -> GroupState:
        """The state of a group; one never asked for is absent."""
        return self.groups.get(group, GroupState())

    def whole(self, *groups: str) -> bool:
        """Whether the list and these groups are here with nothing left out."""
        return all(self.state(group).whole for group in ("light", *groups))

    @property
    def partial(self) -> bool:
        """Whether the list is being read for the first time, and more offerings are to come."""
        light = self.state("light")
        return light.status == "loading" and light.as_of is None

    @property
    def loading(self) -> tuple[str, ...]:
        """The groups on their way."""
        return tuple(name for name, state in self.groups.items() if state.status == "loading")

    def find(self, uuid: str) -> Offering | None:
        """The listed offering of this uuid."""
        return next((each for each in self.offerings if each.uuid == uuid), None)


@dataclass(frozen=True, slots=True)
class Single:
    """One offering with all its fields, when it was asked for, and the fields that broke."""

    offering: Offering
    as_of: datetime
    broken_fields: tuple[str, ...] = ()
    read_only: bool = False


class Portfolio:
    """Loads the offerings of one person, group by group, and keeps them.

    `pool` runs the loading; all portfolios of a server share it.
    """

    def __init__(
        self,
        client: Client,
        person: Person,
        pool: Executor,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._client = client
        self._person = person
        self._pool = pool
        self._now = now
        self._lock = threading.Lock()
        self._changed = threading.Condition(self._lock)
        self._round = 0
        """Counts refreshes; what an older round still brings is dropped."""
        self._items: dict[str, Offering] = {}
        self._read_only: frozenset[str] = frozenset()
        self._rows_shown = datetime.min.replace(tzinfo=UTC)
        """When a list that comes in was last shown with its new rows."""
        self._singles: dict[str, Single] = {}
        self._put: dict[str, Mapping[str, Any]] = {}
        """Calendars that were put in this round: pages that were read before them are older."""
        self._snapshot = Snapshot()
        self._waiting: list[str] = []
        self._stopped = False
        self.signed_out = False
        """True once the server has refused the token."""

    # --- reading ----------------------------------------------------------------------------

    def snapshot(self) -> Snapshot:
        """What is loaded now."""
        with self._lock:
            return self._snapshot

    def wait(self, until: Callable[[Snapshot], bool], seconds: float) -> Snapshot:
        """The first snapshot that fulfils `until`, or the one after `seconds`."""
        with self._changed:
            self._changed.wait_for(lambda: until(self._snapshot), timeout=seconds)
            return self._snapshot

    @property
    def round(self) -> int:
        """Counts refreshes: what was read in another round is older than the last Refresh."""
        with self._lock:
            return self._round

    # --- loading ----------------------------------------------------------------------------

    def want(self, *groups: str) -> None:
        """Starts loading the groups that are neither there nor on their way.

        A group that failed stays failed until `refresh`, so that a broken server is not asked
        again with every click. `light` always comes first.
        """
        with self._lock:
            if self._stopped:
                return
            light = self._snapshot.state("light").status
            if light == "absent":
                self._start("light")
            for group in groups:
                absent = self._snapshot.state(group).status == "absent"
                if absent and light != "failed":
                    self._start(group)

    def refresh(self) -> None:
        """Reads everything anew that was loaded. Old rows stay on screen until new ones come."""
        with self._lock:
            if self._stopped:
                return
            self._round += 1
            self._singles.clear()
            self._put.clear()
            self._waiting.clear()
            for group in ("light", *(g for g in self._snapshot.groups if g != "light")):
                self._start(group)

    def stop(self) -> None:
        """Loads no more; running requests end by themselves and are dropped."""
        with self._lock:
            self._stopped = True
            self._round += 1

    def single(self, uuid: str) -> Single:
        """One offering with all its fields; read once, then kept until `refresh`.

        Raises the errors of the wire; Gone where neither endpoint shows it to this person.
        """
        with self._lock:
            kept = self._singles.get(uuid)
            read_only = uuid in self._read_only
            round_ = self._round
            put = self._put.get(uuid)
        if kept is not None:
            return kept
        as_of = self._now()
        try:
            try:
                source = PROVIDER_OFFERINGS if read_only else BOOKING_OFFERINGS
                offering, broken = self._client.offering(uuid, source)
            except Gone:
                if read_only or not self._person.permissions:
                    raise
                offering, broken = self._client.offering(uuid, PROVIDER_OFFERINGS)
                read_only = True
        except SignedOut:
            self._sign_out()
            raise
        with self._lock:
            if round_ == self._round:
                newer = self._put.get(uuid)
                if newer is not None and newer is not put:
                    offering = offering.model_copy(update=newer)
                self._singles[uuid] = Single(offering, as_of, tuple(broken), read_only)
                return self._singles[uuid]
        return Single(offering, as_of, tuple(broken), read_only)

    def forget(self, uuid: str) -> None:
        """Lets the next `single` read this offering anew."""
        with self._lock:
            self._singles.pop(uuid, None)

    def put_calendars(
        self, calendars: Mapping[str, GoogleCalendar | None], *, round_: int | None = None
    ) -> None:
        """Takes over calendars, by offering, that were read after an action.

        Those that were read in another `round_` than this one are dropped.
        """
        changed = False
        with self._lock:
            if round_ not in {None, self._round}:
                return
            for uuid, calendar in calendars.items():
                new = self._put[uuid] = {"googlecalendar": calendar}
                single = self._singles.get(uuid)
                if single is not None:
                    offering = single.offering.model_copy(update=new)
                    self._singles[uuid] = replace(single, offering=offering)
                listed = self._items.get(uuid)
                if listed is not None and listed.googlecalendar != calendar:
                    self._items[uuid] = listed.model_copy(update=new)
                    changed = True
            if changed:
                self._publish(rows=True)

    # --- inside -----------------------------------------------------------------------------

    def _start(self, group: str) -> None:
        """Sends a group on its way; one that needs the list waits for it without a thread."""
        old = self._snapshot.state(group)
        self._set_group(group, replace(old, status="loading", done=0, error=None))
        if group != "light" and self._snapshot.state("light").status != "loaded":
            self._waiting.append(group)
        else:
            self._pool.submit(self._load, group, self._round)

    def _load(self, group: str, round_: int) -> None:
        """One group from start to end; whatever happens, the group does not stay `loading`."""
        try:
            if group == "light":
                self._load_light(round_)
            else:
                self._load_group(group, round_)
        except SignedOut as error:
            self._finish(group, round_, GroupState("failed", error=error))
            self._sign_out()
        except WaldurError as error:
            self._finish(group, round_, self._failed(group, error))
        except Exception as error:
            # The type says where to look; a message could hold what the server sent.
            log.error("loading %s failed: %s", group, type(error).__name__)
            self._finish(group, round_, self._failed(group, WaldurError(words="")))
            raise

    def _load_light(self, round_: int) -> None:
        as_of = self._now()
        seen: dict[str, Offering] = {}
        unreadable: list[Unreadable] = []

        def fetch_from(source: str) -> Callable[[int, int], Page]:
            fields = fieldsets.asked_of(source, "light")

            def fetch(page: int, size: int) -> Page:
                answer = self._client.offerings_page(source, fields, page=page, page_size=size)
                if source == BOOKING_OFFERINGS:
                    # The first rows are on screen while the rest of a long list still comes.
                    early = _readable(answer.items)
                    seen.update(early)
                    self._show_early(round_, seen)
                return answer

            return fetch

        def report(done: int, total: int | None) -> None:
            self._progress("light", round_, done, total)

        own = walk(fetch_from(BOOKING_OFFERINGS), report)
        items = self._take(own, unreadable, seen)
        missing, ended = own.missing, own.ended
        read_only: set[str] = set()
        if not self._person.is_staff and self._person_may_read_more():
            try:
                other = walk(fetch_from(PROVIDER_OFFERINGS))
            except (Forbidden, Gone):
                other = Listing()
            more = self._take(other, unreadable)
            read_only = more.keys() - items.keys()
            items.update({uuid: more[uuid] for uuid in read_only})
            missing += other.missing
            ended &= other.ended
        with self._lock:
            if round_ != self._round:
                return
            self._items = {
                uuid: _refreshed(self._items.get(uuid), item) for uuid, item in items.items()
            }
            self._take_over_put()
            self._read_only = frozenset(read_only)
            self._set_group(
                "light",
                GroupState(
                    "loaded",
                    done=len(items),
                    total=len(items),
                    as_of=as_of,
                    missing=missing,
                    ended=ended,
                    unreadable=tuple(unreadable),
                ),
                rows=True,
            )
            self._mark_groups_that_came_along(items.values())
            waiting, self._waiting = self._waiting, []
            for group in waiting:
                self._pool.submit(self._load, group, round_)

    def _person_may_read_more(self) -> bool:
        return bool(self._person.permissions) or self._person.is_support

    def _load_group(self, group: str, round_: int) -> None:
        as_of = self._now()
        with self._lock:
            by_source = {
                BOOKING_OFFERINGS: self._items.keys() - self._read_only,
                PROVIDER_OFFERINGS: set(self._read_only),
            }
        unreadable: list[Unreadable] = []
        count = sum(len(uuids) for uuids in by_source.values())
        done = 0
        self._progress(group, round_, done, count)
        for source, uuids in by_source.items():
            if not uuids:
                continue
            fields = fieldsets.asked_of(source, group)
            found = walk(
                self._group_fetch(source, fields, group, round_, done, count, unreadable),
                enough=_few_lack(uuids),
            )
            lost = uuids - found.items.keys()
            # Only offerings of the list count; one that came since waits for a Refresh.
            self._read_one_by_one(source, fields, round_, sorted(lost), unreadable)
            done += len(uuids)
            self._progress(group, round_, done, count)
        self._finish(
            group,
            round_,
            GroupState(
                "loaded",
                done=count,
                total=count,
                as_of=as_of,
                unreadable=tuple({bad.uuid: bad for bad in unreadable}.values()),
            ),
        )

    def _group_fetch(
        self,
        source: str,
        fields: tuple[str, ...],
        group: str,
        round_: int,
        before: int,
        count: int,
        unreadable: list[Unreadable],
    ) -> Callable[[int, int], Page]:
        seen: set[str] = set()

        def fetch(page: int, size: int) -> Page:
            answer = self._client.offerings_page(source, fields, page=page, page_size=size)
            parts = _readable(answer.items, unreadable)
            seen.update(parts)
            self._merge(round_, parts)
            self._progress(group, round_, min(before + len(seen), count), count)
            return answer

        return fetch

    def _read_one_by_one(
        self,
        source: str,
        fields: tuple[str, ...],
        round_: int,
        lost: list[str],
        unreadable: list[Unreadable],
    ) -> None:
        for position, uuid in enumerate(lost):
            name = self._name(uuid)
            if position >= MOST_SINGLE_READS:
                unreadable.append(Unreadable(uuid, name, "The server's pages left it out."))
                continue
            try:
                offering, _ = self._client.offering(uuid, source, fields)
            except ServerBroken:
                unreadable.append(Unreadable(uuid, name, "The server fails on this offering."))
            except Gone:
                unreadable.append(Unreadable(uuid, name, "It is gone since the list was read."))
            else:
                self._merge(round_, {uuid: offering})

    def _take(
        self,
        listing: Listing,
        unreadable: list[Unreadable],
        seen: Mapping[str, Offering] = MappingProxyType({}),
    ) -> dict[str, Offering]:
        """The listing's offerings by uuid; `seen` are those that were read on the way."""
        items: dict[str, Offering] = {}
        for uuid, raw in listing.items.items():
            items.update({uuid: seen[uuid]} if uuid in seen else _readable([raw], unreadable))
        items.update(_readable(listing.odd, unreadable))
        for position in listing.broken:
            reason = f"The server fails on number {position} of its list."
            unreadable.append(Unreadable("", "", reason))
        return items

    def _name(self, uuid: str) -> str:
        with self._lock:
            item = self._items.get(uuid)
            return item.name if item else ""

    def _show_early(self, round_: int, seen: dict[str, Offering]) -> None:
        with self._lock:
            if round_ != self._round or not self._snapshot.partial:
                return
            # What screens work out from the rows takes time; once every few seconds is enough.
            now = self._now()
            rows = not self._items or now - self._rows_shown >= EARLY_ROWS
            if rows:
                self._rows_shown = now
            # Rows of a load that a Refresh cut off stay until all of the new ones are here.
            self._items = {**self._items, **seen}
            self._take_over_put()
            self._publish(rows=rows)

    def _take_over_put(self) -> None:
        for uuid in self._put.keys() & self._items.keys():
            self._items[uuid] = self._items[uuid].model_copy(update=self._put[uuid])

    def _merge(self, round_: int, parts: Mapping[str, Offering]) -> None:
        with self._lock:
            if round_ != self._round:
                return
            for uuid, part in parts.items():
                if uuid in self._items:
                    self._items[uuid] = _merged(self._items[uuid], part)

    def _mark_groups_that_came_along(self, items: Collection[Offering]) -> None:
        """A server that ignores `field` sends everything at once; nothing is asked twice."""
        if not items:
            return
        for group, fields in fieldsets.GROUPS.items():
            waits = group in self._waiting
            if group == "light" or not (waits or self._snapshot.state(group).status == "absent"):
                continue
            if all(fields[0] in each.model_fields_set for each in items):
                light = self._snapshot.state("light")
                self._set_group(group, replace(light, unreadable=(), missing=0, ended=True))
                if waits:
                    self._waiting.remove(group)

    def _failed(self, group: str, error: WaldurError) -> GroupState:
        old = self.snapshot().state(group)
        return replace(old, status="failed", error=error)

    def _finish(self, group: str, round_: int, state: GroupState) -> None:
        with self._lock:
            if round_ != self._round:
                return
            self._set_group(group, state, rows=True)
            if group == "light":
                # The others cannot start without the list; a Refresh starts them with it.
                for waiting in self._waiting:
                    self._set_group(waiting, replace(state, unreadable=()))
                self._waiting.clear()

    def _progress(self, group: str, round_: int, done: int, total: int | None) -> None:
        with self._lock:
            if round_ == self._round:
                old = self._snapshot.state(group)
                self._set_group(group, replace(old, done=done, total=total))

    def _set_group(self, group: str, state: GroupState, *, rows: bool = False) -> None:
        groups = MappingProxyType({**self._snapshot.groups, group: state})
        self._snapshot = replace(self._snapshot, groups=groups)
        self._publish(rows=rows)

    def _publish(self, *, rows: bool) -> None:
        old = self._snapshot
        self._snapshot = replace(
            old,
            version=old.version + 1,
            rows_version=old.rows_version + (1 if rows else 0),
            offerings=tuple(self._items.values()) if rows else old.offerings,
            read_only=self._read_only,
        )
        self._changed.notify_all()

    def _sign_out(self) -> None:
        self.signed_out = True
        self.stop()


def _few_lack(wanted: Set[str]) -> Callable[[Listing], bool]:
    """Whether reading what a walk lacks one by one is cheaper than another walk."""
    return lambda found: len(wanted - found.items.keys()) <= MOST_SINGLE_READS


def _readable(
    items: Iterable[Any], unreadable: list[Unreadable] | None = None
) -> dict[str, Offering]:
    good: dict[str, Offering] = {}
    for item in items:
        read = read_item(Offering, item)
        if isinstance(read, Offering):
            good[read.uuid] = read
        elif unreadable is not None:
            unreadable.append(read)
    return good


def _merged(old: Offering | None, new: Offering) -> Offering:
    """`old` with every field that the server sent for `new`."""
    if old is None:
        return new
    sent = {name: getattr(new, name) for name in new.model_fields_set}
    return old.model_copy(update=sent)


def _refreshed(old: Offering | None, new: Offering) -> Offering:
    """`new`, with the heavier groups of `old` until they are read again."""
    if old is None:
        return new
    kept = old.model_fields_set - set(fieldsets.LIGHT) - new.model_fields_set
    return new.model_copy(update={name: getattr(old, name) for name in kept})
