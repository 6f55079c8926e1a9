"""How the amounts of money of a table are written, which keeps them as numbers."""

from collections.abc import Callable, Iterable
from decimal import Decimal

from bookings.plans.prices import money

WIDTH = 140
"""Pixels of a column of money. Streamlit measures some rows only, and cuts the first digits."""
OF_PLANS = ("amount", "minimal_price", "init_price", "switch_price")
"""The columns of plans that hold amounts of money."""


def spelling(keys: Iterable[str], currency: str, locale: str) -> dict[str, Callable[[float], str]]:
    """For each of these columns, how a number of it is written."""

    def amount(value: float) -> str:
        # Shortest text of the float: the decimals that it was made of.
        return money(Decimal(repr(float(value))), currency, locale)

    return dict.fromkeys(keys, amount)
