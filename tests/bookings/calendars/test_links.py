"""Addresses of public calendars, and of no others."""

import html
from html.parser import HTMLParser
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from bookings.calendars.links import MOST_ID, Links, calendar_id, links_of
from bookings.waldur.models import Offering

UUID = "d23e07c3312244b5995156de396a4b14"
ID = "t02@group.calendar.google.com"
LINK = "https://calendar.google.com/calendar/embed?src=t02%40group.calendar.google.com"
PUBLIC = {"backend_id": ID, "public": True, "http_link": LINK}
HOSTILE = (
    'x"><script>alert(1)</script>', "x' onload='y", "a/../../evil", "a?b=c#d", "a&src=other",
    "%2e%2e", "a@evil.example/", "a\\b", "ä 中", "a+b", "javascript:alert(1)", "//evil.example",
)  # fmt: skip


def offering(name: str = "Lab", **fields: Any) -> Offering:
    """An offering as a list holds it."""
    return Offering.model_validate({"uuid": UUID, "name": name, **fields})


def test_the_addresses_of_a_public_calendar() -> None:
    """All four, from the id that the server recorded."""
    path = "calendar.google.com/calendar/ical/t02%40group.calendar.google.com/public/basic.ics"

    assert links_of(offering(googlecalendar=PUBLIC)) == Links(
        page=LINK,
        embed_code=f'<iframe src="{LINK}" title="Lab" width="800" height="600" '
        'style="border: 0" loading="lazy"></iframe>',
        ics=f"https://{path}",
        webcal=f"webcal://{path}",
    )


def test_a_row_of_the_provider_endpoint() -> None:
    """There the id is in the link only."""
    row = offering(google_calendar_is_public=True, google_calendar_link=LINK)

    assert calendar_id(row) == ID
    assert links_of(row) == links_of(offering(googlecalendar=PUBLIC))


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"googlecalendar": None},
        {"googlecalendar": PUBLIC | {"public": False}},
        {"googlecalendar": PUBLIC | {"public": None}},
        {"googlecalendar": PUBLIC | {"backend_id": None}},
        {"googlecalendar": PUBLIC | {"backend_id": " "}},
        {"googlecalendar": PUBLIC | {"backend_id": ".."}},
        {"googlecalendar": PUBLIC | {"backend_id": "a\nb"}},
        {"googlecalendar": PUBLIC | {"backend_id": "a\u202eb"}},
        {"googlecalendar": PUBLIC | {"backend_id": "a" * (MOST_ID + 1)}},
        {"google_calendar_is_public": False, "google_calendar_link": LINK},
        {"google_calendar_is_public": True},
        *(
            {"google_calendar_is_public": True, "google_calendar_link": link}
            for link in (
                "https://calendar.google.com/calendar/embed?src=None",
                "https://calendar.google.com/calendar/embed?src=a&src=b",
                "https://calendar.google.com/calendar/embed",
                "https://calendar.google.com.evil.example/calendar/embed?src=a",
                "https://calendar.google.com@evil.example/calendar/embed?src=a",
                "javascript:calendar.google.com?src=a",
                "https://[x?src=a",
            )
        ),
    ],
)
def test_no_addresses(fields: dict[str, Any]) -> None:
    """Neither of a calendar that is not public, nor of one whose id is not known."""
    assert links_of(offering(**fields)) is None


class Elements(HTMLParser):
    """The elements of a piece of HTML, as a browser reads them."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """One element."""
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        """Text between elements."""
        self.text += data


@pytest.mark.parametrize("hostile", HOSTILE)
def test_a_hostile_id_stays_one_piece(hostile: str) -> None:
    """It is one segment of the path, one value of the query, and nothing of the page."""
    links = links_of(offering(googlecalendar=PUBLIC | {"backend_id": hostile, "http_link": None}))
    assert links is not None

    ics = urlsplit(links.ics)
    assert (ics.scheme, ics.netloc, ics.query, ics.fragment) == (
        "https", "calendar.google.com", "", ""
    )  # fmt: skip
    *before, segment, public, basic = ics.path.split("/")
    assert (before, public, basic) == (["", "calendar", "ical"], "public", "basic.ics")
    assert unquote(segment) == hostile
    assert links.webcal == "webcal" + links.ics.removeprefix("https")
    assert parse_qs(urlsplit(links.page).query) == {"src": [hostile]}
    read = Elements()
    read.feed(links.embed_code)
    ((tag, attributes),) = read.found
    assert (tag, set(attributes)) == (
        "iframe", {"src", "title", "width", "height", "style", "loading"}
    )  # fmt: skip
    assert attributes["src"] == links.page
    assert read.text == ""


@pytest.mark.parametrize("name", [*HOSTILE, "two\nlines", "\u2028", ""])
def test_a_hostile_name_stays_the_title(name: str) -> None:
    """The title is what a screen reader says of the frame."""
    links = links_of(offering(name, googlecalendar=PUBLIC))
    assert links is not None
    read = Elements()
    read.feed(links.embed_code)

    ((_, attributes),) = read.found
    assert attributes["title"] == (" ".join(name.split()) or "Calendar")
    assert "\n" not in links.embed_code
    assert html.escape(name) in links.embed_code or name != " ".join(name.split())


def test_half_a_surrogate_pair_breaks_nothing() -> None:
    """It fits no address; isprintable refuses it."""
    assert links_of(offering(googlecalendar=PUBLIC | {"backend_id": "a\ud800"})) is None
