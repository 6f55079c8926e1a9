"""The tabs of the page of one offering; only the open one is drawn."""

from collections.abc import Callable

from components import tab_bar
from components.offering_tabs import (
    access,
    booked,
    calendar,
    documents,
    location,
    partitions,
    plans,
    raw,
    summary,
)
from components.offering_tabs.sheet import Opened

__all__ = ["Opened", "choose", "chosen", "show"]

_KEY = "offering.tab"
_DRAW: dict[str, Callable[[Opened], None]] = {
    "Summary": summary.show,
    "Plans": plans.show,
    "Components": plans.show_components,
    "Partitions": partitions.show,
    "Software": partitions.show_software,
    "Calendar": calendar.show,
    "Bookings": booked.show,
    "Location": location.show,
    "Access": access.show,
    "Documents": documents.show,
    "Raw": raw.show,
}


def choose(tab: str) -> None:
    """Opens a tab by its name, before `show`; a name that is none opens the first."""
    tab_bar.choose(_KEY, _DRAW, tab)


def chosen() -> str:
    """The name of the open tab."""
    return tab_bar.chosen(_KEY, _DRAW)


def show(opened: Opened) -> None:
    """Draws the bar and the open tab."""
    tab_bar.show(_KEY, _DRAW, opened)
