"""The pages, their addresses, and links between them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import streamlit as st

from components.literal import literal


@dataclass(frozen=True, slots=True)
class Entry:
    """One page: its script is `pages/<key>.py` and its address `/<path>`."""

    key: str
    title: str
    icon: str
    section: str
    path: str = ""
    in_menu: bool = True


ENTRIES = (
    Entry("overview", "Overview", ":material/dashboard:", "Offerings"),
    Entry("offerings", "Offerings", ":material/list_alt:", "Offerings", "offerings"),
    Entry("offering", "Offering", ":material/article:", "Offerings", "offering", in_menu=False),
    Entry("map", "Map", ":material/map:", "Offerings", "map"),
    Entry("partitions", "Partitions", ":material/dns:", "Review", "partitions"),
    Entry("plans", "Plans", ":material/sell:", "Review", "plans"),
    Entry("calendars", "Calendars", ":material/calendar_month:", "Act", "calendars"),
    Entry("bookings", "Bookings", ":material/event_available:", "Act", "bookings"),
    Entry("activity", "Activity", ":material/history:", "Act", "activity"),
    Entry("connection", "Connection", ":material/lan:", "You", "connection"),
)
PATHS = tuple(f"/{entry.path}" for entry in ENTRIES)
_BY_KEY = {entry.key: entry for entry in ENTRIES}

Query = Mapping[str, str | Sequence[str]]


def page(key: str) -> Any:
    """The st.Page of an entry; one made in another run names the same page."""
    entry = _BY_KEY[key]
    return st.Page(
        f"../pages/{key}.py",
        title=entry.title,
        icon=entry.icon,
        url_path=entry.path or None,
        default=not entry.path,
        visibility="visible" if entry.in_menu else "hidden",
    )


def menu(*, signed_in: bool) -> Any:
    """Shows the menu and gives the page that the address asks for.

    Every page is registered even before sign-in, so that a deep link keeps its address while
    the gate shows the form.
    """
    sections: dict[str, list[Any]] = {}
    for entry in ENTRIES:
        sections.setdefault(entry.section, []).append(page(entry.key))
    return st.navigation(sections, position="sidebar" if signed_in else "hidden")


def link(
    key: str,
    label: str,
    query: Query | None = None,
    *,
    icon: str | None = None,
    width: Literal["content", "stretch"] = "content",
) -> None:
    """A link to a page. `label` is shown literally, on one line; None is the page's own icon."""
    st.page_link(page(key), label=literal(label), query_params=query, icon=icon, width=width)
