"""What a manager does with plans; only the open tab is drawn."""

from collections.abc import Callable

from components import tab_bar
from components.plan_tabs import basket, basket_form, findings, next_month, price_list
from components.plan_tabs.opened import Opened

__all__ = ["LIST", "TABS", "Opened", "arrive", "chosen", "query", "show", "show_findings"]

_KEY = "plans.tab"
LIST = "Plans"
_DRAW: dict[str, Callable[[Opened], None]] = {
    LIST: price_list.show,
    "Basket": basket.show,
    "Next month": next_month.show,
    "Findings": findings.show,
}
TABS = tuple(_DRAW)


def arrive() -> None:
    """Opens the tab that the address names, when the page was opened with one."""
    tab_bar.arrive(_KEY, _DRAW)
    basket_form.arrive()
    findings.arrive()


def chosen() -> str:
    """The name of the open tab."""
    return tab_bar.chosen(_KEY, _DRAW)


def query() -> list[tuple[str, str]]:
    """What names the open tab and what is set in the tabs, in the page's address."""
    return [("tab", chosen()), *basket_form.query(), *findings.query()]


def show_findings(opened: Opened) -> None:
    """Draws what is found where there is no plan that the other tabs could show."""
    findings.show(opened)


def show(opened: Opened) -> None:
    """Draws the bar and the open tab."""
    tab_bar.show(_KEY, _DRAW, opened)
