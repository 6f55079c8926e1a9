"""What has changed in partitions since somebody last looked at them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from bookings.slurm.limits import LIMITS, Limit, spell_unread
from bookings.slurm.records import Record

__all__ = ["Change", "How", "Looked", "changes", "partition_key", "recorded_limits"]

Looked = Mapping[tuple[str, str], tuple[str, Mapping[str, Any]]]
"""Offering uuid and partition -> its name and limits at the last review.

An offering that was reviewed has an entry with partition "" besides.
"""


class How(StrEnum):
    """What happened to a limit or to a whole partition."""

    CHANGED = "changed"
    ADDED = "new partition"
    REMOVED = "partition is gone"


@dataclass(frozen=True, slots=True)
class Change:
    """One limit that changed, or a partition that came or went (then without limit)."""

    how: How
    offering_uuid: str
    partition_name: str
    limit: Limit | None = None
    old: Any = None
    new: Any = None


def partition_key(record: Record) -> str:
    """What a partition is known by within its offering: its uuid, else its name."""
    return record.partition.uuid or record.name


def recorded_limits(record: Record) -> dict[str, Any]:
    """Waldur's field -> the recorded value; what cannot be read as the text it came as."""
    unread = record.partition.unread
    return {
        limit.field: spell_unread(unread[limit.field])
        if limit.field in unread
        else limit.value(record.partition)
        for limit in LIMITS
    }


def changes(
    records: Sequence[Record], looked: Looked, offerings: Iterable[str]
) -> tuple[list[Change], int]:
    """What changed, and how many partitions belong to offerings that were never reviewed.

    `offerings` are those whose partitions are loaded; nothing is said of any other. A limit that
    this version does not know from the last review is not compared.
    """
    found: list[Change] = []
    never = 0
    present: set[tuple[str, str]] = set()
    for record in records:
        offering, key = record.offering_uuid, partition_key(record)
        present.add((offering, key))
        before = looked.get((offering, key))
        if before is not None:
            found.extend(_of_limits(record, before[1]))
        elif (offering, "") in looked:
            found.append(Change(How.ADDED, offering, record.name))
        else:
            never += 1
    loaded = set(offerings)
    found.extend(
        Change(How.REMOVED, offering, name)
        for (offering, key), (name, _) in looked.items()
        if key and offering in loaded and (offering, key) not in present
    )
    return found, never


def _of_limits(record: Record, before: Mapping[str, Any]) -> Iterable[Change]:
    now = recorded_limits(record)
    for limit in LIMITS:
        if limit.field in before and before[limit.field] != now[limit.field]:
            yield Change(
                How.CHANGED,
                record.offering_uuid,
                record.name,
                limit,
                before[limit.field],
                now[limit.field],
            )
