"""Bookings: when an offering is taken, and the requests to accept or reject."""

from __future__ import annotations

from typing import Any

from demo.data import World
from demo.links import named_uuid
from demo.people import Account
from demo.reservations import ORDERABLE_STATES, Reservation, calendar_of
from demo.wire import Call, detail, not_found, paginate, parse_uuid


class BookingEndpoints:
    """`marketplace-bookings` and `booking-resources`."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def list_slots(self, call: Call) -> Any:
        """When an offering is taken: a plain list, for anybody who is signed in."""
        offering = self._world.offerings.get(call.request.path_params["uuid"])
        if offering is None or offering.state not in ORDERABLE_STATES:
            raise not_found("Offering")
        if offering.calendar is not None:
            offering.calendar.settle(self._world.clock())
        return calendar_of(offering, list(self._world.reservations.values()), call.viewer)

    async def list_reservations(self, call: Call) -> Any:
        """Bookings at the viewer's organisations."""
        items = [row.item for row in self._visible_reservations(call.viewer)]
        offering, states = call.argument("offering_uuid"), call.arguments("state")
        if offering:
            wanted = offering.replace("-", "").lower()
            items = [item for item in items if item["offering_uuid"] == wanted]
        if states:
            items = [item for item in items if item["state"] in states]
        order = call.argument("o") or "-created"
        column = order.removeprefix("-")
        if column not in ("created", "name", "schedules", "state"):
            column = "created"
        items.sort(key=lambda item: _order_key(item, column), reverse=order.startswith("-"))
        page, _, _ = paginate(call, items)
        return [call.select(item) for item in page]

    async def retrieve_reservation(self, call: Call) -> Any:
        """One booking."""
        return call.select(self._reservation(call).item)

    async def accept(self, call: Call) -> Any:
        """Accept a request to book."""
        reservation = self._reservation(call)
        return self._decide(reservation, "OK")

    async def reject(self, call: Call) -> Any:
        """Reject a request to book, which the provider's own people may not (observed)."""
        reservation = self._reservation(call)
        if not call.viewer.is_staff:
            raise detail(403, "You do not have permission to perform this action.")
        return self._decide(reservation, "Terminated")

    def _decide(self, reservation: Reservation, state: str) -> dict[str, str]:
        item = reservation.item
        if item["state"] != "Creating":
            raise detail(409, "Valid states for operation: Creating.")
        item["state"] = state
        return {"order_uuid": named_uuid("order", item["uuid"])}

    def _visible_reservations(self, viewer: Account) -> list[Reservation]:
        rows = self._world.reservations.values()
        return [row for row in rows if viewer.may_provide(row.offering.provider)]

    def _reservation(self, call: Call) -> Reservation:
        identifier = parse_uuid(call.request.path_params["uuid"], "Resource")
        reservation = self._world.reservations.get(identifier)
        if reservation is None or not call.viewer.may_provide(reservation.offering.provider):
            raise not_found("Resource")
        return reservation


def _order_key(item: dict[str, Any], column: str) -> str:
    return str(item["slots"][0]["start"] if column == "schedules" else item[column])
