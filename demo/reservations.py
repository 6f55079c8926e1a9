"""Bookings of the offerings, and what of them a viewer sees in the calendar of an offering."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from demo.links import BASE, fresh_uuid, instant, link, named_uuid, schedule_instant, slot_instant
from demo.offerings import Offering
from demo.people import Account

SHOWN_STATES = ("OK", "Creating")
"""Only these appear in the calendar of an offering (observed)."""
ORDERABLE_STATES = ("Active", "Paused")
_STATES = ("OK",) * 9 + ("Creating",) * 4 + ("Erred", "Terminated", "Updating", "Terminating")
_FIRST_STATES = ("OK", "Creating", "Creating", "Erred", "Terminated", "OK")
"""Of the first offering's bookings, so that it always has one of each sort."""
_CONSUMERS = (
    ("Institute of Botany", "Peat bog survey"),
    ("Consumer Org 消費者", "Catalysis <2026>"),
    ("Robotics Society", "Summer school"),
    ("Municipal Archive", "=1+1 digitisation"),
)
_BOOKERS = (
    ("bob", "Bob Booker"),
    ("ingrid", "Ingrid Bø"),
    ("joana", "Joana Sá"),
    ("x", "<b>X</b>"),
)
_COLLEAGUE = ("maarja", "Maarja Kask")
"""Works for the provider itself, so its owners and managers see the name in the calendar."""
BOOKED_SHARE = 0.35
MAX_BOOKED = 80
"""Offerings with bookings, so that a large demo does not drown in them."""


@dataclass
class Reservation:
    """A booking; `item` is its representation and may be changed."""

    offering: Offering
    item: dict[str, Any]
    internal: bool
    start: datetime
    end: datetime


def build_reservations(seed: int, offerings: list[Offering], today: datetime) -> list[Reservation]:
    """Bookings from two weeks ago to a month ahead."""
    rng = Random(seed * 7 + 5)
    bookable = [o for o in offerings if o.state in ORDERABLE_STATES and o.provider]
    chosen = [o for o in bookable if rng.random() < BOOKED_SHARE][:MAX_BOOKED]
    if bookable and bookable[0] not in chosen:
        chosen.insert(0, bookable[0])
    reservations: list[Reservation] = []
    for offering in chosen:
        for _ in range(rng.choice((1, 1, 1, 2)) if offering.index else 6):
            reservations.append(_build(rng, offering, len(reservations), today))
    return reservations


def _build(rng: Random, offering: Offering, number: int, today: datetime) -> Reservation:
    identifier, order = fresh_uuid(rng), fresh_uuid(rng)
    start = today + timedelta(days=rng.randint(-14, 30), hours=rng.randint(7, 17))
    end = start + rng.choice((timedelta(hours=2), timedelta(hours=4), timedelta(days=2)))
    created = today - timedelta(days=rng.randint(15, 40), minutes=number)
    internal, state = rng.random() < 0.2, rng.choice(_STATES)
    if number < len(_FIRST_STATES):
        internal, state = number == 0, _FIRST_STATES[number]
    username, full_name = _COLLEAGUE if internal else rng.choice(_BOOKERS)
    customer, project = rng.choice(_CONSUMERS)
    columns, provider = offering.columns, offering.provider
    customer_uuid = named_uuid("consumer", customer)
    project_uuid = named_uuid("consumer-project", project)
    item: dict[str, Any] = {
        "url": link("booking-resources", identifier),
        "uuid": identifier,
        "name": f"Booking {number + 1}" if number % 17 else "=cmd|'/c calc'!A1 <b>booking</b>",
        "description": rng.choice(("", "Two guests from abroad.", "<i>Please</i> warm it up.")),
        "state": state,
        "created": instant(created),
        "modified": instant(created + timedelta(hours=1)),
        "offering": link("marketplace-public-offerings", offering.uuid),
        "offering_uuid": offering.uuid,
        "offering_name": offering.name,
        "offering_description": columns["description"],
        "offering_type": columns["type"],
        "offering_shared": columns["shared"],
        "offering_billable": columns["billable"],
        "category_title": columns["category_title"],
        "category_uuid": columns["category_uuid"],
        "plan_name": rng.choice(("Academic", "Industry", None)),
        "plan_unit": "hour",
        "plan_uuid": None,
        "attributes": {
            "schedules": [
                {
                    "id": f"booking-{number}",
                    "start": schedule_instant(start),
                    "end": schedule_instant(end),
                    "title": "",
                    "allDay": False,
                    "extendedProps": {"type": "Schedule"},
                }
            ]
        },
        "limits": {},
        "backend_id": "",
        "project": link("projects", project_uuid),
        "project_uuid": project_uuid,
        "project_name": project,
        "customer_uuid": customer_uuid,
        "customer_name": customer,
        "end_date": None,
        "error_message": "",
        "created_by": link("users", named_uuid("user", username)),
        "created_by_username": username,
        "created_by_full_name": full_name,
        "creation_order": None,
        "order_in_progress": None,
        "slots": [
            {
                "start": slot_instant(start),
                "end": slot_instant(end),
                "backend_id": f"booking_{order}",
            }
        ],
    }
    if provider:
        item["provider_name"] = provider.name
        item["provider_uuid"] = provider.uuid
    if item["state"] == "Erred":
        item["error_message"] = f"Unable to reach {BASE}"
    return Reservation(offering, item, internal, start, end)


def calendar_of(
    offering: Offering, reservations: list[Reservation], viewer: Account
) -> list[dict[str, Any]]:
    """Bookings and Google's busy times; a name only for viewers who share an organisation."""
    rows = [
        (
            reservation.start,
            reservation.end,
            reservation.item["created_by_full_name"]
            if reservation.internal and viewer.is_member(offering.provider)
            else None,
        )
        for reservation in reservations
        if reservation.offering is offering and reservation.item["state"] in SHOWN_STATES
    ]
    busy_slots = offering.calendar.busy_slots if offering.calendar else []
    rows += [(start, end, "google calendar") for start, end in busy_slots]
    return [
        {"created_by_full_name": name, "start": slot_instant(start), "end": slot_instant(end)}
        for start, end, name in rows
    ]


def midnight(now: float) -> datetime:
    """The beginning of the current day, to which all dates of the demo are relative."""
    moment = datetime.fromtimestamp(now, UTC)
    return moment.replace(hour=0, minute=0, second=0, microsecond=0)
