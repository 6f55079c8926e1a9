"""Addresses of a public Google calendar: to open, to embed, and to subscribe to.

They are made from the calendar's id alone, which is text of the server: each is quoted whole.
"""

import html
from dataclasses import dataclass
from urllib.parse import parse_qs, quote, urlsplit

from bookings.calendars.actions import CalendarStatus, public_link, status_of
from bookings.waldur.models import Offering

GOOGLE = "calendar.google.com"
WIDTH, HEIGHT = 800, 600
MOST_ID = 1000
"""Signs of an id; Google's have up to 100."""
_NO_ID = "None"
"""What the server writes into the link of a calendar whose id it lost."""


@dataclass(frozen=True, slots=True)
class Links:
    """The addresses at which anyone can read a calendar."""

    page: str
    """A page to look at."""
    embed_code: str
    """HTML that shows that page within another."""
    ics: str
    """What a calendar program subscribes to, or downloads once."""
    webcal: str
    """The same; opens the calendar program of many computers."""


def links_of(offering: Offering) -> Links | None:
    """The addresses of an offering's calendar, or None where it is not public or has no id."""
    id_ = calendar_id(offering)
    if id_ is None:
        return None
    embedded = f"https://{GOOGLE}/calendar/embed?src={_quoted(id_)}"
    path = f"{GOOGLE}/calendar/ical/{_quoted(id_)}/public/basic.ics"
    return Links(
        page=public_link(offering) or embedded,
        embed_code=_embed_code(embedded, offering.name),
        ics=f"https://{path}",
        webcal=f"webcal://{path}",
    )


def calendar_id(offering: Offering) -> str | None:
    """The id of a public calendar at Google, or None."""
    if status_of(offering) is not CalendarStatus.PUBLIC:
        return None
    if "googlecalendar" in offering.model_fields_set:
        calendar = offering.googlecalendar
        return _usable(calendar.backend_id if calendar is not None else None)
    return _usable(_source(public_link(offering)))


def _source(link: str | None) -> str | None:
    """The id in Google's own link; a link to elsewhere says nothing about a calendar there."""
    parts = urlsplit(link or "")
    if parts.hostname != GOOGLE:
        return None
    try:
        sources = parse_qs(parts.query).get("src", [])
    except ValueError:  # too many parameters
        return None
    # Several would be several calendars in one picture.
    return sources[0] if len(sources) == 1 and sources[0] != _NO_ID else None


def _usable(id_: str | None) -> str | None:
    id_ = (id_ or "").strip()
    # A segment of dots would be taken out of the path by whoever opens the address.
    return id_ if id_.strip(".") and len(id_) <= MOST_ID and id_.isprintable() else None


def _quoted(id_: str) -> str:
    return quote(id_, safe="", errors="replace")


def _embed_code(address: str, name: str) -> str:
    title = html.escape(" ".join(name.split()) or "Calendar")
    return (
        f'<iframe src="{html.escape(address)}" title="{title}" width="{WIDTH}" '
        f'height="{HEIGHT}" style="border: 0" loading="lazy"></iframe>'
    )
