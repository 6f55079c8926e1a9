"""Partitions together with what reviewers have said about them: hardware and findings."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from bookings.reviews import Acknowledgement, KeptHardware
from bookings.slurm.audit import Finding, Severity, audit_all
from bookings.slurm.changes import partition_key
from bookings.slurm.hardware import WHOLE_CLUSTER, Hardware
from bookings.slurm.records import Record, of_offerings
from bookings.waldur.models import Offering

__all__ = ["Found", "PartitionReview", "by_place", "key_of", "review"]

FindingKey = tuple[str, str, str]
"""Offering uuid, partition (uuid, else name) and rule."""


@dataclass(frozen=True, slots=True)
class Found:
    """A finding, and who has said that it may stay."""

    place: int
    """Of the partition among the records."""
    record: Record
    finding: Finding
    acknowledged: Acknowledgement | None = None
    lapsed: Acknowledgement | None = None
    """An earlier acknowledgement that was given for other values."""


@dataclass(frozen=True, slots=True)
class PartitionReview:
    """All partitions in the order of their table, with the nodes that are known of them."""

    records: tuple[Record, ...]
    hardware: Mapping[tuple[str, str], Hardware]
    """By offering uuid and partition name; the name is "" for all without nodes of their own."""
    found: tuple[Found, ...]

    def hardware_of(self, record: Record) -> Hardware | None:
        """The nodes of a partition: its own, else those of its offering; None if unknown."""
        own = self.hardware.get((record.offering_uuid, record.name))
        return own or self.hardware.get((record.offering_uuid, WHOLE_CLUSTER))

    def open(self, *severities: Severity) -> list[Found]:
        """Findings that nobody has acknowledged, of these severities."""
        return [
            each
            for each in self.found
            if each.acknowledged is None and each.finding.severity in severities
        ]


def review(
    offerings: Iterable[Offering],
    kept: Mapping[tuple[str, str], KeptHardware],
    acknowledged: Mapping[FindingKey, Acknowledgement],
) -> PartitionReview:
    """Audits every partition of the offerings, in their order.

    Kept nodes that cannot be read count as unknown.
    """
    records = tuple(of_offerings(offerings))
    hardware: dict[tuple[str, str], Hardware] = {}
    for key, each in kept.items():
        try:
            hardware[key] = Hardware.from_item(each.nodes)
        except ValueError:
            continue
    known = PartitionReview(records, hardware, ())
    places = {id(record): place for place, record in enumerate(records)}
    found = [
        _found(places[id(record)], record, finding, acknowledged)
        for record, finding in audit_all(records, known.hardware_of)
    ]
    return PartitionReview(records, hardware, tuple(found))


def key_of(record: Record, finding: Finding) -> FindingKey:
    """What a finding is acknowledged under."""
    return record.offering_uuid, partition_key(record), finding.rule.id


def _found(
    place: int, record: Record, finding: Finding, given: Mapping[FindingKey, Acknowledgement]
) -> Found:
    said = given.get(key_of(record, finding))
    if said is None:
        return Found(place, record, finding)
    if said.fingerprint == finding.fingerprint():
        return Found(place, record, finding, acknowledged=said)
    return Found(place, record, finding, lapsed=said)


def by_place(found: Sequence[Found]) -> dict[int, list[Found]]:
    """The findings of each partition."""
    places: dict[int, list[Found]] = {}
    for each in found:
        places.setdefault(each.place, []).append(each)
    return places
