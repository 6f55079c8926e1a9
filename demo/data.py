"""The world of the demo server: everything it knows, seeded and the same in every run."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from demo.offerings import Offering, build_offerings
from demo.people import Tokens
from demo.providers import CATEGORIES, category_item
from demo.reservations import Reservation, build_reservations, midnight

OFFERINGS = 300
SEED = 20241


class World:
    """The data, open to change: a test may withdraw a token or delete an offering."""

    def __init__(
        self,
        *,
        offerings: int = OFFERINGS,
        seed: int = SEED,
        clock: Callable[[], float] = time.time,
    ) -> None:
        today = midnight(clock())
        rows = build_offerings(seed, offerings, today)
        self.seed = seed
        self.clock = clock
        self.tokens = Tokens()
        self.offerings: dict[str, Offering] = {row.uuid: row for row in rows}
        self.reservations: dict[str, Reservation] = {
            row.item["uuid"]: row for row in build_reservations(seed, rows, today)
        }
        self.notable: dict[str, str] = {
            row.special.role: row.uuid for row in rows if row.special and row.special.role
        }
        """Identifiers of special offerings by what is special about them."""
        self._sorted: list[Offering] = []

    def revoke(self, username: str, *, expired: bool = False) -> None:
        """End the account's token in mid-session."""
        self.tokens.revoke(username, expired=expired)

    def delete(self, uuid: str) -> None:
        """Remove an offering, as if a colleague had deleted it."""
        del self.offerings[uuid]

    def find(self, name: str) -> Offering:
        """The first offering with exactly this name.

        Raises:
            LookupError: No offering has the name.

        """
        for offering in self.offerings.values():
            if offering.name == name:
                return offering
        raise LookupError(name)

    def by_name(self) -> list[Offering]:
        """All offerings in the order of a C collation, which is that of Unicode code points."""
        if len(self._sorted) != len(self.offerings):
            self._sorted = list(self.offerings.values())
        # Sorting what is sorted already costs little, and a test may have renamed one.
        self._sorted.sort(key=lambda row: row.name)
        return list(self._sorted)

    def categories(self) -> list[dict[str, Any]]:
        """All categories by title, with the number of their offerings."""
        counts = dict.fromkeys(CATEGORIES, 0)
        for offering in self.offerings.values():
            counts[offering.kind.category] += 1
        items = [category_item(key, count) for key, count in counts.items()]
        return sorted(items, key=lambda item: str(item["title"]))
