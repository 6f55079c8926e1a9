"""What reviewers of partitions leave behind: hardware, acknowledged findings, what they saw.

Hardware and acknowledgements belong to a server and an offering and are shared by everybody who
sees that offering; what was seen belongs to a person. Nothing here is read for an offering that
the caller does not name.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, Table, and_, delete, insert, select

from bookings.database import (
    ACKNOWLEDGED_FINDING,
    PARTITION_HARDWARE,
    REVIEWED_PARTITION,
    Database,
)

__all__ = ["Acknowledgement", "Hand", "KeptHardware", "Reviews", "Seen"]

MOST_REASON = 2000
"""Signs of a reason; the rest is cut."""
ROWS_AT_ONCE = 500
"""Rows of one statement; databases bound the number of values in one."""


@dataclass(frozen=True, slots=True)
class Hand:
    """The person who writes something down."""

    uuid: str
    name: str


@dataclass(frozen=True, slots=True)
class KeptHardware:
    """The nodes of a partition as somebody described them; `changed` is in UTC."""

    nodes: Any
    person_name: str
    changed: datetime


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """Why a finding may stay, who says so and when (UTC).

    It stands only while the finding has this `fingerprint`.
    """

    fingerprint: str
    reason: str
    person_name: str
    created: datetime


@dataclass(frozen=True, slots=True)
class Seen:
    """The limits of a partition when a person last reviewed it (UTC)."""

    partition_name: str
    limits: Mapping[str, Any]
    reviewed: datetime


class Reviews:
    """The records in one database; creates its tables. May be used from many threads.

    `server` is a root address, uuids are in the server's own spelling. Every method raises
    bookings.database.DatabaseError when the database is away or locked for too long.
    """

    def __init__(
        self, database_url: str, *, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._clock = clock
        self._database = Database(database_url)

    def close(self) -> None:
        """Closes the connections to the database."""
        self._database.close()

    # --- hardware ---------------------------------------------------------------------------

    def hardware(
        self, server: str, offerings: Collection[str]
    ) -> dict[tuple[str, str], KeptHardware]:
        """What is kept for these offerings, by offering uuid and partition name.

        The name is "" for all partitions of the offering that have none of their own.
        """
        return {
            (row.offering_uuid, row.partition_name): KeptHardware(
                row.nodes, row.person_name, row.changed
            )
            for row in self._rows(PARTITION_HARDWARE, server, offerings)
        }

    def keep_hardware(
        self, server: str, offering: str, nodes: Mapping[str, Any], hand: Hand
    ) -> None:
        """Keeps nodes by partition name in place of what was kept for these names.

        None in place of nodes forgets what was kept for that name.
        """
        rows = [
            {
                "server": server,
                "offering_uuid": offering,
                "partition_name": name,
                "nodes": item,
                "person_uuid": hand.uuid,
                "person_name": hand.name,
                "changed": self._clock(),
            }
            for name, item in nodes.items()
            if item is not None
        ]
        table = PARTITION_HARDWARE
        with self._database.writing() as connection:
            for name in nodes:
                connection.execute(
                    delete(table).where(
                        table.c.server == server,
                        table.c.offering_uuid == offering,
                        table.c.partition_name == name,
                    )
                )
            _insert(connection, table, rows)

    # --- acknowledgements -------------------------------------------------------------------

    def acknowledged(
        self, server: str, offerings: Collection[str]
    ) -> dict[tuple[str, str, str], Acknowledgement]:
        """By offering uuid, partition (its uuid, else its name) and rule."""
        return {
            (row.offering_uuid, row.partition, row.rule): Acknowledgement(
                row.fingerprint, row.reason, row.person_name, row.created
            )
            for row in self._rows(ACKNOWLEDGED_FINDING, server, offerings)
        }

    def acknowledge(
        self,
        server: str,
        findings: Iterable[tuple[str, str, str, str]],
        reason: str,
        hand: Hand,
    ) -> None:
        """Acknowledges findings: offering uuid, partition, rule and fingerprint of each."""
        rows = {
            (offering, partition, rule): {
                "server": server,
                "offering_uuid": offering,
                "partition": partition,
                "rule": rule,
                "fingerprint": fingerprint,
                "reason": reason.strip()[:MOST_REASON],
                "person_uuid": hand.uuid,
                "person_name": hand.name,
                "created": self._clock(),
            }
            for offering, partition, rule, fingerprint in findings
        }
        with self._database.writing() as connection:
            for key in rows:
                connection.execute(_finding(server, *key))
            _insert(connection, ACKNOWLEDGED_FINDING, list(rows.values()))

    def withdraw(self, server: str, offering: str, partition: str, rule: str) -> None:
        """Takes an acknowledgement back; the finding counts again."""
        with self._database.writing() as connection:
            connection.execute(_finding(server, offering, partition, rule))

    # --- what was seen ----------------------------------------------------------------------

    def seen(
        self, server: str, person_uuid: str, offerings: Collection[str]
    ) -> dict[tuple[str, str], Seen]:
        """What a person saw at their last review, by offering uuid and partition.

        An offering that was reviewed has an entry with partition "" besides, so that a partition
        that is new can be told from an offering that was never reviewed.
        """
        rows = self._rows(
            REVIEWED_PARTITION,
            server,
            offerings,
            REVIEWED_PARTITION.c.person_uuid == person_uuid,
        )
        return {
            (row.offering_uuid, row.partition): Seen(row.partition_name, row.limits, row.reviewed)
            for row in rows
        }

    def mark_seen(
        self,
        server: str,
        person_uuid: str,
        offerings: Collection[str],
        partitions: Iterable[tuple[str, str, str, Mapping[str, Any]]],
    ) -> None:
        """Replaces what a person saw of whole offerings.

        `partitions` are offering uuid, partition (its uuid, else its name), its name and its
        limits.
        """
        table = REVIEWED_PARTITION
        now = self._clock()
        rows = [
            {
                "server": server,
                "person_uuid": person_uuid,
                "offering_uuid": offering,
                "partition": partition,
                "partition_name": name,
                "limits": dict(limits),
                "reviewed": now,
            }
            for offering, partition, name, limits in (
                *((offering, "", "", {}) for offering in offerings),
                *partitions,
            )
        ]
        mine = and_(table.c.server == server, table.c.person_uuid == person_uuid)
        with self._database.writing() as connection:
            for some in _portions(list(offerings)):
                connection.execute(delete(table).where(mine, table.c.offering_uuid.in_(some)))
            _insert(connection, table, rows)

    def _rows(
        self, table: Table, server: str, offerings: Collection[str], *conditions: Any
    ) -> list[Row[Any]]:
        wanted = frozenset(offerings)
        query = select(table).where(table.c.server == server, *conditions)
        with self._database.reading() as connection:
            return [row for row in connection.execute(query) if row.offering_uuid in wanted]


def _finding(server: str, offering: str, partition: str, rule: str) -> Any:
    table = ACKNOWLEDGED_FINDING
    return delete(table).where(
        table.c.server == server,
        table.c.offering_uuid == offering,
        table.c.partition == partition,
        table.c.rule == rule,
    )


def _portions(values: list[Any]) -> Iterable[list[Any]]:
    for start in range(0, len(values), ROWS_AT_ONCE):
        yield values[start : start + ROWS_AT_ONCE]


def _insert(connection: Connection, table: Table, rows: list[dict[str, Any]]) -> None:
    for some in _portions(rows):
        connection.execute(insert(table), some)
