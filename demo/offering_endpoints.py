"""Offerings as their owners and as their managers see them, and the calendar actions."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from demo.calendars import Action, Worker, refusal
from demo.costs import page_cost
from demo.data import World
from demo.links import link, named_uuid
from demo.offerings import (
    BOOKING_TYPE,
    OFFERING_FIELDS,
    RELATION_FIELDS,
    Offering,
    provider_extras,
)
from demo.schedules import BrokenScheduleError, rewrite
from demo.wire import (
    SERVER_ERROR_PAGE,
    Call,
    RefusalError,
    not_found,
    paginate,
    paginate_by_name,
    parse_uuid,
)

PROVIDER_FIELDS = (
    *(name for name in OFFERING_FIELDS if name != "googlecalendar"),
    "google_calendar_is_public", "google_calendar_link", "integration_status", "secret_options",
    "service_attributes",
)  # fmt: skip
_ABSENT_WHEN_EMPTY = {*RELATION_FIELDS, "documentation_url", "helpdesk_url"}


class OfferingEndpoints:
    """`booking-offerings` and `marketplace-provider-offerings`."""

    def __init__(
        self, world: World, calendars: Worker, work: Callable[[float], Awaitable[None]]
    ) -> None:
        self._world = world
        self._calendars = calendars
        self._work = work

    async def list_offerings(self, call: Call) -> Any:
        """All offerings of staff or an owner; every parameter but paging and `field` is ignored."""
        rows = [row for row in self._world.by_name() if call.viewer.may_book_for(row.provider)]
        page = paginate_by_name(call, rows)
        fields = call.chosen(OFFERING_FIELDS)
        await self._work(page_cost(len(page), fields))
        return [self._offering_item(row, fields) for row in page]

    async def retrieve_offering(self, call: Call) -> Any:
        """One offering, with the same body as in the list."""
        offering = self._bookable(call)
        fields = call.chosen(OFFERING_FIELDS)
        await self._work(page_cost(1, fields))
        return self._offering_item(offering, fields)

    def action(self, action: Action) -> Callable[[Call], Any]:
        """The handler of one of the three calendar actions; the body is not looked at."""

        async def start(call: Call) -> Any:
            offering = self._bookable(call)
            self._settle(offering)
            provider = offering.provider
            reason = refusal(
                offering.calendar,
                action,
                can_reach_google=provider is not None and provider.can_reach_google,
            )
            if reason:
                raise RefusalError(400, [reason])
            offering.calendar = self._calendars.start(
                offering.calendar,
                action,
                new_backend_id=f"{named_uuid('calendar', offering.uuid)}@group.calendar.google.com",
                fails=offering.google_fails,
            )
            return 202, "OK"

        return start

    def _bookable(self, call: Call) -> Offering:
        identifier = parse_uuid(call.request.path_params["uuid"], "Offering")
        offering = self._world.offerings.get(identifier)
        if offering is None or not call.viewer.may_book_for(offering.provider):
            raise not_found("Offering")
        return offering

    def _settle(self, offering: Offering) -> None:
        if offering.calendar is not None:
            offering.calendar.settle(self._world.clock())

    def _offering_item(self, offering: Offering, fields: list[str] | None) -> dict[str, Any]:
        item = {}
        for name in fields or OFFERING_FIELDS:
            if name == "googlecalendar":
                self._settle(offering)
                item[name] = offering.calendar and offering.calendar.represent()
            elif name == "attributes":
                item[name] = self._attributes(offering)
            elif name in offering.columns or name not in _ABSENT_WHEN_EMPTY:
                item[name] = offering.value(name)
        return item

    def _attributes(self, offering: Offering) -> dict[str, Any]:
        attributes: dict[str, Any] = offering.value("attributes")
        try:
            schedules = rewrite(attributes["schedules"], self._world.clock())
        except BrokenScheduleError:
            raise RefusalError(500, SERVER_ERROR_PAGE, html=True) from None
        return attributes | {"schedules": schedules}

    async def list_provider_offerings(self, call: Call) -> Any:
        """The offerings a service manager may see as well, with filters and order."""
        rows = [row for row in self._world.by_name() if call.viewer.may_provide(row.provider)]
        wanted_type, part = call.argument("type"), (call.argument("name") or "").lower()
        states = call.arguments("state")
        if wanted_type not in (None, "", BOOKING_TYPE):
            rows = []
        if states:
            rows = [row for row in rows if row.state in states]
        customer = call.argument("customer_uuid")
        if customer:
            rows = [row for row in rows if row.columns.get("customer_uuid") == customer]
        if part:
            rows = [row for row in rows if part in row.name.lower()]
        order = call.argument("o") or "name"
        column = order.removeprefix("-")
        if column in ("name", "created", "state"):
            rows.sort(key=lambda row: str(row.columns[column]), reverse=order.startswith("-"))
        # Only names tie; another order is that of the whole list.
        page = paginate_by_name(call, rows) if column == "name" else paginate(call, rows)[0]
        fields = call.chosen(PROVIDER_FIELDS)
        await self._work(page_cost(len(page), fields))
        return [self._provider_item(row, fields) for row in page]

    async def retrieve_provider_offering(self, call: Call) -> Any:
        """One offering of a provider."""
        identifier = parse_uuid(call.request.path_params["uuid"], "Offering")
        offering = self._world.offerings.get(identifier)
        if offering is None or not call.viewer.may_provide(offering.provider):
            raise not_found("Offering")
        fields = call.chosen(PROVIDER_FIELDS)
        await self._work(page_cost(1, fields))
        return self._provider_item(offering, fields)

    def _provider_item(self, offering: Offering, fields: list[str] | None) -> dict[str, Any]:
        chosen = fields or list(PROVIDER_FIELDS)
        self._settle(offering)
        extras = provider_extras(offering)
        item = self._offering_item(offering, [name for name in chosen if name not in extras])
        item |= {name: value for name, value in extras.items() if name in chosen}
        if "url" in item:
            item["url"] = link("marketplace-provider-offerings", offering.uuid)
        return item
