"""What a reviewer does with partitions; only the open tab is drawn."""

from collections.abc import Callable

from components import tab_bar
from components.partition_tabs import changes, cluster, findings, fit, hardware, limits
from components.partition_tabs.opened import Opened, arrive_at_offering, offering_query

__all__ = ["Opened", "arrive", "chosen", "query", "show"]

_KEY = "partitions.tab"
_CHANGES = "Changes"
_DRAW: dict[str, Callable[[Opened], None]] = {
    "Limits": limits.show,
    "Findings": findings.show,
    "Would it fit?": fit.show,
    "Cluster": cluster.show,
    "Hardware": hardware.show,
    _CHANGES: changes.show,
}
TABS = tuple(_DRAW)


def arrive() -> None:
    """Opens the tab that the address names, and sets what it says is set in the tabs."""
    tab_bar.arrive(_KEY, _DRAW)
    limits.arrive()
    findings.arrive()
    fit.arrive()
    arrive_at_offering()


def chosen() -> str:
    """The name of the open tab."""
    return tab_bar.chosen(_KEY, _DRAW)


def query() -> list[tuple[str, str]]:
    """What names the open tab and what is set in the tabs, in the page's address."""
    return [("tab", chosen()), *limits.query(), *findings.query(), *fit.query(), *offering_query()]


def show(opened: Opened) -> None:
    """Draws the bar and the open tab, and above them the way to what changed."""
    if opened.reviewed.recording and chosen() != _CHANGES:
        changes.tell(opened, lambda: tab_bar.choose(_KEY, _DRAW, _CHANGES))
    tab_bar.show(_KEY, _DRAW, opened)
