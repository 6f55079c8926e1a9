"""What changed since somebody last looked."""

from typing import Any

import pytest

from bookings.slurm.changes import Change, How, Looked, changes, partition_key, recorded_limits
from bookings.slurm.limits import limit_of
from bookings.slurm.records import Record
from bookings.waldur.models import Partition

ONE, TWO = "1" * 32, "2" * 32


def record(offering: str = ONE, **fields: Any) -> Record:
    """A partition of an offering."""
    return Record(
        Partition.model_validate({"partition_name": "batch", **fields}), "Kratt", offering
    )


def looked_at(*records: Record) -> Looked:
    """What a person saw who reviewed exactly these."""
    seen: dict[tuple[str, str], tuple[str, Any]] = {}
    for each in records:
        seen[each.offering_uuid, ""] = ("", {})
        seen[each.offering_uuid, partition_key(each)] = (each.name, recorded_limits(each))
    return seen


@pytest.mark.parametrize(
    ("old", "new"),
    [(60, 120), (None, 0), (0, None), (60, "an hour"), ("an hour", 60), ("an hour", "two hours")],
)
def test_a_limit_that_changed_is_told_with_both_values(old: object, new: object) -> None:
    """Not set, 0 and what cannot be read are values of their own."""
    before, now = record(uuid="a", max_time=old), record(uuid="a", max_time=new)

    assert changes([now], looked_at(before), [ONE]) == (
        [Change(How.CHANGED, ONE, "batch", limit_of("max_time"), old, new)],
        0,
    )


def test_nothing_changed() -> None:
    """The same limits are no change, whatever the name has become."""
    before, now = record(uuid="a"), record(uuid="a", partition_name="renamed")

    assert changes([now], looked_at(before), [ONE]) == ([], 0)


def test_partitions_come_and_go() -> None:
    """Within an offering that was reviewed, each is told once."""
    old, new = record(uuid="a", partition_name="old"), record(uuid="b", partition_name="new")

    found, never = changes([new], looked_at(old), [ONE])
    assert [(each.how, each.partition_name) for each in found] == [
        (How.ADDED, "new"),
        (How.REMOVED, "old"),
    ]
    assert never == 0


def test_what_was_never_reviewed_is_counted_not_listed() -> None:
    """A first visit does not drown in new partitions."""
    assert changes([record(TWO), record(TWO, partition_name="gpu")], looked_at(record()), []) == (
        [],
        2,
    )


def test_nothing_is_gone_that_is_not_loaded() -> None:
    """Of offerings that are not there, or not loaded yet, nothing is said."""
    assert changes([], looked_at(record()), [TWO]) == ([], 0)


def test_a_limit_that_was_not_known_then_is_not_compared() -> None:
    """A newer version may know more limits than were remembered."""
    assert changes([record(max_time=5)], {(ONE, "batch"): ("batch", {})}, [ONE]) == ([], 0)
