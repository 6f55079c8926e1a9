"""What a manager does with bookings; only the open tab is drawn."""

from collections.abc import Callable

from components import tab_bar
from components.booking_tabs import calendar, collisions, listing, single_offerings, use
from components.booking_tabs.opened import Opened

__all__ = ["LIST", "TABS", "Opened", "arrive", "chosen", "query", "show"]

_KEY = "bookings.tab"
LIST = "List"
_DRAW: dict[str, Callable[[Opened], None]] = {
    LIST: listing.show,
    "Calendar": calendar.show,
    "Utilisation": use.show,
    "Conflicts": collisions.show,
}
TABS = tuple(_DRAW)


def arrive() -> None:
    """Opens the tab that the address names, when the page was opened with one."""
    tab_bar.arrive(_KEY, _DRAW)
    single_offerings.arrive()
    calendar.arrive()
    use.arrive()


def chosen() -> str:
    """The name of the open tab."""
    return tab_bar.chosen(_KEY, _DRAW)


def query() -> list[tuple[str, str]]:
    """What names the open tab and what is set in the tabs, in the page's address."""
    return [("tab", chosen()), *single_offerings.query(), *calendar.query(), *use.query()]


def show(opened: Opened) -> None:
    """Draws what all tabs can use, the bar and the open tab.

    Where the filters left nothing there is no tab; what is still read may bring something.
    """
    single_offerings.show(opened)
    if not opened.frame.empty:
        tab_bar.show(_KEY, _DRAW, opened)
