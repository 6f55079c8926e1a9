"""Partitions as a file brings them: a list of partitions, of offerings, or lines of either.

What the API answers can be saved and read here without change. Whose partition it is comes from
the offering around it, and is empty where the file has partitions alone.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from bookings.json_objects import UnreadableFile, kind_of, read_objects, read_offering
from bookings.waldur.models import Offering, Partition, reason_of


@dataclass(frozen=True, slots=True)
class Record:
    """A partition, and the offering it belongs to where that is known."""

    partition: Partition
    offering: str = ""
    offering_uuid: str = ""
    provider: str = ""

    @property
    def name(self) -> str:
        """The name of the partition."""
        return self.partition.partition_name

    def as_item(self) -> dict[str, Any]:
        """As plain data, which `read_records` reads back; what is unreadable stays as it came."""
        item = self.partition.model_dump(mode="json") | dict(self.partition.unread)
        if self.offering_uuid:
            item |= {"offering_uuid": self.offering_uuid, "offering_name": self.offering}
        return item


def of_offerings(offerings: Iterable[Offering]) -> list[Record]:
    """The partitions of offerings, in their order."""
    return [
        Record(partition, offering.name, offering.uuid, offering.customer_name or "")
        for offering in offerings
        for partition in offering.partitions
    ]


def read_records(text: str) -> list[Record]:
    """The partitions in a JSON list or in JSON lines. Raises UnreadableFile."""
    records: list[Record] = []
    for place, item in read_objects(text):
        records.extend(_records_of(place, item))
    return records


def _records_of(place: str, item: Mapping[str, Any]) -> list[Record]:
    if "partition_name" in item:
        partition = read_partition(place, item)
        known = {key: item.get(key) for key in ("offering_name", "offering_uuid")}
        name, uuid = (each if isinstance(each, str) else "" for each in known.values())
        return [Record(partition, name, uuid)]
    if "partitions" not in item:
        raise UnreadableFile(f"{place}: it has neither partition_name nor partitions")
    return of_offerings([read_offering(place, item)])


def read_partition(place: str, item: Any) -> Partition:
    """One partition; `place` names it in the error. Raises UnreadableFile."""
    if not isinstance(item, Mapping):
        raise UnreadableFile(f"{place}: it is {kind_of(item)}, not an object")
    try:
        return Partition.model_validate(item)
    except ValidationError as error:
        raise UnreadableFile(f"{place}: {reason_of(error)}") from None
