"""What the tabs share: who looks, and the plans that the filters left."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar

import pandas as pd

from bookings.portfolio import Snapshot
from bookings.sign_ins import SignIn
from bookings.waldur.models import Offering, Plan
from components import loading, session
from components.plan_desk import Listed

Made = TypeVar("Made")


@dataclass(frozen=True, slots=True)
class Opened:
    """The plans on the page; `frame` holds those that fit the filters, `note` says which."""

    who: SignIn
    snapshot: Snapshot
    listed: Listed
    frame: pd.DataFrame
    order: list[str]
    """The columns in view."""
    note: str

    def plans(self) -> list[tuple[Offering, Plan]]:
        """The plans that fit the filters, each with its offering."""
        return [self.listed.plans[place] for place in self.frame["place"].tolist()]

    def worked_out(self, name: str, version: Hashable, work_out: Callable[[], Made]) -> Made:
        """What `work_out` makes of these plans, until they or `version` change."""
        places = tuple(self.frame["place"].tolist())
        return session.worked_out(self.who, name, (self.listed.version, places, version), work_out)

    @property
    def currency(self) -> str:
        """The server's; "" where it names none."""
        return self.who.facts.currency

    @property
    def locale(self) -> str:
        """The person's language."""
        return loading.locale_name()


def today() -> datetime:
    """The person's date and time, as if their clock were the server's: bills go by its days."""
    return loading.now().replace(tzinfo=UTC)
