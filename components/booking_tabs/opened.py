"""What the tabs share: who looks, and the bookings that the filters left."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar
from zoneinfo import ZoneInfo

import pandas as pd

from bookings.portfolio import Snapshot
from bookings.schedule import times
from bookings.schedule.times import Time
from bookings.sign_ins import SignIn
from components import loading, session, tables
from components.booking_desk import Listed

Made = TypeVar("Made")


@dataclass(frozen=True, slots=True)
class Opened:
    """The bookings on the page; `frame` holds those that fit the filters, `note` says which."""

    who: SignIn
    snapshot: Snapshot
    listed: Listed = field(repr=False)
    frame: pd.DataFrame = field(repr=False)
    order: list[str]
    """The columns in view."""
    note: str
    to_read: list[str]
    """The uuids of the offerings to ask for Google's busy times and availability."""

    def offerings(self) -> list[str]:
        """The uuids of the offerings of these bookings, in the order of the table."""
        return [uuid for uuid in dict.fromkeys(self.frame["offering_uuid"].tolist()) if uuid]

    def times(self) -> list[Time]:
        """The times of these bookings."""
        shown = set(self.frame["uuid"].tolist())
        return [time for time in self.listed.times if time.booking_uuid in shown]

    def others(self) -> list[Time]:
        """Google's busy times and bookings not listed, of the same offerings."""
        shown = set(self.offerings())
        return [time for time in self.listed.others if time.offering_uuid in shown]

    def worked_out(self, name: str, version: Hashable, work_out: Callable[[], Made]) -> Made:
        """What `work_out` makes of these bookings, until they or `version` change."""
        shown = tables.fingerprint(self.frame["uuid"].tolist())
        return session.worked_out(self.who, name, (self.listed.version, shown, version), work_out)


def stretch(start: datetime, end: datetime) -> str:
    """From when to when in the person's time zone."""
    return times.stretch(start, end, ZoneInfo(loading.zone_name()))
